//! The text indexes, which queries and searches scan. They are built from the texts of units and variants.
//!
//! Ids are never reused and a text never changes, so a generation, which holds the texts with ids between two bounds, may contain
//! deleted texts but never wrong ones: an immutable segment, as in Lucene. The texts above the last bound are not indexed yet. An
//! import indexes them when it ends. If it dies before that, the next import does, or `bitext verify`; a query scans them.

mod build;

use rusqlite::{Connection, OptionalExtension};

use super::{Memory, MemoryError, schema};

/// The format of tokens, their codes and lists, and of folded texts. If it changes, the indexes of every memory are built again.
const FORMAT: i64 = 2;

/// The most texts in one generation, because building it needs about 400 bytes of memory for each text.
const LARGEST: i64 = 250_000;

/// The role of the texts of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum TextRole {
    /// Source texts, by the ids of their units.
    Source,
    /// Target texts, by the ids of their variants.
    Target,
}

impl TextRole {
    pub(super) const BOTH: [TextRole; 2] = [TextRole::Source, TextRole::Target];

    /// The value of `text_generation.role`.
    pub(super) fn number(self) -> i64 {
        match self {
            TextRole::Source => 0,
            TextRole::Target => 1,
        }
    }

    /// The table that holds the texts.
    pub(super) fn table(self) -> &'static str {
        match self {
            TextRole::Source => "unit",
            TextRole::Target => "variant",
        }
    }
}

/// A generation of an index: the texts with ids above `after` and up to `upto`.
#[derive(Clone, Copy, Debug)]
struct Generation {
    id: i64,
    after: i64,
    upto: i64,
    texts: i64,
}

/// What distinguishes a generation from another one, also from one with the same id in another copy of the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GenerationMark {
    pub id: i64,
    after: i64,
    upto: i64,
    texts: i64,
    /// The text with the id `upto`; `None` if it was deleted.
    last: Option<String>,
}

/// The generations of one role, and the id above which no text is indexed.
pub(super) struct Covered {
    /// The ids of the generations.
    pub generations: Vec<i64>,
    /// What distinguishes each of them.
    pub marks: Vec<GenerationMark>,
    /// No text above this id is indexed.
    pub upto: i64,
}

/// The generations of one role; none if there is a gap between them. Those of another format are ignored.
pub(super) fn covered(connection: &Connection, role: TextRole) -> rusqlite::Result<Covered> {
    let generations = generations(connection, role)?;
    let upto = generations.last().map_or(0, |last| last.upto);
    let sql = format!("select text from {} where id = ?1", role.table());
    let mut text = connection.prepare_cached(&sql)?;
    let mut marks = Vec::with_capacity(generations.len());
    for &Generation { id, after, upto, texts } in &generations {
        let last = text.query_row([upto], |row| row.get(0)).optional()?;
        marks.push(GenerationMark { id, after, upto, texts, last });
    }
    Ok(Covered { generations: generations.iter().map(|generation| generation.id).collect(), marks, upto })
}

fn generations(connection: &Connection, role: TextRole) -> rusqlite::Result<Vec<Generation>> {
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

impl Memory {
    /// The number of texts that are not indexed yet, because an import died before it indexed them, or is running.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn texts_not_indexed(&self) -> Result<u64, MemoryError> {
        let count = || -> rusqlite::Result<u64> {
            TextRole::BOTH.iter().try_fold(0, |sum, &role| {
                let upto = covered(&self.connection, role)?.upto;
                let sql = format!("select count(*) from {} where id > ?1", role.table());
                let count: u64 = self.connection.prepare_cached(&sql)?.query_row([upto], |row| row.get(0))?;
                Ok(sum + count)
            })
        };
        self.at(count())
    }

    /// Whether all texts are indexed and all indexes exist.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn indexes_are_complete(&self) -> Result<bool, MemoryError> {
        Ok(self.at(schema::has_deferred_indexes(&self.connection))? && self.texts_not_indexed()? == 0)
    }

    /// Creates and completes all indexes of a memory that [`Memory::open_or_create`] opened. Does not wait for another writer.
    ///
    /// # Errors
    /// If the memory cannot be written to, or another process is writing to it.
    pub fn mend_indexes(&mut self) -> Result<(), MemoryError> {
        let mend = || -> rusqlite::Result<()> {
            self.connection.busy_timeout(std::time::Duration::ZERO)?;
            schema::create_deferred_indexes(&self.connection)?;
            refresh(&self.connection)?;
            self.connection.busy_timeout(super::BUSY_TIMEOUT)
        };
        self.at(mend())
    }
}

/// Indexes the texts that are not indexed yet, in a transaction of its own.
pub(super) fn refresh(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("begin immediate")?;
    let refreshed = || -> rusqlite::Result<()> {
        schema::create_index_tables(connection)?;
        let mut wanted = Vec::new();
        for role in TextRole::BOTH {
            wanted.extend(wanted_generations(connection, role)?);
        }
        build::build(connection, &wanted)
    };
    match refreshed() {
        Ok(()) => connection.execute_batch("commit"),
        Err(error) => {
            // The first error is the one to report.
            let _ = connection.execute_batch("rollback");
            Err(error)
        }
    }
}

/// A generation to build: the texts above an id and up to another.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    role: TextRole,
    after: i64,
    upto: i64,
    texts: i64,
}

/// Size-tiered merging, as in LSM trees and in Lucene's `TieredMergePolicy`: the new texts and the last generations form one new
/// generation as long as the next older one is at most twice as large. So there are few generations, and a text is indexed few
/// times. Removes the generations that are merged, and returns those to build.
fn wanted_generations(connection: &Connection, role: TextRole) -> rusqlite::Result<Vec<Wanted>> {
    let mut kept = generations(connection, role)?;
    let count = |sql: String, after: i64| -> rusqlite::Result<i64> {
        connection.query_row(&sql, [after], |row| row.get(0))
    };
    let table = role.table();
    let living = count(format!("select count(*) from {table} where ?1 = 0"), 0)?;
    let indexed: i64 = kept.iter().map(|generation| generation.texts).sum();
    let covered = kept.last().map_or(0, |last| last.upto);
    let new = count(format!("select count(*) from {table} where id > ?1"), covered)?;
    // Deleted texts cost time in every search. If they are a third, all generations are built again.
    let deleted = indexed - (living - new);
    if deleted > 1000 + living / 3 {
        kept.clear();
    }
    if new == 0 && !kept.is_empty() || living == 0 && kept.is_empty() {
        drop_all_but(connection, role, &kept)?;
        return Ok(Vec::new());
    }
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

/// Removes all generations of one role except for these, also those of other formats.
fn drop_all_but(connection: &Connection, role: TextRole, kept: &[Generation]) -> rusqlite::Result<()> {
    let sql = "select id from text_generation where role = ?1 order by id";
    let all: Vec<i64> = connection
        .prepare_cached(sql)?
        .query_map([role.number()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in all.into_iter().filter(|&id| kept.iter().all(|kept| kept.id != id)) {
        for sql in [
            "delete from fuzzy_block where generation_id = ?1",
            "delete from fuzzy_lists where generation_id = ?1",
            "delete from fuzzy_order where generation_id = ?1",
            "delete from concordance_block where generation_id = ?1",
            "delete from text_generation where id = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([id])?;
        }
    }
    Ok(())
}
