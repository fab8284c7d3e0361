//! Entities that were escaped twice, or broken.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "entity",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "An entity of the target is escaped twice or broken, so its letters are shown.",
    example: Example { locale: "ko-KR", source: "Knots &gt; 5", target: "5 노트 &amp;gt; 이상" },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !target.text.contains('&') || !broken(source.text).is_empty() {
        return;
    }
    let broken = broken(target.text);
    if let Some(first) = broken.first() {
        let reason = format!("the entity {} is shown as it is written", quoted(&target.text[first.clone()]));
        hits.add(Vec::new(), broken, reason);
    }
}

/// The longest name of an entity that is looked at.
const LONGEST: usize = 12;

/// The places of `&amp;gt;`, `&lt\;`, `&#8224；` and `& gt;`.
fn broken(text: &str) -> Vec<Range<usize>> {
    let mut broken = Vec::new();
    for (at, _) in text.match_indices('&') {
        let rest = &text[at + 1..];
        let (is_escaped, name) = match rest.strip_prefix("amp;") {
            Some(name) => (true, name),
            None => (false, rest),
        };
        let spaced = name.strip_prefix(' ').unwrap_or(name);
        let is_spaced = spaced.len() < name.len();
        let length =
            spaced.bytes().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
        let end = &spaced[length..];
        let is_numeric = spaced.starts_with('#')
            && length > 1
            && spaced[1..length].bytes().all(|b| b.is_ascii_hexdigit() || b == b'x');
        if !is_numeric && !KNOWN.contains(&&spaced[..length]) {
            continue;
        }
        let mark = ["\\;", "；", ";"].into_iter().find(|mark| end.starts_with(mark));
        let Some(mark) = mark else { continue };
        if is_escaped || is_spaced || mark != ";" {
            let end = text.len() - end.len() + mark.len();
            broken.push(at..end);
        }
    }
    broken
}

/// Names of entities that documentation uses.
const KNOWN: [&str; 14] = [
    "amp", "apos", "copy", "gt", "hellip", "laquo", "lt", "mdash", "nbsp", "ndash", "quot", "raquo", "reg",
    "trade",
];
