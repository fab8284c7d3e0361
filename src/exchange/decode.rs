//! Decodes XML files of any encoding to a stream of UTF-8.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The bytes at the start of a file that are searched for an encoding declaration.
const LOOK_AHEAD: usize = 512;

/// Decodes an XML file to UTF-8 without a byte-order mark.
///
/// The encoding is found as in XML 1.0, appendix F: by the byte-order mark, else by the zeros of UTF-16, else by the XML
/// declaration, else it is UTF-8. UTF-8 is passed through unchecked: the XML reader checks it.
pub fn xml_as_utf8<'a>(mut input: Box<dyn Read + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::with_capacity(LOOK_AHEAD);
    input.by_ref().take(LOOK_AHEAD as u64).read_to_end(&mut head)?;
    let (encoding, mark) = match Encoding::for_bom(&head) {
        Some((encoding, mark)) => (encoding, mark),
        None => (declared(&head), 0),
    };
    let rest = io::Cursor::new(head.split_off(mark)).chain(input);
    Ok(if encoding == UTF_8 { Box::new(rest) } else { Box::new(Decoding::new(rest, encoding)) })
}

fn declared(head: &[u8]) -> &'static Encoding {
    match head {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let head = String::from_utf8_lossy(head);
    let label = head
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .and_then(|(declaration, _)| declaration.split_once("encoding"))
        .map(|(_, value)| value.trim_start_matches(|c: char| c == '=' || c.is_whitespace()))
        .and_then(|value| value.split(['"', '\'']).nth(1));
    // The declaration was readable as ASCII, so it is wrong if it states UTF-16.
    let encoding = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    encoding.filter(|encoding| !encoding.name().starts_with("UTF-16")).unwrap_or(UTF_8)
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
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.consumed = 0;
        self.text.clear();
        while self.text.is_empty() && !self.ended {
            self.raw.clear();
            self.ended = self.input.by_ref().take(1 << 15).read_to_end(&mut self.raw)? == 0;
            let capacity =
                self.decoder.max_utf8_buffer_length_without_replacement(self.raw.len()).unwrap_or(1 << 18);
            self.text.resize(capacity, 0);
            let (result, _, written) =
                self.decoder.decode_to_utf8_without_replacement(&self.raw, &mut self.text, self.ended);
            self.text.truncate(written);
            if let DecoderResult::Malformed(..) = result {
                let reason = format!("bytes that are no text in {}", self.name);
                return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
            }
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
        xml_as_utf8(Box::new(io::Cursor::new(bytes)))?.read_to_string(&mut text)?;
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
    fn half_a_character_is_an_error() {
        let mut bytes = utf16("\u{feff}<a>", true);
        bytes.push(0x41);
        assert!(read(bytes).unwrap_err().to_string().contains("UTF-16LE"));
        assert!(read(b"<?xml version=\"1.0\" encoding=\"shift_jis\"?>\xff".to_vec()).is_err());
    }
}
