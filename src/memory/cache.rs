//! A cache of fixed size.

use super::error::Fault;

/// A direct-mapped cache: each key has one slot, which it shares with other keys.
pub(super) struct Cache<T>(Vec<Option<(u32, T)>>);

impl<T: Clone> Cache<T> {
    /// An empty cache with so many slots.
    pub fn new(slots: usize) -> Self {
        Cache(vec![None; slots])
    }

    /// The value of a key: the cached one, else the one that `read` returns.
    pub fn get(&mut self, key: u32, read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let slot = key as usize % self.0.len();
        if let Some((known, value)) = &self.0[slot]
            && *known == key
        {
            return Ok(value.clone());
        }
        let value = read()?;
        self.0[slot] = Some((key, value.clone()));
        Ok(value)
    }
}
