//! Code that is missing or glued.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, compare, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "code",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "A code span of the source is missing in the target, or two of its code spans touch and are shown as one.",
    example: Example {
        locale: "ko-KR",
        source: "Use `Moor` and `Sail`.",
        target: "`Moor``Sail`을 사용합니다.",
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if source.code.is_empty() || subject.is_copy() {
        return;
    }
    let glued: Vec<_> = target
        .text
        .match_indices("``")
        .filter(|(at, _)| !target.text[..*at].ends_with('`') && !target.text[at + 2..].starts_with('`'))
        .map(|(at, mark)| at..at + mark.len())
        .collect();
    if !glued.is_empty() && !source.text.contains("``") {
        return hits.add(Vec::new(), glued, "two code spans touch, and are shown as one");
    }
    let missing: Vec<_> = source
        .code
        .iter()
        .take(scan::MOST_ITEMS)
        .filter(|code| {
            let content = source.at(code).trim();
            !content.is_empty()
                && !target.text.contains(content)
                && !compare::contains_folded(target.text, content)
        })
        .cloned()
        .collect();
    if let Some(first) = missing.first() {
        let reason = format!("the code {} is missing", quoted(source.at(first)));
        hits.add(missing, Vec::new(), reason);
    }
}
