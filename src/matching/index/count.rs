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
    fn slices(&self, container: usize) -> impl Iterator<Item = (usize, &Arc<Lists>, &Slice)> {
        let column =
            self.numbers.iter().skip(container - self.containers.start).step_by(self.containers.len());
        self.elements.iter().zip(column).filter_map(|(element, &number)| {
            let slice = &self.slices[number.checked_sub(1)? as usize];
            Some((element.at, &element.lists, slice))
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

/// A slice that is counted.
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
        let slices = query.slices(number).take_while(|&(at, ..)| at < before + most);
        let mut slices: Vec<Counted<'_>> = slices.map(|(at, lists, slice)| (at, &**lists, slice)).collect();
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matching::index::BlockBuilder;
    use crate::matching::index::block::Block;
    use crate::matching::index::code::{TokenCode, token_code};
    use crate::matching::index::element::elements;
    use crate::matching::index::postings::{ContainerLists, Prefixes, Row, rows};

    /// The word of a number; of the numbers up to 400 few words are frequent.
    fn word(number: usize) -> String {
        ["the", "a", "of", "저장"]
            .get(number % 9)
            .map_or_else(|| format!("word{number}"), |&word| word.to_owned())
    }

    fn text(words: &[usize]) -> String {
        words.iter().map(|&number| word(number)).collect::<Vec<_>>().join(" ")
    }

    /// A generation of one block.
    struct Generation {
        block: Block,
        order: TokenOrder,
        layout: Layout,
        rows: Vec<Row>,
    }

    /// The generation of texts of one length.
    fn generation<'t>(texts: impl Iterator<Item = &'t str>) -> Generation {
        let mut builder = BlockBuilder::default();
        (0..).zip(texts).for_each(|(id, text)| builder.add(id, text, text));
        let mut block = builder.finish().next().unwrap();
        let order = TokenOrder::of([&block].into_iter());
        let layout = Layout::of([(block.length(), block.len())].into_iter());
        let prefixes = Prefixes::sort(&mut block, &order);
        let numbers = layout.of_lengths(0..=usize::MAX);
        let lists = numbers.map(|number| ContainerLists::of(number, *layout.get(number), &prefixes));
        let rows = rows(lists.collect()).collect();
        Generation { block, order, layout, rows }
    }

    impl Generation {
        fn prepared(&self, codes: &[TokenCode], common: usize) -> PreparedQuery {
            let mut query: Vec<Rank> =
                elements(&mut codes.to_vec()).map(|element| self.order.rank(element)).collect();
            query.sort_unstable();
            let containers = (&self.layout, self.layout.of_lengths(0..=usize::MAX));
            PreparedQuery::new(&query, common, containers, |element| {
                let Some(row) = self.rows.partition_point(|row| row.first <= element).checked_sub(1) else {
                    return Ok::<_, ListsError>(None);
                };
                let Row { first, bytes } = &self.rows[row];
                Lists::from_bytes(*first, bytes).map(Arc::new).map(Some)
            })
            .unwrap()
        }

        /// The places that are not excluded, in order; `None` if the lists exclude none.
        fn candidates(
            &self,
            query: &PreparedQuery,
            common: usize,
            counters: &mut Counters,
        ) -> Option<Vec<usize>> {
            let mut found = Vec::new();
            for number in self.layout.of_lengths(0..=usize::MAX) {
                let container = self.layout.get(number);
                if counters.filter(query, number, container, common) == Filtered::No {
                    return None;
                }
                assert!(counters.counts.iter().all(|&count| count == 0));
                found.extend(counters.candidates.iter().map(|&place| container.first + place as usize));
            }
            found.sort_unstable();
            Some(found)
        }
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

    /// Texts of one length, and a query that is one of them with some words changed.
    fn texts_and_query() -> impl Strategy<Value = (Vec<Vec<usize>>, Vec<usize>)> {
        (1_usize..14, 8_usize..400).prop_flat_map(|(length, words)| {
            let texts = prop::collection::vec(prop::collection::vec(0..words, length), 32..200);
            let changes = prop::collection::vec((any::<prop::sample::Index>(), 0..words), 0..6);
            (texts, any::<prop::sample::Index>(), changes).prop_map(|(texts, at, changes)| {
                let mut query = texts[at.index(texts.len())].clone();
                for (at, word) in changes {
                    let at = at.index(query.len());
                    if word % 3 == 0 { query.insert(at, word) } else { query[at] = word }
                }
                (texts, query)
            })
        })
    }

    proptest! {
        #[test]
        fn no_text_with_enough_common_tokens_is_excluded(
            (texts, query) in texts_and_query(),
            common_of_100 in 1_usize..=100,
        ) {
            let texts: Vec<String> = texts.iter().map(|words| text(words)).collect();
            let generation = generation(texts.iter().map(String::as_str));
            let codes: Vec<TokenCode> = query.iter().map(|&number| token_code(&word(number))).collect();
            let length = generation.block.length();
            let wanted = (codes.len().max(length) * common_of_100).div_ceil(100);
            let query = generation.prepared(&codes, (codes.len() * common_of_100).div_ceil(100));
            let mut counters = Counters::default();
            // Twice, because the counters are used again.
            for _ in 0..2 {
                let found = generation.candidates(&query, wanted, &mut counters);
                if wanted <= codes.len().min(length) && common_of_100 >= 50 {
                    prop_assert!(found.is_some());
                }
                let Some(found) = found else { continue };
                prop_assert!(found.windows(2).all(|two| two[0] < two[1]), "a text is a candidate once");
                for place in 0..generation.block.len() {
                    let text: Vec<TokenCode> = generation.block.text(place).codes().collect();
                    if common(&codes, &text) >= wanted {
                        prop_assert!(found.contains(&place), "{place}");
                    }
                }
            }
        }

        #[test]
        fn both_ways_of_counting_find_the_same_texts(
            lists in prop::collection::vec(prop::collection::btree_set(0_u16..500, 1..300), 1..9),
            required in 1_usize..=MOST_REQUIRED,
        ) {
            let container = Container { length: 9, first: 0, texts: 500 };
            let slices: Vec<Lists> = lists.iter().map(|places| Lists::of_places(places.iter().copied())).collect();
            let slice = |places: usize| Slice { short: places as u32, others: 0, start: 0, is_bitmap: false };
            let about: Vec<Slice> = lists.iter().map(|places| slice(places.len())).collect();
            let counted: Vec<Counted<'_>> =
                slices.iter().zip(&about).enumerate().map(|(at, (lists, slice))| (at, lists, slice)).collect();
            let mut counters = Counters::default();
            counters.count_in_planes(&container, &counted, false, required);
            let in_planes = std::mem::take(&mut counters.candidates);
            counters.count_one_by_one(&container, &counted, false, required as u8);
            counters.candidates.sort_unstable();
            let count = |place: u16| lists.iter().filter(|places| places.contains(&place)).count();
            let expected: Vec<u32> =
                (0..500).filter(|&place| count(place) >= required).map(u32::from).collect();
            prop_assert_eq!(&in_planes, &expected);
            prop_assert_eq!(&counters.candidates, &expected);
        }

        #[test]
        fn damaged_lists_are_an_error_or_lists(
            (texts, query) in texts_and_query(),
            cut in any::<prop::sample::Index>(),
            changed in (any::<prop::sample::Index>(), any::<u8>()),
        ) {
            let texts: Vec<String> = texts.iter().map(|words| text(words)).collect();
            let mut generation = generation(texts.iter().map(String::as_str));
            let codes: Vec<TokenCode> = query.iter().map(|&number| token_code(&word(number))).collect();
            let Row { first, bytes } = generation.rows[0].clone();
            prop_assert!(Lists::from_bytes(first, &bytes[..cut.index(bytes.len())]).is_err());
            let mut damaged = bytes;
            let at = changed.0.index(damaged.len());
            damaged[at] = changed.1;
            let Ok(lists) = Lists::from_bytes(first, &damaged) else { return Ok(()) };
            let lists = Arc::new(lists);
            generation.rows.clear();
            let mut ranks: Vec<Rank> =
                elements(&mut codes.clone()).map(|element| generation.order.rank(element)).collect();
            ranks.sort_unstable();
            let containers = (&generation.layout, generation.layout.of_lengths(0..=usize::MAX));
            let read = |_| Ok::<_, ListsError>(Some(lists.clone()));
            if let Ok(query) = PreparedQuery::new(&ranks, 1, containers, read) {
                let container = generation.layout.get(0);
                Counters::default().filter(&query, 0, container, codes.len().div_ceil(2));
            }
        }
    }

    #[test]
    fn most_texts_are_excluded() {
        let texts: Vec<String> =
            (0..400).map(|number| format!("the a of or ship{} berth{}", number % 20, number / 20)).collect();
        let generation = generation(texts.iter().map(String::as_str));
        let codes = ["the", "the", "a", "of", "ship3", "berth3"].map(token_code);
        let query = generation.prepared(&codes, 5);
        let found = generation.candidates(&query, 5, &mut Counters::default()).unwrap();
        assert!((1..=40).contains(&found.len()), "{}", found.len());
        assert_eq!(generation.candidates(&query, 1, &mut Counters::default()), None);
    }

    #[test]
    fn a_block_of_many_texts_has_several_containers() {
        let texts: Vec<String> = (0..=CONTAINER).map(|number| format!("a word{}", number % 50)).collect();
        let generation = generation(texts.iter().map(String::as_str));
        assert_eq!(generation.layout.of_lengths(2..=2), 0..2);
        let codes = ["a", "word7"].map(token_code);
        let query = generation.prepared(&codes, 2);
        let found = generation.candidates(&query, 2, &mut Counters::default()).unwrap();
        let equal = (0..generation.block.len())
            .filter(|&place| generation.block.text(place).codes().eq(codes))
            .collect::<Vec<_>>();
        assert!(equal.len() > 1300 && equal.iter().all(|place| found.contains(place)));
    }
}
