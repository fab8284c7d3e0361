//! Filters of segments and places.

use std::sync::Arc;

use globset::GlobSet;

use crate::model::{Date, Kind, Provenance, Versions, Workflow, midnight};

/// A filter of segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentFilter {
    /// Only segments of this kind.
    pub kind: Option<Kind>,
    /// Of aligned pairs only those with so many percent of confidence; 0 for all.
    pub least_confidence: u8,
    /// Only translations of this workflow.
    pub workflow: Option<Workflow>,
    /// Only hand-offs on this day or later.
    pub since: Option<Date>,
    /// Only hand-offs on this day or earlier.
    pub until: Option<Date>,
    /// Which translations of those that the history of a document has.
    pub versions: Versions,
}

impl SegmentFilter {
    /// Whether a translation passes, by its workflow and its hand-off in seconds since 1970.
    pub(super) fn counts(&self, workflow: Option<Workflow>, handoff: Option<i64>) -> bool {
        const DAY: i64 = 86_400;
        self.workflow.is_none_or(|wanted| workflow == Some(wanted))
            && self.since.is_none_or(|day| handoff.is_some_and(|handoff| handoff >= midnight(day)))
            && self.until.is_none_or(|day| handoff.is_some_and(|handoff| handoff < midnight(day) + DAY))
    }
}

/// A filter of places.
#[derive(Clone, Debug, Default)]
pub struct PlaceFilter {
    /// Only documents of these sets; empty for all.
    pub sets: Vec<String>,
    /// Only documents whose path below their set matches.
    pub documents: Option<GlobSet>,
    /// No document at this path, of whichever set.
    pub without_document: Option<Arc<str>>,
    /// Only translations of this workflow.
    pub workflow: Option<Workflow>,
    /// Only hand-offs on this day or later.
    pub since: Option<Date>,
    /// Only hand-offs on this day or earlier.
    pub until: Option<Date>,
    /// Only current versions of documents.
    pub only_current: bool,
}

impl PlaceFilter {
    /// Whether places in a document of this set with this path can pass.
    pub(super) fn has_document(&self, set: &str, path: &str) -> bool {
        (self.sets.is_empty() || self.sets.iter().any(|name| name == set))
            && self.documents.as_ref().is_none_or(|globs| globs.is_match(path))
            && self.without_document.as_deref() != Some(path)
    }

    /// Whether a translation passes at a place.
    pub(super) fn has(&self, place: &Provenance) -> bool {
        if self.only_current && place.superseded.is_some() {
            return false;
        }
        let Self { workflow, since, until, .. } = *self;
        SegmentFilter { workflow, since, until, ..SegmentFilter::default() }
            .counts(place.workflow, place.handoff())
    }

    /// Whether all places pass.
    pub(super) fn counts_all(&self) -> bool {
        let by_document =
            !self.sets.is_empty() || self.documents.is_some() || self.without_document.is_some();
        let by_date = self.since.is_some() || self.until.is_some();
        !by_document && !by_date && self.workflow.is_none() && !self.only_current
    }
}
