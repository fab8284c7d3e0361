//! What is no part of a text at its ends, because only one of two texts that belong together has it.

/// A text without the id that is stated at its end, `{#map}` as in Hugo and Docusaurus. Ids are often stated in one language only.
pub(super) fn without_id(text: &str) -> &str {
    let Some((before, id)) = text.trim_end().rsplit_once('{') else { return text };
    let Some(id) = id.trim_start().strip_prefix('#') else { return text };
    let is_id = |id: &str| !id.contains(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | '`'));
    match id.strip_suffix('}').map(str::trim_end) {
        Some(id) if is_id(id) && !before.trim_end().is_empty() => before.trim_end(),
        _ => text,
    }
}

/// The length of the number of a list item with the blanks after it, `3. `, at the beginning of a text that is no part of it: the other text
/// does not begin with a number, nor has it this number once more than the rest. 0 without one.
pub(super) fn number_at(text: &str, other: &str) -> usize {
    let (Some((number, rest)), None) = (list_number(text), list_number(other)) else { return 0 };
    if is_missing(number, rest, other) { 0 } else { text.len() - rest.len() }
}

/// The number of a list item at the beginning of a text, and the text behind it.
fn list_number(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = &text[..text.len() - rest.len()];
    let after =
        rest.strip_prefix(['.', ')']).filter(|after| after.starts_with([' ', '\u{a0}']))?.trim_start();
    ((1..=2).contains(&number.len()) && !after.is_empty()).then_some((number, after))
}

/// Whether the other text has a number more often than a text.
pub(super) fn is_missing(number: &str, text: &str, other: &str) -> bool {
    let count =
        |text: &str| text.split(|c: char| !c.is_ascii_digit()).filter(|&found| found == number).count();
    count(other) > count(text)
}
