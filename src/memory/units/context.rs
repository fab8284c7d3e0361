//! Units that hold in one context each.

use std::collections::HashMap;

use super::count::Counted;
use super::give::{AtHand, Chosen, Giver, Offer, Taker};
use super::walk::NOTHING_AROUND;
use super::{Candidate, Receiver};
use crate::memory::error::Fault;
use crate::model::{Contexts, Scope, Variant};

/// A translation in one context, document by document where these are told apart.
struct Rival<'o> {
    offer: &'o Offer,
    /// Of all documents together.
    counted: Counted,
    there: Vec<&'o Counted>,
}

impl Giver<'_, '_> {
    /// Gives a unit for each context in which the best translation is not one of those in `everywhere`.
    pub fn in_contexts<R: Receiver>(
        &self,
        offers: &[Offer],
        everywhere: &[&Offer],
        at_hand: AtHand<'_>,
        taker: &mut Taker<'_, R>,
        chosen: &mut Chosen,
    ) -> Result<(), Fault> {
        let each = self.contexts == Contexts::Each;
        // Which translations there will be a unit of, and in which scope: one text can have very many.
        let mut units: Vec<(Scope, Vec<(&Offer, &Counted)>)> = Vec::new();
        let mut all: Vec<(&Offer, &Counted)> = Vec::new();
        for offer in offers {
            all.extend(offer.of.contexts.iter().map(|there| (offer, there)));
        }
        all.sort_by_key(|(_, there)| there.first);
        for (context, rivals) in self.rivals(all, at_hand, taker.receiver, chosen) {
            let mut found: Vec<&Rival<'_>> = Vec::with_capacity(1);
            for locale in self.locales() {
                let there = rivals.iter().filter(|rival| rival.offer.of.locale == locale);
                let best =
                    there.min_by(|a, b| a.offer.standing(&a.counted).compare(&b.offer.standing(&b.counted)));
                // Where nothing is known of the neighbours there is nothing to tell this translation from the other one.
                let differs = |rival: &&Rival<'_>| {
                    each || (context != NOTHING_AROUND
                        && !everywhere.iter().any(|best| best.of.variant == rival.offer.of.variant))
                };
                found.extend(best.filter(differs));
            }
            chosen.variants.extend(found.iter().map(|rival| rival.offer.of.variant));
            let scoped = !each || found.iter().all(|rival| rival.counted.in_context_only);
            let scope = if scoped { Scope::Context } else { Scope::Everywhere };
            if self.contexts == Contexts::DifferingByDocument {
                for rival in found {
                    units.extend(rival.there.iter().map(|&there| (scope, vec![(rival.offer, there)])));
                }
            } else if !found.is_empty() {
                units.push((scope, found.iter().map(|rival| (rival.offer, rival.there[0])).collect()));
            }
        }
        // In the order in which what is given stands first, whatever else stands in these contexts.
        units.sort_by_key(|(_, variants)| variants[0].1.first);
        for (scope, variants) in units {
            let context = self.builder.context(variants[0].1.first, Some(at_hand.occurrence))?;
            let variants = variants
                .into_iter()
                .map(|(offer, there)| self.variant(offer, there, &[there.first], at_hand));
            let variants = variants.collect::<Result<Vec<Variant>, _>>()?;
            taker.take(self.put(at_hand, context, scope, variants)?);
        }
        Ok(())
    }

    /// The translations that may be used in each context.
    fn rivals<'o, R: Receiver>(
        &self,
        all: Vec<(&'o Offer, &'o Counted)>,
        at_hand: AtHand<'_>,
        receiver: &mut R,
        chosen: &mut Chosen,
    ) -> Vec<(u64, Vec<Rival<'o>>)> {
        let mut index: HashMap<u64, usize> = HashMap::new();
        let mut contexts: Vec<(u64, Vec<Rival<'o>>)> = Vec::new();
        for (offer, there) in all {
            let workflow = there.workflow;
            let candidate = Candidate {
                source: at_hand.source,
                target: &offer.text,
                workflow,
                is_asked_again: !at_hand.is_first,
            };
            // Judged already, where the same is known of it here as everywhere.
            let is_judged = self.contexts != Contexts::Each && workflow == offer.of.counted.workflow;
            if !is_judged && !receiver.accepts(candidate) {
                continue;
            }
            chosen.admitted.push(offer.of.variant);
            let at = *index.entry(there.context).or_insert(contexts.len());
            if at == contexts.len() {
                contexts.push((there.context, Vec::new()));
            }
            let rivals = &mut contexts[at].1;
            match rivals.iter_mut().find(|rival| rival.offer.of.variant == offer.of.variant) {
                Some(rival) => {
                    rival.counted = rival.counted.with(there);
                    rival.there.push(there);
                }
                None => rivals.push(Rival { offer, counted: there.clone(), there: vec![there] }),
            }
        }
        contexts
    }
}
