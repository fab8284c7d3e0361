//! What the first walk counts.

use std::collections::HashMap;

use super::ids::Ids;
use super::walk::{Occurrence, Spot, Walk};
use crate::model::{Contexts, Scope, Workflow, better_workflow};

/// How many places of a translation are named.
const PLACES: usize = 3;

/// What is known of a variant, or of a variant in one context.
#[derive(Clone, Debug)]
pub(super) struct Tallied {
    pub first: Spot,
    /// In how many segments it stands; 0 where none counts.
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
}

impl Tallied {
    const NONE: Tallied = Tallied {
        first: Spot { document: 0, position: 0 },
        usage: 0,
        documents: 0,
        last_document: u32::MAX,
        newest: 0,
        created: None,
        changed: None,
        context: 0,
        one_context: true,
        workflow: None,
        in_context_only: true,
    };

    /// Counts one more. Gives whether its place is to be remembered beside the first.
    fn count(&mut self, occurrence: &Occurrence, has_origins: bool) -> bool {
        let is_first = self.usage == 0;
        let document = occurrence.spot.document;
        let in_new_document = is_first || self.last_document != document;
        if is_first {
            self.first = occurrence.spot;
            self.context = occurrence.context;
            self.workflow = occurrence.workflow;
            self.newest = document;
        } else {
            self.one_context &= self.context == occurrence.context;
            self.workflow = better_workflow(self.workflow, occurrence.workflow);
        }
        if occurrence.changed > self.changed {
            self.newest = document;
        }
        self.changed = self.changed.max(occurrence.changed);
        self.created = match (self.created, occurrence.created) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.usage = self.usage.saturating_add(occurrence.usage);
        self.in_context_only &= occurrence.scope == Scope::Context;
        self.last_document = document;
        if in_new_document || has_origins {
            self.documents = self.documents.saturating_add(occurrence.documents);
        }
        // Of documents the first few are named; of a TMX each segment has something of its own to say.
        !is_first && (has_origins || (in_new_document && self.documents as usize <= PLACES))
    }
}

impl Tallied {
    /// What is known of the two together, as far as it decides which translation is better.
    pub fn with(&self, other: &Tallied) -> Tallied {
        Tallied {
            usage: self.usage.saturating_add(other.usage),
            documents: self.documents.saturating_add(other.documents),
            workflow: better_workflow(self.workflow, other.workflow),
            changed: self.changed.max(other.changed),
            ..self.clone()
        }
    }
}

/// A variant in one context.
pub(super) struct InContext {
    pub variant: u32,
    pub tallied: Tallied,
    /// The next one of the same unit, in the order in which they stand first.
    next: Option<u32>,
}

/// What the first walk found.
pub(super) struct Tally {
    variants: Vec<Tallied>,
    contexts: Vec<InContext>,
    /// For each unit with contexts the first of them and the last.
    of_unit: HashMap<u32, (u32, u32)>,
    /// Places of variants beside the first.
    more: HashMap<u32, Vec<Spot>>,
}

impl Tally {
    pub fn take(walk: &Walk<'_>, ids: &Ids, contexts: Contexts) -> rusqlite::Result<Tally> {
        let mut tally = Tally {
            variants: vec![Tallied::NONE; ids.variants.len()],
            contexts: Vec::new(),
            of_unit: HashMap::new(),
            more: HashMap::new(),
        };
        let mut known: HashMap<(u32, u64, u32), u32> = HashMap::new();
        walk.each::<rusqlite::Error>(|occurrence| {
            let has_origins = walk.documents[occurrence.spot.document as usize].has_origins;
            let variant = &mut tally.variants[occurrence.variant as usize];
            if variant.count(&occurrence, has_origins) {
                tally.more.entry(occurrence.variant).or_default().push(occurrence.spot);
            }
            let wanted = match contexts {
                Contexts::Each => true,
                Contexts::Differing | Contexts::DifferingByDocument => ids.is_ambiguous(occurrence.unit),
                Contexts::AllVariants | Contexts::BestOnly => false,
            };
            if wanted {
                let document = match (contexts == Contexts::DifferingByDocument, occurrence.scope) {
                    (false, _) => 0,
                    (true, Scope::Everywhere) => occurrence.spot.document,
                    // A TMX that says this of a unit has made one for each document already.
                    (true, Scope::Context) => u32::MAX - occurrence.spot.position,
                };
                let fresh = tally.contexts.len() as u32;
                let index = *known.entry((occurrence.variant, occurrence.context, document)).or_insert(fresh);
                if index == fresh {
                    tally.contexts.push(InContext {
                        variant: occurrence.variant,
                        tallied: Tallied::NONE,
                        next: None,
                    });
                    let ends = tally.of_unit.entry(occurrence.unit).or_insert((fresh, fresh));
                    if ends.1 != fresh {
                        tally.contexts[ends.1 as usize].next = Some(fresh);
                        ends.1 = fresh;
                    }
                }
                tally.contexts[index as usize].tallied.count(&occurrence, has_origins);
            }
            Ok(())
        })?;
        Ok(tally)
    }

    /// What is known of a variant.
    pub fn of(&self, variant: u32) -> &Tallied {
        &self.variants[variant as usize]
    }

    /// Where a variant stands: the first place, and those remembered beside it.
    pub fn spots(&self, variant: u32) -> impl Iterator<Item = Spot> + '_ {
        let more = self.more.get(&variant).map_or(&[][..], Vec::as_slice);
        std::iter::once(self.of(variant).first).chain(more.iter().copied())
    }

    /// A unit's variants by context, in the order in which they stand first.
    pub fn contexts_of(&self, unit: u32) -> impl Iterator<Item = &InContext> {
        let mut next = self.of_unit.get(&unit).map(|&(first, _)| first);
        std::iter::from_fn(move || {
            let found = &self.contexts[next? as usize];
            next = found.next;
            Some(found)
        })
    }
}
