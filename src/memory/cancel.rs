//! Ends what a memory does, when another thread asks for it.

use std::sync::Arc;

use super::{Memory, MemoryError};

/// Whether the work should end.
pub(super) type IsCancelled = Arc<dyn Fn() -> bool + Send + Sync>;

/// The instructions of SQLite's virtual machine between two questions: less than a millisecond.
const INTERVAL: i32 = 10_000;

impl Memory {
    /// Ends what the memory reads or writes when `is_cancelled` returns `true`: it fails with [`MemoryError::Cancelled`], and a transaction is
    /// rolled back.
    ///
    /// # Errors
    /// If SQLite refuses it.
    pub fn cancel_when(
        &mut self,
        is_cancelled: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Result<(), MemoryError> {
        let is_cancelled: IsCancelled = Arc::new(is_cancelled);
        let asked = Arc::clone(&is_cancelled);
        let set = self.connection.progress_handler(INTERVAL, Some(move || asked()));
        self.at(set)?;
        self.is_cancelled = Some(is_cancelled);
        Ok(())
    }

    /// For work on what was read, between its parts.
    ///
    /// # Errors
    /// If it should end.
    pub fn proceed(&self) -> Result<(), MemoryError> {
        match &self.is_cancelled {
            Some(is_cancelled) if is_cancelled() => Err(MemoryError::Cancelled),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_cancelled_memory_ends_a_query() {
        let mut memory = Memory::transient().unwrap();
        let asked = Arc::new(AtomicBool::new(false));
        let is_cancelled = Arc::clone(&asked);
        memory.cancel_when(move || is_cancelled.load(Ordering::Relaxed)).unwrap();
        let count = |memory: &Memory| {
            let counted = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select max(i) from n";
            memory.at(memory.connection.query_row(counted, [], |row| row.get::<_, i64>(0)))
        };
        assert_eq!(count(&memory).unwrap(), 100_000);
        assert!(memory.proceed().is_ok());
        asked.store(true, Ordering::Relaxed);
        assert!(matches!(count(&memory), Err(MemoryError::Cancelled)));
        assert!(matches!(memory.proceed(), Err(MemoryError::Cancelled)));
    }
}
