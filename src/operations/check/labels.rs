//! Checks all pairs on the pool, and returns what was found by document and place.

use std::collections::BTreeMap;
use std::ops::Range;

use super::pairs::Pairs;
use crate::check::{CHECKS, Check, Facts, Finding, Selection, Severity, check};
use crate::model::{Locale, PlacedSegment, Workflow};
use crate::parallel;

/// Pairs that are checked together.
const PART: usize = 2048;

/// Segments with what was found in them.
pub struct Checked {
    pairs: Pairs,
    /// The pairs in which something was found, by index, ascending.
    found: Vec<(u32, Vec<Finding>)>,
}

/// A document, as it is listed.
#[derive(Clone, Copy, Debug)]
pub struct CheckedDocument<'a> {
    /// The set's name.
    pub set: &'a str,
    /// The path below the set, `/` separated.
    pub document: &'a str,
    /// The locale of its source texts.
    pub source_locale: &'a Locale,
    /// The locale of its target texts.
    pub target_locale: &'a Locale,
}

/// A segment in which something was found.
#[derive(Clone, Copy, Debug)]
pub struct CheckedSegment<'a> {
    /// Its document.
    pub document: CheckedDocument<'a>,
    /// Its id there.
    pub id: &'a str,
    /// The 1-based line where it begins.
    pub line: u32,
    /// The source text.
    pub source: &'a str,
    /// The target text.
    pub target: &'a str,
    /// Who translated.
    pub workflow: Option<Workflow>,
    /// What was found, at least one thing, the worst first.
    pub findings: &'a [Finding],
}

/// How often a check found something in a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Segments.
    pub segments: u64,
    /// Different pairs of texts.
    pub pairs: u64,
}

impl Checked {
    pub(super) fn new(pairs: Pairs, selection: &Selection, threads: usize) -> Self {
        let all: Vec<u32> = (0..pairs.len() as u32).collect();
        let facts = learn(&pairs, &all, threads);
        let mut found: Vec<(u32, Vec<Finding>)> = Vec::new();
        let check_part = |part: &[u32]| -> Vec<(u32, Vec<Finding>)> {
            let checked = part.iter().map(|&index| {
                let mut findings = check(pairs.pair(index), &facts[pairs.scope_of(index)], selection);
                findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
                (index, findings)
            });
            checked.filter(|(_, findings)| !findings.is_empty()).collect()
        };
        parallel::in_order(
            threads,
            |worker| worker.run(check_part),
            |pool| {
                for part in all.chunks(PART) {
                    found.extend(pool.send(part).into_iter().flatten());
                }
                while let Some(part) = pool.receive() {
                    found.extend(part);
                }
            },
        );
        drop(facts);
        Checked { pairs, found }
    }

    /// The number of segments that were checked.
    pub fn segments(&self) -> u64 {
        self.pairs.places.len() as u64
    }

    /// The number of different pairs that were checked.
    pub fn pairs(&self) -> u64 {
        self.pairs.len() as u64
    }

    /// What was found in a segment: empty if nothing was, or if it was not checked.
    pub fn findings(&self, placed: &PlacedSegment<'_>) -> &[Finding] {
        self.pairs.find(placed).map_or(&[], |index| self.findings_of(index))
    }

    fn findings_of(&self, index: u32) -> &[Finding] {
        match self.found.binary_search_by_key(&index, |(pair, _)| *pair) {
            Ok(at) => &self.found[at].1,
            Err(_) => &[],
        }
    }

    /// The segments in which something was found, in the order in which they were read.
    pub fn found(&self) -> impl Iterator<Item = CheckedSegment<'_>> {
        let documents = &self.pairs.documents;
        documents.iter().enumerate().flat_map(move |(index, entry)| {
            let scope = &self.pairs.scopes[entry.scope as usize];
            let document = CheckedDocument {
                set: &scope.set,
                document: self.pairs.text(&entry.path),
                source_locale: &scope.source_locale,
                target_locale: &scope.target_locale,
            };
            self.pairs.places[self.places_of(index)].iter().filter_map(move |place| {
                let findings = self.findings_of(place.pair);
                let pair = self.pairs.pair(place.pair);
                (!findings.is_empty()).then(|| CheckedSegment {
                    document,
                    id: self.pairs.text(&place.id),
                    line: place.line,
                    source: pair.source,
                    target: pair.target,
                    workflow: pair.workflow,
                    findings,
                })
            })
        })
    }

    fn places_of(&self, document: usize) -> Range<usize> {
        let next = self.pairs.documents.get(document + 1);
        self.pairs.documents[document].first_place
            ..next.map_or(self.pairs.places.len(), |next| next.first_place)
    }

    /// The worst severity of all findings.
    pub fn worst(&self) -> Option<Severity> {
        self.found.iter().flat_map(|(_, findings)| findings).map(|finding| finding.severity).max()
    }

    /// How often each check found something in each set, by check in the order of [`CHECKS`], then by set and target locale.
    pub fn summary(&self) -> Vec<(&'static Check, Severity, CheckedSet<'_>, Tally)> {
        let mut segments = vec![0_u64; self.pairs.len()];
        for place in &self.pairs.places {
            segments[place.pair as usize] += 1;
        }
        let mut tallies: BTreeMap<(usize, &str, &str), (Severity, Tally)> = BTreeMap::new();
        for (index, findings) in &self.found {
            let scope = &self.pairs.scopes[self.pairs.scope_of(*index)];
            for finding in findings {
                let check = CHECKS.iter().position(|check| check == finding.check).unwrap_or_default();
                let key = (check, scope.set.as_str(), scope.target_locale.as_str());
                let (severity, tally) = tallies.entry(key).or_insert((finding.severity, Tally::default()));
                *severity = (*severity).max(finding.severity);
                tally.pairs += 1;
                tally.segments += segments[*index as usize];
            }
        }
        let row = |((check, set, target_locale), (severity, tally))| {
            (&CHECKS[check], severity, CheckedSet { set, target_locale }, tally)
        };
        tallies.into_iter().map(row).collect()
    }
}

/// A set in one target locale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckedSet<'a> {
    /// The set's name.
    pub set: &'a str,
    /// The locale of its target texts.
    pub target_locale: &'a str,
}

/// Learns what is usual in each scope.
fn learn<'p>(pairs: &'p Pairs, all: &[u32], threads: usize) -> Vec<Facts<'p>> {
    let mut facts: Vec<Facts<'p>> = pairs.scopes.iter().map(|_| Facts::default()).collect();
    let learn_part = |part: &[u32]| -> Vec<(usize, Facts<'p>)> {
        let chunks = part.chunk_by(|first, second| pairs.scope_of(*first) == pairs.scope_of(*second));
        let learned = chunks.map(|chunk| {
            (pairs.scope_of(chunk[0]), Facts::learn(chunk.iter().map(|&index| pairs.pair(index))))
        });
        learned.collect()
    };
    let mut merge = |learned: Vec<(usize, Facts<'p>)>| {
        learned.into_iter().for_each(|(scope, learned)| facts[scope].merge(learned));
    };
    parallel::in_order(
        threads,
        |worker| worker.run(learn_part),
        |pool| {
            for part in all.chunks(PART) {
                pool.send(part).into_iter().for_each(&mut merge);
            }
            while let Some(learned) = pool.receive() {
                merge(learned);
            }
        },
    );
    facts
}
