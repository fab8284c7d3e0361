//! Variants and contexts of units, with all that is known of them.

use std::borrow::Cow;
use std::cell::RefCell;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::ids::Ids;
use super::tally::Tallied;
use super::texts::Texts;
use super::walk::{Document, Occurrence, Spot, Walk};
use crate::memory::origin::{self, Origin, Rest, date_time};
use crate::model::{Context, Kind, Locale, Place, Variant};

/// How many places of a variant are named where several documents hold it.
const PLACES: usize = 3;

/// Looks up what the tally does not hold.
pub(super) struct Builder<'b, 'm, 'a> {
    pub walk: &'b Walk<'m, 'a>,
    pub texts: &'b Texts<'m>,
    ids: &'m Ids,
    segment: RefCell<CachedStatement<'m>>,
    origin: RefCell<CachedStatement<'m>>,
}

impl<'b, 'm, 'a> Builder<'b, 'm, 'a> {
    pub fn new(
        memory: &'m Connection,
        ids: &'m Ids,
        walk: &'b Walk<'m, 'a>,
        texts: &'b Texts<'m>,
    ) -> rusqlite::Result<Self> {
        let sql = "select number, kind, id, variant_id from segment where document_id = ?1 and position = ?2";
        let segment = RefCell::new(memory.prepare_cached(sql)?);
        Ok(Builder { walk, texts, ids, segment, origin: RefCell::new(origin::select(memory)?) })
    }

    pub fn document(&self, spot: Spot) -> &Document<'a> {
        self.walk.route.document(spot)
    }

    /// A variant with its text and what was counted of it. `at_hand` is the segment that the walk has come to.
    pub fn variant(
        &self,
        (locale, text): (&Locale, String),
        tallied: &Tallied,
        spots: impl Iterator<Item = Spot>,
        source: &str,
        at_hand: &Occurrence,
    ) -> rusqlite::Result<Variant> {
        let newest = &self.walk.route.documents[tallied.newest as usize].place.metadata;
        let mut variant = Variant {
            locale: locale.clone(),
            text,
            workflow: tallied.workflow,
            usage: tallied.usage.into(),
            created: tallied.created.and_then(date_time),
            changed: tallied.changed.and_then(date_time),
            last_used: None,
            creator: None,
            changer: None,
            places: Vec::with_capacity(1),
            documents: tallied.documents.into(),
            source_commit: newest.source_commit.clone(),
            no_loc: Vec::new(),
            properties: Vec::new(),
            notes: Vec::new(),
        };
        let mut count = 0;
        for spot in spots {
            count += 1;
            let document = self.document(spot);
            if document.has_origins {
                let rest = self.rest_at(spot, at_hand)?;
                self.add(rest, spot, at_hand, &mut variant)?;
            } else if variant.places.len() < PLACES {
                variant.places.push(self.place(spot, at_hand)?);
            }
            for term in &document.place.metadata.no_loc {
                if source.contains(term.as_str()) && !variant.no_loc.contains(term) {
                    variant.no_loc.push(term.clone());
                }
            }
        }
        if count > 1 {
            variant.places.truncate(PLACES);
        }
        Ok(variant)
    }

    /// Adds what a TMX said.
    fn add(
        &self,
        rest: Rest<'_>,
        spot: Spot,
        at_hand: &Occurrence,
        variant: &mut Variant,
    ) -> rusqlite::Result<()> {
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
            places.push(self.place(spot, at_hand)?);
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

    fn place(&self, spot: Spot, at_hand: &Occurrence) -> rusqlite::Result<Place> {
        let place = self.document(spot).place;
        let written = |number: u32, kind, id: Option<String>| {
            let mark = if kind == Kind::Paragraph { "p" } else { "" };
            id.unwrap_or_else(|| format!("{}-{mark}{number}", place.id_prefix))
        };
        let segment = if spot == at_hand.spot {
            written(at_hand.number, at_hand.kind, at_hand.id.clone())
        } else {
            let mut segment = self.segment.borrow_mut();
            segment.query_row((place.id, spot.position), |row| {
                let kind = if row.get(1)? { Kind::Paragraph } else { Kind::Sentence };
                Ok(written(row.get(0)?, kind, row.get(2)?))
            })?
        };
        Ok(Place { set: place.set.clone(), document: place.document.clone(), segment })
    }

    /// The source texts on both sides of a segment.
    pub fn context(&self, spot: Spot, at_hand: &Occurrence) -> rusqlite::Result<Context> {
        if self.document(spot).has_origins {
            return Ok(match &at_hand.told {
                Some(told) if spot == at_hand.spot => told.0.clone(),
                _ => self.origin_at(spot)?.0.context,
            });
        }
        let [before, after] = if spot == at_hand.spot {
            at_hand.neighbours
        } else {
            let before = spot.position.checked_sub(1).map(|position| self.unit_at(spot, position));
            [before.transpose()?.flatten(), self.unit_at(spot, spot.position + 1)?]
        };
        let text = |unit: Option<u32>| -> rusqlite::Result<Option<String>> {
            unit.map(|unit| self.texts.unit(unit).map(|text| text.to_string())).transpose()
        };
        Ok(Context { previous: text(before)?, next: text(after)? })
    }

    fn unit_at(&self, spot: Spot, position: u32) -> rusqlite::Result<Option<u32>> {
        Ok(self.variant_at(spot, position)?.map(|variant| self.ids.unit_of(variant)))
    }

    /// The variant at another position of the document that `spot` is in.
    pub fn variant_at(&self, spot: Spot, position: u32) -> rusqlite::Result<Option<u32>> {
        let mut segment = self.segment.borrow_mut();
        let variant: Option<i64> =
            segment.query_row((self.document(spot).place.id, position), |row| row.get(3)).optional()?;
        Ok(variant.and_then(|variant| self.ids.variants.number(variant)))
    }

    /// The number of the segment at a place: that of its id.
    pub fn number(&self, spot: Spot) -> rusqlite::Result<u32> {
        self.segment.borrow_mut().query_row((self.document(spot).place.id, spot.position), |row| row.get(0))
    }

    /// What only an export gives back of a segment of a TMX.
    fn rest_at(&self, spot: Spot, at_hand: &Occurrence) -> rusqlite::Result<Rest<'static>> {
        match &at_hand.told {
            Some(told) if spot == at_hand.spot => rest(told.1.as_deref()),
            _ => rest(self.origin_at(spot)?.1.as_deref()),
        }
    }

    fn origin_at(&self, spot: Spot) -> rusqlite::Result<(Origin, Option<String>)> {
        let mut origin = self.origin.borrow_mut();
        origin.query_row((self.document(spot).place.id, spot.position), |row| {
            Ok((Origin::read(row, 0)?, row.get(8)?))
        })
    }
}

fn rest(json: Option<&str>) -> rusqlite::Result<Rest<'static>> {
    let rest = json.map(serde_json::from_str).transpose().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(8, rusqlite::types::Type::Text, error.into())
    })?;
    Ok(rest.unwrap_or_default())
}
