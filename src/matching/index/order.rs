//! The order of token codes by how rare they are: the first codes of a text in this order are its prefix.

use super::block::Block;
use super::code::{CODES, TokenCode};

/// A class of frequency for each token code. Rare codes come first; codes of one class are in the order of their numbers.
///
/// Any fixed order makes a lossless filter. One by frequency makes the shortest lists (Chaudhuri, Ganti and Kaushik, "A Primitive
/// Operator for Similarity Joins in Data Cleaning", 2006), and its classes suffice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenOrder {
    classes: Box<[u8]>,
}

/// The place of a token code in the order.
pub(super) type Rank = u32;

/// The bytes are not those of an order.
#[derive(Debug, thiserror::Error)]
#[error("the order of tokens in the index is damaged")]
pub struct OrderError;

impl TokenOrder {
    /// The order of the codes in these blocks.
    pub fn of<'a>(blocks: impl Iterator<Item = &'a Block>) -> TokenOrder {
        let mut counts = vec![0_u32; CODES];
        for block in blocks {
            for place in 0..block.len() {
                for code in block.text(place).codes() {
                    counts[usize::from(code)] += 1;
                }
            }
        }
        TokenOrder { classes: counts.into_iter().map(class).collect() }
    }

    pub(super) fn rank(&self, code: TokenCode) -> Rank {
        Rank::from(self.classes[usize::from(code)]) << TokenCode::BITS | Rank::from(code)
    }

    /// The code at a place, and whether any text has it.
    pub(super) fn code(rank: Rank) -> (TokenCode, bool) {
        (rank as TokenCode, rank >> TokenCode::BITS > 0)
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
            CODES => Ok(TokenOrder { classes: classes.into() }),
            _ => Err(OrderError),
        }
    }
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
        let rank = |token: &str| order.rank(token_code(token));
        assert!(rank("absent") < rank("berth") && rank("berth") < rank("file") && rank("file") < rank("the"));
        assert!(!TokenOrder::code(rank("absent")).1);
        assert_eq!(TokenOrder::code(rank("berth")), (token_code("berth"), true));
        assert_eq!(TokenOrder::from_bytes(&order.to_bytes()).unwrap(), order);
    }

    #[test]
    fn classes_rise_with_the_count() {
        let classes: Vec<u8> = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1 << 20, u32::MAX].map(class).into();
        assert!(classes.is_sorted());
        assert_eq!(classes, [0, 1, 5, 7, 9, 10, 11, 12, 13, 81, 128]);
    }

    #[test]
    fn bytes_that_are_not_an_order_are_an_error() {
        let order = TokenOrder { classes: vec![3; CODES].into() };
        let bytes = order.to_bytes();
        assert!(TokenOrder::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(TokenOrder::from_bytes(&[]).is_err());
        assert!(TokenOrder::from_bytes(&lz4_flex::block::compress_prepend_size(b"short")).is_err());
    }
}
