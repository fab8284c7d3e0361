//! What two texts in different languages can have in common: anchors, names, and the tokens of a dictionary. All are hashes.

use std::hash::BuildHasher as _;

use foldhash::quality::FixedState;

use super::transliteration;

/// The hash of something that is equal in both languages, or of a token.
pub(super) type Key = u64;

/// The lowest bit is set in the key of a number.
fn hash(class: u8, text: &str) -> Key {
    let key = FixedState::with_seed(u64::from(class)).hash_one(text.as_bytes());
    if class == NUMBER { key | 1 } else { key & !1 }
}

/// Whether a key is one of a number.
pub(super) fn is_number(key: Key) -> bool {
    key & 1 == 1
}

const CODE: u8 = 1;
const ADDRESS: u8 = 2;
const NUMBER: u8 = 3;
const NAME: u8 = 4;
const TOKEN: u8 = 5;
const BLOCK: u8 = 6;

/// The key of a code span, by its letters and digits.
pub(super) fn code(text: &str) -> Key {
    let content: String = text.chars().filter(|c| !c.is_whitespace() && *c != '`').collect();
    hash(CODE, &content)
}

/// The key of a code block. Comments are left out, because they are translated.
pub(super) fn code_block(text: &str) -> Key {
    let mut content = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ', '\t']);
        if ["#", "//", "--", "/*", "*", ";", "<!--", "```", "~~~"].iter().any(|mark| line.starts_with(mark)) {
            continue;
        }
        let end = [" //", " #", " --", " <!--"].iter().filter_map(|mark| line.find(mark)).min();
        content.extend(line[..end.unwrap_or(line.len())].chars().filter(char::is_ascii_alphanumeric));
    }
    hash(BLOCK, &content)
}

/// The key of the address of a link or image: its last two names, without anchor, query, ending and names of locales.
pub(super) fn address(text: &str) -> Key {
    let text = text.trim_start_matches(['<', '(', '!', '[']);
    let text = text.split([' ', '"', '>', ')', '#', '?']).next().unwrap_or_default();
    let mut names = text.trim_end_matches('/').rsplit('/').filter(|name| !is_locale(name));
    let last = names.next().unwrap_or_default();
    let before = names.next().filter(|name| !matches!(*name, "." | ".." | "")).unwrap_or_default();
    let last = last
        .rsplit_once('.')
        .filter(|(stem, end)| !stem.is_empty() && end.len() <= 4)
        .map_or(last, |(stem, _)| stem);
    // `page.ja.md` and `page.md`.
    let last = last.rsplit_once('.').filter(|(_, end)| is_locale(end)).map_or(last, |(stem, _)| stem);
    hash(ADDRESS, &format!("{before}/{last}").to_ascii_lowercase())
}

/// `ko`, `ko-kr` and the like.
fn is_locale(name: &str) -> bool {
    let mut parts = name.split(['-', '_']);
    let is_part = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic())
    };
    let language = parts.next().is_some_and(|part| is_part(part, 2..=2));
    let mut regions = 0;
    language
        && parts.all(|part| {
            regions += 1;
            is_part(part, 2..=4)
        })
        && regions <= 2
}

/// The script of a letter, as far as tokens depend on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Words are written with spaces between them.
    Word,
    Hangul,
    /// Words are written without spaces.
    Unspaced,
    Other,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' => Class::Word,
        '\u{0}'..='\u{7f}' => Class::Other,
        '\u{ac00}'..='\u{d7a3}' => Class::Hangul,
        '\u{3041}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{e01}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{20000}'..='\u{3ffff}' => Class::Unspaced,
        _ if c.is_alphanumeric() => Class::Word,
        _ => Class::Other,
    }
}

/// Whether a character is of a script that writes words without spaces between them.
pub(super) fn is_unspaced(c: char) -> bool {
    class(c) == Class::Unspaced
}

/// Receives the keys of a text.
pub(super) trait Sink {
    /// A number.
    fn number(&mut self, key: Key);
    /// A word in Latin letters that can be equal in both languages.
    fn name(&mut self, key: Key);
    /// A token of the dictionary.
    fn token(&mut self, key: Key);
    /// A name as it sounds, or a word of another script that may be one.
    fn sound(&mut self, key: Key);
}

/// The letters of a word that count: enough for a stem, in languages that inflect words.
const STEM: usize = 5;
/// The same in Korean, where particles follow a noun.
const STEM_OF_HANGUL: usize = 2;

/// Finds the keys of a plain text.
///
/// A token is the beginning of a word, in lower case; in scripts without spaces, a pair of characters. Names are words with a capital
/// letter or a digit, or, where the language is not written in Latin letters, all words in these.
pub(super) fn read(text: &str, is_latin: bool, sink: &mut impl Sink) {
    let mut chars = text.char_indices().peekable();
    let mut token = String::with_capacity(16);
    while let Some((at, c)) = chars.next() {
        if let Some(digit) = digit(c) {
            token.clear();
            token.push(digit);
            let mut end = at + c.len_utf8();
            while let Some(&(at, next)) = chars.peek() {
                match self::digit(next) {
                    Some(digit) => token.push(digit),
                    // `1,000` and `1.000`, but not `1, 2`.
                    None if matches!(next, ',' | '.' | '\u{a0}' | '\u{202f}')
                        && text[at + next.len_utf8()..].starts_with(|c: char| self::digit(c).is_some()) => {}
                    None => break,
                }
                chars.next();
                end = at + next.len_utf8();
            }
            let is_in_word =
                text[..at].ends_with(char::is_alphabetic) || text[end..].starts_with(char::is_alphabetic);
            if !is_in_word || !is_latin {
                sink.number(hash(NUMBER, &token));
            }
            continue;
        }
        let kind = class(c);
        if kind == Class::Other {
            continue;
        }
        let start = at;
        let mut end = at + c.len_utf8();
        let mut before = c;
        let mut pairs = 0;
        while let Some((at, next)) = chars.next_if(|&(_, next)| {
            class(next) == kind || (kind == Class::Word && (next.is_ascii_digit() || is_mark(next)))
        }) {
            if kind == Class::Unspaced {
                token.clear();
                token.extend([before, next]);
                sink.token(hash(TOKEN, &token));
                pairs += 1;
            }
            before = next;
            end = at + next.len_utf8();
        }
        let word = &text[start..end];
        if kind == Class::Unspaced {
            words_of_katakana(word).for_each(|word| transliteration::of_word(word, |key| sink.sound(key)));
        }
        match kind {
            Class::Unspaced if pairs > 0 => {}
            Class::Unspaced => sink.token(hash(TOKEN, word)),
            Class::Hangul => {
                sink.token(hash(TOKEN, first(word, STEM_OF_HANGUL)));
                transliteration::of_word(word, |key| sink.sound(key));
            }
            Class::Word | Class::Other => {
                token.clear();
                token.extend(first(word, STEM).chars().flat_map(char::to_lowercase));
                sink.token(hash(TOKEN, &token));
                let is_word_of_latin = word.len() > 1 && word.is_ascii();
                let looks_like_name = word.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
                if is_word_of_latin && (!is_latin || looks_like_name) {
                    sink.name(hash(NAME, &word.to_ascii_lowercase()));
                }
                if !is_latin {
                    match word.is_ascii() {
                        true => transliteration::of_name(word, |key| sink.sound(key)),
                        false => transliteration::of_word(word, |key| sink.sound(key)),
                    }
                }
            }
        }
    }
}

/// The parts of a text in Katakana, in which Japanese writes foreign words.
fn words_of_katakana(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !matches!(c, '\u{30a1}'..='\u{30fa}' | '\u{30fc}')).filter(|word| !word.is_empty())
}

/// A combining mark, as in Indic and Arabic words.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}')
}

fn first(word: &str, count: usize) -> &str {
    word.char_indices().nth(count).map_or(word, |(end, _)| &word[..end])
}

/// The ASCII digit of a decimal digit of the scripts of documentation.
fn digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{966}'..='\u{96f}' => '\u{966}',
        _ => return None,
    };
    char::from_digit(c as u32 - zero as u32, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Found {
        numbers: Vec<Key>,
        names: Vec<Key>,
        tokens: usize,
    }

    impl Sink for Found {
        fn number(&mut self, key: Key) {
            self.numbers.push(key);
        }
        fn name(&mut self, key: Key) {
            self.names.push(key);
        }
        fn token(&mut self, _: Key) {
            self.tokens += 1;
        }
        fn sound(&mut self, _: Key) {}
    }

    fn found(text: &str, is_latin: bool) -> Found {
        let mut found = Found::default();
        read(text, is_latin, &mut found);
        found
    }

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        for (one, other) in
            [("1,000 berths", "1.000 Liegeplätze"), ("10 berths", "１０のバース"), ("5 days", "٥ أيام")]
        {
            assert_eq!(found(one, true).numbers, found(other, false).numbers, "{one}");
        }
        assert_eq!(found("1, 2 and 3", true).numbers.len(), 3);
    }

    #[test]
    fn names_are_words_in_latin_letters() {
        assert_eq!(
            found("Visual Studio를 엽니다", false).names,
            found("Open Visual Studio", true).names[1..]
        );
        assert_eq!(found("open the port", true).names.len(), 0);
        assert_eq!(found("port를 엽니다", false).names.len(), 1);
    }

    #[test]
    fn tokens_are_stems_or_pairs_of_characters() {
        assert_eq!(found("the berths", true).tokens, 2);
        assert_eq!(found("港は開いて", false).tokens, 4);
        assert_eq!(found("선석을 예약", false).tokens, 2);
    }

    #[test]
    fn addresses_are_equal_in_all_locales() {
        for (one, other) in [
            ("](/en-us/azure/berths)", "](/ko-kr/azure/berths)"),
            ("](../a/map.md#x)", "](./a/map.md#y)"),
            ("](/docs/page/)", "](/ja/docs/page)"),
            ("](page.md)", "](page.ja.md)"),
        ] {
            let key = |link: &str| address(link.trim_start_matches(']'));
            assert_eq!(key(one), key(other), "{one}");
        }
        assert_ne!(address("(a/map.md)"), address("(a/plan.md)"));
        assert!(!is_locale("docs") && is_locale("zh-hans-cn") && is_locale("pt_BR"));
    }
}
