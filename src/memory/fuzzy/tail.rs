//! The texts that no generation of the fuzzy index holds yet, compared one by one until an import indexes them.
//!
//! A running import adds such texts with each batch. Ids are never reused and a text never changes, so what was read stays valid: only
//! the texts after the last one that was read are added, once for all lookups that share a cache. Parts are merged as in an LSM tree,
//! so there are few. A lookup that sees an older state of the memory finds texts of a newer one; it cannot read them, and passes
//! them over like deleted ones.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rusqlite::OptionalExtension;

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

/// Which texts belong together.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct TailKey {
    /// Their role.
    pub role: TextRole,
    /// The ids of their locales; `None` for all.
    pub locales: Option<Vec<i64>>,
}

/// The texts of one role, and perhaps of some locales, above an id.
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
    /// No text yet, of those above this id.
    pub fn new(after: i64) -> Tail {
        Tail { after, upto: after, last: None, parts: Vec::new() }
    }

    /// The id that its texts are above.
    pub fn after(&self) -> i64 {
        self.after
    }

    /// Reads the texts that are new in this state of the memory, and returns all parts.
    pub fn parts(&mut self, memory: &Memory, key: &TailKey) -> Result<Vec<Arc<Part>>, MemoryError> {
        if !memory.at(self.is_of(memory, key.role))? {
            *self = Tail::new(self.after);
        }
        let is_wanted =
            |locale| key.locales.as_ref().is_none_or(|locales: &Vec<i64>| locales.contains(&locale));
        let read = || -> rusqlite::Result<(Part, i64)> {
            let mut builders: BTreeMap<i64, BlockBuilder> = BTreeMap::new();
            let (mut texts, mut upto) = (0, self.upto);
            let sql =
                format!("select id, locale_id, text from {} where id > ?1 order by id", key.role.table());
            let mut statement = memory.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([self.upto])?;
            while let Some(row) = rows.next()? {
                upto = row.get(0)?;
                let locale = row.get(1)?;
                if is_wanted(locale) {
                    let text = row.get_ref(2)?.as_str()?;
                    builders.entry(locale).or_default().add(row.get(0)?, text, &plain(text));
                    texts += 1;
                }
            }
            let blocks = builders.into_iter().map(|(locale, builder)| {
                (locale, builder.finish().map(|block| (block.length(), block)).collect())
            });
            Ok((Part { blocks: blocks.collect(), texts }, upto))
        };
        let (mut part, upto) = memory.at(read())?;
        if upto > self.upto {
            self.last = memory.at(text(memory, key.role, upto))?;
            self.upto = upto;
        }
        if part.texts > 0 {
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
        Ok(text(memory, role, self.upto)?.is_none_or(|text| text == *last))
    }
}

/// The text with an id.
fn text(memory: &Memory, role: TextRole, id: i64) -> rusqlite::Result<Option<String>> {
    let sql = format!("select text from {} where id = ?1", role.table());
    memory.connection.prepare_cached(&sql)?.query_row([id], |row| row.get(0)).optional()
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
