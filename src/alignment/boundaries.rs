//! Words at which sentences of the target begin and end, learned from the trees. They tell where a sentence ends that has no mark at its end.

use std::hash::BuildHasher as _;

use foldhash::quality::FixedState;

use super::dictionary::KeyMap;
use super::tokens::Key;

/// The most that a word adds to the cost of a cut, or takes from it.
const MOST: f32 = 3.0;
/// So many occurrences weigh as much as the mean of all words.
const PRIOR: f32 = 1.0;
/// The characters at the end of a word that count: an ending, in languages that inflect words.
const ENDING: usize = 3;

/// How often words begin and end sentences.
#[derive(Clone, Debug, Default)]
pub(super) struct Boundaries {
    /// By word: how often it begins a sentence, and how often it occurs.
    first: KeyMap<(u32, u32)>,
    /// By ending: how often it ends one, and how often it occurs.
    last: KeyMap<(u32, u32)>,
    sentences: u32,
    words: u32,
}

impl Boundaries {
    /// Counts the words of a sentence.
    pub fn add(&mut self, sentence: &str) {
        let mut words = sentence.split_whitespace().map(bare).filter(|word| !word.is_empty()).peekable();
        let mut is_first = true;
        while let Some(word) = words.next() {
            let is_last = words.peek().is_none();
            let first = self.first.entry(key(word)).or_default();
            *first = (first.0 + u32::from(is_first), first.1 + 1);
            let last = self.last.entry(key(ending(word))).or_default();
            *last = (last.0 + u32::from(is_last), last.1 + 1);
            self.words += 1;
            is_first = false;
        }
        self.sentences += u32::from(!is_first);
    }

    /// What it costs to end a sentence after one word and to begin one with the next: 0 for a mean pair of words.
    pub fn cost(&self, before: &str, next: &str) -> f32 {
        let rate = self.sentences as f32 / self.words.max(1) as f32;
        let of = |counts: Option<&(u32, u32)>| {
            let (at, all) = counts.map_or((0.0, 0.0), |&(at, all)| (at as f32, all as f32));
            let found = (at + PRIOR * rate) / (all + PRIOR);
            if rate > 0.0 { (rate / found).ln().clamp(-MOST, MOST) } else { 0.0 }
        };
        let (before, next) = (bare(before), bare(next));
        if before.is_empty() || next.is_empty() {
            // A mark by itself, such as a quotation mark with a blank after it.
            return MOST;
        }
        of(self.last.get(&key(ending(before)))) + of(self.first.get(&key(next)))
    }
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

fn ending(word: &str) -> &str {
    word.char_indices().rev().nth(ENDING - 1).map_or(word, |(at, _)| &word[at..])
}

fn key(word: &str) -> Key {
    FixedState::with_seed(7).hash_one(word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_before_a_word_that_begins_sentences_costs_less() {
        let mut boundaries = Boundaries::default();
        for sentence in ["Jede Liste hat Preise.", "Jede Menge zählt.", "Die Liste zählt die Menge."] {
            boundaries.add(sentence);
        }
        assert!(boundaries.cost("zählt", "Jede") < -1.0);
        assert!(boundaries.cost("Jede", "Menge") > 0.5);
        assert_eq!(Boundaries::default().cost("Jede", "Menge"), 0.0);
    }
}
