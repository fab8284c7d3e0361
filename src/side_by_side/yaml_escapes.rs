//! The escapes of double-quoted YAML scalars.

use std::borrow::Cow;

/// Resolves the escapes of a double-quoted YAML scalar (YAML 1.2.2, section 5.7). Invalid escapes stay as written.
///
/// ```
/// use bitext::side_by_side::unescape_yaml;
/// assert_eq!(unescape_yaml(r#"\"caf\u00e9\" \ud83d\ude00"#), "\"café\" 😀");
/// ```
pub fn unescape_yaml(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        plain.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let (character, length) = match escape.as_bytes().first() {
            Some(b'x') => coded(escape, 2),
            Some(b'u') => surrogate_pair(escape).unwrap_or_else(|| coded(escape, 4)),
            Some(b'U') => coded(escape, 8),
            Some(b'\n' | b'\r') => {
                // An escaped line break joins the lines, without the indentation of the second.
                rest = escape.trim_start();
                continue;
            }
            Some(&code) => (simple(code), 1),
            None => (None, 0),
        };
        match character {
            Some(character) => {
                plain.push(character);
                rest = &escape[length..];
            }
            None => {
                plain.push('\\');
                rest = escape;
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn simple(code: u8) -> Option<char> {
    Some(match code {
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b't' => '\t',
        b'n' => '\n',
        b'v' => '\x0b',
        b'f' => '\x0c',
        b'r' => '\r',
        b'e' => '\x1b',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        b' ' | b'\t' | b'"' | b'/' | b'\\' => char::from(code),
        _ => return None,
    })
}

/// The character of `x41`, `u00e9` or `U0001F600`, and the length of the code.
fn coded(escape: &str, digits: usize) -> (Option<char>, usize) {
    let code = escape.get(1..=digits).filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
    (code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32), digits + 1)
}

/// Parses `ud83d\ude00`, a surrogate pair: JSON escapes characters beyond U+FFFF so, and JSON is embedded in YAML.
fn surrogate_pair(escape: &str) -> Option<(Option<char>, usize)> {
    let half = |text: Option<&str>| u16::from_str_radix(text?, 16).ok();
    let high = half(escape.get(1..5))?;
    let low = half(escape.get(5..11)?.strip_prefix("\\u"))?;
    let character = char::decode_utf16([high, low]).next()?.ok()?;
    (u32::from(character) > 0xffff).then_some((Some(character), 11))
}

/// A text as it is written between the quotation marks of a double-quoted scalar (YAML 1.2.2, section 5.7).
///
/// ```
/// use bitext::side_by_side::{escape_yaml, unescape_yaml};
/// assert_eq!(escape_yaml("a \"b\""), r#"a \"b\""#);
/// assert_eq!(unescape_yaml(&escape_yaml("\\ \n \u{7}")), "\\ \n \u{7}");
/// ```
pub fn escape_yaml(text: &str) -> Cow<'_, str> {
    let needs_escape = |c: char| matches!(c, '"' | '\\') || c.is_control();
    if !text.contains(needs_escape) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => escaped.push_str("\\r"),
            control if control.is_control() => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_escapes_are_undone_and_nothing_else() {
        for (written, plain) in [
            (r"a\tb", "a\tb"),
            (r"\x41\u00e9\U0001F600", "Aé😀"),
            (r"\ud83d\ude00", "😀"),
            (r"\ud83d alone", r"\ud83d alone"),
            (r"\*not yaml\*", r"\*not yaml\*"),
            (r"\\*", r"\*"),
            ("one\\\n   two", "onetwo"),
            ("one\\\r\n   two", "onetwo"),
            (r"\xzz \u12", r"\xzz \u12"),
            (r"end\", r"end\"),
            (r"\é", r"\é"),
        ] {
            assert_eq!(unescape_yaml(written), plain, "{written:?}");
        }
    }
}
