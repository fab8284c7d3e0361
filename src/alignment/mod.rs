//! Alignment of two documents of which one is a translation of the other: which sentence belongs to which.
//!
//! Both documents are cut by `segmentation`. First the blocks are aligned (`blocks`), then the sentences in each pair of blocks (`beads`).
//! The costs (`cost`) are lengths, anchors that are equal on both sides, and a dictionary (`dictionary`) that is learned from the same two
//! trees (`learn`). Each pair gets a confidence (`confidence`). Pure functions over values: knows nothing of files, memories or formats.
//! The time is linear in the length of a document, because dynamic programming stays in a band.

mod beads;
mod blocks;
mod boundaries;
mod confidence;
mod cost;
mod dictionary;
mod ends;
mod images;
mod learn;
mod loose;
mod merge;
mod order;
mod side;
mod surroundings;
mod tokens;
mod transliteration;

#[cfg(test)]
mod tests;

pub use confidence::{Features, Surroundings, TERMS, percent};
pub use cost::Model;
pub use dictionary::Dictionary;
pub use images::pairs_of_images;
pub use learn::learn;
pub use order::{align_in_order, in_order_of};
pub use side::Side;

use std::ops::{AddAssign, Range};

use crate::segmentation::Segment;
use cost::Comparison;

/// Sentences that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Bead {
    /// Indexes of the sentences of the source.
    source: Range<usize>,
    /// Indexes of the parts of sentences of the target.
    target: Range<usize>,
    /// Whether it is one sentence on each side.
    is_single: bool,
    /// The range of the source text.
    pub source_text: Range<usize>,
    /// The range of the target text.
    pub target_text: Range<usize>,
    /// What its confidence depends on.
    pub features: Features,
}

impl Bead {
    /// The probability that the pair is right, 0 to 1.
    pub fn confidence(&self) -> f32 {
        self.features.confidence()
    }
}

/// Two documents, aligned.
#[derive(Clone, Debug, Default)]
pub struct Alignment {
    /// The pairs, in order.
    pub beads: Vec<Bead>,
    /// Blocks with text of the source, of the target, and pairs of them.
    pub blocks: BlockCounts,
    /// Sentences of the source, and those that are in no pair.
    pub sentences: (u64, u64),
    /// Sentences of the target, as they are cut by themselves.
    target_sentences: u64,
}

impl Alignment {
    /// How well the documents fit, 0 to 1: the share of blocks with a partner, times the share of sentences in pairs, each pair weighted by
    /// its confidence, times the mean of 1 and of the share of anchors that are equal on both sides (Dice's coefficient). Of several
    /// versions of a document, it is highest for the one that was translated.
    pub fn fit(&self) -> f32 {
        let sum = |value: fn(&Bead) -> f32| self.beads.iter().map(value).sum::<f32>();
        let sentences = self.sentences.0 as f32 + self.target_sentences as f32;
        if sentences == 0.0 {
            return 0.0;
        }
        let (common, missing) =
            (2.0 * sum(|bead| bead.features.anchors_common), sum(|bead| bead.features.anchors_missing));
        let anchors = if common + missing > 0.0 { common / (common + missing) } else { 1.0 };
        let right = (2.0 * sum(Bead::confidence) / sentences).min(1.0);
        self.blocks.share() * right * f32::midpoint(1.0, anchors)
    }
}

/// Blocks with something to translate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockCounts {
    /// Of the source.
    pub source: u64,
    /// Of the target.
    pub target: u64,
    /// Pairs.
    pub aligned: u64,
}

impl AddAssign for BlockCounts {
    fn add_assign(&mut self, other: BlockCounts) {
        self.source += other.source;
        self.target += other.target;
        self.aligned += other.aligned;
    }
}

impl BlockCounts {
    /// The share of the blocks of both sides that have a partner, 0 to 1; 0 if there are none.
    pub fn share(&self) -> f32 {
        match self.source + self.target {
            0 => 0.0,
            all => 2.0 * self.aligned as f32 / all as f32,
        }
    }
}

/// Aligns two documents.
///
/// ```
/// use bitext::alignment::{Model, Side, align};
/// use bitext::segmentation::{Cuts, Language, Rules, Segmenter};
/// use bitext::side_by_side::Syntax;
///
/// let (source, target) = ("# Port\n\nIt is open. See the map.\n", "# Hafen\n\nEr ist offen. Siehe Karte.\n");
/// let mut segmenter = Segmenter::new(Rules::english());
/// let german = Cuts::Candidates(Language::of_locale("de-DE"));
/// let source = Side::new(segmenter.outline(source, Syntax::Markdown, Cuts::Sentences), true);
/// let target = Side::new(segmenter.outline(target, Syntax::Markdown, german), true);
/// let found = align(&source, &target, &Model::default());
/// let last = found.beads.last().expect("three pairs");
/// assert_eq!(&source.outline.text[last.source_text.clone()], "See the map.");
/// assert_eq!(&target.outline.text[last.target_text.clone()], "Siehe Karte.");
/// ```
pub fn align(source: &Side<'_>, target: &Side<'_>, model: &Model) -> Alignment {
    let pairs = merge::merged(blocks::pairs(source, target, model), source, target, model);
    let is_text = |pair: &blocks::BlockPair| {
        source.blocks[pair.source.start].is_text && target.blocks[pair.target.start].is_text
    };
    // Paragraphs that are one in the other language count as one.
    let aligned = pairs.iter().filter(|pair| is_text(pair)).count();
    let merged = pairs.iter().map(|pair| (pair.source.len() as u64 - 1, pair.target.len() as u64 - 1));
    let merged = merged.fold((0, 0), |all, more| (all.0 + more.0, all.1 + more.1));
    let counts = BlockCounts {
        source: source.text_blocks() as u64 - merged.0,
        target: target.text_blocks() as u64 - merged.1,
        aligned: aligned as u64,
    };
    let mut found = Alignment { blocks: counts, ..Alignment::default() };
    for pair in pairs.iter().filter(|pair| is_text(pair)) {
        let (from, to) = (pair.source_atoms(source), pair.target_atoms(target));
        let beads = beads::beads(source, from.clone(), target, to.clone(), model);
        let beads = loose::recut(beads, (source, from), (target, to), model);
        for bead in beads {
            let mut features = features(&bead.found);
            features.is_fixed = f32::from(pair.is_fixed);
            features.aligned = counts.share();
            let (source_text, target_text) = texts(source, target, &bead);
            let inner = target.atoms[bead.target.clone()].iter().skip(1);
            let is_single = bead.source.len() == 1
                && bead.text.is_none()
                && inner.clone().all(|atom| atom.cut != crate::segmentation::Cut::Strong);
            features.is_unequal = f32::from(!is_single);
            features.is_loose = f32::from(bead.text.is_some());
            let (source, target) = (bead.source, bead.target);
            found.beads.push(Bead { source, target, is_single, source_text, target_text, features });
        }
    }
    let sentences = source.blocks.iter().filter(|block| block.is_text).map(|block| block.atoms.len() as u64);
    let paired: u64 = found.beads.iter().map(|bead| bead.source.len() as u64).sum();
    let sentences = sentences.sum::<u64>();
    found.sentences = (sentences, sentences - paired);
    found.target_sentences = target.sentences(0..target.blocks.len()) as u64;
    surroundings::add(&mut found.beads, source, target);
    found
}

/// What the confidence of two texts depends on that belong together by their place, such as the titles of two aligned documents, and not
/// by their order in the text. `is_latin`: whether both languages are written in Latin letters.
pub fn features_of_texts(
    (source, target): (&str, &str),
    is_latin: bool,
    model: &Model,
    found: &Alignment,
) -> Features {
    let (source, target) = (Side::of_text(source, is_latin), Side::of_text(target, is_latin));
    Features {
        is_fixed: 1.0,
        aligned: found.blocks.share(),
        around: surroundings::mean(&found.beads),
        ..features(&cost::compare(model, source.facts(0..1), target.facts(0..1)))
    }
}

/// A row of a document: a pair, or a sentence that is in none.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The range of the source text; `None` if there is none.
    pub source: Option<Range<usize>>,
    /// The range of the target text, likewise.
    pub target: Option<Range<usize>>,
    /// Of a pair, what its confidence depends on.
    pub features: Option<Features>,
}

/// All sentences of two aligned documents in order, for a person to look at.
pub fn rows(source: &Side<'_>, target: &Side<'_>, found: &Alignment) -> Vec<Row> {
    let texts = |side: &Side<'_>, atoms: Range<usize>| {
        let blocks = side.blocks[side.block_of(atoms.start)..]
            .iter()
            .take_while(|block| block.atoms.start < atoms.end);
        let atoms = blocks
            .filter(|block| block.is_text)
            .flat_map(|block| block.atoms.start.max(atoms.start)..block.atoms.end.min(atoms.end));
        atoms.map(|atom| side.atoms[atom].segment.range.clone()).collect::<Vec<_>>()
    };
    let mut rows = Vec::with_capacity(found.beads.len());
    let alone = |rows: &mut Vec<Row>, (one, other): (Range<usize>, Range<usize>)| {
        let source = texts(source, one).into_iter();
        rows.extend(source.map(|range| Row { source: Some(range), target: None, features: None }));
        let target = texts(target, other).into_iter();
        rows.extend(target.map(|range| Row { source: None, target: Some(range), features: None }));
    };
    let mut at = (0, 0);
    for bead in &found.beads {
        alone(&mut rows, (at.0..bead.source.start, at.1..bead.target.start.max(at.1)));
        rows.push(Row {
            source: Some(bead.source_text.clone()),
            target: Some(bead.target_text.clone()),
            features: Some(bead.features),
        });
        // Two beads share an atom that is cut at a blank.
        at = (bead.source.end, bead.target.end.max(at.1));
    }
    alone(&mut rows, (at.0..source.atoms.len(), at.1..target.atoms.len()));
    rows
}

fn features(found: &Comparison) -> Features {
    Features {
        deviation: found.deviation,
        anchors_common: found.anchors.0 as f32,
        anchors_missing: found.anchors.1 as f32,
        names: found.names.0 as f32,
        names_alone: found.names.1 as f32,
        sounds_differ: f32::from(found.sounds_differ()),
        dictionary: found.dictionary.mean,
        known: found.dictionary.known as f32,
        least: found.dictionary.least,
        length: found.length as f32,
        ends_differ: f32::from(found.ends.0),
        ..Features::default()
    }
}

/// The ranges of a bead's texts: the ends of the two are cut off alike. Where a text is a link and nothing else, its brackets are kept unless
/// the other side gives them up too.
fn texts(source: &Side<'_>, target: &Side<'_>, bead: &beads::Bead) -> (Range<usize>, Range<usize>) {
    let whole = |side: &Side<'_>, block: usize, atoms: &Range<usize>| {
        let is_whole = side.blocks[block].atoms == *atoms;
        side.outline.stretches[block].whole.clone().filter(|_| is_whole)
    };
    let segment = |side: &Side<'_>, block: usize, atoms: &Range<usize>| -> Segment {
        if let [atom] = &side.atoms[atoms.clone()] {
            return atom.segment.clone();
        }
        whole(side, block, atoms).unwrap_or_else(|| {
            let outer = |segment: &Segment| segment.link.clone().unwrap_or_else(|| segment.range.clone());
            let (first, last) = (&side.atoms[atoms.start], &side.atoms[atoms.end - 1]);
            Segment { range: outer(&first.segment).start..outer(&last.segment).end, link: None }
        })
    };
    // In merged blocks, the bead can begin in the second one.
    let pair = (source.block_of(bead.source.start), target.block_of(bead.target.start));
    let one = segment(source, pair.0, &bead.source);
    let other = match &bead.text {
        Some(range) => Segment { range: range.clone(), link: None },
        None => segment(target, pair.1, &bead.target),
    };
    let (one, other) = match (one.link, other.link) {
        (Some(_), Some(_)) => (one.range, other.range),
        (one_link, other_link) => (one_link.unwrap_or(one.range), other_link.unwrap_or(other.range)),
    };
    let (one, other) = (
        source.with_includes((pair.0, &bead.source), one.clone(), (target, pair.1, &other)),
        target.with_includes((pair.1, &bead.target), other, (source, pair.0, &one)),
    );
    let is_first =
        |side: &Side<'_>, block: usize, atoms: &Range<usize>| side.blocks[block].atoms.start == atoms.start;
    let starts = target.atoms[bead.target.start].segment.range.start;
    let begin = is_first(source, pair.0, &bead.source)
        && is_first(target, pair.1, &bead.target)
        && bead.text.as_ref().is_none_or(|text| text.start <= starts);
    let other = match begin {
        true => target.with_number(pair.1, other, &source.outline.text[one.clone()]),
        false => other,
    };
    // The number of a list item is no part of a text, if only one side reads it as such.
    let number = |side: &Side<'_>, range: &Range<usize>, other: (&Side<'_>, &Range<usize>)| match begin {
        true => ends::number_at(&side.outline.text[range.clone()], &other.0.outline.text[other.1.clone()]),
        false => 0,
    };
    let numbers = (number(source, &one, (target, &other)), number(target, &other, (source, &one)));
    let (one, other) = match numbers {
        (0, number) => (one, other.start + number..other.end),
        (number, _) => (one.start + number..one.end, other),
    };
    // An image behind a sentence is a segment of its own; in which text it is depends on the marks of the language.
    let images = (source.images(&one).count(), target.images(&other).count());
    let (one, other) = (
        source.without_images(one, images.0.saturating_sub(images.1)),
        target.without_images(other, images.1.saturating_sub(images.0)),
    );
    // An id that only one of the headings states is no part of its text.
    let bare = |side: &Side<'_>, range: &Range<usize>| {
        range.start..range.start + ends::without_id(&side.outline.text[range.clone()]).len()
    };
    let bares = (bare(source, &one), bare(target, &other));
    match (bares.0 == one, bares.1 == other) {
        (false, true) | (true, false) => bares,
        _ => (one, other),
    }
}
