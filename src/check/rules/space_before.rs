//! Space before a mark.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, MARK, Severity, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "space_before",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The target has a space before a comma or a full stop, the source has not.",
    example: Example {
        locale: "ko-KR", source: "The lock is closed.", target: "갑문이 닫혔습니다 ."
    },
    traps: "French has a space before `;`, `:`, `!` and `?`.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let found = spaces(&target.prose);
    if !found.is_empty() && !subject.is_copy() && spaces(&source.prose).is_empty() {
        let found = if subject.language() == "fr" {
            found.into_iter().filter(|range| target.prose[range.clone()].ends_with(['.', ','])).collect()
        } else {
            found
        };
        if !found.is_empty() {
            hits.add(Vec::new(), found, "a space before a mark");
        }
    }
}

fn spaces(prose: &str) -> Vec<Range<usize>> {
    let marks = [" .", " ,", " ;", " :", " 。", " 、", " ，"];
    let mut found = Vec::new();
    for (at, _) in prose.match_indices(' ') {
        let Some(mark) = marks.iter().find(|mark| prose[at..].starts_with(*mark)) else { continue };
        let after = prose[at + mark.len()..].chars().next();
        // `.NET`, `:name`, `. . .` are no marks of a sentence.
        if after.is_none_or(|c| c.is_whitespace() || c == MARK)
            && at > 0
            && !prose[..at].ends_with([' ', '.', '|'])
        {
            found.push(at..at + mark.len());
        }
    }
    found
}
