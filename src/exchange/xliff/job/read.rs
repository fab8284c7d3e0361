//! Reads jobs that a translator has worked on. Tools may change everything but the ids, the skeleton and the notes.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::codes::{CodeFault, Coded};
use super::{FILLED_IN, HASH, SET, hash_of, of_unit_id};
use crate::exchange::events::{Events, check_length};
use crate::exchange::xml_error::XmlError;
use crate::side_by_side::Quoting;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// The text of the translation, with its codes; `None` if there is none.
    ///
    /// # Errors
    /// If a code was lost, doubled or torn apart. The codes of a translation that was filled in and not changed are not compared.
    pub fn target_text(&self, document: &Coded<'_>) -> Option<Result<String, CodeFault>> {
        let target = self.target.as_deref()?;
        let is_empty = |node: &ReadNode| matches!(node, ReadNode::Text(text) if text.trim().is_empty());
        if target.iter().all(is_empty) {
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

impl std::hash::Hash for Half {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
    }
}

/// Reads the `<file>` elements of an XLIFF file.
///
/// # Errors
/// A sentence with its line, if the file is no XLIFF, or is not well-formed: a part of it may be missing.
pub fn read_jobs(input: impl Read) -> Result<Vec<ReadJob>, (u64, String)> {
    let failed = |error: XmlError| error.into_parts();
    let events = Events::new(input, "xliff").map_err(failed)?;
    let mut reader = Reader { events, buffer: Vec::new() };
    reader.read().map_err(failed)
}

struct Reader<'a> {
    events: Events<'a>,
    buffer: Vec<u8>,
}

/// The name of an element or attribute without its namespace.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, name)| name)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    found.normalized_value(XmlVersion::Explicit1_0).ok().map(Cow::into_owned)
}

/// An element, or its end.
enum Step {
    Start(BytesStart<'static>),
    End,
}

impl Reader<'_> {
    /// The next start or end of an element. Text between elements is passed over.
    fn step(&mut self) -> Result<Step, XmlError> {
        loop {
            let event = self.events.next(&mut self.buffer)?;
            let step = match event {
                Event::Start(tag) => Step::Start(tag.into_owned()),
                Event::End(_) => Step::End,
                Event::Eof => return Err(self.events.damaged("it ends too early".to_owned())),
                _ => continue,
            };
            self.refuse_faults()?;
            return Ok(step);
        }
    }

    /// What is not well-formed could be a lost translation.
    fn refuse_faults(&mut self) -> Result<(), XmlError> {
        if !self.events.has_problems() {
            return Ok(());
        }
        let (problems, _) = self.events.drain();
        let first = problems.into_iter().next();
        let (line, reason) =
            first.map_or((1, String::new()), |problem| (problem.line.unwrap_or(1), problem.reason));
        Err(XmlError::Damaged { line: line.into(), reason })
    }

    /// Calls `read` with each child of the element that has begun. It reads the child to its end.
    fn children(
        &mut self,
        mut read: impl FnMut(&mut Self, &BytesStart<'_>, &str) -> Result<(), XmlError>,
    ) -> Result<(), XmlError> {
        while let Step::Start(tag) = self.step()? {
            let name = tag.name();
            read(self, &tag, local(name.as_ref()))?;
        }
        Ok(())
    }

    fn skip(&mut self) -> Result<(), XmlError> {
        self.children(|reader, _, _| reader.skip())
    }

    fn read(&mut self) -> Result<Vec<ReadJob>, XmlError> {
        let root = loop {
            match self.events.next(&mut self.buffer)? {
                Event::Start(tag) => break tag.into_owned(),
                Event::Eof => return Err(self.events.damaged("it ends before <xliff>".to_owned())),
                _ => {}
            }
        };
        if local(root.name().as_ref()) != "xliff" {
            let (line, element) = (self.events.line(), root.name().as_ref().to_owned());
            return Err(XmlError::OtherFormat { line, element, format: "an XLIFF file", expected: "xliff" });
        }
        let locales = [attribute(&root, "srcLang"), attribute(&root, "trgLang")];
        let mut jobs = Vec::new();
        self.children(|reader, tag, name| {
            if name != "file" {
                return reader.skip();
            }
            let [source, target] = locales.clone();
            let mut job = ReadJob {
                line: reader.events.line(),
                document: attribute(tag, "original").unwrap_or_default(),
                source_locale: attribute(tag, "source-language").or(source),
                target_locale: attribute(tag, "target-language").or(target),
                set: None,
                bytes: Ok(Vec::new()),
                units: Vec::new(),
            };
            let (mut skeleton, mut notes) = (None, HashMap::new());
            reader.file(&mut job, &mut skeleton, &mut notes)?;
            job.set = notes.remove(SET);
            job.bytes = bytes_of(skeleton, notes.get(HASH));
            jobs.push(job);
            Ok(())
        })?;
        Ok(jobs)
    }

    /// Reads what is in a `<file>`, or in one of the elements around its units.
    fn file(
        &mut self,
        job: &mut ReadJob,
        skeleton: &mut Option<String>,
        notes: &mut HashMap<String, String>,
    ) -> Result<(), XmlError> {
        self.children(|reader, tag, name| match name {
            "skeleton" => {
                *skeleton = Some(reader.text()?);
                Ok(())
            }
            "skl" => reader.children(|reader, _, _| {
                *skeleton = Some(reader.text()?);
                Ok(())
            }),
            "header" | "body" | "group" => reader.file(job, skeleton, notes),
            "notes" | "note" => reader.note(tag, name, notes),
            "unit" | "trans-unit" => {
                let unit = reader.unit(tag)?;
                job.units.push(unit);
                Ok(())
            }
            _ => reader.skip(),
        })
    }

    fn note(
        &mut self,
        tag: &BytesStart<'_>,
        name: &str,
        notes: &mut HashMap<String, String>,
    ) -> Result<(), XmlError> {
        if name == "notes" {
            return self.children(|reader, tag, name| {
                reader.note(tag, if name == "notes" { "" } else { name }, notes)
            });
        }
        let key = attribute(tag, "category").or(attribute(tag, "from"));
        let text = self.text()?;
        if let Some(key) = key {
            notes.entry(key).or_insert(text);
        }
        Ok(())
    }

    /// The text of the element that has begun, with that of the elements in it.
    fn text(&mut self) -> Result<String, XmlError> {
        let nodes = self.content(&HashMap::new())?;
        let text = |node: ReadNode| match node {
            ReadNode::Text(text) => text,
            ReadNode::Code(code) => code.text.unwrap_or_default(),
        };
        Ok(nodes.into_iter().map(text).collect())
    }

    fn unit(&mut self, tag: &BytesStart<'_>) -> Result<ReadUnit, XmlError> {
        let id = attribute(tag, "id").unwrap_or_default();
        let mut unit = ReadUnit {
            line: self.events.line(),
            place: of_unit_id(&id),
            id,
            source: Vec::new(),
            target: None,
            filled_in: None,
        };
        let (mut data, mut notes) = (HashMap::new(), HashMap::new());
        self.children(|reader, tag, name| match name {
            "notes" | "note" => reader.note(tag, name, &mut notes),
            "originalData" => reader.children(|reader, tag, _| {
                let text = reader.text()?;
                data.extend(attribute(tag, "id").map(|id| (id, text)));
                Ok(())
            }),
            // A tool that splits a segment keeps its parts in one unit.
            "segment" | "ignorable" => {
                let (mut source, mut target) = (Vec::new(), None);
                reader.children(|reader, _, name| {
                    match name {
                        "source" => source = reader.content(&data)?,
                        "target" => target = Some(reader.content(&data)?),
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?;
                // White space between two segments is the same in the translation.
                let target = target.or_else(|| (name == "ignorable").then(|| source.clone()));
                unit.source.extend(source);
                if let Some(target) = target {
                    unit.target.get_or_insert_default().extend(target);
                }
                Ok(())
            }
            "source" => {
                unit.source = reader.content(&data)?;
                Ok(())
            }
            "target" => {
                unit.target = Some(reader.content(&data)?);
                Ok(())
            }
            _ => reader.skip(),
        })?;
        unit.filled_in = notes.remove(FILLED_IN);
        Ok(unit)
    }

    /// Reads the content of the element that has begun, to its end tag.
    fn content(&mut self, data: &HashMap<String, String>) -> Result<Vec<ReadNode>, XmlError> {
        let first = self.events.line();
        let mut nodes: Vec<ReadNode> = Vec::new();
        // For each open element, what its end tag appends.
        let mut open: Vec<Option<ReadCode>> = Vec::new();
        let mut text = String::new();
        loop {
            let mut buffer = std::mem::take(&mut self.buffer);
            match self.events.next(&mut buffer)? {
                Event::Start(tag) => {
                    let tag = tag.into_owned();
                    self.buffer = buffer;
                    flush(&mut text, &mut nodes);
                    let name = tag.name();
                    match self.start(&tag, local(name.as_ref()), data, (&mut nodes, &mut text))? {
                        Begun::Open(end) => open.push(end),
                        Begun::Ended => {}
                    }
                    continue;
                }
                Event::End(_) => {
                    flush(&mut text, &mut nodes);
                    match open.pop() {
                        Some(end) => nodes.extend(end.map(ReadNode::Code)),
                        None => {
                            self.buffer = buffer;
                            self.refuse_faults()?;
                            return Ok(nodes);
                        }
                    }
                }
                Event::Eof => {
                    return Err(XmlError::Damaged {
                        line: first,
                        reason: "it ends inside a text".to_owned(),
                    });
                }
                event => {
                    self.events.append_text(&event, &mut text);
                }
            }
            self.buffer = buffer;
            check_length(&text, first)?;
        }
    }

    /// Reads the start of an inline element. One with native code is read to its end.
    fn start(
        &mut self,
        tag: &BytesStart<'_>,
        name: &str,
        data: &HashMap<String, String>,
        (nodes, text): (&mut Vec<ReadNode>, &mut String),
    ) -> Result<Begun, XmlError> {
        let of = |name: &str| attribute(tag, name);
        let stored = |name: &str| of(name).and_then(|id| data.get(&id).cloned());
        let id = of("id").unwrap_or_default();
        let (half, id) = match name {
            "g" | "pc" => {
                let end = ReadCode { id: id.clone(), half: Half::Close, text: stored("dataRefEnd") };
                nodes.push(ReadNode::Code(ReadCode { id, half: Half::Open, text: stored("dataRefStart") }));
                return Ok(Begun::Open(Some(end)));
            }
            "cp" => {
                let number = of("hex").and_then(|hex| u32::from_str_radix(&hex, 16).ok());
                text.extend(number.and_then(char::from_u32));
                return Ok(Begun::Open(None));
            }
            "bpt" | "bx" | "sc" => (Half::Open, id),
            "ept" | "ex" | "ec" => (Half::Close, of("startRef").or(of("rid")).unwrap_or(id)),
            "x" | "ph" | "it" => (Half::Alone, id),
            // An annotation: its text counts.
            _ => return Ok(Begun::Open(None)),
        };
        let inside = self.native()?;
        let native = Some(inside).filter(|inside| !inside.is_empty());
        nodes.push(ReadNode::Code(ReadCode { id, half, text: native.or(stored("dataRef")) }));
        Ok(Begun::Ended)
    }

    /// Reads the native code of 1.2, which is the content of its element, to the end tag.
    fn native(&mut self) -> Result<String, XmlError> {
        let first = self.events.line();
        let (mut text, mut depth) = (String::new(), 0_usize);
        loop {
            let mut buffer = std::mem::take(&mut self.buffer);
            match self.events.next(&mut buffer)? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => {
                    self.buffer = buffer;
                    return Ok(text);
                }
                Event::End(_) => depth -= 1,
                Event::Eof => {
                    return Err(XmlError::Damaged {
                        line: first,
                        reason: "it ends inside a text".to_owned(),
                    });
                }
                event => {
                    self.events.append_text(&event, &mut text);
                }
            }
            self.buffer = buffer;
            check_length(&text, first)?;
        }
    }
}

/// An inline element that has begun.
enum Begun {
    /// Its content follows. Its end tag is this code, if it is one.
    Open(Option<ReadCode>),
    /// It was read to its end.
    Ended,
}

/// Moves the text so far to the nodes.
fn flush(text: &mut String, nodes: &mut Vec<ReadNode>) {
    if !text.is_empty() {
        nodes.push(ReadNode::Text(std::mem::take(text)));
    }
}

/// The bytes of the document, whose hash is compared.
fn bytes_of(skeleton: Option<String>, hash: Option<&String>) -> Result<Vec<u8>, String> {
    let skeleton = skeleton.ok_or("it has no skeleton; only files that bitext wrote can be merged")?;
    let base64: String = skeleton.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD
        .decode(base64)
        .map_err(|_| "the skeleton is damaged: it is no Base64; write the file again")?;
    match hash {
        None => Err("the hash of the document is missing; write the file again".to_owned()),
        Some(hash) if hash.trim() == hash_of(&bytes) => Ok(bytes),
        Some(_) => {
            Err("the skeleton is damaged: its hash is another than stated; write the file again".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Candidate, Job, JobSegment, Version, xliff_of_job};
    use super::*;
    use crate::model::{Score, Workflow};

    const SOURCE: &str = "Select **Save** in [the map](map.md), then `F5`&nbsp;<kbd>x</kbd>.";

    fn written(version: Version, translation: Option<&str>) -> String {
        let candidate = |target: &str| Candidate {
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
