//! Placeholders that were lost or translated.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, MARK, OBJECT, Severity, Side, Subject, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "placeholder",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Warning,
    says: "A placeholder, such as `{name}`, `%s` or `<file-name>`, is missing in the target.",
    example: Example {
        locale: "ko-KR", source: "Moored at {berth}.", target: "{선석}에 정박했습니다."
    },
    traps: "In human translations nothing is reported if the target has as many placeholders in its own letters: the reader fills them in.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !source.prose.contains(['{', '%', '<']) || subject.is_copy() {
        return;
    }
    let wanted = placeholders(source);
    if wanted.is_empty() {
        return;
    }
    let missing: Vec<_> = wanted
        .iter()
        .filter(|(text, _)| !target.flat().contains(text.as_str()))
        .map(|(_, range)| range.clone())
        .collect();
    let Some(first) = missing.first() else { return };
    let openings = |side: &Side<'_>| side.flat().matches(['{', '<']).count();
    if !subject.is_machine() && openings(target) >= openings(source) {
        return;
    }
    let reason = format!("the placeholder {} is missing", quoted(source.at(first)));
    hits.add(missing, Vec::new(), reason);
}

/// The longest placeholder.
const LONGEST: usize = 60;

fn placeholders(side: &Side<'_>) -> Vec<(String, Range<usize>)> {
    let prose = &side.prose;
    let mut found = Vec::new();
    for (at, open) in prose.match_indices(['{', '%', '<']) {
        let inside = scan::prefix(&prose[at + 1..], LONGEST);
        let length = match open {
            "{" => inside.find('}').filter(|&end| is_name(&inside[..end])).map(|end| end + 1),
            "<" => inside.find('>').filter(|&end| is_spelled_placeholder(&inside[..end])).map(|end| end + 1),
            _ => percent(inside, prose[..at].chars().next_back()),
        };
        if let Some(length) = length {
            let range = at..at + 1 + length;
            found.push((prose[range.clone()].replace(MARK, ""), range));
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    let text = text.trim_end_matches(MARK);
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b) || b == MARK as u8)
}

/// `<two-words>`, `<camelCase>`: not `<T>` or a tag.
fn is_spelled_placeholder(text: &str) -> bool {
    let name = text.trim_end_matches(MARK);
    let is_camel =
        name.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    is_name(name) && (is_camel || name.contains(['-', '_']))
}

/// `%s`, `%1`, `%NAME%`
fn percent(inside: &str, before: Option<char>) -> Option<usize> {
    let length = inside.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    if length > 1 && inside[length..].starts_with('%') {
        return Some(length + 1);
    }
    let is_start = before.is_none_or(|c| !c.is_alphanumeric() && c != '%' && c != OBJECT);
    let is_one = length == 1 && matches!(inside.as_bytes()[0], b's' | b'd' | b'1'..=b'9');
    (is_start && is_one).then_some(1)
}
