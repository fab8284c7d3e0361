//! The places of a translation in the document that a query names.

use std::rc::Rc;
use std::sync::Arc;

use rusqlite::Connection;

use super::Lookup;
use super::context::Wanted;
use crate::memory::usage::PlaceRef;
use crate::memory::{MemoryError, PlaceFilter};

/// The ids of the documents at the path that was named last: queries come document by document.
#[derive(Default)]
pub(super) struct OwnDocuments(Option<(Arc<str>, Rc<[i64]>)>);

/// The first place of a translation in a document, and the first between the neighbours of the query.
#[derive(Default)]
pub(super) struct OwnPlaces {
    pub first: Option<PlaceRef>,
    pub in_context: Option<PlaceRef>,
}

impl Lookup<'_> {
    /// The places of a translation in the documents at a path that pass the filter. Those of the first set with such a document come
    /// first, and those of current versions before superseded ones.
    pub(super) fn first_in_document(
        &mut self,
        variants: &[i64],
        (document, wanted): (&Arc<str>, Option<&Wanted>),
        filter: &PlaceFilter,
    ) -> Result<OwnPlaces, MemoryError> {
        let mut found = OwnPlaces::default();
        for &document in &*self.documents_at(document)? {
            for &variant in variants {
                let memory = self.memory;
                let places = memory.at(places_in(&memory.connection, (variant, document)))?;
                for place in places {
                    let passes = self.usage.passes(&memory.connection, place, filter);
                    if !memory.at(passes)? {
                        continue;
                    }
                    let here = self.usage.place(&memory.connection, place);
                    let here = memory.at(here)?;
                    if let Some(wanted) = wanted
                        && self.has_neighbours(place, wanted)?
                    {
                        found.in_context = Some(here.clone());
                        found.first.get_or_insert(here);
                        return Ok(found);
                    }
                    found.first.get_or_insert(here);
                }
            }
        }
        Ok(found)
    }

    /// The documents at a path of any set.
    pub(super) fn documents_at(&mut self, path: &Arc<str>) -> Result<Rc<[i64]>, MemoryError> {
        if let OwnDocuments(Some((known, documents))) = &self.own
            && known == path
        {
            return Ok(Rc::clone(documents));
        }
        let memory = self.memory;
        let documents: Rc<[i64]> = memory.at(documents_at(&memory.connection, path))?.into();
        self.own = OwnDocuments(Some((Arc::clone(path), Rc::clone(&documents))));
        Ok(documents)
    }
}

/// The places of a variant in a document, in order.
fn places_in(connection: &Connection, (variant, document): (i64, i64)) -> rusqlite::Result<Vec<(i64, i64)>> {
    let sql = "select document_id, position from segment where variant_id = ?1 and document_id = ?2 order by position";
    let mut statement = connection.prepare_cached(sql)?;
    let places = statement.query_map((variant, document), |row| Ok((row.get(0)?, row.get(1)?)))?;
    places.collect()
}

/// The documents at a path of any set: current versions, then superseded ones, the last first.
fn documents_at(connection: &Connection, path: &str) -> rusqlite::Result<Vec<i64>> {
    let mut documents = current_documents_at(connection, path)?;
    // Another statement, because it has another index.
    let superseded = "select document.id from document_set
                      cross join document on document.set_id = document_set.id and document.path = ?1
                      where document.superseded is not null
                      order by document.superseded desc, document_set.name, document.id";
    let mut statement = connection.prepare_cached(superseded)?;
    for document in statement.query_map([path], |row| row.get(0))? {
        documents.push(document?);
    }
    Ok(documents)
}

/// The current versions of the documents at a path of any set.
pub(super) fn current_documents_at(connection: &Connection, path: &str) -> rusqlite::Result<Vec<i64>> {
    // A cross join keeps this order: the planner would read the whole index of documents instead.
    let current = "select document.id from document_set
                   cross join document on document.set_id = document_set.id and document.path = ?1
                   where document.superseded is null order by document_set.name, document.id";
    connection.prepare_cached(current)?.query_map([path], |row| row.get(0))?.collect()
}
