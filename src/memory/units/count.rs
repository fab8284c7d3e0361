//! What is counted of a unit's translations when it is given: of those in all places where they stand.

use std::cell::RefCell;
use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection};

use super::tally::TallyReader;
use super::walk::{Evidence, NOTHING_AROUND, Occurrence, Spot, Walk};
use crate::memory::error::Fault;
use crate::memory::import;
use crate::model::{Contexts, Scope, Workflow, better_workflow};

/// How many documents of a translation are named.
pub(super) const PLACES: usize = 3;

/// What is known of a variant, or of a variant in one context.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub first: Spot,
    /// In how many segments it stands.
    pub usage: u32,
    pub documents: u32,
    last_document: u32,
    /// The document with the newest hand-off.
    pub newest: u32,
    pub created: Option<i64>,
    pub changed: Option<i64>,
    /// Its context, where that is always the same.
    pub context: u64,
    pub one_context: bool,
    pub workflow: Option<Workflow>,
    /// Whether it holds in its context only, wherever it stands.
    pub in_context_only: bool,
    /// Whether it stands between neighbours of which nothing is known.
    in_unknown_context: bool,
}

impl Counted {
    /// What is known of a variant from the first segment that it stands in.
    fn first(evidence: &Evidence) -> Counted {
        Counted {
            first: evidence.spot,
            usage: evidence.usage,
            documents: evidence.documents,
            last_document: evidence.spot.document,
            newest: evidence.spot.document,
            created: evidence.created,
            changed: evidence.changed,
            context: evidence.context,
            one_context: true,
            workflow: evidence.workflow,
            in_context_only: evidence.scope == Scope::Context,
            in_unknown_context: evidence.context == NOTHING_AROUND,
        }
    }

    /// Counts one more. Gives whether its place is to be remembered beside the first.
    fn count(&mut self, evidence: &Evidence) -> bool {
        let document = evidence.spot.document;
        let in_new_document = self.last_document != document;
        self.one_context &= self.context == evidence.context;
        self.workflow = better_workflow(self.workflow, evidence.workflow);
        if evidence.changed > self.changed {
            self.newest = document;
        }
        self.changed = self.changed.max(evidence.changed);
        self.created = match (self.created, evidence.created) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.usage = self.usage.saturating_add(evidence.usage);
        self.in_context_only &= evidence.scope == Scope::Context;
        self.in_unknown_context |= evidence.context == NOTHING_AROUND;
        self.last_document = document;
        if in_new_document || evidence.is_told {
            self.documents = self.documents.saturating_add(evidence.documents);
        }
        // Of documents the first few are named; of a TMX each segment has something of its own to say.
        evidence.is_told || (in_new_document && self.documents as usize <= PLACES)
    }

    /// Whether it may be given for everywhere: what holds in a context that nobody knows would be lost elsewhere.
    pub fn holds_everywhere(&self) -> bool {
        !self.in_context_only || self.in_unknown_context
    }

    /// What is known of the two together, as far as it decides which translation is better.
    pub fn with(&self, other: &Counted) -> Counted {
        Counted {
            usage: self.usage.saturating_add(other.usage),
            documents: self.documents.saturating_add(other.documents),
            workflow: better_workflow(self.workflow, other.workflow),
            changed: self.changed.max(other.changed),
            ..self.clone()
        }
    }
}

/// A variant of the unit at hand.
pub(super) struct CountedVariant {
    pub variant: i64,
    /// The index of its locale in the route's.
    pub locale: u16,
    /// Everywhere together.
    pub counted: Counted,
    /// The first place, and others of which there is something to tell.
    pub spots: Vec<Spot>,
    /// In each context, and in each document where these are told apart: by the first place.
    pub contexts: Vec<Counted>,
}

/// The table from which the places of a variant are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlaceTable {
    /// The memory's own, by its index.
    Segments,
    /// A copy that is in that order, on this connection alone. An import into an empty memory that is under way, or that died,
    /// has not made the index yet: without it every variant would cost a reading of all segments.
    Copy,
}

impl PlaceTable {
    /// The one to be used; the copy is made where it is needed.
    pub fn of(memory: &Connection) -> rusqlite::Result<PlaceTable> {
        if import::has_late_indexes(memory)? {
            return Ok(PlaceTable::Segments);
        }
        memory.execute_batch(
            "drop table if exists temp.place;
             create temp table place (
                 variant_id  integer not null,
                 document_id integer not null,
                 position    integer not null,
                 primary key (variant_id, document_id, position)
             ) without rowid;
             insert into place select variant_id, document_id, position from segment order by 1, 2, 3",
        )?;
        Ok(PlaceTable::Copy)
    }

    fn name(self) -> &'static str {
        match self {
            PlaceTable::Segments => "segment",
            PlaceTable::Copy => "temp.place",
        }
    }
}

/// Counts.
pub(super) struct Counter<'c, 'w> {
    walk: &'c Walk<'w>,
    tally: &'c TallyReader<'w>,
    contexts: Contexts,
    variants: RefCell<CachedStatement<'w>>,
    places: RefCell<CachedStatement<'w>>,
}

impl<'c, 'w> Counter<'c, 'w> {
    pub fn new(
        memory: &'w Connection,
        places: PlaceTable,
        walk: &'c Walk<'w>,
        tally: &'c TallyReader<'w>,
        contexts: Contexts,
    ) -> rusqlite::Result<Self> {
        let variants = "select id, locale_id from variant where unit_id = ?1 order by locale_id, id";
        let places = format!(
            "select document_id, position from {} where variant_id = ?1 order by document_id, position",
            places.name()
        );
        let prepare = |sql: &str| memory.prepare_cached(sql).map(RefCell::new);
        Ok(Counter { walk, tally, contexts, variants: prepare(variants)?, places: prepare(&places)? })
    }

    /// The variants of a unit that stand in segments that count. `at_hand` is the unit's first segment, and `is_lone` says that
    /// there is no other one.
    pub fn unit(&self, at_hand: &Occurrence, is_lone: bool) -> Result<Vec<CountedVariant>, Fault> {
        if is_lone {
            let counted = Counted::first(&at_hand.evidence);
            return Ok(vec![CountedVariant {
                variant: at_hand.variant,
                locale: self.walk.route.facts(at_hand.spot().document)?.locale,
                spots: vec![at_hand.spot()],
                contexts: vec![counted.clone()],
                counted,
            }]);
        }
        let variants = self.variants_of(at_hand.unit)?;
        let is_ambiguous = variants.windows(2).any(|pair| pair[0].1 == pair[1].1);
        let mut all = Vec::with_capacity(variants.len());
        for (variant, _) in variants {
            all.extend(self.variant(variant, is_ambiguous)?);
        }
        Ok(all)
    }

    /// The variants of a unit, each with the key of its locale, those of one locale one after the other.
    pub fn variants_of(&self, unit: i64) -> Result<Vec<(i64, i64)>, Fault> {
        let mut variants = self.variants.borrow_mut();
        let found = variants.query_map([unit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    /// What is known of a variant; `None` where no segment counts that it stands in.
    pub fn variant(&self, variant: i64, is_ambiguous: bool) -> Result<Option<CountedVariant>, Fault> {
        let mut found: Option<CountedVariant> = None;
        // Of a context and a document the index among the contexts.
        let mut known = HashMap::new();
        for spot in self.spots(variant)? {
            let Some(evidence) = self.evidence(spot)? else { continue };
            let all = match &mut found {
                Some(all) => {
                    if all.counted.count(&evidence) {
                        all.spots.push(spot);
                    }
                    all
                }
                None => found.insert(CountedVariant {
                    variant,
                    locale: self.walk.route.facts(spot.document)?.locale,
                    counted: Counted::first(&evidence),
                    spots: vec![spot],
                    contexts: Vec::new(),
                }),
            };
            let Some(key) = self.context_of(&evidence, is_ambiguous) else { continue };
            match known.get(&key) {
                Some(&index) => {
                    let context: &mut Counted = &mut all.contexts[index];
                    context.count(&evidence);
                }
                None => {
                    known.insert(key, all.contexts.len());
                    all.contexts.push(Counted::first(&evidence));
                }
            }
        }
        Ok(found)
    }

    /// By which what holds in one context is counted, where it is.
    fn context_of(&self, evidence: &Evidence, is_ambiguous: bool) -> Option<(u64, u32)> {
        let in_context = evidence.scope == Scope::Context;
        let document = match self.contexts {
            Contexts::Each => 0,
            Contexts::Differing if is_ambiguous || in_context => 0,
            // A TMX that says this of a unit has made one for each document already.
            Contexts::DifferingByDocument if in_context => u32::MAX - evidence.spot.position,
            Contexts::DifferingByDocument if is_ambiguous => evidence.spot.document,
            _ => return None,
        };
        Some((evidence.context, document))
    }

    /// Where a variant stands in the chosen documents, in the order of the walk.
    fn spots(&self, variant: i64) -> Result<Vec<Spot>, Fault> {
        let mut places = self.places.borrow_mut();
        let mut rows = places.query([variant])?;
        let mut spots = Vec::new();
        while let Some(row) = rows.next()? {
            if let Some(document) = self.walk.route.rank(row.get(0)?)? {
                spots.push(Spot { document, position: row.get(1)? });
            }
        }
        spots.sort_unstable();
        Ok(spots)
    }

    /// What a segment tells of its translation; `None` where it does not count.
    fn evidence(&self, spot: Spot) -> Result<Option<Evidence>, Fault> {
        let facts = self.walk.route.facts(spot.document)?;
        if facts.has_origins {
            return Ok(self.walk.at(spot)?.map(|occurrence| occurrence.evidence));
        }
        Ok(self.tally.context(spot)?.map(|context| Evidence::plain(spot, facts, context)))
    }
}
