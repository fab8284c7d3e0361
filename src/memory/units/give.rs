//! The second walk: gives each unit where its source text stands first.

use std::collections::HashMap;

use super::build::Builder;
use super::ids::Ids;
use super::tally::{Tallied, Tally};
use super::texts::Texts;
use super::walk::{Occurrence, Spot, Walk};
use super::{Candidate, Receiver, Request};
use crate::memory::origin::date_time;
use crate::memory::segments::Place;
use crate::memory::{Memory, MemoryError};
use crate::model::{Context, Contexts, Locale, Scope, Standing, Unit, Variant};

/// Gives the units of some documents, which are in the order of the walk.
pub(super) fn units<R: Receiver>(
    memory: &Memory,
    ids: &Ids,
    documents: &[Place],
    request: &Request,
    receiver: &mut R,
) -> Result<(), R::Error> {
    let at = |error| MemoryError::sqlite(&memory.path, error);
    let connection = &memory.connection;
    let walk = Walk::new(connection, ids, documents, request.filter).map_err(at)?;
    let tally = Tally::take(&walk, ids, request.contexts).map_err(at)?;
    let texts = Texts::new(connection, ids).map_err(at)?;
    let builder = Builder::new(connection, ids, &walk, &texts).map_err(at)?;
    let mut locales: Vec<(u8, &Locale)> = Vec::new();
    for place in documents {
        if let Some(index) = ids.locale(place.target_locale.as_str())
            && !locales.iter().any(|(known, _)| *known == index)
        {
            locales.push((index, &place.target_locale));
        }
    }
    let giver = Giver { ids, tally: &tally, builder: &builder, contexts: request.contexts, locales };
    let mut given = vec![false; ids.units.len()];
    // Units whose first locale the walk has not come to: those of a locale stand together, whatever was left out of others.
    let mut early: HashMap<u32, Vec<Unit>> = HashMap::new();
    let mut fail = None;
    let walked = walk.each::<rusqlite::Error>(|occurrence| {
        let locale = &walk.documents[occurrence.spot.document as usize].place.target_locale;
        let is_of_locale =
            |units: &[Unit]| units.first().is_none_or(|unit| unit.variants[0].locale == *locale);
        let units = if !std::mem::replace(&mut given[occurrence.unit as usize], true) {
            giver.unit(&occurrence, receiver)?
        } else if !early.is_empty() {
            early.remove(&occurrence.unit).unwrap_or_default()
        } else {
            return Ok(());
        };
        if !is_of_locale(&units) {
            early.insert(occurrence.unit, units);
            return Ok(());
        }
        for unit in units {
            if let Err(error) = receiver.take(unit) {
                fail = Some(error);
                return Err(rusqlite::Error::QueryReturnedNoRows);
            }
        }
        Ok(())
    });
    match (fail, walked) {
        (Some(error), _) => Err(error),
        (None, walked) => Ok(walked.map_err(at)?),
    }
}

/// A translation of the unit at hand that may be used.
pub(super) struct Offer<'t> {
    pub variant: u32,
    pub locale: u8,
    pub text: String,
    pub tallied: &'t Tallied,
}

impl Offer<'_> {
    pub fn standing<'s>(&'s self, tallied: &Tallied) -> Standing<'s> {
        Standing {
            workflow: tallied.workflow,
            documents: tallied.documents.into(),
            handoff: tallied.changed.and_then(date_time).map(|date| date.date()),
            text: &self.text,
        }
    }
}

pub(super) struct Giver<'b, 'a> {
    ids: &'b Ids,
    pub tally: &'b Tally,
    pub builder: &'b Builder<'b, 'a>,
    pub contexts: Contexts,
    pub locales: Vec<(u8, &'b Locale)>,
}

impl Giver<'_, '_> {
    fn unit<R: Receiver>(&self, at_hand: &Occurrence, receiver: &mut R) -> rusqlite::Result<Vec<Unit>> {
        let source = self.builder.texts.unit(at_hand.unit)?;
        let mut offers = Vec::with_capacity(1);
        for &variant in self.ids.variants_of(at_hand.unit) {
            let tallied = self.tally.of(variant);
            if tallied.usage == 0 {
                continue;
            }
            let text = self.builder.texts.variant(variant)?;
            // Where each context has a unit of its own, each is judged by who translated there.
            let candidate = Candidate { source: &source, target: &text, workflow: tallied.workflow };
            if self.contexts == Contexts::Each || receiver.accepts(candidate) {
                offers.push(Offer { variant, locale: self.ids.locale_of(variant), text, tallied });
            }
        }
        // The best first; what holds in its context only after all that holds everywhere.
        offers.sort_by(|a, b| {
            let scope = |offer: &Offer<'_>| offer.tallied.in_context_only;
            scope(a).cmp(&scope(b)).then_with(|| a.standing(a.tallied).compare(&b.standing(b.tallied)))
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
    fn best<'o, 't>(
        &self,
        offers: &'o [Offer<'t>],
        admits: impl Fn(&Offer<'_>) -> bool,
    ) -> rusqlite::Result<Vec<&'o Offer<'t>>> {
        let mut best: Vec<&Offer<'_>> = Vec::with_capacity(1);
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
            let document = &self.builder.walk.documents[spot.document as usize];
            if let Some(hash) = &document.place.metadata.source_hash {
                segments.push((hash.as_str(), self.builder.number(spot)?));
            }
        }
        Ok(segments)
    }

    /// A unit that holds everywhere.
    fn everywhere(
        &self,
        best: &[&Offer<'_>],
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
            variants.push(self.variant(offer, offer.tallied, spots, source, at_hand)?);
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
        offers: &[Offer<'_>],
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
        offer: &Offer<'_>,
        tallied: &Tallied,
        spots: impl Iterator<Item = Spot>,
        source: &str,
        at_hand: &Occurrence,
    ) -> rusqlite::Result<Variant> {
        let locale = self.locales.iter().find(|(index, _)| *index == offer.locale).map(|(_, locale)| *locale);
        let place = self.builder.walk.documents[tallied.first.document as usize].place;
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
        let place = self.builder.walk.documents[at_hand.spot.document as usize].place;
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
