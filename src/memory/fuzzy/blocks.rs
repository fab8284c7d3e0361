//! The blocks of the fuzzy index, as they are read from the memory: their lists whole, their texts one by one at first.
//!
//! A single query compares few texts of a block. So the texts that the lists do not exclude are read by themselves, until an eighth of
//! the block has been read.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rusqlite::{OptionalExtension, Params};

use super::tail::{Part, Tail};
use crate::matching::index::{Block, IndexSearch, PrefixLists, TokenOrder};
use crate::memory::text_index::{GenerationMark, TextRole};
use crate::memory::{Memory, MemoryError};

/// A block is read whole when this part of its texts, as a divisor, has been read one by one.
const READ_WHOLE: usize = 8;

/// A cache of blocks, shared by several lookups. The blocks of a generation never change.
#[derive(Clone, Default)]
pub struct BlockCache(Arc<Mutex<Cached>>);

#[derive(Default)]
struct Cached {
    blocks: HashMap<BlockKey, Option<Arc<ListedBlock>>>,
    /// By generation and locale.
    orders: HashMap<(i64, i64), Option<Arc<TokenOrder>>>,
    /// The generations of each role.
    generations: HashMap<TextRole, Vec<GenerationMark>>,
    tails: HashMap<TextRole, Tail>,
}

/// What identifies a block.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct BlockKey {
    pub generation: i64,
    pub locale_id: i64,
    /// In tokens.
    pub length: usize,
}

/// A block with its prefix lists, if it has some.
pub(super) struct ListedBlock {
    key: BlockKey,
    lists: Option<PrefixLists>,
    /// The number of its texts.
    count: usize,
    /// How many texts were read one by one.
    read: AtomicUsize,
    texts: OnceLock<Block>,
}

impl BlockCache {
    /// Removes the blocks of generations of a role that the memory has no more. A process that runs for days would keep those of
    /// every import else; and in an older copy of a memory that is put back, a generation can have the id of another one.
    pub(super) fn keep_only(&self, role: TextRole, generations: Vec<GenerationMark>) {
        let mut cached = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let known = cached.generations.insert(role, generations.clone()).unwrap_or_default();
        for gone in known.iter().filter(|known| !generations.contains(known)) {
            cached.blocks.retain(|key, _| key.generation != gone.id);
            cached.orders.retain(|(generation, _), _| *generation != gone.id);
        }
    }

    /// The texts of a role above an id that no generation holds.
    pub(super) fn tail(
        &self,
        memory: &Memory,
        role: TextRole,
        after: i64,
    ) -> Result<Vec<Arc<Part>>, MemoryError> {
        let mut cached = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        cached.tails.entry(role).or_insert_with(|| Tail::new(after)).parts(memory, role, after)
    }

    /// A block; `None` if the generation has no text of its length in its locale.
    pub(super) fn block(
        &self,
        memory: &Memory,
        key: BlockKey,
    ) -> Result<Option<Arc<ListedBlock>>, MemoryError> {
        // Locked while the block is read, so that no two threads read the same one. A panic leaves the maps as they were.
        let mut cached = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(block) = cached.blocks.get(&key) {
            return Ok(block.clone());
        }
        let order = match cached.orders.get(&(key.generation, key.locale_id)) {
            Some(order) => order.clone(),
            None => {
                let order = key.read_order(memory)?.map(Arc::new);
                cached.orders.insert((key.generation, key.locale_id), order.clone());
                order
            }
        };
        let block = match key.row(memory)? {
            Some((_, count)) => {
                let lists = order.map(|order| key.read_lists(memory, count, &order)).transpose()?.flatten();
                let (read, texts) = (AtomicUsize::new(0), OnceLock::new());
                Some(Arc::new(ListedBlock { key, lists, count, read, texts }))
            }
            None => None,
        };
        cached.blocks.insert(key, block.clone());
        Ok(block)
    }
}

impl BlockKey {
    /// The row id of the block, which a `vacuum` may change, and the number of its texts.
    fn row(self, memory: &Memory) -> Result<Option<(i64, usize)>, MemoryError> {
        let sql = "select rowid, texts from fuzzy_block
                   where generation_id = ?1 and locale_id = ?2 and length = ?3";
        let read = || -> rusqlite::Result<Option<(i64, u32)>> {
            let mut statement = memory.connection.prepare_cached(sql)?;
            statement.query_row(self.columns(), |row| Ok((row.get(0)?, row.get(1)?))).optional()
        };
        Ok(memory.at(read())?.map(|(row, count)| (row, count as usize)))
    }

    fn read_order(self, memory: &Memory) -> Result<Option<TokenOrder>, MemoryError> {
        let sql = "select classes from fuzzy_order where generation_id = ?1 and locale_id = ?2";
        read_blob(memory, sql, (self.generation, self.locale_id), TokenOrder::from_bytes)
    }

    fn read_lists(
        self,
        memory: &Memory,
        count: usize,
        order: &Arc<TokenOrder>,
    ) -> Result<Option<PrefixLists>, MemoryError> {
        let sql = "select lists from fuzzy_lists where generation_id = ?1 and locale_id = ?2 and length = ?3";
        let parse = |bytes: &[u8]| PrefixLists::from_bytes(bytes, (self.length, count), order);
        read_blob(memory, sql, self.columns(), parse)
    }

    /// The key in the tables of blocks and of lists.
    fn columns(self) -> (i64, i64, i64) {
        (self.generation, self.locale_id, self.length as i64)
    }
}

/// A block that was there is gone. A transaction sees one state, so the memory is damaged.
fn missing(memory: &Memory) -> MemoryError {
    memory.foreign("a block of the index is missing".to_owned())
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

impl ListedBlock {
    /// Searches the block. Its hits get the number `group`.
    pub fn search(
        &self,
        memory: &Memory,
        search: &mut IndexSearch<'_>,
        group: usize,
    ) -> Result<(), MemoryError> {
        if self.texts.get().is_none()
            && let Some(lists) = &self.lists
            && let Some(places) = search.candidates(lists)
        {
            let before = self.read.fetch_add(places.len(), Ordering::Relaxed);
            if before + places.len() <= self.count / READ_WHOLE {
                let texts = self.read_texts(memory, places)?;
                search.search_block(&texts, group);
                return Ok(());
            }
        }
        let texts = self.texts(memory)?;
        match &self.lists {
            Some(lists) => search.search_listed(texts, lists, group),
            None => search.search_block(texts, group),
        }
        Ok(())
    }

    /// All texts.
    pub fn texts(&self, memory: &Memory) -> Result<&Block, MemoryError> {
        if let Some(texts) = self.texts.get() {
            return Ok(texts);
        }
        let sql = "select block from fuzzy_block where generation_id = ?1 and locale_id = ?2 and length = ?3";
        let parse = |bytes: &[u8]| Block::from_bytes(self.key.length, self.count, bytes);
        let texts = read_blob(memory, sql, self.key.columns(), parse)?.ok_or_else(|| missing(memory))?;
        Ok(self.texts.get_or_init(|| texts))
    }

    /// The texts at some places of the block.
    fn read_texts(&self, memory: &Memory, places: &[u32]) -> Result<Block, MemoryError> {
        let length = self.key.length;
        if places.is_empty() {
            return Ok(Block::empty(length));
        }
        let (row, _) = self.key.row(memory)?.ok_or_else(|| missing(memory))?;
        let read = || -> rusqlite::Result<Vec<u8>> {
            let blob = memory.connection.blob_open("main", "fuzzy_block", "block", row, true)?;
            let size = Block::record(length, 0).len();
            let mut records = vec![0; size * places.len()];
            for (record, &place) in records.chunks_exact_mut(size).zip(places) {
                blob.read_at_exact(record, Block::record(length, place as usize).start)?;
            }
            Ok(records)
        };
        let records = memory.at(read())?;
        Block::from_bytes(length, places.len(), &records).map_err(|error| memory.foreign(error.to_string()))
    }
}
