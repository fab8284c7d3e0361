//! The concordance: where a phrase or a regular expression occurs inside segments.
//!
//! Texts are folded ([`fold`]) and kept in compressed blocks ([`TextBlock`]); a search scans for a [`Pattern`] those blocks that may have
//! it by their Bloom filters. A text is kept in its plain form ([`crate::markup::plain`]) and, if that differs, as written too, so that
//! addresses and marks are found as well. Folding removes case, and the accents of scripts whose readers omit them when they type.
//! The shortest texts come first, so a search for a common word has its first results after one block.

mod ascii_case;
mod block;
mod filter;
mod fold;
mod literals;
mod pattern;

pub use block::{CorruptBlock, Found, RawTextBlock, TextBlock, TextBlockBuilder};
pub use fold::fold;
pub use pattern::{Folding, Pattern, PatternError, PatternOptions, Syntax, WordBounds};
