//! One of the two documents, reduced to what the alignment compares: lengths, anchors, names and tokens of each sentence.

use std::ops::Range;

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
}

/// Keys: code spans, link targets and numbers; names; tokens of the dictionary.
#[derive(Debug, Default)]
struct Pools {
    anchors: Vec<Key>,
    names: Vec<Key>,
    tokens: Vec<Key>,
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
    start: [usize; 3],
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
    pub length: u32,
    pub emphasis: u32,
    pub end: End,
}

/// The visible length of a code span, an image or an address: its text is the same in both languages, so it says nothing of the ratio.
const LENGTH_OF_CODE: u32 = 2;

impl<'d> Side<'d> {
    /// Measures a document. `is_latin`: whether its language is written in Latin letters.
    pub fn new(outline: Outline<'d>, is_latin: bool) -> Side<'d> {
        let mut side = Side::default();
        for stretch in &outline.stretches {
            side.add(&outline, stretch, is_latin);
        }
        side.outline = outline;
        side
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
            None => [pools.anchors.len(), pools.names.len(), pools.tokens.len()],
        };
        let all = &self.atoms[atoms];
        Facts {
            anchors: &pools.anchors[first[0]..after[0]],
            names: &pools.names[first[1]..after[1]],
            tokens: &pools.tokens[first[2]..after[2]],
            length: all.iter().map(|atom| atom.length).sum(),
            emphasis: all.iter().map(|atom| atom.emphasis).sum(),
            end: all.last().map_or(End::Other, |atom| atom.end),
        }
    }

    fn add(&mut self, outline: &Outline<'_>, stretch: &Stretch, is_latin: bool) {
        let (first, first_anchor) = (self.atoms.len(), self.pools.anchors.len());
        let inlines = &outline.inlines[stretch.inlines.clone()];
        let mut start = stretch.range.start;
        for (number, sentence) in stretch.sentences.iter().enumerate() {
            let segment = &sentence.segment;
            let end = match number + 1 == stretch.sentences.len() {
                true => stretch.range.start + without_id(&outline.text[stretch.range.clone()]).len(),
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
        let start = self.starts();
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
        let start = self.starts();
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
                    let address = raw.rsplit_once("](").map_or(raw, |(_, address)| address);
                    self.pools.anchors.push(tokens::address(address));
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

    fn starts(&self) -> [usize; 3] {
        [self.pools.anchors.len(), self.pools.names.len(), self.pools.tokens.len()]
    }

    /// Adds the keys of a plain text, and returns its visible length.
    fn plain(&mut self, text: &str, range: Range<usize>, is_latin: bool) -> u32 {
        let Some(text) = text.get(range).filter(|text| !text.is_empty()) else { return 0 };
        tokens::read(text, is_latin, &mut self.pools);
        let visible = text.chars().filter(|c| !c.is_whitespace()).count();
        u32::try_from(visible).unwrap_or(u32::MAX)
    }
}

/// A text without the id that is stated at its end, `{#map}` as in Hugo and Docusaurus. Ids are often stated in one language only.
pub(super) fn without_id(text: &str) -> &str {
    let Some((before, id)) = text.trim_end().rsplit_once("{#") else { return text };
    let is_id = |id: &str| !id.contains(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | '`'));
    match id.strip_suffix('}') {
        Some(id) if is_id(id) && !before.trim_end().is_empty() => before.trim_end(),
        _ => text,
    }
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
