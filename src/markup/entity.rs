//! HTML entities: `&gt;`, `&#42;`, `&#x2A;`.

use std::borrow::Cow;

use quick_xml::escape::resolve_html5_entity;

/// The length of the longest HTML name, `CounterClockwiseContourIntegral`.
const LONGEST_NAME: usize = 31;

/// The entity at the start of `text`, which starts with `&`: its length in bytes, and its characters
/// (CommonMark 0.31, "Entity and numeric character references"). `None` if `&` is text.
pub(super) fn entity(text: &str) -> Option<(usize, Cow<'_, str>)> {
    let window = &text.as_bytes()[..text.len().min(LONGEST_NAME + 2)];
    let end = memchr::memchr(b';', window)?;
    let name = text.get(1..end)?;
    let Some(digits) = name.strip_prefix('#') else {
        let known = name.bytes().all(|b| b.is_ascii_alphanumeric());
        return known
            .then(|| resolve_html5_entity(name))
            .flatten()
            .map(|means| (end + 1, Cow::Borrowed(means)));
    };
    let (digits, radix, longest) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 6),
        None => (digits, 10, 7),
    };
    if digits.is_empty() || digits.len() > longest || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    let means = char::from_u32(code).filter(|&c| c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER);
    Some((end + 1, Cow::Owned(means.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_stand_for_their_characters() {
        for (text, length, means) in [
            ("&gt; b", 4, ">"),
            ("&#42;", 5, "*"),
            ("&#x2a;", 6, "*"),
            ("&nbsp;x", 6, "\u{a0}"),
            ("&#0;", 4, "\u{fffd}"),
            ("&#xD800;", 8, "\u{fffd}"),
        ] {
            assert_eq!(entity(text), Some((length, Cow::Borrowed(means))), "{text}");
        }
    }

    #[test]
    fn an_ampersand_alone_is_text() {
        for text in ["&", "& b;", "&&gt;", "&nosuchname;", "&#;", "&#x;", "&#+1;", "&a=1&b;", "&한;"] {
            assert_eq!(entity(text), None, "{text}");
        }
    }
}
