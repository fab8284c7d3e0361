//! The output of `analyze --json`.

use serde::Serialize;

/// An analysis.
#[derive(Clone, Debug, Serialize)]
pub struct AnalysisObject<'a> {
    /// BCP 47; null if the memory has no texts.
    pub source_locale: Option<&'a str>,
    /// BCP 47.
    pub target_locale: &'a str,
    /// Documents with a segment.
    pub documents: u64,
    /// Problems and warnings that were reported.
    pub problems: u64,
    /// All documents together.
    pub total: AnalyzedDocumentObject<'a>,
    /// Each document with a segment.
    pub by_document: Vec<AnalyzedDocumentObject<'a>>,
}

/// The counts of one document, or of all.
#[derive(Clone, Debug, Serialize)]
pub struct AnalyzedDocumentObject<'a> {
    /// The set's name; absent for all documents together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<&'a str>,
    /// The document's path below its set, `/` separated; likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<&'a str>,
    /// All bands together.
    #[serde(flatten)]
    pub volume: VolumeObject,
    /// The words times the rates of their bands, or the characters in Chinese and Japanese; only with `--rates`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<f64>,
    /// The bands with a segment, in the order of the table.
    pub bands: Vec<BandObject>,
}

/// What a band has.
#[derive(Clone, Debug, Serialize)]
pub struct BandObject {
    /// `context`, `exact`, `95-99` …
    pub band: &'static str,
    /// All of it.
    #[serde(flatten)]
    pub volume: VolumeObject,
    /// Matches that a person translated.
    pub human: VolumeObject,
    /// Matches that a machine translated.
    pub machine: VolumeObject,
}

/// A number of segments with their words and characters.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct VolumeObject {
    /// Segments.
    pub segments: u64,
    /// Words (Unicode Standard Annex 29).
    pub words: u64,
    /// Characters that are not white space.
    pub characters: u64,
}

/// The output of `merge --json`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MergeObject {
    /// Documents that were written.
    pub documents: u64,
    /// Documents that were not written. Each was reported as a problem.
    pub not_written: u64,
    /// Segments with a translation.
    pub translated: u64,
    /// Segments without one.
    pub untranslated: u64,
    /// Segments that were put into the memory; absent without `--import`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported: Option<u64>,
    /// Problems that were reported.
    pub problems: u64,
}
