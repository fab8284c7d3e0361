//! Targets that are equal to their source.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, english};

pub(in crate::check) const CHECK: Check = Check {
    id: "copied",
    kind: Kind::Class,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The target is the source, and is no prose: a name, a value, a number with a unit. A class, no fault.",
    example: Example { locale: "ko-KR", source: "Harbor Light 2", target: "Harbor Light 2" },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let has_letter = source.prose.contains(|c: char| c.is_alphabetic());
    if subject.is_copy() && has_letter && !english::is_prose(&source.prose, source.words()) {
        hits.in_target(0..target.text.len(), "the target is the source");
    }
}
