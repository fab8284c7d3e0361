//! Reads TMX 1.1 to 1.4b of any tool, one unit at a time.

use std::io::Read;

use quick_xml::events::Event;

use super::interpret::{self, Entry, Header};
use super::profile::CREATION_TOOL;
use super::raw::{Locales, PropertyName, RawAttributes, RawUnit, RawVariant, attribute};
use crate::exchange::events::{Events, check_length};
use crate::exchange::xml_error::XmlError;
use crate::model::Locale;

/// Reads a TMX: an iterator over its units, which ends after the first error.
///
/// An entry without a unit reports problems that are outside of the units.
pub struct TmxReader<'a> {
    events: Events<'a>,
    /// Buffers for the bytes of events: one for elements, one for the text inside them.
    element: Vec<u8>,
    content: Vec<u8>,
    header: Header,
    locales: Locales,
    ended: bool,
    /// The end of the file, or the error that ends it. The problems before it are returned first.
    end: Option<Result<Option<Entry>, XmlError>>,
}

/// The format's name in errors.
const FORMAT: &str = "a TMX";

impl<'a> TmxReader<'a> {
    /// Reads up to the first unit. `source_locale` is the source locale of a file that does not name it (`srclang="*all*"`);
    /// without it, the first variant of each unit is the source.
    pub fn new(input: impl Read + 'a, source_locale: Option<Locale>) -> Result<Self, XmlError> {
        let events = Events::new(input, "tmx")?;
        let header = Header { preferred: source_locale, ..Header::default() };
        let mut reader = TmxReader {
            events,
            element: Vec::new(),
            content: Vec::new(),
            header,
            locales: Locales::default(),
            ended: false,
            end: None,
        };
        reader.start()?;
        Ok(reader)
    }

    /// Reads the outer elements up to `<body>`.
    fn start(&mut self) -> Result<(), XmlError> {
        let mut buffer = std::mem::take(&mut self.element);
        let mut expected = "tmx";
        loop {
            match self.events.next(&mut buffer)? {
                Event::Start(tag) => {
                    let name = tag.name().as_ref().to_string();
                    match (expected, name.as_str()) {
                        ("tmx", "tmx") => expected = "header",
                        ("header", "header") => {
                            let read = |name| {
                                attribute(&tag, false, name)
                                    .map(|value| value.map(|value| value.into_owned()))
                            };
                            let found =
                                read("srclang").and_then(|srclang| Ok((srclang, read("creationtool")?)));
                            let (srclang, tool) = found.map_err(|reason| self.events.damaged(reason))?;
                            self.header.srclang = srclang;
                            self.header.is_own = tool.as_deref() == Some(CREATION_TOOL);
                            self.text()?;
                            expected = "body";
                        }
                        // A body without a header is not valid, but its units can be read.
                        ("header" | "body", "body") => return Ok(()),
                        _ => {
                            return Err(XmlError::OtherFormat {
                                format: FORMAT,
                                line: self.events.line(),
                                element: name,
                                expected,
                            });
                        }
                    }
                }
                Event::Eof => return Err(self.events.damaged(format!("it ends before <{expected}>"))),
                event => self.events.report_text(&event, &format!("before <{expected}>")),
            }
        }
    }

    fn next_entry(&mut self) -> Result<Option<Entry>, XmlError> {
        let mut buffer = std::mem::take(&mut self.content);
        loop {
            match self.events.next(&mut buffer)? {
                Event::Start(tag) if tag.name().as_ref() == "tu" => {
                    let attributes = RawAttributes::of(&tag, self.events.tag_is_sound(), &mut self.locales);
                    drop(tag);
                    self.content = buffer;
                    return self.unit(attributes).map(Some);
                }
                Event::Start(tag) => {
                    let element = tag.name().as_ref().to_string();
                    return Err(XmlError::OtherFormat {
                        line: self.events.line(),
                        element,
                        format: FORMAT,
                        expected: "tu",
                    });
                }
                Event::End(tag) if tag.name().as_ref() == "body" => {
                    self.end()?;
                    return Ok(None);
                }
                Event::Eof => return Err(self.events.damaged("it ends before </body>".into())),
                event => self.events.report_text_among_units(&event),
            }
        }
    }

    fn end(&mut self) -> Result<(), XmlError> {
        let mut buffer = std::mem::take(&mut self.element);
        let mut closed = false;
        loop {
            match self.events.next(&mut buffer)? {
                Event::End(_) => closed = true,
                Event::Start(tag) => {
                    let reason = format!("<{}> after </body>", tag.name().as_ref());
                    return Err(self.events.damaged(reason));
                }
                Event::Eof if closed => return Ok(()),
                Event::Eof => return Err(self.events.damaged("it ends before </tmx>".into())),
                event => {
                    self.events.report_text(&event, if closed { "after </tmx>" } else { "after </body>" })
                }
            }
        }
    }

    /// Reads a unit after its start tag. What cannot be read in it, and ends inside it, is left out and reported.
    fn unit(&mut self, attributes: Result<RawAttributes, String>) -> Result<Entry, XmlError> {
        let mut buffer = std::mem::take(&mut self.element);
        let line = self.events.line();
        let mut is_readable = attributes.is_ok();
        let mut unit = RawUnit { line, attributes: attributes.unwrap_or_default(), ..RawUnit::default() };
        let mut inside = false;
        loop {
            match self.events.next(&mut buffer)? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "tuv" if !inside => {
                        let attributes =
                            RawAttributes::of(&tag, self.events.tag_is_sound(), &mut self.locales);
                        // Without its locale, another variant would be taken for the source.
                        is_readable &= attributes.is_ok();
                        let attributes = attributes.unwrap_or_default();
                        unit.variants.push(RawVariant { attributes, ..RawVariant::default() });
                        inside = true;
                    }
                    "prop" => {
                        let name = PropertyName::of(&tag, self.events.tag_is_sound());
                        let value = self.text()?;
                        if let (Ok(name), Some(value)) = (name, value) {
                            unit.innermost(inside).properties.push((name, value));
                        }
                    }
                    "note" => {
                        let text = self.text()?;
                        unit.innermost(inside).notes.extend(text);
                    }
                    "seg" if inside => {
                        let text = self.text()?;
                        if let Some(variant) = unit.variants.last_mut() {
                            variant.text = text;
                        }
                    }
                    other => {
                        let reason = format!("<{other}> inside <{}>", if inside { "tuv" } else { "tu" });
                        return Err(self.events.damaged(reason));
                    }
                },
                Event::End(_) if inside => inside = false,
                Event::End(_) => break,
                Event::Eof => {
                    let reason = "the file ends inside the unit that begins here".into();
                    return Err(XmlError::Damaged { line, reason });
                }
                event => self.events.report_text(&event, "between the elements of a unit"),
            }
        }
        self.element = buffer;
        if !is_readable {
            self.events.report("a unit with a tag that cannot be read; it is left out".into());
            return Ok(self.problems_at(line));
        }
        let mut entry = interpret::entry(unit, &self.header);
        if self.events.has_problems() {
            let (problems, damage) = self.events.drain();
            entry.problems.extend(problems);
            entry.problems.sort_by_key(|problem| problem.line);
            entry.damage = damage;
        }
        Ok(entry)
    }

    /// The waiting problems, as an entry without a unit.
    fn problems_at(&mut self, line: u64) -> Entry {
        let (problems, damage) = self.events.drain();
        Entry { line: u32::try_from(line).unwrap_or(u32::MAX), unit: None, problems, damage }
    }

    /// The character data of the current element up to its end tag. It includes the content of inline codes and of `sub`, `hi`
    /// and `ut`, which is the document's own markup. `None` if a part of it is not known, which is reported.
    fn text(&mut self) -> Result<Option<String>, XmlError> {
        let mut buffer = std::mem::take(&mut self.content);
        let first = self.events.line();
        let overwritten = self.events.overwritten();
        let mut text = String::new();
        let mut is_known = true;
        let mut depth = 0;
        loop {
            match self.events.next(&mut buffer)? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => break,
                Event::End(_) => depth -= 1,
                Event::Eof => {
                    let reason = "the file ends inside the element that begins here".into();
                    return Err(XmlError::Damaged { line: first, reason });
                }
                event => is_known &= self.events.append_text(&event, &mut text),
            }
            check_length(&text, first)?;
        }
        self.content = buffer;
        Ok((is_known && self.events.overwritten() == overwritten).then_some(text))
    }
}

impl Iterator for TmxReader<'_> {
    type Item = Result<Entry, XmlError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.end.take().unwrap_or_else(|| self.next_entry());
        if !matches!(next, Ok(Some(_))) && self.events.has_problems() {
            self.end = Some(next);
            let line = self.events.first_line();
            return Some(Ok(self.problems_at(line)));
        }
        self.ended = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}
