//! The full stop of the language inside a name.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "stop_in_name",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "A full stop inside a name became that of the language.",
    example: Example { locale: "zh-CN", source: "Call Harbor.Book.", target: "调用 Harbor。Book。" },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let mut stops = Vec::new();
    for (at, stop) in target.prose.match_indices('。').take(scan::MOST_ITEMS) {
        let end = at + stop.len();
        let before = last_word(&target.prose[..at]);
        let after = first_word(&target.prose[end..]);
        if !before.is_empty() && !after.is_empty() && source.text.contains(&format!("{before}.{after}")) {
            stops.push(at - before.len()..end + after.len());
        }
    }
    if let Some(first) = stops.first() {
        let reason =
            format!("the full stop inside the name became another one: {}", quoted(target.at(first)));
        hits.add(Vec::new(), stops, reason);
    }
}

/// The most letters of a name beside a full stop that are compared.
const LONGEST: usize = 40;

fn last_word(text: &str) -> &str {
    let length = text.bytes().rev().take(LONGEST).take_while(u8::is_ascii_alphanumeric).count();
    &text[text.len() - length..]
}

fn first_word(text: &str) -> &str {
    let length = text.bytes().take(LONGEST).take_while(u8::is_ascii_alphanumeric).count();
    let word = &text[..length];
    if word.starts_with(|c: char| c.is_ascii_alphabetic()) { word } else { "" }
}
