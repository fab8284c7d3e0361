//! The display of what differs between two texts, and of how they were found.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::terminal::escape;
use crate::matching::{Change, changes};
use crate::model::{fold_line_breaks, share};
use crate::operations::check::Mark;

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();

/// Says of a pair that an alignment found so, with its confidence in percent if it has one.
pub(super) fn aligned(is_aligned: bool, confidence: Option<u8>) -> String {
    match (is_aligned, confidence) {
        (false, _) => String::new(),
        (true, None) => ", aligned".to_owned(),
        (true, Some(percent)) => format!(", aligned {:.2}", share(percent)),
    }
}

/// The second text with a word diff: `[-in the first only-]` and `{+in the second only+}`.
pub(super) fn marked(first: &str, second: &str) -> String {
    let mut out = String::new();
    let first = fold_line_breaks(first);
    for change in changes(&first, second) {
        let (style, open, text, close) = match change {
            Change::Same(text) => (Style::new(), "", text, ""),
            Change::QueryOnly(text) => (REMOVED, "[-", text, "-]"),
            Change::MatchOnly(text) => (ADDED, "{+", text, "+}"),
        };
        // White space after a word is outside the brackets.
        let word = text.trim_end();
        let _ = write!(out, "{style}{open}{}{close}{style:#}", escape(word));
        out.push_str(&escape(&text[word.len()..]));
    }
    out
}

/// A line that says what is wrong with a translation; empty if nothing is.
pub(super) fn marked_error(indent: &str, mark: Option<&Mark>) -> String {
    const ERROR: Style = AnsiColor::Red.on_default();
    const FAINT: Style = Style::new().dimmed();
    mark.map_or(String::new(), |mark| {
        let (check, reason) = (mark.finding.check.id, escape(&mark.finding.reason));
        format!("{indent}{ERROR}error{ERROR:#} {check}: {reason}  {FAINT}{}{FAINT:#}\n", mark.id)
    })
}
