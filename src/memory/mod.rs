//! The translation memory: one SQLite file. The only module that speaks SQL.
//!
//! A reader opens it with [`Memory::open`], a writer with [`Memory::open_or_create`]. All rows are written through [`Import`].

mod browse;
mod bulk;
mod cache;
mod cancel;
mod concordance;
mod documents;
mod error;
mod filter;
mod fuzzy;
mod import;
mod interner;
mod leverage;
mod origin;
mod overview;
mod schema;
mod segments;
mod space;
mod sqlite;
mod stats;
mod text_index;
mod text_log;
mod units;
mod usage;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::model::{shown, special_file};
use concordance::FrequentPlaces;
use schema::{APPLICATION_ID, FIRST, LAST_EARLIER, SCHEMA, VERSION};

pub use browse::{DocumentKey, DocumentList, FoundDocument, ListedDocument};
pub use concordance::{Counted, Search, SearchIn, TextBlockCache};
pub use documents::{ChosenDocuments, DocumentName};
pub use error::{MemoryError, SqliteError};
pub use filter::{PlaceFilter, SegmentFilter};
pub use fuzzy::{BlockCache, DocumentText, DocumentTexts, Lookup, LookupOptions, Scan};
pub use import::{
    GitVersion, History, Import, ImportCounts, KnownDocument, KnownDocuments, KnownHistory, KnownVersion,
    NewDocument, NewSegment, NewStore, NewStoredUnit, NewTmx, PartialDocument, PreparedUnits, Put,
    StoredDocument, TmxImport,
};
pub use interner::{Pair, digest_of_pair, digest_of_text, id_prefix, unit_hash};
pub use leverage::{Leverage, PathId, TextHash, Translated};
pub use overview::{InconsistentText, Month, Overview, RepeatedPair};
pub use segments::for_each_segment;
pub(crate) use sqlite::without_memory_statistics;
pub use stats::{AlignedStats, HistoryStats, SetStats, Stats};
pub use text_log::LoggedTranslation;
pub use units::{Candidate, Join, Request};

/// How long to wait for the lock of another process. An import commits about once a second.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// An open translation memory.
pub struct Memory {
    connection: Connection,
    path: PathBuf,
    frequent: FrequentPlaces,
    text_blocks: Option<TextBlockCache>,
    is_cancelled: Option<cancel::IsCancelled>,
}

impl Memory {
    /// Opens a memory for reading.
    ///
    /// # Errors
    /// If the file is missing, is not a memory, or is one of a newer program.
    pub fn open(path: &Path) -> Result<Memory, MemoryError> {
        if !path.exists() {
            return Err(MemoryError::Missing { path: shown(path) });
        }
        match Memory::open_read_only(path)? {
            (memory, FileKind::Memory) => Ok(memory),
            (memory, FileKind::Earlier) => {
                memory.at(schema::provide_later_columns(&memory.connection))?;
                Ok(memory)
            }
            (_, FileKind::Empty) => Err(MemoryError::Missing { path: shown(path) }),
        }
    }

    /// Opens a memory for writing. Creates it if the file is missing or empty, and migrates one of an earlier revision.
    ///
    /// # Errors
    /// If the file is not a memory, or is one of a newer program. Such a file is not changed.
    pub fn open_or_create(path: &Path) -> Result<Memory, MemoryError> {
        let mut memory = Memory::open_to_write(path)?;
        memory.create_tables()?;
        Ok(memory)
    }

    /// Opens a memory for an import that is rolled back at the end. A missing or empty file is not created: the memory has no file
    /// then. One of an earlier revision is migrated by [`Import::begin`], and this is rolled back too.
    ///
    /// # Errors
    /// As [`Memory::open_or_create`].
    pub fn open_for_dry_run(path: &Path) -> Result<Memory, MemoryError> {
        if !path.exists() {
            return Memory::transient();
        }
        let memory = Memory::open_to_write(path)?;
        match memory.kind()? {
            FileKind::Memory | FileKind::Earlier => Ok(memory),
            FileKind::Empty => Memory::transient(),
        }
    }

    fn open_to_write(path: &Path) -> Result<Memory, MemoryError> {
        if path.exists() {
            // Read-only first: SQLite rolls back the journal of any database that it may write to, whoever owns it.
            Memory::open_read_only(path)?;
        }
        if let Some(folder) =
            path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
        {
            return Err(MemoryError::NoFolder { path: shown(path), folder: shown(folder) });
        }
        refuse_special_files(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Memory::connect(path, flags)
    }

    /// Opens an existing file for reading. Returns its kind as well.
    fn open_read_only(path: &Path) -> Result<(Memory, FileKind), MemoryError> {
        if path.is_dir() {
            return Err(MemoryError::IsAFolder { path: shown(path) });
        }
        refuse_special_files(path)?;
        let open = || -> Result<(Memory, FileKind), MemoryError> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let memory = Memory::connect(path, flags)?;
            let kind = memory.kind()?;
            Ok((memory, kind))
        };
        match open() {
            // A hot journal: a process died while it wrote. SQLite rolls it back, but only on a connection that may write. Such a
            // connection is opened only if the header says that the file is a memory.
            Err(error) if error.wants_rollback() => match header(path) {
                Some((APPLICATION_ID, FIRST..=VERSION)) => {
                    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                    Memory::connect(path, flags)?.kind()?;
                    open()
                }
                Some((APPLICATION_ID, found)) => {
                    Err(MemoryError::OtherVersion { path: shown(path), found, known: VERSION })
                }
                _ => Err(MemoryError::NotAMemory { path: shown(path) }),
            },
            opened => opened,
        }
    }

    /// A memory without a file, for a dry run if there is no memory yet.
    ///
    /// # Errors
    /// If SQLite cannot allocate memory.
    pub fn transient() -> Result<Memory, MemoryError> {
        let opened = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_in_memory()?;
            set_up(&connection)?;
            Ok(connection)
        };
        let connection = opened().map_err(|error| MemoryError::sqlite(Path::new(""), error))?;
        let mut memory = Memory {
            connection,
            path: PathBuf::new(),
            frequent: FrequentPlaces::default(),
            text_blocks: None,
            is_cancelled: None,
        };
        memory.create_tables()?;
        Ok(memory)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Memory, MemoryError> {
        let opened = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.pragma_update(None, "cache_size", -(32 << 10))?;
            if flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
                // Pages are read from the system's cache without a copy.
                connection.pragma_update(None, "mmap_size", 1_i64 << 32)?;
            }
            set_up(&connection)?;
            Ok(connection)
        };
        let connection = opened().map_err(|error| MemoryError::sqlite(path, error))?;
        Ok(Memory {
            connection,
            path: path.to_owned(),
            frequent: FrequentPlaces::default(),
            text_blocks: None,
            is_cancelled: None,
        })
    }

    fn kind(&self) -> Result<FileKind, MemoryError> {
        let read = || -> rusqlite::Result<(i32, i32, i64)> {
            let tables = "select count(*) from sqlite_schema";
            let objects = self.connection.query_row(tables, [], |row| row.get(0))?;
            let application_id =
                self.connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
            Ok((application_id, schema::revision(&self.connection)?, objects))
        };
        match read().map_err(|error| MemoryError::sqlite(&self.path, error))? {
            (APPLICATION_ID, VERSION, _) => Ok(FileKind::Memory),
            (APPLICATION_ID, FIRST..=LAST_EARLIER, _) => Ok(FileKind::Earlier),
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
        // In one transaction: a process that dies here leaves an empty file, and the next one starts again.
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(at)?;
        let made = "select count(*) from sqlite_schema";
        let made: i64 = transaction.query_row(made, [], |row| row.get(0)).map_err(at)?;
        if made == 0 {
            transaction.execute_batch(SCHEMA).map_err(at)?;
        } else {
            schema::migrate_earlier(&transaction).map_err(at)?;
        }
        transaction.commit().map_err(at)?;
        self.kind().map(|_| ())
    }

    /// Begins a read transaction, so that several reads see the same state of the memory.
    ///
    /// # Errors
    /// If the memory cannot be read, or a transaction has begun already.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, MemoryError> {
        let begun = || -> rusqlite::Result<rusqlite::Transaction<'_>> {
            // Mapped pages count as memory of this process, and an export reads all of them.
            self.connection.pragma_update(None, "mmap_size", 0)?;
            self.connection.pragma_update(None, "cache_size", -(4 << 10))?;
            self.connection.unchecked_transaction()
        };
        Ok(Snapshot { _transaction: self.at(begun())? })
    }

    /// Begins a read transaction, unless one has begun: then the reads are part of that one.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn begin_read(&self) -> Result<ReadTransaction<'_>, MemoryError> {
        let is_outermost = self.connection.is_autocommit();
        if is_outermost {
            self.at(self.connection.prepare_cached("begin").and_then(|mut begin| begin.execute([])))?;
        }
        Ok(ReadTransaction { connection: &self.connection, is_outermost })
    }

    /// Sets the size of the page cache in KiB, and reads pages into it only: mapped pages count as memory of this process. For a
    /// process with many connections that run for days.
    ///
    /// # Errors
    /// If SQLite refuses it.
    pub fn limit_cache(&self, kibibytes: u32) -> Result<(), MemoryError> {
        let limited = || -> rusqlite::Result<()> {
            self.connection.pragma_update(None, "mmap_size", 0)?;
            self.connection.pragma_update(None, "cache_size", -i64::from(kibibytes))
        };
        self.at(limited())
    }

    /// Sets how long to wait for the lock of another process.
    ///
    /// # Errors
    /// If SQLite refuses it.
    pub fn limit_wait(&self, patience: Duration) -> Result<(), MemoryError> {
        self.at(self.connection.busy_timeout(patience))
    }

    /// A number that changes whenever another connection has changed the memory. It is comparable with those of the same
    /// connection only: SQLite's `data_version`.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn data_version(&self) -> Result<i64, MemoryError> {
        let read = || self.connection.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0));
        self.at(read())
    }

    /// Ends a write-ahead log that an import could not end, because others were reading: so that the memory is one file again,
    /// which can be copied. Returns whether there is none any more. Does not wait: if another process uses the memory, the log stays.
    ///
    /// # Errors
    /// If the file is no memory.
    pub fn end_log(path: &Path) -> Result<bool, MemoryError> {
        // Read-only first, as in `open_to_write`.
        Memory::open(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let memory = Memory::connect(path, flags)?;
        let end = || -> rusqlite::Result<String> {
            memory.connection.busy_timeout(Duration::ZERO)?;
            memory.connection.query_row("pragma journal_mode = delete", [], |row| row.get(0))
        };
        // Another connection, or a file that this process may not write to.
        Ok(end().is_ok_and(|mode| mode != "wal"))
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds the path of this memory to an error.
    fn at<T>(&self, result: Result<T, impl Into<error::Fault>>) -> Result<T, MemoryError> {
        result.map_err(|error| MemoryError::of(&self.path, error))
    }
}

/// A read transaction. It ends when this is dropped.
pub struct Snapshot<'m> {
    _transaction: rusqlite::Transaction<'m>,
}

/// A read transaction, or a part of one. The outermost ends it when it is dropped.
pub struct ReadTransaction<'m> {
    connection: &'m Connection,
    is_outermost: bool,
}

impl Drop for ReadTransaction<'_> {
    fn drop(&mut self) {
        if self.is_outermost {
            // Nothing was written. If SQLite has ended it already after an error, there is none to end.
            let _ = self.connection.prepare_cached("commit").and_then(|mut commit| commit.execute([]));
        }
    }
}

/// The capacity of the cache of prepared statements: more than the program has.
const STATEMENTS: usize = 64;

/// The settings of every connection.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    // The table-valued function of `concordance/id_set.rs`.
    rusqlite::vtab::array::load_module(connection)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Query plans do not depend on bound values. Else SQLite prepares a cached statement again for each new value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Tests check the references. A check at run time makes an import a third slower, and bulk inserts can write a row before
    // the row that it refers to.
    connection.pragma_update(None, "foreign_keys", false)?;
    // Views and triggers of a file from elsewhere must not call functions with side effects.
    connection.pragma_update(None, "trusted_schema", false)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileKind {
    Memory,
    /// A memory of an earlier revision.
    Earlier,
    /// A file without a table: a new one, or one that a process left when it died.
    Empty,
}

/// SQLite opens the file and its journals, and to open a pipe waits for another process.
fn refuse_special_files(path: &Path) -> Result<(), MemoryError> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let file = Path::new(&name);
        let special = std::fs::metadata(file).ok().and_then(|there| special_file(there.file_type()));
        if let Some(kind) = special {
            return Err(MemoryError::Special { path: shown(file), kind });
        }
    }
    Ok(())
}

/// The application id and the user version in the header of an SQLite file, read without SQLite.
/// <https://www.sqlite.org/fileformat2.html#the_database_header>
fn header(path: &Path) -> Option<(i32, i32)> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(100).read_to_end(&mut bytes)).ok()?;
    let number = |at: usize| Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    bytes.starts_with(b"SQLite format 3\0").then_some((number(68)?, number(60)?))
}
