//! Runs the selected checks on a pair.

use super::definition::{Finding, Hits};
use super::facts::Facts;
use super::registry::CHECKS;
use super::selection::Selection;
use super::subject::{Pair, Subject};

/// Checks a pair. Returns the findings of the selected checks, in the order of [`CHECKS`].
///
/// ```
/// use bitext::check::{Facts, Neighbours, Pair, Selection, check};
/// let (source_locale, target_locale) = ("en-US".parse().unwrap(), "ko-KR".parse().unwrap());
/// let pair = Pair {
///     source: "See [Berths](berths.md).",
///     target: "[](berths.md)선석을 참조하세요.",
///     source_locale: &source_locale,
///     target_locale: &target_locale,
///     workflow: None,
///     no_loc: &[], neighbours: Neighbours::default(),
/// };
/// let findings = check(pair, &Facts::default(), &Selection::default());
/// assert_eq!(findings[0].check.id, "empty_link");
/// assert_eq!(findings[0].target, [0..13]);
/// ```
pub fn check(pair: Pair<'_>, facts: &Facts<'_>, selection: &Selection) -> Vec<Finding> {
    let subject = Subject::new(pair);
    let mut findings = Vec::new();
    for check in CHECKS.iter().filter(|check| selection.has(check, pair.workflow)) {
        let severity = check.severity(pair.workflow);
        (check.rule)(&subject, facts, &mut Hits { check, severity, findings: &mut findings });
    }
    findings
}
