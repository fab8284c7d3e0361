//! The text indexes: the fuzzy index and the concordance index. They are built from the texts of units and variants.
//!
//! Ids are never reused and a text never changes, so a generation, which holds the texts with ids between two bounds, may contain
//! deleted texts but never wrong ones: an immutable segment, as in Lucene. The texts above the last bound are not indexed yet. An
//! import indexes them when it ends. If it dies before that, the next import does, or `bitext verify`; a query scans them.

mod build;

use rusqlite::{Connection, OptionalExtension};

use super::{Memory, MemoryError, schema};

/// A text index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IndexKind {
    /// Finds similar texts.
    Fuzzy,
    /// Finds texts with a phrase.
    Concordance,
}

impl IndexKind {
    /// The table of its generations.
    fn table(self) -> &'static str {
        match self {
            IndexKind::Fuzzy => "fuzzy_generation",
            IndexKind::Concordance => "text_generation",
        }
    }

    /// The number of its format. If it changes, the index of every memory is built again.
    fn format(self) -> i64 {
        match self {
            // Of tokens, their codes, and lists.
            IndexKind::Fuzzy => 4,
            // Of folded texts.
            IndexKind::Concordance => 3,
        }
    }

    /// The tables that hold its generations, the generations themselves last.
    fn tables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            IndexKind::Fuzzy => &[
                ("fuzzy_part", "generation_id"),
                ("fuzzy_lists", "generation_id"),
                ("fuzzy_frequent", "generation_id"),
                ("fuzzy_order", "generation_id"),
                ("fuzzy_generation", "id"),
            ],
            IndexKind::Concordance => &[("concordance_block", "generation_id"), ("text_generation", "id")],
        }
    }
}

/// The most texts of which text indexes are built at once, because it needs about 400 bytes of memory for each text. It is also the
/// largest generation of the concordance index.
const LARGEST: i64 = 250_000;

/// The most texts in a generation of the fuzzy index. They are merged from smaller ones, which needs 20 bytes for each text.
const LARGEST_FUZZY: i64 = 4_000_000;

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
pub(super) struct Generation {
    pub id: i64,
    after: i64,
    upto: i64,
    texts: i64,
}

/// What distinguishes a generation from another one, also from one with the same id in another copy of the memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct GenerationMark {
    pub id: i64,
    after: i64,
    upto: i64,
    texts: i64,
    /// The text with the id `upto`; `None` if it was deleted.
    last: Option<String>,
}

#[cfg(test)]
impl GenerationMark {
    pub(super) fn for_test(id: i64) -> GenerationMark {
        GenerationMark { id, after: 0, upto: 1, texts: 1, last: None }
    }
}

/// The generations of an index in one role, and the id above which no text is indexed.
pub(super) struct Covered {
    /// The generations, by ascending ids of their texts.
    pub generations: Vec<Generation>,
    /// No text above this id is indexed.
    pub upto: i64,
}

/// The generations of an index in one role; none if there is a gap between them. Those of another format are ignored.
pub(super) fn covered(connection: &Connection, kind: IndexKind, role: TextRole) -> rusqlite::Result<Covered> {
    let generations = generations(connection, kind, role)?;
    let upto = generations.last().map_or(0, |last| last.upto);
    Ok(Covered { generations, upto })
}

/// No text above this id is in both indexes.
fn indexed_upto(connection: &Connection, role: TextRole) -> rusqlite::Result<i64> {
    let fuzzy = covered(connection, IndexKind::Fuzzy, role)?.upto;
    Ok(fuzzy.min(covered(connection, IndexKind::Concordance, role)?.upto))
}

/// What distinguishes each of the generations of a role.
pub(super) fn marks(
    connection: &Connection,
    role: TextRole,
    generations: &[Generation],
) -> rusqlite::Result<Vec<GenerationMark>> {
    let sql = format!("select text from {} where id = ?1", role.table());
    let mut text = connection.prepare_cached(&sql)?;
    let mark = |&Generation { id, after, upto, texts }: &Generation| {
        let last = text.query_row([upto], |row| row.get(0)).optional()?;
        Ok(GenerationMark { id, after, upto, texts, last })
    };
    generations.iter().map(mark).collect()
}

fn generations(
    connection: &Connection,
    kind: IndexKind,
    role: TextRole,
) -> rusqlite::Result<Vec<Generation>> {
    // A memory of an earlier version lacks tables of the fuzzy index.
    if !schema::exists(connection, kind.table())? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select id, after, upto, texts from {} where role = ?1 and format = ?2 order by after, id",
        kind.table()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let columns = |row: &rusqlite::Row<'_>| {
        Ok(Generation { id: row.get(0)?, after: row.get(1)?, upto: row.get(2)?, texts: row.get(3)? })
    };
    let found = statement.query_map((role.number(), kind.format()), columns)?;
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
    /// The number of texts that one of the indexes lacks, because an import died before it indexed them, or is running.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn texts_not_indexed(&self) -> Result<u64, MemoryError> {
        let count = || -> rusqlite::Result<u64> {
            TextRole::BOTH.iter().try_fold(0, |sum, &role| {
                let upto = indexed_upto(&self.connection, role)?;
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
    refresh_roles(connection, &TextRole::BOTH, Merging::Tiers)
}

/// Does so for each role with at least `fewest` such texts while an import runs, which then ends with [`refresh`]. Until then
/// searches compare these texts one by one.
pub(super) fn refresh_meanwhile(connection: &Connection, fewest: i64) -> rusqlite::Result<()> {
    let new = |role: TextRole| -> rusqlite::Result<i64> {
        let sql = format!("select coalesce(max(id), 0) - ?1 from {}", role.table());
        connection.prepare_cached(&sql)?.query_row([indexed_upto(connection, role)?], |row| row.get(0))
    };
    let mut roles = Vec::new();
    for role in TextRole::BOTH {
        if new(role)? >= fewest {
            roles.push(role);
        }
    }
    if roles.is_empty() { Ok(()) } else { refresh_roles(connection, &roles, Merging::None) }
}

/// Which generations become one with the new texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Merging {
    /// As many as [`Plan::of`] finds.
    Tiers,
    /// None: the import goes on, and merges them at its end.
    None,
}

fn refresh_roles(connection: &Connection, roles: &[TextRole], merging: Merging) -> rusqlite::Result<()> {
    connection.execute_batch("begin immediate")?;
    let refreshed = || -> rusqlite::Result<()> {
        schema::create_index_tables(connection)?;
        roles.iter().try_for_each(|&role| refresh_role(connection, role, merging))
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

fn refresh_role(connection: &Connection, role: TextRole, merging: Merging) -> rusqlite::Result<()> {
    let living: i64 =
        connection.query_row(&format!("select count(*) from {}", role.table()), [], |row| row.get(0))?;
    let concordance = Plan::of(connection, IndexKind::Concordance, role, (living, merging))?;
    let fuzzy = Plan::of(connection, IndexKind::Fuzzy, role, (living, merging))?;
    // The concordance index is built from the texts of the generations that it merges, too. The fuzzy index merges their blocks.
    let concordance_after = concordance.as_ref().map(Plan::first);
    let mut fuzzy_after = fuzzy.as_ref().map(|plan| plan.after);
    let Some(first) = concordance_after.into_iter().chain(fuzzy_after).min() else { return Ok(()) };
    // The texts that the fuzzy index alone lacks come before those of both.
    let both = concordance_after.unwrap_or(i64::MAX);
    let mut new = Vec::new();
    for (mut after, end) in [(first, both), (both, i64::MAX)] {
        while let Some((texts, upto)) = next_texts(connection, role, after, end)? {
            let fuzzy_after = fuzzy_after.as_mut().filter(|after| **after < upto);
            let wanted = Wanted {
                role,
                after,
                upto,
                texts,
                concordance: after >= both,
                fuzzy_after: fuzzy_after.map(|after| std::mem::replace(after, upto)),
            };
            new.extend(build::build(connection, &wanted)?);
            after = upto;
        }
    }
    for merged in concordance.iter().flat_map(|plan| &plan.merged) {
        drop_generation(connection, IndexKind::Concordance, merged.id)?;
    }
    let mut sources = fuzzy.map(|plan| plan.merged).unwrap_or_default();
    sources.extend(new);
    build::merge(connection, role, sources)
}

/// How many texts there are above an id, at most [`LARGEST`] and none above `end`, and the highest of their ids.
fn next_texts(
    connection: &Connection,
    role: TextRole,
    after: i64,
    end: i64,
) -> rusqlite::Result<Option<(i64, i64)>> {
    let sql = format!(
        "select count(*), coalesce(max(id), 0) from
             (select id from {} where id > ?1 and id <= ?2 order by id limit {LARGEST})",
        role.table()
    );
    let (texts, upto) =
        connection.prepare_cached(&sql)?.query_row((after, end), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((texts > 0).then_some((texts, upto)))
}

/// Texts to index: those above an id and up to another.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    role: TextRole,
    after: i64,
    upto: i64,
    texts: i64,
    /// Whether they become a generation of the concordance index.
    concordance: bool,
    /// Those above this id become one of the fuzzy index.
    fuzzy_after: Option<i64>,
}

/// What becomes of the generations of an index when there are new texts.
struct Plan {
    /// The texts above this id are new.
    after: i64,
    /// The last generations, which become one with the new texts.
    merged: Vec<Generation>,
}

impl Plan {
    /// Size-tiered merging, as in LSM trees and in Lucene's `TieredMergePolicy`: the new texts and the last generations form one new
    /// generation as long as the next older one is at most twice as large. So there are few generations, and a text is indexed few
    /// times. Removes the generations that are of no use any more; `None` if there is nothing to do. `living` is the number of texts.
    fn of(
        connection: &Connection,
        kind: IndexKind,
        role: TextRole,
        (living, merging): (i64, Merging),
    ) -> rusqlite::Result<Option<Plan>> {
        let mut kept = generations(connection, kind, role)?;
        let indexed: i64 = kept.iter().map(|generation| generation.texts).sum();
        let covered = kept.last().map_or(0, |last| last.upto);
        let sql = format!("select count(*) from {} where id > ?1", role.table());
        let new: i64 = connection.query_row(&sql, [covered], |row| row.get(0))?;
        // Deleted texts cost time in every search. If they are a third, all generations are built again.
        let deleted = indexed - (living - new);
        let merges = merging == Merging::Tiers;
        let rebuilt = merges && deleted > 1000 + living / 3;
        if rebuilt {
            kept.clear();
        }
        drop_all_but(connection, kind, role, &kept)?;
        if new == 0 && !rebuilt || living == 0 {
            return Ok(None);
        }
        let after = kept.last().map_or(0, |last| last.upto);
        let largest = match kind {
            IndexKind::Fuzzy => LARGEST_FUZZY,
            IndexKind::Concordance => LARGEST,
        };
        let mut size = if rebuilt { living } else { new };
        let mut merged = Vec::new();
        while merges && let Some(last) = kept.pop_if(|last| last.texts <= 2 * size && last.texts < largest) {
            size += last.texts;
            merged.push(last);
        }
        merged.reverse();
        Ok(Some(Plan { after, merged }))
    }

    /// The texts above this id are in a new generation.
    fn first(&self) -> i64 {
        self.merged.first().map_or(self.after, |first| first.after)
    }
}

/// Removes all generations of one role except for these, also those of other formats.
fn drop_all_but(
    connection: &Connection,
    kind: IndexKind,
    role: TextRole,
    kept: &[Generation],
) -> rusqlite::Result<()> {
    let sql = format!("select id from {} where role = ?1 order by id", kind.table());
    let all: Vec<i64> = connection
        .prepare_cached(&sql)?
        .query_map([role.number()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut dropped = all.into_iter().filter(|&id| kept.iter().all(|kept| kept.id != id));
    dropped.try_for_each(|id| drop_generation(connection, kind, id))
}

fn drop_generation(connection: &Connection, kind: IndexKind, id: i64) -> rusqlite::Result<()> {
    for (table, column) in kind.tables() {
        connection.prepare_cached(&format!("delete from {table} where {column} = ?1"))?.execute([id])?;
    }
    Ok(())
}
