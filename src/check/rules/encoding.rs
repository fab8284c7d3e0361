//! Characters of a wrong decoding.

use std::collections::HashSet;
use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "encoding",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "The target has control characters, replacement characters, or letters of a wrong decoding.",
    example: Example {
        locale: "ko-KR", source: "The harbor was closed.", target: "항구가 Ã©쇄되었습니다."
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if target.text.is_ascii() && !target.text.bytes().any(|b| b < b' ') {
        return;
    }
    let wrong = wrong_characters(target.text);
    let not_in_source =
        wrong.iter().take(scan::MOST_ITEMS).any(|range| !source.text.contains(&target.text[range.clone()]));
    if let Some(first) = wrong.first().filter(|_| not_in_source) {
        let codes: Vec<String> =
            target.text[first.clone()].chars().take(3).map(|c| format!("U+{:04X}", u32::from(c))).collect();
        return hits.add(Vec::new(), wrong, format!("characters of a wrong decoding: {}", codes.join(" ")));
    }
    if scan::is_of_other_script(subject.language()) {
        let stray = stray_signs(&target.prose, source.text);
        if stray.len() > 1 {
            hits.add(Vec::new(), stray, "Latin letters or signs without a word: a wrong decoding");
        }
    }
}

/// Controls, private characters, replacement characters, and UTF-8 that was read as Windows-1252.
fn wrong_characters(text: &str) -> Vec<Range<usize>> {
    let mut wrong = Vec::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let is_wrong = match c {
            '\t' | '\n' | '\r' => false,
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fffd}' => true,
            _ => false,
        };
        // The first byte of a character of two or three bytes, and its second byte.
        let is_pair = match before {
            'Ã' | 'Â' => matches!(c, '\u{a0}'..='\u{bf}'),
            'â' => matches!(c, '€' | '\u{80}'),
            _ => false,
        };
        if is_wrong {
            wrong.push(at..at + c.len_utf8());
        } else if is_pair {
            wrong.push(at - before.len_utf8()..at + c.len_utf8());
        }
        before = c;
    }
    wrong
}

/// Letters and signs of Latin-1 that stand alone: `´ ï ´`.
fn stray_signs(prose: &str, source: &str) -> Vec<Range<usize>> {
    let source: HashSet<char> = source.chars().filter(|c| !c.is_ascii()).collect();
    let mut stray = Vec::new();
    let mut before = ' ';
    let mut characters = prose.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let after = characters.peek().map_or(' ', |(_, after)| *after);
        let is_latin_1 = matches!(c, '\u{a8}' | '\u{b4}' | '\u{b8}' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{ff}');
        if is_latin_1 && !scan::is_latin(before) && !scan::is_latin(after) && !source.contains(&c) {
            stray.push(at..at + c.len_utf8());
        }
        before = c;
    }
    stray
}
