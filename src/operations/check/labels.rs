//! Checks all pairs on the pool, and returns what was found by document and place.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::exceptions::Exceptions;
use super::pairs::Pairs;
use crate::check::{CHECKS, Check, Facts, Finding, FindingId, Neighbours, Pair, Selection, Severity, check};
use crate::model::{Date, Locale, Workflow};
use crate::parallel;

/// Pairs that are checked together.
const PART: usize = 2048;

/// Segments with what was found in them.
pub struct Checked {
    pairs: Pairs,
    /// The pairs in which something was found, by index, ascending.
    found: Vec<(u32, Vec<Finding>)>,
    /// Findings that exceptions silence: the index of the place, and that of the finding in its pair.
    accepted: HashSet<(u32, u32)>,
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
#[derive(Clone, Debug)]
pub struct CheckedSegment<'a> {
    /// Its document.
    pub document: CheckedDocument<'a>,
    /// Its id there.
    pub id: &'a str,
    /// The 1-based line where it begins.
    pub line: u32,
    /// The number of its pair: segments of one set with the same texts and workflow have the same.
    pub number: u32,
    /// The source text.
    pub source: &'a str,
    /// The target text.
    pub target: &'a str,
    /// Who translated.
    pub workflow: Option<Workflow>,
    /// When it was handed off.
    pub handoff: Option<Date>,
    /// Of a pair that an alignment found: the probability that it is right, in percent.
    pub confidence: Option<u8>,
    /// What was found, at least one thing, the worst first.
    pub findings: Cow<'a, [Finding]>,
}

impl<'a> CheckedSegment<'a> {
    /// The pair of texts. Terms that are not to be translated are left out.
    pub fn pair(&self) -> Pair<'a> {
        Pair {
            source: self.source,
            target: self.target,
            source_locale: self.document.source_locale,
            target_locale: self.document.target_locale,
            workflow: self.workflow,
            no_loc: &[],
            neighbours: Neighbours::default(),
        }
    }
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
    /// Checks the pairs. `proceed` is asked between parts of them.
    ///
    /// # Errors
    /// Those of `proceed`.
    pub(super) fn new<E>(
        pairs: Pairs,
        selection: &Selection,
        threads: usize,
        proceed: &mut dyn FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let all: Vec<u32> = (0..pairs.len() as u32).collect();
        let mut facts = learn(&pairs, &all, (selection, threads), proceed)?;
        for (scope, facts) in facts.iter_mut().enumerate() {
            pairs.human_before(scope).for_each(|(source, target)| facts.add_human_before(source, target));
        }
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
                    proceed()?;
                    found.extend(pool.send(part).into_iter().flatten());
                }
                while let Some(part) = pool.receive() {
                    found.extend(part);
                }
                Ok(())
            },
        )?;
        drop(facts);
        Ok(Checked { pairs, found, accepted: HashSet::new() })
    }

    /// The pairs in which something was found, with it, each once, if no exception silences anything at some places only.
    pub(super) fn found_pairs(&self) -> Option<impl Iterator<Item = (Pair<'_>, &[Finding])>> {
        let found = self.found.iter().map(|(index, findings)| (self.pairs.pair(*index), findings.as_slice()));
        self.accepted.is_empty().then_some(found)
    }

    /// Silences what the exceptions name.
    pub fn accept(&mut self, exceptions: &Exceptions) {
        if exceptions.is_empty() {
            return;
        }
        let mut accepted = HashSet::new();
        for (at, document) in self.pairs.documents.iter().enumerate() {
            let set = self.pairs.scopes[document.scope as usize].set.as_str();
            let name = (set, self.pairs.text(&document.path));
            for place in self.places_of(at) {
                let pair = self.pairs.places[place].pair;
                for (number, finding) in (0..).zip(self.findings_of(pair)) {
                    let id = || FindingId::new(finding.check, &self.pairs.pair(pair));
                    if exceptions.of(finding.check, &id, name).is_some() {
                        accepted.insert((place as u32, number));
                    }
                }
            }
        }
        self.accepted = accepted;
    }

    /// The number of findings that exceptions silence.
    pub fn accepted(&self) -> u64 {
        self.accepted.len() as u64
    }

    /// The number of segments that were checked.
    pub fn segments(&self) -> u64 {
        self.pairs.places.len() as u64
    }

    /// The number of different pairs that were checked.
    pub fn pairs(&self) -> u64 {
        self.pairs.len() as u64
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
            self.places_of(index).filter_map(move |at| {
                let place = &self.pairs.places[at];
                let findings = self.findings_at(at as u32, place.pair);
                let pair = self.pairs.pair(place.pair);
                (!findings.is_empty()).then(|| CheckedSegment {
                    document,
                    id: self.pairs.text(&place.id),
                    line: place.line,
                    number: place.pair,
                    source: pair.source,
                    target: pair.target,
                    workflow: pair.workflow,
                    handoff: place.handoff,
                    confidence: place.confidence,
                    findings,
                })
            })
        })
    }

    /// What was found at a place and is not accepted.
    fn findings_at(&self, place: u32, pair: u32) -> Cow<'_, [Finding]> {
        let findings = self.findings_of(pair);
        let is_accepted = |number: usize| self.accepted.contains(&(place, number as u32));
        if self.accepted.is_empty() || !(0..findings.len()).any(is_accepted) {
            return Cow::Borrowed(findings);
        }
        let left = findings.iter().enumerate().filter(|(number, _)| !is_accepted(*number));
        Cow::Owned(left.map(|(_, finding)| finding.clone()).collect())
    }

    fn places_of(&self, document: usize) -> Range<usize> {
        let next = self.pairs.documents.get(document + 1);
        self.pairs.documents[document].first_place
            ..next.map_or(self.pairs.places.len(), |next| next.first_place)
    }

    /// The number of findings of each severity in all segments.
    pub fn counts(&self) -> BTreeMap<Severity, u64> {
        let mut counts = BTreeMap::new();
        for segment in self.found() {
            for finding in segment.findings.iter() {
                *counts.entry(finding.severity).or_default() += 1;
            }
        }
        counts
    }

    /// The worst severity of all findings.
    pub fn worst(&self) -> Option<Severity> {
        self.counts().into_keys().max()
    }

    /// How often each check found something in each set, by check in the order of [`CHECKS`], then by set and target locale.
    pub fn summary(&self) -> Vec<(&'static Check, Severity, CheckedSet<'_>, Tally)> {
        let mut tallies: BTreeMap<(usize, &str, &str), (Severity, Tally)> = BTreeMap::new();
        let mut seen: HashSet<(u32, usize)> = HashSet::new();
        for segment in self.found() {
            let document = segment.document;
            for finding in segment.findings.iter() {
                let check = CHECKS.iter().position(|check| check == finding.check).unwrap_or_default();
                let key = (check, document.set, document.target_locale.as_str());
                let (severity, tally) = tallies.entry(key).or_insert((finding.severity, Tally::default()));
                *severity = (*severity).max(finding.severity);
                tally.segments += 1;
                tally.pairs += u64::from(seen.insert((segment.number, check)));
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
fn learn<'p, E>(
    pairs: &'p Pairs,
    all: &[u32],
    (selection, threads): (&Selection, usize),
    proceed: &mut dyn FnMut() -> Result<(), E>,
) -> Result<Vec<Facts<'p>>, E> {
    let mut facts: Vec<Facts<'p>> = pairs.scopes.iter().map(|_| Facts::default()).collect();
    let learn_part = |part: &[u32]| -> Vec<(usize, Facts<'p>)> {
        let chunks = part.chunk_by(|first, second| pairs.scope_of(*first) == pairs.scope_of(*second));
        let learned = chunks.map(|chunk| {
            (pairs.scope_of(chunk[0]), Facts::learn(chunk.iter().map(|&index| pairs.pair(index)), selection))
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
                proceed()?;
                pool.send(part).into_iter().for_each(&mut merge);
            }
            while let Some(learned) = pool.receive() {
                merge(learned);
            }
            Ok(())
        },
    )?;
    Ok(facts)
}
