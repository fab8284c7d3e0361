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

/// Whether a text holds such a character. Every exported text is tested, so single bytes are tested first, without a branch: the
/// compiler makes vector instructions of it. The sequences that begin with one of these bytes are few.
pub fn holds_unsafe_to_show(text: &str) -> bool {
    let bytes = text.as_bytes();
    // 0xC2 and 0xE2 differ in one bit.
    let can_begin = |b: u8| (b < 0x20) | (b == 0x7f) | (b & 0xdf == 0xc2) | matches!(b, 0xd8 | 0xef | 0xf3);
    if !bytes.iter().fold(false, |any, &byte| any | can_begin(byte)) {
        return false;
    }
    let is_unsafe = |at: usize| text[at..].chars().next().is_some_and(is_unsafe_to_show);
    bytes.iter().fold(false, |any, &byte| any | (byte < 0x20) | (byte == 0x7f))
        || memchr::memchr3_iter(0xc2, 0xe2, 0xef, bytes).any(is_unsafe)
        || memchr::memchr2_iter(0xd8, 0xf3, bytes).any(is_unsafe)
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
