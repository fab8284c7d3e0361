//! What is learned from all pairs of a set in one pair of locales, before they are checked.

#![allow(dead_code, reason = "the rules that use them follow")]

use super::subject::Pair;

/// What is known of a set. The default knows nothing: then the rules that need it find nothing.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    pairs: Vec<Pair<'a>>,
}

impl<'a> Facts<'a> {
    /// Learns from the different pairs of a set.
    pub fn learn(pairs: impl IntoIterator<Item = Pair<'a>>) -> Self {
        let mut facts = Facts::default();
        for pair in pairs {
            facts.add(pair);
        }
        facts
    }

    fn add(&mut self, pair: Pair<'a>) {
        self.pairs.push(pair);
    }

    /// Adds what was learned from other pairs of the same set. The result does not depend on how the pairs were divided.
    pub fn merge(&mut self, other: Facts<'a>) {
        self.pairs.extend(other.pairs);
    }
}
