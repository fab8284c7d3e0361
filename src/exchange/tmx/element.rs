//! The small elements of a TMX, as text. What XML cannot hold is left out of them and counted.

use std::borrow::Cow;

use super::inline;
use crate::exchange::xml;
use crate::model::Locale;

/// A text trimmed and without the characters that XML cannot hold, which are added to `dropped`.
pub fn held<'a>(text: &'a str, dropped: &mut u64) -> Cow<'a, str> {
    let trimmed = text.trim();
    if xml::can_hold(trimmed) {
        return trimmed.into();
    }
    let kept: String = text.chars().filter(|&character| xml::is_allowed(character)).collect();
    *dropped += (text.chars().count() - kept.chars().count()) as u64;
    kept.trim().to_string().into()
}

/// ` name="`, to be followed by a value and a quote.
pub fn open_attribute(out: &mut Vec<u8>, name: &str) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
}

/// ` name="value"`.
pub fn attribute(out: &mut Vec<u8>, name: &str, value: &str) {
    open_attribute(out, name);
    xml::push_attribute(out, value);
    out.push(b'"');
}

/// `<tuv xml:lang="…"`, to be closed.
pub fn open_tuv(out: &mut Vec<u8>, locale: &Locale) {
    out.extend_from_slice(b"<tuv xml:lang=\"");
    out.extend_from_slice(locale.as_str().as_bytes());
    out.push(b'"');
}

/// `<seg>…</seg>` and the end of its `tuv`.
pub fn segment(out: &mut Vec<u8>, text: &str, parts: Option<&[inline::Part<'_>]>) {
    // No white space at the ends and none added inside: OmegaT translates nothing from a pretty-printed seg.
    out.extend_from_slice(b"<seg>");
    match parts {
        Some(parts) => inline::push(out, parts),
        None => {
            xml::push_text(out, text);
        }
    }
    out.extend_from_slice(b"</seg></tuv>\n");
}

/// A property; none where nothing of the value is left: an empty one stops some readers.
pub fn property(out: &mut Vec<u8>, name: &str, value: &str, dropped: &mut u64) {
    let value = held(value, dropped);
    if !value.is_empty() {
        out.extend_from_slice(b"<prop type=\"");
        xml::push_attribute(out, name);
        out.extend_from_slice(b"\">");
        xml::push_text(out, &value);
        out.extend_from_slice(b"</prop>\n");
    }
}

/// A note; none where nothing of it is left.
pub fn note(out: &mut Vec<u8>, text: &str, dropped: &mut u64) {
    let text = held(text, dropped);
    if !text.is_empty() {
        out.extend_from_slice(b"<note>");
        xml::push_text(out, &text);
        out.extend_from_slice(b"</note>\n");
    }
}
