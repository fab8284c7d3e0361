//! Internal fuzzy matches: for each text, the most similar one that occurs before it in the documents.

use super::matches::{FLOOR, TextFacts};
use super::texts::TextId;
use crate::markup::plain;
use crate::matching::Query;
use crate::matching::index::{BlockBuilder, InMemoryIndex, IndexSearch, Scratch};
use crate::memory::TextHash;
use crate::model::Score;
use crate::parallel;

/// Texts that are sent to a thread together.
const BATCH: usize = 64;

/// The score of the best earlier text of each text, above the score of its match in the memory; `None` if there is none. Only texts that
/// were looked up are compared: the others have been translated.
pub(super) fn internal_matches(
    texts: &[(TextHash, Box<str>)],
    facts: &[TextFacts],
    threads: usize,
) -> Vec<Option<Score>> {
    let compared: Vec<TextId> =
        (0..texts.len()).filter(|&text| facts[text].fuzzy.is_some()).map(|text| text as TextId).collect();
    let mut builder = BlockBuilder::default();
    for &text in &compared {
        let written = &texts[text as usize].1;
        builder.add(text, written, &plain(written));
    }
    let index = InMemoryIndex::new(builder.finish().collect());
    let mut scores = vec![None; texts.len()];
    parallel::in_order(
        threads,
        |worker| {
            let mut scratch = Scratch::default();
            worker.run(|part: &[TextId]| {
                let best = |&text: &TextId| {
                    let known = facts[text as usize].fuzzy.iter().flatten().next();
                    let above = known.map_or(FLOOR, |known| known.score.percent() + 1).clamp(FLOOR, 99);
                    Some((text, best_before(texts, text, above, &index, &mut scratch)?))
                };
                part.iter().filter_map(best).collect::<Vec<_>>()
            });
        },
        |pool| {
            let mut keep = |found: Vec<(TextId, Score)>| {
                found.into_iter().for_each(|(text, score)| scores[text as usize] = Some(score));
            };
            for part in compared.chunks(BATCH) {
                pool.send(part).map(&mut keep);
            }
            while let Some(found) = pool.receive() {
                keep(found);
            }
        },
    );
    scores
}

/// The best score of a text before `text`, from `floor`.
fn best_before(
    texts: &[(TextHash, Box<str>)],
    text: TextId,
    floor: u8,
    index: &InMemoryIndex,
    scratch: &mut Scratch,
) -> Option<Score> {
    let mut query = Query::new(&texts[text as usize].1);
    let floor = Score::new(floor)?;
    // All texts that reach the floor: most of the best ones can be later in the documents.
    let mut search = IndexSearch::new(scratch, &query, floor, usize::MAX);
    for length in search.lengths() {
        if !search.wants(length) {
            break;
        }
        // The lists were made in this process, so they are not damaged.
        index.search(length, &mut search, 0).ok()?;
    }
    let (_, mut hits) = search.finish();
    hits.retain(|hit| hit.id < text);
    hits.sort_unstable_by_key(|hit| (std::cmp::Reverse(hit.at_most), hit.id));
    let mut best: Option<Score> = None;
    for hit in hits {
        if best.is_some_and(|best| best.percent() >= hit.at_most.min(99)) {
            break;
        }
        let compared = query.compare(&texts[hit.id as usize].1, best.unwrap_or(floor));
        best = best.max(compared.map(|compared| compared.score));
    }
    best
}
