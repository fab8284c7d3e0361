//! The texts before and after a segment: those that a TMX states, else those of the positions before and after.

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::frequent::Digest;
use crate::memory::error::Fault;
use crate::memory::interner::digest_of_text;
use crate::memory::text_index::TextRole;
use crate::memory::usage::UsageReader;

/// The positions before and after a segment, as differences.
pub(super) const BESIDE: [i64; 2] = [-1, 1];

/// The texts before and after a segment; `None` if any text will do.
pub(super) type Neighbours = [Option<String>; 2];

/// Reads the texts beside a place.
pub(super) struct NeighbourReader<'c> {
    pub connection: &'c Connection,
    stated: CachedStatement<'c>,
    text: CachedStatement<'c>,
}

impl<'c> NeighbourReader<'c> {
    pub fn new(connection: &'c Connection, role: TextRole) -> rusqlite::Result<Self> {
        let text = match role {
            TextRole::Source => "unit.text",
            TextRole::Target => "variant.text",
        };
        let text = format!(
            "select {text} from segment
             join variant on variant.id = segment.variant_id
             join unit on unit.id = variant.unit_id
             where segment.document_id = ?1 and segment.position = ?2
             union all
             select {text} from neighbour
             join variant on variant.id = neighbour.variant_id
             join unit on unit.id = variant.unit_id
             where neighbour.document_id = ?1 and neighbour.position = ?2"
        );
        let stated = "select previous, next from origin where document_id = ?1 and position = ?2";
        Ok(NeighbourReader {
            connection,
            stated: connection.prepare_cached(stated)?,
            text: connection.prepare_cached(&text)?,
        })
    }

    /// Whether a text is at a place.
    pub fn is_at(&mut self, place: (i64, i64), text: &str) -> rusqlite::Result<bool> {
        let is = self.text.query_row(place, |row| Ok(row.get_ref(0)?.as_str()? == text)).optional()?;
        Ok(is == Some(true))
    }

    /// Whether a place has these neighbours.
    pub fn are_at(
        &mut self,
        usage: &mut UsageReader,
        (document, position): (i64, i64),
        neighbours: &Neighbours,
    ) -> Result<bool, Fault> {
        if usage.is_tmx(self.connection, document)? {
            let are = |row: &rusqlite::Row<'_>| {
                let is = |side: usize| -> rusqlite::Result<bool> {
                    let wanted = neighbours[side].as_deref();
                    Ok(wanted.is_none() || row.get_ref(side)?.as_str_or_null()? == wanted)
                };
                Ok(is(0)? && is(1)?)
            };
            if let Some(are) = self.stated.query_row((document, position), are).optional()? {
                return Ok(are);
            }
        }
        for (text, distance) in neighbours.iter().zip(BESIDE) {
            if let Some(text) = text
                && !self.is_at((document, position + distance), text)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The digests of the texts before and after a place.
    pub fn digests(
        &mut self,
        usage: &mut UsageReader,
        (document, position): (i64, i64),
    ) -> Result<[Option<Digest>; 2], Fault> {
        let digest = |row: &rusqlite::Row<'_>, column: usize| -> rusqlite::Result<Option<Digest>> {
            Ok(row.get_ref(column)?.as_str_or_null()?.map(digest_of_text))
        };
        if usage.is_tmx(self.connection, document)? {
            let read = |row: &rusqlite::Row<'_>| Ok([digest(row, 0)?, digest(row, 1)?]);
            if let Some(stated) = self.stated.query_row((document, position), read).optional()? {
                return Ok(stated);
            }
        }
        let mut digests = [None; 2];
        for (found, distance) in digests.iter_mut().zip(BESIDE) {
            let read = self.text.query_row((document, position + distance), |row| digest(row, 0));
            *found = read.optional()?.flatten();
        }
        Ok(digests)
    }
}
