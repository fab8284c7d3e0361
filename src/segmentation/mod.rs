//! Where the segments of a clean document begin and end: byte ranges, so that everything outside them stays as it is.
//!
//! `blocks` finds the units of a Markdown document, `pieces` cuts a unit at hard splits and sentence ends and leaves out what is not text.
//! The rules of sentence ends are `english.srx`; `candidates` has the marks of other scripts. `outline` is all of a document, also what has
//! no segment. Knows nothing of memories: where a text can be cut in several ways, it returns all of them.

mod blocks;
mod candidates;
mod content;
mod inline;
mod lines;
mod outline;
mod pieces;
mod srx;
mod tables;
mod ticks;
mod visible;
mod volume;
mod yaml;

#[cfg(test)]
mod tests;

pub use blocks::Block;
pub use candidates::{Cut, Language};
pub use outline::{Cuts, Inline, InlineKind, Outline, Sentence, Stretch, StretchKind};
pub use pieces::{Piece, Segment};
pub use srx::{ENGLISH, Matches, Rules, SrxError};
pub use volume::{Content, Volume, measure};

use blocks::Unit;
use content::Terms;
use pieces::Reader;

use crate::side_by_side::{self, Quoting, Syntax};

/// Cuts documents into segments. Keeps its memory from one document to the next.
///
/// ```
/// use bitext::segmentation::{Rules, Segmenter};
/// use bitext::side_by_side::Syntax;
///
/// let document = "# Berths\n\nThe harbor is open. See [the map](map.md).\n";
/// let pieces = Segmenter::new(Rules::english()).pieces(document, Syntax::Markdown);
/// let text = |range: &std::ops::Range<usize>| &document[range.clone()];
/// assert_eq!(text(&pieces[0].whole.range), "Berths");
/// assert_eq!(text(&pieces[1].whole.range), "The harbor is open. See [the map](map.md).");
/// assert_eq!(text(&pieces[1].sentences[1].range), "See [the map](map.md).");
/// ```
#[derive(Debug)]
pub struct Segmenter<'r> {
    reader: Reader<'r>,
}

impl<'r> Segmenter<'r> {
    /// A segmenter with these rules of sentence ends.
    pub fn new(rules: &'r Rules) -> Segmenter<'r> {
        Segmenter { reader: Reader::new(rules) }
    }

    /// The pieces of a document, in order. Their ranges are in its bytes and do not overlap. Front matter has none.
    pub fn pieces(&mut self, document: &str, syntax: Syntax) -> Vec<Piece> {
        self.pieces_without(document, syntax, &side_by_side::no_loc(document, syntax))
    }

    /// As [`pieces`](Self::pieces), with the terms that stay untranslated: those that the metadata of the document lists as `no-loc`.
    pub fn pieces_without(&mut self, document: &str, syntax: Syntax, no_loc: &[String]) -> Vec<Piece> {
        let no_loc = Terms::new(no_loc);
        let mut pieces = Vec::with_capacity(document.len() / 128);
        let reader = &mut self.reader;
        match syntax {
            Syntax::Markdown => {
                let body = document.len() - side_by_side::body(document).len();
                blocks::units(document, body, |unit| reader.unit(document, &no_loc, &unit, &mut pieces));
            }
            Syntax::Html => {
                let unit = Unit { range: 0..document.len(), block: Block::Html, quotes: 0 };
                reader.unit(document, &no_loc, &unit, &mut pieces);
            }
            Syntax::Yaml => yaml::scalars(document, |scalar| {
                let first = pieces.len();
                blocks::units(&scalar.text, 0, |unit| reader.unit(&scalar.text, &no_loc, &unit, &mut pieces));
                pieces[first..]
                    .iter_mut()
                    .for_each(|piece| piece.relocate(scalar.quoting, |range| scalar.range(range)));
            }),
        }
        pieces
    }
}

impl Piece {
    /// Where it begins, however it is cut.
    pub fn start(&self) -> usize {
        let starts = |segment: &Segment| segment.link.as_ref().unwrap_or(&segment.range).start;
        self.sentences.iter().map(starts).fold(starts(&self.whole), usize::min)
    }

    /// Changes the ranges of a text into those of the document that it is part of.
    fn relocate(
        &mut self,
        quoting: Quoting,
        range: impl Fn(std::ops::Range<usize>) -> std::ops::Range<usize>,
    ) {
        self.quoting = quoting;
        for segment in self.sentences.iter_mut().chain([&mut self.whole]) {
            segment.range = range(segment.range.clone());
            segment.link = segment.link.take().map(&range);
        }
    }
}
