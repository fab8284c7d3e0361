//! How the memory's file is written to while an import is under way.

use rusqlite::Connection;

use crate::memory::schema::{create_deferred_indexes, drop_deferred_indexes};

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
    set_cache_size(memory, if empty { 16 } else { 64 })?;
    // Into an empty memory all is written first and sorted once: half the time. Nothing is looked up in it meanwhile.
    if empty {
        drop_deferred_indexes(memory)?;
    } else {
        create_deferred_indexes(memory)?;
    }
    Ok(empty)
}

/// Leaves the room to what is made of the texts: pages are written once from here on.
pub(super) fn shrink_cache(memory: &Connection) -> rusqlite::Result<()> {
    set_cache_size(memory, 4)
}

/// Back to one file, as it is kept and copied.
pub(super) fn end(memory: &Connection) -> rusqlite::Result<()> {
    set_journal(memory, "delete")
}

/// How many MiB of pages are kept at hand.
fn set_cache_size(memory: &Connection, mebibytes: i64) -> rusqlite::Result<()> {
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
