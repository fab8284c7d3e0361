//! The output of `search`.

use std::ops::Range;

use serde::Serialize;

use super::check::ErrorObject;
use super::ranges::in_characters;
use crate::model::{ConcordanceLine, share, timestamp};

/// A pair of texts, at least one of which contains the pattern.
#[derive(Clone, Debug, Serialize)]
pub struct LineObject<'a> {
    /// The source text, as written.
    pub source: &'a str,
    /// The target text, as written.
    pub target: &'a str,
    /// BCP 47.
    pub source_locale: &'a str,
    /// BCP 47.
    pub target_locale: &'a str,
    /// The occurrences of the pattern in the source: start and end, in characters.
    pub source_hits: Vec<(usize, usize)>,
    /// The occurrences of the pattern in the target.
    pub target_hits: Vec<(usize, usize)>,
    /// `human`, `machine` or null.
    pub workflow: Option<&'static str>,
    /// The probability that a pair which an alignment found is right, 0 to 1; absent: a document states the pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The number of segments with this pair.
    pub segments: u64,
    /// The number of documents.
    pub documents: u64,
    /// The newest hand-off, `YYYY-MM-DD`.
    pub handoff: Option<String>,
    /// When it was superseded, as in `2019-04-23T10:11:12Z`; absent: it is current.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded: Option<String>,
    /// The commit of the version that has a superseded translation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The set of the first place.
    pub set: &'a str,
    /// The document of the first place.
    pub document: &'a str,
    /// The segment's id there.
    pub id: &'a str,
    /// What is wrong with the translation; absent: no check found an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorObject<'a>>,
}

impl<'a> LineObject<'a> {
    /// The line with its hits, which are byte ranges, and what is wrong with it.
    pub fn new(
        line: &'a ConcordanceLine,
        source: &[Range<usize>],
        target: &[Range<usize>],
        error: Option<ErrorObject<'a>>,
    ) -> Self {
        LineObject {
            source: &line.source,
            target: &line.target,
            source_locale: line.source_locale.as_str(),
            target_locale: line.target_locale.as_str(),
            source_hits: in_characters(&line.source, source),
            target_hits: in_characters(&line.target, target),
            workflow: line.places.workflow.map(|workflow| workflow.name()),
            confidence: line.places.confidence.map(share),
            segments: line.places.segments,
            documents: line.places.documents,
            handoff: line.places.handoff.map(|date| date.to_string()),
            superseded: line.places.superseded.map(|superseded| timestamp(superseded.time())),
            commit: line
                .places
                .superseded
                .and_then(|superseded| superseded.commit)
                .map(|commit| commit.to_string()),
            set: &line.places.first.set,
            document: &line.places.first.document,
            id: &line.places.first.segment,
            error,
        }
    }
}

/// The output of `search --count --json`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CountObject {
    /// The number of segments that contain the pattern.
    pub segments: u64,
    /// The number of different pairs of texts in these.
    pub pairs: u64,
}
