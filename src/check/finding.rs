//! What a check found.

#![allow(dead_code, reason = "the rules that use them follow")]

use std::ops::Range;

use super::definition::{Check, Severity};

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
    let mut characters = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let mut short: String = characters.by_ref().take(LONGEST_QUOTE).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    // A text with backticks is quoted in other marks.
    if short.contains('`') { format!("\u{201c}{short}\u{201d}") } else { format!("`{short}`") }
}
