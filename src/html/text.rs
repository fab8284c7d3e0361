//! Texts of the memory in HTML: with their language and direction, with marks, and without characters that act on what is around.
//!
//! Each text is in an element that isolates its direction (`bdi`), so a control character in it cannot reorder the page. Control
//! characters are shown by their numbers; the marks of direction that languages need stay as they are.

use std::ops::Range;

use maud::{Markup, html};

use crate::matching::{Change, changes, script_of};
use crate::model::{Locale, is_unsafe_to_show};

/// The most characters of a text that are shown in a list, and in a document.
pub(crate) const IN_LIST: usize = 1_200;
pub(crate) const IN_DOCUMENT: usize = 8_000;
/// How many characters are shown before the first hit of a text that is cut.
const BEFORE_HIT: usize = 200;
/// The longest text of which differences are shown, in bytes.
const LONGEST_COMPARED: usize = 20_000;

/// Scripts that are written from right to left (Unicode, `Bidi_Class` of their letters).
const RIGHT_TO_LEFT: [&str; 10] =
    ["Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Mand", "Samr", "Rohg", "Yezi"];

/// The direction in which a locale is written: `ltr` or `rtl`.
pub(crate) fn direction(locale: &Locale) -> &'static str {
    let is_right_to_left = script_of(locale).is_some_and(|script| RIGHT_TO_LEFT.contains(&script.as_str()));
    if is_right_to_left { "rtl" } else { "ltr" }
}

/// A text as it is written, cut to so many characters.
pub(crate) fn plain(text: &str, locale: &Locale, most: usize) -> Markup {
    let (shown, is_cut) = cut(text, 0, most);
    in_locale(locale, &html! { (visible(&text[shown])) @if is_cut { (ellipsis(text)) } })
}

/// A text with its hits marked, cut around the first.
pub(crate) fn with_hits(text: &str, hits: &[Range<usize>], locale: &Locale) -> Markup {
    let (window, is_cut) = cut(text, hits.first().map_or(0, |hit| hit.start), IN_LIST);
    let mut parts: Vec<(Range<usize>, bool)> = Vec::new();
    let mut done = window.start;
    for hit in hits {
        let (start, end) = (hit.start.max(done), hit.end.min(window.end));
        if start < end {
            parts.push((done..start, false));
            parts.push((start..end, true));
            done = end;
        }
    }
    parts.push((done..window.end, false));
    let marked = html! {
        @if window.start > 0 { "… " }
        @for (part, is_hit) in parts {
            @if is_hit { mark { (visible(&text[part])) } } @else { (visible(&text[part])) }
        }
        @if is_cut && window.end < text.len() { (ellipsis(text)) }
    };
    in_locale(locale, &marked)
}

/// The source text of a match, with what differs from the query.
pub(crate) fn with_changes(query: &str, text: &str, locale: &Locale) -> Markup {
    if query.len() + text.len() > LONGEST_COMPARED {
        return plain(text, locale, IN_LIST);
    }
    let marked = html! {
        @for change in changes(query, text) {
            @match change {
                Change::Same(part) => (visible(part)),
                Change::QueryOnly(part) => { del title="only in what you typed" { (visible(part)) } " " },
                Change::MatchOnly(part) => { ins title="only in the memory" { (visible(part)) } },
            }
        }
    };
    in_locale(locale, &marked)
}

/// Names and paths, whose language is not known.
pub(crate) fn name(text: &str) -> Markup {
    html! { bdi { (visible(text)) } }
}

fn in_locale(locale: &Locale, content: &Markup) -> Markup {
    html! { bdi.text lang=(locale) dir=(direction(locale)) { (content) } }
}

fn ellipsis(text: &str) -> Markup {
    html! { span.cut { " … (" (text.chars().count()) " characters)" } }
}

/// The part of a text around a byte, of at most so many characters, and whether it is not all.
fn cut(text: &str, around: usize, most: usize) -> (Range<usize>, bool) {
    if text.len() <= most || text.chars().nth(most).is_none() {
        return (0..text.len(), false);
    }
    let start = text[..around].char_indices().rev().nth(BEFORE_HIT - 1).map_or(0, |(at, _)| at);
    let end = text[start..].char_indices().nth(most).map_or(text.len(), |(at, _)| start + at);
    (start..end, true)
}

/// Marks of direction that texts of right-to-left scripts need. Inside an isolated element they harm nothing.
fn is_mark_of_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}')
}

/// A text whose control characters are shown by their numbers.
fn visible(text: &str) -> Markup {
    let is_control = |c: char| is_unsafe_to_show(c) && !is_mark_of_direction(c) && !matches!(c, '\n' | '\t');
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices().filter(|(_, c)| is_control(*c)) {
        parts.push((&text[start..at], Some(character)));
        start = at + character.len_utf8();
    }
    parts.push((&text[start..], None));
    html! {
        @for (part, control) in parts {
            (part)
            @if let Some(control) = control { span.control { (format!("U+{:04X}", u32::from(control))) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(name: &str) -> Locale {
        name.parse().unwrap()
    }

    #[test]
    fn a_text_is_text_whatever_it_holds() {
        let html = plain("<script>alert('\"&')</script>\u{202e}x", &locale("en-US"), 100).into_string();
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;script&gt;") && html.contains("U+202E"), "{html}");
        assert!(!html.contains('\u{202e}'), "{html}");
    }

    #[test]
    fn each_text_has_its_language_and_direction() {
        for (name, direction) in
            [("ar-SA", "rtl"), ("he", "rtl"), ("ko-KR", "ltr"), ("az-Arab", "rtl"), ("ur", "rtl")]
        {
            let html = plain("x", &locale(name), 100).into_string();
            assert!(html.contains(&format!("lang=\"{name}\" dir=\"{direction}\"")), "{html}");
        }
    }

    #[test]
    fn a_long_text_is_cut_around_its_hit() {
        let text = format!("{}hit{}", "가".repeat(5000), "나".repeat(5000));
        let at = text.find("hit").unwrap();
        let hit = at..at + 3;
        let html = with_hits(&text, std::slice::from_ref(&hit), &locale("ko-KR")).into_string();
        assert!(html.contains("<mark>hit</mark>") && html.contains("10003 characters"), "{html}");
        assert!(html.chars().count() < 2000);
    }

    #[test]
    fn differences_are_elements() {
        let html = with_changes("Save a file", "Save the file", &locale("en-US")).into_string();
        assert!(html.contains("<ins title=\"only in the memory\">the </ins>"), "{html}");
        assert!(html.contains("<del title=\"only in what you typed\">a </del>"), "{html}");
    }
}
