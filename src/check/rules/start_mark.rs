//! A target that begins with a mark.

use super::{Check, Example, Facts, Hits, Kind, MARK, OBJECT, Severity, Side, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "start_mark",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "The target begins with a comma, a closing bracket or another mark that belongs to the end of a word.",
    example: Example { locale: "ko-KR", source: "**Berth:** the upper one", target: "**: 선석** 상류" },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let is_mark = |c: char| matches!(c, ',' | ';' | ')' | ':' | '，' | '、' | '；' | '：' | '）' | '。');
    let skip = |c: char| c.is_whitespace() || c == MARK;
    let begins = |side: &Side<'_>| {
        let rest = side.prose.trim_start_matches(skip);
        rest.chars().next().filter(|c| is_mark(*c)).map(|c| (side.prose.len() - rest.len(), c))
    };
    let Some((at, c)) = begins(target) else { return };
    let source_start = source
        .prose
        .trim_start_matches(|c: char| skip(c) || matches!(c, '"' | '\'' | '\u{201c}' | '\u{2018}'));
    // A word of code, such as `:name`, begins with a colon.
    let is_name = target.prose[at + c.len_utf8()..]
        .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, ':' | '=' | '-' | OBJECT | '/' | '$'));
    // Where the word before it is a segment of its own, a translator puts the colon at the start of the next one.
    if c == ':' && !source.prose.contains(':') || c == ';' && source.prose.contains(" ; ") {
        return;
    }
    if !source_start.starts_with(is_mark) && source.has_words() && !(matches!(c, ':' | ';') && is_name) {
        hits.in_target(at..at + c.len_utf8(), format!("the target begins with `{c}`"));
    }
}
