//! From a unit to its segments: pieces between hard splits, sentences in them, and what is cut off at their ends.

use std::ops::Range;

use super::blocks::{Block, Unit};
use super::candidates::{Cut, Language, candidates};
use super::content::{self, Terms};
use super::inline::{Mark, MarkKind, Reading, Scanner};
use super::lines::alert;
use super::outline::{Cuts, Inline, InlineKind, Outline, Sentence, Stretch, StretchKind};
use super::srx::{Matches, Rules};
use super::visible::Visible;
use crate::side_by_side::Quoting;

/// A stretch of a document that is translated by itself, with the alternative ways to cut it. Ranges are in bytes.
///
/// A memory can have the piece as a whole, where a translator kept a paragraph together, or its sentences. So `whole` is looked up
/// first, and the sentences where it is not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The block it is in.
    pub block: Block,
    /// How its texts are written in the document: [`Quoting::text`] is what a memory has.
    pub quoting: Quoting,
    /// The whole piece; the only sentence where it has one.
    pub whole: Segment,
    /// Its sentences, in order: one or more.
    pub sentences: Vec<Segment>,
}

/// A segment: a range of the document, without the white space and the marks around its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The range in bytes.
    pub range: Range<usize>,
    /// Where the segment is the text of a link and nothing else: the whole link. It is looked up where the text is not found.
    pub link: Option<Range<usize>>,
}

/// Reads units. Keeps its memory from one to the next.
#[derive(Debug)]
pub(super) struct Reader<'r> {
    rules: &'r Rules,
    matches: Matches,
    scanner: Scanner,
    visible: Visible,
    breaks: Vec<usize>,
}

/// What a range is of its piece.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// One of several sentences: an address alone is one too.
    Sentence,
}

/// What is the same for all pieces of a unit.
#[derive(Clone, Copy)]
struct Place<'a> {
    document: &'a str,
    /// The marks of the unit.
    marks: &'a [Mark],
    no_loc: &'a Terms,
    unit: &'a Unit,
}

impl<'r> Reader<'r> {
    pub fn new(rules: &'r Rules) -> Reader<'r> {
        Reader {
            rules,
            matches: rules.matches(),
            scanner: Scanner::default(),
            visible: Visible::default(),
            breaks: Vec::new(),
        }
    }

    /// Appends the pieces of a unit. `no_loc` are the terms that stay untranslated.
    pub fn unit(&mut self, document: &str, no_loc: &Terms, unit: &Unit, pieces: &mut Vec<Piece>) {
        self.between_hard_splits(document, no_loc, unit, |reader, place, range, is_before_hard_break| {
            pieces.extend(reader.piece(place, range, is_before_hard_break));
        });
    }

    /// Appends the stretches of a unit to an outline, also those without a text.
    pub fn stretches(
        &mut self,
        document: &str,
        no_loc: &Terms,
        unit: &Unit,
        (kind, cuts): (StretchKind, Cuts),
        outline: &mut Outline<'_>,
    ) {
        self.between_hard_splits(document, no_loc, unit, |reader, place, range, is_before_hard_break| {
            let trimmed = place.trimmed(range.clone());
            if trimmed.is_empty() {
                return;
            }
            let text = &document[range.clone()];
            let outer_start = range.end - text.trim_start_matches(BLANKS).len();
            let outer = outer_start..range.start + text.trim_end_matches(BLANKS).len();
            let first = outline.inlines.len();
            outline.inlines.extend(place.marks_in(&outer).iter().filter_map(inline));
            let (whole, sentences) = match cuts {
                Cuts::Sentences => {
                    let piece = reader.piece(place, range, is_before_hard_break);
                    piece.map_or((None, Vec::new()), |piece| {
                        let sentence = |segment| Sentence { segment, cut: Cut::Strong };
                        (Some(piece.whole), piece.sentences.into_iter().map(sentence).collect())
                    })
                }
                Cuts::Candidates(language) => reader.candidates(place, &trimmed, language),
            };
            let inlines = first..outline.inlines.len();
            outline.stretches.push(Stretch { kind, range: trimmed, outer, inlines, whole, sentences });
        });
    }

    /// Calls `found` with the ranges of a unit between its hard splits, and whether a hard break is at the end.
    fn between_hard_splits(
        &mut self,
        document: &str,
        no_loc: &Terms,
        unit: &Unit,
        mut found: impl FnMut(&mut Self, Place<'_>, Range<usize>, bool),
    ) {
        let reading = match unit.block {
            Block::Html => Reading::Html { quotes: unit.quotes },
            _ => Reading::Markdown { quotes: unit.quotes },
        };
        let mut scanner = std::mem::take(&mut self.scanner);
        scanner.scan(document, unit.range.clone(), reading);
        let place = Place { document, marks: &scanner.marks, no_loc, unit };
        let (mut start, mut links) = (unit.range.start, 0_usize);
        for mark in &scanner.marks {
            match mark.kind {
                MarkKind::LinkOpen { .. } => links += 1,
                MarkKind::LinkClose => links = links.saturating_sub(1),
                MarkKind::HardBreak if links > 0 => {}
                MarkKind::Block | MarkKind::Raw | MarkKind::HardBreak => {
                    let is_hard_break = mark.kind == MarkKind::HardBreak;
                    found(self, place, start..mark.start, is_hard_break);
                    start = mark.end;
                }
                _ => {}
            }
        }
        found(self, place, start..unit.range.end, false);
        self.scanner = scanner;
    }

    /// A trimmed stretch as a whole, and cut at all positions at which a sentence of a language may end.
    fn candidates(
        &mut self,
        place: Place<'_>,
        range: &Range<usize>,
        language: Language,
    ) -> (Option<Segment>, Vec<Sentence>) {
        let Some(whole) = place.segment(range.clone(), Part::Whole, &mut self.visible) else {
            return (None, Vec::new());
        };
        self.visible.read(place.document, range.clone(), place.marks_in(range));
        self.breaks.clear();
        let (breaks, visible) = (&mut self.breaks, &self.visible);
        self.rules.breaks(&visible.text, &mut self.matches, |at| breaks.push(at));
        let mut cuts = Vec::new();
        candidates(&visible.text, breaks, language, |at, cut| {
            cuts.extend(visible.outside_or_before(at).map(|at| (at, cut)));
        });
        let mut sentences: Vec<Sentence> = Vec::with_capacity(cuts.len() + 1);
        let (mut start, mut before) = (range.start, Cut::Strong);
        for (end, cut) in cuts.into_iter().chain([(range.end, Cut::Strong)]) {
            let trimmed = place.trimmed(start..end);
            start = end;
            if trimmed.is_empty() {
                continue;
            }
            let segment = place.segment(trimmed.clone(), Part::Sentence, &mut self.visible);
            let segment = segment.unwrap_or(Segment { range: trimmed, link: None });
            sentences.push(Sentence { segment, cut: before });
            before = cut;
        }
        (Some(whole), sentences)
    }

    fn piece(&mut self, place: Place<'_>, range: Range<usize>, is_before_hard_break: bool) -> Option<Piece> {
        let end = range.end;
        let mut range = place.trimmed(range);
        if range.is_empty() {
            return None;
        }
        if is_before_hard_break && place.ends_with_mark(&range) {
            range.end = end;
        }
        self.breaks.clear();
        let marks = place.marks_in(&range);
        if marks.is_empty() {
            let breaks = &mut self.breaks;
            self.rules.breaks(&place.document[range.clone()], &mut self.matches, |at| {
                breaks.push(range.start + at)
            });
        } else {
            self.visible.read(place.document, range.clone(), marks);
            let (breaks, visible) = (&mut self.breaks, &self.visible);
            self.rules.breaks(&visible.text, &mut self.matches, |at| breaks.extend(visible.outside(at)));
        }
        let (block, quoting) = (place.unit.block, Quoting::Plain);
        let whole = place.segment(range.clone(), Part::Whole, &mut self.visible)?;
        if self.breaks.is_empty() {
            return Some(Piece { block, quoting, sentences: vec![whole.clone()], whole });
        }
        let mut sentences = Vec::with_capacity(self.breaks.len() + 1);
        let mut start = range.start;
        for &end in self.breaks.iter().chain([&range.end]) {
            let mut sentence = place.trimmed(start..end);
            if end == range.end && place.ends_with_mark(&sentence) {
                sentence.end = end;
            }
            if !sentence.is_empty() {
                sentences.extend(place.segment(sentence, Part::Sentence, &mut self.visible));
            }
            start = end;
        }
        (!sentences.is_empty()).then_some(Piece { block, quoting, whole, sentences })
    }
}

impl<'a> Place<'a> {
    /// The marks inside a range.
    fn marks_in(&self, range: &Range<usize>) -> &'a [Mark] {
        let first = self.marks.partition_point(|mark| mark.start < range.start);
        let count = self.marks[first..].partition_point(|mark| mark.start < range.end);
        &self.marks[first..first + count]
    }

    /// Whether a range ends with code, emphasis or a link. Blanks between these and a hard break, but for the two of the break, are part
    /// of the segment.
    fn ends_with_mark(&self, range: &Range<usize>) -> bool {
        self.marks_in(range).last().is_some_and(|mark| {
            let is_mark = matches!(mark.kind, MarkKind::Code | MarkKind::EmphasisClose | MarkKind::LinkClose);
            is_mark && mark.end == range.end
        })
    }

    /// The segment of a trimmed range; `None` if nothing in it is to be translated.
    fn segment(&self, range: Range<usize>, part: Part, visible: &mut Visible) -> Option<Segment> {
        let marks = self.marks_in(&range);
        if let [Mark { start: open, kind: MarkKind::LinkOpen { other }, .. }, inside @ .., _] = marks
            && *open == range.start
            && other.1 == range.end
            && !self.keeps_brackets(inside, other.0 + 2..other.1 - 1, range.start + 1..other.0)
        {
            let inner = self.trimmed(range.start + 1..other.0);
            let is_segment = !inner.is_empty() && self.is_segment(&inner, Part::Whole, visible);
            return is_segment.then_some(Segment { range: inner, link: Some(range) });
        }
        if let [Mark { start: open, end, kind: MarkKind::Image { text } }] = marks
            && *open == range.start
            && *end == range.end
        {
            return self.image(range, text.0..text.1);
        }
        self.is_segment(&range, part, visible).then_some(Segment { range, link: None })
    }

    /// Whether a link alone is a segment with its brackets and its address.
    fn keeps_brackets(&self, inside: &[Mark], address: Range<usize>, text: Range<usize>) -> bool {
        let is_in_mark = |at: usize| {
            let before = inside.partition_point(|mark| mark.start <= at);
            before > 0 && at < inside[before - 1].end
        };
        let brackets = memchr::memchr2_iter(b'[', b']', &self.document.as_bytes()[text.clone()]);
        let has_bracket = brackets.map(|at| text.start + at).any(|at| !is_in_mark(at));
        let address = &self.document[address];
        has_bracket
            || inside.iter().any(|mark| matches!(mark.kind, MarkKind::Image { .. }))
            || address.contains(['(', ')'])
            || self.no_loc.occur_in(address)
    }

    /// An image that is alone in its piece.
    fn image(&self, range: Range<usize>, text: Range<usize>) -> Option<Segment> {
        let address = &self.document[text.end..range.end];
        let has_title = address.trim_end_matches([')', ' ']).ends_with(['"', '\'']);
        if has_title {
            return Some(Segment { range, link: None });
        }
        let alternative = &self.document[text.clone()];
        let trimmed = alternative.trim();
        (alternative.ends_with([' ', '\t']) && !trimmed.is_empty()).then(|| {
            let start = text.start + (alternative.len() - alternative.trim_start().len());
            Segment { range: start..start + trimmed.len(), link: None }
        })
    }

    fn is_segment(&self, range: &Range<usize>, part: Part, visible: &mut Visible) -> bool {
        let marks = self.marks_in(range);
        let text = &self.document[range.clone()];
        if marks.is_empty() {
            return content::is_text(text, self.no_loc, part == Part::Sentence);
        }
        visible.read(self.document, range.clone(), marks);
        let codes =
            || marks.iter().filter(|mark| matches!(mark.kind, MarkKind::Code | MarkKind::Address)).count();
        let has_link_around_image = || {
            marks.iter().any(|mark| matches!(mark.kind, MarkKind::LinkOpen { .. }))
                && marks.iter().any(|mark| matches!(mark.kind, MarkKind::Image { .. }))
        };
        let images = || {
            marks
                .iter()
                .filter(|mark| matches!(mark.kind, MarkKind::Image { text } if text.0 < text.1))
                .count()
        };
        content::is_text(&visible.text, self.no_loc, part == Part::Sentence)
            || has_link_around_image()
            || images() > 1
            || (codes() > 1 && content::is_list_of_codes(&visible.text))
    }

    /// Cuts off what does not belong to a segment at the ends of a range.
    fn trimmed(&self, mut range: Range<usize>) -> Range<usize> {
        let document = self.document;
        let mut keeps_blank = false;
        loop {
            let before = range.clone();
            let text = &document[range.clone()];
            if !keeps_blank {
                range.start = range.end - text.trim_start_matches(BLANKS).len();
            }
            let text = &document[range.clone()];
            range.end = range.start + text.trim_end_matches(ENDING_BLANKS).len();
            if range.is_empty() {
                return range.start..range.start;
            }
            let marks = self.marks_in(&range);
            if let Some(first) = marks.first().filter(|mark| mark.start == range.start) {
                match first.kind {
                    MarkKind::TagOpen { other } if self.is_anchor(first) => {
                        let inside = other.map(|(start, _)| document[first.end..start].trim().is_empty());
                        range.start = match (other, inside) {
                            (Some((_, end)), Some(true)) if end <= range.end => end,
                            _ => first.end,
                        };
                    }
                    MarkKind::TagClose { .. } | MarkKind::Comment | MarkKind::Prefix => {
                        range.start = first.end
                    }
                    MarkKind::TagEmpty if self.is_image(first) || self.is_closed_twice(first) => {
                        range.start = first.end
                    }
                    MarkKind::Image { .. } if self.unit.block == Block::Heading && first.end < range.end => {
                        range.start = first.end;
                    }
                    MarkKind::Include if first.end < range.end => {
                        range.start = first.end;
                        keeps_blank = true;
                    }
                    _ => {}
                }
            } else if let Some(after) = alert(&document[range.clone()]) {
                range.start = range.end - after.len();
            }
            if let Some(last) = marks.last().filter(|mark| mark.end == range.end && mark.start >= range.start)
            {
                match last.kind {
                    MarkKind::Comment | MarkKind::Prefix => range.end = last.start,
                    MarkKind::TagEmpty if self.is_image(last) => range.end = last.start,
                    _ => {}
                }
            }
            range.end = range.end.max(range.start);
            if range == before {
                return range;
            }
        }
    }

    /// `<a name="x">`, `<a id="x">` or `<a href="">`.
    fn is_anchor(&self, mark: &Mark) -> bool {
        let tag = &self.document[mark.range()];
        let is_link = tag.get(1..2).is_some_and(|name| name.eq_ignore_ascii_case("a"))
            && tag[2..].starts_with(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
        is_link && (!tag.contains(" href") || tag.contains(" href=\"\""))
    }

    /// `<a id="x"/></a>`: browsers ignore the slash.
    fn is_closed_twice(&self, mark: &Mark) -> bool {
        self.is_anchor(mark) && self.document[mark.end..].starts_with("</a>")
    }

    fn is_image(&self, mark: &Mark) -> bool {
        self.document[mark.range()].get(1..4).is_some_and(|name| name.eq_ignore_ascii_case("img"))
    }
}

/// White space that is cut off at both ends.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];
/// White space that is cut off at the end: spaces that do not break belong to the text after them.
const ENDING_BLANKS: [char; 6] = [' ', '\t', '\r', '\n', '\u{a0}', '\u{202f}'];

/// A mark as the item of an outline; `None` if its text is read on.
fn inline(mark: &Mark) -> Option<Inline> {
    let kind = match mark.kind {
        MarkKind::Code => InlineKind::Code,
        MarkKind::Address => InlineKind::Address,
        MarkKind::Image { .. } => InlineKind::Image,
        MarkKind::Include => InlineKind::Include,
        MarkKind::LinkClose => InlineKind::LinkEnd,
        MarkKind::EmphasisOpen { .. } | MarkKind::EmphasisClose => InlineKind::Emphasis,
        MarkKind::Escape | MarkKind::Entity => InlineKind::Character,
        MarkKind::LinkOpen { .. }
        | MarkKind::TagOpen { .. }
        | MarkKind::TagClose { .. }
        | MarkKind::TagEmpty
        | MarkKind::Comment
        | MarkKind::Prefix => InlineKind::Hidden,
        MarkKind::Block | MarkKind::Raw | MarkKind::HardBreak => return None,
    };
    Some(Inline { range: mark.range(), kind })
}
