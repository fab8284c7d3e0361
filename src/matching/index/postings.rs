//! Inverted lists of a generation: for each element in the prefix of a text, the texts that have it. A file format, as the block.
//!
//! The texts of a generation are in containers of one number of tokens and at most 65,536 texts, so a place has 16 bits, as
//! in Roaring bitmaps (Lemire et al., "Roaring Bitmaps: Implementation of an Optimized Software Library", 2018). A list has a slice for
//! each container in which the element occurs. [`Layout`] numbers the containers.
//!
//! A list holds the texts in whose long prefix the element is: what a score of 50 needs. In a slice the texts whose short prefix has
//! it, what a score of 70 needs, come first.
//!
//! A row has the lists of consecutive elements. All numbers are little-endian or LEB128 (`v`).
//!
//! | row | meaning |
//! |---|---|
//! | v | how many lists |
//! | v, v for each list | its element as the difference from the one before, the first from that of the row; its length in bytes |
//! | to the end | the lists |
//!
//! | list | meaning |
//! |---|---|
//! | v | how many bytes the next rows take |
//! | v for each slice | `d << 4 \| k`, where `d` is the number of containers passed over. With k below 15, [`FEW`] has the numbers of texts in the short prefix and of others; with 15 the two numbers follow, `v` each |
//! | 1 to 3 bytes for each text | its place in the container, as the difference from the one before; of each slice first those in the short prefix, then, again from 0, the others |
//!
//! A difference d takes one byte if it is below 128, two big-endian bytes `d − 128 + 0x8000` if these are below `0xff00`, and else the
//! byte `0xff` and two little-endian bytes. So texts that are near each other, as in "Inverted Index Compression and Query Processing
//! with Optimized Document Ordering" (Yan, Ding and Suel, 2009), take little.
mod read;
mod write;

use std::ops::Range;

use super::block::LONGEST;

pub use read::Lists;
pub(super) use read::Slice;
pub use write::{ContainerLists, Prefixes, Row, rows};

/// Smaller blocks have no lists: all their texts are compared.
const FEWEST: usize = 32;

/// The most texts in a container.
pub(super) const CONTAINER: usize = 1 << 16;
/// The most frequent numbers of texts in a slice: in the short prefix, and others.
const FEW: [(u32, u32); 15] = [
    (1, 0),
    (0, 1),
    (2, 0),
    (1, 1),
    (0, 2),
    (3, 0),
    (2, 1),
    (1, 2),
    (0, 3),
    (4, 0),
    (3, 1),
    (2, 2),
    (1, 3),
    (0, 4),
    (5, 0),
];

/// The bytes are not those of lists.
#[derive(Debug, thiserror::Error)]
#[error("the lists of the index are damaged")]
pub struct ListsError;

/// How many elements of a text are in the lists: a score of 50 needs half of them as common, so a prefix of the other half and 2.
pub(super) fn long_prefix(length: usize) -> usize {
    length.min(length / 2 + 2)
}

/// How many elements of a text the lists have before the others: those for a score of 70.
pub(super) fn short_prefix(length: usize) -> usize {
    long_prefix(length).min(length - (length * 7).div_ceil(10) + 2)
}

/// Texts of a generation with one number of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Container {
    /// How many tokens each has.
    pub length: usize,
    /// The place in its block of the first text.
    pub first: usize,
    /// How many texts it has.
    pub texts: usize,
}

/// The containers of a generation, by ascending length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout(Vec<Container>);

impl Layout {
    /// The containers of blocks: their lengths in tokens, ascending, each with its number of texts.
    pub fn of(blocks: impl Iterator<Item = (usize, usize)>) -> Layout {
        let containers = blocks
            .filter(|&(length, texts)| texts >= FEWEST && (1..=LONGEST).contains(&length))
            .flat_map(|(length, texts)| {
                let firsts = (0..texts).step_by(CONTAINER);
                firsts.map(move |first| Container { length, first, texts: CONTAINER.min(texts - first) })
            });
        Layout(containers.collect())
    }

    /// The numbers of the containers of these lengths in tokens.
    pub fn of_lengths(&self, lengths: std::ops::RangeInclusive<usize>) -> Range<usize> {
        let first = self.0.partition_point(|container| container.length < *lengths.start());
        let end = self.0.partition_point(|container| container.length <= *lengths.end());
        first..end.max(first)
    }

    /// How many containers there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A container by its number.
    pub fn get(&self, number: usize) -> &Container {
        &self.0[number]
    }
}
