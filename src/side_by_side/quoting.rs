//! How the texts of segments are escaped in a document.

use std::borrow::Cow;

use super::yaml_escapes::unescape_yaml;
use crate::model::fold_line_breaks;

/// How the quotation marks in a segment's tags are written. It decides how the segment's text is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// `"`
    Plain,
    /// `\"`, in a double-quoted YAML scalar: the text has YAML escapes.
    Yaml,
    /// `&quot;`, in damaged Markdown: only the tags are escaped.
    Entity,
}

impl Quoting {
    /// The text of a segment that is written so in a document: unescaped and with line breaks folded.
    pub fn text(self, raw: &str) -> Cow<'_, str> {
        match self {
            Quoting::Plain | Quoting::Entity => fold_line_breaks(raw),
            Quoting::Yaml => match unescape_yaml(raw) {
                Cow::Borrowed(text) => fold_line_breaks(text),
                Cow::Owned(text) => Cow::Owned(fold_line_breaks(&text).into_owned()),
            },
        }
    }

    /// A text as it is written in a document: the inverse of [`Quoting::text`] for a text without line breaks.
    pub fn written(self, text: &str) -> Cow<'_, str> {
        match self {
            Quoting::Yaml if text.contains(['\\', '"']) => {
                Cow::Owned(text.replace('\\', "\\\\").replace('"', "\\\""))
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// The quotation mark at the start of a text, and the text after it.
    pub(super) fn strip(text: &str) -> Option<(Quoting, &str)> {
        match text.as_bytes().first()? {
            b'"' => Some((Quoting::Plain, &text[1..])),
            b'\\' => Some((Quoting::Yaml, text.strip_prefix("\\\"")?)),
            b'&' => Some((Quoting::Entity, text.strip_prefix("&quot;")?)),
            _ => None,
        }
    }
}
