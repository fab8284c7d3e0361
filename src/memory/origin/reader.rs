//! Reads rows of the table `origin`, with read-ahead.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection};

use super::{Origin, Rest, Shared};
use crate::memory::error::Fault;
use crate::model::SharedRemarks;

/// The row of one segment.
pub(in crate::memory) struct OriginRow {
    position: u32,
    pub origin: Origin,
    rest: Option<String>,
}

impl OriginRow {
    /// The column `rest`, parsed.
    pub fn rest(&self) -> Result<Rest<'static>, Fault> {
        self.rest.as_deref().map_or(Ok(Rest::default()), parse)
    }
}

fn parse(json: &str) -> Result<Rest<'static>, Fault> {
    serde_json::from_str(json).map_err(|_| Fault::Foreign(format!("the origin {json:?}")))
}

/// Adjacent rows of one document.
#[derive(Default)]
struct Window {
    document: i64,
    rows: Vec<OriginRow>,
    /// The number of the last look-up that it answered.
    last_use: u64,
}

impl Window {
    fn find(&self, document: i64, position: u32) -> Option<usize> {
        (self.document == document)
            .then(|| self.rows.binary_search_by_key(&position, |row| row.position).ok())
            .flatten()
    }

    /// Whether a position comes soon after the last row.
    fn is_before(&self, document: i64, position: u32) -> bool {
        let last = self.rows.last().map(|row| row.position).filter(|_| self.document == document);
        last.is_some_and(|last| position > last && position - last <= 16)
    }
}

/// The most rows to read ahead.
const LARGEST_WINDOW: usize = 256;

/// The number of windows: an export reads the units of a few TMX files side by side, each file in order.
const WINDOWS: usize = 8;

/// Reads rows. As in the read-ahead of a file system, a window grows while the reading is sequential. A row out of order is read
/// alone, in place of the window that was not used for the longest time.
pub(in crate::memory) struct OriginReader<'m> {
    statement: CachedStatement<'m>,
    windows: [Window; WINDOWS],
    lookups: u64,
    find_shared: CachedStatement<'m>,
    /// The last shared part, with document and position of its row.
    last_shared: Option<((i64, u32), Arc<SharedRemarks>)>,
}

impl<'m> OriginReader<'m> {
    pub fn new(connection: &'m Connection) -> rusqlite::Result<Self> {
        let statement = connection.prepare_cached(
            "select workflow, created, changed, usage, documents, superseded, commit_id, in_context, previous, next, rest, position
             from origin where document_id = ?1 and position >= ?2 order by position limit ?3",
        )?;
        let find_shared = connection.prepare_cached(
            "select origin.document_id, origin.rest
             from document as own
             join locale on locale.name = ?3
             join document as other on other.set_id = own.set_id and other.path = own.path and other.superseded is null
                  and other.target_locale_id = locale.id
             join origin on origin.document_id = other.id and origin.position = ?2
             where own.id = ?1",
        )?;
        let windows = std::array::from_fn(|_| Window::default());
        Ok(OriginReader { statement, windows, lookups: 0, find_shared, last_shared: None })
    }

    /// What the translations of the unit of a segment share. All of them get the same value, not a copy.
    pub fn shared(
        &mut self,
        (document, position): (i64, u32),
        shared: Shared,
    ) -> Result<Option<Arc<SharedRemarks>>, Fault> {
        let last = self.last_shared.as_ref();
        let known = |row| last.filter(|(last, _)| *last == row).map(|(_, shared)| Arc::clone(shared));
        let (row, read) = match shared {
            Shared::None => return Ok(None),
            Shared::Here(shared) => ((document, position), shared),
            Shared::Before(locale, positions) => {
                let missing =
                    || Fault::Foreign(format!("a unit of a TMX without its first row, before {position}"));
                let position = position.checked_sub(positions).ok_or_else(missing)?;
                let mut rows = self.find_shared.query((document, position, locale))?;
                let row = rows.next()?.ok_or_else(missing)?;
                let place = (row.get(0)?, position);
                // Not parsed again for each translation.
                if let Some(known) = known(place) {
                    return Ok(Some(known));
                }
                let json = row.get_ref(1)?.as_str_or_null()?.ok_or_else(missing)?;
                (place, parse(json)?.shared.ok_or_else(missing)?.into_owned())
            }
        };
        let shared = known(row).unwrap_or_else(|| Arc::new(read));
        self.last_shared = Some((row, Arc::clone(&shared)));
        Ok(Some(shared))
    }

    /// The row of a segment.
    pub fn get(&mut self, document: i64, position: u32) -> Result<&OriginRow, Fault> {
        let missing = || Fault::Foreign(format!("a unit of a TMX without an origin at position {position}"));
        self.lookups += 1;
        let found =
            (0..WINDOWS).find_map(|number| Some((number, self.windows[number].find(document, position)?)));
        if let Some((number, at)) = found {
            let window = &mut self.windows[number];
            window.last_use = self.lookups;
            return Ok(&window.rows[at]);
        }
        let following = self.windows.iter().position(|window| window.is_before(document, position));
        let oldest = || (0..WINDOWS).min_by_key(|&number| self.windows[number].last_use).unwrap_or(0);
        let window = &mut self.windows[following.unwrap_or_else(oldest)];
        let size = match following {
            Some(_) => (2 * window.rows.len()).clamp(8, LARGEST_WINDOW),
            None => 1,
        };
        window.document = document;
        window.last_use = self.lookups;
        window.rows.clear();
        let mut rows = self.statement.query((document, position, size))?;
        while let Some(row) = rows.next()? {
            let origin = Origin::read(row, 0, document)?;
            window.rows.push(OriginRow { position: row.get(11)?, origin, rest: row.get(10)? });
        }
        let at = window.find(document, position).ok_or_else(missing)?;
        Ok(&window.rows[at])
    }
}
