//! Blocks of the index: the texts of one number of tokens. A file format, for blocks are kept in users' memories.
//!
//! A block has a record of the same size for each text. It is stored in parts of [`texts_per_part`] texts, so that a look-up from a cold
//! start reads little. `t` is the number of tokens of each text, which is kept beside the block. All numbers are little-endian.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 4 | id |
//! | 4 | 2 | number of characters as written; 65,535 means that many or more |
//! | 6 | 2 t | token codes, in the order of the text; nothing if t is above 1,024 |
//! | 6 + 2 t | 8 | sketch of the text as written; nothing if t is above 6 |

use std::collections::BTreeMap;

use super::code::{TokenCode, token_code};
use super::sketch::Sketch;
use crate::matching::token::token_ranges;

/// Longer texts have no token codes in the index: they are few, and are compared as written.
pub(super) const LONGEST: usize = 1024;

/// Longer texts have no sketch: few of them have the same score.
const LONGEST_SKETCHED: usize = 6;

/// The size of a part in bytes is at most this, if it has more than one text.
const PART: usize = 16 << 10;

/// How many texts of `length` tokens a part of a block has; its last part has the rest. A power of two.
pub fn texts_per_part(length: usize) -> usize {
    1 << (PART / bytes_per_text(length)).max(1).ilog2()
}

/// Texts of one number of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    length: usize,
    records: Vec<u8>,
}

/// The bytes are not those of a block.
#[derive(Debug, thiserror::Error)]
#[error("a block of the index has {found} bytes where {expected} belong")]
pub struct BlockError {
    found: usize,
    expected: usize,
}

/// A text of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct IndexedText<'b> {
    length: usize,
    record: &'b [u8],
}

impl Block {
    /// An empty block for texts of `length` tokens.
    pub fn empty(length: usize) -> Block {
        Block { length, records: Vec::new() }
    }

    /// How many tokens each of its texts has.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The number of its texts.
    pub fn len(&self) -> usize {
        self.records.len() / bytes_per_text(self.length)
    }

    /// Whether it has no texts.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(super) fn text(&self, place: usize) -> IndexedText<'_> {
        let size = bytes_per_text(self.length);
        IndexedText { length: self.length, record: &self.records[place * size..(place + 1) * size] }
    }

    /// The format of the module's documentation.
    pub fn as_bytes(&self) -> &[u8] {
        &self.records
    }

    /// The block of `count` texts of `length` tokens with the bytes of [`Block::as_bytes`].
    ///
    /// # Errors
    /// If the number of bytes is not that of so many texts.
    pub fn from_bytes(length: usize, count: usize, bytes: &[u8]) -> Result<Block, BlockError> {
        let expected = count.saturating_mul(bytes_per_text(length));
        if bytes.len() != expected {
            return Err(BlockError { found: bytes.len(), expected });
        }
        Ok(Block { length, records: bytes.to_vec() })
    }

    /// The bytes of its parts, in order.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.records.chunks(texts_per_part(self.length) * bytes_per_text(self.length))
    }

    /// Puts its texts into another order: the text that was at the first of these places comes first, and so on.
    pub(super) fn reorder(&mut self, places: &[usize]) {
        let size = bytes_per_text(self.length);
        self.records = places
            .iter()
            .flat_map(|place| &self.records[place * size..(place + 1) * size])
            .copied()
            .collect();
    }

    /// Appends the texts of another block of the same length.
    pub fn append(&mut self, other: &Block) {
        debug_assert_eq!(self.length, other.length);
        self.records.extend_from_slice(&other.records);
    }
}

impl<'b> IndexedText<'b> {
    pub fn id(self) -> u32 {
        let id = self.record.first_chunk().copied().unwrap_or_default();
        u32::from_le_bytes(id)
    }

    /// The number of characters as written, at most 65,535.
    pub fn characters(self) -> u16 {
        u16::from_le_bytes([self.record[4], self.record[5]])
    }

    /// The token codes; none if the text is longer than [`LONGEST`].
    pub fn codes(self) -> impl ExactSizeIterator<Item = TokenCode> + 'b {
        let codes = &self.record[6..6 + 2 * coded(self.length)];
        codes.as_chunks().0.iter().map(|&code| TokenCode::from_le_bytes(code))
    }

    pub fn sketch(self) -> Option<Sketch> {
        let bytes = self.record.last_chunk()?;
        (self.length <= LONGEST_SKETCHED).then(|| Sketch::from_bytes(*bytes))
    }
}

/// How many token codes are kept of each text of `length` tokens.
fn coded(length: usize) -> usize {
    if length > LONGEST { 0 } else { length }
}

fn bytes_per_text(length: usize) -> usize {
    6 + 2 * coded(length) + if length > LONGEST_SKETCHED { 0 } else { 8 }
}

/// Builds blocks from texts, in the order in which they are added.
#[derive(Debug, Default)]
pub struct BlockBuilder {
    blocks: BTreeMap<usize, Block>,
    codes: Vec<TokenCode>,
}

impl BlockBuilder {
    /// Adds a text as written, with its plain form.
    pub fn add(&mut self, id: u32, text: &str, plain: &str) {
        self.codes.clear();
        self.codes.extend(token_ranges(plain).map(|range| token_code(&plain[range])));
        let length = self.codes.len();
        let records = &mut self.blocks.entry(length).or_insert_with(|| Block::empty(length)).records;
        let characters: u16 = text.chars().count().try_into().unwrap_or(u16::MAX);
        records.extend(id.to_le_bytes());
        records.extend(characters.to_le_bytes());
        records.extend(self.codes[..coded(length)].iter().flat_map(|code| code.to_le_bytes()));
        if length <= LONGEST_SKETCHED {
            records.extend(Sketch::of(text).to_bytes());
        }
    }

    /// The blocks, by ascending length.
    pub fn finish(self) -> impl Iterator<Item = Block> {
        self.blocks.into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_from_their_bytes() {
        let mut builder = BlockBuilder::default();
        let (long, some) = ("word ".repeat(2000), "word ".repeat(9));
        let texts = [(1, "one two"), (2, "two **three**"), (9, &long), (10, ""), (11, "가 나"), (12, &some)];
        for (id, text) in texts {
            builder.add(id, text, &crate::markup::plain(text));
        }
        let blocks: Vec<Block> = builder.finish().collect();
        assert_eq!(blocks.iter().map(|block| block.length()).collect::<Vec<_>>(), [0, 2, 9, 2000]);
        for block in &blocks {
            let back = Block::from_bytes(block.length(), block.len(), block.as_bytes()).unwrap();
            assert_eq!(&back, block);
            assert!(Block::from_bytes(block.length(), block.len() + 1, block.as_bytes()).is_err());
        }
        let mut joined = Block::empty(2);
        joined.append(&blocks[1]);
        assert_eq!(joined, blocks[1]);
        let text = joined.text(1);
        assert_eq!((text.id(), text.characters()), (2, 13));
        assert_eq!(text.codes().collect::<Vec<_>>(), [token_code("two"), token_code("three")]);
        assert_eq!(text.sketch(), Some(Sketch::of("two **three**")));
        assert_eq!(blocks[2].text(0).sketch(), None);
        assert_eq!((blocks[3].text(0).codes().len(), blocks[3].text(0).characters()), (0, 10_000));
    }
}
