//! One search of the index: bounds on the length, then the lists of the prefix, then the exact distance of token codes.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::block::{Block, LONGEST};
use super::code::{CODES, TokenCode, token_code};
use super::count::{Counters, Filtered, PreparedQuery};
use super::element::elements;
use super::order::{Rank, TokenOrder};
use super::postings::Layout;
use super::sketch::Sketch;
use super::stored::Stored;
use crate::matching::Query;
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
    /// A lower bound of the Levenshtein distance over characters.
    pub edits: u16,
}

/// Memory that searches use one after the other, so that none has to allocate it.
#[derive(Debug)]
pub struct Scratch {
    /// The number of each token code in the pattern; 0 for those that it does not have.
    numbers: Box<[u16; CODES]>,
    /// A bit for each token code in the pattern: small enough for the fastest cache.
    present: Box<[u64; CODES / 64]>,
    counters: Counters,
}

impl Default for Scratch {
    fn default() -> Self {
        let (numbers, present) = (Box::new([0; CODES]), Box::new([0; CODES / 64]));
        Scratch { numbers, present, counters: Counters::default() }
    }
}

/// A top-k search of the blocks of an index, with a rising floor.
///
/// As soon as the number of texts wanted is found, the floor rises to the score of the last of them: texts below are skipped, texts
/// with the same score are not.
#[derive(Debug)]
pub struct IndexSearch<'s> {
    scratch: &'s mut Scratch,
    codes: Vec<TokenCode>,
    /// The numbers of characters of texts that can match.
    characters: RangeInclusive<u16>,
    sketch: Sketch,
    floor: Score,
    wanted: usize,
    pattern: Pattern,
    /// The query with its lists, for each generation that was searched, which its order identifies.
    prepared: Vec<(Arc<TokenOrder>, PreparedQuery)>,
    hits: Vec<Hit>,
    /// How many hits there are of each score.
    found: [usize; 101],
}

impl Drop for IndexSearch<'_> {
    fn drop(&mut self) {
        for code in self.codes.iter().map(|&code| usize::from(code)) {
            (self.scratch.numbers[code], self.scratch.present[code / 64]) = (0, 0);
        }
    }
}

impl<'s> IndexSearch<'s> {
    /// A search for the texts most like a query. One that is longer than [`LONGEST_COMPARED`] matches only the same text, so the floor
    /// is 100.
    pub fn new(scratch: &'s mut Scratch, query: &Query, floor: Score, wanted: usize) -> IndexSearch<'s> {
        // The index holds no context, so it cannot find more than exact matches.
        let mut floor = floor.min(Score::EXACT);
        let mut characters_of_matches = 0..=LONGEST_COMPARED as u16;
        let characters = query.characters();
        if characters > LONGEST_COMPARED {
            let same = u16::try_from(characters).unwrap_or(u16::MAX);
            (floor, characters_of_matches) = (Score::EXACT, same..=same);
        }
        let codes: Vec<TokenCode> = query.tokens().map(token_code).collect();
        // A long text is compared only with texts of its length, which the index compares only if they have few tokens.
        let is_compared = characters <= LONGEST_COMPARED || codes.len() <= LONGEST;
        let compared = if is_compared { codes.as_slice() } else { &[] };
        let mut distinct = 0;
        let numbered: Vec<u32> = compared
            .iter()
            .map(|&code| {
                let number = &mut scratch.numbers[usize::from(code)];
                if *number == 0 {
                    distinct += 1;
                    *number = distinct;
                    scratch.present[usize::from(code) / 64] |= 1 << (code % 64);
                }
                u32::from(*number)
            })
            .collect();
        IndexSearch {
            pattern: Pattern::new(&numbered, distinct.into()),
            scratch,
            codes,
            characters: characters_of_matches,
            sketch: Sketch::of(query.text()),
            floor,
            wanted,
            prepared: Vec::new(),
            hits: Vec::new(),
            found: [0; 101],
        }
    }

    /// The lengths in tokens that can reach the floor, those with the highest possible score first.
    pub fn lengths(&self) -> Vec<usize> {
        let mut order: Vec<usize> = lengths(self.codes.len(), self.floor).collect();
        order.sort_by_key(|&length| (std::cmp::Reverse(self.best(length)), length));
        order
    }

    /// Whether a text of so many tokens can reach the floor. If it cannot, no later length of [`IndexSearch::lengths`] can.
    pub fn wants(&self, length: usize) -> bool {
        self.best(length) >= self.floor.percent()
    }

    /// The highest possible score of a text of so many tokens.
    fn best(&self, length: usize) -> u8 {
        if self.codes.is_empty() && length == 0 {
            return 100;
        }
        percent(self.codes.len().abs_diff(length), self.codes.len().max(length))
    }

    /// Finds the texts of a container that may reach the floor, by their places in the block; `None` if the lists of its generation
    /// exclude none. The container has this number in the layout.
    ///
    /// # Errors
    /// If something cannot be read, or the lists are damaged.
    pub fn candidates<S: Stored>(
        &mut self,
        (order, layout, number): (&Arc<TokenOrder>, &Layout, usize),
        stored: &S,
    ) -> Result<Option<&[u32]>, S::Error> {
        let container = layout.get(number);
        self.scratch.counters.candidates.clear();
        if !self.wants(container.length) {
            return Ok(Some(&[]));
        }
        let own = self.codes.len();
        // Each edit makes one token of the longer text differ, at most.
        let common = |longer: usize, floor| longer - most_edits(longer, floor);
        let known = self.prepared.iter().position(|(known, _)| Arc::ptr_eq(known, order));
        let known = match known {
            Some(known) => known,
            None => {
                let mut ranks: Vec<Rank> =
                    elements(&mut self.codes.clone()).map(|element| order.rank(element)).collect();
                ranks.sort_unstable();
                let containers = layout.of_lengths(lengths(own, self.floor));
                // Texts that are no longer than the query need the fewest common elements, and so the most lists.
                let wanted = common(own, self.floor);
                let prepared = PreparedQuery::new(&ranks, wanted, (order, containers), stored)?;
                self.prepared.push((order.clone(), prepared));
                self.prepared.len() - 1
            }
        };
        let wanted = common(own.max(container.length), self.floor);
        let counters = &mut self.scratch.counters;
        match counters.filter(&self.prepared[known].1, number, (container, wanted), stored)? {
            Filtered::Yes => {
                counters.candidates.iter_mut().for_each(|place| *place += container.first as u32);
                Ok(Some(&counters.candidates))
            }
            Filtered::No => Ok(None),
        }
    }

    /// Compares all texts of a block. Its hits get the number `group`.
    pub fn search_block(&mut self, block: &Block, group: usize) {
        self.compare_all(block.length(), (0..block.len()).map(|place| (block, place)), group);
    }

    /// Compares the texts that [`IndexSearch::candidates`] found; `text` returns the block that a text is in, and its place there.
    /// Their hits get the number `group`.
    pub fn compare_candidates<'b>(
        &mut self,
        length: usize,
        text: impl Fn(usize) -> Option<(&'b Block, usize)>,
        group: usize,
    ) {
        let mut candidates = std::mem::take(&mut self.scratch.counters.candidates);
        // The records of candidates are not in the cache. This short loop lets the processor fetch several together.
        candidates.retain(|&place| {
            text(place as usize)
                .is_some_and(|(block, place)| self.characters.contains(&block.text(place).characters()))
        });
        self.compare_all(length, candidates.iter().filter_map(|&place| text(place as usize)), group);
        self.scratch.counters.candidates = candidates;
    }

    fn compare_all<'b>(
        &mut self,
        length: usize,
        texts: impl Iterator<Item = (&'b Block, usize)>,
        group: usize,
    ) {
        if self.wants(length) {
            let most = most_edits(self.codes.len().max(length), self.floor);
            texts.for_each(|(block, place)| self.compare(block, place, most, group));
            self.raise_floor();
        }
    }

    /// Compares a text of a block, and keeps it if it may reach the floor.
    fn compare(&mut self, block: &Block, place: usize, most: usize, group: usize) {
        let length = block.length();
        let longer = self.codes.len().max(length);
        let text = block.text(place);
        if !self.characters.contains(&text.characters()) {
            return;
        }
        let score = if length > LONGEST {
            self.best(length)
        } else {
            let Scratch { numbers, present, .. } = &*self.scratch;
            let is_common = |code: TokenCode| present[usize::from(code) / 64] >> (code % 64) & 1;
            let common: u64 = text.codes().map(is_common).sum();
            if common as usize + most < longer {
                return;
            }
            let numbered = text.codes().map(|code| u32::from(numbers[usize::from(code)]));
            let Some(distance) = self.pattern.distance(length, numbered, most) else { return };
            // Two texts without tokens may be the same as written: the index cannot exclude it.
            let score = if longer == 0 { 100 } else { percent(distance, longer) };
            self.found[usize::from(score)] += 1;
            score
        };
        let edits = text.sketch().map_or(0, |sketch| self.sketch.distance_at_least(sketch));
        self.hits.push(Hit { group, id: text.id(), at_most: score, characters: text.characters(), edits });
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
        let mut hits = std::mem::take(&mut self.hits);
        hits.retain(|hit| hit.at_most >= floor.percent());
        (floor, hits)
    }
}
