//! A text arena: many texts in one buffer. Thousands of texts go from thread to thread, and are freed, as one allocation; if one
//! thread frees what another one allocated piece by piece, the allocator makes the two wait for each other.

use std::ops::Range;

/// Texts in one buffer.
#[derive(Clone, Debug, Default)]
pub struct TextArena(String);

/// The position of a text in its arena.
pub type TextRange = Range<usize>;

impl TextArena {
    /// An empty arena with room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        TextArena(String::with_capacity(bytes))
    }

    /// Appends a text.
    pub fn push(&mut self, text: &str) -> TextRange {
        let start = self.0.len();
        self.0.push_str(text);
        start..self.0.len()
    }

    /// The text at a position that [`push`](TextArena::push) returned.
    pub fn get(&self, range: &TextRange) -> &str {
        &self.0[range.clone()]
    }
}
