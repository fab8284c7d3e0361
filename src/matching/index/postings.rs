//! Inverted lists of a generation: for each element in the prefix of a text, the texts that have it. A file format, as the block.
//!
//! The texts of a generation are in containers of one number of tokens and at most 65,536 texts, so a text is two bytes in a list, as
//! in Roaring bitmaps (Lemire et al., "Roaring Bitmaps: Implementation of an Optimized Software Library", 2018). A list has a slice for
//! each container in which the element occurs. [`Layout`] numbers the containers.
//!
//! A list holds the texts in whose long prefix the element is: what a score of 50 needs. In a slice the texts whose short prefix has
//! it, what a score of 70 needs, come first. Where a bitmap is smaller than the places, the slice is a bitmap.
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
//! | 2 bytes for each text | the place in the container: a slice, without a bitmap |
//! | 8 bytes for each 64 texts of the container | bits in the order of places: a slice of which a bitmap is smaller |

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::block::{Block, LONGEST};
use super::element::{Element, elements};
use super::order::{Rank, TokenOrder};

/// Smaller blocks have no lists: all their texts are compared.
const FEWEST: usize = 32;

/// The most texts in a container.
pub(super) const CONTAINER: usize = 1 << 16;

/// A row ends with the list that makes it so long, in bytes. A look-up from a cold start reads a row for each element of its prefix.
const ROW: usize = 16 << 10;

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

impl Container {
    /// How many words of 64 bits a bitmap of its texts has.
    pub(super) fn words(&self) -> usize {
        self.texts.div_ceil(64)
    }

    fn is_bitmap(&self, texts: usize) -> bool {
        2 * texts > 8 * self.words()
    }
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

    /// A container by its number.
    pub fn get(&self, number: usize) -> &Container {
        &self.0[number]
    }
}

/// The long prefixes of the texts of a block.
#[derive(Debug)]
pub struct Prefixes {
    /// The elements of each.
    long: usize,
    ranks: Vec<Rank>,
}

impl Prefixes {
    /// Sorts the texts of a block that has containers by their prefixes, and returns these. Texts that share rare tokens come together, so the candidates
    /// of a search are in few parts of the block.
    pub fn sort(block: &mut Block, order: &TokenOrder) -> Prefixes {
        let length = block.length();
        let long = long_prefix(length);
        let mut unsorted = Vec::with_capacity(block.len() * long);
        let (mut codes, mut ranks) = (Vec::with_capacity(length), Vec::<Rank>::with_capacity(length));
        for place in 0..block.len() {
            codes.clear();
            codes.extend(block.text(place).codes());
            ranks.clear();
            ranks.extend(elements(&mut codes).map(|element| order.rank(element)));
            if 0 < long && long < length {
                ranks.select_nth_unstable(long - 1);
            }
            ranks.truncate(long);
            ranks.sort_unstable();
            unsorted.extend_from_slice(&ranks);
        }
        let prefix = |place: usize| &unsorted[place * long..(place + 1) * long];
        let mut places: Vec<usize> = (0..block.len()).collect();
        places.sort_by(|&one, &other| prefix(one).cmp(prefix(other)));
        block.reorder(&places);
        Prefixes { long, ranks: places.iter().flat_map(|&place| prefix(place)).copied().collect() }
    }

    fn of_texts(&self) -> impl Iterator<Item = &[Rank]> {
        self.ranks.chunks_exact(self.long.max(1))
    }
}

/// The slices of one container, for all elements.
#[derive(Debug)]
pub struct ContainerLists {
    number: usize,
    container: Container,
    /// By element: how many texts are in their short prefix, and how many others.
    counts: Vec<(Element, u32, u32)>,
    /// The places or the bitmap of each, one after the other.
    bytes: Vec<u8>,
}

impl ContainerLists {
    /// The slices of a container of this number; `prefixes` are those of its texts.
    pub fn of(number: usize, container: Container, prefixes: &Prefixes) -> ContainerLists {
        let mut lists = ContainerLists { number, container, counts: Vec::new(), bytes: Vec::new() };
        // Element, whether it is beyond the short prefix, place: in the order of the lists.
        let mut entries: Vec<u64> = Vec::with_capacity(container.texts * prefixes.long);
        let short = short_prefix(container.length);
        for (place, prefix) in prefixes.of_texts().skip(container.first).take(container.texts).enumerate() {
            for (at, &rank) in prefix.iter().enumerate() {
                let (element, _) = TokenOrder::element(rank);
                entries.push(u64::from(element) << 17 | u64::from(at >= short) << 16 | place as u64);
            }
        }
        entries.sort_unstable();
        for slice in entries.chunk_by(|one, other| one >> 17 == other >> 17) {
            lists.push((slice[0] >> 17) as Element, slice);
        }
        lists
    }

    fn push(&mut self, element: Element, entries: &[u64]) {
        let short = entries.partition_point(|entry| entry >> 16 & 1 == 0);
        self.counts.push((element, short as u32, (entries.len() - short) as u32));
        let places = entries.iter().map(|&entry| entry as u16);
        if self.container.is_bitmap(entries.len()) {
            let mut words = vec![0_u64; self.container.words()];
            places.for_each(|place| words[usize::from(place) / 64] |= 1 << (place % 64));
            self.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        } else {
            self.bytes.extend(places.flat_map(u16::to_le_bytes));
        }
    }
}

/// How many bytes the places of a slice take.
fn payload(container: &Container, texts: usize) -> usize {
    if container.is_bitmap(texts) { 8 * container.words() } else { 2 * texts }
}

/// A row of lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The element of the first list.
    pub first: Element,
    /// The format of the module's documentation.
    pub bytes: Vec<u8>,
}

/// Merges the slices of all containers of a generation, in the order of their numbers, into rows.
pub fn rows(containers: Vec<ContainerLists>) -> impl Iterator<Item = Row> {
    let mut sources: Vec<Source> = containers.into_iter().map(Source::from).collect();
    let mut next: BinaryHeap<Reverse<(Element, usize)>> = BinaryHeap::new();
    for (at, source) in sources.iter_mut().enumerate() {
        next.extend(source.next().map(|element| Reverse((element, at))));
    }
    std::iter::from_fn(move || {
        let Reverse((first, _)) = *next.peek()?;
        let (mut count, mut last) = (0, first);
        let (mut directory, mut lists) = (Vec::new(), Vec::new());
        while let Some(&Reverse((element, _))) = next.peek()
            && lists.len() < ROW
        {
            let (mut headers, mut places) = (Vec::new(), Vec::new());
            let mut passed = 0;
            while let Some(Reverse((_, at))) =
                next.peek().copied().filter(|Reverse((other, _))| *other == element)
            {
                next.pop();
                let source = &mut sources[at];
                source.write(passed, &mut headers, &mut places);
                passed = source.number + 1;
                next.extend(source.next().map(|element| Reverse((element, at))));
            }
            let start = lists.len();
            write_number(&mut lists, headers.len() as u32);
            lists.append(&mut headers);
            lists.append(&mut places);
            write_number(&mut directory, element - last);
            write_number(&mut directory, (lists.len() - start) as u32);
            (count, last) = (count + 1, element);
        }
        let mut bytes = Vec::with_capacity(4 + directory.len() + lists.len());
        write_number(&mut bytes, count);
        bytes.append(&mut directory);
        bytes.append(&mut lists);
        Some(Row { first, bytes })
    })
}

/// The slices of a container that are not merged yet.
struct Source {
    number: usize,
    container: Container,
    counts: Peekable<IntoIter<(Element, u32, u32)>>,
    bytes: Vec<u8>,
    read: usize,
}

impl From<ContainerLists> for Source {
    fn from(lists: ContainerLists) -> Source {
        let ContainerLists { number, container, counts, bytes } = lists;
        Source { number, container, counts: counts.into_iter().peekable(), bytes, read: 0 }
    }
}

impl Source {
    /// The element of the next slice.
    fn next(&mut self) -> Option<Element> {
        self.counts.peek().map(|&(element, ..)| element)
    }

    /// Writes the next slice; `passed` is the number of the container after that of the slice before.
    fn write(&mut self, passed: usize, headers: &mut Vec<u8>, places: &mut Vec<u8>) {
        let Some((_, short, others)) = self.counts.next() else { return };
        let between = ((self.number - passed) as u32) << 4;
        match FEW.iter().position(|&few| few == (short, others)) {
            Some(at) => write_number(headers, between | at as u32),
            None => {
                [between | 15, short, others].into_iter().for_each(|number| write_number(headers, number))
            }
        }
        let end = self.read + payload(&self.container, (short + others) as usize);
        places.extend_from_slice(&self.bytes[self.read..end]);
        self.read = end;
    }
}

fn write_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Result<u32, ListsError> {
    let (mut number, mut shift) = (0_u32, 0);
    loop {
        let (&byte, rest) = bytes.split_first().ok_or(ListsError)?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f).checked_shl(shift).ok_or(ListsError)?;
        if byte < 0x80 {
            return Ok(number);
        }
        shift += 7;
    }
}

/// The lists of a row, found by element.
#[derive(Debug)]
pub struct Lists {
    elements: Vec<Element>,
    /// Where each list ends in the bytes; the first starts at `start`.
    ends: Vec<u32>,
    start: u32,
    bytes: Vec<u8>,
}

/// A slice of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    /// How many texts are in their short prefix, and how many others.
    pub short: u32,
    pub others: u32,
    /// Where its places are in the bytes of the row.
    pub start: u32,
    pub is_bitmap: bool,
}

impl Lists {
    /// The lists of a row.
    ///
    /// # Errors
    /// If the bytes are not those of a row.
    pub fn from_bytes(first: Element, bytes: &[u8]) -> Result<Lists, ListsError> {
        let mut rest = bytes;
        let count = read_number(&mut rest)? as usize;
        // Each list has two bytes of directory at least.
        if count > rest.len() / 2 {
            return Err(ListsError);
        }
        let (mut elements, mut ends) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let (mut element, mut end) = (first, 0_u32);
        for _ in 0..count {
            element = element.checked_add(read_number(&mut rest)?).ok_or(ListsError)?;
            end = end.checked_add(read_number(&mut rest)?).ok_or(ListsError)?;
            elements.push(element);
            ends.push(end);
        }
        if rest.len() != end as usize || !elements.is_sorted() {
            return Err(ListsError);
        }
        let start = u32::try_from(bytes.len() - rest.len()).map_err(|_| ListsError)?;
        ends.iter_mut().for_each(|end| *end += start);
        Ok(Lists { elements, ends, start, bytes: bytes.to_vec() })
    }

    /// Calls `keep` with the slices of an element in these containers and their numbers, in order.
    pub(super) fn slices(
        &self,
        element: Element,
        layout: &Layout,
        containers: &Range<usize>,
        mut keep: impl FnMut(usize, Slice),
    ) -> Result<(), ListsError> {
        let Ok(at) = self.elements.binary_search(&element) else { return Ok(()) };
        let start = if at == 0 { self.start } else { self.ends[at - 1] };
        let end = self.ends[at] as usize;
        let mut rest = &self.bytes[start as usize..end];
        let size = read_number(&mut rest)? as usize;
        let mut headers = rest.get(..size).ok_or(ListsError)?;
        let mut start = end - rest.len() + size;
        let mut container = 0;
        while !headers.is_empty() {
            let header = read_number(&mut headers)?;
            container += (header >> 4) as usize;
            if container >= containers.end {
                return Ok(());
            }
            let (short, others) = match FEW.get((header & 15) as usize) {
                Some(&few) => few,
                None => (read_number(&mut headers)?, read_number(&mut headers)?),
            };
            let about = layout.0.get(container).ok_or(ListsError)?;
            let texts =
                short.checked_add(others).filter(|&texts| texts as usize <= about.texts).ok_or(ListsError)?;
            let next = start + payload(about, texts as usize);
            if next > end {
                return Err(ListsError);
            }
            if container >= containers.start {
                let is_bitmap = about.is_bitmap(texts as usize);
                keep(container, Slice { short, others, start: start as u32, is_bitmap });
            }
            (start, container) = (next, container + 1);
        }
        Ok(())
    }

    /// The places of a slice that is no bitmap: those of the texts that have the element in their short prefix, or all.
    pub(super) fn places(&self, slice: &Slice, only_short: bool) -> &[[u8; 2]] {
        let texts = if only_short { slice.short } else { slice.short + slice.others };
        self.bytes[slice.start as usize..][..2 * texts as usize].as_chunks().0
    }

    /// The words of a slice that is a bitmap of so many.
    pub(super) fn bitmap(&self, slice: &Slice, words: usize) -> &[[u8; 8]] {
        self.bytes[slice.start as usize..][..8 * words].as_chunks().0
    }

    /// Lists whose bytes are these places.
    #[cfg(test)]
    pub(super) fn of_places(places: impl Iterator<Item = u16>) -> Lists {
        let bytes = places.flat_map(u16::to_le_bytes).collect();
        Lists { elements: Vec::new(), ends: Vec::new(), start: 0, bytes }
    }
}
