//! Candidate search for fuzzy matching: lossless filters, followed by the exact distance.
//!
//! Each filter has a bound that follows from the formula of the score. Let a query have m tokens and a text n. A score of f percent
//! allows at most `k = max(m, n) − ⌈f × max(m, n) / 100⌉` edits, so at least `c = max(m, n) − k` tokens are common. No text that reaches
//! the score is excluded, and a property test compares each filter with all texts:
//!
//! | filter | excludes texts with | source |
//! |---|---|---|
//! | length | `\|m − n\| > k` | Gravano et al., "Approximate String Joins in a Database (Almost) for Free", 2001 |
//! | prefix ([`Lists`]) | for any j, fewer than j common tokens among the rarest `m − c + j` of the query and `n − c + j` of the text | Chaudhuri et al., 2006; Wang et al., 2012 |
//! | frequent tokens ([`FrequentBits`]) | fewer than c common tokens, if those that no list tells apart were all common | O'Neil and Quass, 1997 |
//! | common tokens | fewer than c tokens that the query has | Gravano et al., 2001, "count filtering" |
//! | distance of token codes of 16 bits | a distance above k | Myers, "A Fast Bit-Vector Algorithm for Approximate String Matching Based on Dynamic Programming", 1999 |
//! | sketch | the same score as others, but characters that differ too much for one of the best places | Bartolini et al., 2002 |
//!
//! Texts are in [`Block`]s of one number of tokens each. Codes that collide only make texts look more alike; the caller compares the few
//! that are left as written.

mod block;
mod code;
mod count;
mod element;
mod frequent;
mod in_memory;
mod order;
mod postings;
mod search;
mod sketch;
mod stored;

pub use block::{Block, BlockBuilder, BlockError, texts_per_part};
pub use element::Element;
pub use frequent::{BitsError, FrequentBits};
pub use in_memory::InMemoryIndex;
pub use order::{OrderError, TokenCounts, TokenOrder};
pub use postings::{Container, ContainerLists, Layout, Lists, ListsError, Prefixes, Row, rows};
pub use search::{Hit, IndexSearch, Scratch};
pub use stored::Stored;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::markup::plain;
    use crate::matching::Query;
    use crate::model::Score;

    /// Texts of few different words, so that many are alike; some are longer than a machine word has bits.
    fn text() -> impl Strategy<Value = String> {
        let words = prop_oneof![4 => 0_usize..6, 1 => 60_usize..90];
        let word = prop::sample::select(vec!["a", "the", "file", "Save", "**of**", ".", "저장", "中文"]);
        words
            .prop_flat_map(move |count| prop::collection::vec(word.clone(), count))
            .prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn no_text_that_reaches_the_floor_is_lost(
            texts in prop::collection::vec(text(), 1..400),
            queried in text(),
            floor in 1_u8..=100,
            wanted in prop_oneof![Just(usize::MAX), 1_usize..8],
        ) {
            let floor = Score::new(floor).unwrap();
            let mut builder = BlockBuilder::default();
            for (id, text) in (0..).zip(&texts) {
                builder.add(id, text, &plain(text));
            }
            let index = InMemoryIndex::new(builder.finish().collect());
            let mut query = Query::new(&queried);
            let mut scratch = Scratch::default();
            let mut search = IndexSearch::new(&mut scratch, &query, floor, wanted);
            for length in search.lengths() {
                if search.wants(length) {
                    index.search(length, &mut search, 7).unwrap();
                }
            }
            let (reached, hits) = search.finish();
            let mut better = 0;
            for (id, text) in (0..).zip(&texts) {
                let Some(compared) = query.compare(text, floor) else { continue };
                let hit = hits.iter().find(|hit| hit.id == id);
                better += usize::from(compared.score >= reached);
                match hit {
                    Some(hit) => {
                        prop_assert!(hit.at_most.max(99) >= compared.score.percent() || hit.at_most == 100);
                        prop_assert!(hit.at_most >= compared.score.percent().min(99));
                        prop_assert_eq!((hit.group, usize::from(hit.characters)), (7, text.chars().count()));
                        prop_assert!(query.similarity(text) <= query.similarity_at_most(hit.characters, hit.edits));
                    }
                    None => prop_assert!(compared.score < reached, "{text:?} is lost"),
                }
            }
            // The floor rises only when as many as were wanted are above it.
            prop_assert!(reached == floor || better >= wanted);
        }
    }
}
