//! Reads translations with their places, and builds the chosen units.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::places::{Place as PlaceRow, Places};
use crate::matching::choose::{
    ChosenUnit, ChosenVariant, NAMED_DOCUMENTS, Occurrences, PlaceFacts, Translation,
};
use crate::memory::cache::Cache;
use crate::memory::documents::{Document, Documents};
use crate::memory::error::Fault;
use crate::memory::origin::OriginReader;
use crate::model::{Context, ContextPolicy, Place, Provenance, Scope, Unit, Variant, date_time};

/// Reads the texts and metadata of the units of an export.
pub(super) struct UnitBuilder<'p, 'm> {
    places: &'p Places,
    documents: Documents<'m>,
    cached_documents: Cache<Rc<Document>>,
    source: CachedStatement<'m>,
    cached_sources: Cache<Arc<str>>,
    target: CachedStatement<'m>,
    own_id: CachedStatement<'m>,
    confidence: CachedStatement<'m>,
    origins: OriginReader<'m>,
}

impl<'p, 'm> UnitBuilder<'p, 'm> {
    pub fn new(connection: &'m Connection, places: &'p Places) -> rusqlite::Result<Self> {
        Ok(UnitBuilder {
            places,
            documents: Documents::new(connection)?,
            cached_documents: Cache::new(512),
            source: connection.prepare_cached("select text from unit where id = ?1")?,
            // A text is read as a neighbour, then as itself, then as a neighbour again.
            cached_sources: Cache::new(1024),
            target: connection.prepare_cached("select text from variant where id = ?1")?,
            own_id: connection
                .prepare_cached("select id from segment where document_id = ?1 and position = ?2")?,
            confidence: connection
                .prepare_cached("select confidence from aligned where document_id = ?1 and position = ?2")?,
            origins: OriginReader::new(connection)?,
        })
    }

    /// The text of a unit.
    pub fn source(&mut self, unit: u32) -> Result<Arc<str>, Fault> {
        self.cached_sources
            .get(unit, || Ok(self.source.query_row([unit], |row| Ok(row.get_ref(0)?.as_str()?.into()))?))
    }

    /// The text of a variant.
    pub fn target(&mut self, variant: u32) -> Result<Arc<str>, Fault> {
        Ok(self.target.query_row([variant], |row| Ok(row.get_ref(0)?.as_str()?.into()))?)
    }

    /// A document by its index.
    pub fn document(&mut self, document: u32) -> Result<Rc<Document>, Fault> {
        let id = self.places.documents[document as usize].id;
        self.cached_documents.get(document, || Ok(Rc::new(self.documents.read(id)?)))
    }

    /// The translations that occur at these places of a unit, by variant.
    pub fn translations(&mut self, group: &[u32], policy: ContextPolicy) -> Result<Vec<Translation>, Fault> {
        if let [only] = group {
            return Ok(vec![self.translation(&[*only], policy, false)?]);
        }
        let places = self.places;
        let variant = |index: &u32| places.get(*index).variant;
        let mut group = group.to_vec();
        // Current places first: superseded ones beside them are not counted.
        group.sort_by_key(|index| {
            let is_superseded = places.document(places.get(*index)).version.superseded.is_some();
            (variant(index), is_superseded)
        });
        let locale = |index: &u32| places.document(places.get(*index)).locale;
        let is_multilingual = group.windows(2).any(|two| locale(&two[0]) != locale(&two[1]));
        let runs = || group.chunk_by(|one, other| variant(one) == variant(other));
        let locales: Vec<u16> = runs().map(|run| locale(&run[0])).collect();
        let is_ambiguous = (1..locales.len()).any(|at| locales[..at].contains(&locales[at]));
        let mut translations = Vec::with_capacity(locales.len());
        for run in runs() {
            let mut translation = self.translation(run, policy, is_ambiguous)?;
            if is_multilingual {
                let segment = |place| Some((places.document(place).source_version?, place.number));
                let named = ChosenVariant::everywhere(&translation);
                let named = named.named().filter_map(|index| segment(places.get(index)));
                translation.aligned = named.collect();
            }
            translations.push(translation);
        }
        Ok(translations)
    }

    /// A translation from its places.
    pub fn translation(
        &mut self,
        run: &[u32],
        policy: ContextPolicy,
        is_ambiguous: bool,
    ) -> Result<Translation, Fault> {
        let place = self.places.get(run[0]);
        let first = self.facts(run[0])?;
        let mut translation = Translation {
            variant: place.variant,
            locale: self.places.document(place).locale,
            text: self.target(place.variant)?,
            everywhere: Occurrences::first(&first),
            by_context: Vec::new(),
            named_after_first: Vec::new(),
            aligned: Vec::new(),
        };
        // The index in `by_context` of each context, or of each context in each document.
        let mut known: HashMap<([u64; 2], u32), usize> = HashMap::new();
        for (number, &index) in run.iter().enumerate() {
            let facts = if number == 0 { first } else { self.facts(index)? };
            if number > 0 && translation.everywhere.add(&facts) {
                translation.named_after_first.push(index);
            }
            if !translation.everywhere.counts(&facts) {
                continue;
            }
            let Some(document) = self.document_of_context(&facts, policy, is_ambiguous) else { continue };
            match known.get(&(facts.context, document)) {
                Some(&at) => {
                    translation.by_context[at].add(&facts);
                }
                None => {
                    known.insert((facts.context, document), translation.by_context.len());
                    translation.by_context.push(Occurrences::first(&facts));
                }
            }
        }
        Ok(translation)
    }

    /// The second part of the key of a context: the document if each one gets a unit, else 0. `None` if the context of the place
    /// cannot get a unit of its own.
    fn document_of_context(
        &self,
        facts: &PlaceFacts,
        policy: ContextPolicy,
        is_ambiguous: bool,
    ) -> Option<u32> {
        let in_context = facts.scope == Scope::Context;
        let place = self.places.get(facts.place);
        match policy {
            ContextPolicy::Each => Some(0),
            ContextPolicy::Differing if is_ambiguous || in_context => Some(0),
            // A TMX with a unit for one context has one for each document already.
            ContextPolicy::DifferingByDocument if in_context => Some(u32::MAX - place.position),
            ContextPolicy::DifferingByDocument if is_ambiguous => Some(place.document),
            _ => None,
        }
    }

    fn facts(&mut self, index: u32) -> Result<PlaceFacts, Fault> {
        let place = self.places.get(index);
        let document = self.places.document(place);
        if !document.is_tmx {
            let (workflow, handoff) = (document.workflow, document.handoff);
            return Ok(PlaceFacts {
                place: index,
                provenance: Provenance {
                    superseded: document.version.superseded(),
                    is_aligned: document.is_aligned,
                    ..Provenance::of_document(place.document.into(), workflow, handoff, 1)
                },
                context: self.places.context(index),
                scope: Scope::Everywhere,
            });
        }
        let origin = &self.origins.get(document.id, place.position)?.origin;
        let hash = |text: &Option<Arc<str>>| text.as_deref().map_or(0, |text| self.places.text_key(text));
        Ok(PlaceFacts {
            place: index,
            provenance: Provenance { document: place.document.into(), ..origin.provenance },
            context: [hash(&origin.context.previous), hash(&origin.context.next)],
            scope: origin.scope,
        })
    }

    /// Builds a chosen unit.
    pub fn unit(&mut self, source: &Arc<str>, chosen: &ChosenUnit<'_>) -> Result<Unit, Fault> {
        let context = chosen.context.map_or(Ok(Context::default()), |place| self.context(place))?;
        let mut variants = Vec::with_capacity(chosen.variants.len());
        for variant in &chosen.variants {
            variants.push(self.variant(source, variant)?);
        }
        let first = chosen.variants[0].occurrences.first;
        let document = self.document(self.places.get(first).document)?;
        let source_locale = document.name.source_locale.clone();
        Ok(Unit { source_locale, source: Arc::clone(source), context, scope: chosen.scope, variants })
    }

    /// The source texts before and after a place.
    fn context(&mut self, index: u32) -> Result<Context, Fault> {
        let place = self.places.get(index);
        let document = self.places.document(place);
        if document.is_tmx {
            return Ok(self.origins.get(document.id, place.position)?.origin.context.clone());
        }
        let [previous, next] = self.places.neighbours(index);
        let mut text = |unit: Option<u32>| unit.map(|unit| self.source(unit)).transpose();
        Ok(Context { previous: text(previous)?, next: text(next)? })
    }

    /// Builds a variant with its metadata.
    pub fn variant(&mut self, source: &str, chosen: &ChosenVariant<'_>) -> Result<Variant, Fault> {
        let usage = &chosen.occurrences.usage;
        let newest = self.document(usage.newest as u32)?;
        let mut variant = Variant {
            locale: self.places.locales[usize::from(chosen.translation.locale)].clone(),
            text: chosen.translation.text.clone(),
            workflow: usage.workflow,
            usage: usage.segments,
            created: usage.created.and_then(date_time),
            changed: usage.changed().and_then(date_time),
            superseded: usage.superseded,
            last_used: None,
            creator: None,
            changer: None,
            places: Vec::with_capacity(1),
            documents: usage.documents,
            source_commit: newest.metadata.source_commit.clone(),
            no_loc: Vec::new(),
            confidence: None,
            labels: Vec::new(),
            properties: Vec::new(),
            notes: Vec::new(),
            shared: None,
        };
        if usage.is_aligned {
            let first = self.places.get(chosen.occurrences.first);
            let place = (self.places.document(first).id, first.position);
            variant.confidence = self.confidence.query_row(place, |row| row.get(0)).optional()?.flatten();
        }
        let has_one_place = chosen.named().nth(1).is_none();
        let mut last_shared = None;
        for index in chosen.named() {
            let place = self.places.get(index);
            let document = self.document(place.document)?;
            if self.places.document(place).is_tmx {
                let mut rest = self.origins.get(document.id, place.position)?.rest()?;
                let shared = rest.take_shared();
                let shared = self.origins.shared((document.id, place.position), shared)?;
                let has_places = !rest.places.is_empty()
                    || shared.as_ref().is_some_and(|shared| !shared.places.is_empty());
                if has_one_place {
                    variant.shared = shared;
                } else if let Some(shared) = shared
                    && last_shared.as_ref().is_none_or(|last| !Arc::ptr_eq(last, &shared))
                {
                    variant.places.extend_from_slice(&shared.places);
                    variant.properties.extend_from_slice(&shared.properties);
                    variant.notes.extend_from_slice(&shared.notes);
                    last_shared = Some(shared);
                }
                rest.add_to(&mut variant);
                if !has_places {
                    variant.places.push(self.place(&document, place)?);
                }
            } else if (variant.places.len() as u64) < NAMED_DOCUMENTS {
                variant.places.push(self.place(&document, place)?);
            }
            for term in &document.metadata.no_loc {
                if source.contains(term.as_str()) && !variant.no_loc.contains(term) {
                    variant.no_loc.push(term.clone());
                }
            }
        }
        if !has_one_place {
            variant.places.truncate(NAMED_DOCUMENTS as usize);
        }
        remove_repeated(&mut variant.properties);
        remove_repeated(&mut variant.notes);
        Ok(variant)
    }

    fn place(&mut self, document: &Document, place: PlaceRow) -> Result<Place, Fault> {
        let own_id = match place.has_own_id {
            true => self.own_id.query_row((document.id, place.position), |row| row.get(0))?,
            false => None,
        };
        Ok(Place {
            set: document.name.set.clone(),
            document: document.name.document.clone(),
            segment: document.segment_id(place.number, place.is_paragraph, own_id),
        })
    }
}

/// Removes the values that came before.
fn remove_repeated<T: Clone + Eq + Hash>(values: &mut Vec<T>) {
    if values.len() > 1 {
        let mut known: HashSet<T> = HashSet::new();
        values.retain(|value| known.insert(value.clone()));
    }
}
