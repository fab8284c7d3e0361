//! Values in YAML: the title and the description in front matter, and how a text is written into a scalar so that it stays one.

use std::ops::Range;

use crate::side_by_side::{self, escape_yaml, unescape_yaml};

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Between `"`.
    Double,
    /// Between `'`.
    Single,
    /// Without quotation marks.
    Plain,
    /// Below `|` or `>`.
    Block,
}

/// A value of front matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Its range in the document, with the quotation marks.
    pub range: Range<usize>,
    pub style: Style,
    /// Its text.
    pub text: String,
}

/// The keys of front matter that are translated.
const KEYS: [&str; 2] = ["title", "description"];

/// The title and the description in the front matter of a Markdown document, where they are on one line.
pub(super) fn front_matter_values(document: &str) -> Vec<Value> {
    let front = document.len() - side_by_side::body(document).len();
    let mut values = Vec::new();
    let mut at = 0;
    while at < front {
        let end = memchr::memchr(b'\n', &document.as_bytes()[at..front]).map_or(front, |end| at + end + 1);
        let line = &document[at..end];
        // A value that goes on in the next line is left alone.
        let goes_on = document[end..front].starts_with([' ', '\t']);
        if let Some((key, value)) = line.split_once(':')
            && KEYS.contains(&key)
            && !goes_on
        {
            let start = at + key.len() + 1 + (value.len() - value.trim_start().len());
            let range = start..start + value.trim().len();
            values.extend(value_at(document, range));
        }
        at = end;
    }
    values
}

fn value_at(document: &str, range: Range<usize>) -> Option<Value> {
    let written = &document[range.clone()];
    let between = |mark: char| written.strip_prefix(mark)?.strip_suffix(mark);
    let (style, text) = match written.chars().next()? {
        '"' => {
            let inner = between('"')?;
            (Style::Double, unescape_yaml(inner).into_owned())
        }
        '\'' => (Style::Single, between('\'')?.replace("''", "'")),
        '|' | '>' | '[' | '{' | '&' | '*' | '!' | '#' => return None,
        _ if written.contains(" #") => return None,
        _ => (Style::Plain, written.to_owned()),
    };
    (!text.trim().is_empty()).then_some(Value { range, style, text })
}

/// A whole scalar with another text, in its style if that can hold it, else between double quotation marks.
pub(super) fn written(style: Style, text: &str) -> String {
    match style {
        Style::Single if !text.contains(char::is_control) => format!("'{}'", text.replace('\'', "''")),
        Style::Plain if is_safe_in_plain(text, true) => text.to_owned(),
        _ => format!("\"{}\"", escape_yaml(text)),
    }
}

/// A part of a scalar; `None` if the scalar cannot hold the text.
pub(super) fn written_inside(style: Style, text: &str, is_start: bool) -> Option<String> {
    match style {
        Style::Double => Some(escape_yaml(text).into_owned()),
        Style::Single => (!text.contains(char::is_control)).then(|| text.replace('\'', "''")),
        Style::Plain => is_safe_in_plain(text, is_start).then(|| text.to_owned()),
        Style::Block => (!text.contains(['\n', '\r'])).then(|| text.to_owned()),
    }
}

/// Whether a text is the same in a plain scalar (YAML 1.2.2, section 7.3.3). Stricter than the rules: what other readers take otherwise is
/// quoted too.
fn is_safe_in_plain(text: &str, is_start: bool) -> bool {
    let starts_safely =
        |c: char| c.is_alphanumeric() || matches!(c, '(' | '$' | '/' | '“' | '‘' | '«' | '「');
    (!is_start || text.starts_with(starts_safely))
        && !text.contains(char::is_control)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && text.trim() == text
}

/// The style of the scalar of a YAML document in which a position is, and where its text begins.
pub(super) fn style_at(document: &str, at: usize) -> (Style, usize) {
    let start = memchr::memrchr(b'\n', &document.as_bytes()[..at]).map_or(0, |line| line + 1);
    let before = &document[start..at];
    let key = before.trim_start_matches([' ', '-', '\u{feff}']);
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let name = key.len() - key.trim_start_matches(is_key).len();
    let Some(value) = key.get(name..).and_then(|rest| rest.strip_prefix(": ")).filter(|_| name > 0) else {
        return (Style::Block, start);
    };
    let value = value.trim_start_matches(' ');
    match value.chars().next() {
        Some('"') => (Style::Double, at - value.len() + 1),
        Some('\'') => (Style::Single, at - value.len() + 1),
        _ => (Style::Plain, at - value.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_and_description_are_found_in_each_style() {
        let document = "---\r\ntitle: Berths\r\ndescription: 'It''s open'\r\nms.title: x\r\nauthor: me\r\n---\r\ntitle: no\r\n";
        let found: Vec<_> = front_matter_values(document)
            .into_iter()
            .map(|value| (document[value.range.clone()].to_owned(), value.style, value.text))
            .collect();
        assert_eq!(
            found,
            [
                ("Berths".to_owned(), Style::Plain, "Berths".to_owned()),
                ("'It''s open'".to_owned(), Style::Single, "It's open".to_owned())
            ]
        );
        for skipped in
            ["title: |\n  a\n", "title: a # b\n", "title: a\n  b\n", "title:\n", "title: \"a\n", "Title: a\n"]
        {
            assert_eq!(front_matter_values(&format!("---\n{skipped}---\n")), [], "{skipped}");
        }
        assert_eq!(front_matter_values("# no front matter\ntitle: a\n"), []);
    }

    #[test]
    fn a_text_that_a_plain_scalar_cannot_hold_is_quoted() {
        assert_eq!(written(Style::Plain, "선석 예약"), "선석 예약");
        assert_eq!(written(Style::Plain, "선석: 예약"), "\"선석: 예약\"");
        assert_eq!(written(Style::Plain, "[선석]"), "\"[선석]\"");
        assert_eq!(written(Style::Single, "it's"), "'it''s'");
        assert_eq!(written(Style::Double, "\"a\""), "\"\\\"a\\\"\"");
        assert_eq!(written_inside(Style::Plain, "a: b", false), None);
        assert_eq!(written_inside(Style::Block, "a\nb", false), None);
    }

    #[test]
    fn the_style_of_a_scalar_is_that_of_its_line() {
        let document =
            "- title: \"Open a berth\"\n  text: 'it'\n  note: plain text\n  answer: |\n    in a block\n";
        let style = |text: &str| style_at(document, document.find(text).unwrap()).0;
        assert_eq!(
            ["Open", "it'\n", "plain", "in a block"].map(style),
            [Style::Double, Style::Single, Style::Plain, Style::Block]
        );
    }
}
