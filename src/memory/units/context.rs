//! Units that hold in one context each.

use std::collections::HashMap;

use super::give::{Chosen, Giver, Offer};
use super::tally::{InContext, Tallied};
use super::walk::Occurrence;
use super::{Candidate, Receiver};
use crate::model::{Contexts, Scope, Unit, Variant};

/// A translation in one context, document by document where these are told apart.
struct Rival<'o> {
    offer: &'o Offer,
    /// Of all documents together.
    tallied: Tallied,
    there: Vec<&'o InContext>,
}

impl Giver<'_, '_, '_> {
    /// Gives a unit for each context in which the best translation is not one of those in `everywhere`.
    pub fn in_contexts<R: Receiver>(
        &self,
        offers: &[Offer],
        everywhere: &[&Offer],
        (source, at_hand): (&str, &Occurrence),
        receiver: &mut R,
        chosen: &mut Chosen,
    ) -> rusqlite::Result<()> {
        let each = self.contexts == Contexts::Each;
        let mut units: Vec<(_, Unit)> = Vec::new();
        // What stands in one place alone stands in one context.
        let lone = |offer: &&Offer| each && self.tally.is_lone(offer.variant);
        let lone: Vec<InContext> = offers
            .iter()
            .filter(lone)
            .map(|offer| InContext::alone(offer.variant, offer.tallied.clone()))
            .collect();
        let mut all: Vec<&InContext> = self.tally.contexts_of(at_hand.unit).chain(&lone).collect();
        all.sort_by_key(|there| there.tallied.first);
        for (context, rivals) in self.rivals(offers, all, source, receiver, chosen) {
            let mut found: Vec<&Rival<'_>> = Vec::with_capacity(1);
            for (locale, _) in &self.locales {
                let there = rivals.iter().filter(|rival| rival.offer.locale == *locale);
                let best =
                    there.min_by(|a, b| a.offer.standing(&a.tallied).compare(&b.offer.standing(&b.tallied)));
                // Where nothing is known of the neighbours there is nothing to tell this translation from the other one.
                let differs = |rival: &&Rival<'_>| {
                    each || (context != 0
                        && !everywhere.iter().any(|best| best.variant == rival.offer.variant))
                };
                found.extend(best.filter(differs));
            }
            let Some(first) = found.first() else { continue };
            chosen.variants.extend(found.iter().map(|rival| rival.offer.variant));
            let scoped = !each || found.iter().all(|rival| rival.tallied.in_context_only);
            let scope = if scoped { Scope::Context } else { Scope::Everywhere };
            let mut unit = |of: &InContext, variants: Vec<Variant>| -> rusqlite::Result<()> {
                let context = self.builder.context(of.tallied.first, at_hand)?;
                units.push((of.tallied.first, self.put(at_hand, source, context, scope, variants)));
                Ok(())
            };
            if self.contexts == Contexts::DifferingByDocument {
                for (rival, there) in
                    found.iter().flat_map(|rival| rival.there.iter().map(move |there| (rival, there)))
                {
                    unit(there, vec![self.variant_there(rival, there, source, at_hand)?])?;
                }
            } else {
                let variants = found.iter().filter_map(|rival| {
                    rival.there.first().map(|there| self.variant_there(rival, there, source, at_hand))
                });
                let variants: Vec<Variant> = variants.collect::<Result<_, _>>()?;
                if let Some(there) = first.there.first() {
                    unit(there, variants)?;
                }
            }
        }
        // In the order in which what is given stands first, whatever else stands in these contexts.
        units.sort_by_key(|(spot, _)| *spot);
        chosen.units.extend(units.into_iter().map(|(_, unit)| unit));
        Ok(())
    }

    /// The translations that may be used in each context.
    fn rivals<'o, R: Receiver>(
        &self,
        offers: &'o [Offer],
        all: Vec<&'o InContext>,
        source: &str,
        receiver: &mut R,
        chosen: &mut Chosen,
    ) -> Vec<(u64, Vec<Rival<'o>>)> {
        let mut index: HashMap<u64, usize> = HashMap::new();
        let mut contexts: Vec<(u64, Vec<Rival<'o>>)> = Vec::new();
        for there in all {
            let tallied = &there.tallied;
            let Some(offer) = offers.iter().find(|offer| offer.variant == there.variant) else { continue };
            let candidate = Candidate { source, target: &offer.text, workflow: tallied.workflow };
            // Judged already, where the same is known of it here as everywhere.
            let is_judged = self.contexts != Contexts::Each && tallied.workflow == offer.tallied.workflow;
            if !is_judged && !receiver.accepts(candidate) {
                continue;
            }
            chosen.admitted.push(offer.variant);
            let at = *index.entry(tallied.context).or_insert(contexts.len());
            if at == contexts.len() {
                contexts.push((tallied.context, Vec::new()));
            }
            let rivals = &mut contexts[at].1;
            match rivals.iter_mut().find(|rival| rival.offer.variant == offer.variant) {
                Some(rival) => {
                    rival.tallied = rival.tallied.with(tallied);
                    rival.there.push(there);
                }
                None => rivals.push(Rival { offer, tallied: tallied.clone(), there: vec![there] }),
            }
        }
        contexts
    }

    fn variant_there(
        &self,
        rival: &Rival<'_>,
        there: &InContext,
        source: &str,
        at_hand: &Occurrence,
    ) -> rusqlite::Result<Variant> {
        let spots = std::iter::once(there.tallied.first);
        self.variant(rival.offer, &there.tallied, spots, source, at_hand)
    }
}
