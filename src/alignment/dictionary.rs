//! A dictionary of word pairs, learned from sentences that belong together with some certainty (as in Moore, 2002, and hunalign): Dice's
//! coefficient of two tokens over the sentences in which they occur, a few best in each direction.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::side::Facts;
use super::tokens::Key;

/// The hash of one key or of two, which are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = (self.0 << 8) | u64::from(byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = (self.0.rotate_left(23) ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

pub(super) type KeyMap<T> = HashMap<Key, T, BuildHasherDefault<KeyHasher>>;

/// The most tokens of a sentence that are counted: the first ones.
const TOKENS: usize = 40;
/// The most sentence pairs that are counted, and so the bound on memory: 20,000 pairs of 40 by 40 tokens, of which most recur.
pub(super) const PAIRS: usize = 20_000;
/// The most different token pairs: new ones are not counted then.
const MOST_TOKEN_PAIRS: usize = 2_000_000;
/// A token pair counts if it occurs together so often.
const OCCURRENCES: u32 = 2;
/// Dice's coefficient of a token pair at least.
const LEAST: f32 = 0.15;
/// The best translations of a token that are kept.
const BEST: usize = 6;
/// A token in more than this share of the sentences says nothing of their meaning.
const FREQUENT: f32 = 0.15;

/// Below so many sentences, no token counts as frequent.
const FREQUENT_IN_FEW: u32 = 20;

/// A dictionary in both directions.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    forwards: KeyMap<Vec<(Key, f32)>>,
    backwards: KeyMap<Vec<(Key, f32)>>,
}

/// How well two texts translate each other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Score {
    /// The mean of the best coefficients of the tokens that the dictionary knows, 0 to 1; 0 if it knows none.
    pub mean: f32,
    /// The number of tokens that it knows.
    pub known: u32,
    /// The share of the known tokens of each side whose translation the other side has, each weighted by the coefficient of its best
    /// translation: the lower one of both sides, 0 to 1.
    pub least: f32,
}

/// Counts tokens of sentence pairs.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pairs: usize,
    /// The hashes of the sentences of each side.
    seen: [HashSet<Key, BuildHasherDefault<KeyHasher>>; 2],
    source: KeyMap<u32>,
    target: KeyMap<u32>,
    together: HashMap<(Key, Key), u32, BuildHasherDefault<KeyHasher>>,
}

impl Counts {
    /// Whether enough was counted.
    pub fn is_full(&self) -> bool {
        self.pairs >= PAIRS
    }

    /// Counts a sentence pair, the same one only once: what each document repeats, such as a notice, would outweigh the sentences that tell
    /// what its words mean, and, if it is aligned wrongly, would confirm itself.
    pub fn add(&mut self, source: &[Key], target: &[Key]) {
        let distinct = |tokens: &[Key]| {
            let mut tokens = tokens[..tokens.len().min(TOKENS)].to_vec();
            tokens.sort_unstable();
            tokens.dedup();
            tokens
        };
        let (source, target) = (distinct(source), distinct(target));
        let hash = |tokens: &[Key]| {
            let mut hash = KeyHasher::default();
            tokens.iter().for_each(|&key| hash.write_u64(key));
            hash.finish()
        };
        let is_new = [self.seen[0].insert(hash(&source)), self.seen[1].insert(hash(&target))];
        if is_new != [true; 2] {
            return;
        }
        self.pairs += 1;
        source.iter().for_each(|&key| *self.source.entry(key).or_default() += 1);
        target.iter().for_each(|&key| *self.target.entry(key).or_default() += 1);
        for &one in &source {
            for &other in &target {
                if self.together.len() < MOST_TOKEN_PAIRS {
                    *self.together.entry((one, other)).or_default() += 1;
                } else if let Some(count) = self.together.get_mut(&(one, other)) {
                    *count += 1;
                }
            }
        }
    }

    /// The dictionary of all that was counted.
    pub fn dictionary(self) -> Dictionary {
        let mut dictionary = Dictionary::default();
        let most = ((self.pairs as f32 * FREQUENT) as u32).max(FREQUENT_IN_FEW);
        for (&(source, target), &count) in &self.together {
            let (one, other) = (self.source[&source], self.target[&target]);
            if count < OCCURRENCES || one > most || other > most {
                continue;
            }
            let dice = 2.0 * count as f32 / (one + other) as f32;
            if dice >= LEAST {
                dictionary.forwards.entry(source).or_default().push((target, dice));
                dictionary.backwards.entry(target).or_default().push((source, dice));
            }
        }
        for best in dictionary.forwards.values_mut().chain(dictionary.backwards.values_mut()) {
            // By the key where coefficients are equal, so that the order of the map has no influence.
            best.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
            best.truncate(BEST);
        }
        dictionary
    }
}

impl Dictionary {
    /// The number of tokens of the source that it knows.
    pub fn len(&self) -> usize {
        self.forwards.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.forwards.is_empty()
    }

    /// How well two texts translate each other.
    pub(super) fn score(&self, source: Facts<'_>, target: Facts<'_>) -> Score {
        if self.is_empty() {
            return Score::default();
        }
        let there = Way::new(&self.forwards, source.tokens, target.tokens);
        let back = Way::new(&self.backwards, target.tokens, source.tokens);
        let known = there.known + back.known;
        if known == 0 {
            return Score::default();
        }
        Score { mean: (there.sum + back.sum) / known as f32, known, least: there.share().min(back.share()) }
    }
}

/// The most tokens of one side that are compared: of a long text, the first ones decide.
const COMPARED: usize = 64;

/// What the tokens of one side have on the other.
#[derive(Default)]
struct Way {
    /// The sum of the coefficients of the known tokens, each relative to its best one.
    sum: f32,
    /// The number of known tokens.
    known: u32,
    /// The sum of the best coefficients of the tokens with a translation, and of all that are known.
    found: f32,
    all: f32,
}

impl Way {
    fn new(entries: &KeyMap<Vec<(Key, f32)>>, from: &[Key], to: &[Key]) -> Way {
        let mut way = Way::default();
        let to = &to[..to.len().min(2 * COMPARED)];
        for token in from.iter().take(COMPARED) {
            let Some(best) = entries.get(token) else { continue };
            way.known += 1;
            way.all += best[0].1;
            if let Some(&(_, dice)) = best.iter().find(|(key, _)| to.contains(key)) {
                // Relative to the best one: a rare translation that is found is still a translation.
                way.sum += (dice / best[0].1).max(0.5);
                way.found += best[0].1;
            }
        }
        way
    }

    /// The weighted share; 0.5 if no token is known.
    fn share(&self) -> f32 {
        if self.all > 0.0 { self.found / self.all } else { 0.5 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alignment::side::End;

    fn facts(tokens: &[Key]) -> Facts<'_> {
        Facts { anchors: &[], names: &[], tokens, sounds: &[], length: 1, emphasis: 0, end: End::Stop }
    }

    #[test]
    fn words_that_occur_together_translate_each_other() {
        let mut counts = Counts::default();
        for sentence in 0..40_u64 {
            let words: Vec<Key> = (0..6).map(|word| 2 * ((sentence * 7 + word * word * 3) % 23)).collect();
            let translation: Vec<Key> = words.iter().rev().map(|word| word + 1_000).collect();
            counts.add(&words, &translation);
        }
        let dictionary = counts.dictionary();
        let right = dictionary.score(facts(&[4, 8, 12]), facts(&[1_012, 1_004, 1_008]));
        let wrong = dictionary.score(facts(&[4, 8, 12]), facts(&[1_020, 1_022, 1_030]));
        assert!(right.mean > 0.9 && wrong.mean < 0.5, "{right:?} {wrong:?}");
        assert_eq!(dictionary.score(facts(&[7]), facts(&[9])).known, 0);
    }
}
