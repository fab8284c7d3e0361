//! A cache of the places of frequent pairs of texts.
//!
//! A pair such as `Example` is in tens of thousands of segments, and short pairs come first in most searches. A process that searches
//! once for each keystroke would count them each time.

use std::cell::RefCell;
use std::collections::HashMap;

use rusqlite::Connection;

use crate::model::Places;

/// Pairs in at least so many segments are kept.
const FREQUENT: u64 = 256;
/// The most pairs that are kept.
const KEPT: usize = 4096;

/// The places of frequent pairs in one state of the memory, by the id of the variant.
#[derive(Default)]
pub(in crate::memory) struct FrequentPlaces(RefCell<Known>);

#[derive(Default)]
struct Known {
    state: (i64, u64),
    places: HashMap<i64, Places>,
}

impl FrequentPlaces {
    /// Forgets all places if the memory has changed, by another connection or by this one.
    pub fn refresh(&self, connection: &Connection) -> rusqlite::Result<()> {
        let version = connection.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?;
        let state = (version, connection.total_changes());
        let mut known = self.0.borrow_mut();
        if known.state != state {
            *known = Known { state, places: HashMap::new() };
        }
        Ok(())
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
