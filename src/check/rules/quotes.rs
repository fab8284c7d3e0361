//! Quotation marks that are lost.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "quotes",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "The target has an odd number of double quotation marks, the source an even one.",
    example: Example {
        locale: "ko-KR", source: "Select \"Save\" now.", target: "지금 \"저장을 선택합니다."
    },
    traps: "A quotation that begins in one segment and ends in another is left out if the source shows it.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if subject.is_copy() {
        return;
    }
    let found = quotes(target);
    if found.len() % 2 == 1 && quotes(source).len().is_multiple_of(2) {
        hits.add(Vec::new(), found, "an odd number of quotation marks");
    }
}

/// The double quotation marks of a prose, without those of inches: `15"`.
fn quotes(side: &Side<'_>) -> Vec<Range<usize>> {
    let is_quote =
        |c: char| matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '＂' | '«' | '»');
    side.prose.match_indices(is_quote).map(|(at, mark)| at..at + mark.len()).collect()
}
