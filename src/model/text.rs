//! White space normalization of segment texts: one rule for documents, TMX files and queries.
//!
//! Because the rule is the same everywhere, each text of the memory is an exact match of itself.

use std::borrow::Cow;

/// The length in bytes of the longest text of a segment that is read. A longer one is no segment but the rest of a damaged file,
/// or an attack on the memory of whoever searches or shows it. The longest real one is a few kilobytes.
pub const LONGEST_TEXT: usize = 1 << 20;

/// Trims the ends and replaces each run of ASCII white space that contains a line feed by one space. Other characters stay
/// as written: a lone carriage return, and Unicode white space beside a line break. The result folds to itself.
///
/// ```
/// use bitext::model::fold_line_breaks;
/// assert_eq!(fold_line_breaks(" one  two\r\n   three\u{a0}"), "one  two three");
/// ```
pub fn fold_line_breaks(text: &str) -> Cow<'_, str> {
    let text = trim(text);
    if memchr::memchr(b'\n', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(line_break) = memchr::memchr(b'\n', rest.as_bytes()) {
        folded.push_str(rest[..line_break].trim_end_matches(blank));
        folded.push(' ');
        rest = rest[line_break..].trim_start_matches(blank);
    }
    folded.push_str(rest);
    Cow::Owned(folded)
}

/// Trims white space: Unicode's `White_Space` and the four information separators of ASCII (U+001C to U+001F), as Python
/// and Java do.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// The first characters of a text, at most so many, with an ellipsis if it has more.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_shortened_between_characters() {
        assert_eq!(["", "닻을", "닻을 "].map(|text| shortened(text, 2).into_owned()), ["", "닻을", "닻을…"]);
    }

    #[test]
    fn only_white_space_around_a_line_break_is_folded() {
        for (written, folded) in [
            ("a  b\tc", "a  b\tc"),
            ("a \t\r\n \n  b", "a b"),
            ("\n\na\n", "a"),
            ("\u{a0}a\u{3000}\n\u{a0}b\u{2003}", "a\u{3000} \u{a0}b"),
            ("a\rb", "a\rb"),
            ("\n", ""),
        ] {
            assert_eq!(fold_line_breaks(written), folded, "{written:?}");
        }
    }

    proptest! {
        #[test]
        fn a_folded_text_folds_to_itself(text in r"[a \t\r\n\x{1c}\x{85}\x{a0}\x{2028}\x{3000}]{0,12}") {
            let folded = fold_line_breaks(&text);
            prop_assert_eq!(fold_line_breaks(&folded), folded.as_ref());
        }
    }
}
