//! Words that are there twice.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, compare, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "doubled",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The same word twice in a row, and not so in the source.",
    example: Example {
        locale: "ko-KR", source: "The scope of the harbor.", target: "항구의 범위 범위 안."
    },
    traps: "Two words of the source can have one translation. A doubled word that two other pairs of the set have is usual, and left out.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if subject.is_copy() {
        return;
    }
    let Some(range) = compare::doubled_word(&target.prose) else { return };
    let word = compare::first_of_doubled(target.at(&range));
    if facts.doubled(word) < 3 && compare::doubled_word(&source.prose).is_none() {
        let reason = format!("the word {} is there twice", quoted(word));
        hits.in_target(range, reason);
    }
}
