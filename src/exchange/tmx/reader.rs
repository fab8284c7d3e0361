//! Reads TMX 1.1 to 1.4b of any tool, one unit at a time.

use std::io::{self, Read};

use quick_xml::events::Event;

use super::interpret::{self, Entry, Header};
use super::lines::Lines;
use super::profile::CREATION_TOOL;
use super::raw::{Locales, PropertyName, RawAttributes, RawUnit, RawVariant, attribute};
use crate::exchange::decode;
use crate::model::Locale;

/// Why a TMX could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum TmxError {
    /// The bytes could not be read or decoded.
    #[error("line {line}: {source}")]
    Read {
        /// The 1-based line that was reached.
        line: u64,
        /// The cause.
        source: io::Error,
    },
    /// The XML is damaged.
    #[error("line {line}: the XML is damaged: {reason}")]
    Damaged {
        /// The 1-based line where the damaged part begins.
        line: u64,
        /// The message of the XML reader.
        reason: String,
    },
    /// The file declares entities.
    #[error(
        "line {line}: the file declares entities of its own; such a file can grow without bound or read other files, and is refused"
    )]
    Entities {
        /// The 1-based line of the document type declaration.
        line: u64,
    },
    /// It is XML, but not TMX.
    #[error("line {line}: <{element}> where a TMX has <{expected}>")]
    NotTmx {
        /// The 1-based line of the element.
        line: u64,
        /// The element's name.
        element: String,
        /// The name that TMX has at this position.
        expected: &'static str,
    },
}

/// Reads a TMX: an iterator over its units, which ends after the first error.
pub struct TmxReader<'a> {
    xml: quick_xml::Reader<Lines<Box<dyn Read + 'a>>>,
    /// Buffers for the bytes of events: one for elements, one for the text inside them.
    element: Vec<u8>,
    content: Vec<u8>,
    header: Header,
    locales: Locales,
    ended: bool,
}

/// The largest text between two tags. A limit on memory use; no segment is that long.
const LONGEST_TEXT: usize = 64 << 20;

impl<'a> TmxReader<'a> {
    /// Reads up to the first unit. `source_locale` is the source locale of a file that does not name it (`srclang="*all*"`);
    /// without it, the first variant of each unit is the source.
    pub fn new(input: impl Read + 'a, source_locale: Option<Locale>) -> Result<Self, TmxError> {
        let input =
            decode::xml_as_utf8(Box::new(input)).map_err(|source| TmxError::Read { line: 1, source })?;
        let mut xml = quick_xml::Reader::from_reader(Lines::new(input, LONGEST_TEXT));
        xml.config_mut().expand_empty_elements = true;
        let header = Header { preferred: source_locale, ..Header::default() };
        let mut reader = TmxReader {
            xml,
            element: Vec::new(),
            content: Vec::new(),
            header,
            locales: Locales::default(),
            ended: false,
        };
        reader.start()?;
        Ok(reader)
    }

    /// Reads the outer elements up to `<body>`.
    fn start(&mut self) -> Result<(), TmxError> {
        let mut buffer = std::mem::take(&mut self.element);
        let mut expected = "tmx";
        loop {
            match self.event(&mut buffer)? {
                Event::Start(tag) => {
                    let name = tag.name().as_ref().to_string();
                    match (expected, name.as_str()) {
                        ("tmx", "tmx") => expected = "header",
                        ("header", "header") => {
                            let read = |name| {
                                attribute(&tag, name).map(|value| value.map(|value| value.into_owned()))
                            };
                            let found =
                                read("srclang").and_then(|srclang| Ok((srclang, read("creationtool")?)));
                            let (srclang, tool) = found.map_err(|reason| self.damaged(reason))?;
                            self.header.srclang = srclang;
                            self.header.is_own = tool.as_deref() == Some(CREATION_TOOL);
                            self.text()?;
                            expected = "body";
                        }
                        // A body without a header is not valid, but its units can be read.
                        ("header" | "body", "body") => return Ok(()),
                        _ => return Err(TmxError::NotTmx { line: self.line(), element: name, expected }),
                    }
                }
                Event::Eof => return Err(self.damaged(format!("it ends before <{expected}>"))),
                _ => {}
            }
        }
    }

    fn next_entry(&mut self) -> Result<Option<Entry>, TmxError> {
        let mut buffer = std::mem::take(&mut self.content);
        loop {
            match self.event(&mut buffer)? {
                Event::Start(tag) if tag.name().as_ref() == "tu" => {
                    let attributes = RawAttributes::of(&tag, &mut self.locales);
                    let attributes = attributes.map_err(|reason| self.damaged(reason))?;
                    drop(tag);
                    self.content = buffer;
                    return self.unit(attributes).map(Some);
                }
                Event::Start(tag) => {
                    let element = tag.name().as_ref().to_string();
                    return Err(TmxError::NotTmx { line: self.line(), element, expected: "tu" });
                }
                Event::End(tag) if tag.name().as_ref() == "body" => {
                    self.end()?;
                    return Ok(None);
                }
                Event::Eof => return Err(self.damaged("it ends before </body>".into())),
                _ => {}
            }
        }
    }

    fn end(&mut self) -> Result<(), TmxError> {
        let mut buffer = std::mem::take(&mut self.element);
        let mut closed = false;
        loop {
            match self.event(&mut buffer)? {
                Event::End(_) => closed = true,
                Event::Start(tag) => {
                    let reason = format!("<{}> after </body>", tag.name().as_ref());
                    return Err(self.damaged(reason));
                }
                Event::Eof if closed => return Ok(()),
                Event::Eof => return Err(self.damaged("it ends before </tmx>".into())),
                _ => {}
            }
        }
    }

    fn unit(&mut self, attributes: RawAttributes) -> Result<Entry, TmxError> {
        let mut buffer = std::mem::take(&mut self.element);
        let line = self.line();
        let mut unit = RawUnit { line, attributes, ..RawUnit::default() };
        let mut inside = false;
        loop {
            match self.event(&mut buffer)? {
                Event::Start(tag) => {
                    let damaged = |reason| TmxError::Damaged { line, reason };
                    match tag.name().as_ref() {
                        "tuv" if !inside => {
                            let attributes = RawAttributes::of(&tag, &mut self.locales).map_err(damaged)?;
                            unit.variants.push(RawVariant { attributes, ..RawVariant::default() });
                            inside = true;
                        }
                        "prop" => {
                            let name = PropertyName::of(&tag).map_err(damaged)?;
                            let value = self.text()?;
                            unit.innermost(inside).properties.push((name, value));
                        }
                        "note" => {
                            let text = self.text()?;
                            unit.innermost(inside).notes.push(text);
                        }
                        "seg" if inside => {
                            let text = self.text()?;
                            if let Some(variant) = unit.variants.last_mut() {
                                variant.text = Some(text);
                            }
                        }
                        other => {
                            let reason = format!("<{other}> inside <{}>", if inside { "tuv" } else { "tu" });
                            return Err(self.damaged(reason));
                        }
                    }
                }
                Event::End(_) if inside => inside = false,
                Event::End(_) => break,
                Event::Eof => {
                    let reason = "the file ends inside the unit that begins here".into();
                    return Err(TmxError::Damaged { line, reason });
                }
                _ => {}
            }
        }
        self.element = buffer;
        Ok(interpret::entry(unit, &self.header))
    }

    /// The character data of the current element up to its end tag. It includes the content of inline codes and of `sub`, `hi`
    /// and `ut`, which is the document's own markup.
    fn text(&mut self) -> Result<String, TmxError> {
        let mut buffer = std::mem::take(&mut self.content);
        let first = self.line();
        let mut text = String::new();
        let mut depth = 0;
        loop {
            match self.event(&mut buffer)? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => break,
                Event::End(_) => depth -= 1,
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::CData(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref() {
                        Ok(None) => match quick_xml::escape::resolve_xml_entity(&reference) {
                            Some(value) => {
                                text.push_str(value);
                                continue;
                            }
                            None => None,
                        },
                        Ok(character) => character,
                        Err(_) => None,
                    };
                    match character {
                        Some(character) => text.push(character),
                        None => {
                            let name: String = reference.chars().take(40).collect();
                            return Err(self.damaged(format!("&{name}; means nothing here")));
                        }
                    }
                }
                Event::Eof => {
                    let reason = "the file ends inside the element that begins here".into();
                    return Err(TmxError::Damaged { line: first, reason });
                }
                _ => {}
            }
            if text.len() > LONGEST_TEXT {
                let reason = format!("a text of more than {} MiB", LONGEST_TEXT >> 20);
                return Err(TmxError::Damaged { line: first, reason });
            }
        }
        self.content = buffer;
        Ok(text)
    }

    /// The next event, with its bytes in `buffer`. An event that no TMX can hold is an error.
    fn event<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, TmxError> {
        buffer.clear();
        self.xml.get_mut().start_event();
        let event = match self.xml.read_event_into(buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) => {
                let source = io::Error::new(error.kind(), error.to_string());
                return Err(TmxError::Read { line: self.xml.get_mut().line(), source });
            }
            Err(quick_xml::Error::Encoding(_)) => {
                return Err(self.damaged("bytes that are no UTF-8 begin in the text here".into()));
            }
            Err(other) => return Err(self.damaged(other.to_string())),
        };
        match &event {
            Event::Start(tag) if !is_name(tag.name().as_ref()) => {
                let name: String = tag.name().as_ref().chars().take(40).collect();
                Err(self.damaged(format!("<{name}> is no element")))
            }
            Event::DocType(declaration) if declaration.to_ascii_uppercase().contains("<!ENTITY") => {
                Err(TmxError::Entities { line: self.line() })
            }
            _ => Ok(event),
        }
    }

    /// The line where the last event begins.
    fn line(&mut self) -> u64 {
        self.xml.get_mut().event_line()
    }

    fn damaged(&mut self, reason: String) -> TmxError {
        TmxError::Damaged { line: self.line(), reason }
    }
}

impl Iterator for TmxReader<'_> {
    type Item = Result<Entry, TmxError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_entry().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Whether a name can be the name of an element. So a missing `>` or a stray `<` in a text is reported at its own line.
fn is_name(name: &str) -> bool {
    if matches!(name, "tu" | "tuv" | "seg" | "prop" | "note") {
        return true;
    }
    name.starts_with(|first: char| first.is_alphabetic() || first == '_' || first == ':')
        && !name.contains(|c: char| c.is_ascii() && !(c.is_ascii_alphanumeric() || "_:-.".contains(c)))
}
