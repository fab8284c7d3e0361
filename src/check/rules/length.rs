//! Targets that are far too short.

use super::{Check, Example, Facts, Hits, Kind, MARK, Severity, Subject, compare};

pub(in crate::check) const CHECK: Check = Check {
    id: "length",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Info,
    says: "The target of a sentence is much shorter than targets of sources of this length are in this set.",
    example: Example {
        locale: "ko-KR",
        source: "The pilot comes on board with the mooring crew before the vessel enters the lock.",
        target: "도선사 갑문",
    },
    traps: "The usual ratio is learned from the set, for each class of lengths. Left out: sources of less than 20 letters, which vary too much, and of more than 200, which vary too little; titles, which are compact in some languages; long targets, since labels in two languages are long. The example has a finding in a set with enough pairs.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if subject.is_copy() {
        return;
    }
    let (from, to) = (compare::weight(source), compare::weight(target));
    if !(20..=200).contains(&from) || to == 0 || !is_sentence(&source.prose) {
        return;
    }
    if let Some(z) = facts.length_deviation(from, to).filter(|z| *z < SHORTEST) {
        let reason = format!("{to} characters for {from}: {:.1} deviations shorter than usual", -z);
        hits.in_target(0..target.text.len(), reason);
    }
}

/// In robust standard deviations: 1.4826 times the median absolute deviation. At 4.5, one of five was a compact translation.
const SHORTEST: f64 = -5.2;

/// Whether a text ends with the mark of a sentence.
fn is_sentence(prose: &str) -> bool {
    let is_around = |c: char| c.is_whitespace() || matches!(c, MARK | '"' | '\u{201d}' | ')');
    prose.trim_end_matches(is_around).ends_with(['.', '?', '!', ':'])
}
