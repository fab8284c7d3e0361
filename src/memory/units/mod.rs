//! Units out of the memory: which translations of a text are chosen, and all that is known of them.
//!
//! Two walks over the segments of the chosen documents, in the order of target locale, set, path and position, so that the
//! result depends on nothing but what is in the memory. The first notes for each unit where it stands first, and whether it
//! stands anywhere else; the second gives each unit at its first place, on several threads, each of which takes a part of the
//! walk. What is to be known of a unit that stands in several places is read there when the unit is given, so nothing is held of
//! it; and the notes of the first walk lie in a file where they are many.

mod build;
mod context;
mod count;
mod give;
mod line;
mod pivot;
mod route;
mod tally;
mod texts;
mod walk;

use std::path::Path;
use std::time::Duration;

use rusqlite::OpenFlags;

use super::documents::{ChosenDocuments, Order};
use super::{Memory, MemoryError};
use crate::model::{Contexts, Date, Kind, Locale, Unit, Workflow};

use count::PlaceTable;
use route::Route;

/// Segments or units that are handed over together: some hundred kilobytes of text.
const PART: u32 = 1024;

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
#[derive(Clone, Copy)]
pub struct Request<'c> {
    /// The documents they come from.
    pub chosen: ChosenDocuments<'c>,
    /// The segments that count.
    pub filter: SegmentFilter,
    /// Which contexts get a unit of their own.
    pub contexts: Contexts,
    /// Whether the translations of all locales go into one unit.
    pub multilingual: bool,
    /// How many threads may read; one where a receiver is to see all units in their order.
    pub threads: usize,
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
    /// Whether the same was asked before: it is not to be counted twice then.
    pub is_asked_again: bool,
}

/// What makes something of the units, on one thread of perhaps several.
pub trait Receiver: Send {
    /// What is made of some units that follow one another.
    type Made: Send;

    /// Whether the translation may be used at all. What may not is not taken for the best one either.
    fn accepts(&mut self, candidate: Candidate<'_>) -> bool;

    /// Takes a unit.
    fn take(&mut self, unit: Unit);

    /// Learns of translations that were not chosen, since another one is better.
    fn passed_over(&mut self, variants: u64);

    /// Whether what was made takes so much room that it is to be handed over at once.
    fn is_full(&self) -> bool;

    /// Hands over what was made of the units since the last time.
    fn hand_over(&mut self) -> Self::Made;
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
            read_through(&self.connection)?;
            self.connection.unchecked_transaction()
        };
        Ok(Snapshot { _transaction: self.at(begun())? })
    }

    /// Gives the units that are asked for to receivers, one for each thread, and what they make of them to `keep`, in the
    /// order of the units: with any number of threads the same, if what a receiver makes of a unit depends on that alone.
    ///
    /// # Errors
    /// Where the memory cannot be read, and what `keep` gives.
    pub fn units<R: Receiver, E: From<MemoryError> + Send>(
        &self,
        request: Request<'_>,
        receiver: impl Fn() -> R + Sync,
        mut keep: impl FnMut(R::Made) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let units = self.at(route::units(&self.connection))?;
        let places = self.at(PlaceTable::of(&self.connection))?;
        let route = self.at(Route::new(&self.connection, Order::Locales, request.chosen, request.filter))?;
        let mut give =
            |ranks| give::units(self, (&units, places), (&route, ranks), &request, &receiver, &mut keep);
        if request.multilingual { give(route.whole()) } else { route.by_locale().try_for_each(give) }
    }

    /// Gives units between two target locales, joined by what they were both translated from. Their source is the first
    /// locale's text. Only translations of the same segment of the same source document are joined, or, if `loose`, of the
    /// same source text wherever.
    ///
    /// # Errors
    /// Where the memory cannot be read, and what `keep` gives.
    pub fn units_between<R: Receiver, E: From<MemoryError> + Send>(
        &self,
        request: Request<'_>,
        (from, to): (&Locale, &Locale),
        loose: bool,
        mut receiver: R,
        keep: impl FnMut(R::Made) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        line::work_in_line(1, std::iter::repeat(()), keep, |worker| {
            let hand_over = |receiver: &mut R| match worker.next() {
                Some((number, ())) => {
                    worker.done(number, receiver.hand_over());
                    true
                }
                None => false,
            };
            let mut given = 0;
            let units = pivot::units(self, request, (from, to), loose, &mut receiver, |receiver| {
                given += 1;
                (given % PART != 0 && !receiver.is_full()) || hand_over(receiver)
            });
            hand_over(&mut receiver);
            if let Err(error) = self.at(units) {
                worker.fail(error.into());
            }
        })
    }

    /// Whether other connections read what this one reads.
    fn has_readers_alike(&self) -> rusqlite::Result<bool> {
        let mode: String = self.connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        // In a plain file nobody writes while somebody reads. Beside a log the others might see what came after.
        Ok(!self.connection.is_autocommit() && mode == "delete")
    }

    /// Another connection to a memory, which sees what this one's snapshot sees. `None` where it cannot be had at once: a process
    /// that wants to write waits for the snapshot to end, and would have those who begin to read wait for it.
    fn beside(path: &Path) -> Option<Memory> {
        let beside =
            Memory::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let beside = beside.ok()?;
        let begin = || -> rusqlite::Result<()> {
            beside.connection.busy_timeout(Duration::ZERO)?;
            read_through(&beside.connection)?;
            // Until it is dropped: it is not asked for anything after its last reading.
            beside.connection.execute_batch("begin; select count(*) from document_set")
        };
        begin().ok().map(|()| beside)
    }
}

/// Makes a connection one that reads a whole memory, from one end to the other.
fn read_through(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    // Through a map all of the memory would be counted as this process's own.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -(4 << 10))
}
