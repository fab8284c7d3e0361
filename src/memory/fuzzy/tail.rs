//! The texts that no generation of the fuzzy index holds yet, compared one by one until an import indexes them.
//!
//! A running import adds such texts with each batch. Ids are never reused and a text never changes, so what was read stays valid: only
//! the texts after the last one that was read are added, once for all lookups that share a cache. Parts are merged as in an LSM tree,
//! so there are few. A lookup that sees an older state of the memory finds texts of a newer one; it cannot read them, and passes
//! them over like deleted ones.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::markup::plain;
use crate::matching::index::{Block, BlockBuilder, IndexSearch};
use crate::memory::text_index::TextRole;
use crate::memory::{Memory, MemoryError};

/// The blocks of some texts, by the id of their locale and their length in tokens.
#[derive(Default)]
pub(super) struct Part {
    blocks: HashMap<i64, BTreeMap<usize, Block>>,
    texts: usize,
}

/// The texts of one role above an id.
pub(super) struct Tail {
    /// The last id of the index. Another one has other texts after it.
    after: i64,
    /// The last id that was read.
    upto: i64,
    /// The text with that id, to recognize a memory in which it is another one: an older copy that was put back, and written to.
    last: Option<String>,
    parts: Vec<Arc<Part>>,
}

impl Tail {
    pub fn new(after: i64) -> Tail {
        Tail { after, upto: after, last: None, parts: Vec::new() }
    }

    /// Reads the texts that are new in this state of the memory, and returns all parts. Texts are read anew if the index ends
    /// elsewhere.
    pub fn parts(
        &mut self,
        memory: &Memory,
        role: TextRole,
        after: i64,
    ) -> Result<Vec<Arc<Part>>, MemoryError> {
        if self.after != after || !memory.at(self.is_of(memory, role))? {
            *self = Tail::new(after);
        }
        let read = || -> rusqlite::Result<(Part, i64, Option<String>)> {
            let mut builders: BTreeMap<i64, BlockBuilder> = BTreeMap::new();
            let (mut texts, mut upto, mut last) = (0, self.upto, None);
            let sql = format!("select id, locale_id, text from {} where id > ?1 order by id", role.table());
            let mut statement = memory.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([self.upto])?;
            while let Some(row) = rows.next()? {
                let text = row.get_ref(2)?.as_str()?;
                upto = row.get(0)?;
                builders.entry(row.get(1)?).or_default().add(row.get(0)?, text, &plain(text));
                texts += 1;
                text.clone_into(last.get_or_insert_with(String::new));
            }
            let blocks = builders.into_iter().map(|(locale, builder)| {
                (locale, builder.finish().map(|block| (block.length(), block)).collect())
            });
            Ok((Part { blocks: blocks.collect(), texts }, upto, last))
        };
        let (mut part, upto, last) = memory.at(read())?;
        if part.texts > 0 {
            (self.upto, self.last) = (upto, last);
            while let Some(older) = self.parts.pop_if(|older| older.texts <= 2 * part.texts) {
                part = older.with(&part);
            }
            self.parts.push(Arc::new(part));
        }
        Ok(self.parts.clone())
    }

    /// Whether the memory has the text that was read last, or does not have it any more.
    fn is_of(&self, memory: &Memory, role: TextRole) -> rusqlite::Result<bool> {
        let Some(last) = &self.last else { return Ok(true) };
        let sql = format!("select text from {} where id = ?1", role.table());
        let mut statement = memory.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([self.upto])?;
        Ok(match rows.next()? {
            Some(row) => row.get_ref(0)?.as_str()? == last,
            None => true,
        })
    }
}

impl Part {
    /// Both together.
    fn with(&self, newer: &Part) -> Part {
        let mut blocks = self.blocks.clone();
        for (locale, of_locale) in &newer.blocks {
            let known = blocks.entry(*locale).or_default();
            for (length, block) in of_locale {
                known.entry(*length).or_insert_with(|| Block::empty(*length)).append(block);
            }
        }
        Part { blocks, texts: self.texts + newer.texts }
    }

    /// The ids of the locales of its texts.
    pub fn locales(&self) -> impl Iterator<Item = i64> {
        self.blocks.keys().copied()
    }

    /// Searches the texts of a length in a locale. Hits get the number `group`.
    pub fn search(&self, locale: i64, length: usize, search: &mut IndexSearch<'_>, group: usize) {
        let block = self.blocks.get(&locale).and_then(|blocks| blocks.get(&length));
        block.into_iter().for_each(|block| search.search_block(block, group));
    }
}
