//! Chooses the translations of a source text that become units, for all contexts or for one. Pure: values in, values out.
//! [`Preference`] decides which of two translations is better.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{
    ContextPolicy, Preference, Provenance, Scope, Usage, Versions, Workflow, better_workflow,
    compare_workflows,
};

/// The context of a place without known neighbours.
const UNKNOWN: [u64; 2] = [0, 0];

/// The number of documents that are named for a translation.
pub(crate) const NAMED_DOCUMENTS: u64 = 3;

/// A place of a translation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceFacts {
    /// Its index.
    pub(crate) place: u32,
    pub(crate) provenance: Provenance,
    /// The key of its neighbours.
    pub(crate) context: [u64; 2],
    pub(crate) scope: Scope,
}

/// The usage of a translation at several places, and the contexts of these.
#[derive(Clone, Debug)]
pub(crate) struct Occurrences {
    pub(crate) usage: Usage,
    /// The first place.
    pub(crate) first: u32,
    context: [u64; 2],
    has_one_context: bool,
    is_in_context_only: bool,
    is_in_unknown_context: bool,
}

impl Occurrences {
    pub(crate) fn first(facts: &PlaceFacts) -> Occurrences {
        Occurrences {
            usage: Usage::first(&facts.provenance),
            first: facts.place,
            context: facts.context,
            has_one_context: true,
            is_in_context_only: facts.scope == Scope::Context,
            is_in_unknown_context: facts.context == UNKNOWN,
        }
    }

    /// Adds the next place. Returns whether the unit names it: the first few documents are named, and each unit of a TMX, because
    /// it has properties of its own.
    pub(crate) fn add(&mut self, facts: &PlaceFacts) -> bool {
        let was_superseded = self.usage.superseded.is_some();
        let is_new_document = self.usage.add(&facts.provenance);
        if !self.counts(facts) {
            return false;
        }
        if was_superseded && self.usage.superseded.is_none() {
            let usage = self.usage;
            *self = Occurrences { usage, ..Occurrences::first(facts) };
            return false;
        }
        self.has_one_context &= self.context == facts.context;
        self.is_in_context_only &= facts.scope == Scope::Context;
        self.is_in_unknown_context |= facts.context == UNKNOWN;
        facts.provenance.is_tmx || (is_new_document && self.usage.documents <= NAMED_DOCUMENTS)
    }

    /// Whether a place is counted: a superseded one beside current ones is not.
    pub(crate) fn counts(&self, facts: &PlaceFacts) -> bool {
        self.usage.superseded.is_some() || facts.provenance.superseded.is_none()
    }

    /// Whether the translation may be used in all contexts. One whose only context is unknown may, else it would be lost.
    fn is_valid_everywhere(&self) -> bool {
        !self.is_in_context_only || self.is_in_unknown_context
    }
}

/// A translation of the source text.
#[derive(Clone, Debug)]
pub(crate) struct Translation {
    pub(crate) variant: u32,
    /// The index of its target locale.
    pub(crate) locale: u16,
    pub(crate) text: Arc<str>,
    /// At all places.
    pub(crate) everywhere: Occurrences,
    /// In each context, in the order of their first places; in each document of a context, if the policy separates them.
    pub(crate) by_context: Vec<Occurrences>,
    /// The places that are named, but for the first.
    pub(crate) named_after_first: Vec<u32>,
    /// The segments of source documents that it translates: source version and segment number.
    pub(crate) aligned: Vec<(u64, u32)>,
}

impl Translation {
    /// What its rank among translations depends on.
    pub(crate) fn preference<'t>(&'t self, usage: &Usage) -> Preference<'t> {
        Preference {
            workflow: usage.workflow,
            is_superseded: usage.superseded.is_some(),
            documents: usage.documents,
            handoff: usage.handoff(),
            text: &self.text,
        }
    }
}

/// A chosen unit.
#[derive(Clone, Debug)]
pub(crate) struct ChosenUnit<'t> {
    pub(crate) scope: Scope,
    /// The place whose neighbours are its context; `None` if it has none or several.
    pub(crate) context: Option<u32>,
    pub(crate) variants: Vec<ChosenVariant<'t>>,
}

/// A translation in a unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChosenVariant<'t> {
    pub(crate) translation: &'t Translation,
    /// The occurrences that the unit describes: all, or those in its context.
    pub(crate) occurrences: &'t Occurrences,
}

impl<'t> ChosenVariant<'t> {
    pub(crate) fn everywhere(translation: &'t Translation) -> Self {
        ChosenVariant { translation, occurrences: &translation.everywhere }
    }

    /// The places that the unit names of it.
    pub(crate) fn named(&self) -> impl Iterator<Item = u32> {
        let is_everywhere = std::ptr::eq(self.occurrences, &self.translation.everywhere);
        let others = if is_everywhere { self.translation.named_after_first.as_slice() } else { &[] };
        std::iter::once(self.occurrences.first).chain(others.iter().copied())
    }
}

/// The result of [`choose`].
#[derive(Debug, Default)]
pub(crate) struct Choice<'t> {
    pub(crate) units: Vec<ChosenUnit<'t>>,
    /// The variants that the policy admits, and those that were chosen. Both can have duplicates.
    admitted: Vec<u32>,
    chosen: Vec<u32>,
}

impl<'t> Choice<'t> {
    /// The number of translations that were not chosen because another one is better.
    pub(crate) fn passed_over(&self) -> u64 {
        let distinct = |variants: &[u32]| {
            if let [] | [_] = variants {
                return variants.len() as u64;
            }
            let mut variants = variants.to_vec();
            variants.sort_unstable();
            variants.dedup();
            variants.len() as u64
        };
        distinct(&self.admitted).saturating_sub(distinct(&self.chosen))
    }

    /// The target locale of the first unit's first translation.
    pub(crate) fn first_locale(&self) -> Option<u16> {
        self.units.first().and_then(|unit| unit.variants.first()).map(|variant| variant.translation.locale)
    }

    /// Adds a unit with the best translation in each locale, for all contexts.
    fn add_everywhere(&mut self, best: &[&'t Translation]) {
        let Some(first) = best.first().map(|first| &first.everywhere) else { return };
        let is_same = |other: &Occurrences| other.has_one_context && other.context == first.context;
        let has_one_context = best.iter().all(|translation| is_same(&translation.everywhere));
        let in_context_only = best.iter().all(|translation| translation.everywhere.is_in_context_only);
        self.units.push(ChosenUnit {
            scope: if in_context_only { Scope::Context } else { Scope::Everywhere },
            context: has_one_context.then_some(first.first),
            variants: best.iter().map(|translation| ChosenVariant::everywhere(translation)).collect(),
        });
        self.chosen.extend(best.iter().map(|translation| translation.variant));
    }
}

/// Chooses units by a policy. `accepts` decides whether a translation may be used at all; its second argument is the workflow of
/// the occurrences that the unit would describe. With [`Versions::Best`] a superseded translation is passed over if a current one
/// has the same or a better workflow, in whichever context.
pub(crate) fn choose<'t>(
    translations: &'t [Translation],
    policy: ContextPolicy,
    versions: Versions,
    mut accepts: impl FnMut(&Translation, Option<Workflow>) -> bool,
) -> Choice<'t> {
    let mut choice = Choice::default();
    // If each context gets a unit, each is accepted or not by its own workflow.
    let mut accepted: Vec<&Translation> = translations
        .iter()
        .filter(|translation| {
            policy == ContextPolicy::Each || accepts(translation, translation.everywhere.usage.workflow)
        })
        .collect();
    // Translations for one context come after those for all contexts.
    accepted.sort_by(|a, b| {
        let (one, other) = (&a.everywhere, &b.everywhere);
        let order = one.is_in_context_only.cmp(&other.is_in_context_only);
        order.then_with(|| a.preference(&one.usage).compare(&b.preference(&other.usage)))
    });
    if policy != ContextPolicy::Each {
        choice.admitted.extend(accepted.iter().map(|translation| translation.variant));
    }
    if versions == Versions::Best {
        pass_over_superseded(&mut accepted);
    }
    match policy {
        ContextPolicy::BestOnly => choice.add_everywhere(&best(&accepted, |_| true)),
        ContextPolicy::AllVariants => {
            let best = best(&accepted, |_| true);
            choice.add_everywhere(&best);
            for translation in accepted {
                if !best.iter().any(|best| best.variant == translation.variant) {
                    choice.add_everywhere(&[translation]);
                }
            }
        }
        ContextPolicy::Each => in_contexts(&accepted, &[], policy, &mut accepts, &mut choice),
        ContextPolicy::Differing | ContextPolicy::DifferingByDocument => {
            let best = best(&accepted, |translation| translation.everywhere.is_valid_everywhere());
            choice.add_everywhere(&best);
            if accepted.len() > 1 || best.is_empty() {
                in_contexts(&accepted, &best, policy, &mut accepts, &mut choice);
            }
        }
    }
    choice
}

/// Removes superseded translations for which a current one in the same locale has the same or a better workflow.
fn pass_over_superseded(accepted: &mut Vec<&Translation>) {
    let is_superseded = |translation: &Translation| translation.everywhere.usage.superseded.is_some();
    if !accepted.iter().any(|translation| is_superseded(translation)) {
        return;
    }
    let mut best: HashMap<u16, Option<Workflow>> = HashMap::new();
    for translation in accepted.iter().filter(|translation| !is_superseded(translation)) {
        let workflow = translation.everywhere.usage.workflow;
        let best = best.entry(translation.locale).or_insert(workflow);
        *best = better_workflow(*best, workflow);
    }
    accepted.retain(|translation| {
        let workflow = translation.everywhere.usage.workflow;
        let is_better = |best: &Option<Workflow>| compare_workflows(workflow, *best).is_lt();
        !is_superseded(translation) || best.get(&translation.locale).is_none_or(is_better)
    });
}

/// The target locales of translations, in their order.
fn locales(translations: impl Iterator<Item = u16>) -> Vec<u16> {
    let mut locales: Vec<u16> = translations.collect();
    locales.sort_unstable();
    locales.dedup();
    locales
}

/// The best translation in each locale; `accepted` is sorted. In all locales but the first, a translation of the same segments
/// as the first one is preferred, because it was made from the same source document.
fn best<'t>(accepted: &[&'t Translation], admits: impl Fn(&Translation) -> bool) -> Vec<&'t Translation> {
    let mut best: Vec<&Translation> = Vec::with_capacity(1);
    for locale in locales(accepted.iter().map(|translation| translation.locale)) {
        let in_locale = || {
            let admitted =
                accepted.iter().filter(|translation| translation.locale == locale && admits(translation));
            admitted.copied()
        };
        let Some(first) = in_locale().next() else { continue };
        let aligned = best.first().and_then(|lead: &&Translation| {
            in_locale().find(|other| other.aligned.iter().any(|segment| lead.aligned.contains(segment)))
        });
        best.push(aligned.unwrap_or(first));
    }
    best
}

/// A translation in one context, in all documents together.
struct ContextCandidate<'t> {
    translation: &'t Translation,
    usage: Usage,
    is_in_context_only: bool,
    /// One for each document, if the policy separates them; else one.
    occurrences: Vec<&'t Occurrences>,
}

/// Adds a unit for each context in which the best translation is not one of those for all contexts.
fn in_contexts<'t>(
    accepted: &[&'t Translation],
    everywhere: &[&Translation],
    policy: ContextPolicy,
    accepts: &mut impl FnMut(&Translation, Option<Workflow>) -> bool,
    choice: &mut Choice<'t>,
) {
    let mut units: Vec<ChosenUnit<'t>> = Vec::new();
    for (context, candidates) in candidates(accepted, policy, accepts, choice) {
        let mut found: Vec<&ContextCandidate<'_>> = Vec::with_capacity(1);
        for locale in locales(candidates.iter().map(|candidate| candidate.translation.locale)) {
            let in_locale = candidates.iter().filter(|candidate| candidate.translation.locale == locale);
            let best = in_locale.min_by(|a, b| {
                a.translation.preference(&a.usage).compare(&b.translation.preference(&b.usage))
            });
            // A unit for an unknown context could not be distinguished from the one for all contexts.
            let differs = |candidate: &&ContextCandidate<'_>| {
                policy == ContextPolicy::Each
                    || (context != UNKNOWN
                        && !everywhere.iter().any(|best| best.variant == candidate.translation.variant))
            };
            found.extend(best.filter(differs));
        }
        choice.chosen.extend(found.iter().map(|candidate| candidate.translation.variant));
        let in_context_only = found.iter().all(|candidate| candidate.is_in_context_only);
        let scope = if policy == ContextPolicy::Each && !in_context_only {
            Scope::Everywhere
        } else {
            Scope::Context
        };
        let unit = |variants: Vec<ChosenVariant<'t>>| ChosenUnit {
            scope,
            context: variants.first().map(|first| first.occurrences.first),
            variants,
        };
        let variant = |candidate: &ContextCandidate<'t>, occurrences| ChosenVariant {
            translation: candidate.translation,
            occurrences,
        };
        if policy == ContextPolicy::DifferingByDocument {
            for candidate in found {
                units.extend(candidate.occurrences.iter().map(|&here| unit(vec![variant(candidate, here)])));
            }
        } else if !found.is_empty() {
            units.push(unit(
                found.into_iter().map(|candidate| variant(candidate, candidate.occurrences[0])).collect(),
            ));
        }
    }
    units.sort_by_key(|unit| unit.context);
    choice.units.append(&mut units);
}

/// The accepted translations in each context, in the order of the first places.
fn candidates<'t>(
    accepted: &[&'t Translation],
    policy: ContextPolicy,
    accepts: &mut impl FnMut(&Translation, Option<Workflow>) -> bool,
    choice: &mut Choice<'t>,
) -> Vec<([u64; 2], Vec<ContextCandidate<'t>>)> {
    let mut all: Vec<(&Translation, &Occurrences)> = Vec::new();
    for &translation in accepted {
        all.extend(translation.by_context.iter().map(|here| (translation, here)));
    }
    all.sort_by_key(|(_, here)| here.first);
    let mut index: HashMap<[u64; 2], usize> = HashMap::new();
    // The index of each translation among the candidates of a context.
    let mut known: HashMap<(usize, u32), usize> = HashMap::new();
    let mut contexts: Vec<([u64; 2], Vec<ContextCandidate<'_>>)> = Vec::new();
    for (translation, here) in all {
        let workflow = here.usage.workflow;
        let was_accepted = policy != ContextPolicy::Each && workflow == translation.everywhere.usage.workflow;
        if !was_accepted && !accepts(translation, workflow) {
            continue;
        }
        choice.admitted.push(translation.variant);
        let at = *index.entry(here.context).or_insert(contexts.len());
        if at == contexts.len() {
            contexts.push((here.context, Vec::new()));
        }
        let candidates = &mut contexts[at].1;
        let number = *known.entry((at, translation.variant)).or_insert(candidates.len());
        match candidates.get_mut(number) {
            Some(candidate) => {
                candidate.usage = candidate.usage.with(&here.usage);
                candidate.occurrences.push(here);
            }
            None => candidates.push(ContextCandidate {
                translation,
                usage: here.usage,
                is_in_context_only: here.is_in_context_only,
                occurrences: vec![here],
            }),
        }
    }
    contexts
}

#[cfg(test)]
mod tests;
