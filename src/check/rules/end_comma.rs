//! A sentence that ends in a comma.

use super::{Check, Example, Facts, Hits, Kind, MARK, Severity, Side, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "end_comma",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The source ends a sentence, the target ends in a comma: the translator joined two segments.",
    example: Example {
        locale: "ko-KR", source: "The lock is closed.", target: "갑문이 닫혀 있으며,"
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let trimmed =
        |side: &'_ Side<'_>| side.prose.trim_end_matches(|c: char| c.is_whitespace() || c == MARK).len();
    let end = trimmed(target);
    let comma = [",", "、", "，", "،"].into_iter().find(|comma| target.prose[..end].ends_with(comma));
    if let Some(comma) = comma
        && source.prose[..trimmed(source)].ends_with(['.', '?', '!'])
    {
        hits.in_target(end - comma.len()..end, "the target ends in a comma");
    }
}
