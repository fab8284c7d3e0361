//! The order of elements by how rare they are: the first elements of a text in this order are its prefix.

use super::block::Block;
use super::code::{CODES, TokenCode};
use super::element::{Element, parts};

/// How many classes of frequency a power of two has.
const CLASSES_OF_A_POWER: u32 = 4;

/// A class of frequency for each token code. Rare codes come first; codes of one class are in the order of their numbers.
///
/// Any fixed order makes a lossless filter. An order by frequency makes the shortest lists (Chaudhuri, Ganti and Kaushik, "A Primitive
/// Operator for Similarity Joins in Data Cleaning", 2006), and its classes suffice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenOrder {
    classes: Box<[u8]>,
    /// The ranks of the most frequent elements, ascending: the end of the order.
    frequent: Vec<Rank>,
}

/// An element's position in the order, with the element itself in the low bits.
pub(super) type Rank = u64;

/// How many elements are frequent, at most: a bit of [`FrequentBits`](super::frequent::FrequentBits) each.
const FREQUENT: usize = u32::BITS as usize;

/// The bytes are not those of an order.
#[derive(Debug, thiserror::Error)]
#[error("the order of tokens in the index is damaged")]
pub struct OrderError;

impl TokenOrder {
    /// The order of the codes in these blocks.
    pub fn of<'a>(blocks: impl Iterator<Item = &'a Block>) -> TokenOrder {
        let mut counts = TokenCounts::default();
        blocks.for_each(|block| counts.add(block));
        counts.order()
    }

    fn new(classes: Box<[u8]>) -> TokenOrder {
        let mut order = TokenOrder { classes, frequent: Vec::new() };
        // The elements of the last class are endless: any token may occur a thousand times in a text.
        let counts = |rank: &Rank| rank >> 32 > 1;
        let mut frequent: Vec<Rank> =
            (0..CODES).map(|code| order.rank(code as Element)).filter(counts).collect();
        keep_last(&mut frequent);
        let least = frequent.first().copied().unwrap_or(Rank::MAX);
        for first in frequent.clone() {
            let (code, _) = parts(TokenOrder::element(first).0);
            let others = (1..).map(|number| order.rank(number << TokenCode::BITS | Element::from(code)));
            frequent.extend(others.take_while(|rank| *rank >= least && counts(rank)));
        }
        keep_last(&mut frequent);
        order.frequent = frequent;
        order
    }

    /// The rank of the first frequent element: all that come after it are frequent.
    pub(super) fn first_frequent(&self) -> Rank {
        self.frequent.first().copied().unwrap_or(Rank::MAX)
    }

    /// A bit for each frequent element among these.
    pub(super) fn frequent_bits(&self, ranks: &[Rank]) -> u32 {
        let first = self.first_frequent();
        let frequent = ranks.iter().filter(|&&rank| rank >= first);
        frequent.filter_map(|rank| self.frequent.binary_search(rank).ok()).fold(0, |bits, at| bits | 1 << at)
    }

    /// The rank of an element. Of equal tokens the second is taken to be rarer than the first by two powers of two, and so on: an
    /// estimate, which only decides about time.
    pub(super) fn rank(&self, element: Element) -> Rank {
        let (code, number) = parts(element);
        let class = match self.classes[usize::from(code)] {
            0 => 0,
            class => u32::from(class).saturating_sub(number.saturating_mul(2 * CLASSES_OF_A_POWER)).max(1),
        };
        Rank::from(class) << 32 | Rank::from(element)
    }

    /// The element of a rank, and whether any text can have it.
    pub(super) fn element(rank: Rank) -> (Element, bool) {
        (rank as Element, rank >> 32 > 0)
    }

    /// The classes of all codes, a byte each, as an LZ4 block behind its size.
    pub fn to_bytes(&self) -> Vec<u8> {
        lz4_flex::block::compress_prepend_size(&self.classes)
    }

    /// The order that [`TokenOrder::to_bytes`] wrote.
    ///
    /// # Errors
    /// If the bytes are not an order.
    pub fn from_bytes(bytes: &[u8]) -> Result<TokenOrder, OrderError> {
        let (size, compressed) = lz4_flex::block::uncompressed_size(bytes).map_err(|_| OrderError)?;
        if size != CODES {
            return Err(OrderError);
        }
        let classes = lz4_flex::block::decompress(compressed, size).map_err(|_| OrderError)?;
        match classes.len() {
            CODES => Ok(TokenOrder::new(classes.into())),
            _ => Err(OrderError),
        }
    }
}

/// How often each token code occurs.
#[derive(Clone, Debug)]
pub struct TokenCounts(Vec<u32>);

impl Default for TokenCounts {
    fn default() -> Self {
        TokenCounts(vec![0; CODES])
    }
}

impl TokenCounts {
    /// Counts the codes of a block.
    pub fn add(&mut self, block: &Block) {
        for code in (0..block.len()).flat_map(|place| block.text(place).codes()) {
            let count = &mut self.0[usize::from(code)];
            *count = count.saturating_add(1);
        }
    }

    /// The order of the codes that were counted.
    pub fn order(self) -> TokenOrder {
        TokenOrder::new(self.0.into_iter().map(class).collect())
    }
}

/// Keeps the last of these ranks, ascending.
fn keep_last(ranks: &mut Vec<Rank>) {
    // A generation is read for a single look-up too, and has thousands of tokens: only the last ones are sorted.
    if let Some(others @ 1..) = ranks.len().checked_sub(FREQUENT) {
        ranks.select_nth_unstable(others);
        ranks.drain(..others);
    }
    ranks.sort_unstable();
}

/// 0 for no occurrence, then four classes for each power of two.
fn class(count: u32) -> u8 {
    match count.checked_ilog2() {
        None => 0,
        Some(power) => (1 + 4 * power + (((u64::from(count) << 2) >> power) as u32 & 3)) as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::index::BlockBuilder;
    use crate::matching::index::code::token_code;

    #[test]
    fn rare_tokens_come_first() {
        let mut builder = BlockBuilder::default();
        for (id, text) in (0..).zip(["the file", "the berth", "the the", "the a file"]) {
            builder.add(id, text, text);
        }
        let blocks: Vec<Block> = builder.finish().collect();
        let order = TokenOrder::of(blocks.iter());
        let rank = |token: &str| order.rank(token_code(token).into());
        assert!(rank("absent") < rank("berth") && rank("berth") < rank("file") && rank("file") < rank("the"));
        assert!(!TokenOrder::element(rank("absent")).1);
        assert_eq!(TokenOrder::element(rank("berth")), (token_code("berth").into(), true));
        let second = order.rank(1 << 16 | u32::from(token_code("the")));
        assert!(second < rank("the"), "a second `the` is rarer than the first");
        assert_eq!(TokenOrder::from_bytes(&order.to_bytes()).unwrap(), order);
    }

    #[test]
    fn classes_rise_with_the_count() {
        let classes: Vec<u8> = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1 << 20, u32::MAX].map(class).into();
        assert!(classes.is_sorted());
        assert_eq!(classes, [0, 1, 5, 7, 9, 10, 11, 12, 13, 81, 128]);
    }

    #[test]
    fn the_frequent_elements_are_the_end_of_the_order() {
        let mut counts = TokenCounts::default();
        for code in 0..100 {
            counts.0[code] = 1 << (code % 12);
        }
        counts.0[7] = 1 << 20;
        let order = counts.order();
        let mut all: Vec<Rank> = (0..CODES as Element)
            .flat_map(|code| (0..9).map(move |number| number << 16 | code))
            .map(|element| order.rank(element))
            .collect();
        all.sort_unstable();
        assert_eq!(order.frequent, all[all.len() - FREQUENT..]);
        assert!(order.frequent.contains(&order.rank(3 << 16 | 7)), "a token that occurs often in one text");
        assert_eq!(order.frequent_bits(&all), u32::MAX);
        assert_eq!(order.frequent_bits(&[all[0], order.first_frequent()]), 1);
        let rare = TokenOrder::new(vec![1; CODES].into());
        assert_eq!((rare.first_frequent(), rare.frequent_bits(&all)), (Rank::MAX, 0));
    }

    #[test]
    fn bytes_that_are_not_an_order_are_an_error() {
        let order = TokenOrder::new(vec![3; CODES].into());
        let bytes = order.to_bytes();
        assert!(TokenOrder::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(TokenOrder::from_bytes(&[]).is_err());
        assert!(TokenOrder::from_bytes(&lz4_flex::block::compress_prepend_size(b"short")).is_err());
    }
}
