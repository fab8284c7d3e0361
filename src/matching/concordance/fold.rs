//! Folding of texts for concordance search.

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::{
    ComposingNormalizer, ComposingNormalizerBorrowed, DecomposingNormalizer, DecomposingNormalizerBorrowed,
};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, Script};
use icu_properties::{
    CodePointMapData, CodePointMapDataBorrowed, CodePointSetData, CodePointSetDataBorrowed,
};

const FOLD: CaseMapperBorrowed<'static> = CaseMapper::new();
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();
const NFD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizer::new_nfd();
const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();
const SCRIPT: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::new();
const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

/// Separates the plain form of a text from the text as written. It cannot occur in either, because folding removes control
/// characters.
pub(super) const RAW_SEPARATOR: char = '\u{1f}';

/// Appends a text folded for searching: full case folding, accents off the letters of the Latin, Greek and Cyrillic scripts (a
/// Japanese voicing mark makes another letter and stays), invisible characters left out, runs of white space and of control
/// characters as one space. Its ends are not trimmed: a phrase can begin with a space.
pub fn fold_into(text: &str, out: &mut String) {
    let start = out.len();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let word = word(text, at);
        match word.fold {
            Fold::Nothing => out.push_str(&text[at..word.end]),
            Fold::Ascii => {
                let start = out.len();
                out.push_str(&text[at..word.end]);
                out[start..].make_ascii_lowercase();
            }
            Fold::Whole => fold_word(&text[at..word.end], out),
        }
        at = word.end;
        if at < bytes.len() {
            if out.len() == start || !out.ends_with(' ') {
                out.push(' ');
            }
            at = text[at..].find(|c| !separates(c)).map_or(bytes.len(), |length| at + length);
        }
    }
}

/// Whether a character is white space or a control character.
fn separates(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// A word: the text between two spaces.
struct Word {
    end: usize,
    fold: Fold,
}

/// The folding that a word needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fold {
    Nothing,
    Ascii,
    Whole,
}

/// The word that begins at a byte.
fn word(text: &str, start: usize) -> Word {
    let bytes = text.as_bytes();
    let (mut at, mut fold, mut is_ascii) = (start, Fold::Nothing, true);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'A'..=b'Z' => (at, fold) = (at + 1, fold.max(Fold::Ascii)),
            b'!'..=b'~' => at += 1,
            0..0x80 => break,
            _ => {
                let Some(c) = text[at..].chars().next().filter(|&c| !separates(c)) else { break };
                is_ascii = false;
                if !is_folded(c) {
                    fold = Fold::Whole;
                }
                at += c.len_utf8();
            }
        }
    }
    // A word with capitals and other characters is folded as a whole, because a mark can follow a letter.
    let fold = if fold == Fold::Ascii && !is_ascii { Fold::Whole } else { fold };
    Word { end: at, fold }
}

/// A text folded for searching: without case, accents, widths and runs of white space.
///
/// ```
/// assert_eq!(bitext::matching::concordance::fold("Éte\u{301} STRASSE/Straße  가"), "ete strasse/strasse 가");
/// ```
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Whether folding leaves a character as it is: Hangul syllables, ideographs, kana, small letters of ASCII.
pub(super) fn is_folded(c: char) -> bool {
    match c {
        'A'..='Z' => false,
        '\0'..='\u{7f}' => true,
        _ => {
            matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{4e00}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fe}')
        }
    }
}

fn fold_word(word: &str, out: &mut String) {
    let folded = FOLD.fold_string(word);
    let mut accented = false;
    let bare: String = NFD
        .normalize(&folded)
        .chars()
        .filter(|&c| {
            if c.is_ascii() {
                accented = c.is_ascii_alphabetic();
                return true;
            }
            if IGNORABLE.contains(c) {
                return false;
            }
            if CATEGORY.get(c) == GeneralCategory::NonspacingMark {
                return !accented;
            }
            accented = matches!(SCRIPT.get(c), Script::Latin | Script::Greek | Script::Cyrillic);
            true
        })
        .collect();
    out.push_str(&NFC.normalize(&bare));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_are_folded_where_readers_leave_them_out() {
        for (text, expected) in [
            ("Résumé", "resume"),
            ("İstanbul ISTANBUL", "istanbul istanbul"),
            ("Straße", "strasse"),
            ("Ёлка Άλφα", "елка αλφα"),
            ("がか ガ", "がか ガ"),
            ("か\u{3099}", "が"),
            ("한글 \u{1112}\u{1161}\u{11ab}", "한글 한"),
            ("हिन्दी", "हिन्दी"),
            ("a\u{200d}b co\u{ad}op", "ab coop"),
            (" a \t\u{a0} b\n", " a b "),
            ("x\u{0}\u{1f}y", "x y"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
            assert_eq!(fold(expected), expected, "folded twice: {text}");
        }
    }
}
