//! Whether a text is written in the script of a locale.

use crate::matching::script_of;
use crate::model::Locale;

/// Counts of letters by script.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Letters([u64; SCRIPTS.len()]);

/// Scripts by their ISO 15924 codes, with the name of what is written in them.
const SCRIPTS: [(&str, &str); 12] = [
    ("Latn", "Latin letters"),
    ("Cyrl", "Cyrillic letters"),
    ("Grek", "Greek letters"),
    ("Arab", "Arabic letters"),
    ("Hebr", "Hebrew letters"),
    ("Deva", "Devanagari"),
    ("Thai", "Thai letters"),
    ("Kore", "Korean letters"),
    ("Jpan", "Japanese letters"),
    ("Hans", "Chinese characters"),
    ("Armn", "Armenian letters"),
    ("Geor", "Georgian letters"),
];
const LATIN: usize = 0;
const JAPANESE: usize = 8;
const CHINESE: usize = 9;

/// So many letters have to be there for a judgement.
const LETTERS: u64 = 200;

fn index(c: char) -> Option<usize> {
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => LATIN,
        '\u{370}'..='\u{3ff}' => 2,
        '\u{400}'..='\u{52f}' => 1,
        '\u{531}'..='\u{58a}' => 10,
        '\u{5d0}'..='\u{5ea}' => 4,
        '\u{620}'..='\u{6ff}' => 3,
        '\u{900}'..='\u{97f}' => 5,
        '\u{e01}'..='\u{e5b}' => 6,
        '\u{10a0}'..='\u{10ff}' => 11,
        '\u{ac00}'..='\u{d7a3}' => 7,
        '\u{3041}'..='\u{30fa}' => JAPANESE,
        '\u{3400}'..='\u{9fff}' => CHINESE,
        _ => return None,
    })
}

impl Letters {
    /// Adds a text.
    pub fn add(&mut self, text: &str) {
        for found in text.chars().filter_map(index) {
            self.0[found] += 1;
        }
    }

    /// What the text is written in instead of the script of a locale; `None` if it can be in that one.
    ///
    /// Documentation has many words in Latin letters, so a tenth of the letters in the other script is enough for that script. Kana make a
    /// text Japanese, and not Chinese: a tenth of the characters at least.
    pub fn other_than(&self, locale: &Locale) -> Option<&'static str> {
        let script = script_of(locale)?;
        let script = if script == "Hant" { "Hans".to_owned() } else { script };
        let wanted = SCRIPTS.iter().position(|(code, _)| *code == script)?;
        let all: u64 = self.0.iter().sum();
        if all < LETTERS {
            return None;
        }
        let (kana, han) = (self.0[JAPANESE], self.0[CHINESE]);
        let is_japanese = kana * 10 > kana + han;
        let mut counts = self.0;
        let east = if is_japanese { JAPANESE } else { CHINESE };
        (counts[JAPANESE], counts[CHINESE]) = (0, 0);
        counts[east] = kana + han;
        let others = counts.iter().enumerate().skip(1).max_by_key(|&(_, count)| count);
        let found = match others {
            Some((other, count)) if count * 10 >= all => other,
            _ => LATIN,
        };
        (found != wanted).then_some(SCRIPTS[found].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_another_script_is_seen() {
        let found = |text: &str, locale: &str| {
            let mut letters = Letters::default();
            (0..100).for_each(|_| letters.add(text));
            letters.other_than(&locale.parse().unwrap())
        };
        assert_eq!(found("Open the port", "de-DE"), None);
        assert_eq!(found("Open the port", "ko-KR"), Some("Latin letters"));
        assert_eq!(found("Visual Studio를 엽니다", "ko-KR"), None);
        assert_eq!(found("港を開きます", "ja-JP"), None);
        assert_eq!(found("港を開きます", "zh-CN"), Some("Japanese letters"));
        assert_eq!(found("打开港口", "zh-TW"), None);
        assert_eq!(found("打开港口", "ja-JP"), Some("Chinese characters"));
        assert_eq!(found("Откройте порт", "fr-FR"), Some("Cyrillic letters"));
        assert_eq!(found("Откройте порт", "sr-RS"), None);
    }
}
