//! Why a memory could not be read or written.

use std::fmt;
use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::types::FromSqlError;

use crate::model::shown;

/// Why a memory could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The file does not exist, or is empty.
    #[error("there is no translation memory at {path}; `bitext import` makes one, --db names another")]
    Missing {
        /// The memory's file.
        path: String,
    },
    /// The path is a folder.
    #[error("{path} is a folder; name a file with --db")]
    IsAFolder {
        /// The folder.
        path: String,
    },
    /// The path, or that of its journal, is a pipe, a socket or a device.
    #[error("{path} is {kind}, and a translation memory is a file; name a file with --db")]
    Special {
        /// The path.
        path: String,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// The folder for a new file does not exist.
    #[error("there is no folder {folder} to keep {path} in; make it, or name another file with --db")]
    NoFolder {
        /// The memory's file.
        path: String,
        /// The folder.
        folder: String,
    },
    /// The file is not a memory.
    #[error("{path} is not a translation memory; name another file with --db")]
    NotAMemory {
        /// The file.
        path: String,
    },
    /// A memory with tables of another revision than this program's.
    #[error(
        "{path} is a translation memory of revision {found}, and this program knows revision {known}; {}",
        advice(*found, *known)
    )]
    OtherVersion {
        /// The memory's file.
        path: String,
        /// The revision found.
        found: i32,
        /// The revision known.
        known: i32,
    },
    /// The disk is full.
    #[error(
        "no room left to write {path}; what was imported before is safe: make room and import again, and the rest follows"
    )]
    Full {
        /// The memory's file.
        path: String,
        /// SQLite's error.
        source: SqliteError,
    },
    /// Another process held the lock for a minute.
    #[error("{path} is in use by another process that writes to it; try again when it is done")]
    Busy {
        /// The memory's file.
        path: String,
        /// SQLite's error.
        source: SqliteError,
    },
    /// Bytes of the file are lost or changed.
    #[error(
        "the translation memory {path} is damaged; put a copy back in its place, or import into a new file"
    )]
    Damaged {
        /// The memory's file.
        path: String,
        /// SQLite's error.
        source: SqliteError,
    },
    /// Another thread ended the work: [`Memory::cancel_when`](super::Memory::cancel_when).
    #[error("it was interrupted")]
    Cancelled,
    /// Any other error of SQLite.
    #[error("the translation memory {path} could not be used")]
    Sqlite {
        /// The memory's file.
        path: String,
        /// SQLite's error.
        source: SqliteError,
    },
    /// A value in the memory that bitext never writes.
    #[error("the translation memory {path} holds {what}, which bitext never writes; was it changed by hand?")]
    Foreign {
        /// The memory's file.
        path: String,
        /// The value, with its article.
        what: String,
    },
}

/// What to do with a memory of another revision.
fn advice(found: i32, known: i32) -> &'static str {
    match found < known {
        true => {
            "an older bitext made it: import its documents into a new file, named with --db; what you no longer have as \
             documents, export as TMX with the bitext that made it, and import that"
        }
        false => "use a newer bitext, or name another file with --db",
    }
}

/// Why a memory could not be read, without its path.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    /// A value that bitext never writes.
    Foreign(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sqlite(error)
    }
}

impl From<FromSqlError> for Fault {
    fn from(error: FromSqlError) -> Self {
        Fault::Sqlite(error.into())
    }
}

impl MemoryError {
    /// The error for the memory at this path.
    pub(super) fn of(path: &Path, fault: impl Into<Fault>) -> Self {
        match fault.into() {
            Fault::Sqlite(error) => MemoryError::sqlite(path, error),
            Fault::Foreign(what) => MemoryError::Foreign { path: shown(path), what },
        }
    }

    pub(super) fn sqlite(path: &Path, error: rusqlite::Error) -> Self {
        let path = shown(path);
        let code = error.sqlite_error_code();
        let source = SqliteError(error);
        match code {
            Some(ErrorCode::NotADatabase) => MemoryError::NotAMemory { path },
            Some(ErrorCode::DiskFull) => MemoryError::Full { path, source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => MemoryError::Busy { path, source },
            Some(ErrorCode::OperationInterrupted) => MemoryError::Cancelled,
            Some(ErrorCode::DatabaseCorrupt) => MemoryError::Damaged { path, source },
            _ => MemoryError::Sqlite { path, source },
        }
    }

    /// Whether SQLite found a hot journal that it cannot roll back on this read-only connection.
    pub(super) fn wants_rollback(&self) -> bool {
        let MemoryError::Sqlite { source: SqliteError(error), .. } = self else { return false };
        error
            .sqlite_error()
            .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_READONLY_ROLLBACK)
    }
}

/// An error of SQLite without its cause, which has the same message.
#[derive(Debug)]
pub struct SqliteError(rusqlite::Error);

impl fmt::Display for SqliteError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl std::error::Error for SqliteError {}
