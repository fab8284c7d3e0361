//! The output of `check`.

use serde::Serialize;

use super::ranges::in_characters;
use crate::check::{Finding, FindingId, Pair};
use crate::model::Workflow;

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
    /// The name of the finding, 12 hexadecimal digits: that of `bitext accept`.
    pub finding: String,
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
        }
    }
}
