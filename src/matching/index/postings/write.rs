//! Makes the lists of a generation: from the prefixes of its texts, container by container, merged by element.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::{Container, FEW, long_prefix, short_prefix};
use crate::matching::index::block::Block;
use crate::matching::index::element::{Element, elements};
use crate::matching::index::frequent::FrequentBits;
use crate::matching::index::order::{Rank, TokenOrder};

/// A row ends with the list that makes it so long, in bytes. A look-up from a cold start reads a row for each element of its prefix.
const ROW: usize = 16 << 10;

/// The long prefixes of the texts of a block, and their frequent elements.
#[derive(Debug)]
pub struct Prefixes {
    /// The elements of each.
    long: usize,
    ranks: Vec<Rank>,
    bits: Vec<u32>,
}

impl Prefixes {
    /// Sorts the texts of a block that has containers by their prefixes, and returns these. Texts that share rare tokens come
    /// together, so the candidates of a search are in few parts of the block.
    pub fn sort(block: &mut Block, order: &TokenOrder) -> Prefixes {
        let length = block.length();
        let long = long_prefix(length);
        let (mut unsorted, mut bits) =
            (Vec::with_capacity(block.len() * long), Vec::with_capacity(block.len()));
        let (mut codes, mut ranks) = (Vec::with_capacity(length), Vec::<Rank>::with_capacity(length));
        for place in 0..block.len() {
            codes.clear();
            codes.extend(block.text(place).codes());
            ranks.clear();
            ranks.extend(elements(&mut codes).map(|element| order.rank(element)));
            bits.push(order.frequent_bits(&ranks));
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
        Prefixes {
            long,
            ranks: places.iter().flat_map(|&place| prefix(place)).copied().collect(),
            bits: places.iter().map(|&place| bits[place]).collect(),
        }
    }

    /// The frequent elements of the texts of a container.
    pub fn frequent_bits(&self, container: &Container) -> FrequentBits {
        FrequentBits::new(self.bits[container.first..container.first + container.texts].to_vec())
    }

    fn of_texts(&self) -> impl Iterator<Item = &[Rank]> {
        self.ranks.chunks_exact(self.long.max(1))
    }
}

/// A slice whose places are written.
#[derive(Debug)]
struct WrittenSlice {
    element: Element,
    /// How many texts are in their short prefix, and how many others.
    short: u32,
    others: u32,
    /// How many bytes its places take.
    size: u32,
}

/// The slices of one container, for all elements.
#[derive(Debug)]
pub struct ContainerLists {
    number: usize,
    slices: Vec<WrittenSlice>,
    /// The places of each, one after the other.
    bytes: Vec<u8>,
}

impl ContainerLists {
    /// The slices of a container of this number; `prefixes` are those of its texts.
    pub fn of(number: usize, container: Container, prefixes: &Prefixes) -> ContainerLists {
        let mut lists = ContainerLists { number, slices: Vec::new(), bytes: Vec::new() };
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
        let before = self.bytes.len();
        let (short, others) = entries.split_at(entries.partition_point(|entry| entry >> 16 & 1 == 0));
        for run in [short, others] {
            let mut last = 0;
            for place in run.iter().map(|&entry| entry as u16) {
                write_place(&mut self.bytes, place - last);
                last = place;
            }
        }
        let size = (self.bytes.len() - before) as u32;
        let (short, others) = (short.len() as u32, others.len() as u32);
        self.slices.push(WrittenSlice { element, short, others, size });
    }
}

/// Writes a place, as the difference from the one before.
fn write_place(bytes: &mut Vec<u8>, between: u16) {
    match between.checked_sub(0x80).map(u16::to_be_bytes) {
        None => bytes.push(between as u8),
        Some([high @ ..0x7f, low]) => bytes.extend([high + 0x80, low]),
        Some(_) => {
            bytes.push(0xff);
            bytes.extend(between.to_le_bytes());
        }
    }
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
    slices: Peekable<IntoIter<WrittenSlice>>,
    bytes: Vec<u8>,
    read: usize,
}

impl From<ContainerLists> for Source {
    fn from(lists: ContainerLists) -> Source {
        let ContainerLists { number, slices, bytes } = lists;
        Source { number, slices: slices.into_iter().peekable(), bytes, read: 0 }
    }
}

impl Source {
    /// The element of the next slice.
    fn next(&mut self) -> Option<Element> {
        self.slices.peek().map(|slice| slice.element)
    }

    /// Writes the next slice; `passed` is the number of the container after that of the slice before.
    fn write(&mut self, passed: usize, headers: &mut Vec<u8>, places: &mut Vec<u8>) {
        let Some(WrittenSlice { short, others, size, .. }) = self.slices.next() else { return };
        let between = ((self.number - passed) as u32) << 4;
        match FEW.iter().position(|&few| few == (short, others)) {
            Some(at) => write_number(headers, between | at as u32),
            None => {
                [between | 15, short, others].into_iter().for_each(|number| write_number(headers, number))
            }
        }
        let end = self.read + size as usize;
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
