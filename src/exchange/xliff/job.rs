//! A document to translate as an XLIFF file, and back: a *job*. XLIFF 2.1, and 1.2 for the tools that read no other.
//!
//! The file has the document itself as its skeleton, in Base64, because tools change white space and line ends. The id of a unit is the
//! range of its segment in the document. So merging needs nothing but the file: the document, the ranges, and the translations. Markup
//! is inline codes, so a translator can move it and not change it.

mod codes;
mod read;
mod write;

use std::ops::Range;

use crate::model::{Locale, Score, Workflow};
use crate::side_by_side::Quoting;

pub use codes::{CodeFault, Coded, Node};
pub use read::{ReadCode, ReadJob, ReadNode, ReadUnit, read_jobs};
pub use write::{Version, xliff_of_job};

/// A document to translate.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The name of its set.
    pub set: &'a str,
    /// Its path below the set, `/` separated.
    pub document: &'a str,
    /// The locale of the document.
    pub source_locale: &'a Locale,
    /// The locale of the translation.
    pub target_locale: &'a Locale,
    /// The MIME type of the document.
    pub media_type: &'static str,
    /// The bytes of the document.
    pub bytes: &'a [u8],
    /// The terms that stay untranslated.
    pub no_loc: &'a [String],
    /// Its segments, in order.
    pub segments: &'a [JobSegment],
}

/// A segment to translate.
#[derive(Clone, Debug)]
pub struct JobSegment {
    /// Its range in the document, in bytes of the decoded text.
    pub range: Range<usize>,
    /// How the text is written there.
    pub quoting: Quoting,
    /// The line where it begins, from 1.
    pub line: u32,
    /// The text as a memory has it.
    pub source: String,
    /// The translation that is filled in.
    pub translation: Option<Candidate>,
    /// Translations that are proposed, the best first.
    pub proposals: Vec<Candidate>,
}

/// A translation from a memory.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The score of its source text.
    pub score: Score,
    /// The source text.
    pub source: String,
    /// The translation.
    pub target: String,
    /// Whether a number or an address in it was exchanged for that of the document.
    pub is_adapted: bool,
    /// Who translated.
    pub workflow: Option<Workflow>,
    /// The document that has it.
    pub origin: String,
}

/// The name of the note with the hash of the translation that was filled in. It was published so: its codes are not compared with those of
/// the source, unless someone changes it.
const FILLED_IN: &str = "filled-in";
/// The name of the note with the set.
const SET: &str = "set";
/// The name of the note with the hash of the document.
const HASH: &str = "document-hash";

/// The state of a target in XLIFF 1.2 that is a copy of the source, still to be translated.
const PENDING_V1: &str = "needs-translation";

/// The hash of a text or a document in notes: the first 16 bytes of BLAKE3, in hexadecimal.
pub fn hash_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..32].to_owned()
}

/// The id of a unit: the range of its segment, and whether its text has the escapes of YAML.
fn unit_id(range: &Range<usize>, quoting: Quoting) -> String {
    let kind = if quoting == Quoting::Yaml { 'y' } else { 's' };
    format!("{kind}{}-{}", range.start, range.end)
}

/// The range and the escapes of a unit's id; `None` if it is none of ours.
fn of_unit_id(id: &str) -> Option<(Range<usize>, Quoting)> {
    let (quoting, numbers) = match id.strip_prefix('y') {
        Some(numbers) => (Quoting::Yaml, numbers),
        None => (Quoting::Plain, id.strip_prefix('s')?),
    };
    let (start, end) = numbers.split_once('-')?;
    let range = start.parse().ok()?..end.parse().ok()?;
    (range.start < range.end).then_some((range, quoting))
}
