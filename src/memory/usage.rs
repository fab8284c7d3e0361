//! Reads the usage of translations, and the first place of each, from the index of places by variant.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension, Row};

use super::PlaceFilter;
use super::documents::{self, IS_ALIGNED, IS_TMX, segment_id};
use super::error::Fault;
use super::origin::Origin;
use crate::model::{DocumentVersion, Place, Provenance, Usage, Workflow, midnight};

/// The capacity of the cache of documents. A full cache is cleared, so it does not grow with the memory.
const CACHED_DOCUMENTS: usize = 1 << 16;

/// Selects what [`DocumentFacts`] has of the documents that pass a condition.
fn select_facts(condition: &str) -> String {
    format!(
        "select workflow, handoff, set_id, path, target_locale_id, id_prefix, {IS_TMX},
                commit_id, committed, superseded, id, {IS_ALIGNED}
         from document where {condition}"
    )
}

/// The columns of a document that its places need.
struct DocumentFacts {
    id: i64,
    workflow: Option<Workflow>,
    /// Seconds since 1970.
    handoff: Option<i64>,
    is_tmx: bool,
    is_aligned: bool,
    version: DocumentVersion,
    set: Rc<str>,
    path: Box<str>,
    target_locale: i64,
    id_prefix: Box<str>,
}

impl DocumentFacts {
    /// Of so many of its segments, if it is no TMX.
    fn provenance(&self, segments: u64) -> Provenance {
        Provenance {
            superseded: self.version.superseded(),
            is_aligned: self.is_aligned,
            ..Provenance::of_document(self.id, self.workflow, self.handoff, segments)
        }
    }
}

/// A place: a document, and a position in it.
#[derive(Clone)]
pub(super) struct PlaceRef {
    document: Rc<DocumentFacts>,
    position: i64,
    /// When it was superseded.
    superseded: Option<i64>,
}

impl PlaceRef {
    /// The order of places: current ones, then the last that were superseded. Then by set, path, target locale and position.
    pub fn compare(&self, other: &PlaceRef) -> Ordering {
        type Key<'k> = (bool, Reverse<Option<i64>>, &'k str, &'k str, i64, i64);
        fn key(place: &PlaceRef) -> Key<'_> {
            let document = &place.document;
            let superseded = place.superseded;
            let place = (place.position, document.target_locale);
            (superseded.is_some(), Reverse(superseded), &document.set, &document.path, place.1, place.0)
        }
        key(self).cmp(&key(other))
    }

    /// The source and the target as the document has them, where they differ from what the memory compares.
    pub fn written(&self, connection: &Connection) -> rusqlite::Result<[Option<String>; 2]> {
        let sql = "select source, target from as_written where document_id = ?1 and position = ?2";
        let texts = |row: &Row<'_>| Ok([row.get(0)?, row.get(1)?]);
        let place = (self.document.id, self.position);
        Ok(connection.prepare_cached(sql)?.query_row(place, texts).optional()?.unwrap_or_default())
    }

    /// The confidence of an aligned pair, in percent.
    pub fn confidence(&self, connection: &Connection) -> rusqlite::Result<Option<u8>> {
        let sql = "select confidence from aligned where document_id = ?1 and position = ?2";
        let place = (self.document.id, self.position);
        let row = connection.prepare_cached(sql)?.query_row(place, |row| row.get(0)).optional()?;
        Ok(row.flatten())
    }

    /// Reads the names of set, document and segment.
    pub fn read(&self, connection: &Connection) -> Result<Place, Fault> {
        let sql = "select number, kind, id from segment where document_id = ?1 and position = ?2";
        let document = &self.document;
        let segment = connection.prepare_cached(sql)?.query_row((document.id, self.position), |row| {
            Ok(segment_id(&document.id_prefix, row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        Ok(Place { set: document.set.to_string(), document: document.path.to_string(), segment })
    }
}

/// Reads usage. Caches documents, which never change under their ids.
#[derive(Default)]
pub(super) struct UsageReader {
    documents: HashMap<i64, Rc<DocumentFacts>>,
    sets: HashMap<i64, Rc<str>>,
}

impl UsageReader {
    /// The usage of a translation at the places that pass the filter, and the first of them; `None` if no place passes. A
    /// translation has several variants if the same two texts were stored in both directions.
    pub fn usage(
        &mut self,
        connection: &Connection,
        variants: &[i64],
        filter: &PlaceFilter,
    ) -> Result<Option<(Usage, PlaceRef)>, Fault> {
        Ok(self.counted_usage(connection, variants, filter)?.0)
    }

    /// The usage, and the number of places that were read for it.
    pub fn counted_usage(
        &mut self,
        connection: &Connection,
        variants: &[i64],
        filter: &PlaceFilter,
    ) -> Result<(Option<(Usage, PlaceRef)>, usize), Fault> {
        let documents = documents_of(connection, variants)?;
        let mut found: Option<(Usage, PlaceRef)> = None;
        let mut add = |document: &Rc<DocumentFacts>, provenance: Provenance, position: i64| {
            if !filter.has(&provenance) {
                return;
            }
            let superseded = provenance.superseded.map(|superseded| superseded.at);
            let place = PlaceRef { document: Rc::clone(document), position, superseded };
            match &mut found {
                Some((usage, first)) => {
                    usage.add(&provenance);
                    if place.compare(first).is_lt() {
                        *first = place;
                    }
                }
                None => found = Some((Usage::first(&provenance), place)),
            }
        };
        let mut places = 0;
        for (id, count, position) in documents {
            places += count as usize;
            let document = self.document(connection, id)?;
            if !filter.has_document(&document.set, &document.path) {
                continue;
            }
            if document.is_tmx {
                for variant in variants {
                    tmx_places(connection, id, *variant, |provenance, position| {
                        add(&document, provenance, position);
                    })?;
                }
            } else {
                add(&document, document.provenance(count), position);
            }
        }
        Ok((found, places))
    }

    /// Whether the place, a document and a position in it, passes the filter.
    pub fn passes(
        &mut self,
        connection: &Connection,
        (id, position): (i64, i64),
        filter: &PlaceFilter,
    ) -> Result<bool, Fault> {
        if filter.counts_all() {
            return Ok(true);
        }
        let document = self.document(connection, id)?;
        let provenance = match document.is_tmx {
            false => document.provenance(1),
            true => {
                let sql = "select workflow, created, changed, usage, documents, superseded, commit_id
                           from origin where document_id = ?1 and position = ?2";
                let mut statement = connection.prepare_cached(sql)?;
                statement.query_row((id, position), |row| Origin::provenance(row, 0, id))?
            }
        };
        Ok(filter.has_document(&document.set, &document.path) && filter.has(&provenance))
    }

    /// The place at a position of a document.
    pub fn place(&mut self, connection: &Connection, (id, position): (i64, i64)) -> Result<PlaceRef, Fault> {
        let document = self.document(connection, id)?;
        let superseded = document.version.superseded;
        Ok(PlaceRef { document, position, superseded })
    }

    /// Whether a document is a TMX, whose rows in `origin` state the neighbours of its segments.
    pub fn is_tmx(&mut self, connection: &Connection, id: i64) -> Result<bool, Fault> {
        Ok(self.document(connection, id)?.is_tmx)
    }

    /// Whether a document is neither a TMX nor superseded: then the neighbours of a segment are the segments before and after.
    pub fn has_all_segments(&mut self, connection: &Connection, id: i64) -> Result<bool, Fault> {
        let document = self.document(connection, id)?;
        Ok(!document.is_tmx && document.version.superseded.is_none())
    }

    fn document(&mut self, connection: &Connection, id: i64) -> Result<Rc<DocumentFacts>, Fault> {
        if let Some(known) = self.documents.get(&id) {
            return Ok(Rc::clone(known));
        }
        let mut statement = connection.prepare_cached(&select_facts("id = ?1"))?;
        let mut rows = statement.query([id])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let facts = self.facts(connection, row)?;
        if self.documents.len() >= CACHED_DOCUMENTS {
            self.documents.clear();
        }
        self.documents.insert(id, Rc::clone(&facts));
        Ok(facts)
    }

    /// Caches all documents, as far as the cache has room.
    pub fn cache_documents(&mut self, connection: &Connection) -> Result<(), Fault> {
        let mut statement = connection.prepare_cached(&select_facts("true order by id"))?;
        let mut rows = statement.query([])?;
        while self.documents.len() < CACHED_DOCUMENTS
            && let Some(row) = rows.next()?
        {
            let facts = self.facts(connection, row)?;
            self.documents.insert(facts.id, facts);
        }
        Ok(())
    }

    /// Of a row of [`select_facts`].
    fn facts(&mut self, connection: &Connection, row: &Row<'_>) -> Result<Rc<DocumentFacts>, Fault> {
        Ok(Rc::new(DocumentFacts {
            workflow: documents::workflow(row, 0)?,
            handoff: documents::handoff(row, 1)?.map(midnight),
            set: self.set(connection, row.get(2)?)?,
            path: row.get(3)?,
            target_locale: row.get(4)?,
            id_prefix: row.get(5)?,
            is_tmx: row.get(6)?,
            version: documents::version(row, 7)?,
            id: row.get(10)?,
            is_aligned: row.get(11)?,
        }))
    }

    fn set(&mut self, connection: &Connection, id: i64) -> rusqlite::Result<Rc<str>> {
        if let Some(name) = self.sets.get(&id) {
            return Ok(Rc::clone(name));
        }
        let mut statement = connection.prepare_cached("select name from document_set where id = ?1")?;
        let name: Rc<str> = statement.query_row([id], |row| row.get(0)).optional()?.unwrap_or_default();
        self.sets.insert(id, Rc::clone(&name));
        Ok(name)
    }
}

/// The documents with the variants, in order: the number of places, and the position of the first.
fn documents_of(connection: &Connection, variants: &[i64]) -> rusqlite::Result<Vec<(i64, u64, i64)>> {
    // Grouped here: an aggregate of SQLite takes several times as long for each row.
    let sql =
        "select document_id, position from segment where variant_id = ?1 order by document_id, position";
    let mut documents: Vec<(i64, u64, i64)> = Vec::new();
    for variant in variants {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([variant])?;
        while let Some(row) = rows.next()? {
            let (document, position) = (row.get(0)?, row.get(1)?);
            match documents.last_mut() {
                Some((last, count, _)) if *last == document => *count += 1,
                _ => documents.push((document, 1, position)),
            }
        }
    }
    if variants.len() > 1 {
        documents.sort_unstable();
        documents.dedup_by(|next, known| {
            let same = next.0 == known.0;
            if same {
                *known = (known.0, known.1 + next.1, known.2.min(next.2));
            }
            same
        });
    }
    Ok(documents)
}

/// Visits the places of a variant in a TMX, in order.
fn tmx_places(
    connection: &Connection,
    document: i64,
    variant: i64,
    mut visit: impl FnMut(Provenance, i64),
) -> rusqlite::Result<()> {
    let sql = "select origin.workflow, origin.created, origin.changed, origin.usage, origin.documents,
                      origin.superseded, origin.commit_id, segment.position
               from segment
               join origin on origin.document_id = segment.document_id and origin.position = segment.position
               where segment.variant_id = ?1 and segment.document_id = ?2
               order by segment.position";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((variant, document))?;
    while let Some(row) = rows.next()? {
        visit(Origin::provenance(row, 0, document)?, row.get(7)?);
    }
    Ok(())
}
