//! The translation memory: one SQLite file. The only module that speaks SQL.
//!
//! A reader opens with [`Memory::open`], an import with [`Memory::open_or_create`]; what an import does is in [`Import`].

mod bulk;
mod concordance;
mod documents;
mod error;
mod filter;
mod fuzzy;
mod import;
mod interner;
mod origin;
mod schema;
mod segments;
mod sqlite;
mod stats;
mod text_index;
mod units;
mod usage;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::model::shown;
use schema::{APPLICATION_ID, SCHEMA, VERSION};

pub use concordance::{Counted, Search, SearchIn};
pub use documents::{ChosenDocuments, DocumentName};
pub use error::{MemoryError, Said};
pub use filter::{PlaceFilter, SegmentFilter};
pub use fuzzy::{BlockCache, Lookup, LookupOptions, Scan};
pub use import::{
    Import, ImportCounts, KnownDocument, KnownDocuments, NewDocument, NewSegment, NewTmx, Put, ReadyUnits,
    TmxImport,
};
pub use interner::{Pair, digest_of_pair, digest_of_text, unit_hash};
pub use segments::for_each_segment;
pub(crate) use sqlite::without_memory_statistics;
pub use stats::{SetStats, Stats};
pub use units::{Candidate, Join, Request};

/// How long to wait for another process that writes. An import commits every second or so.
const PATIENCE: Duration = Duration::from_secs(60);

/// A translation memory that is open.
pub struct Memory {
    connection: Connection,
    path: PathBuf,
}

impl Memory {
    /// Opens a memory to read from it.
    ///
    /// # Errors
    /// Where there is none, or the file is no memory or one of a newer program.
    pub fn open(path: &Path) -> Result<Memory, MemoryError> {
        if !path.exists() {
            return Err(MemoryError::Missing { path: shown(path) });
        }
        match Memory::look_at(path)? {
            (memory, FileKind::Memory) => Ok(memory),
            (_, FileKind::Empty) => Err(MemoryError::Missing { path: shown(path) }),
        }
    }

    /// Opens a memory to write to it; makes it where the file is missing or empty.
    ///
    /// # Errors
    /// Where the file is no memory, or one of a newer program. It is not touched then.
    pub fn open_or_create(path: &Path) -> Result<Memory, MemoryError> {
        if path.exists() {
            // Looked at without the right to write first: SQLite mends the journal of whatever file it may write to.
            Memory::look_at(path)?;
        }
        if let Some(folder) =
            path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
        {
            return Err(MemoryError::NoFolder { path: shown(path), folder: shown(folder) });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut memory = Memory::connect(path, flags)?;
        memory.create_tables()?;
        Ok(memory)
    }

    /// Opens a file that is there to read from it, and says what it is.
    fn look_at(path: &Path) -> Result<(Memory, FileKind), MemoryError> {
        if path.is_dir() {
            return Err(MemoryError::IsAFolder { path: shown(path) });
        }
        let look = || -> Result<(Memory, FileKind), MemoryError> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let memory = Memory::connect(path, flags)?;
            let kind = memory.kind()?;
            Ok((memory, kind))
        };
        match look() {
            // A process died while it wrote, and its journal has to be rolled back, for which SQLite wants the right to
            // write. Not to a file that does not say in its first bytes that it is a memory.
            Err(error) if error.wants_rollback() => match header(path) {
                Some((APPLICATION_ID, VERSION)) => {
                    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                    Memory::connect(path, flags)?.kind()?;
                    look()
                }
                Some((APPLICATION_ID, found)) => {
                    Err(MemoryError::OtherVersion { path: shown(path), found, known: VERSION })
                }
                _ => Err(MemoryError::NotAMemory { path: shown(path) }),
            },
            looked => looked,
        }
    }

    /// A memory that is nowhere but in this process: what a dry run imports into where there is no file.
    ///
    /// # Errors
    /// Where SQLite has no room.
    pub fn transient() -> Result<Memory, MemoryError> {
        let opened = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_in_memory()?;
            set_up(&connection)?;
            Ok(connection)
        };
        let connection = opened().map_err(|error| MemoryError::sqlite(Path::new(""), error))?;
        let mut memory = Memory { connection, path: PathBuf::new() };
        memory.create_tables()?;
        Ok(memory)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Memory, MemoryError> {
        let opened = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(PATIENCE)?;
            connection.pragma_update(None, "cache_size", -(32 << 10))?;
            if flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
                // A reader takes pages from the system's cache without a copy.
                connection.pragma_update(None, "mmap_size", 1_i64 << 32)?;
            }
            set_up(&connection)?;
            Ok(connection)
        };
        let connection = opened().map_err(|error| MemoryError::sqlite(path, error))?;
        Ok(Memory { connection, path: path.to_owned() })
    }

    fn kind(&self) -> Result<FileKind, MemoryError> {
        let number = |name: &str| -> rusqlite::Result<i32> {
            self.connection.pragma_query_value(None, name, |row| row.get(0))
        };
        let read = || -> rusqlite::Result<(i32, i32, i64)> {
            let tables = "select count(*) from sqlite_schema";
            let objects = self.connection.query_row(tables, [], |row| row.get(0))?;
            Ok((number("application_id")?, number("user_version")?, objects))
        };
        match read().map_err(|error| MemoryError::sqlite(&self.path, error))? {
            (APPLICATION_ID, VERSION, _) => Ok(FileKind::Memory),
            (APPLICATION_ID, version, _) => {
                Err(MemoryError::OtherVersion { path: shown(&self.path), found: version, known: VERSION })
            }
            (0, 0, 0) => Ok(FileKind::Empty),
            _ => Err(MemoryError::NotAMemory { path: shown(&self.path) }),
        }
    }

    fn create_tables(&mut self) -> Result<(), MemoryError> {
        if self.kind()? == FileKind::Memory {
            return Ok(());
        }
        let path = self.path.clone();
        let at = |error| MemoryError::sqlite(&path, error);
        let page_size = || self.connection.pragma_update(None, "page_size", 8192);
        page_size().map_err(at)?;
        // In one transaction: a process that dies here leaves an empty file, and the next one begins anew.
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(at)?;
        let made = "select count(*) from sqlite_schema";
        let made: i64 = transaction.query_row(made, [], |row| row.get(0)).map_err(at)?;
        if made == 0 {
            transaction.execute_batch(SCHEMA).map_err(at)?;
        }
        transaction.commit().map_err(at)?;
        self.kind().map(|_| ())
    }

    /// Holds on to what the memory is now, for those who read it more than once.
    ///
    /// # Errors
    /// Where the memory cannot be read, or is held on to already.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, MemoryError> {
        let begun = || -> rusqlite::Result<rusqlite::Transaction<'_>> {
            // Pages of a memory-mapped file would count as memory of this process, all of them in a reading from end to end.
            self.connection.pragma_update(None, "mmap_size", 0)?;
            self.connection.pragma_update(None, "cache_size", -(4 << 10))?;
            self.connection.unchecked_transaction()
        };
        Ok(Snapshot { _transaction: self.at(begun())? })
    }

    /// Where the memory is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives an error this memory's name.
    fn at<T>(&self, result: Result<T, impl Into<error::Fault>>) -> Result<T, MemoryError> {
        result.map_err(|error| MemoryError::of(&self.path, error))
    }
}

/// While it is there, the memory shows what it held when it was taken, whoever imports meanwhile.
pub struct Snapshot<'m> {
    _transaction: rusqlite::Transaction<'m>,
}

/// How many prepared statements are kept: more than there are.
const STATEMENTS: usize = 64;

/// What holds for every connection, wherever the memory is.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without this a statement that comes back from the cache is prepared anew: its plan might depend on what is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // References are kept by the code, and checked by its tests: checking each at run time costs a third more, and rows that are
    // written by the dozen may come before what they refer to.
    connection.pragma_update(None, "foreign_keys", false)?;
    // A file of unknown origin must not run functions from its views and triggers.
    connection.pragma_update(None, "trusted_schema", false)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileKind {
    Memory,
    /// A file without a single table: just made, or made by a process that died.
    Empty,
}

/// The application id and the user version in the header of an SQLite file, read without SQLite.
/// <https://www.sqlite.org/fileformat2.html#the_database_header>
fn header(path: &Path) -> Option<(i32, i32)> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(100).read_to_end(&mut bytes)).ok()?;
    let number = |at: usize| Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    bytes.starts_with(b"SQLite format 3\0").then_some((number(68)?, number(60)?))
}
