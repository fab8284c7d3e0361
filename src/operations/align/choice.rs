//! Chooses the version of the source that a translation is of: the one that aligns best, and whose sentences are neither later nor earlier
//! than their translations.
//!
//! A sentence of the target that has not changed since a day is no translation of a sentence that the source got later; and one that changed
//! on a day, in a document that was there before, is none of a sentence that the source had no more. So each version of the source loses by
//! the pairs for which this would have to be so.

use std::collections::HashMap;

use super::versions::Version;
use crate::alignment::{Alignment, Bead, Side};
use crate::markup::folded;

/// By so much an earlier version of the source has to fit better than a newer one, if no pair speaks against the newer one.
const BETTER: f32 = 0.003;
/// What a pair that speaks against a version costs, in pairs.
const COST: f32 = 3.0;
/// The least confidence of such a pair.
const SURE: f32 = 0.5;

/// The texts of the versions of a source and of its translation; the newest first in both.
pub(super) struct Candidates<'v> {
    pub versions: &'v [Version],
    /// The text of each version; `None` if it cannot be read.
    pub texts: Vec<Option<String>>,
    /// Earlier texts of the target, each with the time of its commit; the first one is the present text.
    pub targets: Vec<(i64, String)>,
}

/// A version of the source, aligned.
pub(super) struct AlignedVersion<'t> {
    /// Its index among the candidates.
    pub index: usize,
    pub source: &'t str,
    pub sides: (Side<'t>, Side<'t>),
    pub found: Alignment,
    /// Of each pair, whether its source is later or earlier than its target.
    untimely: Vec<bool>,
}

impl<'t> AlignedVersion<'t> {
    /// Its pairs, each with whether the source is later or earlier than the target, as far as this is known.
    pub fn pairs(&self) -> impl Iterator<Item = (&Bead, bool)> {
        self.found.beads.iter().zip(self.untimely.iter().copied())
    }
}

impl Candidates<'_> {
    /// The versions, of which `aligned` aligns each, and the place of the best one among them. `None` if none can be read.
    pub fn choose<'t>(
        &'t self,
        aligned: impl Fn(&'t str) -> ((Side<'t>, Side<'t>), Alignment),
    ) -> Option<(Vec<AlignedVersion<'t>>, usize)> {
        let times = Times::new(self);
        let mut births = HashMap::new();
        let mut best: Option<(f32, bool, usize)> = None;
        let mut versions = Vec::new();
        for (index, source) in self.texts.iter().enumerate() {
            let Some(source) = source.as_deref() else { continue };
            let (sides, found) = aligned(source);
            let untimely = times.untimely(index, &sides, &found, &mut births);
            let version = AlignedVersion { index, source, sides, found, untimely };
            let count =
                version.pairs().filter(|(bead, untimely)| *untimely && bead.confidence() >= SURE).count();
            let share = count as f32 / version.found.beads.len().max(1) as f32;
            let score = version.found.fit() - COST * share;
            let is_better = best
                .is_none_or(|(known, is_doubtful, _)| score > known + if is_doubtful { 0.0 } else { BETTER });
            if is_better {
                best = Some((score, count > 0, versions.len()));
            }
            versions.push(version);
        }
        best.map(|(_, _, chosen)| (versions, chosen))
    }
}

/// Finds pairs whose source is later or earlier than their target.
struct Times {
    /// The time of each candidate with its text, white space folded.
    sources: Vec<(i64, String)>,
    targets: Vec<(i64, String)>,
}

impl Times {
    fn new(candidates: &Candidates<'_>) -> Times {
        let texts = candidates.versions.iter().zip(&candidates.texts);
        let source = |(version, text): (&Version, &Option<String>)| {
            (version.commit.time, text.as_deref().map(folded).unwrap_or_default().into_owned())
        };
        let targets = candidates.targets.iter().map(|(time, text)| (*time, folded(text).into_owned()));
        Times { sources: texts.map(source).collect(), targets: targets.collect() }
    }

    /// Of each pair, whether no version had its source text when the target text was there already, or whether the source text was gone when
    /// the target text came into a document. None, if there is only one version of either.
    fn untimely(
        &self,
        version: usize,
        (one, other): &(Side<'_>, Side<'_>),
        found: &Alignment,
        births: &mut HashMap<String, usize>,
    ) -> Vec<bool> {
        if self.sources.len() < 2 || self.targets.len() < 2 {
            return vec![false; found.beads.len()];
        }
        let is_against = |bead: &Bead| {
            let source = one.text(&bead.source_text);
            let source = folded(&source);
            // A text in a quote has marks between its lines.
            if !self.sources[version].1.contains(&*source) {
                return false;
            }
            let target = folded(&other.text(&bead.target_text)).into_owned();
            let birth = match births.get(&target) {
                Some(&birth) => birth,
                None => {
                    let birth = self.birth(&target);
                    births.insert(target, birth);
                    birth
                }
            };
            let time = self.targets[birth].0;
            let mut before = self.sources.iter().filter(|(other, _)| *other <= time);
            let Some((_, newest)) = before.next() else { return false };
            let is_new = birth + 1 < self.targets.len();
            !newest.contains(&*source) && (is_new || before.all(|(_, text)| !text.contains(&*source)))
        };
        found.beads.iter().map(is_against).collect()
    }

    /// The oldest version of the target that has a text, without a break until today.
    fn birth(&self, text: &str) -> usize {
        self.targets.iter().skip(1).take_while(|(_, target)| target.contains(text)).count()
    }
}
