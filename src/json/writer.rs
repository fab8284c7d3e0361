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
    let mut written = 0;
    let (chunks, rest) = bytes.as_chunks();
    for (start, chunk) in (0..).step_by(CHUNK).zip(chunks) {
        let marks = marks(chunk);
        if marks != 0 {
            written = push_marked(out, text, written, (start, marks));
        }
    }
    if !rest.is_empty() {
        // The last bytes are tested with those before them, or in a short text with zeros, so that they fill a chunk.
        let marks = match bytes.last_chunk() {
            Some(chunk) => marks(chunk),
            None => {
                let mut chunk = [0; CHUNK];
                chunk[CHUNK - rest.len()..].copy_from_slice(rest);
                marks(&chunk)
            }
        };
        let marks = marks >> (8 * (CHUNK - rest.len()));
        if marks != 0 {
            written = push_marked(out, text, written, (bytes.len() - rest.len(), marks));
        }
    }
    out.extend_from_slice(&bytes[written..]);
}

/// Appends a text up to the last escape of a chunk that starts at `start`. Returns how much of the text is written.
#[cold]
fn push_marked(
    out: &mut Vec<u8>,
    text: &str,
    mut written: usize,
    (start, mut marks): (usize, u128),
) -> usize {
    while marks != 0 {
        let at = start + marks.trailing_zeros() as usize / 8;
        marks &= marks - 1;
        if let Some(length) = push_up_to(out, text, written, at) {
            written = at + length;
        }
    }
    written
}

/// The number of bytes that are tested together: the width of a vector register.
const CHUNK: usize = 16;

/// A byte of 1 for each byte that may begin a character with an escape; a byte of 0 for all others. The first byte is the lowest.
/// Without a branch and with a fixed length, the compiler makes vector instructions of it.
fn marks(chunk: &[u8; CHUNK]) -> u128 {
    let mut marks = [0; CHUNK];
    for (mark, &b) in marks.iter_mut().zip(chunk) {
        // A few more bytes than necessary, with fewer comparisons: 0xC2 and 0xE2 differ in one bit.
        let is_marked = (b < 0x20)
            | (b == b'"')
            | (b == b'\\')
            | (b == 0x7f)
            | (b & 0xdf == 0xc2)
            | (b == 0xd8)
            | (b > 0xed);
        *mark = u8::from(is_marked);
    }
    u128::from_le_bytes(marks)
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

    #[test]
    fn texts_of_each_length_are_escaped_at_each_position() {
        for length in 0..3 * CHUNK {
            for at in 0..=length {
                for (character, other) in
                    [('"', '\u{1b}'), ('\u{202e}', '"'), ('é', '\u{f}'), ('\u{7f}', '\\')]
                {
                    let (before, after) = ("a".repeat(at), "b".repeat(length - at));
                    let text = format!("{before}{character}{after}{other}");
                    let mut pushed = Vec::new();
                    push_string(&mut pushed, &text);
                    assert_eq!(to_string(&text).unwrap().as_bytes(), pushed, "{text:?}");
                }
            }
        }
    }
}
