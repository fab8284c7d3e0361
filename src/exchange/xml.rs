//! Escapes text for XML 1.0 and leaves out the characters that XML cannot hold. Knows no format.

/// How a byte is escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    /// `<`, `>`, `&`: escaped everywhere.
    Markup,
    /// A carriage return: a reader would normalize it to a line feed, so it becomes a character reference.
    Return,
    /// Quote, tab and line feed: escaped in attributes only, where a reader would normalize the latter two to spaces.
    Attribute,
    /// A control character that XML 1.0 forbids even as a reference.
    Forbidden,
    /// The first byte of U+F000 to U+FFFF, of which U+FFFE and U+FFFF are forbidden.
    Last,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 0x20 {
        classes[byte] = Class::Forbidden;
        byte += 1;
    }
    classes[b'\t' as usize] = Class::Attribute;
    classes[b'\n' as usize] = Class::Attribute;
    classes[b'"' as usize] = Class::Attribute;
    classes[b'\r' as usize] = Class::Return;
    classes[b'<' as usize] = Class::Markup;
    classes[b'>' as usize] = Class::Markup;
    classes[b'&' as usize] = Class::Markup;
    classes[0xEF] = Class::Last;
    classes
};

/// Whether XML 1.0 can hold the character (production 2, `Char`).
pub fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether XML 1.0 can hold all of the text. Tests bytes, not characters, for speed: every exported text is tested.
pub fn can_hold(text: &str) -> bool {
    let bytes = text.as_bytes();
    if contains_none(bytes, |byte| (byte < 0x20) | (byte == 0xEF)) {
        return true;
    }
    bytes.iter().enumerate().all(|(at, &byte)| match CLASSES[byte as usize] {
        Class::Forbidden => false,
        Class::Last => !(bytes[at + 1] == 0xBF && bytes[at + 2] >= 0xBE),
        _ => true,
    })
}

/// Whether no byte is special. It reads all bytes without a branch, so the compiler makes vector instructions of it; most texts
/// need no other test.
fn contains_none(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> bool {
    !bytes.iter().fold(false, |found, &byte| found | is_special(byte))
}

/// Appends `text` as element content. Leaves out characters that XML cannot hold and returns their number.
pub fn push_text(out: &mut Vec<u8>, text: &str) -> u64 {
    push(out, text, false)
}

/// Appends `text` as the value of an attribute in double quotes. Returns the same as [`push_text`].
pub fn push_attribute(out: &mut Vec<u8>, text: &str) -> u64 {
    push(out, text, true)
}

fn push(out: &mut Vec<u8>, text: &str, attribute: bool) -> u64 {
    let bytes = text.as_bytes();
    let is_special = |byte: u8| {
        (byte < 0x20) | (byte == b'<') | (byte == b'>') | (byte == b'&') | (byte == b'"') | (byte == 0xEF)
    };
    if contains_none(bytes, is_special) {
        out.extend_from_slice(bytes);
        return 0;
    }
    let (mut kept, mut at, mut dropped) = (0, 0, 0);
    while at < bytes.len() {
        let (replacement, length): (&[u8], usize) = match CLASSES[bytes[at] as usize] {
            Class::Plain => {
                at += 1;
                continue;
            }
            Class::Markup => match bytes[at] {
                b'<' => (b"&lt;", 1),
                b'>' => (b"&gt;", 1),
                _ => (b"&amp;", 1),
            },
            Class::Return => (b"&#13;", 1),
            Class::Attribute if attribute => match bytes[at] {
                b'\t' => (b"&#9;", 1),
                b'\n' => (b"&#10;", 1),
                _ => (b"&quot;", 1),
            },
            Class::Last if bytes[at + 1] == 0xBF && bytes[at + 2] >= 0xBE => {
                dropped += 1;
                (b"", 3)
            }
            Class::Forbidden => {
                dropped += 1;
                (b"", 1)
            }
            Class::Attribute | Class::Last => {
                at += 1;
                continue;
            }
        };
        out.extend_from_slice(&bytes[kept..at]);
        out.extend_from_slice(replacement);
        at += length;
        kept = at;
    }
    out.extend_from_slice(&bytes[kept..]);
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(given: &str) -> (String, u64) {
        let mut out = Vec::new();
        let dropped = push_text(&mut out, given);
        (String::from_utf8(out).unwrap(), dropped)
    }

    #[test]
    fn markup_is_escaped_and_what_xml_cannot_hold_is_left_out() {
        for (given, escaped, dropped) in [
            ("List<T> & co", "List&lt;T&gt; &amp; co", 0),
            ("]]>", "]]&gt;", 0),
            ("a\rb\nc\td", "a&#13;b\nc\td", 0),
            ("\0a\u{1b}[31mb\u{c}", "a[31mb", 3),
            ("\u{feff}한\u{fffe}글\u{ffff}\u{fffd}\u{f8ff}", "\u{feff}한글\u{fffd}\u{f8ff}", 2),
            ("😀\u{10ffff}\u{85}", "😀\u{10ffff}\u{85}", 0),
        ] {
            assert_eq!(text(given), (escaped.to_string(), dropped), "{given:?}");
        }
    }

    #[test]
    fn white_space_and_quotes_survive_in_attributes() {
        let mut out = Vec::new();
        push_attribute(&mut out, "a\"b\n\t'c'");
        assert_eq!(out, b"a&quot;b&#10;&#9;'c'");
    }

    #[test]
    fn what_is_dropped_is_what_is_not_allowed() {
        for character in (0..=0x10FFFF).filter_map(char::from_u32) {
            let mut out = Vec::new();
            let dropped = push_text(&mut out, character.encode_utf8(&mut [0; 4]));
            assert_eq!(dropped == 0, is_allowed(character), "{character:?}");
            assert_eq!(can_hold(character.encode_utf8(&mut [0; 4])), is_allowed(character), "{character:?}");
        }
    }
}
