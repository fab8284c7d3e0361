//! The output of `stats --json`.

use serde::Serialize;

/// The counts of a memory.
#[derive(Clone, Debug, Serialize)]
pub struct StatsObject<'a> {
    /// Each set in each target locale, in the order of set and locale.
    pub sets: Vec<SetObject<'a>>,
    /// Documents.
    pub documents: u64,
    /// Segments of current versions of documents.
    pub segments: u64,
    /// Different source texts.
    pub units: u64,
    /// Different pairs of texts.
    pub variants: u64,
    /// Segments that a person translated.
    pub human: u64,
    /// Segments that a machine translated.
    pub machine: u64,
    /// Segments whose target is their source.
    pub untranslated: u64,
    /// Pairs that an alignment of clean documents found; absent: none.
    #[serde(flatten)]
    pub aligned: Option<AlignedObject>,
    /// What only the history has.
    #[serde(flatten)]
    pub history: HistoryObject,
    /// The length of the file.
    pub bytes: u64,
}

/// The counts of one set in one target locale; the fields are those of [`StatsObject`].
#[derive(Clone, Debug, Serialize)]
pub struct SetObject<'a> {
    /// The set's name.
    pub set: &'a str,
    /// BCP 47.
    pub source_locale: &'a str,
    /// BCP 47.
    pub target_locale: &'a str,
    /// Documents.
    pub documents: u64,
    /// Segments.
    pub segments: u64,
    /// Different source texts.
    pub units: u64,
    /// Segments that a person translated.
    pub human: u64,
    /// Segments that a machine translated.
    pub machine: u64,
    /// Segments whose target is their source.
    pub untranslated: u64,
    /// Pairs that an alignment of clean documents found; absent: none.
    #[serde(flatten)]
    pub aligned: Option<AlignedObject>,
    /// What only the history has.
    #[serde(flatten)]
    pub history: HistoryObject,
}

/// What only the history of the documents has.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct HistoryObject {
    /// Superseded segments.
    pub superseded: u64,
    /// Source texts whose human translations are all superseded.
    pub human_in_history: u64,
    /// Of these, those that have another translation now.
    pub human_in_history_translated_now: u64,
}

/// Pairs that an alignment of clean documents found, by confidence.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AlignedObject {
    /// All of them.
    pub aligned: u64,
    /// Those with a confidence of 0.5 and more.
    pub confidence_50: u64,
    /// Those with 0.8 and more.
    pub confidence_80: u64,
    /// Those with 0.95 and more.
    pub confidence_95: u64,
}
