//! Placeholders that were lost or translated.

use std::cell::OnceCell;
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
    let mut wanted = placeholders(source);
    wanted.truncate(scan::MOST_ITEMS);
    if wanted.is_empty() {
        return;
    }
    // White space inside the brackets does not change the placeholder.
    let dense: OnceCell<String> = OnceCell::new();
    let has = |text: &str| {
        target.flat().contains(text) || {
            let dense = dense.get_or_init(|| target.flat().chars().filter(|c| !c.is_whitespace()).collect());
            dense.contains(text)
        }
    };
    let missing: Vec<_> =
        wanted.iter().filter(|(text, _)| !has(text)).map(|(_, range)| range.clone()).collect();
    let Some(first) = missing.first() else { return };
    let openings = |side: &Side<'_>| side.flat().matches(['{', '<']).count();
    // `<file-name>` is for the reader to fill in, and is often translated.
    let is_for_reader = source.at(first).starts_with('<') && source.at(first).contains('-');
    if (!subject.is_machine() || is_for_reader) && openings(target) >= openings(source) {
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
            // An entity is its character and marks.
            let end = at + length;
            let is_entity = side.text.as_bytes()[end] == b'&';
            let marks = if is_entity {
                prose[end + 1..].len() - prose[end + 1..].trim_start_matches(MARK).len()
            } else {
                0
            };
            let range = at..end + 1 + marks;
            found.push((prose[range.clone()].replace(MARK, ""), range));
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    let text = text.trim_matches(MARK);
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b) || b == MARK as u8)
}

/// `<two-words>`, `<camelCase>`: not `<T>` or a tag.
fn is_spelled_placeholder(text: &str) -> bool {
    let name = text.trim_matches(MARK);
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
