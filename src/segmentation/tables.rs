//! Tables, by the rule of these documents: a line with `|` and a delimiter row below it begin one, also inside a paragraph, also with
//! another number of columns. A `|` in a code span or after a backslash does not separate cells.

use std::ops::Range;

use super::lines::lines;
use super::ticks::Ticks;

/// Calls `found` with the text before a table, and with each cell, trimmed. Returns where the text after the last table begins.
pub(super) fn cells(
    document: &str,
    range: Range<usize>,
    quotes: usize,
    mut found: impl FnMut(Option<Range<usize>>, Option<Range<usize>>),
) -> usize {
    let mut lines = lines(document, range.clone(), quotes).peekable();
    while let Some(line) = lines.next() {
        let Some(next) = lines.peek() else { break };
        if !document[line.clone()].contains('|') || !is_delimiter_row(&document[next.clone()]) {
            continue;
        }
        if line.start > range.start {
            found(Some(range.start..line.start), None);
        }
        row(document, line, &mut found);
        lines.next();
        for line in lines {
            row(document, line, &mut found);
        }
        return range.end;
    }
    range.start
}

/// `|---|:---:|`, with at least one `|`.
fn is_delimiter_row(line: &str) -> bool {
    let line = line.trim();
    let columns = line.strip_prefix('|').unwrap_or(line);
    let columns = columns.strip_suffix('|').unwrap_or(columns);
    line.contains('|')
        && columns.split('|').all(|column| {
            let column = column.trim();
            let dashes = column.strip_prefix(':').unwrap_or(column);
            let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
            !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-')
        })
}

fn row(
    document: &str,
    line: Range<usize>,
    found: &mut impl FnMut(Option<Range<usize>>, Option<Range<usize>>),
) {
    let text = document[line.clone()].trim_end();
    let mut start = line.start + (text.len() - text.trim_start().len());
    let text = text.trim_start();
    let end = start + text.len();
    let bytes = document.as_bytes();
    // A list marker before the first `|` is not part of a cell.
    let marker = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let marker = marker.strip_prefix(['-', '*', '+', '.', ')']).map(str::trim_start);
    if let Some(after) = marker.filter(|after| after.starts_with('|')) {
        start = end - after.len();
    }
    if bytes.get(start) == Some(&b'|') {
        start += 1;
    }
    let mut at = start;
    let mut cell = |range: Range<usize>| {
        let text = &document[range.clone()];
        let trimmed = text.trim_start_matches([' ', '\t']);
        let start = range.end - trimmed.len();
        let end = start + trimmed.trim_end_matches([' ', '\t', '\r', '\n']).len();
        if start < end {
            found(None, Some(start..end));
        }
    };
    let mut ticks = Ticks::default();
    while at < end {
        match bytes[at] {
            b'\\' if bytes.get(at + 1) == Some(&b'`') => at += 2,
            b'`' => at = ticks.code_span(&bytes[..end], at).unwrap_or_else(|after| after),
            b'|' if bytes[at - 1] != b'\\' => {
                cell(start..at);
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    if start < end {
        cell(start..end);
    }
}
