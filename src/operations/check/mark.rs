//! Errors in the few pairs that a look-up shows: they are checked when they are shown, so nothing is stored and nothing is stale.

use super::exceptions::Exceptions;
use crate::check::{CHECKS, Facts, Finding, FindingId, Neighbours, Pair, Selection, Severity, check};
use crate::matching::Match;
use crate::memory::{Lookup, Memory, MemoryError};
use crate::model::{ConcordanceLine, Locale, Place, QueryPlace};

/// An error in a pair that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its name, for `bitext accept`.
    pub id: FindingId,
    /// What was found.
    pub finding: Finding,
}

/// Finds errors in pairs one by one. What is usual in their set is not known, so checks that depend on it find nothing.
#[derive(Clone, Debug)]
pub struct Marker {
    selection: Selection,
    exceptions: Exceptions,
    /// Whether the pairs are checked. Those of two target locales are not: neither was translated from the other.
    is_on: bool,
}

impl Marker {
    /// A marker for pairs of a source text and its translation.
    pub fn new(exceptions: Exceptions) -> Marker {
        let selection = Selection {
            only: CHECKS.iter().filter(|check| check.worst_severity() == Severity::Error).collect(),
            min_severity: Some(Severity::Error),
            ..Selection::default()
        };
        Marker { selection, exceptions, is_on: true }
    }

    /// A marker for the matches of look-ups from a locale; `None`: that of the source texts.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn of_lookups(
        memory: &Memory,
        from: Option<&Locale>,
        exceptions: Exceptions,
    ) -> Result<Marker, MemoryError> {
        let is_on = from.map_or(Ok(true), |from| memory.is_translated_from(from))?;
        Ok(Marker { is_on, ..Marker::new(exceptions) })
    }

    /// The first error in a pair at a place.
    fn mark(&self, pair: Pair<'_>, place: Option<&Place>) -> Option<Mark> {
        if !self.is_on {
            return None;
        }
        let name = place.map_or(("", ""), |place| (place.set.as_str(), place.document.as_str()));
        let found = check(pair, &Facts::default(), &self.selection);
        let found = found.into_iter().map(|finding| (FindingId::new(finding.check, &pair), finding));
        let mut open =
            found.filter(|(id, finding)| self.exceptions.of(finding.check, &|| *id, name).is_none());
        open.next().map(|(id, finding)| Mark { id, finding })
    }

    /// The best matches of a text with their errors, those with an error after those without among matches of the same score.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn find(
        &self,
        lookup: &mut Lookup<'_>,
        text: &str,
        place: &QueryPlace,
    ) -> Result<Vec<(Match, Option<Mark>)>, MemoryError> {
        lookup.find_marked(text, place, |found| {
            let pair = Pair {
                source: &found.source,
                target: &found.target,
                source_locale: &found.source_locale,
                target_locale: &found.target_locale,
                workflow: found.workflow,
                no_loc: &[],
                neighbours: Neighbours::default(),
            };
            self.mark(pair, found.place.as_ref())
        })
    }

    /// The first error in the pair of a concordance line.
    pub fn of_line(&self, line: &ConcordanceLine) -> Option<Mark> {
        let pair = Pair {
            source: &line.source,
            target: &line.target,
            source_locale: &line.source_locale,
            target_locale: &line.target_locale,
            workflow: line.places.workflow,
            no_loc: &[],
            neighbours: Neighbours::default(),
        };
        self.mark(pair, Some(&line.places.first))
    }
}
