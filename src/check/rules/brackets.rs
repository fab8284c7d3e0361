//! Brackets that are lost or turned around.

use super::{Check, Example, Facts, Hits, Kind, MARK, Severity, Subject, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "brackets",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "A bracket of the target is not closed, not opened, or turned around, and those of the source are sound.",
    example: Example {
        locale: "ko-KR",
        source: "The lock (upper) is closed.",
        target: "갑문(상류이 닫혔습니다.",
    },
    traps: "A bracket that is closed in the next segment, after “(for example:”, is left out.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !target.prose.contains(|c| scan::closing_of(c).is_some() || scan::is_closing(c)) || subject.is_copy() {
        return;
    }
    if !stray(&source.prose).is_empty() {
        return;
    }
    let found = stray(&target.prose);
    let Some((at, c)) = found.first().copied() else { return };
    let places = || found.iter().map(|(at, c)| *at..at + c.len_utf8()).collect();
    let is_opening = |c: char| scan::closing_of(c).is_some();
    if found.len() == 1 {
        // `a)` at the start numbers a list; a bracket before a colon at the end is closed in the next segment.
        let before = target.prose[..at].trim_matches([' ', MARK]);
        let is_number =
            before.chars().count() <= 2 && before.chars().all(char::is_alphanumeric) && !is_opening(c);
        let goes_on = is_opening(c) && target.prose.trim_end().ends_with([':', '：', ',']);
        if is_number || goes_on {
            return;
        }
        let reason = if is_opening(c) { "is not closed" } else { "was not opened" };
        return hits.add(Vec::new(), places(), format!("the bracket `{c}` {reason}"));
    }
    let opened = found.iter().filter(|(_, c)| is_opening(*c)).count();
    if opened * 2 == found.len() && !is_opening(c) {
        // In languages that are written from right to left, brackets are often mirrored by hand.
        if !matches!(subject.language(), "ar" | "he" | "fa" | "ur") {
            hits.add(Vec::new(), places(), format!("the brackets are turned around: `{c}` comes first"));
        }
    } else {
        hits.add(Vec::new(), places(), format!("{} brackets without a partner", found.len()));
    }
}

/// The brackets of a prose without a partner, with their positions. Full-width brackets are partners of half-width ones.
fn stray(prose: &str) -> Vec<(usize, char)> {
    let mut open: Vec<(usize, char, char)> = Vec::new();
    let mut stray = Vec::new();
    for (at, c) in prose.char_indices() {
        let folded = scan::folded_bracket(c);
        if let Some(close) = scan::closing_of(folded) {
            open.push((at, c, close));
        } else if scan::is_closing(folded) {
            match open.iter().rev().take(DEEPEST).position(|(_, _, close)| *close == folded) {
                // What was opened since then and is not closed is stray.
                Some(back) => {
                    let inner = open.split_off(open.len() - back);
                    stray.extend(inner.into_iter().map(|(at, c, _)| (at, c)));
                    open.pop();
                }
                None => stray.push((at, c)),
            }
        }
    }
    stray.extend(open.into_iter().map(|(at, c, _)| (at, c)));
    stray.sort_unstable();
    stray
}

/// How many open brackets are searched for a partner.
const DEEPEST: usize = 16;
