//! Fuzzy look-up: from the index to ranked matches with their places.
//!
//! Filter and refine, as in "Optimal Multi-Step k-Nearest Neighbor Search" (Seidl and Kriegel, 1998). The index returns candidates
//! with an upper bound of the score. The one with the highest bound is read and compared next. As soon as enough matches are better
//! than the next bound, the rest is not read.

mod candidates;
mod context;
mod document_texts;
mod exact;
mod generation;
mod locale_index;
mod own_document;
mod scan;
mod tail;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::usage::UsageReader;
use super::{Memory, MemoryError, PlaceFilter};
use crate::matching::index::{Hit, IndexSearch, Scratch};
use crate::matching::{Comparison, Match, Penalties, Query, Similarity, by_rank};
use crate::model::{Context, Locale, QueryPlace, Score, Workflow};

pub use document_texts::{DocumentText, DocumentTexts};
pub use generation::BlockCache;
pub use scan::Scan;

use candidates::{Candidate, ComparedText};
use context::FrequentTexts;
use locale_index::{LocaleIndexes, Refreshed};
use own_document::OwnDocuments;

/// The options of all queries of a lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupOptions {
    /// The locale of the queries; `None`: that of the memory's source texts.
    pub from: Option<Locale>,
    /// The locale of the translations; `None`: every other one.
    pub to: Option<Locale>,
    /// The lowest score of a match.
    pub floor: Score,
    /// No more matches than this.
    pub limit: usize,
    /// The points that reduce scores.
    pub penalties: Penalties,
    /// Only translations of this workflow.
    pub workflow: Option<Workflow>,
    /// Only translations that the current version of a document has.
    pub only_current: bool,
}

/// Looks texts up in a memory, one at a time. Caches the blocks of the index that it has read.
pub struct Lookup<'m> {
    memory: &'m Memory,
    options: LookupOptions,
    /// Only these places, besides what the options say.
    places: PlaceFilter,
    indexes: LocaleIndexes,
    usage: UsageReader,
    frequent: FrequentTexts,
    own: OwnDocuments,
    scratch: Scratch,
}

/// The order of candidates: score, then similarity. Upper bounds of both until the text has been read.
type Bound = (u8, Similarity);

/// A text in the heap: its bound, whether it has yet to be read (of equals these come first), and its index.
type HeapEntry = (Bound, bool, usize);

/// The factor by which more texts are requested if the best ones have too few wanted translations.
const MORE: usize = 8;

impl<'m> Lookup<'m> {
    /// A lookup of texts in a memory.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn new(memory: &'m Memory, options: LookupOptions) -> Result<Self, MemoryError> {
        Lookup::sharing(memory, options, &BlockCache::default())
    }

    /// A lookup that shares a cache of index blocks with others. Each has its own connection to the same memory.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn sharing(
        memory: &'m Memory,
        options: LookupOptions,
        blocks: &BlockCache,
    ) -> Result<Self, MemoryError> {
        let indexes = LocaleIndexes::load(memory, &options, blocks)?;
        Ok(Lookup {
            memory,
            options,
            places: PlaceFilter::default(),
            indexes,
            usage: UsageReader::default(),
            frequent: FrequentTexts::default(),
            own: OwnDocuments::default(),
            scratch: Scratch::default(),
        })
    }

    /// The same lookup, of translations at these places only. The options say which workflow and which versions.
    pub fn at_places(self, places: PlaceFilter) -> Self {
        Lookup { places, ..self }
    }

    /// Leaves the documents at a path out from here on, of all sets; `None` leaves none out. To ask what the memory would know if it
    /// had not seen a document.
    pub fn leave_out(&mut self, document: Option<Arc<str>>) {
        self.places.without_document = document;
    }

    /// Returns at most so many matches from here on.
    pub fn limit_to(&mut self, limit: usize) {
        self.options.limit = limit;
    }

    /// Whether the memory has texts that queries can be compared with.
    pub fn has_texts(&self) -> bool {
        !self.indexes.is_empty()
    }

    /// Reads the whole index now; else each block is read when a query first needs it.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn read_index(&mut self) -> Result<(), MemoryError> {
        self.indexes.read_all(self.memory)
    }

    /// The best matches of a text, in their order. An exact match between the neighbours that the context names is a context match.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn find(&mut self, text: &str, context: &Context) -> Result<Vec<Match>, MemoryError> {
        self.find_at(text, &context.clone().into())
    }

    /// The same for a text of which is known where it stands. Of the matches with the same score and similarity, those in the same
    /// document come first: context matches with these neighbours in it, then other context matches, then exact matches in it.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn find_at(&mut self, text: &str, place: &QueryPlace) -> Result<Vec<Match>, MemoryError> {
        let found = self.find_marked(text, place, |_| None::<()>)?;
        Ok(found.into_iter().map(|(found, _)| found).collect())
    }

    /// The best matches of a text, each with its mark. Among matches of the same score, those with a mark come last, so with a limit
    /// they are the first to be left out. The order is that of [`Lookup::find_at`] otherwise.
    ///
    /// `mark` is called for each candidate, first without its place, then, if it returns a mark, with it.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn find_marked<M>(
        &mut self,
        text: &str,
        place: &QueryPlace,
        mut mark: impl FnMut(&Match) -> Option<M>,
    ) -> Result<Vec<(Match, Option<M>)>, MemoryError> {
        // One state of the memory for the whole lookup. Caches of an older state are read again.
        let memory = self.memory;
        let _transaction = memory.begin_read()?;
        self.find_in_transaction(text, place, &mut mark)
    }

    fn find_in_transaction<M>(
        &mut self,
        text: &str,
        place: &QueryPlace,
        mark: &mut dyn FnMut(&Match) -> Option<M>,
    ) -> Result<Vec<(Match, Option<M>)>, MemoryError> {
        self.refresh()?;
        let mut query = Query::new(text);
        let mut wanted = self.options.limit.max(1);
        let lowest = if query.is_too_long() { Score::EXACT } else { self.options.floor };
        let found = loop {
            let mut search = IndexSearch::new(&mut self.scratch, &query, lowest, wanted);
            for length in search.lengths() {
                if !search.wants(length) {
                    break;
                }
                self.indexes.search(self.memory, length, &mut search)?;
            }
            let (floor, hits) = search.finish();
            let found = self.rank(&mut query, place, hits, mark)?;
            // Texts without a wanted translation do not count, so more texts may be needed, at last all that reach the floor.
            let last = found.len().checked_sub(1).map(|last| found[last].0.found.score);
            if floor <= lowest || found.len() >= self.options.limit && last >= Some(floor) {
                break found;
            }
            wanted = wanted.saturating_mul(MORE);
        };
        let placed = |(candidate, mark)| Ok((self.with_first_place(candidate)?, mark));
        found.into_iter().map(placed).collect()
    }

    /// Clears the caches if another process has changed the memory.
    fn refresh(&mut self) -> Result<(), MemoryError> {
        if self.indexes.refresh(self.memory, &self.options)? == Refreshed::Changed {
            self.usage = UsageReader::default();
            self.frequent = FrequentTexts::default();
            self.own = OwnDocuments::default();
        }
        Ok(())
    }

    /// Compares the candidates as written, best first, until enough matches are better than the bounds of the rest.
    fn rank<M>(
        &mut self,
        query: &mut Query,
        place: &QueryPlace,
        hits: Vec<Hit>,
        mark: &mut dyn FnMut(&Match) -> Option<M>,
    ) -> Result<Vec<(Candidate, Option<M>)>, MemoryError> {
        let in_context = !place.context.is_empty();
        let entry = |(index, hit): (usize, &Hit)| {
            // Equal tokens: the match can be exact, or differ in case, spacing or markup.
            let at_most = if hit.at_most >= 99 { Score::CONTEXT.percent() } else { hit.at_most };
            ((at_most, query.similarity_at_most(hit.characters, hit.edits)), true, index)
        };
        let mut heap: BinaryHeap<HeapEntry> = hits.iter().enumerate().map(entry).collect();
        let mut compared: Vec<Option<ComparedText>> = Vec::new();
        let limit = self.options.limit;
        let mut candidates: Vec<(Candidate, Option<M>)> = Vec::new();
        while let Some((bound, is_unread, index)) = heap.pop() {
            let is_better = |(kept, mark): &(Candidate, Option<M>)| {
                let (score, similarity) = (kept.found.score.percent(), kept.found.similarity);
                // One with a mark is worse than all of its score.
                score > bound.0 || score == bound.0 && similarity > bound.1 && mark.is_none()
            };
            if candidates.get(limit.wrapping_sub(1)).is_some_and(is_better) {
                break;
            }
            if is_unread {
                if let Some((bound, text)) = self.read(query, hits[index], in_context)? {
                    heap.push((bound, false, compared.len()));
                    compared.push(Some(text));
                }
                continue;
            }
            // Ties are one step: the same translation of several of them becomes one match.
            let mut ties: Vec<ComparedText> = compared[index].take().into_iter().collect();
            while let Some(&(_, _, index)) = heap.peek().filter(|(next, ..)| *next == bound) {
                heap.pop();
                ties.extend(compared[index].take());
            }
            for candidate in self.translations_of_ties(query, place, ties)? {
                if candidate.found.score >= self.options.floor {
                    let mark = self.mark(&candidate, mark)?;
                    candidates.push((candidate, mark));
                }
            }
            candidates.sort_by(|(a, a_mark), (b, b_mark)| {
                let is_last = (Reverse(a.found.score), a_mark.is_some());
                is_last
                    .cmp(&(Reverse(b.found.score), b_mark.is_some()))
                    .then_with(|| by_rank(&a.found, &b.found))
            });
            candidates.truncate(limit);
        }
        Ok(candidates)
    }

    /// The mark of a candidate. Its place is read only if there is a mark without it.
    fn mark<M>(
        &self,
        candidate: &Candidate,
        mark: &mut dyn FnMut(&Match) -> Option<M>,
    ) -> Result<Option<M>, MemoryError> {
        match mark(&candidate.found) {
            None => Ok(None),
            Some(_) => Ok(mark(&self.with_first_place(candidate.clone())?)),
        }
    }

    /// Reads a candidate's text and compares it; `None` if it was deleted or does not reach the floor.
    fn read(
        &mut self,
        query: &mut Query,
        hit: Hit,
        in_context: bool,
    ) -> Result<Option<(Bound, ComparedText)>, MemoryError> {
        let Some(read) = self.compared(query, (hit.group, hit.id), self.options.floor)? else {
            return Ok(None);
        };
        let exact = read.score == Score::EXACT && in_context;
        let at_most = if exact { Score::CONTEXT } else { read.score }.percent();
        Ok(Some(((at_most, read.similarity), read)))
    }

    /// Reads a text of an index and compares it; `None` if it was deleted or does not reach the floor.
    fn compared(
        &self,
        query: &mut Query,
        (index, id): (usize, u32),
        floor: Score,
    ) -> Result<Option<ComparedText>, MemoryError> {
        let stored = self.indexes.get(index).text(&self.memory.connection, id);
        let Some((text, unit)) = self.memory.at(stored)? else { return Ok(None) };
        let Some(Comparison { score, arithmetic }) = query.compare(&text, floor) else { return Ok(None) };
        let similarity = query.similarity(&text);
        Ok(Some(ComparedText { index, id: id.into(), unit, text, score, arithmetic, similarity }))
    }
}
