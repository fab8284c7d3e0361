//! What is learned from the two trees themselves: the ratio of lengths and its variance, and a dictionary.

use super::boundaries::Boundaries;
use super::cost::Model;
use super::dictionary::Counts;
use super::side::Side;
use super::{Alignment, align};

/// The largest deviation of a pair that is learned from, in standard deviations.
const SURE: f32 = 2.5;
/// The least variance, as Gale and Church found for European languages (6.8) is of bytes with markup; visible characters vary less.
const VARIANCE: std::ops::RangeInclusive<f64> = 0.3..=6.0;
/// So many pairs have to be there for a variance of their own.
const PAIRS_FOR_VARIANCE: u64 = 30;

/// Learns a model from pairs of documents that are translations of each other, in two passes: with equal-length costs first, then with the
/// ratio and the dictionary of the first pass. Calls `aligned` after each document, for progress.
pub fn learn(documents: &[(Side<'_>, Side<'_>)], mut aligned: impl FnMut()) -> Model {
    let mut model = Model { ratio: ratio_of_lengths(documents), ..Model::default() };
    for _ in 0..2 {
        let mut sums = Sums::default();
        let (mut counts, mut boundaries) = (Counts::default(), Boundaries::default());
        for (source, target) in documents {
            let found = align(source, target, &model);
            sums.add((source, target), &found, &model, (&mut counts, &mut boundaries));
            aligned();
        }
        if let Some((ratio, variance)) = sums.result() {
            (model.ratio, model.variance) = (ratio, variance);
        }
        model.dictionary = counts.dictionary();
        model.boundaries = boundaries;
    }
    model
}

/// The median of the documents' ratios, each weighted by its length.
fn ratio_of_lengths(documents: &[(Side<'_>, Side<'_>)]) -> f32 {
    let ratio = |(source, target): &(Side<'_>, Side<'_>)| {
        let (source, target) = (source.length(), target.length());
        (source > 0 && target > 0).then(|| (target as f64 / source as f64, source))
    };
    let mut ratios: Vec<(f64, u64)> = documents.iter().filter_map(ratio).collect();
    ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = ratios.iter().map(|(_, weight)| weight).sum::<u64>() / 2;
    let mut sum = 0;
    let median = ratios.iter().find(|(_, weight)| {
        sum += weight;
        sum > half
    });
    median.map_or(1.0, |&(ratio, _)| ratio.clamp(0.05, 20.0)) as f32
}

#[derive(Default)]
struct Sums {
    source: f64,
    target: f64,
    squares: f64,
    pairs: u64,
}

impl Sums {
    fn add(
        &mut self,
        (source, target): (&Side<'_>, &Side<'_>),
        found: &Alignment,
        model: &Model,
        (counts, boundaries): (&mut Counts, &mut Boundaries),
    ) {
        for bead in found.beads.iter().filter(|bead| bead.is_single && bead.features.deviation.abs() < SURE) {
            let (one, other) = (source.facts(bead.source.clone()), target.facts(bead.target.clone()));
            if bead.features.anchors_missing > 2.0 || one.length == 0 || other.length == 0 {
                continue;
            }
            let (s, t) = (f64::from(one.length), f64::from(other.length));
            self.source += s;
            self.target += t;
            let error = t - f64::from(model.ratio) * s;
            self.squares += error * error / f64::midpoint(s, t / f64::from(model.ratio)).max(8.0);
            self.pairs += 1;
            if !counts.is_full() {
                counts.add(one.tokens, other.tokens);
                boundaries.add(&target.outline.text[bead.target_text.clone()]);
            }
        }
    }

    fn result(&self) -> Option<(f32, f32)> {
        if self.pairs < PAIRS_FOR_VARIANCE || self.source <= 0.0 {
            return None;
        }
        let variance = (self.squares / self.pairs as f64).clamp(*VARIANCE.start(), *VARIANCE.end());
        Some(((self.target / self.source) as f32, variance as f32))
    }
}
