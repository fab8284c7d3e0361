//! One search of the index: bounds on the length, then signatures, then the exact distance of token codes.

use std::ops::RangeInclusive;

use super::block::{Block, LONGEST, TokenCode, token_code};
use super::signature::{WIDEST, hash, scan, sign, words};
use crate::matching::distance::Pattern;
use crate::matching::score::{LONGEST_COMPARED, lengths, most_edits, percent};
use crate::model::Score;

/// A text that may reach the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The number that [`IndexSearch::search_block`] was called with for its block.
    pub group: usize,
    /// Its id.
    pub id: u32,
    /// An upper bound of its score.
    pub at_most: u8,
    /// How many characters it has as written; 65,535 means that many or more.
    pub characters: u16,
}

/// A top-k search of the blocks of an index, with a rising floor.
///
/// As soon as the number of texts wanted is found, the floor rises to the score of the last of them: texts below are skipped, texts
/// with the same score are not.
#[derive(Debug)]
pub struct IndexSearch {
    length: usize,
    /// The numbers of characters of texts that can match.
    characters: RangeInclusive<u16>,
    floor: Score,
    wanted: usize,
    signatures: [Vec<u64>; 3],
    pattern: Pattern,
    /// The number of each token code in the pattern; 0 for those that it does not have.
    numbers: Box<[u16]>,
    /// The texts of a block whose signatures pass.
    survivors: Vec<u32>,
    hits: Vec<Hit>,
    /// How many hits there are of each score.
    found: [usize; 101],
}

impl IndexSearch {
    /// A search for the texts most like the one of these folded tokens and so many characters. A text longer than
    /// [`LONGEST_COMPARED`] matches only the same text, so the floor is 100.
    pub fn new<'a>(
        tokens: impl Iterator<Item = &'a str>,
        characters: usize,
        floor: Score,
        wanted: usize,
    ) -> IndexSearch {
        // The index holds no context, so it cannot find more than exact matches.
        let mut floor = floor.min(Score::EXACT);
        let mut characters_of_matches = 0..=LONGEST_COMPARED as u16;
        if characters > LONGEST_COMPARED {
            let same = u16::try_from(characters).unwrap_or(u16::MAX);
            (floor, characters_of_matches) = (Score::EXACT, same..=same);
        }
        let mut hashes: Vec<u64> = tokens.map(|token| hash(token.bytes())).collect();
        // A long text is compared only with texts of its length, which the index compares only if they have few tokens.
        let is_compared = characters <= LONGEST_COMPARED || hashes.len() <= LONGEST;
        let compared = if is_compared { hashes.as_slice() } else { &[] };
        let mut numbers = vec![0_u16; 1 << TokenCode::BITS].into_boxed_slice();
        let mut distinct = 0;
        let numbered: Vec<u32> = compared
            .iter()
            .map(|&hash| {
                let number = &mut numbers[usize::from(token_code(hash))];
                if *number == 0 {
                    distinct += 1;
                    *number = distinct;
                }
                u32::from(*number)
            })
            .collect();
        let pattern = Pattern::new(&numbered, distinct.into());
        let length = hashes.len();
        hashes.sort_unstable();
        let signatures = [2, 4, WIDEST].map(|words| {
            let mut signature = vec![0; words];
            sign(&hashes, &mut signature);
            signature
        });
        IndexSearch {
            length,
            characters: characters_of_matches,
            floor,
            wanted,
            signatures,
            pattern,
            numbers,
            survivors: Vec::new(),
            hits: Vec::new(),
            found: [0; 101],
        }
    }

    /// The lengths in tokens that can reach the floor, those with the highest possible score first.
    pub fn lengths(&self) -> Vec<usize> {
        let mut order: Vec<usize> = lengths(self.length, self.floor).collect();
        order.sort_by_key(|&length| (std::cmp::Reverse(self.best(length)), length));
        order
    }

    /// Whether a text of so many tokens can reach the floor. If it cannot, no later length of [`IndexSearch::lengths`] can.
    pub fn wants(&self, length: usize) -> bool {
        self.best(length) >= self.floor.percent()
    }

    /// The highest possible score of a text of so many tokens.
    fn best(&self, length: usize) -> u8 {
        if self.length == 0 && length == 0 {
            return 100;
        }
        percent(self.length.abs_diff(length), self.length.max(length))
    }

    /// Searches a block. Its hits get the number `group`.
    pub fn search_block(&mut self, block: &Block, group: usize) {
        let length = block.length();
        if !self.wants(length) {
            return;
        }
        let longer = self.length.max(length);
        let most = most_edits(longer, self.floor);
        let signature = self.signatures.iter().find(|signature| signature.len() == words(length));
        let Some(signature) = signature else { return };
        let set: u32 = signature.iter().map(|word| word.count_ones()).sum();
        // With at most `most` edits, at least `longer - most` tokens are common, and as many bits, less one for each token of the
        // query that shares its bit with another.
        let least = (longer - most).saturating_sub(self.length - set as usize);
        self.survivors.clear();
        scan(block.signatures(), signature, least as u32, &mut self.survivors);
        for &place in &self.survivors {
            let place = place as usize;
            if !self.characters.contains(&block.characters()[place]) {
                continue;
            }
            let hit = |at_most| Hit {
                group,
                id: block.ids()[place],
                at_most,
                characters: block.characters()[place],
            };
            if length > LONGEST {
                self.hits.push(hit(self.best(length)));
                continue;
            }
            let codes = block.codes(place).iter().map(|&code| u32::from(self.numbers[usize::from(code)]));
            if let Some(distance) = self.pattern.distance(length, codes, most) {
                // Two texts without tokens may be the same as written: the index cannot exclude it.
                let score = if longer == 0 { 100 } else { percent(distance, longer) };
                self.hits.push(hit(score));
                self.found[usize::from(score)] += 1;
            }
        }
        self.raise_floor();
    }

    /// Raises the floor to at most 99: only the texts as written, which the index does not hold, decide between 99 and 100.
    fn raise_floor(&mut self) {
        let mut found = 0;
        for score in (self.floor.percent()..=100).rev() {
            found += self.found[usize::from(score)];
            if found >= self.wanted {
                self.floor = self.floor.max(Score::new(score).unwrap_or(self.floor).min(Score::NEAR_EXACT));
                return;
            }
        }
    }

    /// The floor that was reached, and all texts that may reach it.
    pub fn finish(mut self) -> (Score, Vec<Hit>) {
        let floor = self.floor;
        self.hits.retain(|hit| hit.at_most >= floor.percent());
        (floor, self.hits)
    }
}
