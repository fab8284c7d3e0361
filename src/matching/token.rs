//! The tokens of a plain form, over which the score is computed.

use std::borrow::Cow;
use std::ops::Range;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, Script};
use icu_properties::script::ScriptWithExtensions;
use icu_properties::{
    CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed,
};

const FOLD: CaseMapperBorrowed<'static> = CaseMapper::new();
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();
const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();
const SCRIPT: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::new();
const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

/// Scripts written without spaces: every letter is a token.
const UNSPACED: [Script; 7] = [
    Script::Han,
    Script::Hiragana,
    Script::Katakana,
    Script::Thai,
    Script::Lao,
    Script::Khmer,
    Script::Myanmar,
];

/// The effect of a character on tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Letters, digits and `_`: a run of them is a token.
    Run,
    /// A token of its own.
    Single,
    /// A combining mark: belongs to the character before it.
    Mark,
    /// Separates tokens.
    Space,
    /// Invisible: has no effect.
    Ignored,
}

/// The classes of ASCII.
const ASCII: [Class; 128] = {
    let mut classes = [Class::Space; 128];
    let mut byte = b'!';
    while byte <= b'~' {
        let runs = byte.is_ascii_alphanumeric() || byte == b'_';
        classes[byte as usize] = if runs { Class::Run } else { Class::Single };
        byte += 1;
    }
    classes
};

fn class(c: char) -> Class {
    match c {
        '\0'..='\u{7f}' => ASCII[c as usize],
        '\u{ac00}'..='\u{d7a3}' => Class::Run,
        '\u{4e00}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30ff}' => Class::Single,
        '\u{200b}' => Class::Space,
        _ => rare_class(c),
    }
}

/// Whether there is no word boundary between two characters.
pub(super) fn is_within_word(before: char, after: char) -> bool {
    class(before) == Class::Run && matches!(class(after), Class::Run | Class::Mark)
        || class(after) == Class::Mark
}

fn rare_class(c: char) -> Class {
    use GeneralCategory as Gc;
    match CATEGORY.get(c) {
        _ if IGNORABLE.contains(c) => Class::Ignored,
        Gc::Control | Gc::SpaceSeparator | Gc::LineSeparator | Gc::ParagraphSeparator => Class::Space,
        Gc::NonspacingMark | Gc::SpacingMark | Gc::EnclosingMark => Class::Mark,
        Gc::UppercaseLetter
        | Gc::LowercaseLetter
        | Gc::TitlecaseLetter
        | Gc::ModifierLetter
        | Gc::OtherLetter
        | Gc::LetterNumber => match SCRIPT.get(c) {
            // The Japanese length mark is in two of these scripts, so its script is `Common`.
            Script::Common | Script::Inherited if extends_to_unspaced(c) => Class::Single,
            script if UNSPACED.contains(&script) => Class::Single,
            _ => Class::Run,
        },
        Gc::DecimalNumber | Gc::OtherNumber => Class::Run,
        _ => Class::Single,
    }
}

fn extends_to_unspaced(c: char) -> bool {
    let scripts = ScriptWithExtensions::new();
    UNSPACED.iter().any(|&script| scripts.has_script(c, script))
}

/// The byte ranges of the tokens of a plain form, in order: runs of letters, digits and `_`; every letter of a script that is
/// written without spaces; every other visible character. A combining mark belongs to the character before it.
///
/// ```
/// let text = "List<int>를 씁니다.";
/// let tokens: Vec<&str> = bitext::matching::token_ranges(text).map(|range| &text[range]).collect();
/// assert_eq!(tokens, ["List", "<", "int", ">", "를", "씁니다", "."]);
/// ```
pub fn token_ranges(plain: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (start, first) = loop {
            let (class, length) = class_at(plain, at)?;
            at += length;
            match class {
                Class::Space | Class::Ignored => {}
                found => break (at - length, found),
            }
        };
        let mut end = at;
        while let Some((class, length)) = class_at(plain, at) {
            match class {
                Class::Mark => end = at + length,
                Class::Run if first == Class::Run => end = at + length,
                Class::Ignored => {}
                _ => break,
            }
            at += length;
        }
        Some(start..end)
    })
}

/// The class of the character at a byte, and its length in bytes; `None` at the end.
fn class_at(text: &str, at: usize) -> Option<(Class, usize)> {
    let &byte = text.as_bytes().get(at)?;
    if byte < 0x80 {
        return Some((ASCII[usize::from(byte)], 1));
    }
    let c = text[at..].chars().next()?;
    Some((class(c), c.len_utf8()))
}

/// A token as it is compared: full case folding (Unicode, CaseFolding.txt, C and F: `ß` is `ss`), invisible characters left
/// out, normalization form C.
pub fn folded(token: &str) -> Cow<'_, str> {
    if token.is_ascii() {
        return if token.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(token.to_ascii_lowercase())
        } else {
            Cow::Borrowed(token)
        };
    }
    let caseless = |c: char| matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{4e00}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30ff}' | 'a'..='z' | '0'..='9');
    if token.chars().all(caseless) {
        return Cow::Borrowed(token);
    }
    let visible = visible(token);
    let folded = FOLD.fold_string(&visible);
    Cow::Owned(NFC.normalize(&folded).into_owned())
}

/// A token without its invisible characters.
pub(super) fn visible(token: &str) -> String {
    token.chars().filter(|&c| !IGNORABLE.contains(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        token_ranges(text).map(|range| folded(&text[range]).into_owned()).collect()
    }

    #[test]
    fn tokens_are_words_and_other_visible_characters() {
        for (text, expected) in [
            ("Save the file.", "save|the|file|."),
            ("$_.Name -eq 3", "$|_|.|name|-|eq|3"),
            ("snake_case2", "snake_case2"),
            ("List<String>를", "list|<|string|>|를"),
            ("파일을 저장합니다.", "파일을|저장합니다|."),
            ("中文abc字", "中|文|abc|字"),
            ("ファイルー々〇", "フ|ァ|イ|ル|ー|々|〇"),
            ("ภาษาไทย", "ภ|า|ษ|า|ไ|ท|ย"),
            ("ที่", "ที่"),
            ("ខ្មែរ", "ខ្|មែ|រ"),
            ("한국어2개", "한국어2개"),
            ("हिन्दी में", "हिन्दी|में"),
            ("e\u{301}te\u{301}", "\u{e9}t\u{e9}"),
            ("İ ß ΣΑΣ", "i\u{307}|ss|σασ"),
            ("co\u{ad}op zero\u{200b}width", "coop|zero|width"),
            ("⚠\u{fe0f} ½ x²", "⚠|½|x²"),
            ("  \u{301}a", "\u{301}|a"),
            ("\u{200e}\u{0}", ""),
        ] {
            assert_eq!(tokens(text).join("|"), expected, "{text}");
        }
    }
}
