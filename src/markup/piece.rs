//! What a segment's text is made of.

use std::borrow::Cow;

/// A stretch of a segment's text as written, and what it is. The raw slices of all pieces, one after the other, are the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes as they stand in the segment; never empty.
    pub raw: &'a str,
    /// What they are.
    pub role: Role<'a>,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role<'a> {
    /// Text that stands for itself.
    Text,
    /// `\*`: a character with a backslash before it, so that it is no mark. The slice is the character alone.
    Escape(&'a str),
    /// `&gt;`, `&#42;`: an entity, and the characters that it stands for.
    Entity(Cow<'a, str>),
    /// The opening half of a paired code.
    Open {
        /// Which code.
        code: Code<'a>,
        /// The index, among the segment's pieces, of the closing half.
        partner: usize,
    },
    /// The closing half of a paired code.
    Close {
        /// Which code; the same as that of the opening half.
        code: Code<'a>,
        /// The index, among the segment's pieces, of the opening half.
        partner: usize,
    },
    /// A code that is whole in itself, or whose other half lies outside the segment or across another pair.
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
    /// `![` and `](address)`; what stands between is the alternative text.
    Image,
    /// An HTML tag; the name is as written. A closing tag that stands alone is told by its raw text, `</b>`.
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
    /// Whether the code separates the words on its two sides, as a line break does: `one<br>two`.
    pub fn breaks_text(&self) -> bool {
        match self {
            Code::Element(name) => BREAKING.iter().any(|breaking| name.eq_ignore_ascii_case(breaking)),
            _ => false,
        }
    }
}

/// Elements that begin and end a line of their own.
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
