//! The texts of a YAML document: scalars of the keys that hold text, as Markdown, with the way back to the document.
//!
//! Line by line, as `side_by_side::metadata` reads: what is no valid YAML must not cost the rest.

use std::ops::Range;

use crate::side_by_side::Quoting;

/// The keys whose values are texts, in the schemas of documents: tutorials, hubs, landing pages, questions and answers.
const KEYS: [&str; 10] = [
    "abstract",
    "answer",
    "content",
    "description",
    "header",
    "note",
    "question",
    "summary",
    "text",
    "title",
];

/// One scalar, decoded.
#[derive(Debug)]
pub(super) struct Scalar {
    /// Its text, which is Markdown.
    pub text: String,
    /// The quoting in the document.
    pub quoting: Quoting,
    /// Positions in the text and in the document at which a stretch begins that is the same in both.
    runs: Vec<(usize, usize)>,
    /// Where it ends in the document.
    end: usize,
}

impl Scalar {
    fn new(quoting: Quoting, end: usize) -> Scalar {
        Scalar { text: String::new(), quoting, runs: Vec::new(), end }
    }

    /// The range in the document of a range of the text.
    pub fn range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.position(range.start);
        // The end of the last character, not the start of what is behind it.
        let last = self.text[range.clone()].chars().next_back().map_or(0, char::len_utf8);
        let end = match range.end.checked_sub(last).filter(|_| last > 0) {
            Some(at) if self.is_escaped(at) => self.position(range.end),
            Some(at) => self.position(at) + last,
            None => start,
        };
        start..end.max(start)
    }

    fn position(&self, at: usize) -> usize {
        let run = self.runs.partition_point(|&(text, _)| text <= at);
        match run.checked_sub(1) {
            Some(run) if at < self.text.len() => self.runs[run].1 + (at - self.runs[run].0),
            _ => self.end,
        }
    }

    /// Whether the character at a position is written as an escape: the document has other bytes for it.
    fn is_escaped(&self, at: usize) -> bool {
        let run = self.runs.partition_point(|&(text, _)| text <= at);
        let next = self.runs.get(run);
        run.checked_sub(1).is_some_and(|run| {
            let (text, document) = self.runs[run];
            next.is_some_and(|&(next_text, next_document)| {
                text == at && next_document - document != next_text - text
            })
        })
    }

    fn push(&mut self, text: &str, at: usize) {
        self.runs.push((self.text.len(), at));
        self.text.push_str(text);
    }
}

/// Calls `found` with the texts of a document, in order.
pub(super) fn scalars(document: &str, mut found: impl FnMut(&Scalar)) {
    let mut at = 0;
    // Metadata are localized with no source beside them: what is indented more than this key is left out.
    let mut metadata: Option<usize> = None;
    while at < document.len() {
        let line = line(document, at);
        let content = line.trim_start_matches([' ', '-', '\u{feff}']);
        let (indent, start) = (line.len() - content.len(), at + line.len() - content.len());
        at += line.len();
        if content.trim().is_empty() || content.starts_with('#') {
            continue;
        }
        if metadata.is_some_and(|outer| indent > outer) {
            continue;
        }
        metadata = content.starts_with("metadata:").then_some(indent);
        let Some(colon) =
            content.find(':').filter(|&colon| content[colon + 1..].starts_with([' ', '\r', '\n']))
        else {
            continue;
        };
        let after = &content[colon + 1..];
        let value = start + colon + 1 + (after.len() - after.trim_start_matches(' ').len());
        let is_text = KEYS.contains(&&content[..colon]);
        match document.as_bytes().get(value) {
            Some(b'>' | b'|') => {
                let (scalar, end) = block(document, at, indent, document.as_bytes()[value] == b'>');
                at = end;
                is_text.then(|| found(&scalar));
            }
            Some(b'"') => {
                if let Some((scalar, end)) = double_quoted(document, value + 1) {
                    at = at.max(end);
                    is_text.then(|| found(&scalar));
                }
            }
            Some(b'\'') if is_text => {
                let text = document[value + 1..at].trim_end();
                if let Some(text) = text.strip_suffix('\'') {
                    found(&plain(text, value + 1));
                }
            }
            Some(_) if is_text => {
                let text = &document[value..at];
                let text = text.find(" #").map_or(text, |comment| &text[..comment]).trim_end();
                if !text.is_empty() && !text.starts_with(['[', '{', '&', '*', '!']) {
                    found(&plain(text, value));
                }
            }
            _ => {}
        }
        at = next_line(document, at);
    }
}

/// The line at a position, with its line break.
fn line(document: &str, at: usize) -> &str {
    &document
        [at..memchr::memchr(b'\n', &document.as_bytes()[at..]).map_or(document.len(), |end| at + end + 1)]
}

/// The start of the line at a position, or of the next one.
fn next_line(document: &str, at: usize) -> usize {
    match at == 0 || document.as_bytes().get(at - 1) == Some(&b'\n') {
        true => at,
        false => at + line(document, at).len(),
    }
}

fn plain(text: &str, at: usize) -> Scalar {
    let mut scalar = Scalar::new(Quoting::Plain, at + text.len());
    scalar.push(text, at);
    scalar
}

/// A block scalar (YAML 1.2.2, section 8.1) whose first line is at `at`, below a key with this indentation; and where it ends.
fn block(document: &str, start: usize, outer: usize, is_folded: bool) -> (Scalar, usize) {
    let mut scalar = Scalar::new(Quoting::Plain, start);
    let (mut at, mut indent) = (start, None);
    // Line breaks before the next line with text, and whether the last one was indented more.
    let (mut breaks, mut was_deeper) = (0, true);
    while at < document.len() {
        let line = line(document, at);
        let content = line.trim_start_matches(' ');
        let depth = line.len() - content.len();
        if content.trim().is_empty() {
            breaks += 1;
            at += line.len();
            continue;
        }
        if depth <= outer {
            break;
        }
        let indent = *indent.get_or_insert(depth);
        if depth < indent {
            break;
        }
        let is_deeper = depth > indent || content.starts_with('\t');
        let keeps_break = !is_folded || is_deeper || was_deeper;
        match (breaks, keeps_break) {
            (0, false) => scalar.push(" ", at - 1),
            (0, true) => scalar.push(if scalar.text.is_empty() { "" } else { "\n" }, at - 1),
            (breaks, false) => scalar.push(&"\n".repeat(breaks), at - 1),
            (breaks, true) => scalar.push(&"\n".repeat(breaks + 1), at - 1),
        }
        (breaks, was_deeper) = (0, is_deeper);
        let text = line[indent..].trim_end_matches(['\r', '\n']);
        scalar.push(text, at + indent);
        scalar.end = at + indent + text.len();
        at += line.len();
    }
    (scalar, at)
}

/// A double-quoted scalar after its quotation mark, and the position after the closing one; `None` if it is not closed.
fn double_quoted(document: &str, start: usize) -> Option<(Scalar, usize)> {
    let bytes = document.as_bytes();
    let mut scalar = Scalar::new(Quoting::Yaml, start);
    let mut at = start;
    loop {
        let stop = at + memchr::memchr3(b'"', b'\\', b'\n', &bytes[at..])?;
        if at < stop {
            scalar.push(&document[at..stop], at);
        }
        at = match bytes[stop] {
            b'"' => {
                scalar.end = stop;
                return Some((scalar, stop + 1));
            }
            b'\n' => {
                // A line break in the document is a blank of the text.
                scalar.push(" ", stop);
                let rest = &document[stop + 1..];
                stop + 1 + (rest.len() - rest.trim_start_matches([' ', '\t']).len())
            }
            _ => {
                let next = document[stop + 1..].chars().next()?;
                let digits = match next {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    _ => 0,
                };
                let end = stop + 1 + next.len_utf8() + digits;
                let escape = document.get(stop..end)?;
                scalar.push(&crate::side_by_side::unescape_yaml(escape), stop);
                end
            }
        };
    }
}
