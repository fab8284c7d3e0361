//! Blocks of the index: the texts of one number of tokens, as columns. A file format, for blocks are kept in users' memories.
//!
//! `n` is the number of texts, `w` the number of 64-bit words in a signature ([`words`]), `t` the number of tokens of each text: the
//! first and the last are kept beside the block. All numbers are little-endian; texts are in the order of their ids.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 8 n w | signatures: the first words of all texts, then the second words of all, and so on |
//! | 8 n w | 4 n | ids |
//! | 8 n w + 4 n | 2 n | numbers of characters as written; 65,535 means that many or more |
//! | 8 n w + 6 n | 2 n t | token codes, text by text; nothing if t is above 1,024 |

use std::collections::BTreeMap;

use super::signature::{WIDEST, hash, sign, words};
use crate::matching::token::{folded, token_ranges};

/// Longer texts have no token codes in the index: they are few, and are compared as written.
pub(super) const LONGEST: usize = 1024;

/// A hash of a token with 16 bits. Equal tokens have equal codes; tokens whose codes collide only make texts look more alike.
pub(super) type TokenCode = u16;

/// Texts of one number of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    length: usize,
    ids: Vec<u32>,
    characters: Vec<u16>,
    /// The signatures, transposed: the first words of all, the second words of all, and so on.
    signatures: Vec<Vec<u64>>,
    codes: Vec<TokenCode>,
}

/// The bytes are not those of a block.
#[derive(Debug, thiserror::Error)]
#[error("a block of the index has {found} bytes where {expected} belong")]
pub struct BlockError {
    found: usize,
    expected: usize,
}

impl Block {
    /// How many tokens each of its texts has.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The ids of its texts, ascending.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The numbers of characters of its texts as written, at most 65,535.
    pub(super) fn characters(&self) -> &[u16] {
        &self.characters
    }

    pub(super) fn signatures(&self) -> &[Vec<u64>] {
        &self.signatures
    }

    /// The token codes of the text at an index; none if texts are longer than [`LONGEST`].
    pub(super) fn codes(&self, place: usize) -> &[TokenCode] {
        self.codes.get(place * self.length..(place + 1) * self.length).unwrap_or_default()
    }

    /// The format of the module's documentation.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.ids.len() * bytes_per_text(self.length));
        for words in &self.signatures {
            extend(&mut bytes, words, u64::to_le_bytes);
        }
        extend(&mut bytes, &self.ids, u32::to_le_bytes);
        extend(&mut bytes, &self.characters, u16::to_le_bytes);
        extend(&mut bytes, &self.codes, TokenCode::to_le_bytes);
        bytes
    }

    /// The block of `count` texts of `length` tokens that [`Block::to_bytes`] wrote.
    pub fn from_bytes(length: usize, count: usize, bytes: &[u8]) -> Result<Block, BlockError> {
        let expected = count.saturating_mul(bytes_per_text(length));
        if bytes.len() != expected {
            return Err(BlockError { found: bytes.len(), expected });
        }
        let (signatures, bytes) = bytes.split_at(8 * count * words(length));
        let (ids, bytes) = bytes.split_at(4 * count);
        let (characters, codes) = bytes.split_at(2 * count);
        let signatures: Vec<Vec<u64>> = match count {
            0 => vec![Vec::new(); words(length)],
            _ => signatures.chunks_exact(8 * count).map(|words| column(words, u64::from_le_bytes)).collect(),
        };
        Ok(Block {
            length,
            ids: column(ids, u32::from_le_bytes),
            characters: column(characters, u16::from_le_bytes),
            signatures,
            codes: column(codes, u16::from_le_bytes),
        })
    }

    /// Appends the texts of another block of the same length, whose ids come after its own.
    pub fn append(&mut self, other: &Block) {
        debug_assert_eq!(self.length, other.length);
        self.ids.extend_from_slice(&other.ids);
        self.characters.extend_from_slice(&other.characters);
        for (words, others) in self.signatures.iter_mut().zip(&other.signatures) {
            words.extend_from_slice(others);
        }
        self.codes.extend_from_slice(&other.codes);
    }

    /// An empty block for texts of `length` tokens.
    pub fn empty(length: usize) -> Block {
        Block { length, signatures: vec![Vec::new(); words(length)], ..Block::default() }
    }
}

fn column<const BYTES: usize, T>(bytes: &[u8], read: impl Fn([u8; BYTES]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|&chunk| read(chunk)).collect()
}

fn extend<const BYTES: usize, T: Copy>(bytes: &mut Vec<u8>, column: &[T], write: impl Fn(T) -> [u8; BYTES]) {
    let start = bytes.len();
    bytes.resize(start + BYTES * column.len(), 0);
    for (place, &value) in bytes[start..].as_chunks_mut().0.iter_mut().zip(column) {
        *place = write(value);
    }
}

fn bytes_per_text(length: usize) -> usize {
    8 * words(length) + 4 + 2 + if length > LONGEST { 0 } else { 2 * length }
}

/// Builds blocks from texts, which are added in the order of their ids.
#[derive(Debug, Default)]
pub struct BlockBuilder {
    blocks: BTreeMap<usize, Block>,
    hashes: Vec<u64>,
}

impl BlockBuilder {
    /// Adds a text as written, with its plain form.
    pub fn add(&mut self, id: u32, text: &str, plain: &str) {
        self.hashes.clear();
        self.hashes.extend(token_ranges(plain).map(|range| hash_of_token(&plain[range])));
        let length = self.hashes.len();
        let block = self.blocks.entry(length).or_insert_with(|| Block::empty(length));
        block.ids.push(id);
        block.characters.push(text.chars().count().try_into().unwrap_or(u16::MAX));
        if length <= LONGEST {
            block.codes.extend(self.hashes.iter().map(|&hash| token_code(hash)));
        }
        self.hashes.sort_unstable();
        let mut signature = [0; WIDEST];
        let signature = &mut signature[..words(length)];
        sign(&self.hashes, signature);
        block.signatures.iter_mut().zip(signature).for_each(|(words, word)| words.push(*word));
    }

    /// The blocks, by ascending length.
    pub fn finish(self) -> impl Iterator<Item = Block> {
        self.blocks.into_values()
    }
}

/// The hash of a token, which need not be folded.
fn hash_of_token(token: &str) -> u64 {
    if token.is_ascii() {
        return hash(token.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
    hash(folded(token).bytes())
}

/// The code of a token with this hash.
pub(super) fn token_code(hash: u64) -> TokenCode {
    (hash >> 48) as TokenCode
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_from_their_bytes() {
        let mut builder = BlockBuilder::default();
        let long = "word ".repeat(2000);
        for (id, text) in [(1, "one two"), (2, "two **three**"), (9, long.as_str()), (10, ""), (11, "가 나")]
        {
            builder.add(id, text, &crate::markup::plain(text));
        }
        let blocks: Vec<Block> = builder.finish().collect();
        assert_eq!(blocks.iter().map(|block| block.length()).collect::<Vec<_>>(), [0, 2, 2000]);
        for block in &blocks {
            let bytes = block.to_bytes();
            let back = Block::from_bytes(block.length(), block.ids().len(), &bytes).unwrap();
            assert_eq!(&back, block);
            assert!(Block::from_bytes(block.length(), block.ids().len() + 1, &bytes).is_err());
        }
        let mut joined = Block::empty(2);
        joined.append(&blocks[1]);
        assert_eq!(joined, blocks[1]);
    }
}
