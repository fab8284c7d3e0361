//! The texts that are looked through: those of one role in one locale, with their blocks of the index.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension};

use super::LookupOptions;
use crate::markup::plain;
use crate::matching::index::{Block, BlockBuilder};
use crate::matching::{LocaleFit, fit};
use crate::memory::text_index::{Role, covered};
use crate::memory::{Memory, MemoryError};
use crate::model::Locale;

/// The texts of one role in one locale.
pub(in crate::memory) struct Side {
    pub role: Role,
    pub locale_id: i64,
    pub locale: Locale,
    pub fit: LocaleFit,
    generations: Vec<i64>,
    /// Blocks by length, as far as they were asked for.
    blocks: HashMap<usize, Vec<Block>>,
    /// What no generation holds.
    rest: BTreeMap<usize, Block>,
}

impl Side {
    /// A text by its id, with the id of its unit; `None` where it is gone.
    pub fn text(&self, connection: &Connection, id: u32) -> rusqlite::Result<Option<(String, i64)>> {
        let sql = match self.role {
            Role::Source => "select text, id from unit where id = ?1",
            Role::Target => "select text, unit_id from variant where id = ?1",
        };
        connection.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()
    }

    fn blocks(&mut self, memory: &Memory, length: usize) -> Result<&[Block], MemoryError> {
        if !self.blocks.contains_key(&length) {
            let mut blocks = Vec::new();
            for &generation in &self.generations {
                blocks.extend(self.block(memory, generation, length)?);
            }
            self.blocks.insert(length, blocks);
        }
        Ok(self.blocks.get(&length).map_or(&[], Vec::as_slice))
    }

    fn block(&self, memory: &Memory, generation: i64, length: usize) -> Result<Option<Block>, MemoryError> {
        let sql = "select texts, block from fuzzy_block
                   where generation_id = ?1 and locale_id = ?2 and length = ?3";
        let read = || -> rusqlite::Result<Option<_>> {
            memory
                .connection
                .prepare_cached(sql)?
                .query_row((generation, self.locale_id, length as i64), |row| {
                    let bytes = row.get_ref(1)?.as_blob()?;
                    Ok(Block::from_bytes(length, row.get::<_, u32>(0)? as usize, bytes))
                })
                .optional()
        };
        memory.at(read())?.transpose().map_err(|error| memory.foreign(error.to_string()))
    }
}

/// All sides that a lookup looks through, and the locales that it answers in.
pub(in crate::memory) struct Sides {
    sides: Vec<Side>,
    /// The locales by their ids.
    locales: HashMap<i64, Locale>,
    /// How SQLite counts what other connections have committed.
    version: i64,
}

impl Sides {
    pub fn load(memory: &Memory, options: &LookupOptions) -> Result<Sides, MemoryError> {
        let version = memory.at(version(&memory.connection))?;
        let locales = memory.locales()?;
        let mut all = Vec::new();
        for role in Role::BOTH {
            all.extend(sides_of(memory, role, &locales)?);
        }
        Ok(Sides { sides: chosen(all, options), locales, version })
    }

    /// Reads anew where another process has changed the memory.
    pub fn refresh(&mut self, memory: &Memory, options: &LookupOptions) -> Result<(), MemoryError> {
        if self.version != memory.at(version(&memory.connection))? {
            *self = Sides::load(memory, options)?;
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.sides.is_empty()
    }

    pub fn len(&self) -> usize {
        self.sides.len()
    }

    pub fn get(&self, side: usize) -> &Side {
        &self.sides[side]
    }

    pub fn locale(&self, id: i64) -> Option<&Locale> {
        self.locales.get(&id)
    }

    /// Reads all blocks.
    pub fn read_all(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        let sql = "select distinct length from fuzzy_block where generation_id = ?1 order by length";
        for side in &mut self.sides {
            for generation in side.generations.clone() {
                let read = || -> rusqlite::Result<Vec<usize>> {
                    let mut statement = memory.connection.prepare_cached(sql)?;
                    statement.query_map([generation], |row| row.get(0))?.collect()
                };
                for length in memory.at(read())? {
                    side.blocks(memory, length)?;
                }
            }
        }
        Ok(())
    }

    /// Gives the blocks of texts of a length, with the number of their side.
    pub fn for_each_block(
        &mut self,
        memory: &Memory,
        length: usize,
        mut visit: impl FnMut(&Block, usize),
    ) -> Result<(), MemoryError> {
        for (number, side) in self.sides.iter_mut().enumerate() {
            side.blocks(memory, length)?.iter().for_each(|block| visit(block, number));
            side.rest.get(&length).into_iter().for_each(|block| visit(block, number));
        }
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

/// Every side of a role that has texts.
fn sides_of(memory: &Memory, role: Role, locales: &HashMap<i64, Locale>) -> Result<Vec<Side>, MemoryError> {
    let covered = memory.at(covered(&memory.connection, role))?;
    let read = || -> rusqlite::Result<(Vec<i64>, BTreeMap<i64, BlockBuilder>)> {
        let connection = &memory.connection;
        let mut indexed = Vec::new();
        let sql = "select distinct locale_id from fuzzy_block where generation_id = ?1 order by locale_id";
        for generation in &covered.generations {
            let mut statement = connection.prepare_cached(sql)?;
            for locale in statement.query_map([generation], |row| row.get(0))? {
                indexed.push(locale?);
            }
        }
        let sql = format!("select id, locale_id, text from {} where id > ?1 order by id", role.table());
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([covered.upto])?;
        let mut rest: BTreeMap<i64, BlockBuilder> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let text = row.get_ref(2)?.as_str()?;
            rest.entry(row.get(1)?).or_default().add(row.get(0)?, text, &plain(text));
        }
        Ok((indexed, rest))
    };
    let (mut ids, mut rest) = memory.at(read())?;
    ids.extend(rest.keys());
    ids.sort_unstable();
    ids.dedup();
    let side = |locale_id| {
        let rest = rest.remove(&locale_id).unwrap_or_default();
        Some(Side {
            role,
            locale_id,
            locale: locales.get(&locale_id)?.clone(),
            fit: LocaleFit::Same,
            generations: covered.generations.clone(),
            blocks: HashMap::new(),
            rest: rest.finish().map(|block| (block.length(), block)).collect(),
        })
    };
    Ok(ids.into_iter().filter_map(side).collect())
}

/// The sides that the options ask from. Where they do not say, the source texts; and where those are asked for as the answer,
/// the target texts.
fn chosen(all: Vec<Side>, options: &LookupOptions) -> Vec<Side> {
    if let Some(from) = &options.from {
        let fitting = |mut side: Side| {
            side.fit = fit(from, &side.locale)?;
            Some(side)
        };
        return all.into_iter().filter_map(fitting).collect();
    }
    let answers = |side: &Side| options.to.as_ref().is_some_and(|to| fit(to, &side.locale).is_some());
    let (sources, targets): (Vec<Side>, Vec<Side>) =
        all.into_iter().filter(|side| !answers(side)).partition(|side| side.role == Role::Source);
    if sources.is_empty() { targets } else { sources }
}
