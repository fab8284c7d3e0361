//! Writes JSON. Characters that must not reach a terminal are escaped as `\u001b`, in every output: a reader of JSON receives
//! them back, so nothing is lost.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::model::{holds_unsafe_to_show, is_unsafe_to_show};

/// A value as JSON on one line.
///
/// # Errors
/// Those of the value's own conversion.
pub fn to_string(value: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    let mut json = Vec::with_capacity(128);
    to_writer(&mut json, value)?;
    String::from_utf8(json).map_err(serde::ser::Error::custom)
}

/// Writes a value as JSON on one line.
///
/// # Errors
/// Those of the value's own conversion, and of the output.
pub fn to_writer(out: impl io::Write, value: &(impl Serialize + ?Sized)) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Escaping))
}

/// JSON without white space.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        if !holds_unsafe_to_show(text) {
            return out.write_all(text.as_bytes());
        }
        let mut written = 0;
        for (at, character) in text.char_indices().filter(|&(_, character)| is_unsafe_to_show(character)) {
            out.write_all(&text.as_bytes()[written..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            written = at + character.len_utf8();
        }
        out.write_all(&text.as_bytes()[written..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_a_terminal_obeys_are_escaped_and_read_back() {
        for (text, json) in [
            ("설정 \"a\" \\", r#""설정 \"a\" \\""#),
            ("\u{1b}[31m\u{9b}\u{7f}", r#""\u001b[31m\u009b\u007f""#),
            ("a\u{202e}b\u{2028}\u{feff}", r#""a\u202eb\u2028\ufeff""#),
            ("\u{e0041}😀", r#""\udb40\udc41😀""#),
        ] {
            assert_eq!(to_string(text).unwrap(), json);
            assert_eq!(serde_json::from_str::<String>(json).unwrap(), text);
        }
    }
}
