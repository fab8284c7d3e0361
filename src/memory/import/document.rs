//! What is stored of a document.

use super::Pair;
use crate::model::{Commit, Locale, Metadata, ObjectId, Problem, SegmentId};

/// A segment to store.
#[derive(Clone, Copy, Debug)]
pub struct NewSegment<'a> {
    /// The id as written in the document.
    pub id: SegmentId<'a>,
    /// The 1-based line where its span opens.
    pub line: u32,
    /// Its texts.
    pub pair: Pair<'a>,
    /// Source and target as the document has them, where they differ.
    pub written: [Option<&'a str>; 2],
    /// Of a pair that an alignment found: the probability that it is right, in percent.
    pub confidence: Option<u8>,
}

/// A document to store.
#[derive(Clone, Copy, Debug)]
pub struct NewDocument<'a> {
    /// The name of the set it belongs to.
    pub set: &'a str,
    /// The path below the set, `/` separated.
    pub path: &'a str,
    /// The hash of its bytes, keyed by the revision of the reader.
    pub hash: &'a [u8],
    /// The locale of its source texts.
    pub source_locale: &'a Locale,
    /// The locale of its target texts.
    pub target_locale: &'a Locale,
    /// Whether the document itself states its target locale.
    pub locale_stated: bool,
    /// Its version, if it is from a Git repository.
    pub git: Option<GitVersion>,
    /// Its metadata.
    pub metadata: &'a Metadata,
    /// The parts that could not be read.
    pub problems: &'a [Problem],
}

impl NewDocument<'_> {
    /// The commit of its version, if known.
    pub(super) fn commit(&self) -> Option<Commit> {
        self.git.and_then(|git| git.commit)
    }
}

/// A version of a document in a Git repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GitVersion {
    /// The id of its bytes.
    pub object: ObjectId,
    /// The revision of the reader that read these. Another revision can read them otherwise.
    pub reader: u32,
    /// The commit that made the version, or one that has it.
    pub commit: Option<Commit>,
}
