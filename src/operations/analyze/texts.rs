//! The texts of the documents: each different text once, and for each document which of them it has.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::memory::{self, Leverage, MemoryError, PathId, TextHash};
use crate::model::{LONGEST_TEXT, Problem, line_at};
use crate::operations::alternatives::{Alternatives, KnownTexts};
use crate::operations::clean_documents::too_long;
use crate::segmentation::Piece;

/// The number of a different text, in the order of first occurrence.
pub(super) type TextId = u32;

/// Each different text once.
#[derive(Debug, Default)]
pub(super) struct Texts {
    ids: HashMap<TextHash, TextId, FixedState>,
    /// The texts by their ids.
    pub all: Vec<(TextHash, Box<str>)>,
}

impl Texts {
    /// The id of a text.
    pub fn id(&mut self, hash: TextHash, text: &str) -> TextId {
        let next = self.all.len() as TextId;
        let id = *self.ids.entry(hash).or_insert(next);
        if id == next {
            self.all.push((hash, text.into()));
        }
        id
    }
}

/// A segment of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub text: TextId,
    /// Whether the earlier version of the document has it.
    pub is_unchanged: bool,
}

/// A document's texts, in order.
#[derive(Debug, Default)]
pub(super) struct DocumentTexts {
    texts: String,
    /// The hash of each text, its end in `texts`, and whether the earlier version has it.
    ends: Vec<(TextHash, usize, bool)>,
}

impl DocumentTexts {
    /// Cuts a document as [`Alternatives`] chooses. `own` is what the memory has of it.
    pub fn read(
        text: &str,
        pieces: &[Piece],
        (own, mut known): (&memory::DocumentTexts, AllTexts<'_>),
        problems: &mut Vec<Problem>,
    ) -> Result<DocumentTexts, MemoryError> {
        let mut found = DocumentTexts::default();
        let mut alternatives = Alternatives { document: text, own, known: &mut known };
        let mut last = 0;
        for piece in pieces {
            for (range, segment) in alternatives.chosen(piece, &found.texts[last..])? {
                if range.len() > LONGEST_TEXT {
                    problems.push(too_long(line_at(text, range.start), range.len()));
                    continue;
                }
                last = found.texts.len();
                found.texts.push_str(&segment);
                found.ends.push((TextHash::of(&segment), found.texts.len(), false));
            }
        }
        Ok(found)
    }

    /// Marks the segments that an earlier version has. One that was there twice and is there three times is new once.
    pub fn mark_unchanged(&mut self, earlier: &DocumentTexts) {
        let mut left: HashMap<TextHash, usize, FixedState> = HashMap::default();
        for (hash, ..) in &earlier.ends {
            *left.entry(*hash).or_default() += 1;
        }
        for (hash, _, is_unchanged) in &mut self.ends {
            if let Some(count) = left.get_mut(hash).filter(|count| **count > 0) {
                *count -= 1;
                *is_unchanged = true;
            }
        }
    }

    /// Whether there is no segment.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Its segments, with the ids of their texts.
    pub fn intern(&self, texts: &mut Texts) -> Box<[Segment]> {
        let mut start = 0;
        let mut segment = |&(hash, end, is_unchanged): &(TextHash, usize, bool)| {
            let text = texts.id(hash, &self.texts[start..end]);
            start = end;
            Segment { text, is_unchanged }
        };
        self.ends.iter().map(&mut segment).collect()
    }
}

/// The texts of all documents of the memory but the one that is left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct AllTexts<'a> {
    pub leverage: &'a Leverage,
    pub left_out: Option<PathId>,
}

impl KnownTexts for AllTexts<'_> {
    fn has(&mut self, text: &str) -> Result<bool, MemoryError> {
        Ok(self.leverage.exact(TextHash::of(text), self.left_out).is_some())
    }
}
