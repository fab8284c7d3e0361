//! Writes translations into documents: in the place of their segments, so that what is around them stays what it is. `translate` and `merge`
//! write alike.

pub(super) mod scalar;

use std::borrow::Cow;
use std::ops::Range;

use crate::model::fold_line_breaks;
use crate::segmentation::Block;
use crate::side_by_side::{Quoting, Syntax, escape_yaml};

use scalar::Style;

/// A text in the place of a range of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replacement {
    pub range: Range<usize>,
    pub text: String,
}

/// A document with some ranges replaced. The replacements are in order and do not overlap.
pub(super) fn replaced(document: &str, replacements: &[Replacement]) -> String {
    let mut text = String::with_capacity(document.len() + document.len() / 4);
    let mut at = 0;
    for replacement in replacements {
        text.push_str(&document[at..replacement.range.start]);
        text.push_str(&replacement.text);
        at = replacement.range.end;
    }
    text.push_str(&document[at..]);
    text
}

/// What becomes of a bar in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bars {
    /// It would end the cell.
    Escaped,
    /// It was published so at this very place.
    AsPublished,
}

/// A translation as its block can hold it. A heading and a cell are one line, and so is a text in YAML; a bar in a cell is escaped, because
/// it would end the cell; in a double-quoted scalar the text has the escapes of YAML.
pub(super) fn fitted<'t>(
    text: &'t str,
    written: &str,
    (syntax, block, quoting): (Syntax, Option<Block>, Quoting),
    bars: Bars,
) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    let is_one_line = matches!(block, Some(Block::Heading | Block::Cell)) && !written.contains('\n');
    if (is_one_line || syntax == Syntax::Yaml) && text.contains('\n') {
        text = Cow::Owned(fold_line_breaks(&text).into_owned());
    }
    if block == Some(Block::Cell)
        && bars == Bars::Escaped
        && let Some(escaped) = with_escaped_bars(&text)
    {
        text = Cow::Owned(escaped);
    }
    if quoting == Quoting::Yaml
        && let Cow::Owned(escaped) = escape_yaml(&text)
    {
        text = Cow::Owned(escaped);
    }
    text
}

/// A text with `\` before each bar that would end a cell of a table: those outside code spans and without `\` before them. `None` if it has
/// none.
fn with_escaped_bars(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut escaped, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(found) = memchr::memchr3(b'|', b'\\', b'`', &bytes[at..]) {
        at += found;
        match bytes[at] {
            b'|' => {
                escaped.push_str(&text[copied..at]);
                escaped.push('\\');
                copied = at;
                at += 1;
            }
            b'\\' => at += 2,
            _ => {
                let run = bytes[at..].iter().take_while(|&&byte| byte == b'`').count();
                at = code_end(bytes, at + run, run).unwrap_or(at + run);
            }
        }
        if at >= bytes.len() {
            break;
        }
    }
    (copied > 0 || !escaped.is_empty()).then(|| escaped + &text[copied..])
}

/// Where a code span ends, if as many backquotes as it began with close it.
fn code_end(bytes: &[u8], mut at: usize, length: usize) -> Option<usize> {
    while let Some(found) = memchr::memchr(b'`', bytes.get(at..)?) {
        let run = bytes[at + found..].iter().take_while(|&&byte| byte == b'`').count();
        at += found + run;
        if run == length {
            return Some(at);
        }
    }
    None
}

/// Writes the texts of a YAML document so that each scalar stays one. A value without quotation marks that cannot hold its translation gets
/// them: all of the value is replaced then.
pub(super) fn in_scalars(document: &str, replacements: Vec<Replacement>) -> Vec<Replacement> {
    let mut written: Vec<Replacement> = Vec::with_capacity(replacements.len());
    let mut replacements = replacements.into_iter().peekable();
    while let Some(Replacement { range, text }) = replacements.next() {
        let (style, value) = scalar::style_at(document, range.start);
        match style {
            // Escaped already.
            Style::Double => written.push(Replacement { range, text }),
            Style::Single => written.push(Replacement { range, text: text.replace('\'', "''") }),
            Style::Block => written.push(Replacement { range, text }),
            Style::Plain => {
                let value = value..scalar::plain_end(document, value).max(range.end);
                let mut of_value = vec![Replacement { range, text }];
                while let Some(next) = replacements.next_if(|next| next.range.end <= value.end) {
                    of_value.push(next);
                }
                let inside = of_value.iter().map(|one| Replacement {
                    range: one.range.start - value.start..one.range.end - value.start,
                    text: one.text.clone(),
                });
                let inside: Vec<Replacement> = inside.collect();
                let whole = replaced(&document[value.clone()], &inside);
                if scalar::is_safe_in_plain(&whole, true) || whole == document[value.clone()] {
                    written.append(&mut of_value);
                } else {
                    written.push(Replacement { range: value, text: format!("\"{}\"", escape_yaml(&whole)) });
                }
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        fitted(text, "", (Syntax::Markdown, Some(Block::Cell), Quoting::Plain), Bars::Escaped).into_owned()
    }

    #[test]
    fn a_bar_does_not_end_a_cell() {
        assert_eq!(cell("가 | 나"), "가 \\| 나");
        assert_eq!(cell("|"), "\\|");
        for same in ["가 \\| 나", "`a | b`", "``a ` | b``", "a", "\\", "`"] {
            assert_eq!(cell(same), same);
        }
        assert_eq!(cell("`a | b"), "`a \\| b");
        assert_eq!(cell("`a` | `b|`|"), "`a` \\| `b|`\\|");
        assert_eq!(cell("가\n나"), "가 나");
    }

    fn yaml(document: &str, changes: &[(&str, &str)]) -> String {
        let replacements = changes.iter().map(|(old, new)| {
            let start = document.find(old).unwrap();
            Replacement { range: start..start + old.len(), text: (*new).to_owned() }
        });
        replaced(document, &in_scalars(document, replacements.collect()))
    }

    #[test]
    fn a_value_without_quotation_marks_gets_them_if_its_translation_needs_them() {
        let document = "- title: One. Two. # note\n  text: 'It'\n  note: Three\n";
        assert_eq!(
            yaml(document, &[("One.", "하나."), ("It", "it's: #"), ("Three", "셋")]),
            "- title: 하나. Two. # note\n  text: 'it''s: #'\n  note: 셋\n"
        );
        assert_eq!(
            yaml(document, &[("One.", "하나: \"일\"."), ("Two.", "둘."), ("Three", "# 셋")]),
            "- title: \"하나: \\\"일\\\". 둘.\" # note\n  text: 'It'\n  note: \"# 셋\"\n"
        );
        assert_eq!(yaml("a:\n  text: |\n    One\n", &[("One", "a: b")]), "a:\n  text: |\n    a: b\n");
    }

    proptest::proptest! {
        #[test]
        fn the_value_of_a_scalar_is_its_translation(text in r#"[ :#'"\\가a\[\{\-*&!|>%@`,?]{1,12}"#) {
            let text = text.trim();
            proptest::prop_assume!(!text.is_empty());
            let document = yaml("title: One\nnext: x\n", &[("One", text)]);
            let (found, _) = document.strip_prefix("title: ").unwrap().split_once("\nnext").unwrap();
            let read = match found.strip_prefix('"') {
                Some(quoted) => crate::side_by_side::unescape_yaml(quoted.strip_suffix('"').unwrap()).into_owned(),
                None => found.to_owned(),
            };
            proptest::prop_assert_eq!(read, text);
        }

        #[test]
        fn a_cell_with_any_text_stays_one_cell(text in r"[ |`\\a]{0,16}") {
            let text = cell(text.trim());
            proptest::prop_assert_eq!(cell(&text), text.clone());
        }
    }
}
