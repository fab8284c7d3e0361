//! Looks texts up: from the fuzzy index to ranked matches with their places.
//!
//! The index gives candidates with the score that they cannot exceed. They are taken best first; each is read and compared as it
//! is, and as soon as the matches wanted are better than whatever is left, the rest is not even read.

mod offers;
mod scan;
mod sides;

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::{Memory, MemoryError};
use crate::matching::index::{Hit, Probe};
use crate::matching::{Comparison, Match, Penalties, Query, Similarity, by_rank};
use crate::model::{Context, Locale, Score, Workflow};

pub use scan::Scan;
pub use sides::BlockCache;

use offers::{Offer, Source};
use sides::{Freshness, Sides};

/// What is asked of every lookup.
#[derive(Clone, Debug)]
pub struct LookupOptions {
    /// The locale of the texts that are given; `None`: that of the memory's source texts.
    pub from: Option<Locale>,
    /// The locale of the translations wanted; `None`: every other one.
    pub to: Option<Locale>,
    /// Matches below are none.
    pub floor: Score,
    /// No more matches than this.
    pub limit: usize,
    /// What is taken off scores.
    pub penalties: Penalties,
    /// Only translations of this workflow.
    pub workflow: Option<Workflow>,
}

/// Looks texts up in a memory, one after the other, and keeps what it has read of the index.
pub struct Lookup<'m> {
    memory: &'m Memory,
    options: LookupOptions,
    sides: Sides,
    offers: offers::Cache,
}

/// A candidate: `at_most` and `similarity` are bounds until it has been read.
struct Candidate {
    at_most: u8,
    similarity: Similarity,
    hit: Hit,
    read: Option<Source>,
}

impl Candidate {
    fn key(&self) -> (u8, Similarity) {
        (self.at_most, self.similarity)
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    /// The best first, and of equals those that have yet to be read.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.key(), self.read.is_none()).cmp(&(other.key(), other.read.is_none()))
    }
}

/// How many of the best texts are asked of the index at first, for each match wanted, and how many times more then.
const MORE: usize = 8;

impl<'m> Lookup<'m> {
    /// A lookup of texts in a memory.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn new(memory: &'m Memory, options: LookupOptions) -> Result<Self, MemoryError> {
        Lookup::sharing(memory, options, &BlockCache::default())
    }

    /// A lookup that shares what it reads of the index with others, each of which has the same memory open for itself.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn sharing(
        memory: &'m Memory,
        options: LookupOptions,
        blocks: &BlockCache,
    ) -> Result<Self, MemoryError> {
        let sides = Sides::load(memory, &options, blocks)?;
        Ok(Lookup { memory, options, sides, offers: offers::Cache::default() })
    }

    /// Whether the memory holds texts of the locale asked from and others to answer with.
    pub fn has_texts(&self) -> bool {
        !self.sides.is_empty()
    }

    /// Reads all of the index now, not the parts of it as they are asked for.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn read_index(&mut self) -> Result<(), MemoryError> {
        self.sides.read_all(self.memory)
    }

    /// The best matches of a text, in their order. Neighbours that the context names make an exact match between the same
    /// neighbours a context match.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn find(&mut self, text: &str, context: &Context) -> Result<Vec<Match>, MemoryError> {
        // One state of the memory for all of a lookup; and what was read of another state is read again.
        let memory = self.memory;
        let run = |sql| memory.at(memory.connection.prepare_cached(sql).and_then(|mut run| run.execute([])));
        run("begin")?;
        let found = self.find_in_transaction(text, context);
        run("rollback")?;
        found
    }

    fn find_in_transaction(&mut self, text: &str, context: &Context) -> Result<Vec<Match>, MemoryError> {
        if self.sides.refresh(self.memory, &self.options)? == Freshness::Changed {
            self.offers = offers::Cache::default();
        }
        let mut query = Query::new(text);
        let mut wanted = self.options.limit.max(1);
        let found = loop {
            let mut probe = Probe::new(query.tokens(), self.options.floor, wanted);
            for length in probe.lengths() {
                if !probe.wants(length) {
                    break;
                }
                self.sides.for_each_block(self.memory, length, |block, side| probe.search(block, side))?;
            }
            let (floor, hits) = probe.finish();
            let found = self.rank(&mut query, context, hits)?;
            // Not every text has a translation that is wanted: then more texts are, until none is left out.
            let last = found.len().checked_sub(1).map(|last| found[last].found.score);
            if floor <= self.options.floor || found.len() >= self.options.limit && last >= Some(floor) {
                break found;
            }
            wanted = wanted.saturating_mul(MORE);
        };
        self.place(found)
    }

    /// Compares candidates as they are, best first, until enough matches are better than all that is left.
    fn rank(
        &mut self,
        query: &mut Query,
        context: &Context,
        hits: Vec<Hit>,
    ) -> Result<Vec<Offer>, MemoryError> {
        let context = (!context.is_empty()).then_some(context);
        let mut candidates: BinaryHeap<Candidate> = hits
            .into_iter()
            .map(|hit| Candidate {
                // The tokens of a text tell no exact match from one of other case or markup.
                at_most: if hit.at_most >= 99 { Score::CONTEXT.percent() } else { hit.at_most },
                similarity: query.similarity_at_most(hit.characters),
                hit,
                read: None,
            })
            .collect();
        let limit = self.options.limit;
        let mut offers: Vec<Offer> = Vec::new();
        while let Some(best) = candidates.pop() {
            let kept = offers.get(limit.wrapping_sub(1)).map(|offer| &offer.found);
            if kept.is_some_and(|kept| (kept.score.percent(), kept.similarity) > best.key()) {
                break;
            }
            let Some(source) = best.read else {
                candidates.extend(self.read(query, best.hit, context.is_some())?);
                continue;
            };
            // All that are level are one step: among them translations are told apart, and the same ones joined.
            let key = (best.at_most, best.similarity);
            let mut level = vec![source];
            while candidates.peek().is_some_and(|next| next.key() == key) {
                let Some(source) = candidates.pop().and_then(|next| next.read) else { break };
                level.push(source);
            }
            let mut found =
                self.offers.of_level(self.memory, &self.options, &self.sides, query, context, level)?;
            found.retain(|offer| offer.found.score >= self.options.floor);
            offers.append(&mut found);
            offers.sort_by(|a, b| by_rank(&a.found, &b.found));
            offers.truncate(limit);
        }
        Ok(offers)
    }

    /// Reads a candidate's text and compares it; nothing where it is gone or does not reach the floor.
    fn read(
        &mut self,
        query: &mut Query,
        hit: Hit,
        in_context: bool,
    ) -> Result<Option<Candidate>, MemoryError> {
        let side = self.sides.get(hit.group);
        let Some((text, unit)) = self.memory.at(side.text(&self.memory.connection, hit.id))? else {
            return Ok(None);
        };
        let Some(Comparison { score, arithmetic }) = query.compare(&text, self.options.floor) else {
            return Ok(None);
        };
        let similarity = query.similarity(&text);
        let exact = score == Score::EXACT && in_context;
        let at_most = if exact { Score::CONTEXT } else { score }.percent();
        let source = Source { side: hit.group, id: hit.id.into(), unit, text, score, arithmetic, similarity };
        Ok(Some(Candidate { at_most, similarity, hit, read: Some(source) }))
    }

    fn place(&mut self, offers: Vec<Offer>) -> Result<Vec<Match>, MemoryError> {
        offers.into_iter().map(|offer| self.offers.placed(self.memory, offer)).collect()
    }
}
