//! Decodes XML files and texts of any encoding to a stream of UTF-8.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED};

/// The bytes at the start of a file that are searched for an encoding declaration.
const LOOK_AHEAD: usize = 512;

/// An XML file, decoded to UTF-8 without a byte-order mark.
pub struct Decoded<'a> {
    /// The text.
    pub text: Box<dyn Read + 'a>,
    /// The encoding that was decoded.
    pub encoding: &'static Encoding,
}

/// Decodes an XML file.
///
/// The encoding is found as in XML 1.0, appendix F: by the byte-order mark, else by the zeros of UTF-16, else by the XML
/// declaration, else it is UTF-8. UTF-8 is passed through unchecked: the XML reader checks it.
///
/// # Errors
/// If the file cannot be read, or if its encoding is not one of the web (<https://encoding.spec.whatwg.org>). Such a file is not
/// read as UTF-8: UTF-7 looks like it and holds other texts.
pub fn decode_xml<'a>(mut input: Box<dyn Read + 'a>) -> io::Result<Decoded<'a>> {
    let mut head = Vec::with_capacity(LOOK_AHEAD);
    input.by_ref().take(LOOK_AHEAD as u64).read_to_end(&mut head)?;
    if is_utf32(&head) {
        return Err(unknown("UTF-32"));
    }
    let (encoding, mark) = match Encoding::for_bom(&head) {
        Some((encoding, mark)) => (encoding, mark),
        None => (without_mark(&head)?, 0),
    };
    let rest = io::Cursor::new(head.split_off(mark)).chain(input);
    let text: Box<dyn Read + 'a> =
        if encoding == UTF_8 { Box::new(rest) } else { Box::new(Decoding::new(rest, encoding)) };
    Ok(Decoded { text, encoding })
}

/// The bytes at the start of a text that are searched for the label of its encoding.
const LONGEST_HEADER: usize = 1 << 14;

/// Decodes a text: by its byte-order mark, else by the label that `find_label` finds in its start, else as UTF-8, which is passed
/// through unchecked.
///
/// # Errors
/// As [`decode_xml`].
pub fn decode_text<'a>(
    mut input: Box<dyn Read + 'a>,
    find_label: impl Fn(&[u8]) -> Option<String>,
) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::with_capacity(LONGEST_HEADER);
    input.by_ref().take(LONGEST_HEADER as u64).read_to_end(&mut head)?;
    let (encoding, mark) = match (Encoding::for_bom(&head), find_label(&head)) {
        (Some((encoding, mark)), _) => (encoding, mark),
        (None, Some(label)) => (of_label(&label).ok_or_else(|| unknown(&label))?, 0),
        (None, None) => (UTF_8, 0),
    };
    let rest = io::Cursor::new(head.split_off(mark)).chain(input);
    Ok(if encoding == UTF_8 { Box::new(rest) } else { Box::new(Decoding::new(rest, encoding)) })
}

/// Whether a file begins as one in UTF-32: with its byte-order mark, whose first half is that of UTF-16, or with `<`.
fn is_utf32(head: &[u8]) -> bool {
    [[0xff, 0xfe, 0, 0], [0, 0, 0xfe, 0xff], [b'<', 0, 0, 0], [0, 0, 0, b'<']]
        .iter()
        .any(|start| head.starts_with(start))
}

fn without_mark(head: &[u8]) -> io::Result<&'static Encoding> {
    match head {
        [b'<', 0, ..] => return Ok(UTF_16LE),
        [0, b'<', ..] => return Ok(UTF_16BE),
        _ => {}
    }
    let head = String::from_utf8_lossy(head);
    let label = head
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .and_then(|(declaration, _)| declaration.split_once("encoding"))
        .map(|(_, value)| value.trim_start_matches(|c: char| c == '=' || c.is_whitespace()))
        .and_then(|value| value.split(['"', '\'']).nth(1));
    let Some(label) = label else { return Ok(UTF_8) };
    let encoding = of_label(label).ok_or_else(|| unknown(label))?;
    // The declaration was readable as ASCII, so it is wrong if it states UTF-16. The reader reports it.
    Ok(if is_utf16(encoding) { UTF_8 } else { encoding })
}

/// The encoding of a label. `None` if it is unknown, or one that the web replaces or reads as private characters.
fn of_label(label: &str) -> Option<&'static Encoding> {
    // The web reads ASCII as Windows-1252. A file that states ASCII and has other characters is rather in UTF-8.
    if is_ascii_label(label) {
        return Some(UTF_8);
    }
    let encoding = Encoding::for_label_no_replacement(label.as_bytes());
    encoding.filter(|&encoding| encoding != X_USER_DEFINED)
}

fn is_utf16(encoding: &Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Whether the label of an XML declaration states this encoding. UTF-16 of either byte order is one encoding: the byte-order
/// mark states the order.
pub fn is_label_of(label: &str, encoding: &'static Encoding) -> bool {
    of_label(label).is_some_and(|stated| stated == encoding || is_utf16(stated) && is_utf16(encoding))
}

/// Whether a label states ASCII.
pub fn is_ascii_label(label: &str) -> bool {
    ["ascii", "us-ascii"].iter().any(|ascii| label.eq_ignore_ascii_case(ascii))
}

fn unknown(name: &str) -> io::Error {
    let name: String = name.chars().take(40).collect();
    let reason = format!("the file is in the encoding {name:?}, which cannot be read; convert it to UTF-8");
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Decodes one encoding to UTF-8. Invalid bytes are an error; they are not replaced.
struct Decoding<R> {
    input: R,
    decoder: encoding_rs::Decoder,
    name: &'static str,
    raw: Vec<u8>,
    text: Vec<u8>,
    consumed: usize,
    ended: bool,
    /// Whether invalid bytes follow the text. The text before them is returned first, so that it is read, and so that the
    /// error has their line.
    malformed: bool,
}

impl<R: Read> Decoding<R> {
    fn new(input: R, encoding: &'static Encoding) -> Self {
        Decoding {
            input,
            decoder: encoding.new_decoder_without_bom_handling(),
            name: encoding.name(),
            raw: Vec::new(),
            text: Vec::new(),
            consumed: 0,
            ended: false,
            malformed: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.consumed = 0;
        self.text.clear();
        while self.text.is_empty() && (self.malformed || !self.ended) {
            if self.malformed {
                let reason = format!("bytes that are no text in {}", self.name);
                return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
            }
            self.raw.clear();
            self.ended = self.input.by_ref().take(1 << 15).read_to_end(&mut self.raw)? == 0;
            let capacity =
                self.decoder.max_utf8_buffer_length_without_replacement(self.raw.len()).unwrap_or(1 << 18);
            self.text.resize(capacity, 0);
            let (result, _, written) =
                self.decoder.decode_to_utf8_without_replacement(&self.raw, &mut self.text, self.ended);
            self.text.truncate(written);
            self.malformed = matches!(result, DecoderResult::Malformed(..));
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.consumed == self.text.len() {
            self.refill()?;
        }
        let length = into.len().min(self.text.len() - self.consumed);
        into[..length].copy_from_slice(&self.text[self.consumed..self.consumed + length]);
        self.consumed += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: Vec<u8>) -> io::Result<String> {
        let mut text = String::new();
        decode_xml(Box::new(io::Cursor::new(bytes)))?.text.read_to_string(&mut text)?;
        Ok(text)
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn utf_16_is_read_with_and_without_a_byte_order_mark() {
        let text =
            format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?><tmx>한😀</tmx>{}", "é".repeat(70_000));
        for little in [true, false] {
            assert_eq!(read(utf16(&format!("\u{feff}{text}"), little)).unwrap(), text);
            assert_eq!(read(utf16(&text, little)).unwrap(), text);
        }
        assert_eq!(read(format!("\u{feff}{text}").into_bytes()).unwrap(), text);
    }

    #[test]
    fn the_declared_encoding_is_believed() {
        let bytes = b"<?xml version='1.0' encoding = 'ISO-8859-1' ?><a>\xe9</a>".to_vec();
        assert!(read(bytes).unwrap().ends_with("<a>é</a>"));
        let korean = b"<?xml version=\"1.0\" encoding=\"euc-kr\"?><a>\xc7\xd1</a>".to_vec();
        assert!(read(korean).unwrap().ends_with("<a>한</a>"));
    }

    #[test]
    fn a_text_is_decoded_by_its_mark_or_its_label() {
        let label = |head: &[u8]| head.starts_with(b"euc-kr").then(|| "euc-kr".to_owned());
        for (bytes, text) in [
            (&b"\xef\xbb\xbfa"[..], "a"),
            (b"\xff\xfea\0\0\xac", "a가"),
            (b"euc-kr \xc7\xd1", "euc-kr 한"),
            ("한".as_bytes(), "한"),
            (b"", ""),
        ] {
            let mut read = String::new();
            decode_text(Box::new(bytes), label).unwrap().read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
        assert!(decode_text(Box::new(&b"a"[..]), |_| Some("UTF-7".to_owned())).is_err());
    }

    #[test]
    fn half_a_character_is_an_error() {
        let mut bytes = utf16("\u{feff}<a>", true);
        bytes.push(0x41);
        assert!(read(bytes).unwrap_err().to_string().contains("UTF-16LE"));
        assert!(read(b"<?xml version=\"1.0\" encoding=\"shift_jis\"?>\xff".to_vec()).is_err());
    }

    #[test]
    fn text_before_wrong_bytes_is_returned_before_the_error() {
        let mut bytes = utf16("\u{feff}<a>one</a>", true);
        bytes.extend([0x00, 0xdc, b'<', 0]);
        let mut decoded = decode_xml(Box::new(io::Cursor::new(bytes))).unwrap().text;
        let mut text = vec![0; 100];
        let length = decoded.read(&mut text).unwrap();
        assert_eq!(&text[..length], b"<a>one</a>");
        assert!(decoded.read(&mut text).unwrap_err().to_string().contains("UTF-16LE"));
        assert!(decoded.read(&mut text).is_err());
    }

    #[test]
    fn an_unknown_encoding_is_not_read_as_utf_8() {
        for label in ["UTF-7", "x-unknown", "ISO-2022-KR", "x-user-defined", "UTF-32"] {
            let error = read(format!("<?xml version=\"1.0\" encoding=\"{label}\"?><a/>").into_bytes());
            assert!(error.unwrap_err().to_string().contains(&format!("{label:?}, which cannot be read")));
        }
        for mark in ["\u{feff}", ""] {
            let text = format!("{mark}<?xml version=\"1.0\"?><a/>");
            let little: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
            let big: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
            for bytes in [little, big] {
                assert!(read(bytes).unwrap_err().to_string().contains("\"UTF-32\", which cannot be read"));
            }
        }
    }
}
