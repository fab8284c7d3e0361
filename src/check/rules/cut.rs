//! A target that ends in the middle.

use super::{Check, Example, Facts, Hits, Kind, MARK, Severity, Side, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "cut",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "The target ends in an opening bracket or an ampersand.",
    example: Example {
        locale: "ko-KR",
        source: "The pilot & the crew come on board.",
        target: "선원이 승선합니다 &",
    },
    traps: "Nothing is reported if a bracket or a quotation of the source is not closed.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let end = |side: &Side<'_>| {
        side.prose.trim_end_matches(|c: char| c.is_whitespace() || c == MARK).chars().next_back()
    };
    let is_open = |c: char| matches!(c, '(' | '（' | '[' | '［' | '{' | '「' | '『' | '《' | '&');
    let Some(last) = end(target).filter(|last| is_open(*last)) else { return };
    let mentions = source.prose.contains("(also known as") || source.prose.contains("(e.g");
    let at = target.prose.rfind(last).unwrap_or_default();
    // An entity such as `&amp;` is one character of the prose and several of the text.
    if !end(source).is_some_and(is_open)
        && subject.has_sound_source()
        && !mentions
        && target.text.is_char_boundary(at)
    {
        hits.in_target(at..at + last.len_utf8(), format!("the target ends in `{last}`"));
    }
}
