//! Values in YAML: the title and the description in front matter, and how a text is written into a scalar so that it stays one.

use std::ops::Range;

use crate::side_by_side::{self, Quoting, escape_yaml, unescape_yaml};

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::operations) enum Style {
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
pub(in crate::operations) struct Value {
    /// Its range in the document, with the quotation marks, and with the `>` or `|` before its lines.
    pub range: Range<usize>,
    /// The range of its text.
    inner: Range<usize>,
    pub style: Style,
    /// Its text.
    pub text: String,
}

impl Value {
    /// Its text as a segment: the range inside the quotation marks or below the `>`, and how it is written there; `None` if it has doubled
    /// apostrophes.
    pub(in crate::operations) fn inside(&self, document: &str) -> Option<(Range<usize>, Quoting)> {
        let inner = self.inner.clone();
        match self.style {
            Style::Double => Some((inner, Quoting::Yaml)),
            Style::Single if document[inner.clone()].contains('\'') => None,
            Style::Single | Style::Plain | Style::Block => Some((inner, Quoting::Plain)),
        }
    }
}

/// The keys of front matter that are translated.
const KEYS: [&str; 2] = ["title", "description"];

/// The title and the description in the front matter of a Markdown document.
pub(in crate::operations) fn front_matter_values(document: &str) -> Vec<Value> {
    let front = document.len() - side_by_side::body(document).len();
    let mut values = Vec::new();
    let mut at = 0;
    while at < front {
        let end = memchr::memchr(b'\n', &document.as_bytes()[at..front]).map_or(front, |end| at + end + 1);
        let line = &document[at..end];
        if let Some((key, value)) = line.split_once(':')
            && KEYS.contains(&key)
        {
            let start = at + key.len() + 1 + (value.len() - value.trim_start().len());
            let range = start..start + value.trim().len();
            values.extend(match document[end..front].starts_with([' ', '\t']) {
                true => value_of_lines(&document[..front], range, end),
                false => value_at(document, range),
            });
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
    let marks = usize::from(style != Style::Plain);
    let inner = range.start + marks..range.end - marks;
    (!text.trim().is_empty()).then_some(Value { range, inner, style, text })
}

/// A value that goes on in lines that are indented: a plain scalar, or one below `>` or `|`. `None` for any other. `first` is the rest of its
/// first line, and `next` the start of the next one.
fn value_of_lines(front: &str, first: Range<usize>, next: usize) -> Option<Value> {
    let (mut lines, mut start) = (Vec::new(), None);
    match front[first.clone()].as_bytes() {
        [b'>' | b'|'] | [b'>' | b'|', b'-' | b'+'] => {}
        [] => return None,
        [b'"' | b'\'' | b'>' | b'|' | b'[' | b'{' | b'&' | b'*' | b'!' | b'#', ..] => return None,
        _ => {
            lines.push(&front[first.clone()]);
            start = Some(first.start);
        }
    }
    let mut end = first.end;
    let mut at = next;
    for line in front[next..].split_inclusive('\n') {
        if !line.starts_with([' ', '\t']) && !line.trim().is_empty() {
            break;
        }
        if !line.trim().is_empty() {
            lines.push(line.trim());
            start.get_or_insert(at + line.len() - line.trim_start().len());
            end = at + line.trim_end().len();
        }
        at += line.len();
    }
    let text = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let is_text = !text.is_empty() && !text.contains(" #") && !text.contains(": ");
    let inner = start.unwrap_or(end)..end;
    is_text.then_some(Value { range: first.start..end, inner, style: Style::Plain, text })
}

/// A whole scalar with another text, in its style if that can hold it, else between double quotation marks.
pub(in crate::operations) fn written(style: Style, text: &str) -> String {
    match style {
        Style::Single if !text.contains(char::is_control) => format!("'{}'", text.replace('\'', "''")),
        Style::Plain if is_safe_in_plain(text, true) => text.to_owned(),
        _ => format!("\"{}\"", escape_yaml(text)),
    }
}

/// A part of a scalar; `None` if the scalar cannot hold the text.
pub(in crate::operations) fn written_inside(style: Style, text: &str, is_start: bool) -> Option<String> {
    match style {
        Style::Double => Some(escape_yaml(text).into_owned()),
        Style::Single => (!text.contains(char::is_control)).then(|| text.replace('\'', "''")),
        Style::Plain => is_safe_in_plain(text, is_start).then(|| text.to_owned()),
        Style::Block => (!text.contains(['\n', '\r'])).then(|| text.to_owned()),
    }
}

/// Whether a text is the same in a plain scalar (YAML 1.2.2, section 7.3.3). Stricter than the rules: what other readers take otherwise is
/// quoted too.
pub(in crate::operations) fn is_safe_in_plain(text: &str, is_start: bool) -> bool {
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
pub(in crate::operations) fn style_at(document: &str, at: usize) -> (Style, usize) {
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

/// Where a value without quotation marks that begins at a position ends: before a comment and the white space at the end of its line.
pub(in crate::operations) fn plain_end(document: &str, start: usize) -> usize {
    let line = document[start..].split('\n').next().unwrap_or_default();
    let value = line.find(" #").map_or(line, |comment| &line[..comment]);
    start + value.trim_end().len()
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
        for (written, text) in
            [(">-\n  a\n\n  b\nx: y\n", "a b"), ("|\r\n  a\r\nx: y\r\n", "a"), ("a\n  b\nx: y\n", "a b")]
        {
            let document = format!("---\ntitle: {written}---\n");
            let found = front_matter_values(&document);
            assert_eq!(found.len(), 1, "{written}");
            assert_eq!(found[0].text, text);
            let rest = &document[found[0].range.end..];
            assert!(rest.trim_start().starts_with("x: y") || rest == "\n---\n", "{rest:?}");
        }
        for skipped in [
            "title: |2\n  a\n",
            "title: a # b\n",
            "title: 'a\n  b'\n",
            "title:\n  a\n",
            "title:\n",
            "title: \"a\n",
            "Title: a\n",
            "title: >\n  a: b\n",
        ] {
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
