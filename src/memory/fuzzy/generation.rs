//! A generation of the fuzzy index in one locale: its lists and texts, read when a search first needs them.
//!
//! Rows of lists and parts of blocks are small, so a look-up from a cold start reads little.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::sync::{Arc, Mutex, OnceLock};

use rusqlite::{OptionalExtension, Params};

use super::tail::{Part, Tail, TailKey};
use crate::matching::index::{
    Block, Element, FrequentBits, IndexSearch, Layout, Lists, ListsError, Stored, TokenOrder, texts_per_part,
};
use crate::memory::text_index::{GenerationMark, TextRole};
use crate::memory::{Memory, MemoryError};

/// A cache of the fuzzy index, shared by several lookups. A generation never changes.
#[derive(Clone, Default)]
pub struct BlockCache(Arc<Mutex<Cached>>);

#[derive(Default)]
struct Cached {
    generations: HashMap<GenerationKey, Arc<StoredGeneration>>,
    /// The generations that each role has.
    marks: HashMap<TextRole, Vec<GenerationMark>>,
    tails: HashMap<TailKey, Tail>,
}

/// What identifies a generation in one locale.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GenerationKey {
    pub generation: i64,
    pub locale_id: i64,
}

/// The texts of a generation in one locale.
pub(super) struct StoredGeneration {
    key: GenerationKey,
    /// None if it has so few texts that all are compared.
    order: Option<Arc<TokenOrder>>,
    layout: Layout,
    /// By length in tokens.
    blocks: BTreeMap<usize, StoredBlock>,
    /// The first element of each row of lists.
    firsts: Vec<Element>,
    lists: Vec<OnceLock<Arc<Lists>>>,
    /// By container.
    frequent: Vec<OnceLock<FrequentBits>>,
}

/// The texts of one length.
struct StoredBlock {
    texts: usize,
    parts: Vec<OnceLock<Block>>,
}

/// Why a search of a generation failed.
enum Fault {
    Memory(MemoryError),
    Lists(ListsError),
}

impl From<ListsError> for Fault {
    fn from(error: ListsError) -> Fault {
        Fault::Lists(error)
    }
}

impl BlockCache {
    /// Removes generations of a role that the memory has no more. A process that runs for days would keep those of every import else;
    /// and in an older copy of a memory that is put back, a generation can have the id of another one.
    pub(super) fn keep_only(&self, role: TextRole, marks: Vec<GenerationMark>) {
        let mut cached = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let known = cached.marks.insert(role, marks.clone()).unwrap_or_default();
        for gone in known.iter().filter(|known| !marks.contains(known)) {
            cached.generations.retain(|key, _| key.generation != gone.id);
        }
    }

    /// The texts above an id, that no generation holds.
    pub(super) fn tail(
        &self,
        memory: &Memory,
        key: TailKey,
        after: i64,
    ) -> Result<Vec<Arc<Part>>, MemoryError> {
        let mut cached = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // Where the index ends elsewhere now, others were for it as it was.
        cached.tails.retain(|other, tail| other.role != key.role || tail.after() == after);
        cached.tails.entry(key.clone()).or_insert_with(|| Tail::new(after)).parts(memory, &key)
    }

    pub(super) fn generation(
        &self,
        memory: &Memory,
        key: GenerationKey,
    ) -> Result<Arc<StoredGeneration>, MemoryError> {
        // Locked while the generation is read, so that no two threads read the same one. A panic leaves the maps as they were.
        let mut cached = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(generation) = cached.generations.get(&key) {
            return Ok(generation.clone());
        }
        let generation = Arc::new(StoredGeneration::read(memory, key)?);
        cached.generations.insert(key, generation.clone());
        Ok(generation)
    }
}

impl StoredGeneration {
    /// Reads what it consists of, but no texts and no lists.
    fn read(memory: &Memory, key: GenerationKey) -> Result<StoredGeneration, MemoryError> {
        let columns = (key.generation, key.locale_id);
        let sql = "select classes from fuzzy_order where generation_id = ?1 and locale_id = ?2";
        let order = read_blob(memory, sql, columns, TokenOrder::from_bytes)?.map(Arc::new);
        let sql = "select length, sum(texts) from fuzzy_part where generation_id = ?1 and locale_id = ?2
                   group by length order by length";
        let read = || -> rusqlite::Result<Vec<(usize, usize)>> {
            let mut statement = memory.connection.prepare_cached(sql)?;
            statement.query_map(columns, |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let lengths = memory.at(read())?;
        let sql = "select first from fuzzy_lists where generation_id = ?1 and locale_id = ?2 order by first";
        let read = || -> rusqlite::Result<Vec<Element>> {
            let mut statement = memory.connection.prepare_cached(sql)?;
            statement.query_map(columns, |row| row.get(0))?.collect()
        };
        let firsts = memory.at(read())?;
        let block = |&(length, texts): &(usize, usize)| {
            let parts = texts.div_ceil(texts_per_part(length));
            (length, StoredBlock { texts, parts: (0..parts).map(|_| OnceLock::new()).collect() })
        };
        let layout = Layout::of(lengths.iter().copied());
        Ok(StoredGeneration {
            key,
            order,
            frequent: (0..layout.len()).map(|_| OnceLock::new()).collect(),
            layout,
            blocks: lengths.iter().map(block).collect(),
            lists: firsts.iter().map(|_| OnceLock::new()).collect(),
            firsts,
        })
    }

    /// Reads all texts and lists.
    pub fn read_all(&self, memory: &Memory) -> Result<(), MemoryError> {
        for (&length, block) in &self.blocks {
            self.read_parts(memory, (length, block), 0..block.parts.len())?;
        }
        if self.order.is_some() {
            (0..self.layout.len()).try_for_each(|container| self.frequent_of(memory, container).map(drop))?;
        }
        self.firsts.iter().try_for_each(|&first| self.lists_of(memory, first).map(drop))
    }

    /// Searches the texts of a length. Hits get the number `group`.
    pub fn search(
        &self,
        memory: &Memory,
        length: usize,
        search: &mut IndexSearch<'_>,
        group: usize,
    ) -> Result<(), MemoryError> {
        let Some(block) = self.blocks.get(&length) else { return Ok(()) };
        let listed = self.order.as_ref().map(|order| (order, self.layout.of_lengths(length..=length)));
        let Some((order, containers)) = listed.filter(|(_, containers)| !containers.is_empty()) else {
            return self.search_whole(memory, (length, block), search, group);
        };
        let per_part = texts_per_part(length);
        for number in containers {
            let stored = Reader { generation: self, memory };
            let candidates =
                search.candidates((order, &self.layout, number), &stored).map_err(|fault| match fault {
                    Fault::Memory(error) => error,
                    Fault::Lists(error) => memory.foreign(error.to_string()),
                })?;
            let Some(candidates) = candidates else {
                return self.search_whole(memory, (length, block), search, group);
            };
            let parts = candidates.iter().map(|&place| place as usize / per_part);
            self.read_parts(memory, (length, block), parts)?;
            let text = |place: usize| Some((block.parts.get(place / per_part)?.get()?, place % per_part));
            search.compare_candidates(length, text, group);
        }
        Ok(())
    }

    /// Compares all texts of a length.
    fn search_whole(
        &self,
        memory: &Memory,
        (length, block): (usize, &StoredBlock),
        search: &mut IndexSearch<'_>,
        group: usize,
    ) -> Result<(), MemoryError> {
        self.read_parts(memory, (length, block), 0..block.parts.len())?;
        block.parts.iter().filter_map(OnceLock::get).for_each(|part| search.search_block(part, group));
        Ok(())
    }

    /// Reads those of some parts of a block that have not been read.
    fn read_parts(
        &self,
        memory: &Memory,
        (length, block): (usize, &StoredBlock),
        parts: impl Iterator<Item = usize>,
    ) -> Result<(), MemoryError> {
        for part in parts {
            let Some(read) = block.parts.get(part).filter(|part| part.get().is_none()) else { continue };
            let sql = "select block from fuzzy_part
                       where generation_id = ?1 and locale_id = ?2 and length = ?3 and part = ?4";
            let key = (self.key.generation, self.key.locale_id, length as i64, part as i64);
            let texts = texts_per_part(length).min(block.texts - part * texts_per_part(length));
            let parse = |bytes: &[u8]| Block::from_bytes(length, texts, bytes);
            let texts = read_blob(memory, sql, key, parse)?.ok_or_else(|| missing(memory))?;
            // Another thread may have read it meanwhile: the same texts.
            let _ = read.set(texts);
        }
        Ok(())
    }

    /// The lists of the row that an element belongs to; `None` if there is no such row.
    fn lists_of(&self, memory: &Memory, element: Element) -> Result<Option<Arc<Lists>>, MemoryError> {
        let Some(row) = self.firsts.partition_point(|&first| first <= element).checked_sub(1) else {
            return Ok(None);
        };
        if let Some(lists) = self.lists[row].get() {
            return Ok(Some(lists.clone()));
        }
        let first = self.firsts[row];
        let sql = "select lists from fuzzy_lists where generation_id = ?1 and locale_id = ?2 and first = ?3";
        let key = (self.key.generation, self.key.locale_id, first);
        let lists = read_blob(memory, sql, key, |bytes| Lists::from_bytes(first, bytes, &self.layout))?;
        let lists = Arc::new(lists.ok_or_else(|| missing(memory))?);
        Ok(Some(self.lists[row].get_or_init(|| lists).clone()))
    }

    /// The frequent tokens of the texts of a container.
    fn frequent_of(&self, memory: &Memory, container: usize) -> Result<&FrequentBits, MemoryError> {
        if let Some(bits) = self.frequent[container].get() {
            return Ok(bits);
        }
        let sql = "select bits from fuzzy_frequent
                   where generation_id = ?1 and locale_id = ?2 and container = ?3";
        let key = (self.key.generation, self.key.locale_id, container as i64);
        let texts = self.layout.get(container).texts;
        let bits = read_blob(memory, sql, key, |bytes| FrequentBits::from_bytes(texts, bytes))?;
        let bits = bits.ok_or_else(|| missing(memory))?;
        Ok(self.frequent[container].get_or_init(|| bits))
    }
}

/// Reads a generation from its memory.
struct Reader<'m> {
    generation: &'m StoredGeneration,
    memory: &'m Memory,
}

impl Stored for Reader<'_> {
    type Error = Fault;

    fn lists(&self, element: Element) -> Result<Option<Arc<Lists>>, Fault> {
        self.generation.lists_of(self.memory, element).map_err(Fault::Memory)
    }

    fn frequent(&self, container: usize) -> Result<&FrequentBits, Fault> {
        self.generation.frequent_of(self.memory, container).map_err(Fault::Memory)
    }
}

/// A row that was there is gone. A transaction sees one state, so the memory is damaged.
fn missing(memory: &Memory) -> MemoryError {
    memory.foreign("a part of the index is missing".to_owned())
}

/// The blob of a row, parsed; `None` if there is no such row.
fn read_blob<T, E: Display>(
    memory: &Memory,
    sql: &str,
    key: impl Params,
    parse: impl FnOnce(&[u8]) -> Result<T, E>,
) -> Result<Option<T>, MemoryError> {
    let read = || -> rusqlite::Result<Option<_>> {
        let mut statement = memory.connection.prepare_cached(sql)?;
        statement.query_row(key, |row| Ok(parse(row.get_ref(0)?.as_blob()?))).optional()
    };
    memory.at(read())?.transpose().map_err(|error| memory.foreign(error.to_string()))
}
