//! Segments without words.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "nothing_to_translate",
    kind: Kind::Class,
    machine: Severity::Info,
    human: Severity::Info,
    says: "Source and target are the same, and have no letter outside of code. A class, no fault.",
    example: Example { locale: "ko-KR", source: "`harbor.json`", target: "`harbor.json`" },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    if subject.is_copy() && !subject.source.prose.contains(|c: char| c.is_alphabetic()) {
        hits.in_target(0..subject.target.text.len(), "there is nothing to translate");
    }
}
