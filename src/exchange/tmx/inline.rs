//! The markup inside a segment, as TMX inline codes (level 2).

use std::borrow::Cow;

use crate::exchange::xml;
use crate::markup::{self, Code, PieceKind};

/// How the markup inside a segment is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inline {
    /// It stays as text. A tool that reads Markdown has exactly this text in its documents.
    #[default]
    Text,
    /// It becomes `bpt`, `ept`, `it` and `ph`. Tools differ in their support of these.
    Codes,
    /// It is removed, and escapes and entities are resolved: the text that a reader of the page sees.
    Strip,
}

/// A part of a segment's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    raw: &'a str,
    code: Option<Mark<'a>>,
}

/// An inline code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark<'a> {
    element: Element,
    kind: Cow<'static, str>,
    /// Both halves as written, or the code alone. By this the same code is found in the other language.
    whole: (&'a str, &'a str),
    /// `x`, and `i` if the element has one; 0 until numbered.
    number: u32,
    /// For the closing half of a pair: the index of the part with the opening half.
    opened: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Begin,
    End,
    Alone,
    /// A tag whose partner is outside the segment.
    Isolated(&'static str),
}

/// The parts of a source text, numbered from 1 in order.
pub(super) fn source(text: &str) -> Vec<Part<'_>> {
    let mut parts = parts(text);
    number(&mut parts, &[]);
    parts
}

/// The parts of a target text. A code that the source has too gets the source's number, so that tools pair them: first equal
/// codes, then codes of the same kind (a link with a localized address).
pub(super) fn target<'a>(text: &'a str, source: &[Part<'_>]) -> Vec<Part<'a>> {
    let mut parts = parts(text);
    number(&mut parts, source);
    parts
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let pieces = markup::pieces(text);
    let mut parts: Vec<Part<'_>> = Vec::with_capacity(pieces.len());
    // Partners are indexes of pieces; `place` maps them to indexes of parts.
    let mut place = vec![0; pieces.len()];
    for (at, piece) in pieces.iter().enumerate() {
        let alone =
            |kind| Mark { element: Element::Alone, kind, whole: (piece.raw, ""), number: 0, opened: None };
        let code = match &piece.kind {
            PieceKind::Text | PieceKind::Escape(_) => None,
            PieceKind::Entity(characters) => is_no_text(characters).then(|| alone("x-entity".into())),
            // Code spans and images become two placeholders, not a pair: tools would treat the content of a pair as running
            // text, and let translators move it.
            PieceKind::Open { code: code @ (Code::CodeSpan | Code::Image), .. }
            | PieceKind::Close { code: code @ (Code::CodeSpan | Code::Image), .. } => Some(alone(kind(code))),
            PieceKind::Open { code, partner } => Some(Mark {
                element: Element::Begin,
                whole: (piece.raw, pieces.get(*partner).map_or("", |close| close.raw)),
                ..alone(kind(code))
            }),
            PieceKind::Close { code, partner } => Some(Mark {
                element: Element::End,
                opened: place.get(*partner).copied(),
                ..alone(kind(code))
            }),
            PieceKind::Alone(code @ Code::Element(_)) => {
                Some(Mark { element: isolation(code, piece.raw), ..alone(kind(code)) })
            }
            PieceKind::Alone(code) => Some(alone(kind(code))),
        };
        let previous = parts.last_mut().filter(|previous| previous.code.is_none());
        if let (None, Some(previous)) = (&code, previous) {
            // Pieces are adjacent slices of one text, so two neighbours can be joined to one slice.
            let start = previous.raw.as_ptr() as usize - text.as_ptr() as usize;
            previous.raw = &text[start..start + previous.raw.len() + piece.raw.len()];
        } else {
            parts.push(Part { raw: piece.raw, code });
        }
        place[at] = parts.len() - 1;
    }
    parts
}

fn number(parts: &mut [Part<'_>], source: &[Part<'_>]) {
    let mut left: Vec<&Mark<'_>> = source.iter().filter_map(|part| part.code.as_ref()).collect();
    left.retain(|mark| mark.element != Element::End);
    let mut next = left.iter().map(|mark| mark.number).max().unwrap_or(0);
    for to_the_letter in [true, false] {
        for mark in parts.iter_mut().filter_map(|part| part.code.as_mut()) {
            if mark.number != 0 || mark.element == Element::End {
                continue;
            }
            let same = left.iter().position(|other| {
                other.element == mark.element
                    && other.kind == mark.kind
                    && (!to_the_letter || other.whole == mark.whole)
            });
            if let Some(at) = same {
                mark.number = left.remove(at).number;
            }
        }
    }
    for at in 0..parts.len() {
        let opened = parts[at].code.as_ref().and_then(|mark| mark.opened);
        let number = opened.and_then(|at| parts[at].code.as_ref()).map(|open| open.number);
        if let Some(mark) = parts[at].code.as_mut() {
            match number {
                Some(number) => mark.number = number,
                None if mark.number == 0 => {
                    next += 1;
                    mark.number = next;
                }
                None => {}
            }
        }
    }
}

/// Appends the parts as the content of a `seg`.
pub(super) fn push(out: &mut Vec<u8>, parts: &[Part<'_>]) {
    for part in parts {
        let Some(mark) = &part.code else {
            xml::push_text(out, part.raw);
            continue;
        };
        // An ept has no attribute but i: OmegaT 6 refuses the file otherwise.
        let (name, attributes) = match mark.element {
            Element::Begin => ("bpt", format!(" i=\"{0}\" x=\"{0}\" type=\"{1}\"", mark.number, mark.kind)),
            Element::End => ("ept", format!(" i=\"{}\"", mark.number)),
            Element::Alone => ("ph", format!(" x=\"{}\" type=\"{}\"", mark.number, mark.kind)),
            Element::Isolated(pos) => {
                ("it", format!(" pos=\"{pos}\" x=\"{}\" type=\"{}\"", mark.number, mark.kind))
            }
        };
        out.extend_from_slice(format!("<{name}{attributes}>").as_bytes());
        xml::push_text(out, part.raw);
        out.extend_from_slice(format!("</{name}>").as_bytes());
    }
}

/// The `type` of a code: TMX's own name if it has one.
fn kind(code: &Code<'_>) -> Cow<'static, str> {
    let name = match code {
        Code::Bold => "bold",
        Code::Italic => "italic",
        Code::Strikethrough => "x-strikethrough",
        Code::CodeSpan => "x-code",
        Code::Link => "link",
        Code::Image => "image",
        Code::Xref => "x-xref",
        Code::Autolink => "x-autolink",
        Code::Include => "x-include",
        Code::Comment => "x-comment",
        Code::Element(name) => match name.to_ascii_lowercase().as_str() {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "u" => "ulined",
            "a" => "link",
            "br" => "lb",
            "img" => "image",
            // The name is written into an attribute, so only harmless characters are kept.
            other => {
                let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.:".contains(*c);
                return format!("x-html-{}", other.chars().filter(plain).collect::<String>()).into();
            }
        },
    };
    name.into()
}

/// Elements that have no end tag (HTML standard, 13.1.2).
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

fn isolation(code: &Code<'_>, raw: &str) -> Element {
    let Code::Element(name) = code else { return Element::Alone };
    if raw.starts_with("</") {
        Element::Isolated("end")
    } else if raw.ends_with("/>") || VOID.iter().any(|void| name.eq_ignore_ascii_case(void)) {
        Element::Alone
    } else {
        Element::Isolated("begin")
    }
}

/// Whether an entity means an invisible character: a no-break space, a joiner, a soft hyphen.
fn is_no_text(characters: &str) -> bool {
    let unseen = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    characters.chars().all(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source_text: &str, target_text: &str) -> [String; 2] {
        let source = source(source_text);
        let target = target(target_text, &source);
        [source, target].map(|parts| {
            let mut out = Vec::new();
            push(&mut out, &parts);
            String::from_utf8(out).unwrap()
        })
    }

    #[test]
    fn pairs_and_placeholders_are_numbered_alike_on_both_sides() {
        let [source, target] = shown("**Save** as [a](b.md)", "[에](c.md) 다른 **저장**");
        assert_eq!(
            source,
            "<bpt i=\"1\" x=\"1\" type=\"bold\">**</bpt>Save<ept i=\"1\">**</ept> as \
             <bpt i=\"2\" x=\"2\" type=\"link\">[</bpt>a<ept i=\"2\">](b.md)</ept>"
        );
        assert_eq!(
            target,
            "<bpt i=\"2\" x=\"2\" type=\"link\">[</bpt>에<ept i=\"2\">](c.md)</ept> 다른 \
             <bpt i=\"1\" x=\"1\" type=\"bold\">**</bpt>저장<ept i=\"1\">**</ept>"
        );
    }

    #[test]
    fn codes_stand_where_the_markup_stood() {
        for (text, content) in [
            ("a &gt; b \\* c", "a &amp;gt; b \\* c"),
            ("a<br>b", "a<ph x=\"1\" type=\"lb\">&lt;br&gt;</ph>b"),
            ("`x`", "<ph x=\"1\" type=\"x-code\">`</ph>x<ph x=\"2\" type=\"x-code\">`</ph>"),
            ("a&nbsp;b", "a<ph x=\"1\" type=\"x-entity\">&amp;nbsp;</ph>b"),
            ("<xref:A.B>", "<ph x=\"1\" type=\"x-xref\">&lt;xref:A.B&gt;</ph>"),
            ("end</b>", "end<it pos=\"end\" x=\"1\" type=\"bold\">&lt;/b&gt;</it>"),
            (
                "<kbd>A</kbd>",
                "<bpt i=\"1\" x=\"1\" type=\"x-html-kbd\">&lt;kbd&gt;</bpt>A<ept i=\"1\">&lt;/kbd&gt;</ept>",
            ),
        ] {
            assert_eq!(shown(text, "")[0], content, "{text:?}");
        }
    }
}
