//! Formats the small elements of a TMX. Characters that XML cannot hold are left out and counted.

use std::borrow::Cow;

use super::inline;
use crate::exchange::xml;
use crate::model::Locale;

/// Trims a text and removes the characters that XML cannot hold. Adds their number to `dropped`.
pub fn representable<'a>(text: &'a str, dropped: &mut u64) -> Cow<'a, str> {
    let trimmed = text.trim();
    if xml::can_hold(trimmed) {
        return trimmed.into();
    }
    let kept: String = text.chars().filter(|&character| xml::is_allowed(character)).collect();
    *dropped += (text.chars().count() - kept.chars().count()) as u64;
    kept.trim().to_string().into()
}

/// Appends ` name="`. The caller appends the value and the quote.
pub fn open_attribute(out: &mut Vec<u8>, name: &str) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
}

/// Appends ` name="value"`.
pub fn attribute(out: &mut Vec<u8>, name: &str, value: &str) {
    open_attribute(out, name);
    xml::push_attribute(out, value);
    out.push(b'"');
}

/// Appends `<tuv xml:lang="…"`. The caller appends other attributes and `>`.
pub fn open_tuv(out: &mut Vec<u8>, locale: &Locale) {
    out.extend_from_slice(b"<tuv xml:lang=\"");
    out.extend_from_slice(locale.as_str().as_bytes());
    out.push(b'"');
}

/// Appends `<seg>…</seg></tuv>`.
pub fn segment(out: &mut Vec<u8>, text: &str, parts: Option<&[inline::Part<'_>]>) {
    // No white space is added for layout: OmegaT finds no match for a pretty-printed seg.
    out.extend_from_slice(b"<seg>");
    match parts {
        Some(parts) => inline::push(out, parts),
        None => {
            xml::push_text(out, text);
        }
    }
    out.extend_from_slice(b"</seg></tuv>\n");
}

/// Appends a property, unless the value is empty: some readers stop at an empty property.
pub fn property(out: &mut Vec<u8>, name: &str, value: &str, dropped: &mut u64) {
    let value = representable(value, dropped);
    if !value.is_empty() {
        out.extend_from_slice(b"<prop type=\"");
        xml::push_attribute(out, name);
        out.extend_from_slice(b"\">");
        xml::push_text(out, &value);
        out.extend_from_slice(b"</prop>\n");
    }
}

/// Appends a note, unless it is empty.
pub fn note(out: &mut Vec<u8>, text: &str, dropped: &mut u64) {
    let text = representable(text, dropped);
    if !text.is_empty() {
        out.extend_from_slice(b"<note>");
        xml::push_text(out, &text);
        out.extend_from_slice(b"</note>\n");
    }
}
