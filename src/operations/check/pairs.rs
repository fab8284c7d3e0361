//! The segments to check: each different pair of texts once, and the places where it occurs.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use crate::check::{Neighbour, Neighbours, Pair};
use crate::model::{Date, FirstBytes, Locale, PlacedSegment, TextArena, TextRange, Workflow};
use crate::operations::digest::key_of;

/// A digest of all that a check of a pair depends on.
type Fingerprint = [u8; 16];

/// The segments of one document, read on a worker.
pub(super) struct DocumentSegments {
    set: String,
    document: String,
    source_locale: Locale,
    target_locale: Locale,
    no_loc: Vec<String>,
    texts: TextArena,
    segments: Vec<ReadSegment>,
}

struct ReadSegment {
    fingerprint: Fingerprint,
    source: TextRange,
    target: TextRange,
    id: TextRange,
    line: u32,
    workflow: Option<Workflow>,
    handoff: Option<Date>,
    confidence: Option<u8>,
}

impl DocumentSegments {
    pub fn new((set, document): (&str, &str), (source_locale, target_locale): (&Locale, &Locale)) -> Self {
        DocumentSegments {
            set: set.to_owned(),
            document: document.to_owned(),
            source_locale: source_locale.clone(),
            target_locale: target_locale.clone(),
            no_loc: Vec::new(),
            texts: TextArena::default(),
            segments: Vec::new(),
        }
    }

    /// Whether a segment is of this document.
    pub fn is_of(&self, placed: &PlacedSegment<'_>) -> bool {
        self.document == placed.document
            && self.set == placed.set
            && self.source_locale == *placed.source_locale
            && self.target_locale == *placed.target_locale
    }

    pub fn add(&mut self, placed: PlacedSegment<'_>) {
        if self.segments.is_empty() {
            self.no_loc.clone_from(&placed.metadata.no_loc);
        }
        let segment = placed.segment;
        self.segments.push(ReadSegment {
            fingerprint: fingerprint(&placed),
            source: self.texts.push(&segment.source),
            target: self.texts.push(&segment.target),
            id: self.texts.push(segment.id.as_str()),
            line: segment.line,
            workflow: placed.metadata.workflow,
            handoff: placed.metadata.handoff,
            confidence: segment.confidence,
        });
    }
}

fn fingerprint(placed: &PlacedSegment<'_>) -> Fingerprint {
    let segment = placed.segment;
    let no_loc = placed.metadata.no_loc.iter().map(String::as_str);
    let workflow = placed.metadata.workflow.map_or("", Workflow::name);
    let texts = [
        &segment.source,
        &segment.target,
        placed.set,
        placed.source_locale.as_str(),
        placed.target_locale.as_str(),
        workflow,
    ];
    key_of(texts.into_iter().chain(no_loc).map(str::as_bytes))
}

/// All segments to check.
#[derive(Default)]
pub(super) struct Pairs {
    texts: TextArena,
    pub scopes: Vec<Scope>,
    pairs: Vec<PairEntry>,
    known: HashMap<Fingerprint, u32, BuildHasherDefault<FirstBytes>>,
    no_loc: Vec<Arc<[String]>>,
    pub documents: Vec<DocumentEntry>,
    pub places: Vec<PlaceEntry>,
    /// What people had translated in earlier versions: the number of the scope, source and target.
    human_before: Vec<(u32, TextRange, TextRange)>,
}

/// The pairs of a set in one pair of locales: their habits are learned together.
#[derive(PartialEq, Eq)]
pub(super) struct Scope {
    pub set: String,
    pub source_locale: Locale,
    pub target_locale: Locale,
}

struct PairEntry {
    source: TextRange,
    target: TextRange,
    scope: u32,
    /// The index of its document's terms in `no_loc`, from 1; 0: it has none.
    no_loc: u32,
    workflow: Option<Workflow>,
    /// The pairs before and after it where it occurs first; `NONE`: the document begins or ends there.
    previous: u32,
    next: u32,
}

/// No pair.
const NONE: u32 = u32::MAX;

/// A document with its places.
pub(super) struct DocumentEntry {
    pub path: TextRange,
    pub scope: u32,
    pub first_place: usize,
}

/// A segment at its place.
pub(super) struct PlaceEntry {
    pub id: TextRange,
    pub line: u32,
    pub pair: u32,
    pub handoff: Option<Date>,
    /// Of a pair that an alignment found: the probability that it is right, in percent.
    pub confidence: Option<u8>,
}

impl Pairs {
    /// Adds the segments of a document.
    pub fn add(&mut self, document: &DocumentSegments) {
        let scope = self.scope(document);
        let no_loc = self.no_loc(&document.no_loc);
        let path = self.texts.push(&document.document);
        self.documents.push(DocumentEntry { path, scope, first_place: self.places.len() });
        // The pair before, and whether it occurs there first.
        let (mut previous, mut is_first) = (NONE, false);
        for segment in &document.segments {
            let texts = &mut self.texts;
            // An index of 32 bits: four thousand million different pairs do not fit into the memory of a machine.
            let next = self.pairs.len() as u32;
            let pair = *self.known.entry(segment.fingerprint).or_insert(next);
            if pair == next {
                let source = texts.push(document.texts.get(&segment.source));
                let target = texts.push(document.texts.get(&segment.target));
                let workflow = segment.workflow;
                self.pairs.push(PairEntry { source, target, scope, no_loc, workflow, previous, next: NONE });
            }
            if is_first {
                self.pairs[previous as usize].next = pair;
            }
            (previous, is_first) = (pair, pair == next);
            let id = texts.push(document.texts.get(&segment.id));
            let ReadSegment { line, handoff, confidence, .. } = *segment;
            self.places.push(PlaceEntry { id, line, pair, handoff, confidence });
        }
    }

    /// Adds the human translation of an earlier version of a document. Left out if nothing of its set is checked.
    pub fn add_human_before(&mut self, placed: &PlacedSegment<'_>) {
        let locales = (placed.source_locale, placed.target_locale);
        if let Some(scope) = self.known_scope(placed.set, locales) {
            let segment = placed.segment;
            let texts = [&segment.source, &segment.target].map(|text| self.texts.push(text));
            let [source, target] = texts;
            self.human_before.push((scope as u32, source, target));
        }
    }

    /// The human translations of earlier versions of a scope, as source and target.
    pub fn human_before(&self, scope: usize) -> impl Iterator<Item = (&str, &str)> {
        let of_scope = self.human_before.iter().filter(move |(of, ..)| *of as usize == scope);
        of_scope.map(|(_, source, target)| (self.texts.get(source), self.texts.get(target)))
    }

    fn known_scope(&self, set: &str, (source_locale, target_locale): (&Locale, &Locale)) -> Option<usize> {
        self.scopes.iter().rposition(|scope| {
            scope.set == set && scope.source_locale == *source_locale && scope.target_locale == *target_locale
        })
    }

    fn scope(&mut self, document: &DocumentSegments) -> u32 {
        let known = self.known_scope(&document.set, (&document.source_locale, &document.target_locale));
        let scope = known.unwrap_or_else(|| {
            self.scopes.push(Scope {
                set: document.set.clone(),
                source_locale: document.source_locale.clone(),
                target_locale: document.target_locale.clone(),
            });
            self.scopes.len() - 1
        });
        scope as u32
    }

    fn no_loc(&mut self, terms: &[String]) -> u32 {
        if terms.is_empty() {
            return 0;
        }
        // Neighbouring documents usually have the same list.
        let known = self.no_loc.iter().rposition(|known| **known == *terms);
        let index = known.unwrap_or_else(|| {
            self.no_loc.push(terms.into());
            self.no_loc.len() - 1
        });
        index as u32 + 1
    }

    /// The number of different pairs.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// The pair of an index, as it is checked.
    pub fn pair(&self, index: u32) -> Pair<'_> {
        let entry = &self.pairs[index as usize];
        let scope = &self.scopes[entry.scope as usize];
        Pair {
            source: self.texts.get(&entry.source),
            target: self.texts.get(&entry.target),
            source_locale: &scope.source_locale,
            target_locale: &scope.target_locale,
            workflow: entry.workflow,
            no_loc: entry.no_loc.checked_sub(1).map_or(&[], |index| &self.no_loc[index as usize]),
            neighbours: Neighbours {
                previous: self.neighbour(entry.previous),
                next: self.neighbour(entry.next),
            },
        }
    }

    fn neighbour(&self, index: u32) -> Option<Neighbour<'_>> {
        let entry = self.pairs.get(index as usize)?;
        Some(Neighbour { source: self.texts.get(&entry.source), target: self.texts.get(&entry.target) })
    }

    pub fn scope_of(&self, pair: u32) -> usize {
        self.pairs[pair as usize].scope as usize
    }

    pub fn text(&self, range: &TextRange) -> &str {
        self.texts.get(range)
    }
}
