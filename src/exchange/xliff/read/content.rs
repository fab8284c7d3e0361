//! The content of a source or a target: its text, with that of its inline codes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use quick_xml::events::{BytesStart, Event};

use super::{XliffReader, attributes, local};
use crate::exchange::events::{LONGEST_TEXT, check_length};
use crate::exchange::xml_error::XmlError;

/// The text of an element.
pub(super) struct Content {
    pub text: String,
    /// The id and the part of the text of each `<mrk mtype="seg">`.
    segments: Vec<(String, Range<usize>)>,
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Content { text, segments: Vec::new() }
    }
}

impl Content {
    /// The segments of a source with those of its target; `None` if they are not segmented alike.
    pub fn paired_with(&self, target: &Content) -> Option<Vec<(String, String)>> {
        if self.segments.is_empty() || self.segments.len() != target.segments.len() {
            return None;
        }
        let pairs = self.segments.iter().zip(&target.segments);
        pairs
            .map(|((id, of_source), (same, of_target))| {
                let texts =
                    || (self.text[of_source.clone()].to_owned(), target.text[of_target.clone()].to_owned());
                (id == same).then(texts)
            })
            .collect()
    }
}

/// An inline element that has begun.
struct Open {
    /// The length of the text where it began.
    start: usize,
    /// The text that replaces it if it has none of its own.
    equivalent: Option<String>,
    /// The text at its end.
    end: Option<String>,
    /// The id of a segment.
    segment: Option<String>,
}

impl Open {
    /// The element of a tag. Appends the text that replaces its beginning.
    fn of(tag: &BytesStart<'_>, data: &HashMap<String, String>, text: &mut String) -> Open {
        let resolved = |reference: Option<Cow<'_, str>>, equivalent: Option<Cow<'_, str>>| {
            let stored = reference.and_then(|id| data.get(&*id).cloned());
            stored.or(equivalent.map(Cow::into_owned))
        };
        let mut open = Open { start: text.len(), equivalent: None, end: None, segment: None };
        match local(tag.name().as_ref()) {
            // A character that XML cannot hold (XLIFF 2.1, 4.2.3.1).
            "cp" => {
                let [hex] = attributes(tag, ["hex"]);
                let number = hex.and_then(|hex| u32::from_str_radix(&hex, 16).ok());
                text.extend(number.and_then(char::from_u32));
            }
            "pc" => {
                let [start, end, start_text, end_text] =
                    attributes(tag, ["dataRefStart", "dataRefEnd", "equivStart", "equivEnd"]);
                text.extend(resolved(start, start_text));
                open.end = resolved(end, end_text);
            }
            "mrk" => {
                let [kind, id] = attributes(tag, ["mtype", "mid"]);
                let id = id.filter(|_| kind.as_deref() == Some("seg"));
                open.segment = id.map(Cow::into_owned);
            }
            // Codes with their content beside the text (2.x), or inside (1.2).
            "ph" | "sc" | "ec" | "x" | "bx" | "ex" | "bpt" | "ept" | "it" => {
                let [reference, equiv, equiv_text] = attributes(tag, ["dataRef", "equiv", "equiv-text"]);
                open.equivalent = resolved(reference, equiv.or(equiv_text));
            }
            _ => {}
        }
        open
    }
}

impl XliffReader<'_> {
    /// Reads the content of the element that has begun, to its end tag. `data` has the inline codes that are stored beside it. `None`
    /// if a part of the text is not known, which is reported.
    pub(super) fn content(&mut self, data: &HashMap<String, String>) -> Result<Option<Content>, XmlError> {
        let first = self.events.line();
        let overwritten = self.events.overwritten();
        let mut content = Content::from(String::new());
        let mut open: Vec<Open> = Vec::new();
        let mut is_known = true;
        loop {
            let text = &mut content.text;
            match self.events.next(&mut self.buffer)? {
                Event::Start(tag) => {
                    let code = Open::of(&tag, data, text);
                    // A unit can refer any number of times to one code.
                    let ends = [&code.equivalent, &code.end].map(|text| text.as_ref().map_or(0, String::len));
                    self.stood_for += text.len() - code.start + ends[0] + ends[1];
                    if self.stood_for > LONGEST_TEXT {
                        let reason =
                            format!("a unit whose codes stand for more than {} MiB", LONGEST_TEXT >> 20);
                        return Err(XmlError::Damaged { line: first, reason });
                    }
                    open.push(code);
                }
                Event::End(_) => {
                    let Some(ended) = open.pop() else { break };
                    if text.len() == ended.start {
                        text.extend(ended.equivalent);
                    }
                    text.extend(ended.end);
                    let is_inside = open.iter().any(|outer| outer.segment.is_some());
                    if let Some(id) = ended.segment.filter(|_| !is_inside) {
                        content.segments.push((id, ended.start..text.len()));
                    }
                }
                Event::Eof => return Err(super::ends_inside(first)),
                event => is_known &= self.events.append_text(&event, text),
            }
            check_length(&content.text, first)?;
        }
        Ok((is_known && self.events.overwritten() == overwritten).then_some(content))
    }
}
