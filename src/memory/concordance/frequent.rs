//! Caches what searches have read of places, as long as the memory does not change.
//!
//! A pair such as `Example` is in tens of thousands of segments, and short pairs come first in most searches. A process that searches
//! once for each keystroke would count them, and read their documents, each time.

use std::cell::{RefCell, RefMut};
use std::collections::HashMap;

use rusqlite::Connection;

use crate::memory::usage::UsageReader;
use crate::model::Places;

/// Pairs in at least so many segments are kept.
const FREQUENT: u64 = 256;
/// The most pairs that are kept.
const KEPT: usize = 4096;

/// The caches of searches, for one state of the memory.
#[derive(Default)]
pub(in crate::memory) struct FrequentPlaces(RefCell<Known>);

#[derive(Default)]
struct Known {
    state: (i64, u64),
    /// The places of frequent pairs, by the id of the variant.
    places: HashMap<i64, Places>,
    usage: UsageReader,
}

impl FrequentPlaces {
    /// Clears the caches if the memory has changed, by another connection or by this one.
    pub fn refresh(&self, connection: &Connection) -> rusqlite::Result<()> {
        let version = connection.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?;
        let state = (version, connection.total_changes());
        let mut known = self.0.borrow_mut();
        if known.state != state {
            *known = Known { state, ..Known::default() };
        }
        Ok(())
    }

    /// Reads usage, with the documents of earlier searches.
    pub fn usage(&self) -> RefMut<'_, UsageReader> {
        RefMut::map(self.0.borrow_mut(), |known| &mut known.usage)
    }

    /// The places of a variant, if they are known.
    pub fn get(&self, variant: i64) -> Option<Places> {
        self.0.borrow().places.get(&variant).cloned()
    }

    /// Keeps the places of a variant, if they are many.
    pub fn keep(&self, variant: i64, places: &Places) {
        let mut known = self.0.borrow_mut();
        if places.segments >= FREQUENT && known.places.len() < KEPT {
            known.places.insert(variant, places.clone());
        }
    }
}
