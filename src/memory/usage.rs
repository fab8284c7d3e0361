//! Reads the usage of translations, and the first place of each, from the index of places by variant.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension};

use super::PlaceFilter;
use super::documents::{self, IS_TMX, segment_id};
use super::error::Fault;
use super::origin::Origin;
use crate::model::{DocumentVersion, Place, Provenance, Usage, Workflow, midnight};

/// The capacity of the cache of documents. A full cache is cleared, so it does not grow with the memory.
const CACHED_DOCUMENTS: usize = 1 << 16;

/// The columns of a document that its places need.
struct DocumentFacts {
    id: i64,
    workflow: Option<Workflow>,
    /// Seconds since 1970.
    handoff: Option<i64>,
    is_tmx: bool,
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
        // For each document, the number of segments and the position of the first.
        let mut documents: BTreeMap<i64, (u64, i64)> = BTreeMap::new();
        let sql = "select document_id, count(*), min(position) from segment where variant_id = ?1
                   group by document_id order by document_id";
        for variant in variants {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([variant])?;
            while let Some(row) = rows.next()? {
                let (count, position): (u64, i64) = (row.get(1)?, row.get(2)?);
                let known = documents.entry(row.get(0)?).or_insert((0, position));
                *known = (known.0 + count, known.1.min(position));
            }
        }
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
        for (id, (count, position)) in documents {
            let document = self.document(connection, id)?;
            if !filter.has_document(&document.path) {
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
        Ok(found)
    }

    /// Those of these places, which are pairs of document and position, that pass the filter.
    pub fn passing(
        &mut self,
        connection: &Connection,
        mut places: Vec<(i64, i64)>,
        filter: &PlaceFilter,
    ) -> Result<Vec<(i64, i64)>, Fault> {
        if filter.counts_all() {
            return Ok(places);
        }
        let mut failed = None;
        places.retain(|&(document, position)| {
            let passes = self.passes(connection, (document, position), filter);
            passes.unwrap_or_else(|fault| {
                failed = Some(fault);
                false
            })
        });
        failed.map_or(Ok(places), Err)
    }

    fn passes(
        &mut self,
        connection: &Connection,
        (id, position): (i64, i64),
        filter: &PlaceFilter,
    ) -> Result<bool, Fault> {
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
        Ok(filter.has_document(&document.path) && filter.has(&provenance))
    }

    /// The first of these places, which are pairs of document and position.
    pub fn first(
        &mut self,
        connection: &Connection,
        places: &[(i64, i64)],
    ) -> Result<Option<PlaceRef>, Fault> {
        let mut first: Option<PlaceRef> = None;
        for &(document, position) in places {
            let document = self.document(connection, document)?;
            let superseded = document.version.superseded;
            let place = PlaceRef { document, position, superseded };
            if first.as_ref().is_none_or(|first| place.compare(first).is_lt()) {
                first = Some(place);
            }
        }
        Ok(first)
    }

    fn document(&mut self, connection: &Connection, id: i64) -> Result<Rc<DocumentFacts>, Fault> {
        if let Some(known) = self.documents.get(&id) {
            return Ok(Rc::clone(known));
        }
        let sql = format!(
            "select workflow, handoff, set_id, path, target_locale_id, id_prefix, {IS_TMX},
                    commit_id, committed, superseded
             from document where id = ?1"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let facts = Rc::new(DocumentFacts {
            id,
            workflow: documents::workflow(row, 0)?,
            handoff: documents::handoff(row, 1)?.map(midnight),
            set: self.set(connection, row.get(2)?)?,
            path: row.get(3)?,
            target_locale: row.get(4)?,
            id_prefix: row.get(5)?,
            is_tmx: row.get(6)?,
            version: documents::version(row, 7)?,
        });
        if self.documents.len() >= CACHED_DOCUMENTS {
            self.documents.clear();
        }
        self.documents.insert(id, Rc::clone(&facts));
        Ok(facts)
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
