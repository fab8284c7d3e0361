//! The tokens of a segment's text.

use std::borrow::Cow;

/// A slice of a segment's text, and its kind. The slices of all pieces, joined in order, are the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The text as written; never empty.
    pub raw: &'a str,
    /// Its kind.
    pub kind: PieceKind<'a>,
}

/// The kind of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceKind<'a> {
    /// Plain text.
    Text,
    /// `\*`: a character escaped by a backslash. The value is the character alone.
    Escape(&'a str),
    /// `&gt;`, `&#42;`: an entity, with its characters.
    Entity(Cow<'a, str>),
    /// The opening half of a paired code.
    Open {
        /// Which code.
        code: Code<'a>,
        /// The index of the piece with the closing half.
        partner: usize,
    },
    /// The closing half of a paired code.
    Close {
        /// Which code; the same as that of the opening half.
        code: Code<'a>,
        /// The index of the piece with the opening half.
        partner: usize,
    },
    /// A code without halves, or one whose other half is outside the segment or crosses another pair.
    Alone(Code<'a>),
}

/// The kinds of inline codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code<'a> {
    /// `**` or `__`.
    Bold,
    /// `*` or `_`.
    Italic,
    /// `~~`.
    Strikethrough,
    /// The backticks around code.
    CodeSpan,
    /// `[` and `](address)` or `][label]`.
    Link,
    /// `![` and `](address)`, around the alternative text.
    Image,
    /// An HTML tag; the name is as written. A single closing tag can be recognized by its raw text, `</b>`.
    Element(&'a str),
    /// `<xref:System.String>`.
    Xref,
    /// `<https://example.com>`, `<name@example.com>`.
    Autolink,
    /// `[!INCLUDE[x](y)]` and its like: `[!code-csharp[x](y)]`.
    Include,
    /// `<!-- … -->`.
    Comment,
}

impl Code<'_> {
    /// Whether the code separates words, as a line break does: `one<br>two`.
    pub fn breaks_text(&self) -> bool {
        match self {
            Code::Element(name) => BREAKING.iter().any(|breaking| name.eq_ignore_ascii_case(breaking)),
            _ => false,
        }
    }
}

/// Block elements and line breaks.
const BREAKING: [&str; 22] = [
    "br",
    "p",
    "li",
    "div",
    "ul",
    "ol",
    "td",
    "th",
    "tr",
    "table",
    "tbody",
    "thead",
    "hr",
    "dl",
    "dt",
    "dd",
    "pre",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
];
