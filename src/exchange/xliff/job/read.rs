//! Reads jobs that a translator has worked on. Tools may change everything but the ids, the skeleton and the notes.

mod reader;

use std::collections::HashSet;
use std::ops::Range;

use super::codes::{CodeFault, Coded};
use super::hash_of;
use crate::side_by_side::Quoting;

pub use reader::read_jobs;

/// A `<file>` that was read.
#[derive(Clone, Debug)]
pub struct ReadJob {
    /// The line where it begins.
    pub line: u64,
    /// The path of its document.
    pub document: String,
    /// The name of its set.
    pub set: Option<String>,
    /// The locale of the document.
    pub source_locale: Option<String>,
    /// The locale of the translation.
    pub target_locale: Option<String>,
    /// The bytes of the document; an error says why they are not those that were written.
    pub bytes: Result<Vec<u8>, String>,
    /// Its units, in the order of the file.
    pub units: Vec<ReadUnit>,
}

/// A segment that was read.
#[derive(Clone, Debug)]
pub struct ReadUnit {
    /// The line where it begins.
    pub line: u64,
    /// Its range in the document, with how the text is written there; `None`: the id is none of ours.
    pub place: Option<(Range<usize>, Quoting)>,
    /// The id as written.
    pub id: String,
    /// The content of the source.
    pub source: Vec<ReadNode>,
    /// The content of the target, if it has any.
    pub target: Option<Vec<ReadNode>>,
    /// Whether the target, if it is the text of the source, is a copy that waits for a translation.
    pub is_pending: bool,
    /// The hash of the translation that was filled in.
    pub filled_in: Option<String>,
}

/// A part of a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadNode {
    /// Text.
    Text(String),
    /// A code.
    Code(ReadCode),
}

/// A code in a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadCode {
    /// Its id: a number, if it is one of ours.
    pub id: String,
    /// Which part of it.
    pub half: Half,
    /// Its text, if the file has it.
    pub text: Option<String>,
}

/// The parts of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Half {
    /// The start of a pair.
    Open,
    /// Its end.
    Close,
    /// A code that is no pair.
    Alone,
}

impl ReadUnit {
    /// The text of the source, with its codes as written in the document.
    ///
    /// # Errors
    /// If its codes are not those of the document.
    pub fn source_text(&self, document: &Coded<'_>) -> Result<String, CodeFault> {
        restored(&self.source, document, true)
    }

    /// The text of the translation, with its codes; `None` if there is none, or only a copy of the source that waits for one.
    ///
    /// # Errors
    /// If a code was lost, doubled or torn apart. The codes of a translation that was filled in and not changed are not compared.
    pub fn target_text(&self, document: &Coded<'_>) -> Option<Result<String, CodeFault>> {
        let target = self.target.as_deref()?;
        let is_empty = |node: &ReadNode| matches!(node, ReadNode::Text(text) if text.trim().is_empty());
        if target.iter().all(is_empty) || self.is_pending && target == self.source {
            return None;
        }
        if let (Some(hash), Ok(text)) = (&self.filled_in, restored(target, document, false))
            && *hash == hash_of(text.as_bytes())
        {
            return Some(Ok(text));
        }
        Some(restored(target, document, true))
    }
}

/// The text of a content. `is_compared`: whether all codes of the source must be in it.
fn restored(nodes: &[ReadNode], source: &Coded<'_>, is_compared: bool) -> Result<String, CodeFault> {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    let mut seen: HashSet<(&str, Half)> = HashSet::new();
    for node in nodes {
        let code = match node {
            ReadNode::Text(part) => {
                text.push_str(part);
                continue;
            }
            ReadNode::Code(code) => code,
        };
        let known = code.id.parse().ok().and_then(|id| source.code_of(id));
        let shown = || {
            known.map_or_else(|| code.text.clone().unwrap_or_else(|| code.id.clone()), |known| known.shown())
        };
        if is_compared && known.is_none() {
            return Err(CodeFault::Unknown(code.id.clone()));
        }
        if !seen.insert((&code.id, code.half)) {
            return Err(CodeFault::Twice(shown()));
        }
        match code.half {
            Half::Open => open.push(&code.id),
            Half::Close if open.last() == Some(&code.id.as_str()) => {
                open.pop();
            }
            Half::Close => return Err(CodeFault::Unbalanced(shown())),
            Half::Alone => {}
        }
        let of_source = known.and_then(|known| match code.half {
            Half::Close => known.end,
            Half::Open => known.end.map(|_| known.start),
            Half::Alone => known.end.is_none().then_some(known.start),
        });
        match (&code.text, of_source) {
            (Some(own), _) => text.push_str(own),
            (None, Some(of_source)) => text.push_str(of_source),
            // A half of a code that is no pair, or a code whose text is nowhere.
            (None, None) => return Err(CodeFault::Unknown(code.id.clone())),
        }
    }
    if let Some(id) = open.last() {
        let known = id.parse().ok().and_then(|id| source.code_of(id));
        return Err(CodeFault::Unbalanced(known.map_or_else(|| (*id).to_owned(), |known| known.shown())));
    }
    if is_compared {
        for code in &source.codes {
            let id = code.id.to_string();
            let half = if code.end.is_some() { Half::Open } else { Half::Alone };
            if !seen.contains(&(id.as_str(), half)) {
                return Err(CodeFault::Lost(code.shown()));
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::super::{Candidate, FILLED_IN, HASH, Job, JobSegment, Version, xliff_of_job};
    use super::*;
    use crate::model::{Score, Workflow};

    const SOURCE: &str = "Select **Save** in [the map](map.md), then `F5`&nbsp;<kbd>x</kbd>.";

    fn written(version: Version, translation: Option<&str>) -> String {
        let candidate = |target: &str| Candidate {
            is_adapted: false,
            score: Score::EXACT,
            source: SOURCE.to_owned(),
            target: target.to_owned(),
            workflow: Some(Workflow::Human),
            origin: "harbor/\"a\".md".to_owned(),
        };
        let segment = JobSegment {
            range: 2..2 + SOURCE.len(),
            quoting: Quoting::Plain,
            line: 1,
            source: SOURCE.to_owned(),
            translation: translation.map(candidate),
            proposals: vec![candidate("**저장** & [지도](ko/map.md)")],
        };
        let bytes = format!("# {SOURCE}\r\n");
        let job = Job {
            set: "harbor",
            document: "a.md",
            source_locale: &"en-US".parse().unwrap(),
            target_locale: &"ko-KR".parse().unwrap(),
            media_type: "text/markdown",
            bytes: bytes.as_bytes(),
            no_loc: &["map".to_owned()],
            segments: &[segment],
        };
        String::from_utf8(xliff_of_job(&job, version)).unwrap()
    }

    fn target_of(xliff: &str) -> Option<Result<String, CodeFault>> {
        let jobs = read_jobs(xliff.as_bytes()).unwrap();
        assert_eq!(jobs[0].bytes.as_ref().unwrap(), format!("# {SOURCE}\r\n").as_bytes());
        assert_eq!((jobs[0].document.as_str(), jobs[0].set.as_deref()), ("a.md", Some("harbor")));
        let unit = &jobs[0].units[0];
        let coded = Coded::source(SOURCE);
        assert_eq!(unit.place, Some((2..2 + SOURCE.len(), Quoting::Plain)));
        assert_eq!(unit.source_text(&coded), Ok(SOURCE.to_owned()));
        unit.target_text(&coded)
    }

    #[test]
    fn what_is_written_is_read() {
        let [localized, lost] =
            ["[지도](ko/map.md)에서 <kbd>x</kbd>&nbsp;**저장** `F5`.", "**저장**을 선택합니다."];
        for version in [Version::V1, Version::V2] {
            assert_eq!(target_of(&written(version, None)), None);
            for translation in [SOURCE, localized, lost] {
                let xliff = written(version, Some(translation));
                assert_eq!(target_of(&xliff), Some(Ok(translation.to_owned())), "{xliff}");
                // Without the hash the codes are compared.
                let without = xliff.replace(FILLED_IN, "other");
                let expected = match translation == lost {
                    true => Err(CodeFault::Lost("[…](map.md)".to_owned())),
                    false => Ok(translation.to_owned()),
                };
                assert_eq!(target_of(&without), Some(expected), "{without}");
            }
        }
    }

    #[test]
    fn a_copy_of_the_source_that_waits_is_no_translation() {
        let waiting = written(Version::V1, None);
        assert!(waiting.contains("<target state=\"needs-translation\">Select <g id=\"1\""), "{waiting}");
        assert_eq!(target_of(&waiting), None);
        // Someone has looked at it, or changed it.
        let left = waiting.replace("needs-translation", "translated");
        assert_eq!(target_of(&left), Some(Ok(SOURCE.to_owned())));
        let beside = waiting.replace("<target ", "<target>선택</target><target ");
        assert_eq!(target_of(&beside), Some(Err(CodeFault::Lost("**…**".into()))));
        let changed = waiting.replace("needs-translation\">Select", "needs-translation\">Choose");
        assert_eq!(target_of(&changed), Some(Ok(SOURCE.replace("Select", "Choose"))));
    }

    #[test]
    fn damaged_codes_are_refused() {
        let bold = || "**…**".to_owned();
        for (target, fault) in [
            (
                "<g id=\"1\">a</g><g id=\"2\">b</g><x id=\"3\"/><x id=\"4\"/>",
                CodeFault::Lost("<kbd>…</kbd>".into()),
            ),
            ("<g id=\"1\"/><g id=\"1\"/>", CodeFault::Twice(bold())),
            ("<x id=\"3\"/><x id=\"3\"/>", CodeFault::Twice("`F5`".into())),
            ("<ex id=\"1\"/><bx id=\"1\"/>", CodeFault::Unbalanced(bold())),
            ("<bx id=\"1\"/><bx id=\"2\"/><ex id=\"1\"/>", CodeFault::Unbalanced(bold())),
            ("<bx id=\"1\"/>", CodeFault::Unbalanced(bold())),
            ("<x id=\"9\"/>", CodeFault::Unknown("9".into())),
            ("<x id=\"1\"/>", CodeFault::Unknown("1".into())),
            ("a", CodeFault::Lost(bold())),
        ] {
            let xliff = written(Version::V1, Some(SOURCE));
            let (before, rest) = xliff.split_once("<target state=\"final\">").unwrap();
            let (_, after) = rest.split_once("</target>").unwrap();
            let damaged = format!("{before}<target>{target}</target>{after}");
            assert_eq!(target_of(&damaged), Some(Err(fault)), "{target}");
        }
    }

    #[test]
    fn a_file_that_is_damaged_is_refused() {
        let xliff = written(Version::V2, None);
        let error = |xliff: &str| read_jobs(xliff.as_bytes()).unwrap_err().1;
        for (at, _) in xliff.char_indices().step_by(7).filter(|(at, _)| at + 3 < xliff.len()) {
            error(&xliff[..at]);
        }
        assert!(error("<tmx/>").contains("<tmx> where an XLIFF file has <xliff>"));
        let of = |xliff: &str| read_jobs(xliff.as_bytes()).unwrap()[0].bytes.clone().unwrap_err();
        let start = &STANDARD.encode("# Sel")[..6];
        assert!(of(&xliff.replace(start, "AAAAAA")).contains("its hash is another"));
        assert!(of(&xliff.replace(start, "A*")).contains("no Base64"));
        assert!(of(&xliff.replace(HASH, "x")).contains("hash of the document is missing"));
    }
}
