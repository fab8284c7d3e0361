//! Candidate search for fuzzy matching: a lossless filter, followed by the exact distance.
//!
//! Texts are in [`Block`]s of one number of tokens each. The formula of the score bounds the lengths that can reach it (length
//! filtering, as in Gravano et al., "Approximate String Joins in a Database (Almost) for Free", 2001), and for each length the
//! number of tokens that must be common. A text's signature, a bit for each of its tokens, is an upper bound of what is common, and
//! is tested in a nanosecond. The survivors are compared by the distance of their token codes of 16 bits (Myers, "A Fast Bit-Vector
//! Algorithm for Approximate String Matching Based on Dynamic Programming", 1999). Codes that collide only make texts look more
//! alike, so no text that reaches the score is lost; the caller compares the few that are left as written.

mod block;
mod search;
mod signature;

pub use block::{Block, BlockBuilder, BlockError};
pub use search::{Hit, IndexSearch};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::markup::plain;
    use crate::matching::Query;
    use crate::model::Score;

    /// Texts of few different words, so that many are alike; some are longer than a machine word has bits.
    fn text() -> impl Strategy<Value = String> {
        let words = prop_oneof![4 => 0_usize..12, 1 => 60_usize..90];
        let word = prop::sample::select(vec!["a", "the", "file", "Save", "**of**", ".", "저장", "中文"]);
        words
            .prop_flat_map(move |count| prop::collection::vec(word.clone(), count))
            .prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn no_text_that_reaches_the_floor_is_lost(
            texts in prop::collection::vec(text(), 1..60),
            queried in text(),
            floor in 50_u8..=100,
            wanted in prop_oneof![Just(usize::MAX), 1_usize..8],
        ) {
            let floor = Score::new(floor).unwrap();
            let mut builder = BlockBuilder::default();
            for (id, text) in (0..).zip(&texts) {
                builder.add(id, text, &plain(text));
            }
            let blocks: Vec<Block> = builder.finish().collect();
            let mut query = Query::new(&queried);
            let mut search = IndexSearch::new(query.tokens(), query.characters(), floor, wanted);
            for length in search.lengths() {
                if search.wants(length) {
                    blocks.iter().filter(|block| block.length() == length).for_each(|block| search.search_block(block, 7));
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
                    }
                    None => prop_assert!(compared.score < reached, "{text:?} is lost"),
                }
            }
            // The floor rises only when as many as were wanted are above it.
            prop_assert!(reached == floor || better >= wanted);
        }
    }
}
