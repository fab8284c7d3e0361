//! How the memory's file is written to while an import is under way.

use rusqlite::Connection;

use crate::memory::SCHEMA;

/// Makes the file ready and begins the first batch. Gives whether the memory is empty.
pub(super) fn begin(memory: &Connection, dry_run: bool) -> rusqlite::Result<bool> {
    let is_empty = || -> rusqlite::Result<bool> {
        memory.query_row("select not exists (select 1 from segment)", [], |row| row.get(0))
    };
    if !dry_run {
        // Readers go on reading what was there before the batch. Where that is nothing, a rollback journal writes half as much:
        // what is new needs no copy to be undone.
        set_journal(memory, if is_empty()? { "delete" } else { "wal" })?;
        memory.pragma_update(None, "synchronous", "normal")?;
        memory.pragma_update(None, "wal_autocheckpoint", 8_000)?;
    }
    memory.execute_batch("begin immediate")?;
    let empty = is_empty()?;
    // What is only added to needs little room.
    set_room(memory, if empty { 16 } else { 64 })?;
    // Into an empty memory all is written first and sorted once: half the time. Nothing is looked up in it meanwhile.
    if empty {
        for index in LATE_INDEXES {
            memory.execute_batch(&format!("drop index if exists {index}"))?;
        }
    } else {
        create_late_indexes(memory)?;
    }
    Ok(empty)
}

/// Leaves the room to what is made of the texts: pages are written once from here on.
pub(super) fn give_room(memory: &Connection) -> rusqlite::Result<()> {
    set_room(memory, 4)
}

/// Back to one file, as it is kept and copied.
pub(super) fn end(memory: &Connection) -> rusqlite::Result<()> {
    set_journal(memory, "delete")
}

/// How many MiB of pages are kept at hand.
fn set_room(memory: &Connection, mebibytes: i64) -> rusqlite::Result<()> {
    memory.pragma_update(None, "cache_size", -(mebibytes << 10))
}

/// Says how the memory is kept whole while it is written to. Where somebody else reads or writes just now, that stays as it is:
/// a log is tidied up by SQLite when the last of them is done.
fn set_journal(memory: &Connection, mode: &str) -> rusqlite::Result<()> {
    let set = memory.query_row(&format!("pragma journal_mode = {mode}"), [], |row| row.get::<_, String>(0));
    match set {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => Ok(()),
        set => set.map(|_| ()),
    }
}

/// Indexes whose order has nothing to do with that in which rows come.
const LATE_INDEXES: [&str; 2] = ["segment_by_variant", "unit_by_hash"];

/// Creates those of the schema's indexes that an import into an empty memory leaves for the end, where they are not there.
pub(in crate::memory) fn create_late_indexes(memory: &Connection) -> rusqlite::Result<()> {
    for index in LATE_INDEXES {
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

fn has_index(memory: &Connection, name: &str) -> rusqlite::Result<bool> {
    let there = "select exists (select 1 from sqlite_schema where type = 'index' and name = ?1)";
    memory.query_row(there, [name], |row| row.get(0))
}
