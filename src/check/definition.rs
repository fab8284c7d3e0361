//! The definition of a check.

use std::fmt;
use std::str::FromStr;

use super::facts::Facts;
use super::finding::Hits;
use super::subject::Subject;
use crate::model::Workflow;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// A matter of style, or a finding that is often a false alarm. Shown only if it is asked for.
    Info,
    /// Something is probably wrong.
    Warning,
    /// The rendered text is broken, or content is lost.
    Error,
}

impl Severity {
    /// All, the mildest first.
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

    /// `info`, `warning` or `error`, as in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Severity::ALL.into_iter().find(|severity| severity.name() == name).ok_or("say info, warning or error")
    }
}

/// Whether a check names faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something is wrong with the pair.
    Fault,
    /// A property of the pair that is no fault, for filters. Found only if the check is selected by name.
    Class,
}

/// A pair that a check finds, for its documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// BCP 47, the locale of `target`; that of `source` is `en-US`.
    pub locale: &'static str,
    /// The source text.
    pub source: &'static str,
    /// The target text.
    pub target: &'static str,
}

/// A check, with its documentation.
#[derive(Debug)]
pub struct Check {
    /// The name by which it is selected, reported and silenced. Never changes.
    pub id: &'static str,
    /// Whether a finding is a fault.
    pub kind: Kind,
    /// The severity of a finding in a machine translation.
    pub machine: Severity,
    /// The severity in a human translation, and where it is not known who translated.
    pub human: Severity,
    /// What a finding means, in a sentence.
    pub says: &'static str,
    /// A pair with a finding.
    pub example: Example,
    /// When a finding can be a false alarm, and what is left out for that; empty if no false alarm is known.
    pub traps: &'static str,
    /// The rule.
    pub(super) rule: Rule,
}

/// A rule: looks at a parsed pair, with what is known of its set, and reports what it finds.
pub(super) type Rule = fn(&Subject<'_>, &Facts<'_>, &mut Hits<'_>);

impl Check {
    /// The severity of a finding in a translation by a person or a machine.
    pub fn severity(&self, workflow: Option<Workflow>) -> Severity {
        match workflow {
            Some(Workflow::Machine) => self.machine,
            Some(Workflow::Human) | None => self.human,
        }
    }

    /// Whether a finding in such a translation is reported without being asked for: a fault that is no mere `info`.
    pub fn is_on_by_default(&self, workflow: Option<Workflow>) -> bool {
        self.kind == Kind::Fault && self.severity(workflow) > Severity::Info
    }
}

/// Checks are compared by their id.
impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Check {}
