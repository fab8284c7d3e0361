//! Units between two target locales, through what both were translated from.
//!
//! The first locale's text is the source, so one unit can come of several source texts: all pairs are found first, as
//! numbers, and the texts are read when the best pair of each text is known.

use std::collections::HashMap;

use super::build::Builder;
use super::ids::Ids;
use super::tally::{Tallied, Tally};
use super::texts::Texts;
use super::walk::{Occurrence, Route, Spot, Walk};
use super::{Candidate, Receiver, Request};
use crate::memory::origin::date_time;
use crate::memory::segments::Place;
use crate::memory::{Memory, MemoryError, digest_of_text};
use crate::model::{Context, Contexts, Locale, Scope, Standing, Unit, Workflow};

/// Two variants that stand for each other.
struct Pair {
    from: u32,
    to: u32,
    /// Where the first of the two stands first, together with the other.
    spot: Spot,
    usage: u32,
    documents: u32,
    last_document: u32,
}

/// Gives the units to the receiver, and after each one calls `given`, which says whether more are wanted.
pub(super) fn units<R: Receiver>(
    memory: &Memory,
    request: Request,
    (from, to): (&Locale, &Locale),
    loose: bool,
    receiver: &mut R,
    mut given: impl FnMut(&mut R) -> bool,
) -> Result<(), MemoryError> {
    let at = |error| MemoryError::sqlite(&memory.path, error);
    let connection = &memory.connection;
    let mut documents = request.documents;
    documents.retain(|place| place.target_locale == *from || place.target_locale == *to);
    documents.sort_by(|a, b| (&a.set, &a.document).cmp(&(&b.set, &b.document)));
    let (from_places, to_places): (Vec<Place>, Vec<Place>) =
        documents.into_iter().partition(|place| place.target_locale == *from);
    let ids = Ids::read(connection).map_err(at)?;
    let from_route = Route::new(connection, &ids, &from_places, request.filter).map_err(at)?;
    let to_route = Route::new(connection, &ids, &to_places, request.filter).map_err(at)?;
    let from_walk = Walk::new(connection, &ids, &from_route).map_err(at)?;
    let to_walk = Walk::new(connection, &ids, &to_route).map_err(at)?;
    let from_tally = Tally::take(&from_walk, &ids, Contexts::BestOnly).map_err(at)?;
    let to_tally = Tally::take(&to_walk, &ids, Contexts::BestOnly).map_err(at)?;
    let texts = Texts::new(connection, &ids).map_err(at)?;
    let from_builder = Builder::new(connection, &ids, &from_walk, &texts).map_err(at)?;
    let to_builder = Builder::new(connection, &ids, &to_walk, &texts).map_err(at)?;

    let pairs = if loose {
        pairs_of_texts(&ids, &from_walk, &to_tally)
    } else {
        pairs_of_segments(&from_walk, &to_walk)
    };
    let pairs = pairs.map_err(at)?;

    // The pairs of one text together, in the order in which the texts stand first.
    let mut texts_met: HashMap<[u8; 16], usize> = HashMap::new();
    let mut groups: Vec<Vec<&Pair>> = Vec::new();
    for pair in &pairs {
        let digest = digest_of_text(&texts.variant(pair.from).map_err(at)?);
        let index = *texts_met.entry(digest).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Vec::new());
        }
        groups[index].push(pair);
    }
    for group in groups {
        let mut offers = Vec::with_capacity(group.len());
        for pair in group {
            let (source, target) =
                (texts.variant(pair.from).map_err(at)?, texts.variant(pair.to).map_err(at)?);
            let one = from_tally.of(pair.from, &from_walk, None).map_err(at)?;
            let Some(other) = to_tally.of(pair.to, &to_walk, None).map_err(at)? else { continue };
            // A pair is human where both halves are: a machine's half makes it a machine's.
            let workflow = match (one.and_then(|one| one.workflow), other.workflow) {
                (Some(Workflow::Human), Some(Workflow::Human)) => Some(Workflow::Human),
                (Some(Workflow::Machine), _) | (_, Some(Workflow::Machine)) => Some(Workflow::Machine),
                _ => None,
            };
            if receiver.accepts(Candidate { source: &source, target: &target, workflow }) {
                offers.push(Offer { pair, source, target, workflow, other });
            }
        }
        offers.sort_by(|a, b| a.standing().compare(&b.standing()));
        // Two source texts can have the same two translations.
        let mut distinct: Vec<Offer<'_>> = Vec::with_capacity(offers.len());
        for offer in offers {
            if !distinct.iter().any(|known| known.target == offer.target) {
                distinct.push(offer);
            }
        }
        let kept =
            if request.contexts == Contexts::AllVariants { distinct.len() } else { distinct.len().min(1) };
        receiver.passed_over((distinct.len() - kept) as u64);
        for Offer { pair, source, target, workflow, other } in distinct.into_iter().take(kept) {
            let nowhere = Spot { document: u32::MAX, position: u32::MAX };
            let at_hand = Occurrence::at(nowhere);
            let spots = to_tally.spots(pair.to);
            let mut variant =
                to_builder.variant((to, target), &other, spots, &source, &at_hand).map_err(at)?;
            variant.workflow = workflow;
            variant.usage = pair.usage.into();
            variant.documents = u64::from(pair.documents).max(variant.places.len() as u64);
            variant.no_loc.retain(|term| source.contains(term.as_str()));
            let context = if pair.usage == 1 {
                neighbours(&from_builder, &texts, pair.spot).map_err(at)?
            } else {
                Context::default()
            };
            receiver.take(Unit {
                source_locale: from.clone(),
                source,
                context,
                scope: Scope::Everywhere,
                variants: vec![variant],
            });
            if !given(receiver) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A pair with what decides whether it is better than another one.
struct Offer<'p> {
    pair: &'p Pair,
    source: String,
    target: String,
    workflow: Option<Workflow>,
    /// What is known of the second variant.
    other: Tallied,
}

impl Offer<'_> {
    fn standing(&self) -> Standing<'_> {
        Standing {
            workflow: self.workflow,
            documents: self.pair.documents.into(),
            handoff: self.other.changed.and_then(date_time).map(|date| date.date()),
            text: &self.target,
        }
    }
}

/// The texts in the first locale around a segment.
fn neighbours(builder: &Builder<'_, '_, '_>, texts: &Texts<'_>, spot: Spot) -> rusqlite::Result<Context> {
    let text = |position: Option<u32>| -> rusqlite::Result<Option<String>> {
        let variant = position.map(|position| builder.variant_at(spot, position)).transpose()?.flatten();
        variant.map(|variant| texts.variant(variant)).transpose()
    };
    Ok(Context { previous: text(spot.position.checked_sub(1))?, next: text(spot.position.checked_add(1))? })
}

/// Pairs that translate the same segment of the same source document, with the same source text.
fn pairs_of_segments(from: &Walk<'_, '_>, to: &Walk<'_, '_>) -> rusqlite::Result<Vec<Pair>> {
    let hash_of = |walk: &Walk<'_, '_>, document: u32| {
        walk.route.documents[document as usize].place.metadata.source_hash.clone()
    };
    let mut hashes: HashMap<String, u32> = HashMap::new();
    let mut there: HashMap<(u32, u32, u32), Vec<u32>> = HashMap::new();
    let mut last: Option<(u32, Option<u32>)> = None;
    to.each::<rusqlite::Error>(|occurrence| {
        let document = occurrence.spot.document;
        if last.is_none_or(|(known, _)| known != document) {
            let fresh = hashes.len() as u32;
            let hash = hash_of(to, document).map(|hash| *hashes.entry(hash).or_insert(fresh));
            last = Some((document, hash));
        }
        if let Some((_, Some(hash))) = last {
            let variants = there.entry((hash, occurrence.number, occurrence.unit)).or_default();
            if !variants.contains(&occurrence.variant) {
                variants.push(occurrence.variant);
            }
        }
        Ok(())
    })?;
    let mut pairs = Pairs::default();
    from.each::<rusqlite::Error>(|occurrence| {
        let hash = from.route.document(occurrence.spot).place.metadata.source_hash.as_ref();
        let hash = hash.and_then(|hash| hashes.get(hash));
        let others = hash.and_then(|hash| there.get(&(*hash, occurrence.number, occurrence.unit)));
        others.into_iter().flatten().for_each(|&to| pairs.count(&occurrence, to));
        Ok(())
    })?;
    Ok(pairs.all)
}

/// Pairs that translate the same source text.
fn pairs_of_texts(ids: &Ids, from: &Walk<'_, '_>, to_tally: &Tally) -> rusqlite::Result<Vec<Pair>> {
    let mut pairs = Pairs::default();
    from.each::<rusqlite::Error>(|occurrence| {
        for &variant in ids.variants_of(occurrence.unit) {
            if to_tally.has(variant) {
                pairs.count(&occurrence, variant);
            }
        }
        Ok(())
    })?;
    Ok(pairs.all)
}

#[derive(Default)]
struct Pairs {
    all: Vec<Pair>,
    known: HashMap<(u32, u32), usize>,
}

impl Pairs {
    fn count(&mut self, occurrence: &Occurrence, to: u32) {
        let document = occurrence.spot.document;
        let index = *self.known.entry((occurrence.variant, to)).or_insert(self.all.len());
        if index == self.all.len() {
            self.all.push(Pair {
                from: occurrence.variant,
                to,
                spot: occurrence.spot,
                usage: 0,
                documents: 0,
                last_document: u32::MAX,
            });
        }
        let pair = &mut self.all[index];
        pair.usage += 1;
        pair.documents += u32::from(pair.last_document != document);
        pair.last_document = document;
    }
}
