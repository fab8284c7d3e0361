//! The inline structure of a unit: code, links, images, emphasis, tags, with their byte ranges.
//!
//! As in CommonMark 0.31, "Inlines", read on the document itself, so that nothing must be mapped back. It shares the parsers of tags,
//! addresses and link ends with `markup`, which reads single segments; this one knows what is around them.

use std::ops::Range;

use super::lines::instruction;
use super::ticks::{Ticks, run_length};
use crate::markup::document::{Angle, Run, angle, entity_length, include, link_end, pair_runs};

/// An inline item that is not plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub start: usize,
    pub end: usize,
    pub kind: MarkKind,
}

impl Mark {
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The kinds of inline items. `Open` and `Close` have the range of the other half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkKind {
    /// `\*`
    Escape,
    /// `&gt;`
    Entity,
    /// A whole code span, or `<code>…</code>`.
    Code,
    /// `<https://…>`, `<xref:…>`, `<name@host>`
    Address,
    /// A whole image; the range of its alternative text.
    Image {
        text: (usize, usize),
    },
    /// `[!INCLUDE [x](y)]` and its like.
    Include,
    /// `[`; the range from `](` to `)`.
    LinkOpen {
        other: (usize, usize),
    },
    /// `](address)`; the start of the `[`.
    LinkClose,
    /// `**` and its like; the range of the closing ones.
    EmphasisOpen {
        other: (usize, usize),
    },
    EmphasisClose,
    /// A start tag; the range of the end tag if it has one in the unit.
    TagOpen {
        other: Option<(usize, usize)>,
    },
    /// An end tag; whether it has a start tag in the unit.
    TagClose {
        paired: bool,
    },
    /// `<img>`, `<a name="x"/>`
    TagEmpty,
    /// A start or end tag of a block element: text before and after it is never one segment.
    Block,
    /// `<pre>…`, `<script>…`, `<style>…` up to the end tag: no text.
    Raw,
    Comment,
    /// Two blanks or a backslash, and the line break.
    HardBreak,
    /// The marks of a block quote after a line break.
    Prefix,
}

/// How a unit is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// All marks, in a block quote of this depth.
    Markdown { quotes: usize },
    /// Tags, entities and addresses: the inside of an HTML block.
    Html { quotes: usize },
}

/// Memory for scans, reused for all units.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    pub marks: Vec<Mark>,
    runs: Vec<Run>,
    brackets: Vec<Bracket>,
    tags: Vec<OpenTag>,
    ticks: Ticks,
}

#[derive(Debug)]
struct Bracket {
    start: usize,
    image: bool,
    runs: usize,
}

#[derive(Debug)]
struct OpenTag {
    name: Range<usize>,
    mark: usize,
    /// The numbers of open brackets and of runs before it.
    brackets: usize,
    runs: usize,
}

/// Elements that are blocks, and `br`: HTML's, with those that only old documents have. Sorted.
#[rustfmt::skip]
const BLOCKS: [&str; 61] = [
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "col", "colgroup", "dd",
    "details", "dialog", "dir", "div", "dl", "dt", "embed", "fieldset", "figcaption", "figure", "footer", "form",
    "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend",
    "li", "link", "main", "menu", "menuitem", "nav", "noframes", "object", "ol", "optgroup", "option", "p",
    "param", "pre", "script", "section", "source", "style", "summary", "table", "tbody", "td", "tfoot", "th",
];
#[rustfmt::skip]
const MORE_BLOCKS: [&str; 6] = ["thead", "title", "tr", "track", "ul", "video"];

fn is_block(name: &str) -> bool {
    let listed = |names: &[&str]| {
        names
            .binary_search_by(|listed| listed.bytes().cmp(name.bytes().map(|b| b.to_ascii_lowercase())))
            .is_ok()
    };
    listed(&BLOCKS) || listed(&MORE_BLOCKS)
}

fn is_raw(name: &str) -> bool {
    ["pre", "script", "style"].iter().any(|raw| raw.eq_ignore_ascii_case(name))
}

/// The maximum depth of nested tags: the search for a start tag stops here.
const DEEPEST_TAG: usize = 64;

const fn table(marks: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
}

const MARKDOWN: [bool; 256] = table(b"\\&`<[]*_\n");
const HTML: [bool; 256] = table(b"<&\n");

impl Scanner {
    /// Fills `marks` with the items of a range of the text, sorted by their start.
    pub fn scan(&mut self, text: &str, range: Range<usize>, reading: Reading) {
        self.marks.clear();
        self.runs.clear();
        self.brackets.clear();
        self.tags.clear();
        self.ticks.clear();
        let special = match reading {
            Reading::Markdown { .. } => &MARKDOWN,
            Reading::Html { .. } => &HTML,
        };
        let bytes = &text.as_bytes()[range.clone()];
        let Some(first) = bytes.iter().position(|&byte| special[byte as usize]) else { return };
        let mut scan = Scan {
            out: self,
            text: &text[..range.end],
            start: range.start,
            reading,
            inactive: 0,
            unclosed_comment: false,
        };
        scan.run(special, range.start + first);
        self.marks.sort_unstable_by_key(|mark| (mark.start, mark.end));
        // What is inside code or raw text is no item of its own.
        let mut covered = 0;
        self.marks.retain(|mark| {
            let inside = mark.start < covered;
            if !inside && matches!(mark.kind, MarkKind::Code | MarkKind::Raw | MarkKind::Image { .. }) {
                covered = mark.end;
            }
            !inside
        });
    }
}

struct Scan<'s> {
    out: &'s mut Scanner,
    /// The document up to the end of the unit.
    text: &'s str,
    start: usize,
    reading: Reading,
    /// Links cannot contain links: brackets before this index are text.
    inactive: usize,
    unclosed_comment: bool,
}

impl Scan<'_> {
    fn run(&mut self, special: &[bool; 256], mut at: usize) {
        let bytes = self.text.as_bytes();
        loop {
            at = match bytes[at] {
                b'\\' => self.escape(at),
                b'&' => self.entity(at),
                b'`' => self.ticks(at),
                b'<' => self.angle(at),
                b'[' => self.bracket(at),
                b']' => self.close_bracket(at),
                b'\n' => self.line_break(at),
                _ => self.emphasis(at),
            };
            match bytes[at..].iter().position(|&byte| special[byte as usize]) {
                Some(skip) => at += skip,
                None => break,
            }
        }
        self.pair_runs_from(0);
    }

    fn mark(&mut self, start: usize, end: usize, kind: MarkKind) {
        self.out.marks.push(Mark { start, end, kind });
    }

    fn escape(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        match bytes.get(at + 1) {
            Some(b'\n') => {
                self.mark(at, at + 2, MarkKind::HardBreak);
                self.prefix(at + 2)
            }
            Some(b'\r') if bytes.get(at + 2) == Some(&b'\n') => {
                self.mark(at, at + 3, MarkKind::HardBreak);
                self.prefix(at + 3)
            }
            Some(next) if next.is_ascii_punctuation() => {
                self.mark(at, at + 2, MarkKind::Escape);
                // `\\\\` at the end of a line: the documents mean a hard break here too.
                if *next == b'\\' && bytes.get(at + 2) == Some(&b'\n') {
                    self.mark(at + 2, at + 3, MarkKind::HardBreak);
                    return self.prefix(at + 3);
                }
                at + 2
            }
            _ => at + 1,
        }
    }

    fn entity(&mut self, at: usize) -> usize {
        let Some(length) = entity_length(&self.text[at..]) else { return at + 1 };
        self.mark(at, at + length, MarkKind::Entity);
        at + length
    }

    fn line_break(&mut self, at: usize) -> usize {
        if matches!(self.reading, Reading::Markdown { .. }) {
            let line = &self.text.as_bytes()[self.start..at];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.ends_with(b"  ") {
                let start = self.start + line.len() - 2;
                self.mark(start, at + 1, MarkKind::HardBreak);
            }
        }
        self.prefix(at + 1)
    }

    /// The marks of a block quote at the start of a line.
    fn prefix(&mut self, start: usize) -> usize {
        let (Reading::Markdown { quotes } | Reading::Html { quotes }) = self.reading;
        let bytes = self.text.as_bytes();
        let (mut at, mut end) = (start, start);
        for _ in 0..quotes {
            while matches!(bytes.get(at), Some(b' ' | b'\t')) {
                at += 1;
            }
            if bytes.get(at) != Some(&b'>') {
                break;
            }
            at += 1;
            end = at;
        }
        if end > start {
            self.mark(start, end, MarkKind::Prefix);
        }
        end
    }

    fn ticks(&mut self, at: usize) -> usize {
        match self.out.ticks.code_span(self.text.as_bytes(), at) {
            Ok(end) => {
                self.mark(at, end, MarkKind::Code);
                end
            }
            Err(after) => after,
        }
    }

    fn angle(&mut self, at: usize) -> usize {
        let begins_comment = self.text[at..].starts_with("<!--");
        if begins_comment && self.unclosed_comment {
            return at + 1;
        }
        let Some((length, angle)) = angle(&self.text[at..]) else {
            self.unclosed_comment |= begins_comment;
            if let Some(length) = reference(&self.text[at..]) {
                self.mark(at, at + length, MarkKind::Address);
                return at + length;
            }
            let other = matches!(self.reading, Reading::Html { .. }).then(|| other_tag(&self.text[at..]));
            let Some(length) = other.flatten() else { return at + 1 };
            self.mark(at, at + length, MarkKind::Block);
            return at + length;
        };
        let end = at + length;
        let name_at = |offset: usize, name: &str| at + offset..at + offset + name.len();
        match angle {
            Angle::OpenTag { name, .. } if is_raw(name) => {
                let stop = self.raw_end(end, name);
                self.mark(at, end, MarkKind::Block);
                self.mark(end, stop, MarkKind::Raw);
                return stop;
            }
            Angle::OpenTag { name, .. } | Angle::CloseTag { name } | Angle::EmptyTag { name }
                if is_block(name) =>
            {
                self.mark(at, end, MarkKind::Block);
            }
            Angle::OpenTag { name, .. } => {
                let mark = self.out.marks.len();
                self.mark(at, end, MarkKind::TagOpen { other: None });
                let (brackets, runs) = (self.out.brackets.len(), self.out.runs.len());
                self.out.tags.push(OpenTag { name: name_at(1, name), mark, brackets, runs });
            }
            Angle::CloseTag { name } => {
                let tags = &mut self.out.tags;
                let same = |tag: &OpenTag| self.text[tag.name.clone()].eq_ignore_ascii_case(name);
                let opened = tags.iter().rev().take(DEEPEST_TAG).position(same);
                if let Some(back) = opened {
                    let open = tags.len() - 1 - back;
                    let OpenTag { mark, brackets, runs, .. } = tags[open];
                    tags.truncate(open);
                    let start = self.out.marks[mark].start;
                    if name.eq_ignore_ascii_case("code") {
                        self.out.marks[mark] = Mark { start, end, kind: MarkKind::Code };
                        self.out.brackets.truncate(brackets);
                        self.out.runs.truncate(runs);
                        return end;
                    }
                    self.out.marks[mark].kind = MarkKind::TagOpen { other: Some((at, end)) };
                }
                self.mark(at, end, MarkKind::TagClose { paired: opened.is_some() });
            }
            Angle::EmptyTag { .. } => self.mark(at, end, MarkKind::TagEmpty),
            Angle::Xref | Angle::Autolink => self.mark(at, end, MarkKind::Address),
            Angle::Comment => self.mark(at, end, MarkKind::Comment),
        }
        end
    }

    /// The position of the end tag of raw text, or the end of the unit.
    fn raw_end(&self, from: usize, name: &str) -> usize {
        let is_end = |&(at, _): &(usize, &str)| {
            self.text.as_bytes()[at + 2..]
                .get(..name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        };
        let ends = self.text[from..].match_indices("</").map(|(at, found)| (from + at, found));
        ends.into_iter().find(is_end).map_or(self.text.len(), |(at, _)| at)
    }

    fn bracket(&mut self, at: usize) -> usize {
        if let Some(length) = include(&self.text[at..]).or_else(|| instruction(&self.text[at..])) {
            self.mark(at, at + length, MarkKind::Include);
            return at + length;
        }
        let escaped =
            self.out.marks.last().is_some_and(|mark| mark.end == at && mark.kind == MarkKind::Escape);
        let image = at > self.start && self.text.as_bytes()[at - 1] == b'!' && !escaped;
        self.out.brackets.push(Bracket { start: at - image as usize, image, runs: self.out.runs.len() });
        at + 1
    }

    fn close_bracket(&mut self, at: usize) -> usize {
        let depth = self.out.brackets.len().saturating_sub(1);
        let Some(open) = self.out.brackets.pop() else { return at + 1 };
        let inactive = !open.image && depth < self.inactive;
        self.inactive = self.inactive.min(depth);
        let Some(length) =
            link_end(&self.text[at..]).or_else(|| loose_link_end(&self.text[at..])).filter(|_| !inactive)
        else {
            return at + 1;
        };
        self.pair_runs_from(open.runs);
        let end = at + length;
        if open.image {
            self.mark(open.start, end, MarkKind::Image { text: (open.start + 2, at) });
        } else {
            self.mark(open.start, open.start + 1, MarkKind::LinkOpen { other: (at, end) });
            self.mark(at, end, MarkKind::LinkClose);
            self.inactive = depth;
        }
        end
    }

    fn emphasis(&mut self, at: usize) -> usize {
        let length = run_length(self.text.as_bytes(), at);
        let before = self.text[self.start..at].chars().next_back().unwrap_or(' ');
        let after = self.text[at + length..].chars().next().unwrap_or(' ');
        self.out.runs.extend(Run::new(self.text.as_bytes()[at], at, length, before, after));
        at + length
    }

    fn pair_runs_from(&mut self, first: usize) {
        if first >= self.out.runs.len() {
            return;
        }
        let marks = &mut self.out.marks;
        pair_runs(&mut self.out.runs[first..], |_, open, close| {
            marks.push(Mark { start: open.0, end: open.1, kind: MarkKind::EmphasisOpen { other: close } });
            marks.push(Mark { start: close.0, end: close.1, kind: MarkKind::EmphasisClose });
        });
        self.out.runs.truncate(first);
    }
}

/// The length of `](an address)` with blanks in the address, which CommonMark takes for text.
fn loose_link_end(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("](")?;
    let length =
        inside.bytes().take(LONGEST_ADDRESS).position(|byte| matches!(byte, b'(' | b')' | b'"' | b'\n'))?;
    (inside.as_bytes()[length] == b')').then_some(length + 3)
}

/// The maximum length of an address with blanks.
const LONGEST_ADDRESS: usize = 400;

/// The length of `<xref:a name>`, also with blanks, which CommonMark allows in no address.
fn reference(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("<xref:")?;
    let length = inside.bytes().take(LONGEST_TAG).position(|byte| matches!(byte, b'<' | b'>' | b'\n'))?;
    (inside.as_bytes()[length] == b'>').then_some("<xref:".len() + length + 1)
}

/// The length of a tag of an unknown element, or of a processing instruction: XML inside an HTML block.
fn other_tag(text: &str) -> Option<usize> {
    let first = text[1..].trim_start_matches('/').chars().next()?;
    if !(first.is_ascii_alphabetic() || matches!(first, '?' | '!')) {
        return None;
    }
    let name = text[2..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
    if !name.starts_with(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>') {
        return None;
    }
    let length = text[1..].bytes().take(LONGEST_TAG).position(|byte| matches!(byte, b'<' | b'>'))?;
    let is_tag =
        matches!(first, '?' | '!') || text[1..].starts_with('/') || text.as_bytes()[..length].contains(&b'=');
    (is_tag && text.as_bytes()[1 + length] == b'>').then_some(length + 2)
}

/// The maximum length of a tag.
const LONGEST_TAG: usize = 10_000;
