//! The texts before and after a segment: those that a TMX states, else those of the positions before and after.

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::frequent::Digest;
use crate::memory::error::Fault;
use crate::memory::interner::digest_of_text;
use crate::memory::text_index::TextRole;
use crate::memory::usage::UsageReader;

/// The positions before and after a segment, as differences.
pub(super) const BESIDE: [i64; 2] = [-1, 1];

/// The texts before and after a segment; `None` if any text will do. The empty text is an end of the document: no segment is there.
pub(super) type Neighbours = [Option<String>; 2];

/// Reads the texts beside a place.
pub(super) struct NeighbourReader<'c> {
    pub connection: &'c Connection,
    stated: CachedStatement<'c>,
    text: CachedStatement<'c>,
    exists: CachedStatement<'c>,
}

/// The digest of an end of the document: that of the empty text.
pub(super) fn end_digest() -> Digest {
    digest_of_text("")
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
        let exists = "select exists (select 1 from segment where document_id = ?1 and position = ?2)
                          or exists (select 1 from neighbour where document_id = ?1 and position = ?2)";
        Ok(NeighbourReader {
            exists: connection.prepare_cached(exists)?,
            connection,
            stated: connection.prepare_cached(stated)?,
            text: connection.prepare_cached(&text)?,
        })
    }

    /// Whether a text is at a place; of the empty text, whether no segment is there.
    pub fn is_at(&mut self, place: (i64, i64), text: &str) -> rusqlite::Result<bool> {
        if text.is_empty() {
            return Ok(!self.has_segment(place)?);
        }
        let is = self.text.query_row(place, |row| Ok(row.get_ref(0)?.as_str()? == text)).optional()?;
        Ok(is == Some(true))
    }

    fn has_segment(&mut self, place: (i64, i64)) -> rusqlite::Result<bool> {
        self.exists.query_row(place, |row| row.get(0))
    }

    /// Whether a place has these neighbours. A TMX cannot state the end of a document: a unit that states one neighbour only stands at
    /// the end on the other side.
    pub fn are_at(
        &mut self,
        usage: &mut UsageReader,
        (document, position): (i64, i64),
        neighbours: &Neighbours,
    ) -> Result<bool, Fault> {
        if usage.is_tmx(self.connection, document)? {
            let are = |row: &rusqlite::Row<'_>| {
                let stated = stated_neighbours(row)?;
                let is = |side: usize| match neighbours[side].as_deref() {
                    None => true,
                    Some("") => stated[side].is_none() && stated[1 - side].is_some(),
                    wanted => stated[side] == wanted,
                };
                Ok(is(0) && is(1))
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

    /// The digests of the texts before and after a place; that of the empty text at an end of the document.
    pub fn digests(
        &mut self,
        usage: &mut UsageReader,
        (document, position): (i64, i64),
    ) -> Result<[Option<Digest>; 2], Fault> {
        if usage.is_tmx(self.connection, document)? {
            let read = |row: &rusqlite::Row<'_>| {
                let stated = stated_neighbours(row)?;
                let has_one = stated != [None; 2];
                Ok(stated.map(|text| text.map(digest_of_text).or_else(|| has_one.then(end_digest))))
            };
            if let Some(stated) = self.stated.query_row((document, position), read).optional()? {
                return Ok(stated);
            }
        }
        let mut digests = [None; 2];
        for (found, distance) in digests.iter_mut().zip(BESIDE) {
            let place = (document, position + distance);
            let digest = |row: &rusqlite::Row<'_>| {
                let text = row.get_ref(0)?.as_str()?;
                Ok((!text.is_empty()).then(|| digest_of_text(text)))
            };
            *found = match self.text.query_row(place, digest).optional()? {
                Some(digest) => digest,
                None => (!self.has_segment(place)?).then(end_digest),
            };
        }
        Ok(digests)
    }
}

/// The neighbours that a row of a TMX states.
fn stated_neighbours<'r>(row: &'r rusqlite::Row<'_>) -> rusqlite::Result<[Option<&'r str>; 2]> {
    let text = |side: usize| -> rusqlite::Result<Option<&'r str>> {
        Ok(row.get_ref(side)?.as_str_or_null()?.filter(|text| !text.is_empty()))
    };
    Ok([text(0)?, text(1)?])
}
