//! The fuzzy index by locale: the blocks of the source texts or of the target texts in one locale.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::LookupOptions;
use super::generation::{BlockCache, GenerationKey, StoredGeneration};
use super::tail::{Part, TailKey};
use crate::matching::index::IndexSearch;
use crate::matching::{LocaleFit, fit};
use crate::memory::text_index::{IndexKind, TextRole, covered, marks};
use crate::memory::{Memory, MemoryError, schema};
use crate::model::Locale;

/// The source texts or the target texts in one locale.
pub(in crate::memory) struct LocaleIndex {
    pub role: TextRole,
    pub locale_id: i64,
    pub locale: Locale,
    /// How well the locale fits that of the queries.
    pub fit: LocaleFit,
    generations: Vec<Arc<StoredGeneration>>,
    /// The texts that no generation holds, of all locales.
    unindexed: Vec<Arc<Part>>,
}

impl LocaleIndex {
    /// A text by its id, with the id of its unit; `None` if it was deleted.
    pub fn text(&self, connection: &Connection, id: u32) -> rusqlite::Result<Option<(String, i64)>> {
        let sql = match self.role {
            TextRole::Source => "select text, id from unit where id = ?1",
            TextRole::Target => "select text, unit_id from variant where id = ?1",
        };
        connection.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()
    }
}

/// Whether another process has changed the memory since it was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::memory) enum Refreshed {
    Unchanged,
    Changed,
}

/// All indexes that a lookup searches, and the locales of the memory.
pub(in crate::memory) struct LocaleIndexes {
    indexes: Vec<LocaleIndex>,
    /// The locales by their ids.
    locales: HashMap<i64, Locale>,
    /// SQLite's `data_version`: it changes when another connection commits.
    version: i64,
    cache: BlockCache,
}

impl LocaleIndexes {
    pub fn load(
        memory: &Memory,
        options: &LookupOptions,
        cache: &BlockCache,
    ) -> Result<LocaleIndexes, MemoryError> {
        let version = memory.at(version(&memory.connection))?;
        memory.at(schema::provide_places(&memory.connection))?;
        let locales = memory.locales()?;
        let wanted = Wanted::of(&locales, options);
        let mut all = Vec::new();
        for role in TextRole::BOTH {
            all.extend(indexes_of(memory, role, &wanted, cache)?);
        }
        Ok(LocaleIndexes { indexes: chosen(all, options), locales, version, cache: cache.clone() })
    }

    /// Reads everything again if another process has changed the memory.
    pub fn refresh(&mut self, memory: &Memory, options: &LookupOptions) -> Result<Refreshed, MemoryError> {
        if self.version == memory.at(version(&memory.connection))? {
            return Ok(Refreshed::Unchanged);
        }
        let cache = self.cache.clone();
        *self = LocaleIndexes::load(memory, options, &cache)?;
        Ok(Refreshed::Changed)
    }

    pub fn is_empty(&self) -> bool {
        self.indexes.is_empty()
    }

    pub fn len(&self) -> usize {
        self.indexes.len()
    }

    pub fn get(&self, number: usize) -> &LocaleIndex {
        &self.indexes[number]
    }

    pub fn locale(&self, id: i64) -> Option<&Locale> {
        self.locales.get(&id)
    }

    /// Reads all texts and lists.
    pub fn read_all(&self, memory: &Memory) -> Result<(), MemoryError> {
        let mut generations = self.indexes.iter().flat_map(|index| &index.generations);
        generations.try_for_each(|generation| generation.read_all(memory))
    }

    /// Searches the texts of a length. Hits get the number of their index.
    pub fn search(
        &self,
        memory: &Memory,
        length: usize,
        search: &mut IndexSearch<'_>,
    ) -> Result<(), MemoryError> {
        (0..self.indexes.len()).try_for_each(|number| self.search_one(memory, number, length, search))
    }

    /// Searches the texts of a length in one index.
    pub fn search_one(
        &self,
        memory: &Memory,
        number: usize,
        length: usize,
        search: &mut IndexSearch<'_>,
    ) -> Result<(), MemoryError> {
        let index = &self.indexes[number];
        for generation in &index.generations {
            generation.search(memory, length, search, number)?;
        }
        index.unindexed.iter().for_each(|part| part.search(index.locale_id, length, search, number));
        Ok(())
    }
}

impl Memory {
    /// The locales by their ids.
    pub(in crate::memory) fn locales(&self) -> Result<HashMap<i64, Locale>, MemoryError> {
        let read = || -> rusqlite::Result<Vec<(i64, String)>> {
            let mut statement = self.connection.prepare_cached("select id, name from locale order by id")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        self.at(read())?.into_iter().map(|(id, name)| Ok((id, self.locale(&name)?))).collect()
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))
}

/// The locales whose texts may be compared with queries.
struct Wanted<'l> {
    /// By their ids, with how well they fit that of the queries.
    locales: HashMap<i64, (&'l Locale, LocaleFit)>,
    are_all: bool,
}

impl<'l> Wanted<'l> {
    fn of(locales: &'l HashMap<i64, Locale>, options: &LookupOptions) -> Wanted<'l> {
        let fit =
            |locale: &Locale| options.from.as_ref().map_or(Some(LocaleFit::Same), |from| fit(from, locale));
        let wanted = locales.iter().filter_map(|(&id, locale)| Some((id, (locale, fit(locale)?))));
        Wanted { locales: wanted.collect(), are_all: options.from.is_none() }
    }

    fn tail_key(&self, role: TextRole) -> TailKey {
        let mut ids: Vec<i64> = self.locales.keys().copied().collect();
        ids.sort_unstable();
        TailKey { role, locales: (!self.are_all).then_some(ids) }
    }
}

/// The indexes of one role, one for each locale wanted that has texts.
fn indexes_of(
    memory: &Memory,
    role: TextRole,
    wanted: &Wanted<'_>,
    cache: &BlockCache,
) -> Result<Vec<LocaleIndex>, MemoryError> {
    let covered = memory.at(covered(&memory.connection, IndexKind::Fuzzy, role))?;
    cache.keep_only(role, memory.at(marks(&memory.connection, role, &covered.generations))?);
    let unindexed = cache.tail(memory, wanted.tail_key(role), covered.upto)?;
    let read = || -> rusqlite::Result<Vec<GenerationKey>> {
        let mut indexed = Vec::new();
        let sql = "select distinct locale_id from fuzzy_part where generation_id = ?1 order by locale_id";
        for generation in covered.generations.iter().map(|generation| generation.id) {
            let mut statement = memory.connection.prepare_cached(sql)?;
            for locale_id in statement.query_map([generation], |row| row.get(0))? {
                indexed.push(GenerationKey { generation, locale_id: locale_id? });
            }
        }
        Ok(indexed)
    };
    let indexed = memory.at(read())?;
    let mut ids: Vec<i64> = indexed.iter().map(|key| key.locale_id).collect();
    ids.extend(unindexed.iter().flat_map(|part| part.locales()));
    ids.sort_unstable();
    ids.dedup();
    let mut indexes = Vec::new();
    for locale_id in ids {
        let Some(&(locale, fit)) = wanted.locales.get(&locale_id) else { continue };
        let keys = indexed.iter().filter(|key| key.locale_id == locale_id);
        let generations = keys.map(|&key| cache.generation(memory, key)).collect::<Result<_, _>>()?;
        let (locale, unindexed) = (locale.clone(), unindexed.clone());
        indexes.push(LocaleIndex { role, locale_id, locale, fit, generations, unindexed });
    }
    Ok(indexes)
}

/// The indexes of the texts that queries are compared with: those of the locale that the options name. If they name none, the
/// source texts that are not in the locale wanted of translations; if there are none, such target texts.
fn chosen(all: Vec<LocaleIndex>, options: &LookupOptions) -> Vec<LocaleIndex> {
    if options.from.is_some() {
        return all;
    }
    let is_wanted =
        |index: &LocaleIndex| options.to.as_ref().is_some_and(|to| fit(to, &index.locale).is_some());
    let (sources, targets): (Vec<LocaleIndex>, Vec<LocaleIndex>) =
        all.into_iter().filter(|index| !is_wanted(index)).partition(|index| index.role == TextRole::Source);
    if sources.is_empty() { targets } else { sources }
}
