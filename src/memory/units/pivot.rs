//! Units between two target locales, through what both were translated from.
//!
//! The first locale's text is the source, so one unit can come of several source texts: all pairs are found first, as keys in
//! tables of this connection alone, and the texts are read when the best pair of each text is known.

use std::collections::HashMap;

use rusqlite::Connection;

use super::build::Builder;
use super::count::{Counted, Counter, PlaceTable};
use super::route::{self, Route};
use super::tally::{Tally, TallyReader};
use super::walk::{Occurrence, Spot, WHOLE, Walk};
use super::{Candidate, Receiver, Request};
use crate::memory::documents::Order;
use crate::memory::error::Fault;
use crate::memory::origin::date_time;
use crate::memory::{DocumentName, Memory, digest_of_text};
use crate::model::{Context, Contexts, Locale, Scope, Standing, Unit, Workflow};

/// Pairs of variants that stand for each other, each with where the first of the two stands first beside the other; and the pairs
/// of one text, by the number of the first one.
const TABLES: &str = "
    drop table if exists temp.pair;
    drop table if exists temp.pair_text;
    drop table if exists temp.pair_of_text;
    create temp table pair (
        id            integer primary key,
        from_variant  integer not null,
        to_variant    integer not null, -- 0: every one of the source text
        document      integer not null,
        position      integer not null,
        usage         integer not null,
        documents     integer not null,
        last_document integer not null,
        unique (from_variant, to_variant)
    );
    create temp table pair_text (digest blob primary key, first integer not null) without rowid;
    create temp table pair_of_text (
        first integer not null,
        pair  integer not null,
        primary key (first, pair)
    ) without rowid;";

/// Counts a pair at one more place.
const COUNT: &str = "
    insert into pair (from_variant, to_variant, document, position, usage, documents, last_document)
    values (?1, ?2, ?3, ?4, 1, 1, ?3)
    on conflict (from_variant, to_variant) do update
    set usage = usage + 1, documents = documents + (last_document != ?3), last_document = ?3";

/// A row of the table.
#[derive(Clone, Copy)]
struct Pair {
    from: i64,
    to: i64,
    spot: Spot,
    usage: u32,
    documents: u32,
}

/// One of the two locales.
struct Side<'s, 'w> {
    locale: &'s Locale,
    walk: &'s Walk<'w>,
    tally: &'s TallyReader<'w>,
    counter: Counter<'s, 'w>,
    builder: Builder<'s, 'w>,
}

impl<'s, 'w> Side<'s, 'w> {
    fn new(
        memory: &'w Connection,
        places: PlaceTable,
        locale: &'s Locale,
        walk: &'s Walk<'w>,
        tally: &'s TallyReader<'w>,
    ) -> Result<Self, Fault> {
        let counter = Counter::new(memory, places, walk, tally, Contexts::BestOnly)?;
        Ok(Side { locale, walk, tally, counter, builder: Builder::new(memory, walk)? })
    }
}

/// Gives the units to the receiver, and after each one calls `given`, which says whether more are wanted.
pub(super) fn units<R: Receiver>(
    memory: &Memory,
    request: Request<'_>,
    (from, to): (&Locale, &Locale),
    loose: bool,
    receiver: &mut R,
    mut given: impl FnMut(&mut R) -> bool,
) -> Result<(), Fault> {
    let connection = &memory.connection;
    let units = route::units(connection)?;
    let route = |locale: &Locale| {
        let chosen = |name: &DocumentName| name.target_locale == *locale && (request.chosen)(name);
        Route::new(connection, Order::Targets, &chosen, request.filter)
    };
    let (from_route, to_route) = (route(from)?, route(to)?);
    let walk = |route| Walk::new(connection, &units, Route::reader(route, Route::whole(route)));
    let (from_tally, to_tally) = (Tally::take(&walk(&from_route)?)?, Tally::take(&walk(&to_route)?)?);
    let (from_tally, to_tally) = (from_tally.reader(), to_tally.reader());
    let (from_walk, to_walk) = (walk(&from_route)?, walk(&to_route)?);
    let places = PlaceTable::of(connection)?;
    let pivot = Pivot {
        from: Side::new(connection, places, from, &from_walk, &from_tally)?,
        to: Side::new(connection, places, to, &to_walk, &to_tally)?,
        contexts: request.contexts,
    };
    connection.execute_batch(TABLES)?;
    if loose {
        pivot.pair_texts(connection)?;
    } else {
        pivot.pair_segments(connection)?;
    }
    pivot.group(connection)?;

    // The pairs of one text together, in the order in which the texts stand first.
    let mut all = connection.prepare(
        "select first, from_variant, to_variant, document, position, usage, documents
         from pair_of_text join pair on pair.id = pair_of_text.pair
         order by first, pair_of_text.pair",
    )?;
    let mut rows = all.query([])?;
    let (mut group, mut group_first) = (Vec::new(), 0);
    loop {
        let row = rows.next()?;
        let first: Option<i64> = row.map(|row| row.get(0)).transpose()?;
        if first != Some(group_first) {
            for unit in pivot.units(&std::mem::take(&mut group), receiver)? {
                receiver.take(unit);
                if !given(receiver) {
                    return Ok(());
                }
            }
        }
        let (Some(row), Some(first)) = (row, first) else { return Ok(()) };
        group_first = first;
        group.push(Pair {
            from: row.get(1)?,
            to: row.get(2)?,
            spot: Spot { document: row.get(3)?, position: row.get(4)? },
            usage: row.get(5)?,
            documents: row.get(6)?,
        });
    }
}

/// A pair with what decides whether it is better than another one.
struct Offer {
    pair: Pair,
    source: String,
    target: String,
    workflow: Option<Workflow>,
    /// What is known of the second variant.
    other: Counted,
    spots: Vec<Spot>,
}

impl Offer {
    fn standing(&self) -> Standing<'_> {
        Standing {
            workflow: self.workflow,
            documents: self.pair.documents.into(),
            handoff: self.other.changed.and_then(date_time).map(|date| date.date()),
            text: &self.target,
        }
    }
}

struct Pivot<'s, 'w> {
    from: Side<'s, 'w>,
    to: Side<'s, 'w>,
    contexts: Contexts,
}

impl Pivot<'_, '_> {
    /// Notes the pairs that translate the same segment of the same source document, with the same source text.
    fn pair_segments(&self, memory: &Connection) -> Result<(), Fault> {
        let mut count = memory.prepare(COUNT)?;
        let mut alike = memory.prepare("select id from document where source_hash = ?1 order by id")?;
        for document in self.from.walk.route.own.clone() {
            let Some(hash) = self.from.builder.document(document)?.metadata.source_hash.clone() else {
                continue;
            };
            let mut others = Vec::new();
            let mut rows = alike.query([hash])?;
            while let Some(row) = rows.next()? {
                others.extend(self.to.walk.route.rank(row.get(0)?)?);
            }
            others.sort_unstable();
            let mut there: HashMap<(u32, i64), Vec<i64>> = HashMap::new();
            for other in others {
                self.to.walk.stretch(other, WHOLE, &mut |occurrence: Occurrence| -> Result<(), Fault> {
                    let variants = there.entry((occurrence.number, occurrence.unit)).or_default();
                    if !variants.contains(&occurrence.variant) {
                        variants.push(occurrence.variant);
                    }
                    Ok(())
                })?;
            }
            if there.is_empty() {
                continue;
            }
            self.from.walk.stretch(document, WHOLE, &mut |occurrence: Occurrence| -> Result<(), Fault> {
                let spot = occurrence.spot();
                for to in there.get(&(occurrence.number, occurrence.unit)).into_iter().flatten() {
                    count.execute((occurrence.variant, to, spot.document, spot.position))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Notes the variants of the first locale whose source text has one in the other.
    fn pair_texts(&self, memory: &Connection) -> Result<(), Fault> {
        let mut count = memory.prepare(COUNT)?;
        self.from.walk.each(|occurrence: Occurrence| -> Result<(), Fault> {
            if self.to.tally.met(occurrence.unit)?.is_some() {
                let spot = occurrence.spot();
                count.execute((occurrence.variant, 0, spot.document, spot.position))?;
            }
            Ok(())
        })
    }

    /// Notes which pairs have the same first text.
    fn group(&self, memory: &Connection) -> Result<(), Fault> {
        let mut pairs = memory.prepare("select id, from_variant from pair order by id")?;
        let mut meet = memory.prepare("insert into pair_text values (?1, ?2) on conflict do nothing")?;
        let mut first = memory.prepare("select first from pair_text where digest = ?1")?;
        let mut add = memory.prepare("insert into pair_of_text values (?1, ?2)")?;
        let mut rows = pairs.query([])?;
        while let Some(row) = rows.next()? {
            let (pair, variant): (i64, i64) = (row.get(0)?, row.get(1)?);
            let digest = digest_of_text(&self.from.builder.texts.variant(variant)?);
            meet.execute((digest, pair))?;
            let first: i64 = first.query_row([digest], |row| row.get(0))?;
            add.execute((first, pair))?;
        }
        Ok(())
    }

    /// The units of pairs with the same first text: of the best one, or of all.
    fn units<R: Receiver>(&self, pairs: &[Pair], receiver: &mut R) -> Result<Vec<Unit>, Fault> {
        let mut offers = Vec::with_capacity(pairs.len());
        for &pair in pairs {
            self.offers(pair, receiver, &mut offers)?;
        }
        offers.sort_by(|a, b| a.standing().compare(&b.standing()));
        // Two source texts can have the same two translations.
        let mut distinct: Vec<Offer> = Vec::with_capacity(offers.len());
        for offer in offers {
            if !distinct.iter().any(|known| known.target == offer.target) {
                distinct.push(offer);
            }
        }
        let kept =
            if self.contexts == Contexts::AllVariants { distinct.len() } else { distinct.len().min(1) };
        receiver.passed_over((distinct.len() - kept) as u64);
        distinct.into_iter().take(kept).map(|offer| self.unit(offer)).collect()
    }

    /// Adds what a pair offers, as far as the receiver accepts it.
    fn offers<R: Receiver>(
        &self,
        pair: Pair,
        receiver: &mut R,
        offers: &mut Vec<Offer>,
    ) -> Result<(), Fault> {
        let source = self.from.builder.texts.variant(pair.from)?;
        let one = self.from.counter.variant(pair.from, false)?;
        let others = match (pair.to, self.from.walk.unit_of(pair.from)?) {
            (0, Some(unit)) => self.to.counter.variants_of(unit)?.into_iter().map(|(to, _)| to).collect(),
            (to, _) => vec![to],
        };
        for to in others {
            let Some(other) = self.to.counter.variant(to, false)? else { continue };
            let target = self.to.builder.texts.variant(to)?;
            // A pair is human where both halves are: a machine's half makes it a machine's.
            let workflow = match (one.as_ref().and_then(|one| one.counted.workflow), other.counted.workflow) {
                (Some(Workflow::Human), Some(Workflow::Human)) => Some(Workflow::Human),
                (Some(Workflow::Machine), _) | (_, Some(Workflow::Machine)) => Some(Workflow::Machine),
                _ => None,
            };
            let candidate = Candidate { source: &source, target: &target, workflow, is_asked_again: false };
            if receiver.accepts(candidate) {
                let (source, other, spots) = (source.clone(), other.counted, other.spots);
                offers.push(Offer { pair, source, target, workflow, other, spots });
            }
        }
        Ok(())
    }

    fn unit(&self, offer: Offer) -> Result<Unit, Fault> {
        let Offer { pair, source, target, workflow, other, spots } = offer;
        let mut variant = self.to.builder.variant((self.to.locale, target), &other, &spots, &source, None)?;
        variant.workflow = workflow;
        variant.usage = pair.usage.into();
        variant.documents = u64::from(pair.documents).max(variant.places.len() as u64);
        variant.no_loc.retain(|term| source.contains(term.as_str()));
        let context = if pair.usage == 1 { self.neighbours(pair.spot)? } else { Context::default() };
        Ok(Unit {
            source_locale: self.from.locale.clone(),
            source,
            context,
            scope: Scope::Everywhere,
            variants: vec![variant],
        })
    }

    /// The texts in the first locale around a segment.
    fn neighbours(&self, spot: Spot) -> Result<Context, Fault> {
        let builder = &self.from.builder;
        let text = |position: Option<u32>| -> Result<Option<String>, Fault> {
            let variant = position.map(|position| builder.variant_at(spot, position)).transpose()?.flatten();
            Ok(variant.map(|variant| builder.texts.variant(variant)).transpose()?)
        };
        Ok(Context {
            previous: text(spot.position.checked_sub(1))?,
            next: text(spot.position.checked_add(1))?,
        })
    }
}
