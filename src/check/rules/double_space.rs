//! Two spaces.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, MARK, Severity, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "double_space",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The target has two spaces in a row, the source has not: often where markup or a word was lost.",
    example: Example {
        locale: "ko-KR",
        source: "The *Tide* parameter sets the state.",
        target: "Tide  매개 변수는 상태를 지정합니다.",
    },
    traps: "Spaces beside `>`, `->`, `|`, `=` and `**` are left out: they are not seen.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if source.prose.contains("  ") || subject.is_copy() {
        return;
    }
    let found = spaces(&target.prose);
    if !found.is_empty() {
        hits.add(Vec::new(), found, "two spaces in a row");
    }
}

fn spaces(prose: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in prose.match_indices(' ') {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    let is_seen = |run: &Range<usize>| {
        let (before, after) = (prose[..run.start].chars().next_back(), prose[run.end..].chars().next());
        let hides =
            |c: Option<char>| c.is_none_or(|c| matches!(c, '>' | '-' | '<' | '|' | '=' | '\n' | MARK));
        run.len() >= 2 && !hides(before) && !hides(after)
    };
    runs.retain(is_seen);
    runs
}
