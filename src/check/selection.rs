//! Which checks are made.

use super::definition::{Check, Kind, Severity};
use super::registry::CHECKS;
use crate::model::Workflow;

/// Which findings are wanted. The default: faults that are warnings or errors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these checks; empty: all that find faults.
    pub only: Vec<&'static Check>,
    /// Not these checks, also if `only` names them.
    pub skip: Vec<&'static Check>,
    /// Only findings that are at least as bad. `None`: warnings and errors, or all of what `only` names.
    pub min_severity: Option<Severity>,
}

impl Selection {
    /// All findings of all checks, also of those that find no faults.
    pub fn everything() -> Self {
        Selection { only: CHECKS.iter().collect(), ..Selection::default() }
    }

    /// Whether findings of a check in translations of a workflow are wanted.
    pub fn has(&self, check: &Check, workflow: Option<Workflow>) -> bool {
        let is_named = self.only.contains(&check);
        let is_chosen = is_named || self.only.is_empty() && check.kind == Kind::Fault;
        let least = self.min_severity.unwrap_or(if is_named { Severity::Info } else { Severity::Warning });
        is_chosen && check.severity(workflow) >= least && !self.skip.contains(&check)
    }
}
