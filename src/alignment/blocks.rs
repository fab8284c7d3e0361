//! Alignment of blocks: which paragraph, heading, cell or code block of one document belongs to which of the other.
//!
//! Blocks with the same anchors that occur once on both sides are fixed points (patience diff: their longest increasing subsequence).
//! Between them, dynamic programming in a band around the diagonal decides, so the work is linear in the length of a document.

use std::collections::HashMap;
use std::ops::Range;

use super::cost::{Comparison, Model, compare};
use super::side::{Block, Side};
use super::tokens::Key;
use crate::segmentation::StretchKind;

/// The cost of a block without a partner. A pair is worth it as long as it costs less than two of these. All costs are those of the
/// prototype that was measured on side-by-side sets of twelve languages; they are in units of a log-likelihood, roughly.
pub(super) const GAP: f32 = 2.5;
/// A pair of blocks that is better than this needs no comparison with others, where both documents have the same sequence.
const CLEAR: f32 = 2.0;
/// Blocks of these kinds never belong together.
const NEVER: f32 = 1e9;
/// Half the width of the band, and the size up to which the whole table is computed.
const BAND: usize = 100;
const WHOLE: usize = 250_000;

/// Blocks that belong together: one of each side, or two paragraphs of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BlockPair {
    pub source: Range<usize>,
    pub target: Range<usize>,
    /// Whether their anchors, or the sequence that they are in, leave no doubt.
    pub is_fixed: bool,
}

/// The blocks that belong together, rising on both sides.
pub(super) fn pairs(source: &Side<'_>, target: &Side<'_>, model: &Model) -> Vec<BlockPair> {
    let mut run = Run { source, target, model, pairs: Vec::new() };
    // A stack, the first region on top: regions come out in order.
    let mut regions = vec![Task::Region(0..source.blocks.len(), 0..target.blocks.len())];
    while let Some(task) = regions.pop() {
        let (from, to) = match task {
            Task::Pair(pair) => {
                run.pairs.push(pair);
                continue;
            }
            Task::Region(from, to) => (from, to),
        };
        if from.is_empty() || to.is_empty() || run.pair_off(from.clone(), to.clone()) {
            continue;
        }
        let fixed = fixed_points(&source.blocks, from.clone(), &target.blocks, to.clone());
        if fixed.is_empty() {
            run.dynamic(from, to);
            continue;
        }
        let (mut tasks, mut at) = (Vec::with_capacity(2 * fixed.len() + 1), (from.start, to.start));
        for (one, other) in fixed {
            tasks.push(Task::Region(at.0..one, at.1..other));
            tasks.push(Task::Pair(BlockPair::of((one, other), true)));
            at = (one + 1, other + 1);
        }
        tasks.push(Task::Region(at.0..from.end, at.1..to.end));
        regions.extend(tasks.into_iter().rev());
    }
    run.pairs
}

/// What it costs to align the blocks of two ranges, relative to the mean of their numbers. [`ALONE`] if nothing in them fits.
pub(super) fn cost_of_ranges(
    (source, from): (&Side<'_>, Range<usize>),
    (target, to): (&Side<'_>, Range<usize>),
    model: &Model,
) -> f32 {
    let blocks = (from.len() + to.len()).max(1) as f32;
    let cost = Run { source, target, model, pairs: Vec::new() }.dynamic(from, to);
    2.0 * cost / blocks
}

/// How many pairs of blocks [`cost_of_ranges`] compares.
pub(super) fn compared(rows: usize, columns: usize) -> usize {
    rows.saturating_mul(columns.min(Band::new(rows, columns, (WHOLE, BAND)).width()))
}

/// The result of [`cost_of_ranges`] if nothing fits: a gap for each block.
pub(super) const ALONE: f32 = 2.0 * GAP;

enum Task {
    Region(Range<usize>, Range<usize>),
    Pair(BlockPair),
}

/// Pairs of blocks whose signatures have anchors and occur once in each region: the longest sequence that rises on both sides.
fn fixed_points(
    source: &[Block],
    from: Range<usize>,
    target: &[Block],
    to: Range<usize>,
) -> Vec<(usize, usize)> {
    let once = |blocks: &[Block], range: Range<usize>| {
        let mut found: HashMap<Key, Option<usize>> = HashMap::new();
        for at in range.filter(|&at| blocks[at].is_anchored) {
            found.entry(blocks[at].signature).and_modify(|only| *only = None).or_insert(Some(at));
        }
        found
    };
    let theirs = once(target, to);
    let ours = once(source, from.clone());
    let candidates: Vec<(usize, usize)> = from
        .filter(|&at| source[at].is_anchored)
        .filter_map(|at| {
            let signature = source[at].signature;
            ours.get(&signature).copied().flatten()?;
            Some((at, theirs.get(&signature).copied().flatten()?))
        })
        .collect();
    longest_rising(&candidates)
}

/// The longest subsequence whose second numbers rise (patience sorting).
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, pair) in pairs.iter().enumerate() {
        let pile = tops.partition_point(|&top| pairs[top].1 < pair.1);
        before.push(pile.checked_sub(1).map(|pile| tops[pile]));
        if pile == tops.len() {
            tops.push(at);
        } else {
            tops[pile] = at;
        }
    }
    let mut rising = Vec::with_capacity(tops.len());
    let mut at = tops.last().copied();
    while let Some(index) = at {
        rising.push(pairs[index]);
        at = before[index];
    }
    rising.reverse();
    rising
}

struct Run<'a, 'd> {
    source: &'a Side<'d>,
    target: &'a Side<'d>,
    model: &'a Model,
    pairs: Vec<BlockPair>,
}

impl Run<'_, '_> {
    /// Pairs the blocks of two regions one by one, if both have the same sequence of signatures and no pair is unlikely.
    fn pair_off(&mut self, from: Range<usize>, to: Range<usize>) -> bool {
        let blocks = || self.source.blocks[from.clone()].iter().zip(&self.target.blocks[to.clone()]);
        let is_same = from.len() == to.len() && blocks().all(|(one, other)| one.signature == other.signature);
        if !is_same || !from.clone().zip(to.clone()).all(|(one, other)| self.cost(one, other) < CLEAR) {
            return false;
        }
        let pairs = from.zip(to).map(|pair| BlockPair::of(pair, true));
        self.pairs.extend(pairs);
        true
    }

    /// The cost of a pair.
    fn cost(&self, source: usize, target: usize) -> f32 {
        let (one, other) = (&self.source.blocks[source], &self.target.blocks[target]);
        let kind = cost_of_kinds(one.kind, other.kind);
        if kind >= NEVER {
            return kind;
        }
        let facts = (self.source.facts(one.atoms.clone()), self.target.facts(other.atoms.clone()));
        if one.kind == StretchKind::Code {
            return if facts.0.anchors == facts.1.anchors { -3.0 } else { 1.5 };
        }
        let found = compare(self.model, facts.0, facts.1);
        kind + cost_of_content(&found) + if one.is_text == other.is_text { 0.0 } else { 2.0 }
    }

    /// Aligns two regions by dynamic programming (Needleman and Wunsch, in a band). Returns the cost.
    fn dynamic(&mut self, from: Range<usize>, to: Range<usize>) -> f32 {
        let (rows, columns) = (from.len(), to.len());
        let band = Band::new(rows, columns, (WHOLE, BAND));
        let mut moves = vec![Move::End; (rows + 1) * band.width()];
        let (mut before, mut costs) = (vec![f32::MAX; band.width()], vec![f32::MAX; band.width()]);
        for row in 0..=rows {
            costs.fill(f32::MAX);
            let (first, last) = band.columns_of(row);
            for column in first..=last {
                let at = column - first;
                let mut best = (f32::MAX, Move::End);
                let mut offer = |cost: f32, step| {
                    if cost < best.0 {
                        best = (cost, step);
                    }
                };
                if row == 0 && column == 0 {
                    offer(0.0, Move::End);
                }
                let above = |column: usize| {
                    let (start, end) = band.columns_of(row.checked_sub(1)?);
                    (start..=end).contains(&column).then(|| before[column - start])
                };
                if let Some(cost) = column.checked_sub(1).and_then(above).filter(|&cost| cost < f32::MAX) {
                    offer(cost + self.cost(from.start + row - 1, to.start + column - 1), Move::Both);
                }
                if let Some(cost) = above(column).filter(|&cost| cost < f32::MAX) {
                    offer(cost + GAP, Move::Source);
                }
                if column > first && costs[at - 1] < f32::MAX {
                    offer(costs[at - 1] + GAP, Move::Target);
                }
                costs[at] = best.0;
                moves[row * band.width() + at] = best.1;
            }
            std::mem::swap(&mut before, &mut costs);
        }
        let total = before[columns - band.columns_of(rows).0];
        let (mut row, mut column) = (rows, columns);
        let first = self.pairs.len();
        loop {
            match moves[row * band.width() + (column - band.columns_of(row).0)] {
                Move::End => break,
                Move::Both => {
                    (row, column) = (row - 1, column - 1);
                    let (source, target) = (from.start + row, to.start + column);
                    let is_fixed = self.source.blocks[source].is_anchored
                        && self.source.blocks[source].signature == self.target.blocks[target].signature;
                    self.pairs.push(BlockPair::of((source, target), is_fixed));
                }
                Move::Source => row -= 1,
                Move::Target => column -= 1,
            }
        }
        self.pairs[first..].reverse();
        total
    }
}

impl BlockPair {
    /// One block of each side.
    fn of((source, target): (usize, usize), is_fixed: bool) -> BlockPair {
        BlockPair { source: source..source + 1, target: target..target + 1, is_fixed }
    }

    /// The atoms of its blocks of the source.
    pub fn source_atoms(&self, source: &Side<'_>) -> Range<usize> {
        source.blocks[self.source.start].atoms.start..source.blocks[self.source.end - 1].atoms.end
    }

    /// The atoms of its blocks of the target.
    pub fn target_atoms(&self, target: &Side<'_>) -> Range<usize> {
        target.blocks[self.target.start].atoms.start..target.blocks[self.target.end - 1].atoms.end
    }
}

/// A step of the alignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    End,
    Both,
    Source,
    Target,
}

/// The cells of a table that are near its diagonal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Band {
    pub rows: usize,
    pub columns: usize,
    /// Half its width.
    pub half: usize,
}

impl Band {
    /// All cells of a table that has at most `whole`, else `half` the width on both sides of the diagonal.
    pub fn new(rows: usize, columns: usize, (whole, half): (usize, usize)) -> Band {
        let half = if rows.saturating_mul(columns) <= whole { columns } else { half };
        Band { rows, columns, half }
    }

    /// The most columns of a row.
    pub fn width(self) -> usize {
        (2 * self.half + 1 + self.slope()).min(self.columns + 1)
    }

    /// By how many columns the diagonal advances with each row.
    fn slope(self) -> usize {
        self.columns / self.rows.max(1)
    }

    /// The first and the last column of a row.
    pub fn columns_of(self, row: usize) -> (usize, usize) {
        let middle = (row as u64 * self.columns as u64 / self.rows.max(1) as u64) as usize;
        let first = middle.saturating_sub(self.half + self.slope());
        let last = (middle + self.half).min(self.columns);
        (first.max((last + 1).saturating_sub(self.width())), last)
    }
}

fn cost_of_kinds(one: StretchKind, other: StretchKind) -> f32 {
    use StretchKind::{Cell, Code, Heading, Html, Instruction, ListItem, Paragraph};
    match (one, other) {
        _ if one == other => 0.0,
        (Code | Instruction, _) | (_, Code | Instruction) => NEVER,
        (Heading(_), Heading(_)) => 3.0,
        (Cell(_), Cell(_)) => 4.0,
        (Paragraph, ListItem | Html) | (ListItem, Paragraph) | (Html, Paragraph) => 3.0,
        _ => 6.0,
    }
}

pub(super) fn cost_of_content(found: &Comparison) -> f32 {
    let length = (found.deviation * found.deviation / 4.0).min(6.0);
    let (common, missing) = found.anchors;
    length - 1.5 * common as f32 + 0.8 * (missing as f32).min(8.0) - 0.8 * (found.names.0 as f32).min(5.0)
        + found.dictionary_cost()
        + found.sounds_cost()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rising_sequence_is_found() {
        assert_eq!(longest_rising(&[(0, 5), (1, 0), (2, 1), (3, 9), (4, 2)]), [(1, 0), (2, 1), (4, 2)]);
        assert_eq!(longest_rising(&[]), []);
    }

    #[test]
    fn a_band_holds_both_corners_and_never_leaves_the_table() {
        for (rows, columns, half) in
            [(1, 1, 1), (10, 3, 1), (3, 100, 2), (500, 510, 7), (0, 4, 4), (1, 1_000, 3)]
        {
            let band = Band { rows, columns, half };
            assert_eq!(band.columns_of(0).0, 0);
            assert_eq!(band.columns_of(rows).1, columns);
            let mut before = band.columns_of(0);
            for row in 1..=rows {
                let (first, last) = band.columns_of(row);
                assert!(last <= columns && last - first < band.width(), "{row} of {band:?}");
                // The rows overlap, so that there is a way from one to the next.
                assert!(first <= before.1 && first >= before.0, "{row} of {band:?}");
                before = (first, last);
            }
        }
    }
}
