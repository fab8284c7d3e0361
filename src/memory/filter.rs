//! Filters: which segments and places count.

use globset::GlobSet;

use crate::model::{Date, Kind, Workflow, midnight};

/// Which segments count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentFilter {
    /// Only sentences, or only paragraphs.
    pub kind: Option<Kind>,
    /// Only what people, or machines, translated.
    pub workflow: Option<Workflow>,
    /// Only what was handed off on this day or later.
    pub since: Option<Date>,
    /// Only what was handed off on this day or earlier.
    pub until: Option<Date>,
}

impl SegmentFilter {
    /// Whether a translation by this workflow counts, with a hand-off in seconds since 1970.
    pub(super) fn counts(&self, workflow: Option<Workflow>, handoff: Option<i64>) -> bool {
        const DAY: i64 = 86_400;
        self.workflow.is_none_or(|wanted| workflow == Some(wanted))
            && self.since.is_none_or(|day| handoff.is_some_and(|handoff| handoff >= midnight(day)))
            && self.until.is_none_or(|day| handoff.is_some_and(|handoff| handoff < midnight(day) + DAY))
    }
}

/// Which places count.
#[derive(Clone, Debug, Default)]
pub struct PlaceFilter {
    /// Those in documents whose path below their set matches.
    pub documents: Option<GlobSet>,
    /// Those whose translation is of this workflow.
    pub workflow: Option<Workflow>,
    /// Those handed off on this day or later.
    pub since: Option<Date>,
}

impl PlaceFilter {
    /// Whether places in a document at this path can count.
    pub(super) fn has_document(&self, path: &str) -> bool {
        self.documents.as_ref().is_none_or(|globs| globs.is_match(path))
    }

    /// Whether a translation by this workflow counts, with a hand-off in seconds since 1970.
    pub(super) fn has(&self, workflow: Option<Workflow>, handoff: Option<i64>) -> bool {
        SegmentFilter { workflow: self.workflow, since: self.since, ..SegmentFilter::default() }
            .counts(workflow, handoff)
    }

    /// Whether all places count.
    pub(super) fn counts_all(&self) -> bool {
        self.documents.is_none() && self.workflow.is_none() && self.since.is_none()
    }
}
