//! Lines that are instructions to the renderer, and no text: `:::` blocks, `[!NOTE]`, includes.

use std::ops::Range;

use crate::markup::document::include;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Text,
    /// The whole line is no text, and separates the text before from that after.
    Separator,
    /// Text after a marker such as `[!NOTE]`, which begins at the given position.
    Marked,
}

/// The lines of a range, without the marks of block quotes at their starts.
pub(super) fn lines(
    document: &str,
    range: Range<usize>,
    quotes: usize,
) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        if at >= range.end {
            return None;
        }
        let bytes = &document.as_bytes()[..range.end];
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(range.end, |length| at + length + 1);
        let mut start = at;
        if at > range.start {
            for _ in 0..quotes {
                let marks =
                    start + bytes[start..end].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
                if bytes.get(marks) != Some(&b'>') {
                    break;
                }
                start = marks + 1;
            }
        }
        at = end;
        Some(start..end)
    })
}

/// Whether a text, that of a cell, is an instruction to the renderer as a whole.
pub(super) fn is_instruction(text: &str) -> bool {
    kind(text, 0..text.len(), true).0 == Line::Separator
}

/// The kind of a line, and where its text begins.
pub(super) fn kind(document: &str, line: Range<usize>, is_first: bool) -> (Line, usize) {
    let text = &document[line.clone()];
    let content = text.trim_start();
    if let Some(quoted) = content.strip_prefix('>').filter(|_| !is_first) {
        // A block quote that is indented by four, so that CommonMark takes it for text.
        return match kind(document, line.end - quoted.len()..line.end, true) {
            (Line::Text, start) => marked(line.clone(), &document[start..line.end]),
            other => other,
        };
    }
    if content.starts_with(":::") || is_block_behind_text(content.trim_end()) {
        return (Line::Separator, line.end);
    }
    if !content.starts_with("[!") {
        let after = match is_first {
            true => tight_heading(content),
            false => tight_heading(content).or_else(|| marker(content)),
        };
        return after.map_or((Line::Text, line.start), |after| marked(line, after));
    }
    if let Some(after) = alert(content) {
        return marked(line, after);
    }
    let mut rest = content.trim_end();
    while let Some(length) = include(rest).or_else(|| instruction(rest)) {
        rest = rest[length..].trim_start();
    }
    match rest.is_empty() {
        true => (Line::Separator, line.end),
        false => (Line::Text, line.start),
    }
}

/// `text :::image source="x":::`: what is before such a block is no segment.
fn is_block_behind_text(line: &str) -> bool {
    let Some(before) = line.strip_suffix(":::") else { return false };
    before.match_indices(":::").any(|(at, _)| before[at + 3..].starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The kind of a line with a marker, and `after` it a text or nothing.
fn marked(line: Range<usize>, after: &str) -> (Line, usize) {
    match after.trim_start() {
        "" => (Line::Separator, line.end),
        text => (Line::Marked, line.end - text.len()),
    }
}

/// The text after `##` without a blank, which CommonMark takes for a paragraph. The documents mean a heading.
fn tight_heading(text: &str) -> Option<&str> {
    let after = text.trim_start_matches('#');
    let marks = text.len() - after.len();
    ((2..=6).contains(&marks) && !after.starts_with(char::is_whitespace)).then_some(after)
}

/// The text after a list marker. Inside a paragraph, CommonMark has no list where the marker is indented by four, nor one that begins
/// with another number than 1; the documents mean one.
fn marker(text: &str) -> Option<&str> {
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let after = match text.len() - number.len() {
        0 => text.strip_prefix(['-', '*', '+'])?,
        1..=9 => number.strip_prefix(['.', ')'])?,
        _ => return None,
    };
    (after.is_empty() || after.starts_with([' ', '\t', '\r', '\n'])).then_some(after)
}

/// The text after `[!NOTE]` and its like, of which there are five.
pub(super) fn alert(text: &str) -> Option<&str> {
    let inside = text.strip_prefix("[!")?;
    let name = inside.bytes().take("IMPORTANT]".len()).position(|byte| byte == b']')?;
    ["NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"]
        .iter()
        .any(|alert| alert.eq_ignore_ascii_case(&inside[..name]))
        .then(|| &inside[name + 1..])
}

/// The length of `[!div class="x"]`, `[!VIDEO address]` or `[!code-csharp[x](a path)]` at the start of a text.
pub(super) fn instruction(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("[!")?;
    let name = inside.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
    let is = |known: &str| {
        inside[..name].get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known))
    };
    let end: &[u8] = match () {
        () if is("code") => b")]",
        () if is("div") || is("video") => b"]",
        () => return None,
    };
    // On one line, and not endless: there can be one of these at each bracket of a hostile text.
    let bytes = &inside.as_bytes()[..inside.len().min(LONGEST_INSTRUCTION)];
    let line = &bytes[..memchr::memchr(b'\n', bytes).unwrap_or(bytes.len())];
    let found = memchr::memmem::find(line, end)?;
    Some(2 + found + end.len())
}

/// The maximum length of an instruction such as `[!code-csharp[x](y)]`, which is some 200 bytes long.
const LONGEST_INSTRUCTION: usize = 2_000;
