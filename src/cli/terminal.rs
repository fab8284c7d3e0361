//! Messages, problems and summaries on standard error, and the escaping of imported text.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::model::{Problem, holds_unsafe_to_show, is_unsafe_to_show};
pub(super) use crate::operations::numbers::{counted, grouped};
use crate::operations::{Report, Warning};

/// Prints a message on standard error, escaped.
pub(super) fn message(text: &str) {
    // If standard error is closed, nobody reads it.
    let _ =
        std::io::Write::write_all(&mut anstream::stderr(), format!("bitext: {}\n", escape(text)).as_bytes());
}

/// The first line of a summary of a dry run; nothing of another.
pub(super) fn dry_run(out: &mut fmt::Formatter<'_>, is_dry: bool) -> fmt::Result {
    if is_dry { writeln!(out, "dry run, nothing was written:") } else { Ok(()) }
}

/// Prints lines on standard error, not escaped. For the program's own words and numbers only.
pub(super) fn print_lines(lines: &str) {
    // If standard error is closed, nobody reads it.
    let _ = std::io::Write::write_all(&mut anstream::stderr(), format!("{lines}\n").as_bytes());
}

/// Prints lines with styles on standard error; they are removed where it does not show them.
pub(super) fn print_styled(lines: &str) {
    // If standard error is closed, nobody reads it.
    let _ = std::io::Write::write_all(&mut anstream::stderr(), lines.as_bytes());
}

/// Reports a problem in a file: `PATH:LINE: reason`.
pub(super) fn problem(path: &str, problem: &Problem) {
    let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
    let text = format!("{}{line}: {}\n", escape(path), escape(&problem.reason));
    // If standard error is closed, nobody reads it.
    let _ = std::io::Write::write_all(&mut anstream::stderr(), text.as_bytes());
}

/// Reports that a branch was selected.
pub(super) fn branch_selected(path: &str) {
    message(&format!("no revision was named; {path} is read"));
}

/// Which reports are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verbosity {
    All,
    ProblemsOnly,
}

impl Verbosity {
    /// That of the option `--quiet`.
    pub fn of(quiet: bool) -> Self {
        if quiet { Verbosity::ProblemsOnly } else { Verbosity::All }
    }
}

/// Prints the reports of an operation on standard error.
pub(super) struct Stderr(pub Verbosity);

impl Report for Stderr {
    fn problem(&mut self, path: &str, found: &Problem) {
        problem(path, found);
    }

    fn warning(&mut self, warning: &Warning) {
        message(&warning.to_string());
    }

    fn branch_selected(&mut self, path: &str) {
        if self.0 == Verbosity::All {
            branch_selected(path);
        }
    }
}

/// A text as it may be shown: without characters that move the cursor, colour, hide or reorder the text around them.
/// Those are written as `\u{1b}`. Line breaks too: an imported text must not forge a line.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    match holds_unsafe_to_show(text) {
        true => Cow::Owned(escaped(text, |_| false)),
        false => Cow::Borrowed(text),
    }
}

/// The same for a text of several lines or columns, which keeps its line feeds and tabs.
pub(super) fn escape_lines(text: &str) -> Cow<'_, str> {
    match holds_unsafe_to_show(text) {
        true => Cow::Owned(escaped(text, |character| matches!(character, '\n' | '\t'))),
        false => Cow::Borrowed(text),
    }
}

fn escaped(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unsafe_to_show(character) && !is_kept(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_could_forge_a_line_is_written_out() {
        assert_eq!(escape("설정 é 😀"), "설정 é 😀");
        assert_eq!(escape("a\u{1b}[31mb\r\nc\u{202e}d"), "a\\u{1b}[31mb\\u{d}\\u{a}c\\u{202e}d");
    }
}
