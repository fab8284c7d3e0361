//! Writes JSON. Characters that must not reach a terminal are escaped as `\u001b`, in every output: a reader of JSON receives
//! them back, so nothing is lost.

use std::io;
use std::ops::Range;

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
        let mut escaped = Vec::with_capacity(2 * text.len());
        push_text(&mut escaped, text);
        out.write_all(&escaped)
    }
}

/// Appends a text as a JSON string, the same bytes as [`to_writer`]. Segments are most of what is ever written, so this does not
/// go through serde.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    push_text(out, text);
    out.push(b'"');
}

/// Appends the content of a JSON string.
fn push_text(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let (chunks, rest) = bytes.as_chunks::<CHUNK>();
    let mut written = 0;
    let mut escape = |range: Range<usize>| {
        for at in range {
            if MAY_NEED_ESCAPE[usize::from(bytes[at])]
                && let Some(length) = push_up_to(out, text, written, at)
            {
                written = at + length;
            }
        }
    };
    for (start, chunk) in (0..).step_by(CHUNK).zip(chunks) {
        if may_need_escape(chunk) {
            escape(start..start + CHUNK);
        }
    }
    // The last bytes are tested with those before them, so that they fill a chunk.
    if !rest.is_empty() && bytes.last_chunk().is_none_or(may_need_escape) {
        escape(bytes.len() - rest.len()..bytes.len());
    }
    out.extend_from_slice(&bytes[written..]);
}

/// The number of bytes that are tested together.
const CHUNK: usize = 32;

/// Whether a chunk may hold a byte that needs an escape. Without a branch and with a fixed length, the compiler makes vector
/// instructions of this test. It is true for a few more bytes than the table.
fn may_need_escape(chunk: &[u8; CHUNK]) -> bool {
    chunk.iter().fold(false, |any, &b| {
        any | (b < 0x20)
            | (b == b'"')
            | (b == b'\\')
            | (b == 0x7f)
            | (b & 0xdf == 0xc2)
            | (b == 0xd8)
            | (b > 0xed)
    })
}

/// If the character at a byte needs an escape, appends the text before it and the escape, and returns its length.
fn push_up_to(out: &mut Vec<u8>, text: &str, written: usize, at: usize) -> Option<usize> {
    let character = text[at..].chars().next()?;
    let short = match character {
        '"' | '\\' => character as u8,
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        other if is_unsafe_to_show(other) => {
            out.extend_from_slice(&text.as_bytes()[written..at]);
            push_escaped(out, character);
            return Some(character.len_utf8());
        }
        _ => return None,
    };
    out.extend_from_slice(&text.as_bytes()[written..at]);
    out.extend_from_slice(&[b'\\', short]);
    Some(1)
}

/// Whether a JSON string may have to escape the character that begins with a byte.
const MAY_NEED_ESCAPE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8, 0..0x20 | b'"' | b'\\' | 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef | 0xf3);
        byte += 1;
    }
    table
};

fn push_escaped(out: &mut Vec<u8>, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
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
            let mut pushed = Vec::new();
            push_string(&mut pushed, text);
            assert_eq!(String::from_utf8(pushed).unwrap(), json);
            assert_eq!(serde_json::from_str::<String>(json).unwrap(), text);
        }
    }

    #[test]
    fn every_character_is_written_alike_by_both_ways() {
        for character in (0..=0x10FFFF).filter_map(char::from_u32) {
            let text = format!("a{character}한");
            let mut pushed = Vec::new();
            push_string(&mut pushed, &text);
            assert_eq!(to_string(&text).unwrap().as_bytes(), pushed, "{character:?}");
        }
    }
}
