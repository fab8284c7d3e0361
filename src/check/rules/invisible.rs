//! Characters that are not seen.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "invisible",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The target has a zero-width space, a byte-order mark or a soft hyphen that the source has not. They break the search for words.",
    example: Example {
        locale: "ko-KR", source: "Book a berth.", target: "선석을 \u{200b}예약합니다."
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let is_invisible = |c: char| matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{2060}');
    let found: Vec<_> = target.text.match_indices(is_invisible).map(|(at, c)| at..at + c.len()).collect();
    if !found.is_empty() && !source.text.contains(is_invisible) {
        hits.add(Vec::new(), found, "invisible characters");
    }
}
