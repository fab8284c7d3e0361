//! Variants and contexts of units, with all that is known of them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::count::{Counted, PLACES};
use super::texts::Texts;
use super::walk::{Occurrence, Spot, Walk};
use crate::memory::documents::{Document, Documents};
use crate::memory::error::Fault;
use crate::memory::origin::{self, Origin, Rest, date_time};
use crate::model::{Context, Kind, Locale, Place, Variant};

/// How many documents are kept at hand.
const KEPT: u32 = 512;

/// Looks up what was not counted.
pub(super) struct Builder<'b, 'm> {
    walk: &'b Walk<'m>,
    pub texts: Texts<'m>,
    documents: Documents<'m>,
    /// Documents by their rank's remainder.
    kept: RefCell<HashMap<u32, (u32, Rc<Document>)>>,
    segment: RefCell<CachedStatement<'m>>,
    origin: RefCell<CachedStatement<'m>>,
}

impl<'b, 'm> Builder<'b, 'm> {
    pub fn new(memory: &'m Connection, walk: &'b Walk<'m>) -> rusqlite::Result<Self> {
        let sql = "select number, kind, id, variant_id from segment where document_id = ?1 and position = ?2";
        Ok(Builder {
            walk,
            texts: Texts::new(memory)?,
            documents: Documents::new(memory)?,
            kept: RefCell::default(),
            segment: RefCell::new(memory.prepare_cached(sql)?),
            origin: RefCell::new(origin::select(memory)?),
        })
    }

    /// A document by its rank.
    pub fn document(&self, rank: u32) -> Result<Rc<Document>, Fault> {
        let mut kept = self.kept.borrow_mut();
        if let Some((has, document)) = kept.get(&(rank % KEPT))
            && *has == rank
        {
            return Ok(Rc::clone(document));
        }
        let document = Rc::new(self.documents.read(self.walk.route.key(rank)?)?);
        kept.insert(rank % KEPT, (rank, Rc::clone(&document)));
        Ok(document)
    }

    /// A variant with its text and what was counted of it. `at_hand` is the segment that a walk has come to.
    pub fn variant(
        &self,
        (locale, text): (&Locale, String),
        counted: &Counted,
        spots: &[Spot],
        source: &str,
        at_hand: Option<&Occurrence>,
    ) -> Result<Variant, Fault> {
        let mut variant = Variant {
            locale: locale.clone(),
            text,
            workflow: counted.workflow,
            usage: counted.usage.into(),
            created: counted.created.and_then(date_time),
            changed: counted.changed.and_then(date_time),
            last_used: None,
            creator: None,
            changer: None,
            places: Vec::with_capacity(1),
            documents: counted.documents.into(),
            source_commit: self.document(counted.newest)?.metadata.source_commit.clone(),
            no_loc: Vec::new(),
            properties: Vec::new(),
            notes: Vec::new(),
        };
        for &spot in spots {
            let document = self.document(spot.document)?;
            if self.is_told(spot)? {
                let rest = self.rest_at(spot, at_hand)?;
                self.add(rest, (&document, spot), at_hand, &mut variant)?;
            } else if variant.places.len() < PLACES {
                variant.places.push(self.place(&document, spot, at_hand)?);
            }
            for term in &document.metadata.no_loc {
                if source.contains(term.as_str()) && !variant.no_loc.contains(term) {
                    variant.no_loc.push(term.clone());
                }
            }
        }
        if spots.len() > 1 {
            variant.places.truncate(PLACES);
        }
        Ok(variant)
    }

    /// Whether a TMX told of the segment.
    fn is_told(&self, spot: Spot) -> Result<bool, Fault> {
        Ok(self.walk.route.facts(spot.document)?.has_origins)
    }

    /// Adds what a TMX said.
    fn add(
        &self,
        rest: Rest<'_>,
        (document, spot): (&Document, Spot),
        at_hand: Option<&Occurrence>,
        variant: &mut Variant,
    ) -> Result<(), Fault> {
        let mut places: Vec<Place> = rest
            .places
            .into_iter()
            .map(|(set, document, segment)| Place {
                set: set.into_owned(),
                document: document.into_owned(),
                segment: segment.into_owned(),
            })
            .collect();
        if places.is_empty() {
            places.push(self.place(document, spot, at_hand)?);
        }
        variant.places.extend(places);
        variant.last_used = variant.last_used.max(rest.last_used.and_then(date_time));
        variant.creator = variant.creator.take().or(rest.creator.map(Cow::into_owned));
        variant.changer = variant.changer.take().or(rest.changer.map(Cow::into_owned));
        variant.source_commit = variant.source_commit.take().or(rest.source_commit.map(Cow::into_owned));
        for (name, value) in rest.properties {
            let property = (name.into_owned(), value.into_owned());
            if !variant.properties.contains(&property) {
                variant.properties.push(property);
            }
        }
        for note in rest.notes {
            let note = note.into_owned();
            if !variant.notes.contains(&note) {
                variant.notes.push(note);
            }
        }
        Ok(())
    }

    fn place(
        &self,
        document: &Document,
        spot: Spot,
        at_hand: Option<&Occurrence>,
    ) -> rusqlite::Result<Place> {
        let segment = if let Some(here) = here(spot, at_hand) {
            document.segment_id(here.number, here.kind == Kind::Paragraph, here.id.clone())
        } else {
            let mut segment = self.segment.borrow_mut();
            segment.query_row((document.id, spot.position), |row| {
                Ok(document.segment_id(row.get(0)?, row.get(1)?, row.get(2)?))
            })?
        };
        Ok(Place { set: document.name.set.clone(), document: document.name.document.clone(), segment })
    }

    /// The source texts on both sides of a segment.
    pub fn context(&self, spot: Spot, at_hand: Option<&Occurrence>) -> Result<Context, Fault> {
        if self.is_told(spot)? {
            return Ok(match here(spot, at_hand).and_then(|here| here.told.as_ref()) {
                Some(told) => told.0.clone(),
                None => self.origin_at(spot)?.0.context,
            });
        }
        let [before, after] = match here(spot, at_hand) {
            Some(here) => here.neighbours,
            None => {
                let before = spot.position.checked_sub(1).map(|position| self.unit_at(spot, position));
                [before.transpose()?.flatten(), self.unit_at(spot, spot.position + 1)?]
            }
        };
        let text = |unit: Option<i64>| -> rusqlite::Result<Option<String>> {
            unit.map(|unit| self.texts.unit(unit).map(|text| text.to_string())).transpose()
        };
        Ok(Context { previous: text(before)?, next: text(after)? })
    }

    fn unit_at(&self, spot: Spot, position: u32) -> Result<Option<i64>, Fault> {
        let variant = self.variant_at(spot, position)?;
        variant.map_or(Ok(None), |variant| self.walk.unit_of(variant))
    }

    /// The variant at another position of the document that `spot` is in.
    pub fn variant_at(&self, spot: Spot, position: u32) -> Result<Option<i64>, Fault> {
        let mut segment = self.segment.borrow_mut();
        let place = (self.walk.route.key(spot.document)?, position);
        Ok(segment.query_row(place, |row| row.get(3)).optional()?)
    }

    /// The number of the segment at a place: that of its id.
    pub fn number(&self, spot: Spot) -> Result<u32, Fault> {
        let place = (self.walk.route.key(spot.document)?, spot.position);
        Ok(self.segment.borrow_mut().query_row(place, |row| row.get(0))?)
    }

    /// What only an export gives back of a segment of a TMX.
    fn rest_at(&self, spot: Spot, at_hand: Option<&Occurrence>) -> Result<Rest<'static>, Fault> {
        Ok(match here(spot, at_hand).and_then(|here| here.told.as_ref()) {
            Some(told) => rest(told.1.as_deref()),
            None => rest(self.origin_at(spot)?.1.as_deref()),
        }?)
    }

    fn origin_at(&self, spot: Spot) -> Result<(Origin, Option<String>), Fault> {
        let mut origin = self.origin.borrow_mut();
        let place = (self.walk.route.key(spot.document)?, spot.position);
        Ok(origin.query_row(place, |row| Ok((Origin::read(row, 0)?, row.get(8)?)))?)
    }
}

/// The segment at hand, where it is the one at this place.
fn here(spot: Spot, at_hand: Option<&Occurrence>) -> Option<&Occurrence> {
    at_hand.filter(|at_hand| at_hand.spot() == spot)
}

fn rest(json: Option<&str>) -> rusqlite::Result<Rest<'static>> {
    let rest = json.map(serde_json::from_str).transpose().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(8, rusqlite::types::Type::Text, error.into())
    })?;
    Ok(rest.unwrap_or_default())
}
