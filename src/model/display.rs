//! Characters that must not reach a terminal as they are.

/// Whether a character moves the cursor, colours, hides or reorders the text around it: control characters, line and paragraph
/// separators, marks of the reading direction, and invisible format characters.
///
/// Joiners and soft hyphens are not among them, because words need them.
pub fn is_unsafe_to_show(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Whether a text holds such a character. Tests bytes without a branch, so that the compiler makes vector instructions of it:
/// every exported text is tested.
pub fn holds_unsafe_to_show(text: &str) -> bool {
    let is_start = |a: u8, b: u8, c: u8| {
        (a < 0x20)
            | (a == 0x7f)
            | ((a == 0xc2) & (b < 0xa0))
            | ((a == 0xd8) & (b == 0x9c))
            | ((a == 0xe2) & (b == 0x80) & ((c & 0xfe == 0x8e) | (0xa8..=0xae).contains(&c)))
            | ((a == 0xe2) & (b == 0x81) & (0xa6..=0xa9).contains(&c))
            | ((a == 0xef) & (b == 0xbb) & (c == 0xbf))
            | ((a == 0xef) & (b == 0xbf) & (0xb9..=0xbb).contains(&c))
            | ((a == 0xf3) & (b == 0xa0) & (c & 0xfe == 0x80))
    };
    let bytes = text.as_bytes();
    // Most texts hold none of the bytes with which such a character begins, and this test of single bytes is the faster one.
    let can_begin = |b: u8| (b < 0x20) | matches!(b, 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef | 0xf3);
    if !bytes.iter().fold(false, |any, &byte| any | can_begin(byte)) {
        return false;
    }
    let last = match *bytes {
        [] => false,
        [a] => is_start(a, 0xff, 0),
        [.., a, b] => is_start(a, b, 0) | is_start(b, 0xff, 0),
    };
    last | bytes.windows(3).fold(false, |any, three| any | is_start(three[0], three[1], three[2]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_of_bytes_agrees_with_the_test_of_each_character() {
        let mut text = String::new();
        for character in (0..=0x10FFFF).filter_map(char::from_u32) {
            for (before, after) in [("", ""), ("a", "b"), ("한", "한"), ("é", "")] {
                text.clear();
                text.extend([before, character.encode_utf8(&mut [0; 4]), after]);
                assert_eq!(holds_unsafe_to_show(&text), is_unsafe_to_show(character), "{character:?}");
            }
        }
        assert!(!holds_unsafe_to_show(""));
    }
}
