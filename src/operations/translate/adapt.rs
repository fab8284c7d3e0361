//! Adapts the translation of a similar text where it is certain: another number, or another address of a link.

use std::collections::HashMap;

use crate::model::Locale;

/// A part of a text that can be exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part<'t> {
    Number(&'t str),
    Address(&'t str),
}

/// Languages whose words do not change with a number beside them (CLDR: one plural category).
const WITHOUT_PLURAL: [&str; 8] = ["id", "ja", "ko", "ms", "th", "vi", "yue", "zh"];
/// Languages where they are the same for all numbers from 2 on (CLDR: the categories one and other, for whole numbers).
const WITH_ONE_PLURAL: [&str; 14] =
    ["bg", "da", "de", "el", "en", "et", "fi", "hu", "it", "nb", "nl", "no", "sv", "tr"];
/// Korean particles whose form depends on the sound of the number before them.
const KOREAN_PARTICLES: [char; 9] = ['은', '는', '이', '가', '을', '를', '과', '와', '으'];

/// The translation of a text, made of that of a source text which differs from it in numbers and addresses of links only. `None` unless each
/// of these occurs in the translation as often as in its source, so that no other place can be meant, and the words around a number do not
/// depend on it.
pub(super) fn adapted(text: &str, source: &str, target: &str, locale: &Locale) -> Option<String> {
    let (wanted, known) = (Parts::of(text), Parts::of(source));
    if wanted.rest != known.rest || wanted.parts.len() != known.parts.len() {
        return None;
    }
    let mut exchanged: HashMap<Part<'_>, Part<'_>> = HashMap::new();
    for (known, wanted) in known.parts.iter().zip(&wanted.parts) {
        if *exchanged.entry(*known).or_insert(*wanted) != *wanted {
            return None;
        }
    }
    exchanged.retain(|known, wanted| known != wanted);
    if exchanged.is_empty() {
        return None;
    }
    let found = Parts::of(target);
    let count = |parts: &[Part<'_>], part: &Part<'_>| parts.iter().filter(|other| *other == part).count();
    for (known_part, wanted) in &exchanged {
        if count(&found.parts, known_part) != count(&known.parts, known_part) {
            return None;
        }
        if let (Part::Number(one), Part::Number(other)) = (known_part, wanted)
            && !has_same_words(one, other, locale)
        {
            return None;
        }
    }
    let (mut result, mut at) = (String::with_capacity(target.len() + 16), 0);
    for (part, start) in found.parts.iter().zip(&found.starts) {
        let Some(new) = exchanged.get(part) else { continue };
        let end = start + part.text().len();
        let is_number = matches!(part, Part::Number(_));
        if is_number && locale.language() == "ko" && target[end..].starts_with(KOREAN_PARTICLES) {
            return None;
        }
        result.push_str(&target[at..*start]);
        result.push_str(new.text());
        at = end;
    }
    result.push_str(&target[at..]);
    Some(result)
}

/// Whether the words of a language are the same beside two numbers.
fn has_same_words(one: &str, other: &str, locale: &Locale) -> bool {
    let language = locale.language();
    let is_plural = |number: &str| number.parse::<u64>().is_ok_and(|number| number >= 2);
    WITHOUT_PLURAL.contains(&language)
        || WITH_ONE_PLURAL.contains(&language) && is_plural(one) && is_plural(other)
}

impl<'t> Part<'t> {
    fn text(self) -> &'t str {
        match self {
            Part::Number(text) | Part::Address(text) => text,
        }
    }
}

/// A text with its numbers and addresses taken out.
struct Parts<'t> {
    /// The text, with a mark in the place of each part.
    rest: String,
    parts: Vec<Part<'t>>,
    /// Where each begins.
    starts: Vec<usize>,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Parts<'t> {
        let bytes = text.as_bytes();
        let mut found =
            Parts { rest: String::with_capacity(text.len()), parts: Vec::new(), starts: Vec::new() };
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let (mut at, mut copied) = (0, 0);
        while at < bytes.len() {
            match bytes[at] {
                // Code stays as it is: what differs in it is another text.
                b'`' => at = code_end(bytes, at),
                b'(' if at > 0 && bytes[at - 1] == b']' => {
                    let start = at + 1;
                    let is_end = |&byte: &u8| matches!(byte, b')' | b'(' | b' ' | b'\t' | b'\n' | b'"');
                    let end = start + bytes[start..].iter().position(is_end).unwrap_or(0);
                    if bytes.get(end) != Some(&b'(') && end > start {
                        found.push((text, copied), start..end, Part::Address(&text[start..end]), '\u{1}');
                        copied = end;
                    }
                    at = end.max(start);
                }
                byte if is_word(byte) => {
                    let start = at;
                    while at < bytes.len()
                        && (is_word(bytes[at])
                            || matches!(bytes[at], b'.' | b',')
                                && bytes[at - 1].is_ascii_digit()
                                && bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
                    {
                        at += 1;
                    }
                    let word = &text[start..at];
                    if word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
                        found.push((text, copied), start..at, Part::Number(word), '\u{2}');
                        copied = at;
                    }
                }
                _ => at += 1,
            }
        }
        found.rest.push_str(&text[copied..]);
        found
    }

    fn push(
        &mut self,
        (text, copied): (&str, usize),
        range: std::ops::Range<usize>,
        part: Part<'t>,
        mark: char,
    ) {
        self.rest.push_str(&text[copied..range.start]);
        self.rest.push(mark);
        self.parts.push(part);
        self.starts.push(range.start);
    }
}

/// The end of the code span that begins with the backquotes at a position; the end of these if none closes it.
fn code_end(bytes: &[u8], start: usize) -> usize {
    let run = |from: usize| bytes[from..].iter().take_while(|&&byte| byte == b'`').count();
    let length = run(start);
    let mut at = start + length;
    while let Some(found) = memchr::memchr(b'`', &bytes[at..]) {
        let closing = run(at + found);
        at += found + closing;
        if closing == length {
            return at;
        }
    }
    start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapt(text: &str, source: &str, target: &str, locale: &str) -> Option<String> {
        adapted(text, source, target, &locale.parse().unwrap())
    }

    #[test]
    fn a_number_or_an_address_is_exchanged_where_only_one_place_can_be_meant() {
        let source = "Berth 7 is free for 3 days. See [the map](map.md).";
        let target = "7번 선석은 3일 동안 비어 있습니다. [지도](map.md)를 참조하세요.";
        assert_eq!(
            adapt("Berth 12 is free for 3 days. See [the map](../new.md).", source, target, "ko-KR")
                .as_deref(),
            Some("12번 선석은 3일 동안 비어 있습니다. [지도](../new.md)를 참조하세요.")
        );
        assert_eq!(
            adapt("Wait 20 days.", "Wait 10 days.", "Warten Sie 10 Tage.", "de-DE").as_deref(),
            Some("Warten Sie 20 Tage.")
        );
    }

    #[test]
    fn what_is_not_certain_is_not_adapted() {
        for (text, source, target, locale) in [
            ("Berth 8 is full.", "Berth 7 is free.", "7번 선석은 비어 있습니다.", "ko-KR"),
            ("Berth 8 is free.", "Berth 7 is free.", "일곱 번째 선석은 비어 있습니다.", "ko-KR"),
            ("Berth 8 is free.", "Berth 7 is free.", "7번 선석 (7)", "ko-KR"),
            ("Add 8.", "Add 7.", "7을 더합니다.", "ko-KR"),
            ("Wait 1 day.", "Wait 2 day.", "Warten Sie 2 Tage.", "de-DE"),
            ("Wait 5 days.", "Wait 2 days.", "Подождите 2 дня.", "ru-RU"),
            ("Run `a 8`.", "Run `a 7`.", "`a 7`을 실행합니다.", "ko-KR"),
            ("2 and 3", "1 and 1", "1 및 1", "ko-KR"),
            ("x86 is old.", "x64 is old.", "x64는 오래되었습니다.", "ko-KR"),
            ("Same.", "Same.", "같음.", "ko-KR"),
        ] {
            assert_eq!(adapt(text, source, target, locale), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_texts_are_compared(text in r"[\]\[(){}`a1. ,\u{ac00}]{0,24}", other in r"[\]\[()`a2. ,]{0,24}") {
            adapt(&text, &other, &text, "ko-KR");
        }
    }
}
