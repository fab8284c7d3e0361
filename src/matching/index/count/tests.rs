use proptest::prelude::*;

use super::*;
use crate::matching::index::BlockBuilder;
use crate::matching::index::block::Block;
use crate::matching::index::code::{TokenCode, token_code};
use crate::matching::index::element::{Element, elements};
use crate::matching::index::frequent::FrequentBits;
use crate::matching::index::postings::{ContainerLists, Layout, ListsError, Prefixes, Row, rows};

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
    /// By container.
    frequent: Vec<FrequentBits>,
}

impl Stored for Generation {
    type Error = ListsError;

    fn lists(&self, element: Element) -> Result<Option<Arc<Lists>>, ListsError> {
        let Some(row) = self.rows.partition_point(|row| row.first <= element).checked_sub(1) else {
            return Ok(None);
        };
        let Row { first, bytes } = &self.rows[row];
        Lists::from_bytes(*first, bytes, &self.layout).map(Arc::new).map(Some)
    }

    fn frequent(&self, container: usize) -> Result<&FrequentBits, ListsError> {
        Ok(&self.frequent[container])
    }
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
    let frequent = numbers.clone().map(|number| prefixes.frequent_bits(layout.get(number))).collect();
    let lists = numbers.map(|number| ContainerLists::of(number, *layout.get(number), &prefixes));
    let rows = rows(lists.collect()).collect();
    Generation { block, order, layout, rows, frequent }
}

impl Generation {
    fn prepared(&self, codes: &[TokenCode], common: usize) -> PreparedQuery {
        let mut query: Vec<Rank> =
            elements(&mut codes.to_vec()).map(|element| self.order.rank(element)).collect();
        query.sort_unstable();
        let generation = (&self.order, self.layout.of_lengths(0..=usize::MAX));
        PreparedQuery::new(&query, common, generation, self).unwrap()
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
            if counters.filter(query, number, (container, common), self).unwrap() == Filtered::No {
                return None;
            }
            found.extend(counters.candidates.iter().map(|&place| container.first + place as usize));
        }
        found.sort_unstable();
        Some(found)
    }
}

/// A generation whose elements have all the same row of lists.
struct Damaged<'g> {
    lists: Arc<Lists>,
    frequent: &'g [FrequentBits],
}

impl Stored for Damaged<'_> {
    type Error = ListsError;

    fn lists(&self, _: Element) -> Result<Option<Arc<Lists>>, ListsError> {
        Ok(Some(self.lists.clone()))
    }

    fn frequent(&self, container: usize) -> Result<&FrequentBits, ListsError> {
        Ok(&self.frequent[container])
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
        // Often, because the counters are used again.
        for _ in 0..18 {
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
    fn damaged_lists_are_an_error_or_lists(
        (texts, query) in texts_and_query(),
        cut in any::<prop::sample::Index>(),
        changed in (any::<prop::sample::Index>(), any::<u8>()),
    ) {
        let texts: Vec<String> = texts.iter().map(|words| text(words)).collect();
        let generation = generation(texts.iter().map(String::as_str));
        let codes: Vec<TokenCode> = query.iter().map(|&number| token_code(&word(number))).collect();
        let Row { first, bytes } = generation.rows[0].clone();
        prop_assert!(Lists::from_bytes(first, &bytes[..cut.index(bytes.len())], &generation.layout).is_err());
        let mut damaged = bytes;
        let at = changed.0.index(damaged.len());
        damaged[at] = changed.1;
        let Ok(lists) = Lists::from_bytes(first, &damaged, &generation.layout) else { return Ok(()) };
        let damaged = Damaged { lists: Arc::new(lists), frequent: &generation.frequent };
        let mut ranks: Vec<Rank> =
            elements(&mut codes.clone()).map(|element| generation.order.rank(element)).collect();
        ranks.sort_unstable();
        let layout = &generation.layout;
        let containers = (&generation.order, layout.of_lengths(0..=usize::MAX));
        if let Ok(query) = PreparedQuery::new(&ranks, 1, containers, &damaged) {
            let wanted = (layout.get(0), codes.len().div_ceil(2));
            let mut counters = Counters::default();
            counters.filter(&query, 0, wanted, &damaged).unwrap();
            prop_assert!(counters.candidates.iter().all(|&place| (place as usize) < layout.get(0).texts));
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

#[test]
fn a_text_in_more_lists_than_a_count_holds_is_a_candidate() {
    let words = |start: usize, count: usize| (start..start + count).map(word).collect::<Vec<_>>();
    let texts: Vec<String> = (0..40).map(|number| words(number * 600, 600).join(" ")).collect();
    let generation = generation(texts.iter().map(String::as_str));
    for changed in [10, 280] {
        let query = [words(1200, 600 - changed), words(90_000, changed)].concat();
        let codes: Vec<TokenCode> = query.iter().map(|word| token_code(word)).collect();
        let wanted = 600 - changed - 10;
        let query = generation.prepared(&codes, wanted);
        match generation.candidates(&query, wanted, &mut Counters::default()) {
            Some(found) => {
                let is_like = |&place: &usize| {
                    common(&codes, &generation.block.text(place).codes().collect::<Vec<_>>()) >= wanted
                };
                assert!((0..40).filter(is_like).all(|place| found.contains(&place)));
                assert!(found.contains(&2));
            }
            None => assert!(wanted <= 600 - MOST_LISTS, "few lists are enough"),
        }
    }
}

/// A generation whose bits of frequent tokens cannot be read.
struct Unreadable<'g>(&'g Generation);

impl Stored for Unreadable<'_> {
    type Error = ListsError;

    fn lists(&self, element: Element) -> Result<Option<Arc<Lists>>, ListsError> {
        self.0.lists(element)
    }

    fn frequent(&self, _: usize) -> Result<&FrequentBits, ListsError> {
        Err(ListsError)
    }
}

#[test]
fn a_search_after_an_error_finds_what_it_would_have_found() {
    let texts: Vec<String> = (0..64).map(|number| format!("ship{} berth{number}", number % 8)).collect();
    let generation = generation(texts.iter().map(String::as_str));
    let codes: Vec<TokenCode> = ["ship3", "berth11"].map(token_code).to_vec();
    let query = generation.prepared(&codes, 1);
    let mut counters = Counters::default();
    let expected = generation.candidates(&query, 1, &mut counters).unwrap();
    assert!(!expected.is_empty());
    let container = (generation.layout.get(0), 1);
    counters.filter(&query, 0, container, &Unreadable(&generation)).unwrap_err();
    assert_eq!(generation.candidates(&query, 1, &mut counters).unwrap(), expected);
}
