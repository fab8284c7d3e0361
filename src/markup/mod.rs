//! Markdown and HTML inside a segment: inline codes, plain text, match key. Knows nothing of documents or of the memory.
//!
//! [`pieces`] is the lexer: it splits a segment's text into plain text, escapes, entities and inline codes; every byte belongs to
//! one piece. [`plain`] joins the pieces without the inline codes: texts are compared and searched in this form.
//!
//! This is not a Markdown parser, because a segment is one sentence of a document: a mark whose partner is outside the segment is
//! text, a tag without its partner is a code of its own, and `<string>` in `List<string>` is text.

pub(crate) mod document;
mod emphasis;
mod entity;
mod html;
mod link;
mod piece;
mod plain;
mod scan;

pub use piece::{Code, Piece, PieceKind};
pub use plain::{PlainMap, folded, plain, plain_with_map};
pub(crate) use scan::has_markup;
pub use scan::pieces;

#[cfg(test)]
mod tests;
