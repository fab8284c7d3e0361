//! The input and output of `query`.

use serde::{Deserialize, Serialize};

use super::check::ErrorObject;
use crate::matching::Match;
use crate::model::{Context, QueryPlace, share, timestamp};

/// A query of a batch in JSON lines.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct QueryLine {
    /// The text to look up.
    pub text: String,
    /// The segment before it, if known; empty: there is none, because the document begins with the text.
    #[serde(default)]
    pub before: Option<String>,
    /// The segment after it, likewise.
    #[serde(default)]
    pub after: Option<String>,
    /// The path of its document below its set, if known.
    #[serde(default)]
    pub document: Option<String>,
}

impl QueryLine {
    /// A text of which nothing is known.
    pub fn of_text(text: String) -> QueryLine {
        QueryLine { text, before: None, after: None, document: None }
    }

    /// Where the text stands.
    pub fn place(&self) -> QueryPlace {
        let text = |text: &Option<String>| text.as_deref().map(Into::into);
        let context = Context { previous: text(&self.before), next: text(&self.after) };
        QueryPlace { context, document: text(&self.document) }
    }
}

/// The answer to a query, one line.
#[derive(Clone, Debug, Serialize)]
pub struct Answer<'a> {
    /// The query as received.
    pub query: &'a str,
    /// The best first.
    pub matches: Vec<MatchObject<'a>>,
}

/// A match.
#[derive(Clone, Debug, Serialize)]
pub struct MatchObject<'a> {
    /// A whole percent after penalties; 101 in context.
    pub score: u8,
    /// `context`, `exact` or `fuzzy`.
    pub kind: &'static str,
    /// The text that matches the query: trimmed, with line breaks folded.
    pub source: &'a str,
    /// Its translation, likewise.
    pub target: &'a str,
    /// BCP 47.
    pub source_locale: &'a str,
    /// BCP 47.
    pub target_locale: &'a str,
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
    pub set: Option<&'a str>,
    /// The document of the first place.
    pub document: Option<&'a str>,
    /// The segment's id there.
    pub id: Option<&'a str>,
    /// Whether the document that the query names has the translation; of a context match, between the same neighbours. Absent: it has not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub same_document: bool,
    /// The source as the document has it there, with its line breaks and the white space at its ends; absent: it is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_as_written: Option<&'a str>,
    /// The target, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_as_written: Option<&'a str>,
    /// Percent, by characters. It orders matches with equal scores.
    pub similarity: f64,
    /// Of texts with the same tokens: `case`, `spacing`, `markup`, `encoding`.
    pub differences: Vec<&'static str>,
    /// The points that were subtracted from the score.
    pub penalties: Vec<PenaltyObject>,
    /// The Levenshtein distance over tokens.
    pub distance: usize,
    /// The number of tokens of the query.
    pub query_tokens: usize,
    /// The number of tokens of the source.
    pub source_tokens: usize,
    /// What is wrong with the translation; absent: no check found an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorObject<'a>>,
}

/// Points subtracted from a score.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PenaltyObject {
    /// `machine`, `aligned`, `markup` or `locale`.
    pub reason: &'static str,
    /// The number of points.
    pub points: u8,
}

impl<'a> MatchObject<'a> {
    /// A match, with what is wrong with it.
    pub fn new(found: &'a Match, error: Option<ErrorObject<'a>>) -> Self {
        let place = found.place.as_ref();
        MatchObject {
            score: found.score.percent(),
            kind: found.kind().name(),
            source: &found.source,
            target: &found.target,
            source_locale: found.source_locale.as_str(),
            target_locale: found.target_locale.as_str(),
            workflow: found.workflow.map(|workflow| workflow.name()),
            confidence: found.confidence.map(share),
            segments: found.segments,
            documents: found.documents,
            handoff: found.handoff.map(|date| date.to_string()),
            superseded: found.superseded.map(|superseded| timestamp(superseded.time())),
            commit: found
                .superseded
                .and_then(|superseded| superseded.commit)
                .map(|commit| commit.to_string()),
            set: place.map(|place| place.set.as_str()),
            document: place.map(|place| place.document.as_str()),
            id: place.map(|place| place.segment.as_str()),
            same_document: found.same_document,
            source_as_written: found.source_as_written.as_deref(),
            target_as_written: found.target_as_written.as_deref(),
            similarity: f64::from(found.similarity.hundredths()) / 100.0,
            differences: found.differences.iter().map(|difference| difference.name()).collect(),
            penalties: found
                .penalties
                .iter()
                .map(|penalty| PenaltyObject { reason: penalty.reason.name(), points: penalty.points })
                .collect(),
            distance: found.arithmetic.distance,
            query_tokens: found.arithmetic.query_tokens,
            source_tokens: found.arithmetic.text_tokens,
            error,
        }
    }
}
