//! The output of `check`.

use serde::Serialize;

use super::ranges::in_characters;
use crate::check::{Finding, FindingId, Pair};
use crate::model::{Date, Workflow, share};

/// An error in a pair that a look-up shows.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorObject<'a> {
    /// The name of the finding, as in [`FindingObject::finding`].
    pub finding: String,
    /// The id of the check.
    pub check: &'static str,
    /// What is wrong.
    pub reason: &'a str,
}

impl<'a> ErrorObject<'a> {
    /// A finding with its name.
    pub fn new(id: FindingId, finding: &'a Finding) -> Self {
        ErrorObject { finding: id.to_string(), check: finding.check.id, reason: &finding.reason }
    }
}

/// Something that a check found in a segment.
#[derive(Clone, Debug, Serialize)]
pub struct FindingObject<'a> {
    /// The id of the check.
    pub check: &'a str,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// The set's name.
    pub set: &'a str,
    /// The document's path below its set, `/` separated.
    pub document: &'a str,
    /// The segment's id there.
    pub id: &'a str,
    /// The 1-based line where the segment's span opens.
    pub line: u32,
    /// The source text, as written.
    pub source: &'a str,
    /// The target text, as written.
    pub target: &'a str,
    /// The places in the source: start and end, in characters.
    pub source_ranges: Vec<(usize, usize)>,
    /// The places in the target.
    pub target_ranges: Vec<(usize, usize)>,
    /// What is wrong.
    pub reason: &'a str,
    /// `human`, `machine` or null.
    pub workflow: Option<&'static str>,
    /// Of a pair that an alignment found: the probability that it is right, 0 to 1; absent of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The name of the finding, 12 hexadecimal digits: that of `bitext accept`.
    pub finding: String,
    /// Of the check `inconsistent` only: which translation of the source an export takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vote: Option<VoteObject<'a>>,
}

/// How a translation fares among those of the same source text.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct VoteObject<'a> {
    /// The translation that an export takes.
    pub chosen: &'a str,
    /// What decides between it and the next one: `workflow`, `documents`, `handoff`, or `text`, the order of the texts.
    pub decided_by: &'static str,
    /// The number of translations of the source.
    pub translations: usize,
    /// Whether this translation is the chosen one.
    pub is_chosen: bool,
    /// Who made this one: `human` if a person translated any of its segments, `machine` or null.
    pub workflow: Option<&'static str>,
    /// The number of documents with it.
    pub documents: u64,
    /// The number of segments with it.
    pub segments: usize,
    /// Its newest hand-off, or null.
    pub handoff: Option<Day>,
}

/// A date, written as `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug)]
pub struct Day(pub Date);

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'a> FindingObject<'a> {
    /// A finding in a pair, in the segment at `(set, document, id, line)`.
    pub fn new(
        (set, document, id, line): (&'a str, &'a str, &'a str, u32),
        pair: &Pair<'a>,
        finding: &'a Finding,
    ) -> Self {
        let (source, target) = (pair.source, pair.target);
        FindingObject {
            finding: FindingId::new(finding.check, pair).to_string(),
            check: finding.check.id,
            severity: finding.severity.name(),
            set,
            document,
            id,
            line,
            source,
            target,
            source_ranges: in_characters(source, &finding.source),
            target_ranges: in_characters(target, &finding.target),
            workflow: pair.workflow.map(Workflow::name),
            reason: &finding.reason,
            confidence: None,
            vote: None,
        }
    }

    /// The same with the confidence of the pair, in percent.
    #[must_use]
    pub fn with_confidence(self, percent: Option<u8>) -> Self {
        FindingObject { confidence: percent.map(share), ..self }
    }
}
