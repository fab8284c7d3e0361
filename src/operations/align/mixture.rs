//! A translation that was updated in part has sentences of several versions of its source. Most are of the version that `choice` took; a
//! sentence that does not fit there, or has no partner, can fit in another version.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::choice::AlignedVersion;
use crate::alignment::{Bead, Features};

/// The least confidence of a pair of another version.
const SURE: f32 = 0.8;
/// By how much the log odds of another pair have to be higher, so that it replaces one.
const BETTER: f32 = 1.0;
/// What it is worth in log odds if each sentence has a pair of its own, instead of one for several.
const SPLIT: f32 = 1.5;
/// What it costs if the source is later or earlier than the target, or if it does not have an address of the target.
const UNTIMELY: f32 = 2.2;
const ADDRESS: f32 = 4.0;

/// A pair, and the version that its source is of.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub version: &'a AlignedVersion<'a>,
    pub bead: &'a Bead,
    /// Whether its source is later or earlier than its target.
    untimely: bool,
}

/// The pairs of a document: for each of the chosen version, itself or what replaces it, after the pairs that only another version has for the
/// sentences before it; in the end, what is behind the last. Of two other versions that fit, the newer one is taken.
pub(super) fn parts<'a>(versions: &'a [AlignedVersion<'a>], chosen: usize) -> Vec<Vec<Part<'a>>> {
    let beads = &versions[chosen].found.beads;
    let others = versions.iter().enumerate().filter(|&(at, _)| at != chosen);
    let others: Vec<InOrder<'_>> = others.map(|(_, version)| InOrder::new(version)).collect();
    let mut parts = vec![Vec::new(); beads.len() + 1];
    for (part, parts) in parts_of(&versions[chosen]).zip(&mut parts) {
        // What is around a pair that is not sure says little of it.
        let place = (part.bead.confidence() >= SURE).then_some(&part.bead.features);
        let least = value(&[part], place) + BETTER;
        let others = others.iter().filter_map(|other| other.instead_of(&part));
        let of_value =
            others.map(|others| (value(others, place), others)).filter(|(value, _)| *value > least);
        // The newest one of those that are equal.
        let best = of_value.rev().max_by(|one, other| one.0.total_cmp(&other.0));
        match best {
            Some((_, better)) => parts.extend(better),
            None => parts.push(part),
        }
    }
    if !others.is_empty() {
        add_missing(&mut parts, beads, &others);
    }
    parts
}

fn parts_of<'a>(version: &'a AlignedVersion<'a>) -> impl Iterator<Item = Part<'a>> {
    version.pairs().map(move |(bead, untimely)| Part { version, bead, untimely })
}

/// Adds pairs of other versions for sentences of the target that have none. `beads` are the pairs of the chosen version.
fn add_missing<'a>(parts: &mut [Vec<Part<'a>>], beads: &[Bead], others: &[InOrder<'a>]) {
    // By its beginning: the end of a target text that has a pair, and the place of this pair.
    let known = beads.iter().enumerate();
    let known = known.map(|(place, bead)| (bead.target_text.start, (bead.target_text.end, place)));
    let mut covered: BTreeMap<usize, (usize, usize)> = known.collect();
    let clear = |untimely| {
        let parts = others.iter().flat_map(|other| &other.0);
        parts.filter(move |part| part.is_clear() && part.untimely == untimely)
    };
    for &part in clear(false).chain(clear(true)) {
        let Range { start, end } = part.bead.target_text.clone();
        if covered.range(..end).next_back().is_some_and(|(_, &(known, _))| known > start) {
            continue;
        }
        let place = covered.range(end..).next().map_or(beads.len(), |(_, &(_, place))| place);
        covered.insert(start, (end, place));
        // Sentences between two pairs stay in their order; the pair itself, if there is one, is the last.
        let parts = &mut parts[place];
        let at = parts.partition_point(|part| part.bead.target_text.start < start);
        parts.insert(at, part);
    }
}

/// How well pairs fit that are one after the other: the log odds of the least likely one, at a place if there is one.
fn value(parts: &[Part<'_>], place: Option<&Features>) -> f32 {
    let odds = parts.iter().map(|part| {
        let features = &part.bead.features;
        place.map_or(*features, |place| features.at_the_place_of(place)).log_odds()
    });
    let addresses: usize = parts.iter().map(Part::addresses_alone).sum();
    let (is_split, is_untimely) = (parts.len() > 1, parts.iter().all(|part| part.untimely));
    odds.fold(f32::INFINITY, f32::min) + if is_split { SPLIT } else { 0.0 }
        - if is_untimely { UNTIMELY } else { 0.0 }
        - ADDRESS * addresses as f32
}

impl<'a> Part<'a> {
    /// Whether nothing in its texts speaks against the pair.
    fn is_clear(&self) -> bool {
        let features = &self.bead.features;
        features.anchors_missing == 0.0
            && features.is_unequal == 0.0
            && features.is_loose == 0.0
            && self.bead.confidence() >= SURE
    }

    fn source(&self) -> Cow<'a, str> {
        self.version.sides.0.text(&self.bead.source_text)
    }

    /// How many addresses and paths of the target the source does not have as they are written.
    fn addresses_alone(&self) -> usize {
        let (source, target) = (self.source(), self.version.sides.1.text(&self.bead.target_text));
        let is_address = |word: &&str| word.starts_with('/') || word.contains("://");
        target.split_whitespace().filter(is_address).filter(|word| !source.contains(*word)).count()
    }
}

/// The pairs of a version, by the beginnings of their targets.
struct InOrder<'a>(Vec<Part<'a>>);

impl<'a> InOrder<'a> {
    fn new(version: &'a AlignedVersion<'a>) -> InOrder<'a> {
        let mut parts: Vec<Part<'_>> = parts_of(version).collect();
        parts.sort_by_key(|part| part.bead.target_text.start);
        InOrder(parts)
    }

    /// The pairs that have the same text of the target and another of the source, if nothing in their texts speaks against them.
    fn instead_of(&self, part: &Part<'_>) -> Option<&[Part<'a>]> {
        let Range { start, end } = part.bead.target_text.clone();
        let parts = &self.0[self.0.partition_point(|other| other.bead.target_text.start < start)..];
        let inside = &parts[..parts.iter().take_while(|other| other.bead.target_text.end <= end).count()];
        let (first, last) = (inside.first()?, inside.last()?);
        let is_same_text = first.bead.target_text.start == start && last.bead.target_text.end == end;
        let is_other = inside.len() > 1 || first.source() != part.source();
        (is_same_text && is_other && inside.iter().all(Part::is_clear)).then_some(inside)
    }
}
