//! Reads rows of the table `origin`, with read-ahead.

use rusqlite::{CachedStatement, Connection};

use super::{Origin, Rest};
use crate::memory::error::Fault;

/// The row of one segment.
pub(in crate::memory) struct OriginRow {
    position: u32,
    pub origin: Origin,
    rest: Option<String>,
}

impl OriginRow {
    /// The column `rest`, parsed.
    pub fn rest(&self) -> Result<Rest<'_>, Fault> {
        match self.rest.as_deref() {
            None => Ok(Rest::default()),
            Some(json) => {
                serde_json::from_str(json).map_err(|_| Fault::Foreign(format!("the origin {json:?}")))
            }
        }
    }
}

/// Adjacent rows of one document.
#[derive(Default)]
struct Window {
    document: i64,
    rows: Vec<OriginRow>,
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

/// Reads rows. As in the read-ahead of a file system, the window grows while the reading is sequential; a row out of order is read
/// alone and does not disturb it.
pub(in crate::memory) struct OriginReader<'m> {
    statement: CachedStatement<'m>,
    sequential: Window,
    single: Window,
}

impl<'m> OriginReader<'m> {
    pub fn new(connection: &'m Connection) -> rusqlite::Result<Self> {
        let statement = connection.prepare_cached(
            "select workflow, created, changed, usage, documents, in_context, previous, next, rest, position
             from origin where document_id = ?1 and position >= ?2 order by position limit ?3",
        )?;
        Ok(OriginReader { statement, sequential: Window::default(), single: Window::default() })
    }

    /// The row of a segment.
    pub fn get(&mut self, document: i64, position: u32) -> Result<&OriginRow, Fault> {
        let missing = || Fault::Foreign(format!("a unit of a TMX without an origin at position {position}"));
        if let Some(at) = self.sequential.find(document, position) {
            return Ok(&self.sequential.rows[at]);
        }
        if let Some(at) = self.single.find(document, position) {
            return Ok(&self.single.rows[at]);
        }
        let follows =
            self.sequential.is_before(document, position) || self.single.is_before(document, position);
        let (window, size) = match follows {
            true => {
                let size = (2 * self.sequential.rows.len()).clamp(8, LARGEST_WINDOW);
                (&mut self.sequential, size)
            }
            false => (&mut self.single, 1),
        };
        window.document = document;
        window.rows.clear();
        let mut rows = self.statement.query((document, position, size))?;
        while let Some(row) = rows.next()? {
            let origin = Origin::read(row, 0, document)?;
            window.rows.push(OriginRow { position: row.get(9)?, origin, rest: row.get(8)? });
        }
        let at = window.find(document, position).ok_or_else(missing)?;
        Ok(&window.rows[at])
    }
}
