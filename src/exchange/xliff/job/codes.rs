//! The inline codes of a text: which parts of it a translator can move and not change.

use std::fmt;

use crate::exchange::xml;
use crate::markup::{Code as Markup, PieceKind, pieces};

/// A text with its codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded<'t> {
    /// Its parts, in order.
    pub nodes: Vec<Node<'t>>,
    /// Its codes.
    pub codes: Vec<Code<'t>>,
}

/// A part of a text. Codes are named by their index in [`Coded::codes`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node<'t> {
    /// Text.
    Text(&'t str),
    /// The start of a pair.
    Open(usize),
    /// Its end.
    Close(usize),
    /// A code that is no pair.
    Alone(usize),
}

/// A code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code<'t> {
    /// Its number, from 1. The same code of a translation has the same.
    pub id: u32,
    /// The name of its kind.
    pub kind: Kind,
    /// The text of the code, or of its first half.
    pub start: &'t str,
    /// The text of its second half.
    pub end: Option<&'t str>,
}

/// The kinds of codes that tools show differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bold text.
    Bold,
    /// Italic text.
    Italic,
    /// A link.
    Link,
    /// An image.
    Image,
    /// A code span.
    CodeSpan,
    /// A line break.
    LineBreak,
    /// Anything else.
    Other,
}

/// What is wrong with the codes of a translation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeFault {
    /// A code of the source is not in the translation.
    Lost(String),
    /// A code is in it more than once.
    Twice(String),
    /// A pair ends before it begins, or crosses another.
    Unbalanced(String),
    /// A code is in it that the source has not, by its id.
    Unknown(String),
}

impl fmt::Display for CodeFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodeFault::Lost(code) => write!(out, "the code {code} is lost"),
            CodeFault::Twice(code) => write!(out, "the code {code} occurs twice"),
            CodeFault::Unbalanced(code) => {
                write!(out, "the two halves of the code {code} are not in order, or cross those of another")
            }
            CodeFault::Unknown(id) => write!(out, "the code with the id {id:?} is not in the source"),
        }
    }
}

impl Code<'_> {
    /// The code for people: both halves.
    pub fn shown(&self) -> String {
        match self.end {
            Some(end) => format!("{}…{end}", self.start),
            None => self.start.to_owned(),
        }
    }

    fn is_like(&self, other: &Code<'_>) -> bool {
        self.kind == other.kind && self.end.is_some() == other.end.is_some()
    }
}

impl<'t> Coded<'t> {
    /// The codes of a source text, numbered in order.
    pub fn source(text: &'t str) -> Coded<'t> {
        let mut coded = Coded::default();
        // Partners are indexes of pieces.
        let pieces = pieces(text);
        let mut opened: Vec<Option<usize>> = vec![None; pieces.len()];
        let mut start = 0;
        // Up to the end of a code span, which is one code.
        let mut inside: Option<(usize, usize)> = None;
        for (at, piece) in pieces.iter().enumerate() {
            let range = start..start + piece.raw.len();
            start = range.end;
            if let Some((partner, begin)) = inside {
                if at == partner {
                    coded.alone(Kind::CodeSpan, &text[begin..range.end]);
                    inside = None;
                }
                continue;
            }
            match &piece.kind {
                PieceKind::Text | PieceKind::Escape(_) => coded.text(piece.raw),
                PieceKind::Entity(means) if means.chars().all(is_invisible) => {
                    coded.alone(Kind::Other, piece.raw);
                }
                PieceKind::Entity(_) => coded.text(piece.raw),
                PieceKind::Open { code: Markup::CodeSpan, partner } => inside = Some((*partner, range.start)),
                PieceKind::Open { code, partner } => {
                    let end = pieces.get(*partner).map_or("", |close| close.raw);
                    opened[*partner] = Some(coded.codes.len());
                    coded.nodes.push(Node::Open(coded.codes.len()));
                    coded.code(kind(code), piece.raw, Some(end));
                }
                PieceKind::Close { code, .. } => match opened[at] {
                    Some(code) => coded.nodes.push(Node::Close(code)),
                    None => coded.alone(kind(code), piece.raw),
                },
                PieceKind::Alone(code) => coded.alone(kind(code), piece.raw),
            }
        }
        coded
    }

    /// The codes of a translation. A code that the source has too gets its number: first equal ones, then those of the same kind.
    pub fn target(text: &'t str, source: &Coded<'_>) -> Coded<'t> {
        let mut coded = Coded::source(text);
        let mut left: Vec<&Code<'_>> = source.codes.iter().collect();
        let mut next = left.iter().map(|code| code.id).max().unwrap_or(0);
        let mut is_numbered = vec![false; coded.codes.len()];
        for is_equal in [true, false] {
            for (code, is_numbered) in coded.codes.iter_mut().zip(&mut is_numbered) {
                let same = |other: &&Code<'_>| {
                    code.is_like(other) && (!is_equal || (code.start, code.end) == (other.start, other.end))
                };
                if !*is_numbered && let Some(at) = left.iter().position(same) {
                    code.id = left.remove(at).id;
                    *is_numbered = true;
                }
            }
        }
        for (code, _) in coded.codes.iter_mut().zip(is_numbered).filter(|(_, is_numbered)| !is_numbered) {
            next += 1;
            code.id = next;
        }
        coded
    }

    fn text(&mut self, mut text: &'t str) {
        // A character that XML cannot hold is a code.
        while let Some(at) = text.find(|character| !xml::is_allowed(character)) {
            let end = at + text[at..].chars().next().map_or(1, char::len_utf8);
            if at > 0 {
                self.nodes.push(Node::Text(&text[..at]));
            }
            self.alone(Kind::Other, &text[at..end]);
            text = &text[end..];
        }
        if !text.is_empty() {
            self.nodes.push(Node::Text(text));
        }
    }

    fn alone(&mut self, kind: Kind, text: &'t str) {
        self.nodes.push(Node::Alone(self.codes.len()));
        self.code(kind, text, None);
    }

    fn code(&mut self, kind: Kind, start: &'t str, end: Option<&'t str>) {
        let id = self.codes.len() as u32 + 1;
        self.codes.push(Code { id, kind, start, end });
    }

    /// The code with a number.
    pub fn code_of(&self, id: u32) -> Option<&Code<'t>> {
        self.codes.iter().find(|code| code.id == id)
    }
}

fn kind(code: &Markup<'_>) -> Kind {
    match code {
        Markup::Bold => Kind::Bold,
        Markup::Italic => Kind::Italic,
        Markup::Link => Kind::Link,
        Markup::Image => Kind::Image,
        Markup::CodeSpan => Kind::CodeSpan,
        Markup::Element(name) => match name.to_ascii_lowercase().as_str() {
            "b" | "strong" => Kind::Bold,
            "i" | "em" => Kind::Italic,
            "a" => Kind::Link,
            "img" => Kind::Image,
            "br" => Kind::LineBreak,
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}

/// A no-break space, a joiner, a soft hyphen: as text nobody would see it.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(coded: &Coded<'_>) -> String {
        let node = |node: &Node<'_>| match node {
            Node::Text(text) => (*text).to_owned(),
            Node::Open(code) => format!("<{}>", coded.codes[*code].id),
            Node::Close(code) => format!("</{}>", coded.codes[*code].id),
            Node::Alone(code) => format!("<{}/>", coded.codes[*code].id),
        };
        coded.nodes.iter().map(node).collect()
    }

    #[test]
    fn codes_of_a_translation_are_numbered_as_those_of_its_source() {
        for (source, of_source, target, of_target) in [
            ("**Save** `a b` now", "<1>Save</1> <2/> now", "`a b` **저장**", "<2/> <1>저장</1>"),
            ("See [a](b.md).", "See <1>a</1>.", "[가](/ko/b.md)를 보세요.", "<1>가</1>를 보세요."),
            ("a", "a", "**가**", "<1>가</1>"),
            ("*a* *b*", "<1>a</1> <2>b</2>", "*나*", "<1>나</1>"),
            ("a&nbsp;b &amp; \\*", "a<1/>b &amp; \\*", "가", "가"),
            ("a<br>b</b>\u{1b}c", "a<1/>b<2/><3/>c", "가", "가"),
        ] {
            let coded = Coded::source(source);
            assert_eq!(shown(&coded), of_source, "{source:?}");
            assert_eq!(shown(&Coded::target(target, &coded)), of_target, "{target:?}");
        }
    }
}
