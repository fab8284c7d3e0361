//! What a thread of a pool reads the memory with: a connection, and look-ups that keep their indexes between requests.

use std::sync::Arc;

use crate::memory::{BlockCache, Lookup, LookupOptions, Memory, MemoryError, Overview, PlaceFilter, Stats};
use crate::model::{Date, Locale};
use crate::operations::check::Marker;
use crate::operations::check::exceptions::Exceptions;

use super::failure::Failure;
use super::parameters::globs;

/// The most look-ups with different options that a thread keeps.
const KEPT: usize = 8;
/// The most texts in each list of the overview.
const LISTED: usize = 25;

/// What distinguishes one look-up from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LookupKey {
    pub options: LookupOptions,
    pub places: PlacesKey,
}

/// Which places of translations are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PlacesKey {
    pub sets: Vec<String>,
    /// Globs of paths.
    pub documents: Vec<String>,
    pub since: Option<Date>,
    pub until: Option<Date>,
}

impl PlacesKey {
    pub fn filter(&self) -> Result<PlaceFilter, Failure> {
        Ok(PlaceFilter {
            sets: self.sets.clone(),
            documents: globs("document", &self.documents)?,
            since: self.since,
            until: self.until,
            ..PlaceFilter::default()
        })
    }
}

/// The counts of the overview.
pub(super) struct Counts {
    pub stats: Stats,
    pub overview: Overview,
}

/// Reads a memory, on one thread.
pub(super) struct Reader<'m> {
    pub memory: &'m Memory,
    /// The last one used is the first.
    lookups: Vec<(LookupKey, Lookup<'m>)>,
    pairs: Option<(i64, Vec<(Locale, Locale)>)>,
    counts: Option<(i64, Arc<Counts>)>,
    blocks: BlockCache,
}

impl<'m> Reader<'m> {
    pub fn new(memory: &'m Memory, blocks: BlockCache) -> Self {
        Reader { memory, lookups: Vec::new(), pairs: None, counts: None, blocks }
    }

    /// Marks errors in the matches of look-ups from a locale. The server reads no file of exceptions: who asks has their own.
    pub fn marker(&self, from: Option<&Locale>) -> Result<Marker, MemoryError> {
        Marker::of_lookups(self.memory, from, Exceptions::default())
    }

    /// The look-up with these options.
    pub fn lookup(&mut self, key: &LookupKey) -> Result<&mut Lookup<'m>, Failure> {
        match self.lookups.iter().position(|(known, _)| known == key) {
            Some(at) => self.lookups[..=at].rotate_right(1),
            None => {
                let lookup = Lookup::sharing(self.memory, key.options.clone(), &self.blocks)?
                    .at_places(key.places.filter()?);
                self.lookups.truncate(KEPT - 1);
                self.lookups.insert(0, (key.clone(), lookup));
            }
        }
        Ok(&mut self.lookups[0].1)
    }

    /// The pairs of source and target locale of the memory's documents.
    pub fn locale_pairs(&mut self) -> Result<&[(Locale, Locale)], MemoryError> {
        let version = self.memory.data_version()?;
        if self.pairs.as_ref().is_none_or(|(known, _)| *known != version) {
            self.pairs = Some((version, self.memory.locale_pairs()?));
        }
        Ok(self.pairs.as_ref().map_or(&[], |(_, pairs)| pairs))
    }

    /// The counts of the whole memory. Counts again when it has changed.
    pub fn counts(&mut self) -> Result<Arc<Counts>, Failure> {
        let _transaction = self.memory.begin_read()?;
        let version = self.memory.data_version()?;
        if let Some((_, counts)) = self.counts.as_ref().filter(|(known, _)| *known == version) {
            return Ok(Arc::clone(counts));
        }
        let counts =
            Arc::new(Counts { stats: self.memory.stats()?, overview: self.memory.overview(LISTED)? });
        self.counts = Some((version, Arc::clone(&counts)));
        Ok(counts)
    }
}
