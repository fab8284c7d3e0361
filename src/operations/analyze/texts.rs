//! The texts of the documents: each different text once, and for each document which of them it has.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::memory::{Leverage, PathId, TextHash};
use crate::model::{LONGEST_TEXT, Problem};
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
    /// Cuts a document: a piece that the memory has as a whole is one segment, else its sentences are; a link alone is looked up with its
    /// brackets if the memory has not its text.
    pub fn read(
        text: &str,
        pieces: &[Piece],
        (leverage, left_out): (&Leverage, Option<PathId>),
        problems: &mut Vec<Problem>,
    ) -> DocumentTexts {
        let mut found = DocumentTexts::default();
        for piece in pieces {
            let is_known = |range: &std::ops::Range<usize>| {
                let hash = TextHash::of(&piece.quoting.text(&text[range.clone()]));
                leverage.exact(hash, left_out).is_some()
            };
            for segment in piece.chosen(is_known) {
                if segment.len() > LONGEST_TEXT {
                    let line = 1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..segment.start]).count();
                    problems.push(too_long(line as u32, segment.len()));
                    continue;
                }
                let written = piece.quoting.text(&text[segment]);
                found.texts.push_str(&written);
                found.ends.push((TextHash::of(&written), found.texts.len(), false));
            }
        }
        found
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
