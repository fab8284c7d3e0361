//! The volume of a text: its words and its characters, as translators count them.
//!
//! A word is a stretch between two word boundaries (Unicode Standard Annex 29, section 4) that has a letter or a digit, as in GMX-V 2.0
//! (Global Information Management Metrics eXchange, Volume; section 2.8). Characters are counted without white space, as in GMX-V.
//! Inline codes have no words: neither marks and tags, nor the address of a link, nor the content of a code span.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::markup::{Code, PieceKind, pieces};

use super::srx::PLACEHOLDER;

/// The volume of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Words.
    pub words: u32,
    /// Characters that are not white space.
    pub characters: u32,
}

/// Whether there is anything to translate in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// It has a letter outside inline codes.
    Text,
    /// It has digits and no letter.
    Numbers,
    /// It has inline codes or symbols alone.
    Code,
}

/// Measures the text of a segment, as written in Markdown.
///
/// ```
/// use bitext::segmentation::{Content, measure};
/// let (volume, content) = measure("Don't run `Get-Item` on **3.5** drives.");
/// assert_eq!((volume.words, content), (5, Content::Text));
/// assert_eq!(measure("`a` / `b`").1, Content::Code);
/// assert_eq!(measure("(1)").1, Content::Numbers);
/// ```
pub fn measure(text: &str) -> (Volume, Content) {
    let mut visible = String::with_capacity(text.len());
    let mut codes = 0_usize;
    for piece in pieces(text) {
        match &piece.kind {
            PieceKind::Open { code: Code::CodeSpan, .. } => {
                codes += 1;
                // Separates the words on its two sides.
                visible.push(PLACEHOLDER);
            }
            PieceKind::Close { code: Code::CodeSpan, .. } => codes = codes.saturating_sub(1),
            _ if codes > 0 => {}
            PieceKind::Text => visible.push_str(piece.raw),
            PieceKind::Escape(means) => visible.push_str(means),
            PieceKind::Entity(means) => visible.push_str(means),
            PieceKind::Open { code, .. } | PieceKind::Close { code, .. } | PieceKind::Alone(code) => {
                if code.breaks_text() {
                    visible.push(' ');
                } else if matches!(piece.kind, PieceKind::Alone(_)) {
                    visible.push(PLACEHOLDER);
                }
            }
        }
    }
    let (mut characters, mut has_letter, mut has_digit) = (0_u32, false, false);
    for character in visible.chars().filter(|&c| !c.is_whitespace() && c != PLACEHOLDER) {
        characters = characters.saturating_add(1);
        has_letter |= character.is_alphabetic();
        has_digit |= character.is_numeric();
    }
    let words = u32::try_from(visible.unicode_words().count()).unwrap_or(u32::MAX);
    let content = match (has_letter, has_digit) {
        (true, _) => Content::Text,
        (false, true) => Content::Numbers,
        (false, false) => Content::Code,
    };
    (Volume { words, characters }, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_reader() {
        for (text, words, characters, content) in [
            ("", 0, 0, Content::Code),
            ("Book a berth.", 3, 11, Content::Text),
            ("can't stop", 2, 9, Content::Text),
            ("read-only file", 3, 13, Content::Text),
            ("version 3.14 of 1,000", 4, 18, Content::Text),
            ("**bo**ld [link](https://example.com/a/b)", 2, 8, Content::Text),
            ("Run `Get-Item -Path x` now", 2, 6, Content::Text),
            ("a<br>b", 2, 2, Content::Text),
            ("a&nbsp;b &amp; c", 3, 4, Content::Text),
            ("![A map](map.png)", 2, 4, Content::Text),
            ("<xref:System.String>", 0, 0, Content::Code),
            ("`a`, `b`", 0, 1, Content::Code),
            ("2024-01-02", 3, 10, Content::Numbers),
            ("港口开放。", 4, 5, Content::Text),
            ("선석을 예약합니다.", 2, 9, Content::Text),
        ] {
            let (volume, found) = measure(text);
            assert_eq!((volume.words, volume.characters, found), (words, characters, content), "{text:?}");
        }
    }
}
