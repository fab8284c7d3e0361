//! A source that is a part of a sentence.

use super::{Check, Example, Facts, Hits, Kind, MARK, Severity, Subject, english, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "fragment",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The source begins in the middle of a sentence: the pair is bad to use again.",
    example: Example { locale: "ko-KR", source: "and of the lock.", target: "갑문의" },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { pair, source, .. } = subject;
    if pair.source_locale.language() != "en" {
        return;
    }
    let rest = source.prose.trim_start_matches(|c: char| c.is_whitespace() || c == MARK);
    let start = source.prose.len() - rest.len();
    if rest.starts_with([',', ';', ')']) && rest.len() > 1 {
        return hits.missing(start..start + 1, "the source begins with a mark");
    }
    let length = rest.bytes().take(20).take_while(u8::is_ascii_alphabetic).count();
    let (word, after) = rest.split_at(length);
    let goes_on = after.starts_with(' ') && source.words().len() > 1;
    if goes_on && word.starts_with(|c: char| c.is_ascii_lowercase()) && english::is_function_word(word) {
        hits.missing(start..start + length, format!("the source begins with {}", quoted(word)));
    }
}
