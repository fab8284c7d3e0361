//! Results of a concordance search.

use super::{Date, Locale, Place, Superseded, Workflow};

/// A pair of texts, at least one of which contains the pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcordanceLine {
    /// The source text, as written.
    pub source: String,
    /// Its locale.
    pub source_locale: Locale,
    /// The target text, as written.
    pub target: String,
    /// Its locale.
    pub target_locale: Locale,
    /// The places of the pair that pass the filter of the search.
    pub places: Places,
}

/// The places of a pair of texts that pass a filter, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The number of segments.
    pub segments: u64,
    /// The number of documents.
    pub documents: u64,
    /// Human if a person translated at any of them.
    pub workflow: Option<Workflow>,
    /// The newest hand-off.
    pub handoff: Option<Date>,
    /// What superseded the pair; `None`: the current version of a document has it.
    pub superseded: Option<Superseded>,
    /// Whether an alignment of clean documents found it, and no document states it.
    pub is_aligned: bool,
    /// Of a pair that an alignment found: the probability that it is right, in percent, at the first place.
    pub confidence: Option<u8>,
    /// The first place in order of set, document and position.
    pub first: Place,
}
