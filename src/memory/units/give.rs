//! The second walk: gives each unit where its source text stands first.

use std::ops::Range;

use rusqlite::Connection;

use super::build::Builder;
use super::count::{Counted, CountedVariant, Counter, PlaceTable};
use super::line::{self, Worker};
use super::route::{Route, RouteReader, TEXT_ROOM};
use super::tally::{Met, Tally, TallyReader};
use super::walk::{Occurrence, Spot, Walk};
use super::{Candidate, PART, Receiver, Request};
use crate::memory::error::Fault;
use crate::memory::origin::date_time;
use crate::memory::{Memory, MemoryError};
use crate::model::{Context, Contexts, Scope, Standing, Unit, Variant};
use crate::spill::Array;

/// Gives the units of the documents of these ranks; `units` has each variant's unit.
pub(super) fn units<R: Receiver, E: From<MemoryError> + Send>(
    memory: &Memory,
    (units, places): (&Array, PlaceTable),
    (route, ranks): (&Route, Range<u32>),
    request: &Request<'_>,
    receiver: &(impl Fn() -> R + Sync),
    keep: &mut (impl FnMut(R::Made) -> Result<(), E> + Send),
) -> Result<(), E> {
    let (connection, path) = (&memory.connection, &memory.path);
    let tally = || Tally::take(&Walk::new(connection, units, route.reader(ranks.clone()))?);
    let tally = memory.at(tally())?;
    let giving =
        Giving { units, route, ranks: ranks.clone(), tally: &tally, places, contexts: request.contexts };
    // Another locale's documents may come before a unit's turn: what waits for them is known to one thread alone.
    let one = request.multilingual || places == PlaceTable::Copy || !memory.at(memory.has_readers_alike())?;
    let threads = if one { 1 } else { request.threads.max(1) };
    line::work_in_line(threads, Parts::of(ranks, tally.reader()), keep, |worker| {
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
    tally: TallyReader<'t>,
    /// The last document's end, the next document, and the position in it.
    end: u32,
    document: u32,
    position: u32,
}

impl<'t> Parts<'t> {
    fn of(ranks: Range<u32>, tally: TallyReader<'t>) -> Self {
        Parts { tally, end: ranks.end, document: ranks.start, position: 0 }
    }

    fn part(&mut self) -> Result<Vec<(u32, Range<u32>)>, Fault> {
        let mut part = Vec::new();
        let mut room = PART;
        while room > 0 && self.document < self.end {
            let end = self.tally.end(self.document)?;
            let to = end.min(self.position.saturating_add(room));
            if to > self.position {
                part.push((self.document, self.position..to));
                room -= to - self.position;
            }
            (self.document, self.position) =
                if to == end { (self.document + 1, 0) } else { (self.document, to) };
        }
        Ok(part)
    }
}

impl Iterator for Parts<'_> {
    type Item = Result<Vec<(u32, Range<u32>)>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.part() {
            Ok(part) if part.is_empty() => None,
            part => Some(part),
        }
    }
}

/// What every thread needs.
struct Giving<'a> {
    units: &'a Array,
    route: &'a Route,
    ranks: Range<u32>,
    tally: &'a Tally,
    places: PlaceTable,
    contexts: Contexts,
}

impl Giving<'_> {
    /// Gives units as long as there are parts.
    fn run<R: Receiver, E: From<MemoryError>>(
        &self,
        memory: &Memory,
        worker: &Worker<'_, Parts<'_>, R::Made, E>,
        receiver: R,
    ) {
        if let Err(error) = memory.at(self.try_run(&memory.connection, worker, receiver)) {
            worker.fail(error.into());
        }
    }

    fn try_run<R: Receiver, E>(
        &self,
        connection: &Connection,
        worker: &Worker<'_, Parts<'_>, R::Made, E>,
        mut receiver: R,
    ) -> Result<(), Fault> {
        let walk = Walk::new(connection, self.units, self.route.reader(self.ranks.clone()))?;
        let tally = self.tally.reader();
        let counter = Counter::new(connection, self.places, &walk, &tally, self.contexts)?;
        let builder = Builder::new(connection, &walk)?;
        let giver = Giver { route: &walk.route, counter, builder: &builder, contexts: self.contexts };
        // Units whose first locale the walk has not come to, each with the number after that locale's: those of a locale stand
        // together, whatever was left out of others.
        let mut early = Array::new(TEXT_ROOM);
        while let Some((number, part)) = worker.next() {
            let piece = |made| worker.piece(number, made);
            for (document, positions) in part? {
                let locale = walk.route.facts(document)?.locale;
                walk.stretch(document, positions, &mut |occurrence: Occurrence| -> Result<(), Fault> {
                    let unit = occurrence.unit.cast_unsigned();
                    let Some(met) = tally.met(occurrence.unit)? else { return Ok(()) };
                    let is_first = met.first == occurrence.spot();
                    if !is_first && early.get(unit)? != u64::from(locale) + 1 {
                        return Ok(());
                    }
                    let mut taker = Taker {
                        receiver: &mut receiver,
                        piece: &piece,
                        route: self.route,
                        locale,
                        is_first,
                        turn: None,
                    };
                    giver.unit(&occurrence, met, &mut taker)?;
                    let waits = taker.turn.filter(|&turn| is_first && turn != locale);
                    if !is_first || waits.is_some() {
                        early.put(unit, waits.map_or(0, |turn| u64::from(turn) + 1))?;
                    }
                    Ok(())
                })?;
            }
            worker.done(number, receiver.hand_over());
        }
        Ok(())
    }
}

/// Takes the units of one source text, where it is their turn.
pub(super) struct Taker<'t, R: Receiver> {
    pub receiver: &'t mut R,
    /// Where a piece goes of what the receiver makes.
    piece: &'t dyn Fn(R::Made),
    route: &'t Route,
    /// The locale that the walk has come to.
    locale: u16,
    is_first: bool,
    /// The first locale of the first unit.
    turn: Option<u16>,
}

impl<R: Receiver> Taker<'_, R> {
    /// Gives a unit to the receiver; not, where another locale's turn it is.
    pub fn take(&mut self, unit: Unit) {
        let (route, locale) = (self.route, self.locale);
        let first = &unit.variants[0].locale;
        let turn = *self.turn.get_or_insert_with(|| {
            (0..).zip(&route.locales).find(|(_, known)| *known == first).map_or(locale, |(index, _)| index)
        });
        if !self.is_first || turn == self.locale {
            self.receiver.take(unit);
        }
        // One text can have more units than memory holds.
        if self.receiver.is_full() {
            (self.piece)(self.receiver.hand_over());
        }
    }
}

/// The unit that is to be given.
#[derive(Clone, Copy)]
pub(super) struct AtHand<'u> {
    /// The segment that the walk has come to.
    pub occurrence: &'u Occurrence,
    pub source: &'u str,
    /// Whether it is the unit's first segment.
    pub is_first: bool,
}

/// A translation of the unit at hand that may be used.
pub(super) struct Offer {
    pub of: CountedVariant,
    pub text: String,
}

impl Offer {
    pub fn standing<'s>(&'s self, counted: &Counted) -> Standing<'s> {
        Standing {
            workflow: counted.workflow,
            documents: counted.documents.into(),
            handoff: counted.changed.and_then(date_time).map(|date| date.date()),
            text: &self.text,
        }
    }
}

pub(super) struct Giver<'g, 'w> {
    pub route: &'g RouteReader<'w>,
    counter: Counter<'g, 'w>,
    pub builder: &'g Builder<'g, 'w>,
    pub contexts: Contexts,
}

impl Giver<'_, '_> {
    /// Gives the units of the source text at hand. The receiver counts what it does not accept where it is asked for the first
    /// time.
    fn unit<R: Receiver>(
        &self,
        occurrence: &Occurrence,
        met: Met,
        taker: &mut Taker<'_, R>,
    ) -> Result<(), Fault> {
        let source = self.builder.texts.unit(occurrence.unit)?;
        let at_hand = AtHand { occurrence, source: &source, is_first: met.first == occurrence.spot() };
        let mut offers = Vec::with_capacity(1);
        for of in self.counter.unit(occurrence, met.is_lone)? {
            let text = self.builder.texts.variant(of.variant)?;
            // Where each context has a unit of its own, each is judged by who translated there.
            let candidate = Candidate {
                source: &source,
                target: &text,
                workflow: of.counted.workflow,
                is_asked_again: !at_hand.is_first,
            };
            if self.contexts == Contexts::Each || taker.receiver.accepts(candidate) {
                offers.push(Offer { of, text });
            }
        }
        // The best first; what holds in its context only after all that holds everywhere.
        offers.sort_by(|a, b| {
            let scope = |offer: &Offer| offer.of.counted.in_context_only;
            scope(a)
                .cmp(&scope(b))
                .then_with(|| a.standing(&a.of.counted).compare(&b.standing(&b.of.counted)))
        });
        let mut chosen = Chosen::default();
        match self.contexts {
            Contexts::AllVariants => self.all(&offers, at_hand, taker, &mut chosen)?,
            Contexts::BestOnly => {
                let best = self.best(&offers, |_| true)?;
                self.everywhere(&best, at_hand, taker, &mut chosen)?;
            }
            Contexts::Each => self.in_contexts(&offers, &[], at_hand, taker, &mut chosen)?,
            Contexts::Differing | Contexts::DifferingByDocument => {
                let best = self.best(&offers, |offer| offer.of.counted.holds_everywhere())?;
                self.everywhere(&best, at_hand, taker, &mut chosen)?;
                if offers.len() > 1 || best.is_empty() {
                    self.in_contexts(&offers, &best, at_hand, taker, &mut chosen)?;
                }
            }
        }
        if self.contexts != Contexts::Each {
            chosen.admitted.extend(offers.iter().map(|offer| offer.of.variant));
        }
        if at_hand.is_first {
            taker.receiver.passed_over(chosen.passed_over());
        }
        Ok(())
    }

    /// The best offer in each locale, in the order of locales. In all but the first a translation of the very segments that
    /// the first one translates is better than others: it is of the same source document.
    fn best<'o>(
        &self,
        offers: &'o [Offer],
        admits: impl Fn(&Offer) -> bool,
    ) -> Result<Vec<&'o Offer>, Fault> {
        let mut best: Vec<&Offer> = Vec::with_capacity(1);
        for locale in self.locales() {
            let mut there = offers.iter().filter(|offer| offer.of.locale == locale && admits(offer));
            let Some(first) = there.next() else { continue };
            let mut choice = first;
            if let (Some(lead), Some(second)) = (best.first(), there.next()) {
                let segments = self.segments(&lead.of.spots)?;
                for offer in [first, second].into_iter().chain(there) {
                    if self.segments(&offer.of.spots)?.iter().any(|segment| segments.contains(segment)) {
                        choice = offer;
                        break;
                    }
                }
            }
            best.push(choice);
        }
        Ok(best)
    }

    /// The indexes of the target locales, in their order.
    pub fn locales(&self) -> impl Iterator<Item = u16> + use<> {
        (0..).take(self.route.route.locales.len())
    }

    /// The segments of source documents at these places: the document's hash and the segment's number.
    fn segments(&self, spots: &[Spot]) -> Result<Vec<(String, u32)>, Fault> {
        let mut segments = Vec::new();
        for &spot in spots {
            if let Some(hash) = &self.builder.document(spot.document)?.metadata.source_hash {
                segments.push((hash.clone(), self.builder.number(spot)?));
            }
        }
        Ok(segments)
    }

    /// A unit that holds everywhere.
    fn everywhere<R: Receiver>(
        &self,
        best: &[&Offer],
        at_hand: AtHand<'_>,
        taker: &mut Taker<'_, R>,
        chosen: &mut Chosen,
    ) -> Result<(), Fault> {
        let Some(first) = best.first() else { return Ok(()) };
        let first = &first.of.counted;
        let same = |counted: &Counted| counted.one_context && counted.context == first.context;
        let one = best.iter().all(|offer| same(&offer.of.counted));
        let context = if one {
            self.builder.context(first.first, Some(at_hand.occurrence))?
        } else {
            Context::default()
        };
        let mut variants = Vec::with_capacity(best.len());
        for offer in best {
            variants.push(self.variant(offer, &offer.of.counted, &offer.of.spots, at_hand)?);
        }
        let in_context = best.iter().all(|offer| offer.of.counted.in_context_only);
        let scope = if in_context { Scope::Context } else { Scope::Everywhere };
        taker.take(self.put(at_hand, context, scope, variants)?);
        chosen.variants.extend(best.iter().map(|offer| offer.of.variant));
        Ok(())
    }

    /// Every translation: first a unit of the best ones, then each other one alone.
    fn all<R: Receiver>(
        &self,
        offers: &[Offer],
        at_hand: AtHand<'_>,
        taker: &mut Taker<'_, R>,
        chosen: &mut Chosen,
    ) -> Result<(), Fault> {
        let best = self.best(offers, |_| true)?;
        self.everywhere(&best, at_hand, taker, chosen)?;
        for offer in offers {
            if !best.iter().any(|best| best.of.variant == offer.of.variant) {
                self.everywhere(&[offer], at_hand, taker, chosen)?;
            }
        }
        Ok(())
    }

    pub fn variant(
        &self,
        offer: &Offer,
        counted: &Counted,
        spots: &[Spot],
        at_hand: AtHand<'_>,
    ) -> Result<Variant, Fault> {
        let locale = &self.route.route.locales[usize::from(offer.of.locale)];
        self.builder.variant(
            (locale, offer.text.clone()),
            counted,
            spots,
            at_hand.source,
            Some(at_hand.occurrence),
        )
    }

    pub fn put(
        &self,
        at_hand: AtHand<'_>,
        context: Context,
        scope: Scope,
        variants: Vec<Variant>,
    ) -> Result<Unit, Fault> {
        let source_locale =
            self.builder.document(at_hand.occurrence.spot().document)?.name.source_locale.clone();
        Ok(Unit { source_locale, source: at_hand.source.to_string(), context, scope, variants })
    }
}

/// Which variants of one source text were chosen.
#[derive(Default)]
pub(super) struct Chosen {
    /// The variants that might have been in a unit.
    pub admitted: Vec<i64>,
    /// The variants in one.
    pub variants: Vec<i64>,
}

impl Chosen {
    /// How many variants might have been chosen and were not.
    fn passed_over(&self) -> u64 {
        let distinct = |variants: &[i64]| {
            let mut variants = variants.to_vec();
            variants.sort_unstable();
            variants.dedup();
            variants.len() as u64
        };
        distinct(&self.admitted).saturating_sub(distinct(&self.variants))
    }
}
