//! Units out of the memory: which translations of a text are chosen, and all that is known of them.
//!
//! Two walks over the segments of the chosen documents, in the order of target locale, set, path and position, so that the
//! result depends on nothing but what is in the memory. The first counts for each variant how often, where and since when it
//! is used; the second gives each unit where its source text stands first. Texts are read only when their unit is given:
//! what is held is some 70 bytes for each variant.

mod build;
mod context;
mod give;
mod ids;
mod pivot;
mod tally;
mod texts;
mod walk;

use super::segments::Place;
use super::{Memory, MemoryError};
use crate::model::{Contexts, Date, Kind, Locale, Unit, Workflow};

/// Which segments count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentFilter {
    /// Only sentences, or only paragraphs.
    pub kind: Option<Kind>,
    /// Only what people, or machines, translated.
    pub workflow: Option<Workflow>,
    /// Only what was handed off on this day or later.
    pub since: Option<Date>,
    /// Only what was handed off on this day or earlier.
    pub until: Option<Date>,
}

/// Which units are asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The documents they come from, as [`Memory::documents`] gave them.
    pub documents: Vec<Place>,
    /// The segments that count.
    pub filter: SegmentFilter,
    /// Which contexts get a unit of their own.
    pub contexts: Contexts,
    /// Whether the translations of all locales go into one unit.
    pub multilingual: bool,
}

/// A translation that may become part of a unit.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The source text.
    pub source: &'a str,
    /// The target text.
    pub target: &'a str,
    /// Who translated.
    pub workflow: Option<Workflow>,
}

/// What takes the units.
pub trait Receiver {
    /// Why it stops.
    type Error: From<MemoryError>;

    /// Whether the translation may be used at all. What may not is not taken for the best one either.
    fn accepts(&mut self, candidate: Candidate<'_>) -> bool;

    /// Takes a unit.
    fn take(&mut self, unit: Unit) -> Result<(), Self::Error>;

    /// Learns of translations that were not chosen, since another one is better.
    fn passed_over(&mut self, variants: u64);
}

/// While it is there, the memory shows what it held when it was taken, whoever imports meanwhile.
pub struct Snapshot<'m> {
    _transaction: rusqlite::Transaction<'m>,
}

impl Memory {
    /// Holds on to what the memory is now, for those who read it more than once.
    ///
    /// # Errors
    /// Where the memory cannot be read, or is held on to already.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, MemoryError> {
        let begun = || -> rusqlite::Result<rusqlite::Transaction<'_>> {
            // Whoever reads a whole memory through a map has all of it counted as its own.
            self.connection.pragma_update(None, "mmap_size", 0)?;
            self.connection.unchecked_transaction()
        };
        Ok(Snapshot { _transaction: self.at(begun())? })
    }

    /// Gives the units that are asked for.
    ///
    /// # Errors
    /// Where the memory cannot be read, and what the receiver gives.
    pub fn units<R: Receiver>(&self, request: &Request, receiver: &mut R) -> Result<(), R::Error> {
        let mut documents: Vec<Place> = request.documents.clone();
        documents.sort_by(|a, b| {
            let locales = (&a.target_locale, &a.source_locale).cmp(&(&b.target_locale, &b.source_locale));
            locales.then_with(|| (&a.set, &a.document).cmp(&(&b.set, &b.document)))
        });
        let ids = self.at(ids::Ids::read(&self.connection))?;
        if request.multilingual {
            give::units(self, &ids, &documents, request, receiver)?;
        } else {
            for documents in documents.chunk_by(|a, b| a.target_locale == b.target_locale) {
                give::units(self, &ids, documents, request, receiver)?;
            }
        }
        Ok(())
    }

    /// Gives units between two target locales, joined by what they were both translated from. Their source is the first
    /// locale's text. Only translations of the same segment of the same source document are joined, or, if `loose`, of the
    /// same source text wherever.
    ///
    /// # Errors
    /// Where the memory cannot be read, and what the receiver gives.
    pub fn units_between<R: Receiver>(
        &self,
        request: &Request,
        (from, to): (&Locale, &Locale),
        loose: bool,
        receiver: &mut R,
    ) -> Result<(), R::Error> {
        pivot::units(self, request, (from, to), loose, receiver)
    }
}
