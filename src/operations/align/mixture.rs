//! A translation that was updated in part has sentences of several versions of its source. Most are of the version that `choice` took; a
//! sentence that does not fit there, or has no partner, can fit in another version.

use std::collections::BTreeMap;
use std::ops::Range;

use super::choice::AlignedVersion;
use crate::alignment::Bead;

/// The least confidence of a pair of another version, and the confidence below which a pair is replaced by one.
const SURE: f32 = 0.8;
const DOUBTFUL: f32 = 0.9;

/// A pair, and the version that its source is of.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub version: &'a AlignedVersion<'a>,
    pub bead: &'a Bead,
}

/// The pairs of a document: for each of the chosen version, itself or what replaces it, after the pairs that only another version has for the
/// sentences before it; in the end, what is behind the last. Of two other versions that fit, the newer one is taken.
pub(super) fn parts<'a>(versions: &'a [AlignedVersion<'a>], chosen: usize) -> Vec<Vec<Part<'a>>> {
    let (version, beads) = (&versions[chosen], &versions[chosen].found.beads);
    let others = versions.iter().enumerate().filter(|&(at, _)| at != chosen);
    let others: Vec<InOrder<'_>> = others.map(|(_, version)| InOrder::new(version)).collect();
    let mut parts = vec![Vec::new(); beads.len() + 1];
    for (bead, parts) in beads.iter().zip(&mut parts) {
        match others.iter().filter(|_| is_doubtful(bead)).find_map(|other| other.instead_of(bead)) {
            Some(better) => parts.extend(better),
            None => parts.push(Part { version, bead }),
        }
    }
    if !others.is_empty() {
        add_missing(&mut parts, beads, &others);
    }
    parts
}

/// Adds pairs of other versions for sentences of the target that have none. `beads` are the pairs of the chosen version.
fn add_missing<'a>(parts: &mut [Vec<Part<'a>>], beads: &[Bead], others: &[InOrder<'a>]) {
    // By its beginning: the end of a target text that has a pair, and the place of this pair.
    let known = beads.iter().enumerate();
    let known = known.map(|(place, bead)| (bead.target_text.start, (bead.target_text.end, place)));
    let mut covered: BTreeMap<usize, (usize, usize)> = known.collect();
    for other in others {
        for &bead in other.beads.iter().filter(|bead| is_clear(bead)) {
            let Range { start, end } = bead.target_text.clone();
            if covered.range(..end).next_back().is_some_and(|(_, &(known, _))| known > start) {
                continue;
            }
            let place = covered.range(end..).next().map_or(beads.len(), |(_, &(_, place))| place);
            covered.insert(start, (end, place));
            // Sentences between two pairs stay in their order; the pair itself, if there is one, is the last.
            let parts = &mut parts[place];
            let at = parts.partition_point(|part| part.bead.target_text.start < start);
            parts.insert(at, Part { version: other.version, bead });
        }
    }
}

/// Whether something speaks against a pair.
fn is_doubtful(bead: &Bead) -> bool {
    bead.features.anchors_missing > 0.0 || bead.confidence() < DOUBTFUL
}

/// Whether nothing does.
fn is_clear(bead: &Bead) -> bool {
    let features = &bead.features;
    features.anchors_missing == 0.0
        && features.is_unequal == 0.0
        && features.is_loose == 0.0
        && bead.confidence() >= SURE
}

/// The pairs of a version, by the beginnings of their targets.
struct InOrder<'a> {
    version: &'a AlignedVersion<'a>,
    beads: Vec<&'a Bead>,
}

impl<'a> InOrder<'a> {
    fn new(version: &'a AlignedVersion<'a>) -> InOrder<'a> {
        let mut beads: Vec<&Bead> = version.found.beads.iter().collect();
        beads.sort_by_key(|bead| bead.target_text.start);
        InOrder { version, beads }
    }

    /// Pairs that have the same text of the target, and nothing against them.
    fn instead_of(&self, bead: &Bead) -> Option<Vec<Part<'a>>> {
        let Range { start, end } = bead.target_text.clone();
        let first = self.beads.partition_point(|other| other.target_text.start < start);
        let inside: Vec<&Bead> =
            self.beads[first..].iter().copied().take_while(|other| other.target_text.end <= end).collect();
        let (first, last) = (inside.first()?, inside.last()?);
        let is_same_text = first.target_text.start == start && last.target_text.end == end;
        let anchors: f32 = inside.iter().map(|other| other.features.anchors_common).sum();
        let is_better = inside.iter().all(|other| is_clear(other)) && anchors >= bead.features.anchors_common;
        (is_same_text && is_better)
            .then(|| inside.into_iter().map(|bead| Part { version: self.version, bead }).collect())
    }
}
