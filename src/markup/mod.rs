//! Markdown and HTML inside a segment: inline codes, plain text, match key. Knows nothing of documents or of the memory.
//!
//! [`pieces`] takes a segment's text as written apart, every byte once and in order: what is text, what is an escape or an
//! entity and for which characters it stands, and what is an inline code. [`plain`] puts the text back together without the
//! codes: the form in which texts are compared and searched.
//!
//! A segment is one sentence cut out of a document, so this is no Markdown renderer: a mark whose partner lies outside the
//! segment is text, a tag without its partner a code of its own, and `<string>` in `List<string>` is no tag at all.

mod emphasis;
mod entity;
mod html;
mod link;
mod piece;
mod plain;
mod scan;

pub use piece::{Code, Piece, Role};
pub use plain::{PlainMap, plain, plain_with_map};
pub(crate) use scan::has_markup;
pub use scan::pieces;

#[cfg(test)]
mod tests;
