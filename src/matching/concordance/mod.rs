//! Where a phrase occurs inside texts: texts folded for searching, in compressed blocks, and the search through them.
//!
//! A text is kept by what it says ([`crate::markup::plain`]) and, where that differs, as written too, so that addresses and marks
//! are found as well. Both are folded ([`fold`]): without case, and without accents in the scripts whose readers leave them out
//! when they type. The shortest texts come first, so that a search for a common word has its first results after a block.

mod block;
mod fold;
mod pattern;

pub use block::{CorruptBlock, Found, TextBlock, TextBlockBuilder};
pub use fold::fold;
pub use pattern::{Folding, Pattern, PatternError, PatternOptions, Syntax, WordBounds};
