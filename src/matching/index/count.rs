//! Counts how many tokens each text of a container has in common with a query, and returns the texts that may have enough.
//!
//! Let a query have m elements and a text n, and let at least c of them be common. The order of elements begins with the rare ones and
//! ends with the frequent ones, of which each text has a bit. Texts are excluded in two steps.
//!
//! Lists: the first j common elements are among the first `s = m − c + j` of the query, and among the first `n − c + j` of the text, for
//! only c − j common ones come after them. So a text with fewer than j common elements in these two prefixes is excluded. With j = 1
//! this is the prefix filter (Chaudhuri, Ganti and Kaushik, "A Primitive Operator for Similarity Joins in Data Cleaning", 2006), with
//! any j that of AdaptJoin (Wang, Li and Feng, "Can We Beat the Prefix Filtering?", 2012). The lists are counted one after the other
//! (ScanCount in Li, Lu and Lu, "Efficient Merging and Filtering Algorithms for Approximate String Searches", 2008).
//!
//! Bits: of the texts that are left, let x be the number of common frequent elements, and a that of common rare ones in the lists that
//! were counted: among the first s of m' rare elements of the query, and the first p of n' of the text. Any other common one comes after
//! the s of the query or after the p of the text, whichever is later in the order, so there are at most `u = max(m' − s, n' − p, 0)`. A
//! text with `x + a + u < c` is excluded.

use std::ops::Range;
use std::sync::Arc;

use super::frequent::count_bits;
use super::order::{Rank, TokenOrder};
use super::postings::{CONTAINER, Container, Lists, Slice, long_prefix, short_prefix};
use super::stored::Stored;

/// The most common elements that are required in the lists (`j`).
const MOST_REQUIRED: usize = 4;

/// The most lists that are counted: a count is a byte.
const MOST_LISTS: usize = 255;

/// What it costs to read the bits of a text, as a multiple of what its place in a list costs. Measured, with the comparison of the few
/// that are left.
const PROBE: usize = 12;

/// The part of texts with one common element more in the lists, as a divisor: an estimate, which only decides about time.
const RARER: usize = 6;

/// How many bytes the processor clears in the time of one.
const WIDTH: usize = 128;

/// How many places a line of the processor's cache holds.
const LINE: usize = 32;

/// A query with the lists of its prefix, in one generation.
#[derive(Debug)]
pub(super) struct PreparedQuery {
    /// How many elements the query has (m), and how many of them are rare (m').
    length: usize,
    rare: usize,
    /// Its frequent elements.
    frequent: u32,
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
    /// Reads the lists of the elements of a query, which are in their order, for the texts in some containers with at least `common`
    /// common elements.
    pub fn new<S: Stored>(
        query: &[Rank],
        common: usize,
        (order, containers): (&TokenOrder, Range<usize>),
        stored: &S,
    ) -> Result<PreparedQuery, S::Error> {
        let rare = query.partition_point(|&rank| rank < order.first_frequent());
        let longest = query.len().min((query.len() + MOST_REQUIRED).saturating_sub(common));
        let (mut elements, mut slices) = (Vec::new(), Vec::new());
        let mut numbers = Vec::with_capacity(longest * containers.len());
        for (at, &rank) in query[..longest].iter().enumerate() {
            let (element, occurs) = TokenOrder::element(rank);
            if containers.is_empty() || !occurs {
                continue;
            }
            let Some(lists) = stored.lists(element)? else { continue };
            let before = (slices.len(), numbers.len());
            numbers.resize(before.1 + containers.len(), 0);
            lists.slices(element, &containers, |container, slice| {
                slices.push(slice);
                numbers[before.1 + container - containers.start] = slices.len() as u32;
            })?;
            if slices.len() == before.0 {
                numbers.truncate(before.1);
            } else {
                elements.push(PreparedElement { at, lists });
            }
        }
        let frequent = order.frequent_bits(&query[rare..]);
        Ok(PreparedQuery { length: query.len(), rare, frequent, elements, slices, numbers, containers })
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

/// Memory for the counts, used for one container after the other.
#[derive(Debug)]
pub(super) struct Counters {
    /// A count for each text; all 0 between two containers.
    counts: Box<[u8; CONTAINER]>,
    /// The places of the texts that are in enough lists, and the bits of each.
    counted: Box<[u16; CONTAINER]>,
    bits: Vec<u32>,
    /// The places of the texts that may have enough common elements.
    pub candidates: Vec<u32>,
}

impl Default for Counters {
    fn default() -> Self {
        let (counts, counted) = (Box::new([0; CONTAINER]), Box::new([0; CONTAINER]));
        Counters { counts, counted, bits: Vec::new(), candidates: Vec::new() }
    }
}

/// A slice that is counted, with its lists, and before it the position of its element in the query.
type Counted<'q> = (usize, &'q Lists, &'q Slice);

/// Whether the lists of a container hold what a search needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filtered {
    /// The candidates are complete.
    Yes,
    /// The prefixes are longer than those in the lists: all texts are candidates.
    No,
}

/// Which lists of a container are counted.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// How many elements of the query (s).
    counted: usize,
    /// Only the places of the texts that have the element in their short prefix, or all.
    only_short: bool,
    /// How many of these elements a text must have to be a candidate (j).
    required: usize,
}

impl Counters {
    /// Finds the texts of a container that can have `common` elements in common with the query.
    pub fn filter<S: Stored>(
        &mut self,
        query: &PreparedQuery,
        number: usize,
        (container, common): (&Container, usize),
        stored: &S,
    ) -> Result<Filtered, S::Error> {
        self.candidates.clear();
        if common > query.length {
            return Ok(Filtered::Yes);
        }
        let mut slices: Vec<_> = query.slices(number).collect();
        let Some(plan) = plan(query, container.length, common, &slices) else { return Ok(Filtered::No) };
        slices.retain(|&(at, ..)| at < plan.counted);
        let lists = || slices.iter().map(|(_, lists, slice)| lists.places(slice, plan.only_short));
        // The lists are not in the cache. This short loop lets the processor fetch many together.
        std::hint::black_box(
            lists().flat_map(|places| places.iter().step_by(LINE)).fold(0, |sum: u16, &place| sum ^ place),
        );
        let counted = self.count(lists(), plan.required as u8);
        let frequent = if counted > 0 { stored.frequent(number).map(Some) } else { Ok(None) };
        if let Ok(Some(frequent)) = frequent {
            self.exclude(query, (container.length, common), (plan, counted), frequent.as_slice());
        }
        // Also after an error, for the next search. Whichever touches less memory.
        let entries: usize = lists().map(<[u16]>::len).sum();
        if entries > container.texts / WIDTH {
            self.counts[..container.texts].fill(0);
        } else {
            lists().flatten().for_each(|&place| self.counts[usize::from(place)] = 0);
        }
        frequent.map(|_| Filtered::Yes)
    }

    /// Finds the texts that so many lists have, and returns their number. They are counted further.
    fn count<'q>(&mut self, lists: impl Iterator<Item = &'q [u16]>, required: u8) -> usize {
        let Counters { counts, counted, .. } = self;
        // Without a branch, because which places reach the number cannot be predicted. Each does once, so the array suffices.
        let mut found = 0;
        let mut add = |place: u16| {
            // `MOST_LISTS` lists at most have a place, so a byte holds the count.
            let count = counts[usize::from(place)].wrapping_add(1);
            counts[usize::from(place)] = count;
            counted[found % CONTAINER] = place;
            found += usize::from(count == required);
        };
        for places in lists {
            let (chunks, rest) = places.as_chunks::<4>();
            chunks.iter().for_each(|chunk| chunk.iter().for_each(|&place| add(place)));
            rest.iter().for_each(|&place| add(place));
        }
        found
    }

    /// Keeps those of the texts found that may have enough common elements, by all that is known of them.
    fn exclude(
        &mut self,
        query: &PreparedQuery,
        (length, common): (usize, usize),
        (plan, counted): (Plan, usize),
        frequent: &[u32],
    ) {
        let counted = &self.counted[..counted];
        // The bits are not in the cache. This short loop lets the processor fetch many together.
        self.bits.clear();
        let bits = |&place: &u16| frequent.get(usize::from(place)).copied().unwrap_or_default();
        self.bits.extend(counted.iter().map(bits));
        let prefix = prefix(length, plan.only_short);
        let uncounted = query.rare.saturating_sub(plan.counted);
        let counted_frequent = first_bits(query.frequent, plan.counted.saturating_sub(query.rare));
        for (&place, &bits) in counted.iter().zip(&self.bits) {
            let count = usize::from(self.counts[usize::from(place)]);
            let (of_text, both) = count_bits(bits, bits & query.frequent);
            let rare = length - of_text.min(length);
            let in_lists = first_bits(bits, prefix.saturating_sub(rare));
            let twice = (in_lists & counted_frequent).count_ones() as usize;
            if both + count - twice.min(count) + uncounted.max(rare.saturating_sub(prefix)) >= common {
                self.candidates.push(place.into());
            }
        }
    }
}

/// The lowest bits of a number, so many of those that are set.
fn first_bits(bits: u32, count: usize) -> u32 {
    let mut others = bits;
    for _ in 0..count {
        if others == 0 {
            break;
        }
        others &= others - 1;
    }
    bits ^ others
}

/// How many elements of a text are in the lists, at most (p).
fn prefix(length: usize, only_short: bool) -> usize {
    if only_short { short_prefix(length) } else { long_prefix(length) }
}

/// Chooses the lists that cost least; `None` if none exclude any text, or too many would have to be counted.
fn plan(query: &PreparedQuery, length: usize, common: usize, slices: &[Counted<'_>]) -> Option<Plan> {
    // `c − n + p`; no bound if the lists have all elements of the texts.
    let by_text = |only_short: bool| match prefix(length, only_short) {
        prefix if prefix >= length => usize::MAX,
        prefix => (prefix + common).saturating_sub(length),
    };
    let most = MOST_REQUIRED.min(common).min(by_text(false));
    let before = query.length - common;
    let most = most.min(MOST_LISTS.saturating_sub(before));
    let only_short = |required: usize| required <= by_text(true);
    let cost = |required: usize| {
        let counted = slices.iter().take_while(|&&(at, ..)| at < before + required);
        let texts = |slice: &Slice| slice.short + if only_short(required) { 0 } else { slice.others };
        let texts: usize = counted.map(|(_, _, slice)| texts(slice) as usize).sum();
        texts + PROBE * texts / RARER.pow(required as u32 - 1)
    };
    let required = (1..=most).min_by_key(|&required| cost(required))?;
    Some(Plan { counted: before + required, only_short: only_short(required), required })
}

#[cfg(test)]
mod tests;
