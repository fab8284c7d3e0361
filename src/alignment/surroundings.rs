//! What the pairs around a pair, and the sentences without a partner, say of it.

use super::Bead;
use super::confidence::{Features, Surroundings};
use super::side::Side;

/// Pairs up to this distance count, each by the inverse of its distance.
const REACH: usize = 6;
/// A gap at this distance says nothing.
const FAR: usize = 30;
/// The most that one pair counts: anchors that both texts have, those that one has, and names.
const MOST: (f32, f32, f32) = (2.0, 3.0, 2.0);

/// Adds to the features of each pair what is around it. The pairs rise in the order of both documents.
pub(super) fn add(beads: &mut [Bead], source: &Side<'_>, target: &Side<'_>) {
    let gaps = gaps(beads, source, target);
    let sum = |count: fn(&Gap) -> u32| gaps.iter().map(count).sum::<u32>() as f32;
    let share = |gaps: f32| gaps / (gaps + beads.len() as f32).max(1.0);
    let alone = (share(sum(|gap| gap.source)), share(sum(|gap| gap.target)));
    let all: Vec<Features> = beads.iter().map(|bead| bead.features).collect();
    for (at, bead) in beads.iter_mut().enumerate() {
        bead.features.around = Surroundings { alone, ..around(&all, &gaps, at) };
    }
}

/// What is around the pairs of a document in the mean.
pub(super) fn mean(beads: &[Bead]) -> Surroundings {
    let mean = |value: fn(&Surroundings) -> f32| {
        beads.iter().map(|bead| value(&bead.features.around)).sum::<f32>() / beads.len().max(1) as f32
    };
    Surroundings {
        evidence: mean(|around| around.evidence),
        anchors_common: mean(|around| around.anchors_common),
        anchors_missing: mean(|around| around.anchors_missing),
        names: mean(|around| around.names),
        nearer_gap: mean(|around| around.nearer_gap),
        farther_gap: mean(|around| around.farther_gap),
        gaps: mean(|around| around.gaps),
        alone: (mean(|around| around.alone.0), mean(|around| around.alone.1)),
    }
}

/// Sentences without a partner between two pairs.
#[derive(Clone, Copy)]
struct Gap {
    source: u32,
    target: u32,
}

impl Gap {
    fn len(self) -> u32 {
        self.source + self.target
    }
}

/// The gap before each pair, and the one after the last.
fn gaps(beads: &[Bead], source: &Side<'_>, target: &Side<'_>) -> Vec<Gap> {
    let mut at = (0, 0);
    let mut gaps = Vec::with_capacity(beads.len() + 1);
    let ends = beads.iter().map(|bead| (bead.source.clone(), bead.target.clone()));
    let last = (source.atoms.len()..source.atoms.len(), target.atoms.len()..target.atoms.len());
    for (one, other) in ends.chain([last]) {
        gaps.push(Gap {
            source: source.text_atoms(at.0..one.start),
            target: target.text_atoms(at.1..other.start),
        });
        // Two beads share an atom that is cut at a blank.
        at = (one.end, other.end.max(at.1));
    }
    gaps
}

fn around(all: &[Features], gaps: &[Gap], at: usize) -> Surroundings {
    let (first, last) = (at.saturating_sub(REACH), (at + REACH).min(all.len() - 1));
    let mut found = Surroundings::default();
    let mut weights = 0.0;
    for (other, features) in
        all.iter().enumerate().take(last + 1).skip(first).filter(|&(other, _)| other != at)
    {
        let weight = 1.0 / other.abs_diff(at) as f32;
        weights += weight;
        found.evidence += weight * features.evidence();
        found.anchors_common += weight * features.anchors_common.min(MOST.0);
        found.anchors_missing += weight * features.anchors_missing.min(MOST.1);
        found.names += weight * features.names.min(MOST.2);
    }
    if weights > 0.0 {
        for sum in
            [&mut found.evidence, &mut found.anchors_common, &mut found.anchors_missing, &mut found.names]
        {
            *sum /= weights;
        }
    }
    // The gap with the number of a pair is the one before it.
    let distance = |mut gaps: &mut dyn Iterator<Item = &Gap>| {
        (&mut gaps).take(FAR).position(|gap| gap.len() > 0).unwrap_or(FAR)
    };
    let (before, after) = (distance(&mut gaps[..=at].iter().rev()), distance(&mut gaps[at + 1..].iter()));
    let near = |distance: usize| (1.0 / (1 + distance) as f32 - 1.0 / (1 + FAR) as f32).max(0.0);
    found.nearer_gap = near(before.min(after));
    found.farther_gap = near(before.max(after));
    found.gaps = gaps[first..=last + 1].iter().map(|gap| gap.len()).sum::<u32>() as f32;
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_near_where_a_sentence_has_no_partner() {
        let nothing = Gap { source: 0, target: 0 };
        let mut gaps = vec![nothing; 41];
        gaps[20] = Gap { source: 1, target: 0 };
        let all = vec![Features { anchors_common: 1.0, ..Features::default() }; 40];
        let beside = [around(&all, &gaps, 19), around(&all, &gaps, 20)];
        let (near, far) = (around(&all, &gaps, 24), around(&all, &gaps, 39));
        assert!(beside[0].nearer_gap > 0.9 && beside[0] == beside[1], "{beside:?}");
        assert!(
            near.nearer_gap < beside[0].nearer_gap && near.nearer_gap > far.nearer_gap,
            "{near:?} {far:?}"
        );
        assert_eq!((beside[0].gaps, near.gaps, far.gaps, far.farther_gap), (1.0, 1.0, 0.0, 0.0));
        assert_eq!(beside[0].anchors_common, 1.0);
    }

    #[test]
    fn a_pair_alone_has_nothing_around_it() {
        let gaps = [Gap { source: 0, target: 0 }; 2];
        assert_eq!(around(&[Features::default()], &gaps, 0), Surroundings::default());
    }
}
