//! The lexer: splits a segment's text into pieces. One pass finds marks from left to right, a second one resolves pairs.

use std::borrow::Cow;

use super::emphasis::{Run, pair_runs};
use super::entity::entity;
use super::html::{Angle, angle};
use super::link;
use super::piece::{Code, Piece, PieceKind};

/// The pieces of a segment's text, in order. Their raw slices, joined, are the text.
///
/// ```
/// use bitext::markup::{Code, PieceKind, pieces};
///
/// let pieces = pieces("**Save** `List<string>` as");
/// assert_eq!(pieces[0].kind, PieceKind::Open { code: Code::Bold, partner: 2 });
/// assert_eq!(pieces[5].raw, "List<string>");
/// ```
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    if !has_markup(text) {
        let whole = (!text.is_empty()).then_some(Piece { raw: text, kind: PieceKind::Text });
        return whole.into_iter().collect();
    }
    let mut scan = Scan::new(text);
    scan.run();
    scan.into_pieces()
}

/// Whether the text holds any character that could be a mark; most segments do not.
pub(crate) fn has_markup(text: &str) -> bool {
    text.bytes().any(|b| SPECIAL[b as usize])
}

const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let marks = b"\\&`<[]*_~";
    let mut at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

/// A slice of the text that is not plain text.
pub(super) struct Mark<'a> {
    start: usize,
    end: usize,
    what: What<'a>,
}

enum What<'a> {
    Escape,
    Entity(Cow<'a, str>),
    /// One half of the pair with this number.
    Half(Code<'a>, Half, usize),
    Alone(Code<'a>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Open,
    Close,
}

/// A `[` or `![` that may begin a link or an image.
struct Bracket {
    start: usize,
    image: bool,
    /// Whether a letter or digit is directly before it: `array[0]`.
    after_word: bool,
    /// The number of open runs of `*`, `_` and `~` before it.
    runs: usize,
}

/// An opening tag without its closing tag so far.
struct OpenTag<'a> {
    name: &'a str,
    mark: usize,
}

/// The maximum depth of nested tags: the search for an opening tag stops here.
const DEEPEST_TAG: usize = 64;

struct Scan<'a> {
    text: &'a str,
    marks: Vec<Mark<'a>>,
    pairs: usize,
    runs: Vec<Run>,
    brackets: Vec<Bracket>,
    /// Links cannot contain links: brackets before this index are text.
    inactive: usize,
    tags: Vec<OpenTag<'a>>,
    /// Marks of tags that are text unless their partner follows: `Task<object>`.
    doubtful: Vec<usize>,
    /// Lengths of runs of backticks that do not occur again.
    unclosed_ticks: Vec<usize>,
    /// Whether no end of a comment follows.
    unclosed_comment: bool,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Scan {
            text,
            marks: Vec::new(),
            pairs: 0,
            runs: Vec::new(),
            brackets: Vec::new(),
            inactive: 0,
            tags: Vec::new(),
            doubtful: Vec::new(),
            unclosed_ticks: Vec::new(),
            unclosed_comment: false,
        }
    }

    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(skip) = bytes[at..].iter().position(|&b| SPECIAL[b as usize]) {
            at += skip;
            at = match bytes[at] {
                b'\\' => self.escape(at),
                b'&' => self.entity(at),
                b'`' => self.ticks(at),
                b'<' => self.angle(at),
                b'[' => self.bracket(at),
                b']' => self.close_bracket(at),
                _ => self.emphasis(at),
            };
        }
        self.pair_runs_from(0);
    }

    fn escape(&mut self, at: usize) -> usize {
        if !self.text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_punctuation) {
            return at + 1;
        }
        self.mark(at, at + 2, What::Escape);
        at + 2
    }

    fn entity(&mut self, at: usize) -> usize {
        let Some((length, means)) = entity(&self.text[at..]) else { return at + 1 };
        self.mark(at, at + length, What::Entity(means));
        at + length
    }

    fn ticks(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let length = run_length(bytes, at);
        let after = at + length;
        if self.unclosed_ticks.contains(&length) {
            return after;
        }
        let mut search = after;
        while let Some(skip) = memchr::memchr(b'`', &bytes[search..]) {
            let close = search + skip;
            let found = run_length(bytes, close);
            if found == length {
                self.pair(Code::CodeSpan, (at, after), (close, close + length));
                return close + length;
            }
            search = close + found;
        }
        self.unclosed_ticks.push(length);
        after
    }

    fn angle(&mut self, at: usize) -> usize {
        let begins_comment = self.text[at..].starts_with("<!--");
        if begins_comment && self.unclosed_comment {
            return at + 1;
        }
        let Some((length, angle)) = angle(&self.text[at..]) else {
            self.unclosed_comment |= begins_comment;
            return at + 1;
        };
        let end = at + length;
        let mark = self.marks.len();
        match angle {
            Angle::OpenTag { name, bare } => {
                self.mark(at, end, What::Alone(Code::Element(name)));
                self.tags.push(OpenTag { name, mark });
                if bare && self.is_after_word(at) {
                    self.doubtful.push(mark);
                }
            }
            Angle::CloseTag { name } => {
                let opened = self
                    .tags
                    .iter()
                    .rev()
                    .take(DEEPEST_TAG)
                    .position(|tag| tag.name.eq_ignore_ascii_case(name));
                match opened {
                    Some(back) => {
                        let open = self.tags.len() - 1 - back;
                        let tag = self.tags.drain(open..).next().map_or(mark, |tag| tag.mark);
                        let code = Code::Element(self.tag_name(tag, name));
                        let pair = self.next_pair();
                        self.marks[tag].what = What::Half(code, Half::Open, pair);
                        self.mark(at, end, What::Half(code, Half::Close, pair));
                    }
                    None => self.mark(at, end, What::Alone(Code::Element(name))),
                }
            }
            Angle::EmptyTag { name } => self.mark(at, end, What::Alone(Code::Element(name))),
            Angle::Xref => self.mark(at, end, What::Alone(Code::Xref)),
            Angle::Autolink => self.mark(at, end, What::Alone(Code::Autolink)),
            Angle::Comment => self.mark(at, end, What::Alone(Code::Comment)),
        }
        end
    }

    fn tag_name(&self, mark: usize, otherwise: &'a str) -> &'a str {
        match self.marks[mark].what {
            What::Alone(Code::Element(name)) => name,
            _ => otherwise,
        }
    }

    fn bracket(&mut self, at: usize) -> usize {
        if let Some(length) = link::include(&self.text[at..]) {
            self.mark(at, at + length, What::Alone(Code::Include));
            return at + length;
        }
        let escaped = self.marks.last().is_some_and(|mark| mark.end == at);
        let image = at > 0 && self.text.as_bytes()[at - 1] == b'!' && !escaped;
        let start = at - image as usize;
        let after_word = self.is_after_word(start);
        self.brackets.push(Bracket { start, image, after_word, runs: self.runs.len() });
        at + 1
    }

    fn close_bracket(&mut self, at: usize) -> usize {
        let depth = self.brackets.len().saturating_sub(1);
        let Some(open) = self.brackets.pop() else { return at + 1 };
        let inactive = !open.image && depth < self.inactive;
        self.inactive = self.inactive.min(depth);
        let inside = at - open.start - 1 - open.image as usize;
        let labelled = !open.after_word && inside > 0;
        let Some(length) = link::closing(&self.text[at..], labelled).filter(|_| !inactive) else {
            return at + 1;
        };
        self.pair_runs_from(open.runs);
        let code = if open.image { Code::Image } else { Code::Link };
        let opening = (open.start, open.start + 1 + open.image as usize);
        self.pair(code, opening, (at, at + length));
        if !open.image {
            self.inactive = depth;
        }
        at + length
    }

    fn emphasis(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let length = run_length(bytes, at);
        let before = self.text[..at].chars().next_back().unwrap_or(' ');
        let after = self.text[at + length..].chars().next().unwrap_or(' ');
        self.runs.extend(Run::new(bytes[at], at, length, before, after));
        at + length
    }

    /// Pairs the runs of `*`, `_` and `~` from this one on. Unpaired ones are text.
    fn pair_runs_from(&mut self, first: usize) {
        let mut runs = self.runs.split_off(first);
        pair_runs(&mut runs, |code, open, close| self.pair(code, open, close));
    }

    fn is_after_word(&self, at: usize) -> bool {
        self.text[..at].chars().next_back().is_some_and(char::is_alphanumeric)
    }

    fn next_pair(&mut self) -> usize {
        self.pairs += 1;
        self.pairs - 1
    }

    fn mark(&mut self, start: usize, end: usize, what: What<'a>) {
        self.marks.push(Mark { start, end, what });
    }

    fn pair(&mut self, code: Code<'a>, open: (usize, usize), close: (usize, usize)) {
        let pair = self.next_pair();
        self.mark(open.0, open.1, What::Half(code, Half::Open, pair));
        self.mark(close.0, close.1, What::Half(code, Half::Close, pair));
    }

    fn into_pieces(mut self) -> Vec<Piece<'a>> {
        for &doubtful in self.doubtful.iter().rev() {
            if matches!(self.marks[doubtful].what, What::Alone(_)) {
                // An empty slice becomes no piece, so the other marks keep their numbers.
                self.marks[doubtful].end = self.marks[doubtful].start;
            }
        }
        self.marks.retain(|mark| mark.end > mark.start);
        self.marks.sort_unstable_by_key(|mark| mark.start);
        part_crossing_pairs(&mut self.marks, self.pairs);

        let mut pieces = Vec::with_capacity(2 * self.marks.len() + 1);
        let mut opened = vec![0; self.pairs];
        let mut done = 0;
        for mark in self.marks {
            if mark.start > done {
                pieces.push(Piece { raw: &self.text[done..mark.start], kind: PieceKind::Text });
            }
            let here = pieces.len();
            let raw = &self.text[mark.start..mark.end];
            let kind = match mark.what {
                What::Escape => PieceKind::Escape(&raw[1..]),
                What::Entity(means) => PieceKind::Entity(means),
                What::Alone(code) => PieceKind::Alone(code),
                What::Half(code, Half::Open, pair) => {
                    opened[pair] = here;
                    PieceKind::Open { code, partner: here }
                }
                What::Half(code, Half::Close, pair) => {
                    if let PieceKind::Open { partner, .. } = &mut pieces[opened[pair]].kind {
                        *partner = here;
                    }
                    PieceKind::Close { code, partner: opened[pair] }
                }
            };
            pieces.push(Piece { raw, kind });
            done = mark.end;
        }
        if done < self.text.len() {
            pieces.push(Piece { raw: &self.text[done..], kind: PieceKind::Text });
        }
        pieces
    }
}

/// Makes pairs nest. If two cross, `<b>**x</b>**`, the one that closes first is kept, and the halves of the other are single.
fn part_crossing_pairs(marks: &mut [Mark<'_>], pairs: usize) {
    let mut parted = vec![false; pairs];
    let mut open = Vec::new();
    for mark in marks.iter() {
        match mark.what {
            What::Half(_, Half::Open, pair) => open.push(pair),
            What::Half(_, Half::Close, pair) if !parted[pair] => {
                while let Some(inner) = open.pop().filter(|&inner| inner != pair) {
                    parted[inner] = true;
                }
            }
            _ => {}
        }
    }
    for mark in marks {
        if let What::Half(code, _, pair) = mark.what
            && parted[pair]
        {
            mark.what = What::Alone(code);
        }
    }
}

fn run_length(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|&&b| b == bytes[at]).count()
}
