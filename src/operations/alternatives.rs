//! Chooses the segments of a piece among the ways to cut it: those that the memory has. Translations, XLIFF files and analyses cut alike.
//!
//! The whole piece is taken if the memory has it, else its sentences; of a link that is alone its text, or else the whole link. What the
//! document itself had comes before what other documents have.

use std::borrow::Cow;
use std::ops::Range;

use crate::memory::{DocumentTexts, MemoryError};
use crate::segmentation::{Piece, Segment};
use crate::side_by_side::Quoting;

/// What the memory has, besides the segments of the document itself.
pub(super) trait KnownTexts {
    /// Whether it has a translation of exactly this text.
    fn has(&mut self, text: &str) -> Result<bool, MemoryError>;
}

/// One way to cut a piece: the ranges of its segments in the document, and their texts as a memory has them.
pub(super) type Texts<'d> = Vec<(Range<usize>, Cow<'d, str>)>;

/// The choice for one document.
pub(super) struct Alternatives<'a, 'd> {
    /// The document.
    pub document: &'d str,
    /// What the memory has of it.
    pub own: &'a DocumentTexts,
    /// What it has of all others.
    pub known: &'a mut dyn KnownTexts,
}

impl<'d> Alternatives<'_, 'd> {
    /// The segments of a piece. `previous` is the text of the segment before it, empty at the start of the document.
    pub fn chosen(&mut self, piece: &Piece, previous: &str) -> Result<Texts<'d>, MemoryError> {
        let whole = self.with_or_without_brackets(piece, &piece.whole, previous)?;
        let sentences = match &piece.sentences[..] {
            [one] if *one == piece.whole => return self.cut_otherwise(piece, whole),
            sentences => {
                let mut texts: Texts<'d> = Vec::with_capacity(sentences.len());
                for sentence in sentences {
                    let before = texts.last().map_or(previous, |(_, text)| text);
                    let chosen = self.with_or_without_brackets(piece, sentence, before)?;
                    texts.extend(self.cut_otherwise(piece, chosen)?);
                }
                texts
            }
        };
        let has_whole = if self.own.has(&whole.1) {
            true
        } else if sentences.iter().all(|(_, text)| self.own.has(text)) {
            false
        } else {
            self.known.has(&whole.1)?
        };
        Ok(if has_whole { vec![whole] } else { sentences })
    }

    /// The text of a range, as a memory has it.
    fn text(&self, piece: &Piece, range: &Range<usize>) -> Cow<'d, str> {
        piece.quoting.text(&self.document[range.clone()])
    }

    fn has(&mut self, text: &str) -> Result<bool, MemoryError> {
        Ok(self.own.has(text) || self.known.has(text)?)
    }

    /// The text of a segment. Of a link that is alone, the text in it, or the whole link if only that is known.
    fn with_or_without_brackets(
        &mut self,
        piece: &Piece,
        segment: &Segment,
        previous: &str,
    ) -> Result<(Range<usize>, Cow<'d, str>), MemoryError> {
        let inner = (segment.range.clone(), self.text(piece, &segment.range));
        let Some(link) = &segment.link else { return Ok(inner) };
        let whole = (link.clone(), self.text(piece, link));
        let own = self.own;
        let takes_whole = if own.has(&whole.1) {
            // Both can be in the document, at different places.
            let is_here = |text: &str| own.has_between(text, Some(previous), None);
            !is_here(&inner.1) || is_here(&whole.1)
        } else {
            !self.has(&inner.1)? && self.known.has(&whole.1)?
        };
        Ok(if takes_whole { whole } else { inner })
    }

    /// Other ways to cut a text that the memory does not have, where the English text does not show which one was taken: with the include
    /// before it, without the brackets of a link before a hard line break, or each line by itself.
    fn cut_otherwise(
        &mut self,
        piece: &Piece,
        chosen: (Range<usize>, Cow<'d, str>),
    ) -> Result<Texts<'d>, MemoryError> {
        let (range, text) = &chosen;
        let written = &self.document[range.clone()];
        let has_include = self.document[..range.start].trim_end_matches(' ').ends_with(']');
        let is_link = text.starts_with('[') && text.ends_with(')');
        let has_lines = piece.quoting == Quoting::Plain && written.contains('\n');
        if !(has_include || is_link || has_lines) || self.has(text)? {
            return Ok(vec![chosen]);
        }
        let candidates = [
            has_include
                .then(|| include_before(self.document, range.start))
                .flatten()
                .map(|start| start..range.end),
            is_link.then(|| inside_brackets(self.document, range)).flatten(),
        ];
        for other in candidates.into_iter().flatten() {
            let text = self.text(piece, &other);
            if self.has(&text)? {
                return Ok(vec![(other, text)]);
            }
        }
        if has_lines {
            let mut lines: Texts<'d> = Vec::new();
            let mut start = range.start;
            for line in written.split_inclusive('\n') {
                let indent = line.len() - line.trim_start().len();
                let line_range = start + indent..start + line.trim_end().len().max(indent);
                start += line.len();
                let text = &self.document[line_range.clone()];
                if !self.has(text)? {
                    return Ok(vec![chosen]);
                }
                lines.push((line_range, Cow::Borrowed(text)));
            }
            return Ok(lines);
        }
        Ok(vec![chosen])
    }
}

/// Where the include begins that ends before a position on the same line, but for blanks.
fn include_before(document: &str, end: usize) -> Option<usize> {
    const INCLUDE: &str = "[!INCLUDE";
    let line = document[..end].rfind('\n').map_or(0, |at| at + 1);
    let before = &document[line..end];
    let start = before.rfind(INCLUDE)?;
    let include = before[start..].trim_end_matches(' ');
    // One include and nothing else: `[!INCLUDE [a](b)]`.
    let is_whole = include.matches('[').count() == 2 && include.ends_with(")]");
    is_whole.then_some(line + start)
}

/// The text of a link that is all of a range, but for white space at its end.
fn inside_brackets(document: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let written = document[range.clone()].trim_end();
    let (text, address) = written.strip_prefix('[')?.split_once("](")?;
    let is_alone = !text.contains(['[', ']', '\\']) && address.find(')') == Some(address.len() - 1);
    (is_alone && !text.trim().is_empty()).then(|| range.start + 1..range.start + 1 + text.len())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::segmentation::{Rules, Segmenter};
    use crate::side_by_side::Syntax;

    struct Set(HashSet<&'static str>);

    impl KnownTexts for Set {
        fn has(&mut self, text: &str) -> Result<bool, MemoryError> {
            Ok(self.0.contains(text))
        }
    }

    fn cut(document: &str, known: &[&'static str]) -> Vec<String> {
        let pieces = Segmenter::new(Rules::english()).pieces(document, Syntax::Markdown);
        let mut known = Set(known.iter().copied().collect());
        let own = DocumentTexts::default();
        let mut alternatives = Alternatives { document, own: &own, known: &mut known };
        let mut texts = Vec::new();
        for piece in &pieces {
            texts.extend(
                alternatives.chosen(piece, "").unwrap().into_iter().map(|(_, text)| text.into_owned()),
            );
        }
        texts
    }

    #[test]
    fn the_memory_decides_between_the_ways_to_cut_a_piece() {
        let two = "Moor the ship. Pay the fee.\n";
        assert_eq!(cut(two, &[]), ["Moor the ship.", "Pay the fee."]);
        assert_eq!(cut(two, &["Moor the ship. Pay the fee."]), ["Moor the ship. Pay the fee."]);
        let link = "[the map](map.md)\n";
        assert_eq!(cut(link, &[]), ["the map"]);
        assert_eq!(cut(link, &["[the map](map.md)"]), ["[the map](map.md)"]);
        assert_eq!(cut(link, &["the map", "[the map](map.md)"]), ["the map"]);
        let before_break = "[`ls` lists](ls.md)   \n[the map](map.md)\n";
        assert_eq!(cut(before_break, &["the map"]), ["[`ls` lists](ls.md)", "the map"]);
        assert_eq!(cut(before_break, &["the map", "`ls` lists"]), ["`ls` lists", "the map"]);
        let lines = "The first line\nThe second line\n";
        assert_eq!(cut(lines, &["The first line"]), ["The first line The second line"]);
        assert_eq!(cut(lines, &["The first line", "The second line"]), ["The first line", "The second line"]);
        let include = "[!INCLUDE [x](y.md)] opens it.\n";
        assert_eq!(cut(include, &[]), ["opens it."]);
        assert_eq!(cut(include, &["[!INCLUDE [x](y.md)] opens it."]), ["[!INCLUDE [x](y.md)] opens it."]);
    }
}
