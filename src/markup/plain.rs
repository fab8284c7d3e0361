//! The plain form of a text: the text without its inline codes.

use std::borrow::Cow;
use std::ops::Range;

use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};

use super::piece::{Code, PieceKind};
use super::scan::{has_markup, pieces};

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();

/// The plain form of a segment's text: inline codes removed (one that breaks the line, such as `<br>`, becomes a space), escapes
/// and entities resolved, white space folded to single spaces and trimmed, Unicode normalization form C. A text of codes only,
/// such as `<xref:…>`, is returned as written.
///
/// ```
/// assert_eq!(bitext::markup::plain("**Save** [as](a.md) &gt; \\*"), "Save as > *");
/// ```
pub fn plain(text: &str) -> Cow<'_, str> {
    if !has_markup(text) {
        return normalized(folded(text));
    }
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match &piece.kind {
            PieceKind::Text => out.push_str(piece.raw),
            PieceKind::Escape(means) => out.push_str(means),
            PieceKind::Entity(means) => out.push_str(means),
            PieceKind::Open { code, .. } | PieceKind::Close { code, .. } | PieceKind::Alone(code) => {
                push_break(&mut out, code)
            }
        }
    }
    let out = match folded(&out) {
        Cow::Borrowed(same) if same.len() == out.len() => out,
        Cow::Borrowed(part) => part.to_owned(),
        Cow::Owned(folded) => folded,
    };
    if out.is_empty() { normalized(folded(text)) } else { normalized(Cow::Owned(out)) }
}

fn push_break(out: &mut String, code: &Code<'_>) {
    if code.breaks_text() {
        out.push(' ');
    }
}

fn normalized(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() || NFC.is_normalized(&text) {
        text
    } else {
        Cow::Owned(NFC.normalize(&text).into_owned())
    }
}

/// Folds runs of white space to one space and trims. Borrows if nothing changes.
pub fn folded(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if !has_other_space(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

/// Whether there is white space other than single spaces.
fn has_other_space(text: &str) -> bool {
    let mut spaced = false;
    text.bytes().enumerate().any(|(at, byte)| {
        let again = spaced && byte == b' ';
        spaced = byte == b' ';
        match byte {
            b' ' => again,
            0..0x80 => byte.is_ascii_whitespace() || byte == 0x0b,
            // All white space outside ASCII begins with one of these: U+0085, U+00A0, U+1680, U+2000 to U+205F, U+3000.
            0xC2 | 0xE1..=0xE3 => text[at..].starts_with(char::is_whitespace),
            _ => false,
        }
    })
}

/// Maps byte ranges of a plain form to the text as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainMap {
    /// For each stretch: its start in the plain form, and its bytes in the text. Ascending, without gaps.
    stretches: Vec<(usize, Range<usize>)>,
    length: usize,
}

impl PlainMap {
    /// The bytes of the text that a range of the plain form comes from. Inline codes inside it are included, those at its ends
    /// are not.
    pub fn raw(&self, plain: Range<usize>) -> Range<usize> {
        let at =
            |offset: usize| self.stretches.partition_point(|(start, _)| *start <= offset).saturating_sub(1);
        let Some((_, first)) = self.stretches.get(at(plain.start)) else { return 0..0 };
        if plain.is_empty() {
            return first.start..first.start;
        }
        let last = &self.stretches[at(plain.end.min(self.length).saturating_sub(1))].1;
        first.start..last.end
    }
}

/// The plain form with its map to the text. Slower than [`plain`]; for texts that are shown.
pub fn plain_with_map(text: &str) -> (String, PlainMap) {
    let (out, map) = map_characters(text, true);
    if out.is_empty() { map_characters(text, false) } else { (out, map) }
}

/// A character of the plain form before normalization, and the bytes it comes from.
type Placed = (char, Range<usize>);

fn map_characters(text: &str, coded: bool) -> (String, PlainMap) {
    let mut placed: Vec<Placed> = Vec::with_capacity(text.len());
    if coded {
        let mut start = 0;
        for piece in pieces(text) {
            let whole = start..start + piece.raw.len();
            match &piece.kind {
                PieceKind::Text => placed.extend(characters(piece.raw, start)),
                PieceKind::Escape(means) => placed.extend(means.chars().map(|c| (c, whole.clone()))),
                PieceKind::Entity(means) => placed.extend(means.chars().map(|c| (c, whole.clone()))),
                PieceKind::Open { code, .. } | PieceKind::Close { code, .. } | PieceKind::Alone(code)
                    if code.breaks_text() =>
                {
                    placed.push((' ', whole.clone()));
                }
                PieceKind::Open { .. } | PieceKind::Close { .. } | PieceKind::Alone(_) => {}
            }
            start = whole.end;
        }
    } else {
        placed.extend(characters(text, 0));
    }
    compose(fold_placed(placed))
}

fn characters(text: &str, start: usize) -> impl Iterator<Item = Placed> {
    text.char_indices().map(move |(at, c)| (c, start + at..start + at + c.len_utf8()))
}

fn fold_placed(placed: Vec<Placed>) -> Vec<Placed> {
    let mut folded: Vec<Placed> = Vec::with_capacity(placed.len());
    for (c, range) in placed {
        match folded.last_mut() {
            None if c.is_whitespace() => {}
            Some((' ', last)) if c.is_whitespace() => last.end = range.end,
            _ if c.is_whitespace() => folded.push((' ', range)),
            _ => folded.push((c, range)),
        }
    }
    folded.pop_if(|(c, _)| *c == ' ');
    folded
}

/// Normalizes to form C. If that changes something, the text from one ASCII character to the next is one stretch of the map:
/// combining marks compose with the characters before them, never with an ASCII character after them.
fn compose(placed: Vec<Placed>) -> (String, PlainMap) {
    let mut out = String::new();
    let mut stretches = Vec::new();
    for chunk in placed.chunk_by(|_, (next, _)| !next.is_ascii()) {
        let text: String = chunk.iter().map(|(c, _)| c).collect();
        if NFC.is_normalized(&text) {
            for (c, range) in chunk {
                stretches.push((out.len(), range.clone()));
                out.push(*c);
            }
        } else if let (Some((_, first)), Some((_, last))) = (chunk.first(), chunk.last()) {
            stretches.push((out.len(), first.start..last.end));
            out.push_str(&NFC.normalize(&text));
        }
    }
    let length = out.len();
    (out, PlainMap { stretches, length })
}
