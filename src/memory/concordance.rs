//! Concordance search: the segments that contain a phrase or match a regular expression.
//!
//! The blocks of folded texts that may have the pattern by their filters are scanned in the order of their shortest text. A text that is shorter than all texts of the blocks
//! to come has its final position, so results come in their order while the scan goes on, and the scan stops when there are enough.

mod cache;
mod count;
mod frequent;
mod id_set;
mod scan;
mod second;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;

use super::text_index::TextRole;
use super::{Memory, MemoryError, PlaceFilter, schema};
use crate::matching::concordance::{Found, Pattern};
use crate::matching::{LocaleFit, fit};
use crate::model::{ConcordanceLine, Locale, Places};
use crate::parallel::{Worker, available_threads, in_order};

pub use cache::TextBlockCache;
pub use count::Counted;
pub(super) use frequent::FrequentPlaces;

/// Which texts of a pair to search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchIn {
    /// Source texts.
    Source,
    /// Target texts.
    Target,
    /// Both.
    #[default]
    Both,
}

/// A concordance search.
#[derive(Clone, Debug)]
pub struct Search {
    /// The pattern.
    pub pattern: Pattern,
    /// The texts of a pair to search.
    pub search_in: SearchIn,
    /// Only pairs with a text in this locale.
    pub locale: Option<Locale>,
    /// Only these places.
    pub places: PlaceFilter,
}

impl Search {
    /// The roles of the texts to scan.
    fn roles(&self) -> impl Iterator<Item = TextRole> {
        TextRole::BOTH.into_iter().filter(|&role| match self.search_in {
            SearchIn::Both => true,
            SearchIn::Source => role == TextRole::Source,
            SearchIn::Target => role == TextRole::Target,
        })
    }

    fn accepts(&self, locales: [&Locale; 2]) -> bool {
        let wanted = self.locale.as_ref();
        wanted.is_none_or(|wanted| locales.iter().any(|&locale| fit(wanted, locale) == Some(LocaleFit::Same)))
    }
}

/// The sort key of results: the length of the plain form, folded; then the folded text.
type Key = (u32, Box<[u8]>);

impl Memory {
    /// Calls `visit` with each pair of texts that matches the search, those with the shortest texts first, until `visit` breaks.
    /// The order depends on nothing but the texts.
    ///
    /// # Errors
    /// If the memory cannot be read, and the errors of `visit`.
    pub fn search<E: From<MemoryError>>(
        &self,
        search: &Search,
        mut visit: impl FnMut(ConcordanceLine) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        // One state of the memory from the first block to the last place.
        let _transaction = self.begin_read()?;
        self.at(schema::provide_places(&self.connection))?;
        self.at(self.frequent.refresh(&self.connection))?;
        let mut lines = Lines { memory: self, search, locales: self.locales()?, returned: HashSet::new() };
        // Matching texts that may still have a text of a later block before them.
        let mut unordered: BTreeMap<Key, Vec<(TextRole, u32)>> = BTreeMap::new();
        let mut order = |block: BlockMatches| -> Result<ControlFlow<()>, E> {
            for (id, (key, _)) in block.texts {
                unordered.entry(key).or_default().push((block.role, id));
            }
            let rest = unordered.split_off(&(block.next_shortest, Box::default()));
            for texts in std::mem::replace(&mut unordered, rest).into_values() {
                for line in lines.of(&texts)? {
                    if visit(line)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            Ok(ControlFlow::Continue(()))
        };
        let key = |found: &Found<'_>| ((found.plain_length(), found.folded.into()), found.is_certain);
        // If folded texts cannot decide, the texts as written are compared on other threads.
        let decide = |worker: Worker<'_, (BlockMatches, scan::Texts), BlockMatches>| {
            // A clone has caches of its own; those of a shared regular expression are locked.
            let pattern = search.pattern.clone();
            worker.run(|(mut block, texts)| {
                let matching = texts.matching(&pattern);
                block.texts.retain(|(id, (_, is_certain))| *is_certain || matching.binary_search(id).is_ok());
                block
            });
        };
        let threads = if search.pattern.needs_text() { available_threads() } else { 1 };
        in_order(threads, decide, |deciders| {
            let mut flow = self.scan_blocks(search, key, |role, texts, next_shortest| {
                let block = BlockMatches { role, texts, next_shortest };
                if !search.pattern.needs_text() {
                    return order(block);
                }
                let uncertain = block.texts.iter().filter(|(_, (_, is_certain))| !is_certain);
                let mut ids: Vec<u32> = uncertain.map(|(id, _)| *id).collect();
                ids.sort_unstable();
                let texts = self.at(self.texts(role, &ids))?;
                deciders.send((block, texts)).map_or(Ok(ControlFlow::Continue(())), &mut order)
            })?;
            while flow.is_continue()
                && let Some(block) = deciders.receive()
            {
                flow = order(block)?;
            }
            Ok::<(), E>(())
        })
    }

    /// Shares the blocks that searches read with other connections to the same memory.
    pub fn share_text_blocks(&mut self, cache: TextBlockCache) {
        self.text_blocks = Some(cache);
    }

    /// Reads what searches for frequent words need, for a process that is to answer the first one quickly too.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn warm_up(&self) -> Result<(), MemoryError> {
        let _transaction = self.begin_read()?;
        self.at(self.frequent.refresh(&self.connection))?;
        self.at(self.frequent.usage().cache_documents(&self.connection))
    }

    /// Reads the pairs that have a text.
    fn for_each_pair(
        &self,
        role: TextRole,
        id: u32,
        mut visit: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let column = match role {
            TextRole::Source => "variant.unit_id",
            TextRole::Target => "variant.id",
        };
        let sql = format!(
            "select variant.id, unit.locale_id, variant.locale_id, unit.text, variant.text
             from variant join unit on unit.id = variant.unit_id
             where {column} = ?1 order by variant.id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            visit(row)?;
        }
        Ok(())
    }
}

/// The texts of one block that match, or may match.
struct BlockMatches {
    role: TextRole,
    /// For each its id, its key, and whether it certainly matches.
    texts: Vec<(u32, (Key, bool))>,
    /// No text in the blocks after this one is shorter.
    next_shortest: u32,
}

/// Makes the lines of matching texts.
struct Lines<'a> {
    memory: &'a Memory,
    search: &'a Search,
    locales: HashMap<i64, Locale>,
    /// The variants of the lines so far: a pair can be found by both of its texts.
    returned: HashSet<i64>,
}

/// A pair of texts; pairs of the same length are in the order of the fields.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    source: String,
    target: String,
    source_locale: Locale,
    target_locale: Locale,
    variant: i64,
}

impl Lines<'_> {
    /// The lines of texts that are the same when folded.
    fn of(&mut self, texts: &[(TextRole, u32)]) -> Result<Vec<ConcordanceLine>, MemoryError> {
        let mut pairs = Vec::new();
        for &(role, id) in texts {
            let read = self.memory.for_each_pair(role, id, |row| {
                let locale = |index| Ok::<_, rusqlite::Error>(self.locales.get(&row.get(index)?).cloned());
                let (Some(source_locale), Some(target_locale)) = (locale(1)?, locale(2)?) else {
                    return Ok(());
                };
                let (variant, source, target) = (row.get(0)?, row.get(3)?, row.get(4)?);
                pairs.push(Pair { source, target, source_locale, target_locale, variant });
                Ok(())
            });
            self.memory.at(read)?;
        }
        pairs.sort();
        let mut lines = Vec::new();
        for Pair { source, target, source_locale, target_locale, variant } in pairs {
            if !self.search.accepts([&source_locale, &target_locale]) || !self.returned.insert(variant) {
                continue;
            }
            // Those of all places only: a filter would be part of the key.
            let is_cached = self.search.places.counts_all();
            if let Some(places) = self.memory.frequent.get(variant).filter(|_| is_cached) {
                lines.push(ConcordanceLine { source, source_locale, target, target_locale, places });
                continue;
            }
            let connection = &self.memory.connection;
            let usage = self.memory.frequent.usage().usage(connection, &[variant], &self.search.places);
            let Some((usage, first)) = self.memory.at(usage)? else { continue };
            let places = Places {
                segments: usage.segments,
                documents: usage.documents,
                workflow: usage.workflow,
                handoff: usage.handoff(),
                superseded: usage.superseded,
                is_aligned: usage.is_aligned,
                confidence: match usage.is_aligned {
                    true => self.memory.at(first.confidence(connection))?,
                    false => None,
                },
                first: self.memory.at(first.read(connection))?,
            };
            if is_cached {
                self.memory.frequent.keep(variant, &places);
            }
            lines.push(ConcordanceLine { source, source_locale, target, target_locale, places });
        }
        Ok(lines)
    }
}
