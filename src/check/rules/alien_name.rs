//! Latin words that come from nowhere.

use std::collections::HashSet;

use super::{Check, Example, Facts, Hits, Kind, OBJECT, Severity, Subject, Word, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "alien_name",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Info,
    says: "The target, in another script, has a Latin word in small letters that is not like any word of the source.",
    example: Example {
        locale: "ko-KR", source: "Book a berth.", target: "선석 webserver를 예약합니다."
    },
    traps: "Brands and abbreviations are often added rightly: only words in small letters, or in names with full stops, count, and only in machine translations.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !scan::is_of_other_script(subject.language()) || subject.is_copy() || !subject.is_machine() {
        return;
    }
    let mut known: Option<(String, HashSet<String>)> = None;
    for word in target.words().iter().filter(|word| word.is_latin && word.range.len() >= 4) {
        let text = &target.prose[word.range.clone()];
        if !text.is_ascii() || !is_small_or_dotted(&target.prose, word) || COMMON.contains(&text) {
            continue;
        }
        let (lower, starts) = known.get_or_insert_with(|| {
            let lower = source.text.to_lowercase();
            let words = scan::words(&lower);
            let starts = words
                .iter()
                .filter(|word| word.range.len() > 3)
                .map(|word| scan::prefix(&lower[word.range.clone()], 4).to_owned())
                .collect();
            (lower, starts)
        });
        let text = text.to_lowercase();
        // The longest word of documentation; a bound for the search.
        let is_form = starts.iter().any(|start| text.contains(start.as_str()));
        if text.len() <= 60 && !is_form && !lower.contains(&text) && !facts.is_word_of_people(&text) {
            let reason = format!("the word {} is not in the source", quoted(target.at(&word.range)));
            return hits.in_target(word.range.clone(), reason);
        }
    }
}

/// Whether a word is in small letters, or a part of a name with full stops.
fn is_small_or_dotted(prose: &str, word: &Word) -> bool {
    let text = &prose[word.range.clone()];
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    let (before, after) = (&prose[..word.range.start], &prose[word.range.end..]);
    let is_dotted = before.strip_suffix('.').is_some_and(|before| is_letter(before.chars().next_back()))
        || after.strip_prefix('.').is_some_and(|after| is_letter(after.chars().next()));
    let is_part = before.ends_with(|c: char| {
        c.is_ascii_digit() || matches!(c, '_' | '-' | '/' | '\\' | '@' | '$' | '<' | OBJECT)
    }) || after
        .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | '/' | '\\' | '@' | '>' | '='));
    !is_part && (is_dotted || text.bytes().all(|b| b.is_ascii_lowercase()))
}

/// Words that translators write in Latin letters for a word of the source.
const COMMON: [&str; 26] = [
    "bool", "boolean", "byte", "char", "class", "cmdlet", "docs", "double", "enum", "false", "float", "goto",
    "http", "https", "null", "object", "static", "string", "this", "throw", "true", "void", "await", "async",
    "com", "catch",
];
