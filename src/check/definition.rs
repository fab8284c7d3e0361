//! Checks and findings: the types that rules and callers share.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::facts::Facts;
use super::subject::Subject;
use crate::model::{Workflow, shortened};

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

    /// The severity in the translations in which it is higher.
    pub fn worst_severity(&self) -> Severity {
        self.machine.max(self.human)
    }

    /// Whether a finding in such a translation is reported without being asked for: a fault that is no mere `info`.
    pub fn is_on_by_default(&self, workflow: Option<Workflow>) -> bool {
        self.kind == Kind::Fault && self.severity(workflow) > Severity::Info
    }
}

/// The id.
impl fmt::Debug for Check {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.id)
    }
}

/// Checks are compared by their id.
impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Check {}

/// What one check found in one pair of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check.
    pub check: &'static Check,
    /// How bad it is, for who translated.
    pub severity: Severity,
    /// The places in the source text, as ranges of bytes on borders of characters, ascending. May be empty.
    pub source: Vec<Range<usize>>,
    /// The places in the target text, likewise. May be empty.
    pub target: Vec<Range<usize>>,
    /// What is wrong, as in ``the link `../a.md` is missing``. May hold parts of both texts, so it is escaped before it is shown.
    pub reason: String,
}

/// Receives what one rule finds in one pair.
pub(super) struct Hits<'f> {
    pub check: &'static Check,
    pub severity: Severity,
    pub findings: &'f mut Vec<Finding>,
}

impl Hits<'_> {
    /// Reports a finding. Rules report at most one for a pair: the places of one cause belong together.
    pub fn add(
        &mut self,
        mut source: Vec<Range<usize>>,
        mut target: Vec<Range<usize>>,
        reason: impl Into<String>,
    ) {
        for ranges in [&mut source, &mut target] {
            ranges.sort_by_key(|range| (range.start, range.end));
            ranges.dedup();
        }
        let (check, severity) = (self.check, self.severity);
        self.findings.push(Finding { check, severity, source, target, reason: reason.into() });
    }

    /// Reports a place in the target.
    pub fn in_target(&mut self, place: Range<usize>, reason: impl Into<String>) {
        self.add(Vec::new(), vec![place], reason);
    }

    /// Reports something of the source that the target lacks.
    pub fn missing(&mut self, place: Range<usize>, reason: impl Into<String>) {
        self.add(vec![place], Vec::new(), reason);
    }
}

/// The most characters of a text that a reason quotes.
const LONGEST_QUOTE: usize = 60;

/// A part of a text as it is quoted in a reason: on one line, and not longer than what a reader takes in.
pub(super) fn quoted(text: &str) -> String {
    let on_one_line = |c: char| if c.is_whitespace() { ' ' } else { c };
    let short: String = shortened(text, LONGEST_QUOTE).chars().map(on_one_line).collect();
    // A text with backticks is quoted in other marks.
    if short.contains('`') { format!("\u{201c}{short}\u{201d}") } else { format!("`{short}`") }
}
