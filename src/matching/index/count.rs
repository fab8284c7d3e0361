//! Counts how many elements of a query's prefix each text of a container has, and returns the texts with enough of them.
//!
//! Let a query have m elements and a text n, and let at least c of them be common. In a fixed order of elements, the first j common
//! ones are then among the first m − c + j of the query, and among the first n − c + j of the text: only c − j common ones come after
//! them. So a text with fewer than j common elements in these two prefixes is excluded. With j = 1 this is the prefix filter
//! (Chaudhuri, Ganti and Kaushik, "A Primitive Operator for Similarity Joins in Data Cleaning", 2006), with any j that of AdaptJoin
//! (Wang, Li and Feng, "Can We Beat the Prefix Filtering?", 2012). The order begins with rare elements, so the lists of a prefix are
//! short.
//!
//! Few texts are counted one by one (ScanCount in Li, Lu and Lu, "Efficient Merging and Filtering Algorithms for Approximate String
//! Searches", 2008). Many are counted 64 at a time, in bit-sliced counters (Kaser and Lemire, "Compressed bitmap indexes: beyond unions
//! and intersections", 2016): a word of each plane has one binary digit of the counts of 64 texts.

use std::ops::Range;
use std::sync::Arc;

use super::element::Element;
use super::order::{Rank, TokenOrder};
use super::postings::{CONTAINER, Container, Layout, Lists, ListsError, Slice, long_prefix, short_prefix};

/// The most common elements that are required in the prefixes (`j`). The planes count no further.
const MOST_REQUIRED: usize = 4;

/// What it costs to compare a candidate, as a multiple of what the place of a text in a list costs. Measured.
const COMPARISON: usize = 30;

/// The part of texts with one common element more in the prefixes, as a divisor: an estimate, which only decides about time.
const RARER: usize = 6;

/// How many words of a bitmap cost as much as one place of a text.
const WORDS_OF_A_PLACE: usize = 4;

/// A query with the lists of its prefix, in one generation.
#[derive(Debug)]
pub(super) struct PreparedQuery {
    /// How many elements the query has.
    length: usize,
    elements: Vec<PreparedElement>,
    slices: Vec<Slice>,
    /// For each element and each container of `containers` the number of its slice, from 1; 0 if it has none.
    numbers: Vec<u32>,
    containers: Range<usize>,
}

/// An element of the query that occurs in the generation.
#[derive(Debug)]
struct PreparedElement {
    /// Its position in the query, in the order of the elements.
    at: usize,
    lists: Arc<Lists>,
}

impl PreparedQuery {
    /// Reads the lists of a query's elements, which are in their order, for the texts in some containers with at least `common` common
    /// elements. `read` returns the lists of an element's row, or `None` if there is no such row.
    pub fn new<E: From<ListsError>>(
        query: &[Rank],
        common: usize,
        (layout, containers): (&Layout, Range<usize>),
        mut read: impl FnMut(Element) -> Result<Option<Arc<Lists>>, E>,
    ) -> Result<PreparedQuery, E> {
        let longest = query.len().min((query.len() + MOST_REQUIRED).saturating_sub(common));
        let (mut elements, mut slices) = (Vec::new(), Vec::new());
        let mut numbers = Vec::with_capacity(longest * containers.len());
        for (at, &rank) in query[..longest].iter().enumerate() {
            let (element, occurs) = TokenOrder::element(rank);
            if containers.is_empty() || !occurs {
                continue;
            }
            let Some(lists) = read(element)? else { continue };
            let before = (slices.len(), numbers.len());
            numbers.resize(before.1 + containers.len(), 0);
            lists.slices(element, layout, &containers, |container, slice| {
                slices.push(slice);
                numbers[before.1 + container - containers.start] = slices.len() as u32;
            })?;
            if slices.len() == before.0 {
                numbers.truncate(before.1);
            } else {
                elements.push(PreparedElement { at, lists });
            }
        }
        Ok(PreparedQuery { length: query.len(), elements, slices, numbers, containers })
    }

    /// The slices of a container, each with the position of its element in the query.
    fn slices(&self, container: usize) -> impl Iterator<Item = Counted<'_>> {
        let column =
            self.numbers.iter().skip(container - self.containers.start).step_by(self.containers.len());
        self.elements.iter().zip(column).filter_map(|(element, &number)| {
            let slice = &self.slices[number.checked_sub(1)? as usize];
            Some((element.at, &*element.lists, slice))
        })
    }
}

/// Whether the lists of a container hold what a search needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filtered {
    /// The candidates are complete.
    Yes,
    /// The prefixes are longer than those in the lists: all texts are candidates.
    No,
}

/// A binary digit of the counts of all texts in a container.
type Plane = Box<[u64; CONTAINER / 64]>;

/// Memory for the counts, used for one container after the other.
#[derive(Debug)]
pub(super) struct Counters {
    /// A count for each text; all 0 between two containers.
    counts: Box<[u8; CONTAINER]>,
    /// The digits 1, 2 and 4; a count of 4 or more has the last digit for ever.
    planes: [Plane; 3],
    /// The places of the texts that have enough common elements.
    pub candidates: Vec<u32>,
}

impl Default for Counters {
    fn default() -> Self {
        let plane = || -> Plane { Box::new([0; CONTAINER / 64]) };
        Counters {
            counts: Box::new([0; CONTAINER]),
            planes: [plane(), plane(), plane()],
            candidates: Vec::new(),
        }
    }
}

/// A slice that is counted, with its lists, and before it the position of its element in the query.
type Counted<'q> = (usize, &'q Lists, &'q Slice);

impl Counters {
    /// Finds the texts of a container that can have `common` elements in common with the query.
    pub fn filter(
        &mut self,
        query: &PreparedQuery,
        number: usize,
        container: &Container,
        common: usize,
    ) -> Filtered {
        let length = container.length;
        self.candidates.clear();
        let long = long_prefix(length);
        // The text's prefix for one required element has n − c + 1 elements. The lists hold it, with so many more required.
        let most = match long == length {
            true => common,
            false => (long + common).saturating_sub(length),
        };
        let most = most.min(common).min(MOST_REQUIRED);
        if most == 0 || common > query.length {
            return Filtered::No;
        }
        let before = query.length - common;
        let mut slices: Vec<_> = query.slices(number).take_while(|&(at, ..)| at < before + most).collect();
        let only_short = |required: usize| length + required <= common + short_prefix(length);
        let cost = |required: usize| {
            let (mut cost, mut texts) = (0, 0);
            for (_, _, slice) in slices.iter().take_while(|&&(at, ..)| at < before + required) {
                let all = slice.short + if only_short(required) { 0 } else { slice.others };
                texts += all as usize;
                cost += if slice.is_bitmap { container.words() / WORDS_OF_A_PLACE } else { all as usize };
            }
            cost + COMPARISON * texts / RARER.pow(required as u32 - 1)
        };
        let (mut required, mut lowest) = (1, cost(1));
        while required < most {
            let next = cost(required + 1);
            if next >= lowest {
                break;
            }
            (required, lowest) = (required + 1, next);
        }
        slices.retain(|&(at, ..)| at < before + required);
        let only_short = only_short(required);
        if slices.iter().any(|(_, _, slice)| slice.is_bitmap) {
            self.count_in_planes(container, &slices, only_short, required);
        } else {
            self.count_one_by_one(container, &slices, only_short, required as u8);
        }
        Filtered::Yes
    }

    fn count_one_by_one(
        &mut self,
        container: &Container,
        slices: &[Counted<'_>],
        only_short: bool,
        required: u8,
    ) {
        let Counters { counts, candidates, .. } = self;
        let lists = || slices.iter().map(|(_, lists, slice)| lists.places(slice, only_short));
        let entries: usize = lists().map(<[_]>::len).sum();
        if candidates.len() < entries {
            candidates.resize(entries, 0);
        }
        // Without a branch, because which entries reach the number cannot be predicted.
        let mut found = 0;
        for &place in lists().flatten() {
            let place = u16::from_le_bytes(place);
            let count = &mut counts[usize::from(place)];
            // A count that cannot rise any more does not pass `required` again.
            *count = count.saturating_add(1);
            candidates[found] = place.into();
            found += usize::from(*count == required);
        }
        candidates.truncate(found);
        // Whichever touches less memory.
        if entries > container.texts / 16 {
            counts[..container.texts].fill(0);
        } else {
            lists().flatten().for_each(|&place| counts[usize::from(u16::from_le_bytes(place))] = 0);
        }
    }

    fn count_in_planes(
        &mut self,
        container: &Container,
        slices: &[Counted<'_>],
        only_short: bool,
        required: usize,
    ) {
        let words = container.words();
        let [ones, twos, fours] = self.planes.each_mut().map(|plane| &mut plane[..words]);
        [&mut *ones, twos, fours].into_iter().for_each(|plane| plane.fill(0));
        for (_, lists, slice) in slices {
            if slice.is_bitmap {
                add_bitmap([&mut *ones, twos, fours], lists.bitmap(slice, words));
                continue;
            }
            for &place in lists.places(slice, only_short) {
                let place = u16::from_le_bytes(place);
                let (at, bit) = (usize::from(place) / 64, 1 << (place % 64));
                if at < words {
                    let carry = ones[at] & bit;
                    ones[at] ^= bit;
                    fours[at] |= twos[at] & carry;
                    twos[at] ^= carry;
                }
            }
        }
        for (at, ((&one, &two), &four)) in ones.iter().zip(&*twos).zip(&*fours).enumerate() {
            let mut enough = match required {
                1 => one | two | four,
                2 => two | four,
                3 => one & two | four,
                _ => four,
            };
            while enough != 0 {
                self.candidates.push((at * 64) as u32 + enough.trailing_zeros());
                enough &= enough - 1;
            }
        }
        // The last word of a damaged bitmap may have bits beyond the texts.
        while self.candidates.last().is_some_and(|&last| last as usize >= container.texts) {
            self.candidates.pop();
        }
    }
}

/// Adds a bitmap to the counts: the carry of one digit is added to the next.
fn add_bitmap([ones, twos, fours]: [&mut [u64]; 3], bitmap: &[[u8; 8]]) {
    for (((one, two), four), &word) in ones.iter_mut().zip(twos).zip(fours).zip(bitmap) {
        let word = u64::from_le_bytes(word);
        let carry = *one & word;
        *one ^= word;
        *four |= *two & carry;
        *two ^= carry;
    }
}

#[cfg(test)]
mod tests;
