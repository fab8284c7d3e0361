//! Scans the blocks of folded texts, and reads texts as written.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::MAIN_DB;
use rusqlite::blob::Blob;

use super::Search;
use super::cache::{BlockKey, CachedBlock};
use crate::markup::plain;
use crate::matching::concordance::{CorruptBlock, Found, Pattern, RawTextBlock, TextBlock, TextBlockBuilder};
use crate::memory::text_index::{IndexKind, TextRole, covered, marks};
use crate::memory::{Memory, MemoryError};
use crate::model::{TextArena, TextRange};
use crate::parallel::{available_threads, in_order};

/// A block to scan.
struct BlockRow {
    role: TextRole,
    shortest: u32,
    texts: u32,
    bytes: BlockBytes,
}

enum BlockBytes {
    /// In the index, in this row. The key is there if blocks are kept.
    Row(i64, Option<BlockKey>),
    /// Built for this scan, from texts that are not indexed.
    Built(Vec<u8>),
}

/// A block that was read.
enum ReadBlock {
    /// As it is stored, with its key if blocks are kept.
    Stored(Vec<u8>, Option<BlockKey>),
    Decompressed(Arc<Vec<u8>>),
}

impl Memory {
    /// Scans all blocks that may have the pattern on all cores, that with the shortest text first, and calls `visit` for each:
    /// with the ids of the texts in which the pattern may occur, what `key` returns for each, and a length that no text in the
    /// blocks to come is below. Returns whether `visit` broke off.
    pub(super) fn scan_blocks<K: Send, E: From<MemoryError>>(
        &self,
        search: &Search,
        key: impl Fn(&Found<'_>) -> K + Sync,
        mut visit: impl FnMut(TextRole, Vec<(u32, K)>, u32) -> Result<ControlFlow<()>, E>,
    ) -> Result<ControlFlow<()>, E> {
        let mut blocks = Vec::new();
        for role in search.roles() {
            blocks.extend(self.at(self.indexed_blocks(role))?);
            blocks.extend(self.at(self.unindexed_blocks(role))?);
        }
        blocks.sort_by_key(|block| block.shortest);
        let mut blocks = blocks.into_iter().peekable();
        let mut reader = BlockReader { memory: self, search, blob: None, head: Vec::new() };
        let cache = self.text_blocks.as_ref();
        // The role and the shortest text of the blocks that the workers have.
        let mut sent = VecDeque::new();
        in_order(
            available_threads(),
            |worker| {
                let (mut buffer, pattern) = (Vec::new(), search.pattern.clone());
                worker.run(|(texts, block): (u32, ReadBlock)| {
                    let mut all = Vec::new();
                    let keep = |found: Found<'_>| all.push((found.id, key(&found)));
                    match block {
                        ReadBlock::Decompressed(columns) => {
                            TextBlock::search_decompressed(&columns, texts, &pattern, keep)?;
                        }
                        ReadBlock::Stored(bytes, kept) => {
                            TextBlock::search(&bytes, texts, &pattern, &mut buffer, keep)?;
                            if let Some((cache, kept)) = cache.zip(kept) {
                                cache.keep_columns(&kept, &mut buffer);
                            }
                        }
                    }
                    Ok(all)
                });
            },
            |pool| {
                loop {
                    while !pool.is_full()
                        && let Some(block) = blocks.next()
                    {
                        if let Some(read) = reader.read(block.bytes)? {
                            sent.push_back((block.role, block.shortest));
                            pool.send((block.texts, read));
                        }
                    }
                    let Some((found, (role, _))) = pool.receive().zip(sent.pop_front()) else {
                        return Ok(ControlFlow::Continue(()));
                    };
                    let found = found.map_err(|error: CorruptBlock| self.foreign(error.to_string()))?;
                    let next_sent = sent.front().map(|(_, shortest)| *shortest);
                    let next_shortest = next_sent.or_else(|| blocks.peek().map(|block| block.shortest));
                    if visit(role, found, next_shortest.unwrap_or(u32::MAX))?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            },
        )
    }

    fn indexed_blocks(&self, role: TextRole) -> rusqlite::Result<Vec<BlockRow>> {
        let sql = "select rowid, shortest, texts, locale_id, ordinal from concordance_block
                   where generation_id = ?1 order by locale_id, ordinal";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut blocks = Vec::new();
        let generations = covered(&self.connection, IndexKind::Concordance, role)?.generations;
        let mut kept = Vec::new();
        if let Some(cache) = &self.text_blocks {
            kept.extend(marks(&self.connection, role, &generations)?.into_iter().map(Arc::new));
            cache.keep_only(role, &kept);
        }
        for (number, generation) in generations.iter().enumerate() {
            let rows = statement.query_map([generation.id], |row| {
                let (locale_id, ordinal) = (row.get(3)?, row.get(4)?);
                let key = kept.get(number).map(|mark| BlockKey {
                    role,
                    generation: mark.clone(),
                    locale_id,
                    ordinal,
                });
                let bytes = BlockBytes::Row(row.get(0)?, key);
                Ok(BlockRow { role, shortest: row.get(1)?, texts: row.get(2)?, bytes })
            })?;
            for row in rows {
                blocks.push(row?);
            }
        }
        Ok(blocks)
    }

    /// Blocks of the texts that no generation holds.
    fn unindexed_blocks(&self, role: TextRole) -> rusqlite::Result<Vec<BlockRow>> {
        let mut builder = TextBlockBuilder::default();
        let upto = covered(&self.connection, IndexKind::Concordance, role)?.upto;
        let sql = format!("select id, text from {} where id > ?1 order by id", role.table());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([upto])?;
        while let Some(row) = rows.next()? {
            let text = row.get_ref(1)?.as_str()?;
            builder.add(row.get(0)?, text, &plain(text));
        }
        let block = |block: RawTextBlock| {
            let TextBlock { shortest, texts, bytes } = block.compress();
            BlockRow { role, shortest, texts, bytes: BlockBytes::Built(bytes) }
        };
        Ok(builder.finish().map(block).collect())
    }

    /// The texts with these ids, without deleted ones. The ids ascend, so the file is read in order.
    pub(super) fn texts(&self, role: TextRole, ids: &[u32]) -> rusqlite::Result<Texts> {
        let sql = format!("select text from {} where id = ?1", role.table());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut texts = Texts::default();
        for &id in ids {
            let mut rows = statement.query([id])?;
            if let Some(row) = rows.next()? {
                texts.push(id, row.get_ref(0)?.as_str()?);
            }
        }
        Ok(texts)
    }
}

/// Reads the blocks that may have the pattern of a search.
struct BlockReader<'m> {
    memory: &'m Memory,
    search: &'m Search,
    /// The last block that was read. Opening the next one through it does not prepare a statement.
    blob: Option<Blob<'m>>,
    /// The header and the filter of the last block.
    head: Vec<u8>,
}

impl BlockReader<'_> {
    /// The bytes of a block; `None` if its filter shows that it does not have the pattern. Then only the filter is read.
    fn read(&mut self, block: BlockBytes) -> Result<Option<ReadBlock>, MemoryError> {
        let (row, key) = match block {
            BlockBytes::Built(bytes) => return Ok(Some(ReadBlock::Stored(bytes, None))),
            BlockBytes::Row(row, key) => (row, key),
        };
        let memory = self.memory;
        let kept = memory.text_blocks.as_ref().zip(key.as_ref());
        let cached = kept.and_then(|(cache, key)| cache.get(key));
        if let Some(CachedBlock { filter, columns }) = &cached {
            if !TextBlock::may_contain(filter, &self.search.pattern) {
                return Ok(None);
            }
            if let Some(columns) = columns {
                return Ok(Some(ReadBlock::Decompressed(columns.clone())));
            }
        }
        match &mut self.blob {
            Some(blob) => memory.at(blob.reopen(row))?,
            None => {
                let opened = memory.connection.blob_open(MAIN_DB, "concordance_block", "block", row, true);
                self.blob = Some(memory.at(opened)?);
            }
        }
        let Some(blob) = &self.blob else { return Ok(None) };
        let damaged = |error: CorruptBlock| memory.foreign(error.to_string());
        let mut header = [0; TextBlock::HEADER];
        if blob.len() < header.len() {
            return Err(damaged(CorruptBlock::default()));
        }
        memory.at(blob.read_at_exact(&mut header, 0))?;
        let filter_end = header.len() + TextBlock::filter_size(header).map_err(damaged)?;
        if blob.len() < filter_end {
            return Err(damaged(CorruptBlock::default()));
        }
        let head = &mut self.head;
        head.resize(filter_end, 0);
        memory.at(blob.read_at_exact(head, 0))?;
        if let Some((cache, key)) = kept {
            cache.keep_filter(key, &head[header.len()..]);
        }
        if !TextBlock::may_contain(&head[header.len()..], &self.search.pattern) {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(blob.len());
        bytes.extend_from_slice(head);
        bytes.resize(blob.len(), 0);
        memory.at(blob.read_at_exact(&mut bytes[filter_end..], filter_end))?;
        Ok(Some(ReadBlock::Stored(bytes, key)))
    }
}

/// Texts as written, in the order of their ids.
#[derive(Default)]
pub(super) struct Texts {
    texts: TextArena,
    rows: Vec<(u32, TextRange)>,
}

impl Texts {
    pub(super) fn push(&mut self, id: u32, text: &str) {
        let text = self.texts.push(text);
        self.rows.push((id, text));
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The ids of the texts in which the pattern occurs.
    pub(super) fn matching(&self, pattern: &Pattern) -> Vec<u32> {
        let is_match = |(_, text): &&(u32, TextRange)| pattern.matches_text(self.texts.get(text));
        self.rows.iter().filter(is_match).map(|(id, _)| *id).collect()
    }
}
