//! Prefix lists of a block: for each of the rare tokens of its texts, the texts that have it. A file format, as the block.
//!
//! Let a query have m tokens and a text n, and let at least c of them be common. In a fixed order of tokens, the first j common ones
//! are then among the first m − c + j of the query, and among the first n − c + j of the text: only c − j common ones come after them.
//! So a text with fewer than j common tokens in these two prefixes is excluded. With j = 1 this is the prefix filter (Chaudhuri,
//! Ganti and Kaushik, "A Primitive Operator for Similarity Joins in Data Cleaning", 2006), with any j that of AdaptJoin (Wang, Li and
//! Feng, "Can We Beat the Prefix Filtering?", 2012). The order begins with rare tokens, so the lists of a prefix are short.
//!
//! The lists hold the prefix of each text that a score of 50 needs for j = 2. The common tokens are counted text by text (ScanCount in
//! Li, Lu and Lu, "Efficient Merging and Filtering Algorithms for Approximate String Searches", 2008).
//!
//! The list of a token is that of its bucket: the first `b` bits of its code. Tokens that share a bucket only add candidates. All
//! numbers are little-endian.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 1 | b |
//! | 1 | | for each of the 2^b buckets the length of its list, as LEB128 |
//! | | to the end | the lists: places of texts in the block, 2 bytes each, or 4 if the block has more than 65,536 texts |

use std::ops::Range;
use std::sync::Arc;

use super::block::{Block, LONGEST};
use super::code::TokenCode;
use super::order::{Rank, TokenOrder};

/// Smaller blocks have no lists: all their texts are compared.
const FEWEST: usize = 32;

/// The average length of a list that decides how many buckets there are. Few buckets merge the lists of rare tokens; many take space.
const AVERAGE: usize = 16;

/// The most common tokens that are required in the prefixes (`j`).
const MOST_REQUIRED: usize = 4;

/// What it costs to compare a candidate, as a multiple of what a list entry costs. Measured.
const COMPARISON: usize = 24;

/// The part of texts with one common token more in the prefixes, as a divisor: an estimate, which only decides about time.
const RARER: usize = 6;

/// The prefix lists of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixLists {
    order: Arc<TokenOrder>,
    /// How many tokens each text of the block has.
    length: usize,
    /// The number of texts in the block.
    texts: usize,
    /// A bucket is this many of the first bits of a code.
    bits: u32,
    /// Where the list of each bucket starts, and at last where all end.
    starts: Vec<u32>,
    places: Places,
}

/// Places of texts in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Places {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

/// The bytes are not those of prefix lists.
#[derive(Debug, thiserror::Error)]
#[error("the lists of a block of the index are damaged")]
pub struct ListsError;

/// How many tokens of a text are in the lists: a score of 50 needs half of them as common, so a prefix of the other half and j.
fn kept(length: usize) -> usize {
    length.min(length / 2 + 2)
}

impl PrefixLists {
    /// The lists of a block; `None` if it is too small, or if its texts have no token codes.
    pub fn of(block: &Block, order: &Arc<TokenOrder>) -> Option<PrefixLists> {
        let (length, texts) = (block.length(), block.len());
        if texts < FEWEST || !(1..=LONGEST).contains(&length) {
            return None;
        }
        let kept = kept(length);
        let lists = (texts * kept / AVERAGE).next_power_of_two();
        let bits = lists.ilog2().clamp(1, TokenCode::BITS);
        let mut starts = vec![0_u32; (1 << bits) + 1];
        let mut buckets: Vec<TokenCode> = Vec::with_capacity(texts * kept);
        let mut ranks: Vec<Rank> = Vec::with_capacity(length);
        for place in 0..texts {
            ranks.clear();
            ranks.extend(block.text(place).codes().map(|code| order.rank(code)));
            if kept < length {
                ranks.select_nth_unstable(kept - 1);
            }
            for &rank in &ranks[..kept] {
                let bucket = bucket(TokenOrder::code(rank).0, bits);
                starts[bucket + 1] += 1;
                buckets.push(bucket as TokenCode);
            }
        }
        for bucket in 1..starts.len() {
            starts[bucket] += starts[bucket - 1];
        }
        let mut next = starts.clone();
        let mut places = vec![0_u32; buckets.len()];
        for (place, buckets) in (0..).zip(buckets.chunks_exact(kept)) {
            for &bucket in buckets {
                let at = &mut next[usize::from(bucket)];
                places[*at as usize] = place;
                *at += 1;
            }
        }
        let places = match texts <= NARROWEST {
            true => Places::Narrow(places.into_iter().map(|place| place as u16).collect()),
            false => Places::Wide(places),
        };
        Some(PrefixLists { order: order.clone(), length, texts, bits, starts, places })
    }

    /// The format of the module's documentation.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.bits as u8];
        for bounds in self.starts.windows(2) {
            let mut rest = bounds[1] - bounds[0];
            while rest >= 0x80 {
                bytes.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push(rest as u8);
        }
        match &self.places {
            Places::Narrow(places) => bytes.extend(places.iter().flat_map(|place| place.to_le_bytes())),
            Places::Wide(places) => bytes.extend(places.iter().flat_map(|place| place.to_le_bytes())),
        }
        bytes
    }

    /// The lists of a block of `texts` texts of `length` tokens in an order, with the bytes that [`PrefixLists::to_bytes`] wrote.
    ///
    /// # Errors
    /// If the bytes are not those of such lists.
    pub fn from_bytes(
        bytes: &[u8],
        (length, texts): (usize, usize),
        order: &Arc<TokenOrder>,
    ) -> Result<PrefixLists, ListsError> {
        let (&bits, mut bytes) = bytes.split_first().ok_or(ListsError)?;
        let bits = u32::from(bits);
        if !(1..=TokenCode::BITS).contains(&bits) {
            return Err(ListsError);
        }
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut end = 0_u32;
        starts.push(end);
        for _ in 0..1 << bits {
            let (mut length, mut shift) = (0_u32, 0);
            loop {
                let (&byte, rest) = bytes.split_first().ok_or(ListsError)?;
                bytes = rest;
                length |= u32::from(byte & 0x7f).checked_shl(shift).ok_or(ListsError)?;
                if byte < 0x80 {
                    break;
                }
                shift += 7;
            }
            end = end.checked_add(length).ok_or(ListsError)?;
            starts.push(end);
        }
        let is_narrow = texts <= NARROWEST;
        if bytes.len() != end as usize * if is_narrow { 2 } else { 4 } {
            return Err(ListsError);
        }
        let places = match is_narrow {
            true => {
                Places::Narrow(bytes.as_chunks().0.iter().map(|&place| u16::from_le_bytes(place)).collect())
            }
            false => {
                Places::Wide(bytes.as_chunks().0.iter().map(|&place| u32::from_le_bytes(place)).collect())
            }
        };
        let last = match &places {
            Places::Narrow(places) => places.iter().max().map(|&last| last.into()),
            Places::Wide(places) => places.iter().max().copied(),
        };
        if last.is_some_and(|last: u32| last as usize >= texts) {
            return Err(ListsError);
        }
        Ok(PrefixLists { order: order.clone(), length, texts, bits, starts, places })
    }

    /// How many tokens each text of the block has.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// The order of the tokens in the lists.
    pub(super) fn order(&self) -> &Arc<TokenOrder> {
        &self.order
    }

    /// Where the list of a code is in the places.
    fn list(&self, code: TokenCode) -> Range<usize> {
        let bucket = bucket(code, self.bits);
        self.starts[bucket] as usize..self.starts[bucket + 1] as usize
    }
}

/// The largest number of texts whose places have two bytes.
const NARROWEST: usize = 1 << 16;

fn bucket(code: TokenCode, bits: u32) -> usize {
    usize::from(code) >> (TokenCode::BITS - bits)
}

/// Counts the common tokens of each text of a block. The memory is used again for the next block.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// A count for each text; all 0 between two blocks.
    counts: Vec<u8>,
    /// The lists of the query's prefix, each behind the place of its token in the query.
    lists: Vec<(usize, Range<usize>)>,
    /// The places of the texts that have enough common tokens.
    pub candidates: Vec<u32>,
}

/// Whether the lists of a block hold what a search needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filtered {
    /// The candidates are complete.
    Yes,
    /// The prefixes are longer than those in the lists: all texts are candidates.
    No,
}

impl Counters {
    /// Finds the texts that can have `common` tokens in common with the query, whose ranks are in their order.
    pub fn filter(&mut self, lists: &PrefixLists, query: &[Rank], common: usize) -> Filtered {
        let PrefixLists { length, texts, .. } = *lists;
        self.candidates.clear();
        let kept = kept(length);
        // The text's prefix for one required token has n − c + 1 tokens. The lists hold it, with so many more required.
        let most = match kept == length {
            true => common,
            false => (kept + common).saturating_sub(length),
        };
        let most = most.min(common).min(MOST_REQUIRED);
        if most == 0 || common > query.len() {
            return Filtered::No;
        }
        let before = query.len() - common;
        self.lists.clear();
        let mut last = None;
        for (at, &rank) in query[..before + most].iter().enumerate() {
            let (code, occurs) = TokenOrder::code(rank);
            if occurs && last != Some(code) {
                self.lists.push((at, lists.list(code)));
            }
            last = Some(code);
        }
        let entries = |required: usize| -> usize {
            let prefix = self.lists.iter().take_while(|&&(at, _)| at < before + required);
            prefix.map(|(_, list)| list.len()).sum()
        };
        let cost = |required: usize| {
            let entries = entries(required);
            entries + COMPARISON * entries / RARER.pow(required as u32 - 1)
        };
        let (mut required, mut lowest) = (1, cost(1));
        while required < most {
            let next = cost(required + 1);
            if next >= lowest {
                break;
            }
            (required, lowest) = (required + 1, next);
        }
        self.lists.retain(|&(at, _)| at < before + required);
        if self.counts.len() < texts {
            self.counts.resize(texts, 0);
        }
        match &lists.places {
            Places::Narrow(places) => self.count(texts, places, required as u8),
            Places::Wide(places) => self.count(texts, places, required as u8),
        }
        Filtered::Yes
    }

    fn count<P: Copy + Into<u32>>(&mut self, texts: usize, places: &[P], required: u8) {
        let Counters { counts, lists, candidates } = self;
        let counts = &mut counts[..texts];
        // The first entry of each list is not in the cache. Read one after the other without a branch, they are fetched together.
        let heads = lists.iter().filter_map(|(_, list)| places.get(list.start)).map(|&place| place.into());
        std::hint::black_box(heads.fold(0, |all: u32, place: u32| all ^ place));
        let entries: usize = lists.iter().map(|(_, list)| list.len()).sum();
        if candidates.len() < entries {
            candidates.resize(entries, 0);
        }
        // Without a branch, because which entries reach the number cannot be predicted.
        let mut found = 0;
        for (_, list) in lists.iter() {
            for &place in &places[list.clone()] {
                let place: u32 = place.into();
                let count = &mut counts[place as usize];
                // A count that cannot rise any more does not pass `required` again.
                *count = count.saturating_add(1);
                candidates[found] = place;
                found += usize::from(*count == required);
            }
        }
        candidates.truncate(found);
        // Whichever touches less memory.
        if entries > texts / 16 {
            counts.fill(0);
        } else {
            for &place in lists.iter().flat_map(|(_, list)| &places[list.clone()]) {
                counts[place.into() as usize] = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matching::index::BlockBuilder;
    use crate::matching::index::code::token_code;

    const WORDS: [&str; 12] =
        ["the", "the", "a", "of", "file", "berth", "save", "open", "port", "저장", "quay", "crane"];

    /// A block of texts of one length: the numbers of words.
    fn block(texts: &[Vec<usize>]) -> Block {
        let mut builder = BlockBuilder::default();
        for (id, words) in (0..).zip(texts) {
            let text = words.iter().map(|&word| WORDS[word]).collect::<Vec<_>>().join(" ");
            builder.add(id, &text, &text);
        }
        builder.finish().next().unwrap()
    }

    /// How many codes two texts have in common, each as often as both have it.
    fn common(one: &[TokenCode], other: &[TokenCode]) -> usize {
        let mut rest = other.to_vec();
        let mut is_common = |code: &&TokenCode| {
            let at = rest.iter().position(|other| other == *code);
            at.map(|at| rest.swap_remove(at)).is_some()
        };
        one.iter().filter(|code| is_common(code)).count()
    }

    fn texts() -> impl Strategy<Value = Vec<Vec<usize>>> {
        (1_usize..14).prop_flat_map(|length| {
            prop::collection::vec(prop::collection::vec(0..WORDS.len(), length), FEWEST..80)
        })
    }

    proptest! {
        #[test]
        fn no_text_with_enough_common_tokens_is_excluded(
            texts in texts(),
            queried in prop::collection::vec(0..WORDS.len(), 1..20),
            common_of_100 in 1_usize..=100,
        ) {
            let block = block(&texts);
            let order = Arc::new(TokenOrder::of([&block].into_iter()));
            let lists = PrefixLists::of(&block, &order).unwrap();
            let codes: Vec<TokenCode> = queried.iter().map(|&word| token_code(WORDS[word])).collect();
            let mut query: Vec<Rank> = codes.iter().map(|&code| order.rank(code)).collect();
            query.sort_unstable();
            let wanted = (codes.len().max(block.length()) * common_of_100).div_ceil(100);
            let mut counters = Counters::default();
            for _ in 0..2 {
                let filtered = counters.filter(&lists, &query, wanted);
                if wanted <= codes.len().min(block.length()) && common_of_100 >= 50 {
                    prop_assert_eq!(filtered, Filtered::Yes);
                }
                prop_assert!(counters.counts.iter().all(|&count| count == 0));
                let mut found = counters.candidates.clone();
                found.sort_unstable();
                found.dedup();
                prop_assert_eq!(found.len(), counters.candidates.len(), "a text is a candidate once");
                for place in 0..block.len() {
                    let text: Vec<TokenCode> = block.text(place).codes().collect();
                    if filtered == Filtered::Yes && common(&codes, &text) >= wanted {
                        prop_assert!(found.contains(&(place as u32)), "{place}");
                    }
                }
            }
        }

        #[test]
        fn lists_come_back_from_their_bytes(texts in texts(), cut in any::<prop::sample::Index>()) {
            let block = block(&texts);
            let order = Arc::new(TokenOrder::of([&block].into_iter()));
            let lists = PrefixLists::of(&block, &order).unwrap();
            let bytes = lists.to_bytes();
            prop_assert_eq!(&PrefixLists::from_bytes(&bytes, (block.length(), block.len()), &order).unwrap(), &lists);
            prop_assert!(PrefixLists::from_bytes(&bytes[..cut.index(bytes.len())], (block.length(), block.len()), &order).is_err());
            let last = texts.len() - 1;
            prop_assert!(PrefixLists::from_bytes(&bytes, (block.length(), last), &order).is_err(), "places beyond the block");
        }
    }

    #[test]
    fn most_texts_are_excluded() {
        let texts: Vec<Vec<usize>> =
            (0..200).map(|number| vec![0, 1, 2, 3, 4 + number % 8, 4 + number / 8 % 8]).collect();
        let block = block(&texts);
        let order = Arc::new(TokenOrder::of([&block].into_iter()));
        let lists = PrefixLists::of(&block, &order).unwrap();
        let mut query: Vec<Rank> =
            ["the", "the", "a", "of", "berth", "berth"].map(|word| order.rank(token_code(word))).into();
        query.sort_unstable();
        let mut counters = Counters::default();
        assert_eq!(counters.filter(&lists, &query, 5), Filtered::Yes);
        assert!((1..=60).contains(&counters.candidates.len()), "{}", counters.candidates.len());
        assert_eq!(counters.filter(&lists, &query, 1), Filtered::No);
    }

    #[test]
    fn a_block_of_many_texts_has_wide_places() {
        let mut builder = BlockBuilder::default();
        for id in 0..=NARROWEST as u32 {
            builder.add(id, "a word", "a word");
        }
        let block = builder.finish().next().unwrap();
        let order = Arc::new(TokenOrder::of([&block].into_iter()));
        let lists = PrefixLists::of(&block, &order).unwrap();
        let back = PrefixLists::from_bytes(&lists.to_bytes(), (block.length(), block.len()), &order).unwrap();
        assert!(back == lists && matches!(back.places, Places::Wide(_)));
        let mut query = [order.rank(token_code("word"))];
        query.sort_unstable();
        let mut counters = Counters::default();
        assert_eq!(counters.filter(&back, &query, 1), Filtered::Yes);
        assert_eq!(counters.candidates.len(), NARROWEST + 1);
    }
}
