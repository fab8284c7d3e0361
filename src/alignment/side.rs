//! One of the two documents, reduced to what the alignment compares: lengths, anchors, names and tokens of each sentence.

use std::borrow::Cow;
use std::ops::Range;

use super::ends;
use super::tokens::{self, Key, Sink};
use crate::segmentation::{Cut, Inline, InlineKind, Outline, Segment, Stretch, StretchKind};

/// A document to align.
#[derive(Debug, Default)]
pub struct Side<'d> {
    /// The document.
    pub outline: Outline<'d>,
    pub(super) blocks: Vec<Block>,
    pub(super) atoms: Vec<Atom>,
    /// The keys of all atoms, in order. Consecutive atoms have consecutive keys.
    pools: Pools,
    pub(super) is_latin: bool,
}

/// Keys: code spans, link targets and numbers; names; tokens of the dictionary; names as they sound.
#[derive(Debug, Default)]
struct Pools {
    anchors: Vec<Key>,
    names: Vec<Key>,
    tokens: Vec<Key>,
    sounds: Vec<Key>,
}

impl Pools {
    fn lengths(&self) -> [usize; 4] {
        [self.anchors.len(), self.names.len(), self.tokens.len(), self.sounds.len()]
    }
}

impl Sink for Pools {
    fn number(&mut self, key: Key) {
        self.anchors.push(key);
    }

    fn name(&mut self, key: Key) {
        self.names.push(key);
    }

    fn token(&mut self, key: Key) {
        self.tokens.push(key);
    }

    fn sound(&mut self, key: Key) {
        self.sounds.push(key);
    }
}

/// A stretch of the document.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub kind: StretchKind,
    /// Its atoms: one or more.
    pub atoms: Range<usize>,
    /// Whether there is anything to translate in it.
    pub is_text: bool,
    /// A hash of its kind and of its anchors but for numbers, in order.
    pub signature: Key,
    /// Whether it has such an anchor.
    pub is_anchored: bool,
}

/// A sentence, a part of one between two possible cuts, or the whole of a stretch without text.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    /// The segment; of a stretch without text, its range.
    pub segment: Segment,
    /// The cut before it.
    pub cut: Cut,
    /// Visible characters.
    pub length: u32,
    /// The mark at its end.
    pub end: End,
    /// Marks of emphasis.
    pub emphasis: u32,
    /// Where its keys begin in each pool.
    start: [usize; 4],
}

/// The mark at the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Stop,
    Question,
    Colon,
    Other,
}

/// The keys and measures of consecutive atoms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'s> {
    pub anchors: &'s [Key],
    pub names: &'s [Key],
    pub tokens: &'s [Key],
    pub sounds: &'s [Key],
    pub length: u32,
    pub emphasis: u32,
    pub end: End,
}

/// The visible length of a code span, an image or an address: its text is the same in both languages, so it says nothing of the ratio.
const LENGTH_OF_CODE: u32 = 2;

impl<'d> Side<'d> {
    /// Measures a document. `is_latin`: whether its language is written in Latin letters.
    pub fn new(outline: Outline<'d>, is_latin: bool) -> Side<'d> {
        let mut side = Side { is_latin, ..Side::default() };
        for stretch in &outline.stretches {
            side.add(&outline, stretch, is_latin);
        }
        side.outline = outline;
        side
    }

    /// The text of a range, without the marks of a block quote at the beginnings of its lines.
    pub fn text(&self, range: &Range<usize>) -> Cow<'_, str> {
        let text = &self.outline.text[range.clone()];
        if !text.contains('\n') {
            return Cow::Borrowed(text);
        }
        let inside = inlines_in(&self.outline.inlines, range);
        let marks =
            inside.filter(|inline| inline.kind == InlineKind::Hidden).map(|inline| inline.range.clone());
        let is_quote = |mark: &Range<usize>| {
            let raw = &self.outline.text[mark.clone()];
            raw.contains('>') && raw.chars().all(|c| matches!(c, '>' | ' ' | '\t' | '\r' | '\n'))
        };
        let (mut without, mut at) = (String::with_capacity(text.len()), range.start);
        for mark in marks.filter(is_quote) {
            without.push_str(&self.outline.text[at..mark.start.max(at)]);
            // A mark can begin with the line break before it.
            without.push_str(if self.outline.text[mark.clone()].contains('\n') { "\n" } else { "" });
            // Nor are the blanks behind it.
            let rest = &self.outline.text[mark.end..range.end];
            at = (range.end - rest.trim_start_matches([' ', '\t']).len()).max(at);
        }
        without.push_str(&self.outline.text[at..range.end]);
        Cow::Owned(without)
    }

    /// Measures a text by itself, as one atom without a block.
    pub(super) fn of_text(text: &str, is_latin: bool) -> Side<'_> {
        let mut side = Side::default();
        let segment = Segment { range: 0..text.len(), link: None };
        side.atom(text, &[], 0..text.len(), (segment, Cut::Strong), is_latin);
        side
    }

    /// The number of sentences in blocks, as they are cut by themselves.
    pub(super) fn sentences(&self, blocks: Range<usize>) -> usize {
        let texts = self.blocks[blocks].iter().filter(|block| block.is_text);
        texts
            .flat_map(|block| &self.atoms[block.atoms.clone()])
            .filter(|atom| atom.cut == Cut::Strong)
            .count()
    }

    /// The number of atoms of a range that are in blocks with something to translate.
    pub(super) fn text_atoms(&self, atoms: Range<usize>) -> u32 {
        if atoms.is_empty() {
            return 0;
        }
        let blocks = self.blocks[self.block_of(atoms.start)..].iter();
        let texts = blocks.take_while(|block| block.atoms.start < atoms.end).filter(|block| block.is_text);
        let inside = |block: &Block| block.atoms.end.min(atoms.end) - block.atoms.start.max(atoms.start);
        texts.map(inside).sum::<usize>() as u32
    }

    /// The block of an atom.
    pub(super) fn block_of(&self, atom: usize) -> usize {
        self.blocks.partition_point(|block| block.atoms.end <= atom)
    }

    /// Parts of the text as atoms of their own, without blocks. The parts rise and do not overlap.
    pub(super) fn of_parts(&self, parts: impl Iterator<Item = Range<usize>>) -> Side<'static> {
        let mut side = Side { is_latin: self.is_latin, ..Side::default() };
        let inlines = &self.outline.inlines;
        for range in parts {
            let segment = Segment { range: range.clone(), link: None };
            side.atom(&self.outline.text, inlines, range, (segment, Cut::Weak), self.is_latin);
        }
        side
    }

    /// The images in a range.
    pub(super) fn images(&self, range: &Range<usize>) -> impl DoubleEndedIterator<Item = &Range<usize>> {
        let inside = inlines_in(&self.outline.inlines, range);
        inside.filter(|inline| inline.kind == InlineKind::Image).map(|inline| &inline.range)
    }

    /// A range without the images behind a sentence at its end, at most so many.
    pub(super) fn without_images(&self, mut range: Range<usize>, most: usize) -> Range<usize> {
        for image in self.images(&range.clone()).rev().take(most) {
            let before = &self.outline.text[range.start..image.start];
            let sentence = before.trim_end();
            let is_behind = before[sentence.len()..].contains('\n') || end_of(sentence) != End::Other;
            if image.end != range.end || sentence.is_empty() || !is_behind {
                break;
            }
            range.end = range.start + sentence.len();
        }
        range
    }

    /// The number of blocks with something to translate.
    pub fn text_blocks(&self) -> usize {
        self.blocks.iter().filter(|block| block.is_text).count()
    }

    /// The visible characters of all text.
    pub fn length(&self) -> u64 {
        let text = self.blocks.iter().filter(|block| block.is_text);
        text.flat_map(|block| &self.atoms[block.atoms.clone()]).map(|atom| u64::from(atom.length)).sum()
    }

    /// What consecutive atoms, at least one, have together.
    pub(super) fn facts(&self, atoms: Range<usize>) -> Facts<'_> {
        let first = self.atoms[atoms.start].start;
        let pools = &self.pools;
        let after = match self.atoms.get(atoms.end) {
            Some(next) => next.start,
            None => pools.lengths(),
        };
        let all = &self.atoms[atoms];
        Facts {
            anchors: &pools.anchors[first[0]..after[0]],
            names: &pools.names[first[1]..after[1]],
            tokens: &pools.tokens[first[2]..after[2]],
            sounds: &pools.sounds[first[3]..after[3]],
            length: all.iter().map(|atom| atom.length).sum(),
            emphasis: all.iter().map(|atom| atom.emphasis).sum(),
            end: all.last().map_or(End::Other, |atom| atom.end),
        }
    }

    /// The range of a text with the includes before it that the other text has inside.
    pub(super) fn with_includes(
        &self,
        (block, atoms): (usize, &Range<usize>),
        text: Range<usize>,
        other: (&Side<'_>, usize, &Range<usize>),
    ) -> Range<usize> {
        let stretch = &self.outline.stretches[block];
        let start =
            match atoms.start.checked_sub(1).filter(|&before| before >= self.blocks[block].atoms.start) {
                None => stretch.outer.start,
                Some(before) => {
                    let segment = &self.atoms[before].segment;
                    segment.link.as_ref().unwrap_or(&segment.range).end
                }
            };
        let inlines = &self.outline.inlines[stretch.inlines.clone()];
        let mut before = includes_in(inlines, start..text.start).rev().peekable();
        if before.peek().is_none() {
            return text;
        }
        let (side, block, range) = other;
        let inlines = &side.outline.inlines[side.outline.stretches[block].inlines.clone()];
        let has = |key: Key| {
            includes_in(inlines, range.clone())
                .any(|inside| key_of_include(&side.outline.text, inside) == key)
        };
        let inside = before.take_while(|inline| has(key_of_include(&self.outline.text, inline)));
        inside.last().map_or(text.start, |first| first.range.start)..text.end
    }

    /// The range of a text with the number before it that looks like that of a list item, `30.` of `30. Juni`, if the other text has this
    /// number once more: `June 30`.
    pub(super) fn with_number(&self, block: usize, text: Range<usize>, other: &str) -> Range<usize> {
        let Some(start) = self.number_before(block) else { return text };
        let before = &self.outline.text[start..text.start];
        let number = &before[..before.find(|c: char| !c.is_ascii_digit()).unwrap_or(before.len())];
        match ends::is_missing(number, &self.outline.text[text.clone()], other) {
            true => start..text.end,
            false => text,
        }
    }

    /// Where the number of a list item begins, if that is before a block.
    fn number_before(&self, block: usize) -> Option<usize> {
        let block = (self.blocks[block].kind == StretchKind::ListItem).then_some(block)?;
        let before = self.outline.text.get(..self.outline.stretches[block].outer.start)?;
        let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        let number = line.trim_end_matches(' ').strip_suffix('.')?;
        let digits = number.len() - number.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        (digits > 0).then(|| before.len() - line.len() + number.len() - digits)
    }

    fn add(&mut self, outline: &Outline<'_>, stretch: &Stretch, is_latin: bool) {
        let (first, first_anchor) = (self.atoms.len(), self.pools.anchors.len());
        let inlines = &outline.inlines[stretch.inlines.clone()];
        // An include before the text is an anchor, too: it can be inside the text in the other language.
        for inline in includes_in(inlines, stretch.outer.start..stretch.range.start) {
            self.pools.anchors.push(key_of_include(&outline.text, inline));
        }
        let mut start = stretch.range.start;
        for (number, sentence) in stretch.sentences.iter().enumerate() {
            let segment = &sentence.segment;
            let end = match number + 1 == stretch.sentences.len() {
                true => stretch.range.start + ends::without_id(&outline.text[stretch.range.clone()]).len(),
                false => segment.link.as_ref().unwrap_or(&segment.range).end,
            };
            let end = end.max(start);
            self.atom(&outline.text, inlines, start..end, (segment.clone(), sentence.cut), is_latin);
            start = end;
        }
        if stretch.sentences.is_empty() {
            let segment = Segment { range: stretch.range.clone(), link: None };
            if stretch.kind == StretchKind::Code {
                self.bare(&outline.text, segment);
            } else {
                self.atom(&outline.text, inlines, stretch.range.clone(), (segment, Cut::Strong), is_latin);
            }
        }
        self.atoms[first].start[0] = first_anchor;
        let mut signature = kind_number(stretch.kind);
        let mut is_anchored = false;
        for &key in self.pools.anchors[first_anchor..].iter().filter(|&&key| !tokens::is_number(key)) {
            signature = (signature.rotate_left(5) ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            is_anchored = true;
        }
        let is_text = !stretch.sentences.is_empty();
        let atoms = first..self.atoms.len();
        self.blocks.push(Block { kind: stretch.kind, atoms, is_text, signature, is_anchored });
    }

    /// Adds a code block.
    fn bare(&mut self, text: &str, segment: Segment) {
        let start = self.pools.lengths();
        let code = &text[segment.range.clone()];
        self.pools.anchors.push(tokens::code_block(code));
        let length = u32::try_from(code.len()).unwrap_or(u32::MAX);
        self.atoms.push(Atom { segment, cut: Cut::Strong, length, end: End::Other, emphasis: 0, start });
    }

    /// Adds a sentence, with all that is in `range`: the segment, and what it was trimmed of.
    fn atom(
        &mut self,
        text: &str,
        inlines: &[Inline],
        range: Range<usize>,
        (segment, cut): (Segment, Cut),
        is_latin: bool,
    ) {
        let start = self.pools.lengths();
        let first = inlines.partition_point(|inline| inline.range.start < range.start);
        let count = inlines[first..].partition_point(|inline| inline.range.start < range.end);
        let (mut at, mut length, mut emphasis) = (range.start, 0, 0);
        for inline in &inlines[first..first + count] {
            length += self.plain(text, at..inline.range.start, is_latin);
            let raw = &text[inline.range.clone()];
            match inline.kind {
                InlineKind::Code => self.pools.anchors.push(tokens::code(raw)),
                InlineKind::Address => self.pools.anchors.push(tokens::address(raw)),
                InlineKind::Image | InlineKind::Include => {
                    self.pools.anchors.push(key_of_include(text, inline));
                }
                InlineKind::LinkEnd => self.pools.anchors.push(tokens::address(raw.trim_start_matches(']'))),
                InlineKind::Emphasis => emphasis += 1,
                InlineKind::Hidden => {}
                InlineKind::Character => length += 1,
            }
            if matches!(inline.kind, InlineKind::Code | InlineKind::Address | InlineKind::Image) {
                length += LENGTH_OF_CODE;
            }
            at = inline.range.end.max(at);
        }
        length += self.plain(text, at..range.end, is_latin);
        let end = end_of(&text[segment.range.clone()]);
        self.atoms.push(Atom { segment, cut, length, end, emphasis, start });
    }

    /// Adds the keys of a plain text, and returns its visible length.
    fn plain(&mut self, text: &str, range: Range<usize>, is_latin: bool) -> u32 {
        let Some(text) = text.get(range).filter(|text| !text.is_empty()) else { return 0 };
        tokens::read(text, is_latin, &mut self.pools);
        let visible = text.chars().filter(|c| !c.is_whitespace()).count();
        u32::try_from(visible).unwrap_or(u32::MAX)
    }
}

/// The inline items that lie in a range, in order.
pub(super) fn inlines_in<'i>(
    inlines: &'i [Inline],
    range: &Range<usize>,
) -> impl DoubleEndedIterator<Item = &'i Inline> + use<'i> {
    let first = inlines.partition_point(|inline| inline.range.start < range.start);
    let count = inlines[first..].partition_point(|inline| inline.range.end <= range.end);
    inlines[first..first + count].iter()
}

/// The includes that lie in a range.
fn includes_in(inlines: &[Inline], range: Range<usize>) -> impl DoubleEndedIterator<Item = &Inline> {
    inlines_in(inlines, &range).filter(|inline| inline.kind == InlineKind::Include)
}

/// The key of an image or an include: its address.
fn key_of_include(text: &str, inline: &Inline) -> Key {
    let raw = &text[inline.range.clone()];
    tokens::address(raw.rsplit_once("](").map_or(raw, |(_, address)| address))
}

fn kind_number(kind: StretchKind) -> Key {
    match kind {
        StretchKind::Heading(level) => 1 + Key::from(level),
        StretchKind::Paragraph => 11,
        StretchKind::ListItem => 12,
        StretchKind::Html => 13,
        StretchKind::Code => 14,
        StretchKind::Instruction => 15,
        StretchKind::Cell(column) => 100 + Key::from(column),
    }
}

fn end_of(text: &str) -> End {
    let text = text.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, '*' | '_' | ')' | ']' | '"' | '”' | '」' | '）' | '»')
    });
    match text.chars().next_back() {
        Some('.' | '!' | '。' | '！' | '｡' | '…' | '۔' | '।' | '។' | '။') => End::Stop,
        Some('?' | '？' | '؟') => End::Question,
        Some(':' | '：') => End::Colon,
        _ => End::Other,
    }
}
