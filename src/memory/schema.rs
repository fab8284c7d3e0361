//! The schema of a memory's file: its text, its revision, and the indexes that an import into an empty memory creates last.

use rusqlite::Connection;

/// The tables, indexes and views.
pub(super) const SCHEMA: &str = include_str!("../../schema.sql");
/// `bitx`: in the header of every memory, so that it differs from any other SQLite file.
pub(super) const APPLICATION_ID: i32 = 0x6269_7478;
/// The revision of the tables that this program knows.
pub(super) const VERSION: i32 = 1;

/// Indexes whose order has nothing to do with that in which an import adds rows. An import into an empty memory drops them, and
/// creates them when all rows are there: to sort once takes half the time.
const DEFERRED_INDEXES: [&str; 2] = ["segment_by_variant", "unit_by_hash"];

/// Drops the deferred indexes.
pub(super) fn drop_deferred_indexes(memory: &Connection) -> rusqlite::Result<()> {
    remove_places(memory)?;
    DEFERRED_INDEXES
        .iter()
        .try_for_each(|index| memory.execute_batch(&format!("drop index if exists {index}")))
}

/// Creates those of the deferred indexes that do not exist.
pub(super) fn create_deferred_indexes(memory: &Connection) -> rusqlite::Result<()> {
    remove_places(memory)?;
    for index in DEFERRED_INDEXES {
        if has_index(memory, index)? {
            continue;
        }
        let create = SCHEMA
            .split(';')
            .filter_map(|statement| statement.find("create index").map(|at| &statement[at..]))
            .find(|statement| statement.contains(index))
            .unwrap_or_default();
        memory.execute_batch(create)?;
    }
    Ok(())
}

/// Whether the deferred indexes exist. They do not during an import into an empty memory, nor after one that died.
pub(super) fn has_deferred_indexes(memory: &Connection) -> rusqlite::Result<bool> {
    DEFERRED_INDEXES.iter().try_fold(true, |all, index| Ok(all && has_index(memory, index)?))
}

fn has_index(memory: &Connection, name: &str) -> rusqlite::Result<bool> {
    let exists = "select exists (select 1 from sqlite_schema where type = 'index' and name = ?1)";
    memory.query_row(exists, [name], |row| row.get(0))
}

/// Makes the places of a variant readable by its id, if the index for it does not exist yet. Without it every look-up would cost a
/// pass over all segments. A copy of the places, in this order, goes to a temporary table: the memory itself is not written to.
///
/// A temporary view with the name of the table hides the table on this connection, so that queries need not know of it.
pub(super) fn provide_places(memory: &Connection) -> rusqlite::Result<()> {
    remove_places(memory)?;
    if has_index(memory, "segment_by_variant")? {
        return Ok(());
    }
    memory.execute_batch(
        "create temp table place_of_variant (
             variant_id  integer not null,
             document_id integer not null,
             position    integer not null,
             primary key (variant_id, document_id, position)
         ) without rowid;
         insert into temp.place_of_variant
             select variant_id, document_id, position from main.segment order by 1, 2, 3;
         create temp view segment as
             select place.variant_id, place.document_id, place.position, row.number, row.kind, row.line, row.id
             from temp.place_of_variant as place
             join main.segment as row using (variant_id, document_id, position)",
    )
}

/// Removes what [`provide_places`] made. A connection that writes, or makes the index, needs the table itself.
fn remove_places(memory: &Connection) -> rusqlite::Result<()> {
    memory.execute_batch("drop view if exists temp.segment; drop table if exists temp.place_of_variant")
}
