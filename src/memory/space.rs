//! The free space in the memory's file. SQLite keeps the pages of deleted rows, and uses them for new ones.

use std::path::Path;

use super::{Memory, MemoryError};

impl Memory {
    /// The part of the file that is free, from 0 to 1.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn free_share(&self) -> Result<f64, MemoryError> {
        let share = || -> rusqlite::Result<f64> {
            let free = self.number_of("freelist_count")?;
            Ok(free as f64 / self.number_of("page_count")?.max(1) as f64)
        };
        self.at(share())
    }

    /// Writes the file anew without its free pages. Returns how many bytes it became shorter.
    ///
    /// # Errors
    /// If another process uses the memory, or the disk has no space for a copy. The memory is as before then.
    pub fn vacuum(&mut self) -> Result<u64, MemoryError> {
        let vacuum = || -> rusqlite::Result<u64> {
            let before = self.number_of("page_count")?;
            self.connection.execute_batch("vacuum")?;
            let pages = before.saturating_sub(self.number_of("page_count")?);
            Ok(pages * self.number_of("page_size")?)
        };
        self.at(vacuum())
    }

    /// Writes a copy of the memory, as it is now, to a file that does not exist.
    ///
    /// # Errors
    /// If the memory cannot be read, or the file not be written.
    pub fn copy_to(&self, file: &Path) -> Result<(), MemoryError> {
        let copy = || -> rusqlite::Result<()> {
            let name = file.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(file.to_owned()))?;
            self.connection.execute("vacuum into ?1", [name]).map(|_| ())
        };
        self.at(copy())
    }

    fn number_of(&self, pragma: &str) -> rusqlite::Result<u64> {
        self.connection.pragma_query_value(None, pragma, |row| row.get(0))
    }
}
