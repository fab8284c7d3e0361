//! The second walk: gives each unit where its source text stands first.

use std::collections::HashMap;
use std::ops::Range;

use rusqlite::Connection;

use super::build::Builder;
use super::ids::Ids;
use super::line::{self, Worker};
use super::tally::{Tallied, Tally};
use super::texts::Texts;
use super::walk::{Occurrence, Route, Spot, Walk};
use super::{Candidate, PART, Receiver, Request};
use crate::memory::origin::date_time;
use crate::memory::segments::Place;
use crate::memory::{Memory, MemoryError};
use crate::model::{Context, Contexts, Locale, Scope, Standing, Unit, Variant};

/// Gives the units of some documents, which are in the order of the walk.
pub(super) fn units<R: Receiver, E: From<MemoryError> + Send>(
    memory: &Memory,
    ids: &Ids,
    documents: &[Place],
    request: &Request,
    receiver: &(impl Fn() -> R + Sync),
    keep: &mut (impl FnMut(R::Made) -> Result<(), E> + Send),
) -> Result<(), E> {
    let at = |error| MemoryError::sqlite(&memory.path, error);
    let (connection, path) = (&memory.connection, &memory.path);
    let route = Route::new(connection, ids, documents, request.filter).map_err(at)?;
    let tally = {
        let walk = Walk::new(connection, ids, &route).map_err(at)?;
        Tally::take(&walk, ids, request.contexts).map_err(at)?
    };
    let mut locales: Vec<(u8, &Locale)> = Vec::new();
    for place in documents {
        if let Some(index) = ids.locale(place.target_locale.as_str())
            && !locales.iter().any(|(known, _)| *known == index)
        {
            locales.push((index, &place.target_locale));
        }
    }
    let giving = Giving { ids, route: &route, tally: &tally, contexts: request.contexts, locales };
    // Another locale's documents may come before a unit's turn: what waits for them is known to one thread alone.
    let one = request.multilingual || !memory.has_readers_alike().map_err(at)?;
    let threads = if one { 1 } else { request.threads.max(1) };
    line::work_in_line(threads, Parts::of(&tally.ends), keep, |worker| {
        std::thread::scope(|scope| {
            for _ in 1..threads {
                let (worker, giving) = (worker.clone(), &giving);
                // Without a connection of its own this thread has nothing to do, and the others do it all.
                scope.spawn(move || {
                    if let Some(beside) = Memory::beside(path) {
                        giving.run(&beside, &worker, receiver());
                    }
                });
            }
            giving.run(memory, &worker, receiver());
        });
    })
}

/// Parts of some documents: whole ones together, or pieces of long ones.
struct Parts<'t> {
    /// For each document the position where it ends.
    ends: &'t [u32],
    /// The next document, and the position in it.
    document: u32,
    position: u32,
}

impl<'t> Parts<'t> {
    fn of(ends: &'t [u32]) -> Self {
        Parts { ends, document: 0, position: 0 }
    }
}

impl Iterator for Parts<'_> {
    type Item = Vec<(u32, Range<u32>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut part = Vec::new();
        let mut room = PART;
        while let Some(&end) = self.ends.get(self.document as usize).filter(|_| room > 0) {
            let to = end.min(self.position.saturating_add(room));
            if to > self.position {
                part.push((self.document, self.position..to));
                room -= to - self.position;
            }
            (self.document, self.position) =
                if to == end { (self.document + 1, 0) } else { (self.document, to) };
        }
        (!part.is_empty()).then_some(part)
    }
}

/// What every thread needs.
struct Giving<'a> {
    ids: &'a Ids,
    route: &'a Route<'a>,
    tally: &'a Tally,
    contexts: Contexts,
    locales: Vec<(u8, &'a Locale)>,
}

impl Giving<'_> {
    /// Gives units as long as there are parts.
    fn run<R: Receiver, E: From<MemoryError>>(
        &self,
        memory: &Memory,
        worker: &Worker<'_, Parts<'_>, R::Made, E>,
        receiver: R,
    ) {
        let run = self.try_run(&memory.connection, worker, receiver);
        if let Err(error) = run {
            worker.fail(MemoryError::sqlite(&memory.path, error).into());
        }
    }

    fn try_run<R: Receiver, E>(
        &self,
        connection: &Connection,
        worker: &Worker<'_, Parts<'_>, R::Made, E>,
        mut receiver: R,
    ) -> rusqlite::Result<()> {
        let walk = Walk::new(connection, self.ids, self.route)?;
        let texts = Texts::new(connection, self.ids)?;
        let builder = Builder::new(connection, self.ids, &walk, &texts)?;
        let Giving { ids, tally, contexts, .. } = *self;
        let giver = Giver { ids, tally, builder: &builder, contexts, locales: self.locales.clone() };
        // Units whose first locale the walk has not come to: those of a locale stand together, whatever was left out of others.
        let mut early: HashMap<u32, Vec<Unit>> = HashMap::new();
        while let Some((number, part)) = worker.next() {
            for (document, positions) in part {
                let locale = &self.route.documents[document as usize].place.target_locale;
                let is_of_locale =
                    |units: &[Unit]| units.first().is_none_or(|unit| unit.variants[0].locale == *locale);
                walk.stretch::<rusqlite::Error>(document, positions, &mut |occurrence| {
                    let units = if giver.is_first(&occurrence) {
                        giver.unit(&occurrence, &mut receiver)?
                    } else if !early.is_empty() {
                        early.remove(&occurrence.unit).unwrap_or_default()
                    } else {
                        return Ok(());
                    };
                    if is_of_locale(&units) {
                        units.into_iter().for_each(|unit| receiver.take(unit));
                    } else {
                        early.insert(occurrence.unit, units);
                    }
                    Ok(())
                })?;
            }
            worker.done(number, receiver.hand_over());
        }
        Ok(())
    }
}

/// A translation of the unit at hand that may be used.
pub(super) struct Offer {
    pub variant: u32,
    pub locale: u8,
    pub text: String,
    pub tallied: Tallied,
}

impl Offer {
    pub fn standing<'s>(&'s self, tallied: &Tallied) -> Standing<'s> {
        Standing {
            workflow: tallied.workflow,
            documents: tallied.documents.into(),
            handoff: tallied.changed.and_then(date_time).map(|date| date.date()),
            text: &self.text,
        }
    }
}

pub(super) struct Giver<'b, 'm, 'a> {
    ids: &'b Ids,
    pub tally: &'b Tally,
    pub builder: &'b Builder<'b, 'm, 'a>,
    pub contexts: Contexts,
    pub locales: Vec<(u8, &'b Locale)>,
}

impl Giver<'_, '_, '_> {
    /// Whether the unit stands here first.
    fn is_first(&self, occurrence: &Occurrence) -> bool {
        self.tally.first_of(self.ids.variants_of(occurrence.unit)) == Some(occurrence.spot)
    }

    fn unit<R: Receiver>(&self, at_hand: &Occurrence, receiver: &mut R) -> rusqlite::Result<Vec<Unit>> {
        let source = self.builder.texts.unit(at_hand.unit)?;
        let mut offers = Vec::with_capacity(1);
        for &variant in self.ids.variants_of(at_hand.unit) {
            let Some(tallied) = self.tally.of(variant, self.builder.walk, Some(at_hand))? else { continue };
            let text = self.builder.texts.variant(variant)?;
            // Where each context has a unit of its own, each is judged by who translated there.
            let candidate = Candidate { source: &source, target: &text, workflow: tallied.workflow };
            if self.contexts == Contexts::Each || receiver.accepts(candidate) {
                offers.push(Offer { variant, locale: self.ids.locale_of(variant), text, tallied });
            }
        }
        // The best first; what holds in its context only after all that holds everywhere.
        offers.sort_by(|a, b| {
            let scope = |offer: &Offer| offer.tallied.in_context_only;
            scope(a).cmp(&scope(b)).then_with(|| a.standing(&a.tallied).compare(&b.standing(&b.tallied)))
        });
        let mut chosen = Chosen::default();
        match self.contexts {
            Contexts::AllVariants => self.all(&offers, &source, at_hand, &mut chosen)?,
            Contexts::BestOnly => {
                let best = self.best(&offers, |_| true)?;
                self.everywhere(&best, &source, at_hand, &mut chosen)?;
            }
            Contexts::Each => self.in_contexts(&offers, &[], (&source, at_hand), receiver, &mut chosen)?,
            Contexts::Differing | Contexts::DifferingByDocument => {
                let best = self.best(&offers, |offer| !offer.tallied.in_context_only)?;
                self.everywhere(&best, &source, at_hand, &mut chosen)?;
                if offers.len() > 1 || best.is_empty() {
                    self.in_contexts(&offers, &best, (&source, at_hand), receiver, &mut chosen)?;
                }
            }
        }
        if self.contexts != Contexts::Each {
            chosen.admitted.extend(offers.iter().map(|offer| offer.variant));
        }
        receiver.passed_over(chosen.passed_over());
        Ok(chosen.units)
    }

    /// The best offer in each locale, in the order of locales. In all but the first a translation of the very segments that
    /// the first one translates is better than others: it is of the same source document.
    fn best<'o>(
        &self,
        offers: &'o [Offer],
        admits: impl Fn(&Offer) -> bool,
    ) -> rusqlite::Result<Vec<&'o Offer>> {
        let mut best: Vec<&Offer> = Vec::with_capacity(1);
        for (locale, _) in &self.locales {
            let mut there = offers.iter().filter(|offer| offer.locale == *locale && admits(offer));
            let Some(first) = there.next() else { continue };
            let mut choice = first;
            if let (Some(lead), Some(second)) = (best.first(), there.next()) {
                let segments = self.segments(lead.variant)?;
                for offer in [first, second].into_iter().chain(there) {
                    if self.segments(offer.variant)?.iter().any(|segment| segments.contains(segment)) {
                        choice = offer;
                        break;
                    }
                }
            }
            best.push(choice);
        }
        Ok(best)
    }

    /// The segments of source documents that a variant translates: the document's hash and the segment's number.
    fn segments(&self, variant: u32) -> rusqlite::Result<Vec<(&str, u32)>> {
        let mut segments = Vec::new();
        for spot in self.tally.spots(variant) {
            let document = self.builder.document(spot);
            if let Some(hash) = &document.place.metadata.source_hash {
                segments.push((hash.as_str(), self.builder.number(spot)?));
            }
        }
        Ok(segments)
    }

    /// A unit that holds everywhere.
    fn everywhere(
        &self,
        best: &[&Offer],
        source: &str,
        at_hand: &Occurrence,
        chosen: &mut Chosen,
    ) -> rusqlite::Result<()> {
        let Some(first) = best.first() else { return Ok(()) };
        let context = first.tallied.context;
        let one = best.iter().all(|offer| offer.tallied.one_context && offer.tallied.context == context);
        let context =
            if one { self.builder.context(first.tallied.first, at_hand)? } else { Context::default() };
        let mut variants = Vec::with_capacity(best.len());
        for offer in best {
            let spots = self.tally.spots(offer.variant);
            variants.push(self.variant(offer, &offer.tallied, spots, source, at_hand)?);
        }
        let in_context = best.iter().all(|offer| offer.tallied.in_context_only);
        let scope = if in_context { Scope::Context } else { Scope::Everywhere };
        chosen
            .add(best.iter().map(|offer| offer.variant), self.put(at_hand, source, context, scope, variants));
        Ok(())
    }

    /// Every translation: first a unit of the best ones, then each other one alone.
    fn all(
        &self,
        offers: &[Offer],
        source: &str,
        at_hand: &Occurrence,
        chosen: &mut Chosen,
    ) -> rusqlite::Result<()> {
        let best = self.best(offers, |_| true)?;
        self.everywhere(&best, source, at_hand, chosen)?;
        for offer in offers {
            if !best.iter().any(|best| best.variant == offer.variant) {
                self.everywhere(&[offer], source, at_hand, chosen)?;
            }
        }
        Ok(())
    }

    pub fn variant(
        &self,
        offer: &Offer,
        tallied: &Tallied,
        spots: impl Iterator<Item = Spot>,
        source: &str,
        at_hand: &Occurrence,
    ) -> rusqlite::Result<Variant> {
        let locale = self.locales.iter().find(|(index, _)| *index == offer.locale).map(|(_, locale)| *locale);
        let place = self.builder.document(tallied.first).place;
        let locale = locale.unwrap_or(&place.target_locale);
        self.builder.variant((locale, offer.text.clone()), tallied, spots, source, at_hand)
    }

    pub fn put(
        &self,
        at_hand: &Occurrence,
        source: &str,
        context: Context,
        scope: Scope,
        variants: Vec<Variant>,
    ) -> Unit {
        let place = self.builder.document(at_hand.spot).place;
        Unit {
            source_locale: place.source_locale.clone(),
            source: source.to_string(),
            context,
            scope,
            variants,
        }
    }
}

/// The units made of one source text.
#[derive(Default)]
pub(super) struct Chosen {
    pub units: Vec<Unit>,
    /// The variants that might have been in them.
    pub admitted: Vec<u32>,
    /// The variants in them.
    pub variants: Vec<u32>,
}

impl Chosen {
    /// How many variants might have been chosen and were not.
    fn passed_over(&self) -> u64 {
        let distinct = |variants: &[u32]| {
            let mut variants = variants.to_vec();
            variants.sort_unstable();
            variants.dedup();
            variants.len() as u64
        };
        distinct(&self.admitted).saturating_sub(distinct(&self.variants))
    }

    fn add(&mut self, variants: impl Iterator<Item = u32>, unit: Unit) {
        self.variants.extend(variants);
        self.units.push(unit);
    }
}
