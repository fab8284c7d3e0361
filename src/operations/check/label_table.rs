//! What was found in each pair, by its texts: for exports, which read segments and units again.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::labels::Checked;
use crate::check::{CHECKS, Check, Finding, Pair, Severity};
use crate::model::{FirstBytes, Locale, Workflow};
use crate::operations::digest::key_of;

/// The checks that found something in a pair, as a set of bits in the order of [`CHECKS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    found: u64,
    /// Those of `found` that are errors.
    errors: u64,
}

const _: () = assert!(CHECKS.len() <= 64, "a check for each bit");

/// The set of some checks.
pub(crate) fn bits(checks: &[&Check]) -> u64 {
    let is_in = |(bit, check): (u32, &Check)| u64::from(checks.contains(&check)) << bit;
    (0..).zip(&CHECKS).map(is_in).sum()
}

impl Labels {
    fn add(&mut self, check: &'static Check, severity: Severity) {
        let bit = bits(&[check]);
        self.found |= bit;
        self.errors |= if severity == Severity::Error { bit } else { 0 };
    }

    /// The ids of all checks that found something.
    pub fn ids(self) -> impl Iterator<Item = &'static str> {
        (0..64).zip(&CHECKS).filter(move |(bit, _)| self.found >> bit & 1 == 1).map(|(_, check)| check.id)
    }

    /// The first check that found an error, or that is one of `checks`.
    pub(crate) fn first_of(self, errors: bool, checks: u64) -> Option<&'static Check> {
        let wanted = self.found & checks | if errors { self.errors } else { 0 };
        // Errors first, so that a pair is counted by what is worst in it.
        let first = if wanted & self.errors != 0 { wanted & self.errors } else { wanted };
        CHECKS.get(first.trailing_zeros() as usize)
    }
}

/// The labels of pairs. Those without findings take no space.
#[derive(Debug, Default)]
pub struct LabelTable(HashMap<[u8; 16], Labels, BuildHasherDefault<FirstBytes>>);

impl LabelTable {
    /// The labels of all pairs in which something was found.
    pub fn new(checked: &Checked) -> LabelTable {
        let mut table = LabelTable::default();
        let mut add = |pair: Pair<'_>, findings: &[Finding]| {
            let locales = (pair.source_locale, pair.target_locale);
            let labels = table.0.entry(key(locales, (pair.source, pair.target), pair.workflow)).or_default();
            findings.iter().for_each(|finding| labels.add(finding.check, finding.severity));
        };
        match checked.found_pairs() {
            Some(pairs) => pairs.for_each(|(pair, findings)| add(pair, findings)),
            None => checked.found().for_each(|segment| add(segment.pair(), &segment.findings)),
        }
        table
    }

    /// The labels of a pair, translated by a person or a machine.
    pub fn get(
        &self,
        locales: (&Locale, &Locale),
        texts: (&str, &str),
        workflow: Option<Workflow>,
    ) -> Labels {
        if self.0.is_empty() {
            return Labels::default();
        }
        self.0.get(&key(locales, texts, workflow)).copied().unwrap_or_default()
    }
}

/// The key of a pair.
fn key(locales: (&Locale, &Locale), texts: (&str, &str), workflow: Option<Workflow>) -> [u8; 16] {
    let workflow = workflow.map_or("", Workflow::name);
    key_of([locales.0.as_str(), locales.1.as_str(), workflow, texts.0, texts.1].map(str::as_bytes))
}
