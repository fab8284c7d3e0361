//! What it costs that two texts belong together: the terms that blocks and sentences share. Lower is better; 0 is an average pair.

use super::boundaries::Boundaries;
use super::dictionary::{Dictionary, Score};
use super::side::{End, Facts};
use super::tokens::Key;

/// What is known of a pair of languages and of the two trees.
#[derive(Clone, Debug)]
pub struct Model {
    /// Target characters for each source character.
    pub ratio: f32,
    /// The variance of the target length for each source character (Gale and Church, 1993).
    pub variance: f32,
    /// Word pairs.
    pub dictionary: Dictionary,
    /// Words at the ends of sentences of the target.
    pub(super) boundaries: Boundaries,
}

impl Default for Model {
    /// Before anything is known: equal lengths, with a large variance.
    fn default() -> Self {
        Model {
            ratio: 1.0,
            variance: 3.0,
            dictionary: Dictionary::default(),
            boundaries: Boundaries::default(),
        }
    }
}

impl Model {
    /// By how many standard deviations the target is longer than expected: `(t − r·s) / √(m·σ²)` with m, the mean of s and t/r, at least 8
    /// characters, since a short title varies more than the formula allows.
    pub(super) fn deviation(&self, source: u32, target: u32) -> f32 {
        let (source, target) = (source as f32, target as f32);
        let mean = (f32::midpoint(source, target / self.ratio)).max(8.0);
        (target - self.ratio * source) / (mean * self.variance).sqrt()
    }
}

/// How two texts compare.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Comparison {
    /// As [`Model::deviation`].
    pub deviation: f32,
    /// Anchors that both have, and that one of them has.
    pub anchors: (u32, u32),
    /// Names that both have, and that only the target has.
    pub names: (u32, u32),
    /// Names that sound alike in two scripts, and the words of the side with fewer that may be such names.
    pub sounds: (u32, u32),
    pub dictionary: Score,
    /// Whether the marks at the ends differ, and whether one of them is a question mark.
    pub ends: (bool, bool),
    /// The difference in marks of emphasis.
    pub emphasis: u32,
    /// The visible characters of the source.
    pub length: u32,
}

/// Compares two texts.
pub(super) fn compare(model: &Model, source: Facts<'_>, target: Facts<'_>) -> Comparison {
    let common = common(source.anchors, target.anchors);
    let all = (source.anchors.len() + target.anchors.len()) as u32;
    let is_question = |end| end == End::Question;
    let names = self::common(source.names, target.names);
    Comparison {
        deviation: model.deviation(source.length, target.length),
        anchors: (common, all - 2 * common),
        names: (names, target.names.len() as u32 - names),
        sounds: (
            self::common(source.sounds, target.sounds),
            source.sounds.len().min(target.sounds.len()) as u32,
        ),
        dictionary: model.dictionary.score(source, target),
        ends: (source.end != target.end, is_question(source.end) != is_question(target.end)),
        emphasis: source.emphasis.abs_diff(target.emphasis),
        length: source.length,
    }
}

impl Comparison {
    /// The reward of names that sound alike, at most two.
    pub fn sounds_cost(&self) -> f32 {
        -1.5 * (self.sounds.0 as f32).min(2.0)
    }

    /// Whether both sides have words that may be names, and none of them sound alike.
    pub fn sounds_differ(&self) -> bool {
        self.sounds.0 == 0 && self.sounds.1 > 0
    }

    /// The reward of a dictionary: 4 for each point by which the score exceeds that of two texts that do not belong together. Fewer
    /// than four known tokens count less.
    pub fn dictionary_cost(&self) -> f32 {
        let Score { mean, known, .. } = self.dictionary;
        let weight = (known as f32 / 4.0).min(1.0);
        -4.0 * weight * (mean - 0.25)
    }
}

/// The number of keys that two lists share, each as often as in both.
pub(super) fn common(one: &[Key], other: &[Key]) -> u32 {
    if one.is_empty() || other.is_empty() {
        return 0;
    }
    if other.len() <= 64 && one.len() <= 64 {
        let mut used = 0_u64;
        for key in one {
            let free = other.iter().enumerate().find(|&(at, found)| found == key && used >> at & 1 == 0);
            used |= free.map_or(0, |(at, _)| 1 << at);
        }
        return used.count_ones();
    }
    let sorted = |keys: &[Key]| {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys
    };
    let (one, other) = (sorted(one), sorted(other));
    let (mut at, mut count) = (0, 0);
    for key in one {
        while other.get(at).is_some_and(|&found| found < key) {
            at += 1;
        }
        if other.get(at) == Some(&key) {
            at += 1;
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_keys_count_as_often_as_in_both() {
        assert_eq!(common(&[1, 1, 2, 3], &[1, 3, 3, 4]), 2);
        let (one, other): (Vec<Key>, Vec<Key>) = ((0..200).collect(), (100..300).rev().collect());
        assert_eq!(common(&one, &other), 100);
    }

    #[test]
    fn the_deviation_has_the_sign_of_the_difference() {
        let model = Model { ratio: 0.5, variance: 1.0, ..Model::default() };
        assert!(model.deviation(100, 50).abs() < 1e-6);
        assert!(model.deviation(100, 80) > 2.0 && model.deviation(100, 20) < -2.0);
    }
}
