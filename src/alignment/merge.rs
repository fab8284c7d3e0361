//! Paragraphs that are two on one side and one on the other. Alignment of blocks pairs one with one; here, a paragraph that is left over joins
//! the pair beside it.

use std::ops::Range;

use super::blocks::{BlockPair, GAP, cost_of_content};
use super::cost::{Model, compare};
use super::side::{Block, Side};
use crate::segmentation::StretchKind;

/// What it costs that two blocks of one side belong to one of the other, and the least deviation of the length of one of them alone.
const MERGED: f32 = 1.0;
const TOO_SHORT: f32 = 1.5;

/// Adds paragraphs without a partner to the pairs beside them.
pub(super) fn merged(
    pairs: Vec<BlockPair>,
    source: &Side<'_>,
    target: &Side<'_>,
    model: &Model,
) -> Vec<BlockPair> {
    Merge { source, target, model }.all(pairs)
}

struct Merge<'a, 'd> {
    source: &'a Side<'d>,
    target: &'a Side<'d>,
    model: &'a Model,
}

/// One of the two documents.
#[derive(Clone, Copy)]
enum Tree {
    Source,
    Target,
}

impl Merge<'_, '_> {
    /// Adds paragraphs without a partner to the pair before or after them, where their text is a part of the other side's paragraph.
    fn all(&self, mut pairs: Vec<BlockPair>) -> Vec<BlockPair> {
        let mut at = (0, 0);
        for index in 0..=pairs.len() {
            let end = (self.source.blocks.len(), self.target.blocks.len());
            let next = pairs.get(index).map_or(end, |pair| (pair.source.start, pair.target.start));
            let gaps = (at.0..next.0, at.1..next.1);
            // A gap on both sides may be two paragraphs that do not belong together.
            let (tree, gap) = match gaps {
                (source, target) if target.is_empty() => (Tree::Source, source),
                (source, target) if source.is_empty() => (Tree::Target, target),
                _ => (Tree::Source, 0..0),
            };
            let before = index.checked_sub(1);
            let options = match gap.len() {
                1 => vec![(gap.start, vec![before, Some(index)])],
                2 => vec![(gap.start, vec![before]), (gap.start + 1, vec![Some(index)])],
                _ => Vec::new(),
            };
            for (block, partners) in options {
                let merged = partners.into_iter().flatten().filter_map(|partner| {
                    let (gain, merged) = self.merged(pairs.get(partner)?, block, tree)?;
                    Some((gain, partner, merged))
                });
                if let Some((_, partner, merged)) = merged.min_by(|one, other| one.0.total_cmp(&other.0)) {
                    pairs[partner] = merged;
                }
            }
            if let Some(pair) = pairs.get(index) {
                at = (pair.source.end, pair.target.end);
            }
        }
        pairs
    }

    /// A pair with one more block of a tree, if that is better, and what it costs more.
    fn merged(&self, pair: &BlockPair, block: usize, tree: Tree) -> Option<(f32, BlockPair)> {
        if pair.source.len() + pair.target.len() > 2 {
            return None;
        }
        let with = |blocks: &Range<usize>| blocks.start.min(block)..blocks.end.max(block + 1);
        let mut merged = BlockPair { is_fixed: false, ..pair.clone() };
        let gain = match tree {
            Tree::Source => {
                merged.source = with(&pair.source);
                self.gain(pair, &merged, (self.source, merged.source.clone()), 1.0)
            }
            Tree::Target => {
                merged.target = with(&pair.target);
                self.gain(pair, &merged, (self.target, merged.target.clone()), -1.0)
            }
        };
        Some((gain?, merged))
    }

    /// What a merged pair costs more than the pair and a gap: less than 0. `sign` is that of the deviation of a pair that lacks a block.
    fn gain(
        &self,
        pair: &BlockPair,
        merged: &BlockPair,
        (side, both): (&Side<'_>, Range<usize>),
        sign: f32,
    ) -> Option<f32> {
        let is_text = |blocks: &[Block]| blocks.iter().all(|block| block.is_text);
        let are_texts = is_text(&side.blocks[both.clone()])
            && is_text(&self.source.blocks[pair.source.clone()])
            && is_text(&self.target.blocks[pair.target.clone()]);
        if !are_texts || !are_one_text(side, both) {
            return None;
        }
        let compared = |pair: &BlockPair| {
            let source = self.source.facts(pair.source_atoms(self.source));
            compare(self.model, source, self.target.facts(pair.target_atoms(self.target)))
        };
        let (alone, together) = (compared(pair), compared(merged));
        let gain = cost_of_content(&together) + MERGED - cost_of_content(&alone) - GAP;
        (sign * alone.deviation >= TOO_SHORT
            && together.deviation.abs() < alone.deviation.abs()
            && gain < 0.0)
            .then_some(gain)
    }
}

/// Whether consecutive blocks are paragraphs with nothing but white space and marks of quotes between them.
fn are_one_text(side: &Side<'_>, blocks: Range<usize>) -> bool {
    let is_paragraph = |block: &Block| matches!(block.kind, StretchKind::Paragraph | StretchKind::ListItem);
    let stretches = &side.outline.stretches[blocks.clone()];
    side.blocks[blocks.clone()].iter().all(is_paragraph)
        && side.blocks[blocks].iter().skip(1).all(|block| block.kind == StretchKind::Paragraph)
        && stretches.windows(2).all(|pair| {
            let between = side.outline.text.get(pair[0].outer.end..pair[1].outer.start);
            between.is_some_and(|text| text.chars().all(|c| c.is_whitespace() || c == '>'))
        })
}
