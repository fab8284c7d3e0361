//! Messages, problems and summaries on standard error, and the escaping of imported text.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::model::Problem;
pub(super) use crate::operations::numbers::{counted, grouped};
use crate::operations::{Report, Warning};

/// Prints a message on standard error, escaped.
pub(super) fn message(text: &str) {
    // If standard error is closed, nobody reads it.
    let _ =
        std::io::Write::write_all(&mut anstream::stderr(), format!("bitext: {}\n", escape(text)).as_bytes());
}

/// Prints lines on standard error, not escaped. For the program's own words and numbers only.
pub(super) fn print_lines(lines: &str) {
    // If standard error is closed, nobody reads it.
    let _ = std::io::Write::write_all(&mut anstream::stderr(), format!("{lines}\n").as_bytes());
}

/// Reports a problem in a file: `PATH:LINE: reason`.
pub(super) fn problem(path: &str, problem: &Problem) {
    let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
    let text = format!("{}{line}: {}\n", escape(path), escape(&problem.reason));
    // If standard error is closed, nobody reads it.
    let _ = std::io::Write::write_all(&mut anstream::stderr(), text.as_bytes());
}

/// Prints the problems and warnings of an operation on standard error.
pub(super) struct Stderr;

impl Report for Stderr {
    fn problem(&mut self, path: &str, found: &Problem) {
        problem(path, found);
    }

    fn warning(&mut self, warning: &Warning) {
        message(&warning.to_string());
    }
}

/// A text as it may be shown: without characters that move the cursor, colour, hide or reorder the text around them.
/// Those are written as `\u{1b}`. Line breaks too: an imported text must not forge a line.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_harmful(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Line and paragraph separators; marks that turn the reading direction; invisible format characters.
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
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
