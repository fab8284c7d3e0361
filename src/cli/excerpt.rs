//! A text with marked places, cut to the width of the terminal.

use std::fmt::Write as _;
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::stdout;
use super::terminal::escape;

const HIT: Style = AnsiColor::Red.on_default().bold();

/// The layout of texts: on a terminal cut to its width around the first hit, else whole. Hits are in colour, or in `«»` without
/// colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excerpts {
    width: Option<usize>,
    marks: (&'static str, &'static str),
}

impl Excerpts {
    pub fn of_stdout() -> Excerpts {
        let coloured = stdout::is_styled();
        let width = stdout::is_terminal()
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(width, _)| usize::from(width.0).max(40));
        Excerpts { width, marks: if coloured { ("", "") } else { ("«", "»") } }
    }

    /// For a file: whole texts, without colour.
    pub fn of_file() -> Excerpts {
        Excerpts { width: None, marks: ("«", "»") }
    }

    /// Appends a text with its hits, after a label of so many columns.
    pub fn text(&self, text: &str, hits: &[Range<usize>], label: usize, out: &mut String) {
        let first = hits.first().cloned().unwrap_or(0..0);
        let window = match self.width {
            Some(width) => window(text, &first, width.saturating_sub(label)),
            None => 0..text.len(),
        };
        if window.start > 0 {
            out.push('…');
        }
        let mut done = window.start;
        for hit in hits {
            let (start, end) = (hit.start.max(done), hit.end.min(window.end));
            if start >= end {
                continue;
            }
            let (open, close) = self.marks;
            out.push_str(&escape(&text[done..start]));
            let _ = write!(out, "{HIT}{open}{}{close}{HIT:#}", escape(&text[start..end]));
            done = end;
        }
        out.push_str(&escape(&text[done..window.end]));
        if window.end < text.len() {
            out.push('…');
        }
    }
}

/// The part of a text that fits into so many columns with the hit in the middle. Wide characters have two columns.
fn window(text: &str, hit: &Range<usize>, width: usize) -> Range<usize> {
    if columns(text) <= width {
        return 0..text.len();
    }
    // Two columns are for the ellipses.
    let mut free = width.saturating_sub(2 + columns(&text[hit.clone()]));
    let (mut start, mut end) = (hit.start, hit.end.max(hit.start));
    loop {
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        let mut grown = false;
        if let Some(c) = before.filter(|&c| width_of(c) <= free) {
            (start, free, grown) = (start - c.len_utf8(), free - width_of(c), true);
        }
        if let Some(c) = after.filter(|&c| width_of(c) <= free) {
            (end, free, grown) = (end + c.len_utf8(), free - width_of(c), true);
        }
        if !grown {
            return start..end;
        }
    }
}

/// The width of a text on the terminal, escaped.
fn columns(text: &str) -> usize {
    escape(text).width()
}

fn width_of(c: char) -> usize {
    match c.width() {
        Some(width) => width,
        // Shown as `\u{1b}`.
        None => columns(c.encode_utf8(&mut [0; 4])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_around_the_hit_by_columns() {
        let text = "가나다라마바사아자차카타파하";
        let hit = text.find("사").map(|start| start..start + 3).unwrap();
        let cut = &text[window(text, &hit, 12)];
        assert_eq!(cut, "마바사아자");
        assert!(cut.width() + 2 <= 12);
        assert_eq!(window("short", &(0..0), 12), 0..5);
        assert_eq!(&"abcdefghijkl"[window("abcdefghijkl", &(0..1), 6)], "abcd");
    }
}
