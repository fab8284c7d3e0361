//! The output of `check`.

use serde::Serialize;

use super::search::in_characters;
use crate::check::Finding;

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
}

impl<'a> FindingObject<'a> {
    /// A finding in the segment at `(set, document, id, line)` with the texts `(source, target)`.
    pub fn new(
        (set, document, id, line): (&'a str, &'a str, &'a str, u32),
        (source, target): (&'a str, &'a str),
        finding: &'a Finding,
    ) -> Self {
        FindingObject {
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
            reason: &finding.reason,
        }
    }
}
