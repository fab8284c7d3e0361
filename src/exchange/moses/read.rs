//! Reads Moses text: line n of one file is the translation of line n of the other.

use std::sync::Arc;

use crate::exchange::decode::decode_text;
use crate::exchange::reading::{Bytes, Entry, Line, Omission, ReadError, ReadSegment, SegmentReader, Stated};
use crate::exchange::reading::{TextLines, problem};
use crate::model::{Locale, Metadata};

/// Opens the files of the source texts and of the target texts.
pub(super) fn open(files: [(Bytes<'_>, Locale); 2]) -> Result<Box<dyn SegmentReader + '_>, ReadError> {
    let lines =
        |bytes| decode_text(bytes, |_| None).map(TextLines::new).map_err(|error| ReadError::at(1, error));
    let [(source, source_locale), (target, target_locale)] = files;
    let metadata = Metadata { target_locale: Some(target_locale.clone()), ..Metadata::default() };
    let stated = Stated {
        source_locale: Some(source_locale),
        target_locale: Some(target_locale),
        metadata,
        ..Stated::default()
    };
    Ok(Box::new(MosesReader { source: lines(source)?, target: lines(target)?, stated: Arc::new(stated) }))
}

struct MosesReader<'a> {
    source: TextLines<'a>,
    target: TextLines<'a>,
    stated: Arc<Stated>,
}

impl SegmentReader for MosesReader<'_> {
    fn next(&mut self) -> Result<Option<Entry>, ReadError> {
        let (number, source, target) = match (self.source.next()?, self.target.next()?) {
            (None, None) => return Ok(None),
            (Some((number, source)), Some((_, target))) => (number, source, target),
            (source, _) => {
                let (number, which) = match source {
                    Some((number, _)) => (number, "target"),
                    None => (self.source.number(), "source"),
                };
                let reason = format!("the file of the {which} texts ends here, and the other one does not");
                return Err(ReadError::at(number, reason));
            }
        };
        let text = |line| match line {
            Line::Text(text, _) => Ok(text),
            Line::TooLong(reason) => Err(Entry::Problem(problem(number, reason))),
            Line::Unreadable(reason) => Err(Entry::Damage(problem(number, reason))),
        };
        Ok(Some(match (text(source), text(target)) {
            (Err(entry), _) | (_, Err(entry)) => entry,
            // Corpora have empty lines where an aligner found no partner.
            (Ok(source), Ok(target)) if source.trim().is_empty() || target.trim().is_empty() => {
                Entry::LeftOut(Omission::Untranslated)
            }
            (Ok(source), Ok(target)) => Entry::of(ReadSegment {
                line: u32::try_from(number).unwrap_or(u32::MAX),
                stated: Arc::clone(&self.stated),
                id: None,
                document_line: None,
                source: source.to_owned(),
                target: target.to_owned(),
                written: None,
                position: None,
                confidence: None,
            }),
        }))
    }
}
