//! The outline of a document: all that is in it, in order, with text or without. Two versions of a document in two languages are aligned
//! by their outlines: code blocks and includes have no segments, but they are the same on both sides.

use std::borrow::Cow;
use std::ops::Range;

use super::blocks::{self, Block, Part, Unit};
use super::candidates::{Cut, Language};
use super::content::Terms;
use super::{Segment, Segmenter, yaml};
use crate::model::LineCounter;
use crate::side_by_side::{self, Syntax};

/// What a stretch of a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StretchKind {
    /// A heading of this level, from 1.
    Heading(u8),
    /// A paragraph.
    Paragraph,
    /// The text of a list item.
    ListItem,
    /// The cell of this column of a table, from 0.
    Cell(u16),
    /// The text of an HTML block.
    Html,
    /// A code block.
    Code,
    /// A line that is an instruction to the renderer.
    Instruction,
}

/// The kinds of inline items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InlineKind {
    /// A code span.
    Code,
    /// `<https://…>`, `<xref:…>`
    Address,
    /// An image.
    Image,
    /// `[!INCLUDE [x](y)]`
    Include,
    /// `](address)`, the end of a link.
    LinkEnd,
    /// A mark of emphasis.
    Emphasis,
    /// A tag, a comment, the start of a link.
    Hidden,
    /// `\*` or `&gt;`: one character.
    Character,
}

/// An inline item of a stretch that is no plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline {
    /// Its bytes in the text of the outline.
    pub range: Range<usize>,
    /// Its kind.
    pub kind: InlineKind,
}

/// A part of a stretch between two cuts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its range, trimmed as a segment is.
    pub segment: Segment,
    /// The cut before it; of the first one, [`Cut::Strong`].
    pub cut: Cut,
}

/// A stretch of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What it is.
    pub kind: StretchKind,
    /// Its bytes in the text of the outline, trimmed as a segment is.
    pub range: Range<usize>,
    /// The same with all that was trimmed but white space, such as an include before the text.
    pub outer: Range<usize>,
    /// The inline items of `outer`, in [`Outline::inlines`].
    pub inlines: Range<usize>,
    /// The stretch as one segment; `None` if nothing in it is to be translated.
    pub whole: Option<Segment>,
    /// Its sentences, in order; empty if nothing in it is to be translated.
    pub sentences: Vec<Sentence>,
}

/// How stretches are cut into sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cuts {
    /// By the rules of English: as [`Segmenter::pieces`].
    Sentences,
    /// At all positions at which a sentence of this language may end.
    Candidates(Language),
}

/// A document in order.
#[derive(Clone, Debug, Default)]
pub struct Outline<'d> {
    /// The text that all ranges are in: the document; of YAML, its scalars, decoded.
    pub text: Cow<'d, str>,
    /// The stretches, in order.
    pub stretches: Vec<Stretch>,
    /// The inline items of all stretches, in order.
    pub inlines: Vec<Inline>,
    /// Of YAML: where in `text` each scalar begins, and its line in the document.
    scalars: Vec<(usize, u32)>,
}

impl Outline<'_> {
    /// The 1-based line of the document at a position of the text. Calls with rising positions and the same counter take linear time
    /// together.
    pub fn line(&self, at: usize, counter: &mut LineCounter) -> u32 {
        if matches!(self.text, Cow::Owned(_)) {
            let scalar = self.scalars.partition_point(|&(start, _)| start <= at);
            return scalar.checked_sub(1).map_or(1, |scalar| self.scalars[scalar].1);
        }
        if at < counter.position() {
            *counter = LineCounter::default();
        }
        counter.line_at(&self.text, at)
    }
}

impl Segmenter<'_> {
    /// The outline of a document. Front matter is no part of it.
    pub fn outline<'d>(&mut self, document: &'d str, syntax: Syntax, cuts: Cuts) -> Outline<'d> {
        let no_loc = Terms::new(&side_by_side::no_loc(document, syntax));
        let mut outline = Outline { text: Cow::Borrowed(document), ..Outline::default() };
        let mut column = None;
        match syntax {
            Syntax::Markdown => {
                let body = document.len() - side_by_side::body(document).len();
                blocks::parts(document, body, |part| {
                    self.part(document, (&no_loc, cuts), &part, &mut column, &mut outline);
                });
            }
            Syntax::Html => {
                let unit = Unit { range: 0..document.len(), block: Block::Html, quotes: 0 };
                self.part(document, (&no_loc, cuts), &Part::Text(unit), &mut column, &mut outline);
            }
            Syntax::Yaml => {
                let (mut text, mut scalars) = (String::new(), Vec::new());
                let mut lines = LineCounter::default();
                yaml::scalars(document, |scalar| {
                    let start = scalar.range(0..scalar.text.len()).start;
                    scalars.push((text.len(), lines.line_at(document, start)));
                    text.push_str(&scalar.text);
                    text.push('\n');
                });
                for (number, &(start, _)) in scalars.iter().enumerate() {
                    let end = scalars.get(number + 1).map_or(text.len(), |next| next.0) - 1;
                    blocks::parts(&text[..end], start, |part| {
                        self.part(&text[..end], (&no_loc, cuts), &part, &mut column, &mut outline);
                    });
                }
                (outline.text, outline.scalars) = (Cow::Owned(text), scalars);
            }
        }
        outline
    }

    fn part(
        &mut self,
        text: &str,
        (no_loc, cuts): (&Terms, Cuts),
        part: &Part,
        column: &mut Option<(usize, u16)>,
        outline: &mut Outline<'_>,
    ) {
        let (unit, kind) = match part {
            Part::Code(range) => return outline.push_bare(StretchKind::Code, range),
            Part::Instruction(range) => return outline.push_bare(StretchKind::Instruction, range),
            Part::Text(unit) => {
                let cell = (unit.block == Block::Cell).then(|| {
                    let on_line = column.filter(|(end, _)| {
                        text.get(*end..unit.range.start).is_some_and(|between| !between.contains('\n'))
                    });
                    on_line.map_or(0, |(_, column)| column.saturating_add(1))
                });
                *column = cell.map(|cell| (unit.range.end, cell));
                (unit, kind_of(text, unit, cell))
            }
        };
        self.reader.stretches(text, no_loc, unit, (kind, cuts), outline);
    }
}

impl Outline<'_> {
    /// Adds a stretch without text.
    fn push_bare(&mut self, kind: StretchKind, range: &Range<usize>) {
        let inlines = self.inlines.len()..self.inlines.len();
        let (range, outer) = (range.clone(), range.clone());
        self.stretches.push(Stretch { kind, range, outer, inlines, whole: None, sentences: Vec::new() });
    }
}

fn kind_of(text: &str, unit: &Unit, column: Option<u16>) -> StretchKind {
    match unit.block {
        Block::Heading => StretchKind::Heading(level(text, unit)),
        Block::Paragraph => StretchKind::Paragraph,
        Block::ListItem => StretchKind::ListItem,
        Block::Cell => StretchKind::Cell(column.unwrap_or_default()),
        Block::Html => StretchKind::Html,
    }
}

/// The level of a heading: the marks before its text, or the underline after it.
fn level(text: &str, unit: &Unit) -> u8 {
    let before = text[..unit.range.start].trim_end_matches([' ', '\t']);
    match before.len() - before.trim_end_matches('#').len() {
        0 => 1 + u8::from(!text[unit.range.end..].trim_start().starts_with('=')),
        marks => u8::try_from(marks).unwrap_or(6).min(6),
    }
}
