//! The JSON of the command line's output. A stable interface: fields are only ever added.

mod analysis;
mod batch;
mod check;
mod document;
mod fields;
mod piece;
mod query;
mod ranges;
mod request;
mod sarif;
mod search;
mod stats;
mod writer;

pub use analysis::{AnalysisObject, AnalyzedDocumentObject, BandObject, MergeObject, VolumeObject};
pub use batch::{BatchFormat, BatchLineError, BatchReader};
pub use check::{Day, ErrorObject, FindingObject, VoteObject};
pub use document::DocumentObject;
pub use fields::{FieldText, FieldsError, SegmentFields};
pub use piece::SourceSegmentLine;
pub use query::{Answer, MatchObject, QueryLine};
pub use request::{
    AnswersObject, DocumentsObject, LinesObject, OptionValue, ProblemObject, QueryRequest, StoreUnit,
    TmserverLanguages, TmserverMatch, document_with_lines, from_bytes,
};
pub use sarif::SarifWriter;
pub use search::{CountObject, LineObject};
pub use stats::{AlignedObject, HistoryObject, SetObject, StatsObject};
pub use writer::{push_string, to_string, to_writer};

use serde::Serialize;

use crate::model::{PlacedSegment, share};

/// One segment, in the output of `extract` and `export`.
#[derive(Clone, Debug, Serialize)]
pub struct SegmentLine<'a> {
    /// The document's path below its set, `/` separated.
    pub document: &'a str,
    /// The document set's name.
    pub set: &'a str,
    /// The id as written in the document.
    pub id: &'a str,
    /// The number in the id.
    pub number: u32,
    /// `sentence`, `paragraph` or `aligned`.
    pub kind: &'static str,
    /// The 1-based line where the segment's span opens.
    pub line: u32,
    /// BCP 47.
    pub source_locale: &'a str,
    /// BCP 47.
    pub target_locale: &'a str,
    /// The source text, Markdown as written.
    pub source: &'a str,
    /// The target text, Markdown as written.
    pub target: &'a str,
    /// The probability that a pair of kind `aligned` is right, 0 to 1; absent of other kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// `human`, `machine` or null.
    pub workflow: Option<&'static str>,
    /// `ms.openlocfilehash`.
    pub source_hash: Option<&'a str>,
    /// `ms.sourcegitcommit`.
    pub source_commit: Option<&'a str>,
    /// The hand-off's date, `YYYY-MM-DD`.
    pub handoff: Option<String>,
    /// `ms.locfileid`.
    pub file_id: Option<&'a str>,
    /// The commit of the version of the document. This and the next two are absent if not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When it was committed, as in `2019-04-23T10:11:12Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed: Option<String>,
    /// When a newer version replaced it; absent: it is current.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded: Option<String>,
}

impl<'a> From<PlacedSegment<'a>> for SegmentLine<'a> {
    fn from(placed: PlacedSegment<'a>) -> Self {
        let PlacedSegment { set, document, source_locale, target_locale, metadata, version, segment, .. } =
            placed;
        let [commit, committed, superseded] = version.fields();
        SegmentLine {
            document,
            set,
            id: segment.id.as_str(),
            number: segment.id.number(),
            kind: segment.id.kind().name(),
            line: segment.line,
            source_locale: source_locale.as_str(),
            target_locale: target_locale.as_str(),
            source: &segment.source,
            target: &segment.target,
            confidence: segment.confidence.map(share),
            workflow: metadata.workflow.map(|workflow| workflow.name()),
            source_hash: metadata.source_hash.as_deref(),
            source_commit: metadata.source_commit.as_deref(),
            handoff: metadata.handoff.map(|date| date.to_string()),
            file_id: metadata.file_id.as_deref(),
            commit,
            committed,
            superseded,
        }
    }
}
