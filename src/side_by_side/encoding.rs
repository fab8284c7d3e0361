//! Decodes a document to text, and encodes text as the document was: UTF-8, or UTF-16 with a byte-order mark.
//!
//! A slice, unlike the stream of `exchange::decode`: a document in UTF-8 is read where it is, without a copy. And nothing in it
//! states an encoding, as the declaration of an XML file does.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE};
use memchr::memmem;

use crate::model::Problem;

/// The encoding of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// With or without a byte-order mark.
    Utf8,
    /// With the byte-order mark FF FE.
    Utf16LittleEndian,
    /// With the byte-order mark FE FF.
    Utf16BigEndian,
}

impl Encoding {
    /// The encoding of a document's bytes, by its byte-order mark.
    pub fn of(bytes: &[u8]) -> Encoding {
        match bytes {
            [0xff, 0xfe, ..] => Encoding::Utf16LittleEndian,
            [0xfe, 0xff, ..] => Encoding::Utf16BigEndian,
            _ => Encoding::Utf8,
        }
    }

    /// Encodes a text. [`decode`] keeps the byte-order mark in the text, so none is added.
    pub fn encode(self, text: String) -> Vec<u8> {
        match self {
            Encoding::Utf8 => text.into_bytes(),
            Encoding::Utf16LittleEndian => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16BigEndian => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

/// Whether a document can hold a segment at all. For clean documents in UTF-8 this one search is nearly all.
pub fn has_spans(bytes: &[u8]) -> bool {
    spans_in_ascii(bytes).is_some() || may_be_utf16(bytes) && spans_in_utf16(bytes).next().is_some()
}

/// The position of the first attribute of a span in an encoding that has ASCII.
fn spans_in_ascii(bytes: &[u8]) -> Option<usize> {
    // One search for both attributes: a document whose `data-ttu-id` are all damaged still has `data-stu-id`.
    let is_attribute = |&at: &usize| matches!(bytes[..at].last_chunk(), Some(b"data-t" | b"data-s"));
    memmem::find_iter(bytes, b"tu-id").find(is_attribute)
}

/// The positions of the attributes of spans in UTF-16: of their letter `t` itself, without the zero byte before or after it. So
/// the pattern is the same in both byte orders.
fn spans_in_utf16(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let is_attribute =
        move |&at: &usize| matches!(bytes[..at].last_chunk(), Some(b"a\0-\0t\0" | b"a\0-\0s\0"));
    memmem::find_iter(bytes, b"t\0u\0-\0i\0d").filter(is_attribute)
}

/// The bytes at the start of a document in which UTF-16 has a zero byte: at latest that of the first space or line feed.
const LOOK_AHEAD: usize = 1024;

fn may_be_utf16(bytes: &[u8]) -> bool {
    Encoding::of(bytes) != Encoding::Utf8
        || memchr::memchr(0, &bytes[..bytes.len().min(LOOK_AHEAD)]).is_some()
}

/// Reads a document's bytes as text: UTF-8 with or without a byte-order mark, or UTF-16 with one. The mark stays in the text.
/// Text in UTF-8 is borrowed.
///
/// # Errors
/// A problem for the whole document, with the line of the first byte that is not in the encoding.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    let (encoding, unit): (_, fn([u8; 2]) -> u16) = match Encoding::of(bytes) {
        Encoding::Utf8 => return utf8(bytes).map(Cow::Borrowed),
        Encoding::Utf16LittleEndian => (UTF_16LE, u16::from_le_bytes),
        Encoding::Utf16BigEndian => (UTF_16BE, u16::from_be_bytes),
    };
    // What was written in another encoding, or after a lost byte, is mostly text in UTF-16 too: of other characters.
    let misplaced = spans_in_utf16(bytes).find(|at| at % 2 != usize::from(encoding == UTF_16BE));
    if let Some(at) = misplaced.into_iter().chain(spans_in_ascii(bytes)).min() {
        let reason = format!("a part of it is not UTF-16 as its byte-order mark states, at offset {at}");
        return Err(left_out(line_in_utf16(&bytes[..at], unit), &reason));
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| damage(bytes, unit))
}

fn utf8(bytes: &[u8]) -> Result<&str, Problem> {
    if may_be_utf16(bytes) && spans_in_utf16(bytes).next().is_some() {
        return Err(left_out(1, "UTF-16 without a byte-order mark; save it with one, or as UTF-8"));
    }
    simdutf8::compat::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count();
        left_out(line, &format!("not UTF-8: byte {:#04x} at offset {at}", bytes[at]))
    })
}

/// The damage of bytes that cannot be decoded as UTF-16.
fn damage(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Problem {
    let (units, half) = bytes.as_chunks::<2>();
    let mut at = 0;
    for decoded in char::decode_utf16(units.iter().map(|&bytes| unit(bytes))) {
        match decoded {
            Ok(character) => at += 2 * character.len_utf16(),
            Err(_) => {
                let reason = format!("not UTF-16: half of a surrogate pair at offset {at}");
                return left_out(line_in_utf16(&bytes[..at], unit), &reason);
            }
        }
    }
    debug_assert_eq!(half.len(), 1, "nothing else is damage");
    left_out(line_in_utf16(bytes, unit), &format!("not UTF-16: half a character at its end, at offset {at}"))
}

/// The line, from 1, of what follows these bytes.
fn line_in_utf16(before: &[u8], unit: fn([u8; 2]) -> u16) -> usize {
    let (units, _) = before.as_chunks::<2>();
    1 + units.iter().filter(|&&bytes| unit(bytes) == u16::from(b'\n')).count()
}

fn left_out(line: usize, reason: &str) -> Problem {
    Problem { line: Some(line as u32), reason: format!("{reason}; the document was left out") }
}
