//! Units between two target locales, joined by the source text that both were translated from.
//!
//! An inner join. The text in the first locale becomes the source, so one unit can come from several source texts. All pairs of
//! ids are found first; texts are read when the best pair of each text is chosen.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::build::UnitBuilder;
use super::places::{Place, Places};
use super::{Candidate, Request};
use crate::matching::choose::{ChosenVariant, Translation};
use crate::memory::digest_of_text;
use crate::memory::documents::{DocumentName, Order};
use crate::memory::error::Fault;
use crate::model::{
    Context, ContextPolicy, Locale, Preference, Scope, Superseded, Unit, Versions, Workflow,
    compare_workflows,
};

/// How two target locales are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Translations of the same segment of the same version of a source document.
    SameSegment,
    /// Translations of the same source text, wherever it occurs.
    SameText,
}

/// Variants of the two locales that translate the same text.
struct Pair {
    from: u32,
    /// `None`: every variant of the unit.
    to: Option<u32>,
    unit: u32,
    /// The first place of `from` beside `to`.
    place: u32,
    segments: u64,
    documents: u64,
    last_document: u32,
}

/// The pairs, in the order of their first places.
#[derive(Default)]
struct Pairs {
    all: Vec<Pair>,
    known: HashMap<(u32, Option<u32>), usize>,
}

impl Pairs {
    /// Counts a pair at a place.
    fn add(&mut self, places: &Places, index: u32, to: Option<u32>) {
        let Place { variant: from, unit, document, .. } = places.get(index);
        let at = *self.known.entry((from, to)).or_insert_with(|| {
            self.all.push(Pair {
                from,
                to,
                unit,
                place: index,
                segments: 0,
                documents: 0,
                last_document: u32::MAX,
            });
            self.all.len() - 1
        });
        let pair = &mut self.all[at];
        pair.segments += 1;
        pair.documents += u64::from(pair.last_document != document);
        pair.last_document = document;
    }
}

/// Reads the units between two locales. Returns the number of translations that were passed over because another is better.
pub(super) fn units<E: From<Fault>>(
    connection: &Connection,
    request: Request<'_>,
    locales: (&Locale, &Locale),
    join: Join,
    accepts: &mut dyn FnMut(Candidate<'_>) -> bool,
    visit: &mut dyn FnMut(Unit) -> Result<(), E>,
) -> Result<u64, E> {
    let places = |locale: &Locale| {
        let chosen = |name: &DocumentName| name.target_locale == *locale && (request.chosen)(name);
        Places::read(connection, Order::Targets, &chosen, request.filter)
    };
    let (from, to) = (places(locales.0)?, places(locales.1)?);
    let pairs = match join {
        Join::SameSegment => pairs_of_segments(&from, &to),
        Join::SameText => pairs_of_texts(&from, &to),
    };
    let mut between = Between {
        connection,
        from_builder: UnitBuilder::new(connection, &from).map_err(Fault::from)?,
        to_builder: UnitBuilder::new(connection, &to).map_err(Fault::from)?,
        from: &from,
        from_by_variant: ByVariant::new(&from),
        to_by_variant: ByVariant::new(&to),
        joined: HashMap::new(),
        passed_over: 0,
        source_locale: locales.0,
        target_locale: locales.1,
    };
    // Groups pairs with the same source text, in the order of the first occurrences of the texts.
    let mut firsts: HashMap<[u8; 16], u32> = HashMap::new();
    let mut order = Vec::with_capacity(pairs.len());
    for (number, pair) in (0..).zip(&pairs) {
        let digest = digest_of_text(&between.from_builder.target(pair.from)?);
        order.push((*firsts.entry(digest).or_insert(number), number));
    }
    drop(firsts);
    order.sort_unstable();
    let mut passed_over = 0;
    for group in order.chunk_by(|one, other| one.0 == other.0) {
        let mut candidates = Vec::new();
        for &(_, number) in group {
            between.candidates(&pairs[number as usize], accepts, &mut candidates)?;
        }
        candidates.sort_by(|a, b| a.preference().compare(&b.preference()));
        // Two source texts can have the same two translations.
        let mut known = HashSet::new();
        candidates.retain(|candidate| known.insert(Arc::clone(&candidate.translation.text)));
        let found = candidates.len();
        if request.filter.versions == Versions::Best {
            let current = candidates.iter().filter(|candidate| candidate.superseded.is_none());
            // They are in the order of preference, in which the workflow comes first.
            if let Some(best) = current.map(|candidate| candidate.workflow).next() {
                candidates.retain(|candidate| {
                    candidate.superseded.is_none() || compare_workflows(candidate.workflow, best).is_lt()
                });
            }
        }
        let distinct = candidates;
        let all = request.contexts == ContextPolicy::AllVariants;
        let kept = if all { distinct.len() } else { distinct.len().min(1) };
        passed_over += (found - kept) as u64;
        for candidate in distinct.into_iter().take(kept) {
            visit(between.unit(candidate)?)?;
        }
    }
    Ok(passed_over + between.passed_over)
}

/// The pairs that translate the same segment of the same source document, from the same source text.
fn pairs_of_segments(from: &Places, to: &Places) -> Vec<Pair> {
    let mut versions: HashMap<u64, Vec<u32>> = HashMap::new();
    for (number, document) in (0..).zip(&to.documents) {
        if let Some(version) = document.source_version {
            versions.entry(version).or_default().push(number);
        }
    }
    let mut pairs = Pairs::default();
    for (number, document) in (0..).zip(&from.documents) {
        let others = document.source_version.and_then(|version| versions.get(&version));
        let mut variants: HashMap<(u32, u32), Vec<u32>> = HashMap::new();
        for &other in others.into_iter().flatten() {
            for (_, place) in to.of_document(other) {
                let known = variants.entry((place.number, place.unit)).or_default();
                if !known.contains(&place.variant) {
                    known.push(place.variant);
                }
            }
        }
        if variants.is_empty() {
            continue;
        }
        for (index, place) in from.of_document(number) {
            for &to in variants.get(&(place.number, place.unit)).into_iter().flatten() {
                pairs.add(from, index, Some(to));
            }
        }
    }
    pairs.all
}

/// The pairs that translate the same source text.
fn pairs_of_texts(from: &Places, to: &Places) -> Vec<Pair> {
    let mut pairs = Pairs::default();
    for document in 0..from.documents.len() as u32 {
        for (index, place) in from.of_document(document) {
            if !to.of_unit(place.unit).is_empty() {
                pairs.add(from, index, None);
            }
        }
    }
    pairs.all
}

/// A pair with the values that its preference depends on.
struct PairCandidate<'p> {
    pair: &'p Pair,
    source: Arc<str>,
    /// The translation into the second locale.
    translation: Translation,
    workflow: Option<Workflow>,
    /// What superseded either half.
    superseded: Option<Superseded>,
}

impl PairCandidate<'_> {
    fn preference(&self) -> Preference<'_> {
        Preference {
            workflow: self.workflow,
            is_superseded: self.superseded.is_some(),
            documents: self.pair.documents,
            handoff: self.translation.everywhere.usage.handoff(),
            text: &self.translation.text,
        }
    }
}

/// The most translations of a text that are joined with each translation into the other locale. A text with more is a word
/// such as "Yes", and all combinations would be their product.
const MOST_JOINED: usize = 100;

/// The places of units in one locale, by variant. Those of large units are sorted once.
struct ByVariant<'p> {
    places: &'p Places,
    large: HashMap<u32, Rc<[u32]>>,
}

impl<'p> ByVariant<'p> {
    /// The size of a large unit, in places.
    const LARGE: usize = 64;

    fn new(places: &'p Places) -> Self {
        ByVariant { places, large: HashMap::new() }
    }

    /// The places of a unit, by variant.
    fn of_unit(&mut self, unit: u32) -> Rc<[u32]> {
        if let Some(known) = self.large.get(&unit) {
            return Rc::clone(known);
        }
        let sorted: Rc<[u32]> = self.places.by_variant(unit).into();
        if sorted.len() >= Self::LARGE {
            self.large.insert(unit, Rc::clone(&sorted));
        }
        sorted
    }

    /// The places of one variant, among those of its unit.
    fn of_variant<'s>(&self, of_unit: &'s [u32], variant: u32) -> &'s [u32] {
        let start = of_unit.partition_point(|&index| self.places.get(index).variant < variant);
        let end = of_unit.partition_point(|&index| self.places.get(index).variant <= variant);
        &of_unit[start..end]
    }

    /// The variants of the places of a unit.
    fn variants(&self, of_unit: &[u32]) -> Vec<u32> {
        let variant = |index: &u32| self.places.get(*index).variant;
        of_unit.chunk_by(|one, other| variant(one) == variant(other)).map(|run| variant(&run[0])).collect()
    }
}

struct Between<'b, 'm> {
    connection: &'m Connection,
    from: &'b Places,
    from_by_variant: ByVariant<'b>,
    to_by_variant: ByVariant<'b>,
    from_builder: UnitBuilder<'b, 'm>,
    to_builder: UnitBuilder<'b, 'm>,
    /// The best [`MOST_JOINED`] variants of units with more.
    joined: HashMap<u32, Vec<u32>>,
    passed_over: u64,
    source_locale: &'b Locale,
    target_locale: &'b Locale,
}

impl Between<'_, '_> {
    /// Adds the candidates of a pair that are accepted.
    fn candidates<'p>(
        &mut self,
        pair: &'p Pair,
        accepts: &mut dyn FnMut(Candidate<'_>) -> bool,
        candidates: &mut Vec<PairCandidate<'p>>,
    ) -> Result<(), Fault> {
        let source = self.from_builder.target(pair.from)?;
        let places = self.from_by_variant.of_unit(pair.unit);
        let run = self.from_by_variant.of_variant(&places, pair.from);
        let one = self.from_builder.translation(run, ContextPolicy::BestOnly, false)?;
        let places = self.to_by_variant.of_unit(pair.unit);
        let others = match pair.to {
            Some(to) => vec![to],
            None => self.joined(pair.unit, &places)?,
        };
        for to in others {
            let run = self.to_by_variant.of_variant(&places, to);
            let translation = self.to_builder.translation(run, ContextPolicy::BestOnly, false)?;
            // A pair is human if both halves are; a machine's half makes it a machine's.
            let workflow = match (one.everywhere.usage.workflow, translation.everywhere.usage.workflow) {
                (Some(Workflow::Human), Some(Workflow::Human)) => Some(Workflow::Human),
                (Some(Workflow::Machine), _) | (_, Some(Workflow::Machine)) => Some(Workflow::Machine),
                _ => None,
            };
            let target = &translation.text;
            let locales = (self.source_locale, self.target_locale);
            if accepts(Candidate { source: &source, target, locales, workflow, is_repeated: false }) {
                let superseded = one.everywhere.usage.superseded.or(translation.everywhere.usage.superseded);
                candidates.push(PairCandidate {
                    pair,
                    source: source.clone(),
                    translation,
                    workflow,
                    superseded,
                });
            }
        }
        Ok(())
    }

    /// The variants of a unit to join with each translation into the other locale: all, or the best ones.
    fn joined(&mut self, unit: u32, places: &[u32]) -> Result<Vec<u32>, Fault> {
        let all = self.to_by_variant.variants(places);
        if all.len() <= MOST_JOINED {
            return Ok(all);
        }
        self.passed_over += (all.len() - MOST_JOINED) as u64;
        if let Some(known) = self.joined.get(&unit) {
            return Ok(known.clone());
        }
        let mut translations = Vec::with_capacity(all.len());
        for variant in all {
            let run = self.to_by_variant.of_variant(places, variant);
            translations.push(self.to_builder.translation(run, ContextPolicy::BestOnly, false)?);
        }
        translations
            .sort_by(|a, b| a.preference(&a.everywhere.usage).compare(&b.preference(&b.everywhere.usage)));
        translations.truncate(MOST_JOINED);
        let best: Vec<u32> = translations.iter().map(|translation| translation.variant).collect();
        self.joined.insert(unit, best.clone());
        Ok(best)
    }

    fn unit(&mut self, candidate: PairCandidate<'_>) -> Result<Unit, Fault> {
        let PairCandidate { pair, source, translation, workflow, superseded } = candidate;
        let mut variant = self.to_builder.variant(&source, &ChosenVariant::everywhere(&translation))?;
        variant.workflow = workflow;
        variant.superseded = superseded;
        variant.usage = pair.segments;
        variant.documents = pair.documents.max(variant.places.len() as u64);
        let context = if pair.segments == 1 { self.context(pair.place)? } else { Context::default() };
        Ok(Unit {
            source_locale: self.source_locale.clone(),
            source,
            context,
            scope: Scope::Everywhere,
            variants: vec![variant],
        })
    }

    /// The texts in the first locale before and after a place.
    fn context(&mut self, index: u32) -> Result<Context, Fault> {
        let place = self.from.get(index);
        let document = self.from.document(place).id;
        let sql = "select variant_id from segment where document_id = ?1 and position = ?2";
        let mut variant = self.connection.prepare_cached(sql)?;
        let mut text = |position: Option<u32>| -> Result<Option<Arc<str>>, Fault> {
            let Some(position) = position else { return Ok(None) };
            let variant = variant.query_row((document, position), |row| row.get(0)).optional()?;
            variant.map(|variant| self.from_builder.target(variant)).transpose()
        };
        Ok(Context {
            previous: text(place.position.checked_sub(1))?,
            next: text(place.position.checked_add(1))?,
        })
    }
}
