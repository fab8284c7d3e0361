//! Targets that are far too short.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, compare};

pub(in crate::check) const CHECK: Check = Check {
    id: "length",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The target is much shorter than targets of sources of this length are in this set.",
    example: Example {
        locale: "ko-KR",
        source: "The pilot comes on board with the mooring crew before the vessel enters the lock.",
        target: "도선사 갑문",
    },
    traps: "The usual ratio is learned from the set. Only machine translations of 20 characters or more, and only the short side: labels in two languages are long. The example has a finding in a set with enough pairs.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if subject.is_copy() {
        return;
    }
    let (from, to) = (compare::weight(source), compare::weight(target));
    if from < 20 || to == 0 {
        return;
    }
    if let Some(z) = facts.length_deviation(from, to).filter(|z| *z < SHORTEST) {
        let reason = format!("{to} characters for {from}: {:.1} deviations shorter than usual", -z);
        hits.in_target(0..target.text.len(), reason);
    }
}

/// In robust standard deviations: 1.4826 times the median absolute deviation.
const SHORTEST: f64 = -4.5;
