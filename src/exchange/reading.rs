//! What the reader of a segment format returns.
//!
//! A reader returns one entry at a time, so a file of any length needs the memory of one entry. It knows no memory: which
//! document a segment belongs to is only what the file states of it.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;

use crate::model::{DocumentVersion, LONGEST_TEXT, Locale, Metadata, Problem, fold_line_breaks, zero_block};

/// What a format is read from.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// One file from its start to its end. It may be compressed.
    Stream(OpenStream),
    /// Two files, of which line n of one is the translation of line n of the other.
    Pair(OpenPair),
    /// One file at any position in it.
    Seekable(OpenSeekable),
}

/// Makes the reader of a stream.
pub type OpenStream = for<'a> fn(Bytes<'a>) -> Result<Box<dyn SegmentReader + 'a>, ReadError>;

/// Makes the reader of two streams: the source texts and the target texts, with their locales.
pub type OpenPair = for<'a> fn([(Bytes<'a>, Locale); 2]) -> Result<Box<dyn SegmentReader + 'a>, ReadError>;

/// Makes the reader of a file at a path. An entry of more than so many bytes is an error.
pub type OpenSeekable = fn(File, &Path, u64) -> Result<Box<dyn SegmentReader>, ReadError>;

/// The bytes of a file.
pub type Bytes<'a> = Box<dyn Read + 'a>;

/// Reads the segments of a file.
pub trait SegmentReader {
    /// The next entry; `None` at the end of the file.
    ///
    /// # Errors
    /// If the rest of the file cannot be read. There is no entry after an error.
    fn next(&mut self) -> Result<Option<Entry>, ReadError>;
}

/// A part of a file.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A segment with both texts.
    Segment(ReadSegment),
    /// A segment that is not to be read.
    LeftOut(Omission),
    /// A part that cannot be read, and hides no other.
    Problem(Problem),
    /// A part that cannot be read. An unknown number of segments before or after it may be missing.
    Damage(Problem),
}

/// Why a segment is not read although it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Omission {
    /// It has no source text, like a unit of nothing but an inline code.
    Empty,
    /// It has no translation.
    Untranslated,
    /// A tool proposes the translation, and nobody has confirmed it: `#, fuzzy` in PO.
    Fuzzy,
    /// Its source text is no longer in the program: `#~` in PO.
    Obsolete,
}

/// A segment as a file has it.
#[derive(Clone, Debug)]
pub struct ReadSegment {
    /// The 1-based line of the file, or the number of the row, where it begins.
    pub line: u32,
    /// What the file states of its document. Equal statements may be different values.
    pub stated: Arc<Stated>,
    /// Its id, if the file has one.
    pub id: Option<String>,
    /// Its line in the document, if the file has one.
    pub document_line: Option<u32>,
    /// The source text.
    pub source: String,
    /// The target text.
    pub target: String,
    /// The texts as the document has them, where they differ: of the source, and of the target.
    pub written: Option<Box<[Option<String>; 2]>>,
    /// Its position among the segments of its document, if the file states it. The rows of such a file may be in any order.
    pub position: Option<u32>,
    /// Of an aligned pair: the probability that it is right, in percent, if the file states it.
    pub confidence: Option<u8>,
}

/// What a file states of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// The name of its set.
    pub set: Option<String>,
    /// Its path below the set.
    pub document: Option<String>,
    /// The locale of its source texts.
    pub source_locale: Option<Locale>,
    /// The locale of its target texts.
    pub target_locale: Option<Locale>,
    /// Its version, if it is from a Git repository.
    pub version: DocumentVersion,
    /// Its metadata. In a file made of a TMX, workflow and hand-off differ between segments.
    pub metadata: Metadata,
}

/// Why a file cannot be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("{}{reason}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct ReadError {
    /// The 1-based line that was reached, if it is known.
    pub line: Option<u64>,
    /// The reason.
    pub reason: String,
}

impl ReadError {
    pub(super) fn at(line: u64, reason: impl ToString) -> Self {
        ReadError { line: Some(line), reason: reason.to_string() }
    }
}

/// A problem at a line.
pub(super) fn problem(line: u64, reason: impl Into<String>) -> Problem {
    Problem { line: Some(u32::try_from(line).unwrap_or(u32::MAX)), reason: reason.into() }
}

impl Entry {
    /// An entry of a segment: line breaks are folded, and a text that is missing or too long is left out. A segment whose position is
    /// stated is kept without its texts, as those of documents, because it is the neighbour of others.
    pub(super) fn of(mut segment: ReadSegment) -> Entry {
        for text in [&mut segment.source, &mut segment.target] {
            if text.len() > LONGEST_TEXT {
                let reason =
                    format!("a text of {} bytes; a segment with more than 1 MiB is left out", text.len());
                return Entry::Problem(problem(segment.line.into(), reason));
            }
            let folded = match fold_line_breaks(text) {
                Cow::Borrowed(same) if same.len() == text.len() => continue,
                folded => folded.into_owned(),
            };
            *text = folded;
        }
        match (segment.source.is_empty(), segment.target.is_empty()) {
            _ if segment.position.is_some() => Entry::Segment(segment),
            (true, _) => Entry::LeftOut(Omission::Empty),
            (false, true) => Entry::LeftOut(Omission::Untranslated),
            (false, false) => Entry::Segment(segment),
        }
    }
}

/// The length of the longest line that is kept: two texts of the greatest length, with six bytes for each character of one.
const LONGEST_LINE: usize = 16 << 20;

/// Reads a text line by line. A line of any length needs bounded memory.
pub(super) struct TextLines<'a> {
    text: io::BufReader<Box<dyn Read + 'a>>,
    /// The bytes of the last line, without its line break.
    bytes: Vec<u8>,
    number: u64,
}

/// The content of a line.
pub(super) enum Line<'l> {
    /// Its text, and whether a line break follows it.
    Text(&'l str, LineEnd),
    /// It is too long, for this reason.
    TooLong(String),
    /// It cannot be read, and it may be what is left of several lines.
    Unreadable(String),
}

/// What follows a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    Break,
    File,
}

impl<'a> TextLines<'a> {
    /// Reads decoded text.
    pub fn new(text: Box<dyn Read + 'a>) -> Self {
        TextLines { text: io::BufReader::with_capacity(1 << 16, text), bytes: Vec::new(), number: 0 }
    }

    /// The 1-based number of the last line, or of the end.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next line with its 1-based number; `None` at the end.
    pub fn next(&mut self) -> Result<Option<(u64, Line<'_>)>, ReadError> {
        self.bytes.clear();
        self.number += 1;
        let (mut length, mut end) = (0_usize, LineEnd::File);
        while end == LineEnd::File {
            let part = match self.text.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                part => part.map_err(|error| ReadError::at(self.number, error))?,
            };
            if part.is_empty() {
                break;
            }
            let found = memchr::memchr(b'\n', part);
            let kept = &part[..found.unwrap_or(part.len())];
            if self.bytes.len() <= LONGEST_LINE {
                self.bytes.extend_from_slice(kept);
            }
            length += kept.len();
            let consumed = kept.len() + usize::from(found.is_some());
            self.text.consume(consumed);
            if found.is_some() {
                end = LineEnd::Break;
            }
        }
        if length == 0 && end == LineEnd::File {
            return Ok(None);
        }
        if length > LONGEST_LINE {
            let reason =
                format!("a line of {length} bytes; one of more than {} MiB is left out", LONGEST_LINE >> 20);
            return Ok(Some((self.number, Line::TooLong(reason))));
        }
        if zero_block(&self.bytes).is_some() {
            let reason = "a block of zero bytes, where a part of the file was overwritten".to_owned();
            return Ok(Some((self.number, Line::Unreadable(reason))));
        }
        let line = self.bytes.strip_suffix(b"\r").unwrap_or(&self.bytes);
        let line = match simdutf8::basic::from_utf8(line) {
            Ok(line) => Line::Text(line, end),
            Err(_) => Line::Unreadable("not UTF-8; convert the file to UTF-8".to_owned()),
        };
        Ok(Some((self.number, line)))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The entries of a file, one a line; `shown` shows a segment.
    pub fn entries(
        opened: Result<Box<dyn SegmentReader + '_>, ReadError>,
        shown: impl Fn(&ReadSegment) -> String,
    ) -> Vec<String> {
        let mut entries = Vec::new();
        let mut reader = match opened {
            Ok(reader) => reader,
            Err(error) => return vec![error.to_string()],
        };
        loop {
            entries.push(match reader.next() {
                Ok(None) => return entries,
                Ok(Some(Entry::Segment(segment))) => shown(&segment),
                Ok(Some(Entry::LeftOut(reason))) => format!("{reason:?}"),
                Ok(Some(Entry::Problem(found))) => {
                    format!("{}: problem {}", found.line.unwrap(), found.reason)
                }
                Ok(Some(Entry::Damage(found))) => {
                    format!("{}: damage {}", found.line.unwrap(), found.reason)
                }
                Err(error) => {
                    entries.push(error.to_string());
                    return entries;
                }
            });
        }
    }

    #[test]
    fn lines_are_counted_and_a_long_one_or_other_bytes_are_named() {
        let long = "a".repeat(LONGEST_LINE + 1);
        let bytes = [b"one\r\n\n\xff\n", long.as_bytes(), b"\nlast"].concat();
        let mut lines = TextLines::new(Box::new(&bytes[..]));
        let mut read = Vec::new();
        while let Some((number, line)) = lines.next().unwrap() {
            let shown = match line {
                Line::Text(text, end) => format!("{text} {end:?}"),
                Line::TooLong(reason) | Line::Unreadable(reason) => reason,
            };
            read.push(format!("{number}: {shown}"));
        }
        assert_eq!(
            read,
            [
                "1: one Break",
                "2:  Break",
                "3: not UTF-8; convert the file to UTF-8",
                "4: a line of 16777217 bytes; one of more than 16 MiB is left out",
                "5: last File"
            ]
        );
    }
}
