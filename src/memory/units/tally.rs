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
            self.context = occurrence.context();
            self.workflow = occurrence.workflow;
            self.newest = document;
        } else {
            self.one_context = self.one_context && self.context == occurrence.context();
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
#[derive(Clone)]
pub(super) struct InContext {
    pub variant: u32,
    pub tallied: Tallied,
    /// Another one of the same unit.
    next: Option<u32>,
}

impl InContext {
    /// A variant that stands in this context alone.
    pub fn alone(variant: u32, tallied: Tallied) -> InContext {
        InContext { variant, tallied, next: None }
    }
}

/// Where a variant stands, in 8 bytes: most stand in one place, and all that is known of that is read when it is asked for.
#[derive(Clone, Copy)]
struct Slot(u64);

enum Stands {
    Nowhere,
    Once(Spot),
    /// In several places, or beside other translations: the index of what was counted.
    Counted(u32),
}

impl Slot {
    const NOWHERE: Slot = Slot(u64::MAX);
    const COUNTED: u64 = 1 << 63;

    fn once(spot: Spot) -> Slot {
        Slot(u64::from(spot.document) << 32 | u64::from(spot.position))
    }

    fn counted(index: u32) -> Slot {
        Slot(Slot::COUNTED | u64::from(index))
    }

    fn stands(self) -> Stands {
        match self {
            Slot(u64::MAX) => Stands::Nowhere,
            Slot(counted) if counted & Slot::COUNTED != 0 => Stands::Counted(counted as u32),
            Slot(once) => Stands::Once(Spot { document: (once >> 32) as u32, position: once as u32 }),
        }
    }
}

/// What the first walk found.
pub(super) struct Tally {
    slots: Vec<Slot>,
    counted: Vec<Tallied>,
    contexts: Vec<InContext>,
    /// For each unit with contexts one of them, from which the others follow.
    of_unit: HashMap<u32, u32>,
    /// Places of variants beside the first.
    more: HashMap<u32, Vec<Spot>>,
    /// For each document the position after its last segment that counts.
    pub ends: Vec<u32>,
}

impl Tally {
    pub fn take(walk: &Walk<'_, '_>, ids: &Ids, contexts: Contexts) -> rusqlite::Result<Tally> {
        let mut taking = Taking {
            tally: Tally {
                slots: vec![Slot::NOWHERE; ids.variants.len()],
                counted: Vec::new(),
                contexts: Vec::new(),
                of_unit: HashMap::new(),
                more: HashMap::new(),
                ends: vec![0; walk.route.documents.len()],
            },
            walk,
            contexts,
            known: HashMap::new(),
        };
        walk.each_place(|spot, variant, occurrence| {
            let tally = &mut taking.tally;
            tally.ends[spot.document as usize] = spot.position + 1;
            let is_ambiguous = ids.is_ambiguous(ids.unit_of(variant));
            let index = match tally.slots[variant as usize].stands() {
                Stands::Nowhere if !is_ambiguous => {
                    tally.slots[variant as usize] = Slot::once(spot);
                    return Ok(());
                }
                Stands::Nowhere => taking.begin(variant),
                Stands::Once(first) => {
                    let index = taking.begin(variant);
                    taking.count(index, &walk.at(first)?, is_ambiguous);
                    index
                }
                Stands::Counted(index) => index,
            };
            let occurrence = occurrence.map_or_else(|| walk.at(spot), Ok)?;
            taking.count(index, &occurrence, is_ambiguous);
            Ok(())
        })?;
        Ok(taking.tally)
    }

    /// Whether a variant stands in a segment that counts.
    pub fn has(&self, variant: u32) -> bool {
        !matches!(self.slots[variant as usize].stands(), Stands::Nowhere)
    }

    /// Whether a variant stands in one segment that counts and was not counted: it is in no context then.
    pub fn is_lone(&self, variant: u32) -> bool {
        matches!(self.slots[variant as usize].stands(), Stands::Once(_))
    }

    /// What is known of a variant; `None` where it stands nowhere. `at_hand` is the segment that the walk has come to.
    pub fn of(
        &self,
        variant: u32,
        walk: &Walk<'_, '_>,
        at_hand: Option<&Occurrence>,
    ) -> rusqlite::Result<Option<Tallied>> {
        let spot = match self.slots[variant as usize].stands() {
            Stands::Nowhere => return Ok(None),
            Stands::Counted(index) => return Ok(Some(self.counted[index as usize].clone())),
            Stands::Once(spot) => spot,
        };
        let mut tallied = Tallied::NONE;
        let has_origins = walk.route.document(spot).has_origins;
        match at_hand.filter(|at_hand| at_hand.spot == spot) {
            Some(at_hand) => tallied.count(at_hand, has_origins),
            None => tallied.count(&walk.at(spot)?, has_origins),
        };
        Ok(Some(tallied))
    }

    /// Where a variant stands first.
    fn first(&self, variant: u32) -> Option<Spot> {
        match self.slots[variant as usize].stands() {
            Stands::Nowhere => None,
            Stands::Once(spot) => Some(spot),
            Stands::Counted(index) => Some(self.counted[index as usize].first),
        }
    }

    /// Where one of these variants stands first.
    pub fn first_of(&self, variants: &[u32]) -> Option<Spot> {
        variants.iter().filter_map(|&variant| self.first(variant)).min()
    }

    /// Where a variant stands: the first place, and those remembered beside it.
    pub fn spots(&self, variant: u32) -> impl Iterator<Item = Spot> + '_ {
        let more = self.more.get(&variant).map_or(&[][..], Vec::as_slice);
        self.first(variant).into_iter().chain(more.iter().copied())
    }

    /// A unit's variants by context, in no order, but for those that are [lone](Tally::is_lone).
    pub fn contexts_of(&self, unit: u32) -> impl Iterator<Item = &InContext> {
        let mut next = self.of_unit.get(&unit).copied();
        std::iter::from_fn(move || {
            let found = &self.contexts[next? as usize];
            next = found.next;
            Some(found)
        })
    }
}

/// A tally under way.
struct Taking<'t, 'w, 'a> {
    tally: Tally,
    walk: &'t Walk<'w, 'a>,
    contexts: Contexts,
    /// Of a variant, a context and a document the index among the contexts.
    known: HashMap<(u32, u64, u32), u32>,
}

impl Taking<'_, '_, '_> {
    fn begin(&mut self, variant: u32) -> u32 {
        let index = self.tally.counted.len() as u32;
        self.tally.counted.push(Tallied::NONE);
        self.tally.slots[variant as usize] = Slot::counted(index);
        index
    }

    fn count(&mut self, index: u32, occurrence: &Occurrence, is_ambiguous: bool) {
        let tally = &mut self.tally;
        let has_origins = self.walk.route.document(occurrence.spot).has_origins;
        if tally.counted[index as usize].count(occurrence, has_origins) {
            tally.more.entry(occurrence.variant).or_default().push(occurrence.spot);
        }
        let wanted = match self.contexts {
            Contexts::Each => true,
            Contexts::Differing | Contexts::DifferingByDocument => is_ambiguous,
            Contexts::AllVariants | Contexts::BestOnly => false,
        };
        if !wanted {
            return;
        }
        let document = match (self.contexts == Contexts::DifferingByDocument, occurrence.scope) {
            (false, _) => 0,
            (true, Scope::Everywhere) => occurrence.spot.document,
            // A TMX that says this of a unit has made one for each document already.
            (true, Scope::Context) => u32::MAX - occurrence.spot.position,
        };
        let fresh = tally.contexts.len() as u32;
        let key = (occurrence.variant, occurrence.context(), document);
        let index = *self.known.entry(key).or_insert(fresh);
        if index == fresh {
            let next = tally.of_unit.insert(occurrence.unit, fresh);
            tally.contexts.push(InContext { variant: occurrence.variant, tallied: Tallied::NONE, next });
        }
        tally.contexts[index as usize].tallied.count(occurrence, has_origins);
    }
}
