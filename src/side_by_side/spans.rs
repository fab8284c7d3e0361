//! The span parser: finds `<span data-ttu-id>` and the source beside it in text of any kind.
//!
//! It works on the raw text. An HTML parser drops the `<T>` of `List<T>` and the `<xref:…>` links, in one source of a hundred.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::balance::{Balance, balance};
use super::quoting::Quoting;
use super::yaml_escapes::unescape_yaml;
use crate::model::{SegmentId, WrittenTexts, trim};

/// The start of an opening tag: `TAG`, `NAME` and `=`.
const OPEN: &str = "<span data-ttu-id=";
const TAG: &str = "<span ";
/// The attribute alone, which openings have that are damaged.
static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("data-ttu-id"));
static SOURCE_NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("data-stu-id"));
static MIDDLE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("</span><span class="));
static CLOSE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("</span></span>"));
const LOOKUP: &str = "sxs-lookup";
const SOURCE_ID: &str = "><span data-stu-id=";
/// The tags between target and source up to the id, and those after the source, in their usual form.
const PLAIN_MIDDLE: &str = "</span><span class=\"sxs-lookup\"><span data-stu-id=\"";
const PLAIN_CLOSE: &str = "</span></span>";

/// One segment as written in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// The id, the same for target and source.
    pub id: SegmentId<'a>,
    /// The 1-based line where the span opens.
    pub line: u32,
    /// The bytes from the opening tag to the last closing one.
    pub range: Range<usize>,
    /// The target text as written in the document.
    pub target: &'a str,
    /// The source text as written in the document.
    pub source: &'a str,
    /// How the opening tag is quoted.
    pub quoting: Quoting,
    /// Whether it is known to contain no line break, as of most.
    on_one_line: bool,
}

impl<'a> Span<'a> {
    /// The source text, unescaped and with line breaks folded.
    pub fn source_text(&self) -> Cow<'a, str> {
        self.normalized(self.source)
    }

    /// The target text, likewise.
    pub fn target_text(&self) -> Cow<'a, str> {
        self.normalized(self.target)
    }

    /// The texts as the document has them, given the two texts above; `None` if neither differs, as with most.
    pub fn written(&self, source: &str, target: &str) -> Option<Box<WrittenTexts<'a>>> {
        if self.quoting != Quoting::Yaml
            && self.on_one_line
            && (self.source.len(), self.target.len()) == (source.len(), target.len())
        {
            return None;
        }
        let differing = |raw: &'a str, text: &str| {
            let written = match self.quoting {
                Quoting::Plain | Quoting::Entity => Cow::Borrowed(raw),
                Quoting::Yaml => unescape_yaml(raw),
            };
            (written != text).then_some(written)
        };
        let (source, target) = (differing(self.source, source), differing(self.target, target));
        let differs = source.is_some() || target.is_some();
        differs.then(|| Box::new(WrittenTexts { source, target }))
    }

    fn normalized(&self, raw: &'a str) -> Cow<'a, str> {
        match self.quoting {
            Quoting::Plain | Quoting::Entity if self.on_one_line => Cow::Borrowed(trim_quickly(raw)),
            quoting => quoting.text(raw),
        }
    }
}

/// As [`trim`]. The ends of most texts are tested without decoding: visible characters of ASCII, and characters of three bytes from
/// U+3000 on, of which that one alone is white space.
fn trim_quickly(text: &str) -> &str {
    let starts_visible = match text.as_bytes() {
        [0xe3, 0x80, 0x80, ..] => false,
        [first, ..] => first.is_ascii_graphic() || *first >= 0xe3,
        [] => false,
    };
    let ends_visible = match text.as_bytes() {
        [.., 0xe3, 0x80, 0x80] => false,
        [.., 0xe3..=0xef, _, _] => true,
        [.., last] => last.is_ascii_graphic(),
        [] => false,
    };
    if starts_visible && ends_visible { text } else { trim(text) }
}

/// The number of line breaks. Most lines have no segment, so counting is faster than a search for each of them.
fn line_breaks(bytes: &[u8]) -> u32 {
    const CHUNK: usize = 64;
    // As a sum of bytes, which cannot overflow, the compiler makes vector instructions of it.
    let count = |chunk: &[u8; CHUNK]| chunk.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>();
    let (chunks, rest) = bytes.as_chunks();
    let mut last = [0; CHUNK];
    last[..rest.len()].copy_from_slice(rest);
    chunks.iter().chain([&last]).map(|chunk| u32::from(count(chunk))).sum()
}

/// A segment that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct SpanError {
    /// The 1-based line of the opening.
    pub line: u32,
    /// The bytes of the readable part of the opening tag.
    pub range: Range<usize>,
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Why {
    #[error(
        "data-ttu-id is not in a tag that opens as <span data-ttu-id=\"0a1b2-101\">; if a segment begins here, it was not read"
    )]
    NoOpening,
    #[error("data-stu-id without any data-ttu-id in the document; if it has segments, they were not read")]
    SourceAlone,
    #[error("a span opens with data-ttu-id but without an id such as 0a1b2-101: {0}")]
    NoId(String),
    #[error("segment {0} has no source: no sxs-lookup span with its id follows before the next segment")]
    NoSource(String),
    #[error("segment {0} stands beside the source of {1}: the ids differ")]
    IdsDiffer(String, String),
    #[error(
        "segment {0} is cut off: its source does not end before the next segment or the end of the document"
    )]
    CutOff(String),
}

/// An iterator over the segments of a text, in document order, with an error for each unreadable one. A text that holds
/// `data-ttu-id` or `data-stu-id` has at least one item.
pub struct Spans<'a> {
    text: &'a str,
    /// The next opening tag. It was found when the previous one was read, so each byte is searched once.
    next_open: Option<usize>,
    /// Whether the attribute occurs before the next opening tag: in a damaged opening, or as a word.
    has_other_names: bool,
    /// The end of what was read: of a segment, or of the readable part of an opening.
    read_to: usize,
    /// The first mention of the attribute that is not a segment, while there is no item.
    mention: Option<SpanError>,
    /// Whether there was an item.
    has_items: bool,
    /// The last position whose line was asked for, and the number of that line.
    line_known_at: usize,
    line: u32,
}

impl<'a> Spans<'a> {
    /// Reads a document's text, or any part of one.
    pub fn new(text: &'a str) -> Self {
        let mut spans = Spans {
            text,
            next_open: None,
            has_other_names: false,
            read_to: 0,
            mention: None,
            has_items: false,
            line_known_at: 0,
            line: 1,
        };
        spans.find_open(0);
        spans
    }

    /// Finds the next opening tag from a position on. One search finds the damaged ones too.
    fn find_open(&mut self, from: usize) {
        let bytes = &self.text.as_bytes()[from..];
        (self.next_open, self.has_other_names) = (None, false);
        // Two of three segments follow the one before at once. What is shorter than the name does not contain it.
        let near = &bytes[..bytes.len().min(NAME.needle().len())];
        if let Some(tag) = near.iter().position(|&byte| byte == b'<')
            && bytes[tag..].starts_with(OPEN.as_bytes())
        {
            self.next_open = Some(from + tag);
            return;
        }
        for name in NAME.find_iter(bytes) {
            if bytes[..name].ends_with(TAG.as_bytes()) && bytes.get(name + NAME.needle().len()) == Some(&b'=')
            {
                self.next_open = Some(from + name - TAG.len());
                return;
            }
            self.has_other_names = true;
        }
    }

    /// The line number of a position, which is not before that of the last call.
    fn line_at(&mut self, place: usize) -> u32 {
        let place = place.max(self.line_known_at);
        self.line += line_breaks(&self.text.as_bytes()[self.line_known_at..place]);
        self.line_known_at = place;
        self.line
    }

    /// The next `data-ttu-id` before the next opening, if it belongs to a segment whose opening is damaged.
    fn damaged_opening(&mut self) -> Option<SpanError> {
        if !self.has_other_names {
            return None;
        }
        let limit = self.next_open.unwrap_or(self.text.len());
        while let Some(found) = NAME.find(&self.text.as_bytes()[self.read_to..limit]) {
            let start = self.read_to + found;
            self.read_to = start + NAME.needle().len();
            let is_damaged = is_attribute(&self.text[self.read_to..]);
            if !is_damaged && (self.has_items || self.mention.is_some()) {
                continue;
            }
            let line = self.line_at(start);
            let error = SpanError { line, range: start..self.read_to, why: Why::NoOpening };
            if is_damaged {
                return Some(error);
            }
            self.mention = Some(error);
        }
        None
    }

    /// The first source of a text without any `data-ttu-id`.
    fn source_alone(&mut self) -> Option<SpanError> {
        let found = SOURCE_NAME.find(self.text.as_bytes())?;
        // No line was counted: there was nothing to read.
        let line = self.line_at(found);
        Some(SpanError { line, range: found..found + SOURCE_NAME.needle().len(), why: Why::SourceAlone })
    }

    /// Reads the segment that opens at `open` if there is no other tag in it and no line break, as in nine of ten, and all quotation
    /// marks are plain.
    fn read_plain(&self, open: usize, line: u32) -> Option<Span<'a>> {
        let text = self.text;
        // At a line break, there is no tag.
        let next_tag = |from: usize| Some(from + memchr::memchr2(b'<', b'\n', &text.as_bytes()[from..])?);
        let (quoting, id, target_start) = quoted_id(text, open + OPEN.len())?;
        let target_end = next_tag(target_start)?;
        let source_id = text[target_end..].strip_prefix(PLAIN_MIDDLE)?;
        let source = source_id.strip_prefix(id.as_str())?.strip_prefix("\">")?;
        let source_start = text.len() - source.len();
        let source_end = next_tag(source_start)?;
        text[source_end..].starts_with(PLAIN_CLOSE).then(|| Span {
            id,
            line,
            range: open..source_end + PLAIN_CLOSE.len(),
            target: &text[target_start..target_end],
            source: &text[source_start..source_end],
            quoting,
            on_one_line: true,
        })
    }

    /// Reads the segment that opens at `open`. `limit` is the next opening, or the end.
    fn read(&self, open: usize, limit: usize, line: u32) -> Result<Span<'a>, (Why, usize)> {
        let text = self.text;
        let after_tag = open + OPEN.len();
        let Some((quoting, id, target_start)) = quoted_id(text, after_tag) else {
            let shown = text[open..limit].chars().take(60).take_while(|&c| c != '\n').collect();
            return Err((Why::NoId(shown), after_tag));
        };
        let owned = || id.as_str().to_owned();

        let mut other_id = None;
        let mut from = target_start;
        let (target_end, source_start) = loop {
            let Some(found) = MIDDLE.find(&text.as_bytes()[from..limit]) else {
                let why = match other_id {
                    Some(other) => Why::IdsDiffer(owned(), other),
                    None => Why::NoSource(owned()),
                };
                return Err((why, target_start));
            };
            let place = from + found;
            from = place + MIDDLE.needle().len();
            match source_id(text, from, id) {
                Some((SourceId::Same, start)) => break (place, start),
                Some((SourceId::Other(other), _)) => {
                    other_id.get_or_insert_with(|| other.as_str().to_owned());
                }
                None => {}
            }
        };
        let target = &text[target_start..target_end];

        let Some(source_end) = source_end(&text[..limit], source_start, balance(target)) else {
            return Err((Why::CutOff(owned()), target_start));
        };
        Ok(Span {
            id,
            line,
            range: open..source_end + CLOSE.needle().len(),
            target,
            source: &text[source_start..source_end],
            quoting,
            on_one_line: false,
        })
    }
}

impl<'a> Iterator for Spans<'a> {
    type Item = Result<Span<'a>, SpanError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(damaged) = self.damaged_opening() {
            self.has_items = true;
            return Some(Err(damaged));
        }
        let Some(open) = self.next_open else {
            let only =
                (!self.has_items).then(|| self.mention.take().or_else(|| self.source_alone())).flatten();
            self.has_items = true;
            return only.map(Err);
        };
        self.has_items = true;
        let line = self.line_at(open);
        let read = match self.read_plain(open, line) {
            Some(span) => {
                self.find_open(span.range.end);
                Ok(span)
            }
            None => {
                self.find_open(open + OPEN.len());
                self.read(open, self.next_open.unwrap_or(self.text.len()), line)
            }
        };
        let read = read.map_err(|(why, end)| SpanError { line, range: open..end, why });
        self.read_to = read.as_ref().map_or_else(|error| error.range.end, |span| span.range.end);
        Some(read)
    }
}

/// Whether a value or an id follows the name of the attribute, after which the text begins. Otherwise it is a word of a sentence.
fn is_attribute(text: &str) -> bool {
    /// The length of `=&quot;`, with a character to spare.
    const NEAR: usize = 8;
    let has_id = |at: usize| text.get(at..).is_some_and(|text| SegmentId::at_start_of(text).is_some());
    text.trim_start().starts_with('=') || (0..NEAR).any(has_id)
}

/// Parses `"41488-107">` at `at`. Returns the quoting, the id, and the end of the tag.
fn quoted_id(text: &str, at: usize) -> Option<(Quoting, SegmentId<'_>, usize)> {
    let (quoting, rest) = Quoting::strip(&text[at..])?;
    let id = SegmentId::at_start_of(rest)?;
    let (_, rest) = Quoting::strip(&rest[id.as_str().len()..])?;
    let rest = rest.strip_prefix('>')?;
    Some((quoting, id, text.len() - rest.len()))
}

/// The owner of the source in a sxs-lookup span.
enum SourceId<'a> {
    Same,
    Other(SegmentId<'a>),
}

/// Parses `"sxs-lookup"><span data-stu-id="41488-107">` at `at`. Returns whether the id is `wanted`, and the start of the source.
fn source_id<'a>(text: &'a str, at: usize, wanted: SegmentId<'_>) -> Option<(SourceId<'a>, usize)> {
    let (_, rest) = Quoting::strip(&text[at..])?;
    let (_, rest) = Quoting::strip(rest.strip_prefix(LOOKUP)?)?;
    let rest = rest.strip_prefix(SOURCE_ID)?;
    let (_, id) = Quoting::strip(rest)?;
    let same = || Quoting::strip(id.strip_prefix(wanted.as_str())?)?.1.strip_prefix('>');
    if let Some(source) = same() {
        return Some((SourceId::Same, text.len() - source.len()));
    }
    let (_, id, start) = quoted_id(text, text.len() - rest.len())?;
    Some((SourceId::Other(id), start))
}

/// The end of the source that starts at `start`.
///
/// A segment can contain a span of the author's own, so the first `</span></span>` is not always the end. Target and source have
/// the same inner markup: the end is the first one at which the source has as many open spans as the target (`wanted`).
/// If there is no such end, the first `</span></span>` is used.
fn source_end(text: &str, start: usize, wanted: isize) -> Option<usize> {
    let bytes = text.as_bytes();
    let first = start + CLOSE.find(&bytes[start..])?;
    let mut balance = Balance::from(start);
    let mut end = first;
    loop {
        if balance.up_to(text, end) == wanted {
            return Some(end);
        }
        // Advance by one tag, not by two: the end in `</span></span></span>` can be the first or the second tag.
        let from = end + "</span>".len();
        match CLOSE.find(&bytes[from..]) {
            Some(found) => end = from + found,
            None => return Some(first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_trim_agree_on_each_character_at_either_end() {
        for character in (0..=0x10FFFF).filter_map(char::from_u32) {
            for (before, after) in
                [("", ""), ("a", ""), ("", "a"), ("한", ""), ("", "한"), (" é", ""), ("", "é ")]
            {
                let text = format!("{before}{character}{after}");
                assert_eq!(trim_quickly(&text), trim(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn line_breaks_are_counted_at_each_position() {
        for length in 0..300 {
            let text: Vec<u8> = (0..length).map(|at| if at * at % 7 < 2 { b'\n' } else { b'a' }).collect();
            let expected = text.iter().filter(|&&byte| byte == b'\n').count();
            assert_eq!(line_breaks(&text) as usize, expected, "{length}");
            assert_eq!(line_breaks(&vec![b'\n'; length]) as usize, length);
        }
    }

    #[test]
    fn an_opening_is_found_at_each_distance_from_the_segment_before() {
        let segment = |id: u32| {
            format!(
                "<span data-ttu-id=\"0a1b2-{id}\">가</span><span class=\"sxs-lookup\">\
                 <span data-stu-id=\"0a1b2-{id}\">a</span></span>"
            )
        };
        for gap in ["", "\n", "a\n\nb", "<br>", "data-ttu-id", "<data-ttu-id", " data-ttu-id=\"0a1b2-9\">"] {
            for before in 0..30 {
                let gap = format!("{}{gap}", " ".repeat(before));
                let text = format!("{}{gap}{}", segment(1), segment(2));
                let found: Vec<_> = Spans::new(&text).collect();
                let ranges = found.iter().flatten().map(|span| (span.range.start, span.line));
                let line = 1 + gap.matches('\n').count() as u32;
                assert!(ranges.eq([(0, 1), (segment(1).len() + gap.len(), line)]), "{gap:?}");
                assert_eq!(
                    found.iter().filter(|found| found.is_err()).count(),
                    usize::from(gap.contains('='))
                );
            }
        }
    }
}
