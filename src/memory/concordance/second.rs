//! Reads with a second connection on a second thread: a pass over an index takes its time in SQLite, which uses one thread for a
//! connection.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::memory::{Memory, set_up};
use crate::parallel::available_threads;

impl Memory {
    /// Calls `read` with each part, on two threads if possible, and returns the results in no particular order.
    ///
    /// This memory must be in a transaction that has read something. So its file does not change, and both connections read the
    /// same state. They might not if the memory has a write-ahead log, which grows meanwhile; then there is one thread.
    pub(super) fn read_parts<P: Sync, T: Send>(
        &self,
        parts: &[P],
        read: impl Fn(&Connection, &P) -> rusqlite::Result<T> + Sync,
    ) -> rusqlite::Result<Vec<T>> {
        let next = AtomicUsize::new(0);
        let run = |connection: &Connection| -> rusqlite::Result<Vec<T>> {
            let parts = std::iter::from_fn(|| parts.get(next.fetch_add(1, Ordering::Relaxed)));
            parts.map(|part| read(connection, part)).collect()
        };
        let wants_second = parts.len() > 1 && available_threads() > 1;
        let Some(second) = wants_second.then(|| self.second_connection()).flatten() else {
            return run(&self.connection);
        };
        std::thread::scope(|scope| {
            let run = &run;
            let other = scope.spawn(move || run(&second));
            let mut results = run(&self.connection)?;
            results.extend(other.join().expect("the thread panics only if SQLite does")?);
            Ok(results)
        })
    }

    /// A second connection that reads the same state, if there can be one.
    fn second_connection(&self) -> Option<Connection> {
        let has_file_only = || -> rusqlite::Result<bool> {
            let mode: String = self.connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            // Temporary places of variants are visible to the first connection only.
            let temporary: bool =
                self.connection
                    .query_row("select exists (select 1 from temp.sqlite_schema)", [], |row| row.get(0))?;
            Ok(mode == "delete" && !temporary)
        };
        if !has_file_only().unwrap_or(false) || self.connection.is_autocommit() {
            return None;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || -> rusqlite::Result<Connection> {
            let second = Connection::open_with_flags(&self.path, flags)?;
            // A writer that waits for the first connection lets no other begin to read. To wait for it would take for ever.
            second.busy_timeout(Duration::ZERO)?;
            set_up(&second)?;
            second.pragma_update(None, "mmap_size", 1_i64 << 32)?;
            second.execute_batch("begin; select 1 from sqlite_schema limit 1")?;
            Ok(second)
        };
        open().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_are_read_with_one_connection_and_with_two() {
        let folder = tempfile::tempdir().unwrap();
        let memories =
            [Memory::transient().unwrap(), Memory::open_or_create(&folder.path().join("a.db")).unwrap()];
        for memory in memories {
            let transaction = memory.connection.unchecked_transaction().unwrap();
            assert_eq!(memory.locales().unwrap().len(), 0);
            let parts: Vec<i64> = (0..1000).collect();
            let read = |connection: &Connection, part: &i64| {
                connection.query_row("select ?1 + count(*) from segment", [part], |row| row.get::<_, i64>(0))
            };
            let mut results = memory.read_parts(&parts, read).unwrap();
            results.sort_unstable();
            assert_eq!(results, parts);
            transaction.finish().unwrap();
        }
    }

    #[test]
    fn no_second_connection_waits_for_a_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(Memory::open_or_create(&path).unwrap());
        let memory = Memory::open(&path).unwrap();
        let transaction = memory.connection.unchecked_transaction().unwrap();
        assert_eq!(memory.locales().unwrap().len(), 0);
        assert!(memory.second_connection().is_some());
        let writer = Memory::open_or_create(&path).unwrap();
        writer.connection.busy_timeout(Duration::ZERO).unwrap();
        writer
            .connection
            .execute_batch("begin immediate; insert into locale (name) values ('ko-KR')")
            .unwrap();
        // The commit fails, because there is a reader, but lets no other reader begin.
        assert!(writer.connection.execute_batch("commit").is_err());
        let second = memory.second_connection();
        assert!(second.is_none());
        transaction.finish().unwrap();
    }
}
