//! The content of a document: metadata, segments, problems.

use std::borrow::Cow;
use std::fmt;

use super::{Date, Locale};

/// Who translated: `HT` and `MT` of `ms.translationtype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Workflow {
    /// A person translated, or corrected and approved.
    Human,
    /// A program translated and nobody has changed it.
    Machine,
}

impl Workflow {
    /// The workflow of this name.
    pub fn of_name(name: &str) -> Option<Workflow> {
        [Workflow::Human, Workflow::Machine].into_iter().find(|workflow| workflow.name() == name)
    }

    /// `human` or `machine`, as in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Workflow::Human => "human",
            Workflow::Machine => "machine",
        }
    }
}

impl fmt::Display for Workflow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// The kind of text that a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `41488-107`: one sentence, heading, list item or cell.
    Sentence,
    /// `17aa2-p103`: a whole paragraph of several sentences.
    Paragraph,
    /// `17aa2-a103`: a pair that the alignment of two clean documents found.
    Aligned,
}

impl Kind {
    /// `sentence`, `paragraph` or `aligned`, as in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Sentence => "sentence",
            Kind::Paragraph => "paragraph",
            Kind::Aligned => "aligned",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// A segment's id as written in the document: `17aa2-p103` is paragraph 103 of document `17aa2`.
#[derive(Clone, Copy, Debug)]
pub struct SegmentId<'a> {
    text: &'a str,
    prefix_length: usize,
    number: u32,
    kind: Kind,
}

/// Each segment has such digits; a table takes half of the instructions of comparisons.
const IS_HEX_DIGIT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8, b'0'..=b'9' | b'a'..=b'f');
        byte += 1;
    }
    table
};

impl<'a> SegmentId<'a> {
    /// Parses hex digits, `-`, an optional `p` or `a`, digits; `None` for any other text.
    pub fn parse(text: &'a str) -> Option<Self> {
        SegmentId::at_start_of(text).filter(|id| id.text.len() == text.len())
    }

    /// The id at the start of a text.
    pub fn at_start_of(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let prefix_length = bytes.iter().take_while(|&&b| IS_HEX_DIGIT[usize::from(b)]).count();
        if prefix_length == 0 || bytes.get(prefix_length) != Some(&b'-') {
            return None;
        }
        let (kind, digits) = match bytes.get(prefix_length + 1)? {
            b'p' => (Kind::Paragraph, prefix_length + 2),
            // No side-by-side document has such an id.
            b'a' => (Kind::Aligned, prefix_length + 2),
            _ => (Kind::Sentence, prefix_length + 1),
        };
        let (mut number, mut end) = (0_u64, digits);
        while let Some(digit) = bytes.get(end).filter(|digit| digit.is_ascii_digit()) {
            number = number * 10 + u64::from(digit - b'0');
            if number > u64::from(u32::MAX) {
                return None;
            }
            end += 1;
        }
        (end > digits).then(|| SegmentId { text: &text[..end], prefix_length, number: number as u32, kind })
    }

    /// The id as written.
    pub fn as_str(self) -> &'a str {
        self.text
    }

    /// The part before the `-`, which identifies the document in its locale.
    pub fn prefix(self) -> &'a str {
        &self.text[..self.prefix_length]
    }

    /// The segment's number in its document.
    pub fn number(self) -> u32 {
        self.number
    }

    /// Sentence or paragraph.
    pub fn kind(self) -> Kind {
        self.kind
    }
}

impl PartialEq for SegmentId<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for SegmentId<'_> {}

impl std::hash::Hash for SegmentId<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// One stretch of text at one place of one document, with its translation. Borrows from the document's text if possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// The id as written in the document.
    pub id: SegmentId<'a>,
    /// The 1-based line where the segment's span opens.
    pub line: u32,
    /// The source text: Markdown as written, trimmed, line breaks folded.
    pub source: Cow<'a, str>,
    /// The target text, likewise.
    pub target: Cow<'a, str>,
    /// The two texts as the document has them, where either differs.
    pub written: Option<Box<WrittenTexts<'a>>>,
    /// Of a pair that an alignment found: the probability that it is right, in whole percent.
    pub confidence: Option<u8>,
}

/// The texts of a segment as its document has them: not trimmed, with their line breaks. Escapes of a YAML scalar are resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenTexts<'a> {
    /// The source text; `None` if it does not differ from [`Segment::source`].
    pub source: Option<Cow<'a, str>>,
    /// The target text, likewise.
    pub target: Option<Cow<'a, str>>,
}

/// The metadata of a document, from its front matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `ms.contentlocale`.
    pub target_locale: Option<Locale>,
    /// `ms.translationtype`.
    pub workflow: Option<Workflow>,
    /// `ms.openlocfilehash`: equal in every locale of one source version.
    pub source_hash: Option<String>,
    /// `ms.sourcegitcommit`: the commit of the source repository that was translated.
    pub source_commit: Option<String>,
    /// `ms.lasthandoff`.
    pub handoff: Option<Date>,
    /// `ms.locfileid`.
    pub file_id: Option<String>,
    /// The translated `title`. Its source is not in the document.
    pub title: Option<String>,
    /// The translated `description`. Its source is not in the document.
    pub description: Option<String>,
    /// `no-loc`: terms that must not be translated, in the order given.
    pub no_loc: Vec<String>,
}

/// A part of a document that could not be read. Problems are counted and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The 1-based line; `None` for the whole document.
    pub line: Option<u32>,
    /// The reason, in a phrase that starts in lower case and names what to look for.
    pub reason: String,
}

/// One document.
#[derive(Clone, Debug, Default)]
pub struct Document<'a> {
    /// Its metadata.
    pub metadata: Metadata,
    /// Its segments in document order.
    pub segments: Vec<Segment<'a>>,
    /// The parts that could not be read, in document order.
    pub problems: Vec<Problem>,
    /// Whether an unknown number of segments may be missing: there is a block of zeros, the text ends inside a segment, or none of its
    /// segments can be read.
    pub is_damaged: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hex_digits_and_a_number() {
        let parts = |text| SegmentId::parse(text).map(|id| (id.prefix(), id.kind(), id.number()));
        assert_eq!(parts("41488-107"), Some(("41488", Kind::Sentence, 107)));
        assert_eq!(parts("17aa2-p103"), Some(("17aa2", Kind::Paragraph, 103)));
        assert_eq!(parts("17aa2-a103"), Some(("17aa2", Kind::Aligned, 103)));
        assert_eq!(parts("0-4294967295"), Some(("0", Kind::Sentence, u32::MAX)));
        for other in
            ["", "-1", "41488", "41488-", "41488-p", "4148G-1", "41488-1x", "41488-4294967296", "1-+1", "A-1"]
        {
            assert_eq!(parts(other), None, "{other:?}");
        }
    }
}
