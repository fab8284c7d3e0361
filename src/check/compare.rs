//! Comparisons of the two sides of a pair.

use std::collections::HashMap;
use std::ops::Range;

use super::scan;
use super::side::Side;

/// What the first of two multisets has more of than the second, and the reverse. Elements are equal if their keys are.
pub(super) fn differences(
    first: Vec<(String, Range<usize>)>,
    second: Vec<(String, Range<usize>)>,
) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    if first.iter().map(|(key, _)| key).eq(second.iter().map(|(key, _)| key)) {
        return (Vec::new(), Vec::new());
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (key, _) in &second {
        *counts.entry(key).or_default() += 1;
    }
    let mut missing = Vec::new();
    for (key, range) in &first {
        match counts.get_mut(key.as_str()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => missing.push(range.clone()),
        }
    }
    // What is left of each count was not matched: the last ones of each key.
    let mut added = Vec::new();
    for (key, range) in second.iter().rev() {
        if let Some(count) = counts.get_mut(key.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            added.push(range.clone());
        }
    }
    (missing, added)
}

/// An address without what may differ between locales: scheme, case, escapes, a locale as a part of the path, a `/` at the end.
pub(super) fn folded_address(address: &str) -> String {
    let lower = address.replace('\\', "").replace("%20", " ").replace("&amp;", "&").to_lowercase();
    let without_scheme = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let parts = without_scheme.split('/').filter(|part| !is_locale(part));
    let folded: Vec<&str> = parts.collect();
    folded.join("/").trim_end_matches('/').to_owned()
}

/// `en-us`, `zh-hans-cn`
fn is_locale(part: &str) -> bool {
    let mut subtags = part.split('-');
    let is_letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
    subtags.next().is_some_and(|language| language.len() == 2 && is_letters(language))
        && subtags.next().is_some_and(|subtag| matches!(subtag.len(), 2 | 4) && is_letters(subtag))
        && subtags.next().is_none_or(|region| region.len() == 2)
}

/// An inline code without what does not matter: case and white space.
pub(super) fn folded_code(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '\\').flat_map(char::to_lowercase).collect()
}

/// Whether a text contains another one, without regard to the case of ASCII letters.
pub(super) fn contains_folded(text: &str, part: &str) -> bool {
    text.contains(part) || text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}

/// Whether a text has a name in any case. The Turkish ı and İ are an i: `ınstance` is a name in wrong case.
pub(super) fn contains_name_folded(side: &Side<'_>, name: &str) -> bool {
    side.flat_lower().contains(&name.to_lowercase())
}

/// The number of bold texts, also in HTML.
pub(super) fn bold_count(side: &Side<'_>) -> usize {
    let is_bold = |(range, name): &&(Range<usize>, &str)| {
        (name.eq_ignore_ascii_case("b") || name.eq_ignore_ascii_case("strong"))
            && !side.at(range).starts_with("</")
    };
    side.bold.len() + side.tags.iter().filter(is_bold).count()
}

/// The number of letters and digits of a prose, without its names, which are the same in every language.
pub(super) fn weight(side: &Side<'_>) -> usize {
    let letters = side.prose.chars().filter(|&c| scan::is_letter(c) || c.is_numeric()).count();
    let in_names: usize = side.names().iter().map(|name| name.text.len()).sum();
    letters.saturating_sub(in_names)
}

/// The first word that is there twice in a row: `word word`, or in Katakana without a space.
pub(super) fn doubled_word(prose: &str) -> Option<Range<usize>> {
    let mut at = 0;
    let mut before = "";
    for part in prose.split(' ') {
        let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
        if word == before && is_word(word) {
            return Some(at - before.len() - 1..at + word.len());
        }
        at += part.len() + 1;
        before = part;
    }
    doubled_katakana(prose)
}

fn is_word(word: &str) -> bool {
    word.chars().count() >= 2 && word.chars().all(scan::is_letter)
}

/// A run of Katakana that is one half twice: `イベントイベント`.
fn doubled_katakana(prose: &str) -> Option<Range<usize>> {
    let is_katakana = |c: char| matches!(c, '\u{30a1}'..='\u{30fc}');
    let mut at = 0;
    for run in prose.split_inclusive(|c: char| !is_katakana(c)) {
        let word = run.trim_end_matches(|c: char| !is_katakana(c));
        // Each character of Katakana has three bytes.
        let half = word.len() / 2;
        if word.len() >= 12 && word.len().is_multiple_of(6) && word[..half] == word[half..] {
            return Some(at..at + word.len());
        }
        at += run.len();
    }
    None
}

/// The word of a [`doubled_word`].
pub(super) fn first_of_doubled(text: &str) -> &str {
    match text.split_once(' ') {
        Some((first, _)) => first,
        None => &text[..text.len() / 2],
    }
}
