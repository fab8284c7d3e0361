//! Journal mode, cache size and indexes of the memory's file during an import.

use rusqlite::Connection;

use crate::memory::schema::{create_deferred_indexes, drop_deferred_indexes};

/// Sets up the file and begins the first batch. Returns whether the memory is empty.
pub(super) fn begin(memory: &Connection, dry_run: bool) -> rusqlite::Result<bool> {
    let is_empty = || -> rusqlite::Result<bool> {
        memory.query_row("select not exists (select 1 from segment)", [], |row| row.get(0))
    };
    if !dry_run {
        // A write-ahead log: others can read the memory meanwhile. An empty one has no readers, and a rollback journal writes half
        // as much, because new pages need no copy to be rolled back.
        set_journal(memory, if is_empty()? { "delete" } else { "wal" })?;
        memory.pragma_update(None, "synchronous", "normal")?;
        memory.pragma_update(None, "wal_autocheckpoint", 8_000)?;
    }
    memory.execute_batch("begin immediate")?;
    let empty = is_empty()?;
    // An import that only adds rows needs a small cache.
    set_cache_size(memory, if empty { 16 } else { 64 })?;
    // An import into an empty memory looks nothing up in these indexes.
    if empty {
        drop_deferred_indexes(memory)?;
    } else {
        create_deferred_indexes(memory)?;
    }
    Ok(empty)
}

/// Begins a transaction that is on the disk when it has been committed. Others can read the memory meanwhile.
pub(super) fn begin_durable(memory: &Connection) -> rusqlite::Result<()> {
    set_journal(memory, "wal")?;
    memory.pragma_update(None, "synchronous", "full")?;
    memory.execute_batch("begin immediate")
}

/// Shrinks the page cache before the text indexes are built: they need memory themselves, and write each page once.
pub(super) fn shrink_cache(memory: &Connection) -> rusqlite::Result<()> {
    set_cache_size(memory, 4)
}

/// Sets the journal mode back, so that the memory is one file without a log, which can be copied.
pub(super) fn end(memory: &Connection) -> rusqlite::Result<()> {
    set_journal(memory, "delete")
}

/// Sets the size of the page cache in MiB.
fn set_cache_size(memory: &Connection, mebibytes: i64) -> rusqlite::Result<()> {
    memory.pragma_update(None, "cache_size", -(mebibytes << 10))
}

/// Sets the journal mode. If another process is using the memory, it stays as it is: SQLite removes the log when the last one is
/// done.
fn set_journal(memory: &Connection, mode: &str) -> rusqlite::Result<()> {
    let set = memory.query_row(&format!("pragma journal_mode = {mode}"), [], |row| row.get::<_, String>(0));
    match set {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => Ok(()),
        set => set.map(|_| ()),
    }
}
