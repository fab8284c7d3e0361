//! One search through the index.

use super::block::{Block, LONGEST, Symbol, symbol};
use super::signature::{WIDEST, hash, scan, sign, words};
use crate::matching::distance::Pattern;
use crate::matching::score::{lengths, most_edits, percent};
use crate::model::Score;

/// A text that may reach the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which of the groups of blocks it is in, by the number that came with its block.
    pub group: usize,
    /// Its id.
    pub id: u32,
    /// A score that the formula does not give it more than.
    pub at_most: u8,
    /// How many characters it has as written; 65,535 stands for that many and more.
    pub characters: u16,
}

/// A query on its way through the blocks of an index.
///
/// It asks for a number of texts. As soon as that many are found, the floor rises to the score of the last of them: texts below
/// are no longer looked for, texts that are level with it are.
#[derive(Debug)]
pub struct Probe {
    length: usize,
    floor: Score,
    wanted: usize,
    signatures: [Vec<u64>; 3],
    pattern: Pattern,
    /// For each symbol its number in the pattern.
    numbers: Box<[u16]>,
    passed: Vec<u32>,
    hits: Vec<Hit>,
    /// How many hits there are of each score.
    found: [usize; 101],
}

impl Probe {
    /// A search for the texts most like the one of these folded tokens.
    pub fn new<'a>(tokens: impl Iterator<Item = &'a str>, floor: Score, wanted: usize) -> Probe {
        // What makes a context match of an exact one is not here.
        let floor = floor.min(Score::EXACT);
        let mut hashes: Vec<u64> = tokens.map(|token| hash(token.bytes())).collect();
        let mut numbers = vec![0_u16; 1 << Symbol::BITS].into_boxed_slice();
        let mut distinct = 0;
        let numbered: Vec<u32> = hashes
            .iter()
            .map(|&hash| {
                let number = &mut numbers[usize::from(symbol(hash))];
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
        Probe {
            length,
            floor,
            wanted,
            signatures,
            pattern,
            numbers,
            passed: Vec::new(),
            hits: Vec::new(),
            found: [0; 101],
        }
    }

    /// The numbers of tokens to look at, the most promising first.
    pub fn lengths(&self) -> Vec<usize> {
        let mut order: Vec<usize> = lengths(self.length, self.floor).collect();
        order.sort_by_key(|&length| (std::cmp::Reverse(self.best(length)), length));
        order
    }

    /// Whether a text of so many tokens can still be wanted. Where it cannot, none that comes later in [`Probe::lengths`] can.
    pub fn wants(&self, length: usize) -> bool {
        self.best(length) >= self.floor.percent()
    }

    fn best(&self, length: usize) -> u8 {
        if self.length == 0 && length == 0 {
            return 100;
        }
        percent(self.length.abs_diff(length), self.length.max(length))
    }

    /// Looks through a block. Its hits carry the number of the group.
    pub fn search(&mut self, block: &Block, group: usize) {
        let length = block.length();
        if !self.wants(length) {
            return;
        }
        let longer = self.length.max(length);
        let most = most_edits(longer, self.floor);
        let signature = self.signatures.iter().find(|signature| signature.len() == words(length));
        let Some(signature) = signature else { return };
        let set: u32 = signature.iter().map(|word| word.count_ones()).sum();
        // With `most` edits at least this many tokens are common; as many bits are, but for tokens that share one.
        let least = (longer - most).saturating_sub(self.length - set as usize);
        self.passed.clear();
        scan(block.planes(), signature, least as u32, &mut self.passed);
        for &place in &self.passed {
            let place = place as usize;
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
            let symbols =
                block.symbols(place).iter().map(|&symbol| u32::from(self.numbers[usize::from(symbol)]));
            if let Some(distance) = self.pattern.distance(length, symbols, most) {
                // Texts without tokens can only be the same as written, and nothing here says that they are not.
                let score = if longer == 0 { 100 } else { percent(distance, longer) };
                self.hits.push(hit(score));
                self.found[usize::from(score)] += 1;
            }
        }
        self.raise_floor();
    }

    /// 100 is told from 99 by the texts as written, which are not here: so the floor stays below.
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

    /// The floor that was reached, and all texts that may be on it or above.
    pub fn finish(mut self) -> (Score, Vec<Hit>) {
        let floor = self.floor;
        self.hits.retain(|hit| hit.at_most >= floor.percent());
        (floor, self.hits)
    }
}
