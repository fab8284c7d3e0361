//! Sections that are in another order in the translation than in the source. Alignment finds pairs that rise on both sides, so such sections
//! are brought into the order of the source first.
//!
//! Sections belong together by anchors and names that few sections have, and, once the documents are aligned, by what it costs to align
//! them: those that the alignment left without a partner are compared with each other. A section moves only if this leaves no doubt.

use std::collections::HashMap;
use std::ops::Range;

use super::blocks::{ALONE, compared, cost_of_ranges};
use super::cost::Model;
use super::side::Side;
use super::tokens::Key;
use super::{Alignment, align};
use crate::segmentation::StretchKind;

/// A document with more sections is left as it is.
const MOST_SECTIONS: usize = 300;
/// A key that more sections of a document have says nothing of their order.
const MOST_WITH_KEY: usize = 6;
/// The least similarity of two sections that belong together (Dice's coefficient over weighted keys), and how much of it another section can
/// have.
const SIMILAR: f32 = 0.5;
const OTHER: f32 = 0.6;
/// The least weight of what they have in common: that of two keys that no other section has.
const EVIDENCE: f32 = 2.0;

/// A section with less confidence, relative to its sentences, may have its partner elsewhere.
const DOUBTFUL: f32 = 0.9;
/// The most such sections, and pairs of their blocks that are compared.
const MOST_DOUBTFUL: usize = 24;
const MOST_COMPARED: usize = 600_000;
/// The largest cost of two sections that belong together, for each block, and by how much it is below that of other sections.
const FITS: f32 = 0.25 * ALONE;
const CLEARLY: f32 = 0.2 * ALONE;
/// By so much the documents have to fit better after a move.
const BETTER: f32 = 0.01;

/// Aligns two documents, also if sections of the target are in another order. Returns the target with its sections in the order of the source.
pub fn align_in_order<'d>(source: &Side<'_>, target: Side<'d>, model: &Model) -> (Side<'d>, Alignment) {
    let found = align(source, &target, model);
    let Some(order) = order_by_cost(source, &target, &found, model) else { return (target, found) };
    let moved = with_order(&target, order.into_iter());
    let again = align(source, &moved, model);
    if again.fit() > found.fit() + BETTER { (moved, again) } else { (target, found) }
}

/// The blocks of the target in the order of the source, if sections that are badly aligned fit well in another order.
fn order_by_cost(
    source: &Side<'_>,
    target: &Side<'_>,
    found: &Alignment,
    model: &Model,
) -> Option<Vec<Range<usize>>> {
    let level = level_of_sections(source, target)?;
    let (ours, theirs) = (sections(source, level), sections(target, level));
    let section_of =
        |sections: &[Range<usize>], block: usize| sections.partition_point(|range| range.end <= block);
    let (mut sure, mut their_sure) = (vec![0.0_f32; ours.len()], vec![0.0_f32; theirs.len()]);
    let mut together: HashMap<(usize, usize), f32> = HashMap::new();
    for bead in &found.beads {
        let one = section_of(&ours, source.block_of(bead.source.start));
        let other = section_of(&theirs, target.block_of(bead.target.start));
        sure[one] += bead.confidence() * bead.source.len() as f32;
        their_sure[other] += bead.confidence();
        *together.entry((one, other)).or_default() += bead.confidence();
    }
    let doubtful = |side: &Side<'_>, sections: &[Range<usize>], sure: &[f32]| -> Vec<usize> {
        let sentences = |section: &Range<usize>| side.sentences(section.clone());
        let is_doubtful = |&section: &usize| {
            let sentences = sentences(&sections[section]);
            sentences > 0 && sure[section] < DOUBTFUL * sentences as f32
        };
        (0..sections.len()).filter(is_doubtful).collect()
    };
    let (here, there) = (doubtful(source, &ours, &sure), doubtful(target, &theirs, &their_sure));
    let comparisons = || {
        let in_row = |one: usize| -> usize {
            there.iter().map(|&other| compared(ours[one].len(), theirs[other].len())).sum()
        };
        here.iter().map(|&one| in_row(one)).sum::<usize>()
    };
    if here.is_empty()
        || there.is_empty()
        || here.len().max(there.len()) > MOST_DOUBTFUL
        || comparisons() > MOST_COMPARED
    {
        return None;
    }
    let costs: Vec<Vec<f32>> = here
        .iter()
        .map(|&one| {
            let cost = |&other: &usize| {
                cost_of_ranges((source, ours[one].clone()), (target, theirs[other].clone()), model)
            };
            there.iter().map(cost).collect()
        })
        .collect();
    // The lowest cost but for that of a pair itself, in its row and its column.
    let others = |row: usize, column: usize| {
        let in_row = (0..there.len()).filter(|&at| at != column).map(|at| costs[row][at]);
        let in_column = (0..here.len()).filter(|&at| at != row).map(|at| costs[at][column]);
        in_row.chain(in_column).fold(ALONE, f32::min)
    };
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (row, &one) in here.iter().enumerate() {
        for (column, &other) in there.iter().enumerate() {
            let cost = costs[row][column];
            if cost < FITS && cost + CLEARLY < others(row, column) {
                pairs.push((one, other));
            }
        }
    }
    // The sections that are well aligned stay together.
    let is_used = |pairs: &[(usize, usize)], (one, other): (usize, usize)| {
        pairs.iter().any(|pair| pair.0 == one || pair.1 == other)
    };
    let mut known: Vec<((usize, usize), f32)> = together.into_iter().collect();
    known.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    for (pair, _) in known {
        if !here.contains(&pair.0) && !there.contains(&pair.1) && !is_used(&pairs, pair) {
            pairs.push(pair);
        }
    }
    pairs.sort_unstable();
    let order = order(&pairs, &theirs)?;
    Some(order.into_iter().map(|section| theirs[section].clone()).collect())
}

/// The target with its blocks in another order.
fn with_order<'d>(target: &Side<'d>, order: impl Iterator<Item = Range<usize>>) -> Side<'d> {
    let mut outline = target.outline.clone();
    let stretches = order.flat_map(|blocks| &target.outline.stretches[blocks]);
    outline.stretches = stretches.cloned().collect();
    Side::new(outline, target.is_latin)
}

/// The target with its sections in the order of the source.
pub fn in_order_of<'d>(source: &Side<'_>, target: Side<'d>) -> Side<'d> {
    let Some(level) = level_of_sections(source, &target) else { return target };
    let (ours, theirs) = (sections(source, level), sections(&target, level));
    if ours.len().max(theirs.len()) > MOST_SECTIONS {
        return target;
    }
    let pairs = sure_pairs(source, &ours, &target, &theirs);
    let Some(order) = order(&pairs, &theirs) else { return target };
    with_order(&target, order.into_iter().map(|section| theirs[section].clone()))
}

/// The highest level of headings that occurs at least twice on both sides.
fn level_of_sections(source: &Side<'_>, target: &Side<'_>) -> Option<u8> {
    let count = |side: &Side<'_>, level| {
        side.blocks.iter().filter(|block| block.kind == StretchKind::Heading(level)).count()
    };
    (1..=6).find(|&level| count(source, level) > 1 && count(target, level) > 1)
}

/// The blocks of each section: what is before the first heading of a level, and what follows each of these.
fn sections(side: &Side<'_>, level: u8) -> Vec<Range<usize>> {
    let begins =
        |block: usize| matches!(side.blocks[block].kind, StretchKind::Heading(found) if found <= level);
    let starts: Vec<usize> = (0..side.blocks.len()).filter(|&block| block == 0 || begins(block)).collect();
    let ends = starts.iter().skip(1).copied().chain([side.blocks.len()]);
    starts.iter().zip(ends).map(|(&start, end)| start..end).collect()
}

/// The different keys of a section.
fn keys(side: &Side<'_>, blocks: &Range<usize>) -> Vec<Key> {
    let (first, last) = (&side.blocks[blocks.start], &side.blocks[blocks.end - 1]);
    let facts = side.facts(first.atoms.start..last.atoms.end);
    let mut keys: Vec<Key> = facts.anchors.iter().chain(facts.names).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Sections that belong together without doubt, in the order of the source.
fn sure_pairs(
    source: &Side<'_>,
    ours: &[Range<usize>],
    target: &Side<'_>,
    theirs: &[Range<usize>],
) -> Vec<(usize, usize)> {
    let (mut of_source, mut of_target) = (HashMap::new(), HashMap::new());
    let add = |map: &mut HashMap<Key, Vec<usize>>, side: &Side<'_>, sections: &[Range<usize>]| {
        for (number, blocks) in sections.iter().enumerate() {
            keys(side, blocks).into_iter().for_each(|key| map.entry(key).or_default().push(number));
        }
    };
    add(&mut of_source, source, ours);
    add(&mut of_target, target, theirs);
    let (mut weights, mut their_weights) = (vec![0.0_f32; ours.len()], vec![0.0_f32; theirs.len()]);
    let mut common: HashMap<(usize, usize), f32> = HashMap::new();
    let none = Vec::new();
    // In the order of the keys, so that sums do not depend on the order of a map.
    let mut all: Vec<Key> = of_source.keys().copied().collect();
    all.sort_unstable();
    for key in all {
        let (here, there) = (of_source.get(&key).unwrap_or(&none), of_target.get(&key).unwrap_or(&none));
        let most = here.len().max(there.len());
        // A name that only one side has can be any word with a capital letter.
        if most > MOST_WITH_KEY || here.is_empty() || there.is_empty() {
            continue;
        }
        let weight = 1.0 / most as f32;
        here.iter().for_each(|&one| weights[one] += weight);
        there.iter().for_each(|&other| their_weights[other] += weight);
        for &one in here {
            there.iter().for_each(|&other| *common.entry((one, other)).or_default() += weight);
        }
    }
    let similarity =
        |(one, other): (usize, usize), common: f32| 2.0 * common / (weights[one] + their_weights[other]);
    // The best and the second best of each section.
    let mut best_of_ours = vec![[(0.0_f32, 0); 2]; ours.len()];
    let mut best_of_theirs = vec![[(0.0_f32, 0); 2]; theirs.len()];
    let mut entries: Vec<_> = common.into_iter().collect();
    entries.sort_unstable_by_key(|&(pair, _)| pair);
    for &(pair, common) in &entries {
        let found = similarity(pair, common);
        for (best, partner) in [(&mut best_of_ours[pair.0], pair.1), (&mut best_of_theirs[pair.1], pair.0)] {
            if found > best[0].0 {
                *best = [(found, partner), best[0]];
            } else if found > best[1].0 {
                best[1] = (found, partner);
            }
        }
    }
    let is_sure = |&((one, other), common): &((usize, usize), f32)| {
        let (here, there) = (best_of_ours[one], best_of_theirs[other]);
        common >= EVIDENCE
            && here[0].0 >= SIMILAR
            && (here[0].1, there[0].1) == (other, one)
            && here[1].0.max(there[1].0) <= OTHER * here[0].0
    };
    entries.iter().filter(|entry| is_sure(entry)).map(|&(pair, _)| pair).collect()
}

/// The order of the sections of the target in which the pairs rise on both sides; `None` if they do already. As few blocks as possible move.
fn order(pairs: &[(usize, usize)], theirs: &[Range<usize>]) -> Option<Vec<usize>> {
    if pairs.is_sorted_by_key(|&(_, target)| target) {
        return None;
    }
    // The heaviest rising subsequence stays.
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(pairs.len());
    for (at, &(_, target)) in pairs.iter().enumerate() {
        let before = (0..at).filter(|&before| pairs[before].1 < target).max_by_key(|&before| best[before].0);
        let weight = theirs[target].len() + before.map_or(0, |before| best[before].0);
        best.push((weight, before));
    }
    let mut stays = vec![false; pairs.len()];
    let mut at = (0..pairs.len()).max_by_key(|&at| best[at].0);
    while let Some(index) = at {
        stays[index] = true;
        at = best[index].1;
    }
    let moves = |section: usize| pairs.iter().zip(&stays).any(|(pair, stays)| pair.1 == section && !stays);
    let mut order: Vec<usize> = (0..theirs.len()).filter(|&section| !moves(section)).collect();
    for (at, &(_, section)) in pairs.iter().enumerate().filter(|&(at, _)| !stays[at]) {
        // Behind the partner of the section before it in the source.
        let before =
            at.checked_sub(1).and_then(|before| order.iter().position(|&known| known == pairs[before].1));
        order.insert(before.map_or_else(|| usize::from(!order.is_empty()), |before| before + 1), section);
    }
    Some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_blocks_as_possible_move() {
        // Two sections exchanged around a third one.
        let sizes = [0..1, 1..4, 4..9, 9..11, 11..13];
        assert_eq!(order(&[(0, 0), (1, 3), (2, 2), (3, 1), (4, 4)], &sizes), Some(vec![0, 3, 2, 1, 4]));
        assert_eq!(order(&[(0, 0), (1, 1), (3, 3)], &sizes), None);
        // The first one goes behind what is before the first heading.
        assert_eq!(order(&[(1, 4), (2, 2), (3, 3)], &sizes), Some(vec![0, 4, 1, 2, 3]));
    }
}
