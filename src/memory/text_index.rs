//! The text indexes: what queries and searches look through, made from the texts of units and variants and kept with them.
//!
//! Ids are never given twice and texts never change under their id. So a generation, which holds all texts whose ids lay between
//! two bounds, can become superfluous in part but never wrong, and what no generation holds shows by its id. That is what is
//! indexed at the end of an import, and what a query finds that comes after an import that died.

mod build;

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::{Memory, MemoryError};

/// What tokens, signatures and folded texts are like. Another number here, and every memory's indexes are made anew.
const FORMAT: i64 = 1;

/// Texts of one generation at the most: what is being made lies in memory until it is written, some 400 bytes a text.
const LARGEST: i64 = 250_000;

/// Which texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Role {
    /// Source texts, by the ids of their units.
    Source,
    /// Target texts, by the ids of their variants.
    Target,
}

impl Role {
    pub(super) const BOTH: [Role; 2] = [Role::Source, Role::Target];

    /// As the schema numbers it.
    pub(super) fn number(self) -> i64 {
        match self {
            Role::Source => 0,
            Role::Target => 1,
        }
    }

    /// The table that holds the texts.
    pub(super) fn table(self) -> &'static str {
        match self {
            Role::Source => "unit",
            Role::Target => "variant",
        }
    }
}

/// A generation of an index.
#[derive(Clone, Copy, Debug)]
struct Generation {
    id: i64,
    after: i64,
    upto: i64,
    texts: i64,
}

/// The generations of a role, and the id above which texts are in none.
pub(super) struct Covered {
    /// The ids of the generations.
    pub generations: Vec<i64>,
    /// No text above this id is indexed.
    pub upto: i64,
}

/// What is indexed of a role. Generations that do not follow one another, or are of another format, count for nothing.
pub(super) fn covered(connection: &Connection, role: Role) -> rusqlite::Result<Covered> {
    let generations = generations(connection, role)?;
    let upto = generations.last().map_or(0, |last| last.upto);
    Ok(Covered { generations: generations.iter().map(|generation| generation.id).collect(), upto })
}

fn generations(connection: &Connection, role: Role) -> rusqlite::Result<Vec<Generation>> {
    let sql = "select id, after, upto, texts from text_generation
               where role = ?1 and format = ?2 order by after, id";
    let mut statement = connection.prepare_cached(sql)?;
    let columns = |row: &rusqlite::Row<'_>| {
        Ok(Generation { id: row.get(0)?, after: row.get(1)?, upto: row.get(2)?, texts: row.get(3)? })
    };
    let found = statement.query_map((role.number(), FORMAT), columns)?;
    let mut generations: Vec<Generation> = Vec::new();
    for generation in found {
        let generation = generation?;
        let expected = generations.last().map_or(0, |last| last.upto);
        if generation.after != expected {
            return Ok(Vec::new());
        }
        generations.push(generation);
    }
    Ok(generations)
}

/// Fewer texts than these are looked through as they are in no time.
const FEW: u64 = 2_000;

impl Memory {
    /// Opens a memory to look texts up in it. Where an import died before it came to the text indexes, they are mended, if this
    /// process may write and no other does just now; else what is not indexed is read whole, and nothing is missed.
    ///
    /// # Errors
    /// As [`Memory::open`].
    pub fn open_indexed(path: &Path) -> Result<Memory, MemoryError> {
        let memory = Memory::open(path)?;
        if memory.texts_not_indexed()? <= FEW {
            return Ok(memory);
        }
        drop(memory);
        let mend = || -> Result<(), MemoryError> {
            let mut memory = Memory::open_or_create(path)?;
            memory.at(memory.connection.busy_timeout(Duration::ZERO))?;
            memory.refresh_indexes()
        };
        match mend() {
            // Whoever may not write can read all the same.
            Ok(()) | Err(_) => Memory::open(path),
        }
    }

    /// How many texts no index holds yet: an import died before it came to that, or is under way.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn texts_not_indexed(&self) -> Result<u64, MemoryError> {
        let count = || -> rusqlite::Result<u64> {
            Role::BOTH.iter().try_fold(0, |sum, &role| {
                let upto = covered(&self.connection, role)?.upto;
                let sql = format!("select count(*) from {} where id > ?1", role.table());
                let count: u64 = self.connection.prepare_cached(&sql)?.query_row([upto], |row| row.get(0))?;
                Ok(sum + count)
            })
        };
        self.at(count())
    }

    /// Brings the text indexes up to date, for a memory that [`Memory::open_or_create`] opened.
    ///
    /// # Errors
    /// Where the memory cannot be written to.
    pub fn refresh_indexes(&mut self) -> Result<(), MemoryError> {
        let connection = &self.connection;
        // Without the index of the places of variants, every match would cost a reading of all segments.
        let refreshed = super::import::create_late_indexes(connection).and_then(|()| refresh(connection));
        self.at(refreshed)
    }
}

/// Indexes what is in no index, in a transaction of its own.
pub(super) fn refresh(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("begin immediate")?;
    let refreshed = || -> rusqlite::Result<()> {
        let mut wanted = Vec::new();
        for role in Role::BOTH {
            wanted.extend(wanted_generations(connection, role)?);
        }
        build::build(connection, wanted)
    };
    match refreshed() {
        Ok(()) => connection.execute_batch("commit"),
        Err(error) => {
            // What failed first is what is told.
            let _ = connection.execute_batch("rollback");
            Err(error)
        }
    }
}

/// A generation that is to be made: the texts above an id and up to another.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    role: Role,
    after: i64,
    upto: i64,
    texts: i64,
}

/// Removes the generations of a role that are not to be kept, and says which are to be made.
fn wanted_generations(connection: &Connection, role: Role) -> rusqlite::Result<Vec<Wanted>> {
    let mut kept = generations(connection, role)?;
    let count = |sql: String, after: i64| -> rusqlite::Result<i64> {
        connection.query_row(&sql, [after], |row| row.get(0))
    };
    let table = role.table();
    let living = count(format!("select count(*) from {table} where ?1 = 0"), 0)?;
    let indexed: i64 = kept.iter().map(|generation| generation.texts).sum();
    let covered = kept.last().map_or(0, |last| last.upto);
    let new = count(format!("select count(*) from {table} where id > ?1"), covered)?;
    // What is gone costs time in every search; a third of it is too much.
    let gone = indexed - (living - new);
    if gone > 1000 + living / 3 {
        kept.clear();
    }
    if new == 0 && !kept.is_empty() || living == 0 && kept.is_empty() {
        drop_all_but(connection, role, &kept)?;
        return Ok(Vec::new());
    }
    // A generation joins one that is not much larger, so there are ever few, and a text is indexed few times.
    let mut size = new;
    while let Some(last) = kept.last().filter(|last| last.texts <= 2 * size && last.texts < LARGEST) {
        size += last.texts;
        kept.pop();
    }
    drop_all_but(connection, role, &kept)?;
    let mut after = kept.last().map_or(0, |last| last.upto);
    let mut wanted = Vec::new();
    loop {
        let bounds = format!(
            "select count(*), coalesce(max(id), 0) from
                 (select id from {table} where id > ?1 order by id limit {LARGEST})"
        );
        let (texts, upto): (i64, i64) =
            connection.prepare_cached(&bounds)?.query_row([after], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if texts == 0 {
            return Ok(wanted);
        }
        wanted.push(Wanted { role, after, upto, texts });
        after = upto;
    }
}

/// Removes the generations of a role but for these, those of other formats too.
fn drop_all_but(connection: &Connection, role: Role, kept: &[Generation]) -> rusqlite::Result<()> {
    let sql = "select id from text_generation where role = ?1 order by id";
    let all: Vec<i64> = connection
        .prepare_cached(sql)?
        .query_map([role.number()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in all.into_iter().filter(|&id| kept.iter().all(|kept| kept.id != id)) {
        for sql in [
            "delete from fuzzy_block where generation_id = ?1",
            "delete from concordance_block where generation_id = ?1",
            "delete from text_generation where id = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([id])?;
        }
    }
    Ok(())
}
