//! The XML events of a TMX or an XLIFF file. Reports what is not well-formed and can be read nevertheless; knows no element of
//! either.

use std::io::{self, BufRead, Read};

use encoding_rs::Encoding;
use quick_xml::events::Event;

use super::lines::Lines;
use super::xml_error::XmlError;
use super::{decode, well_formed};
use crate::model::{Problem, zero_block};

/// What is wrong with the XML of a file, or of a part of it; the worst is the greatest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// It is well-formed.
    #[default]
    None,
    /// It is not well-formed, or has a text where the format has none. Each fault is reported, and hides no other unit.
    Faults,
    /// An unknown number of units may be missing: there is a block of zeros, or a text where units belong. Both are what is left
    /// where a part of the file was overwritten.
    UnitsMayBeMissing,
}

/// A limit on the memory for the problems of one unit.
const REPORTED: usize = 20;

/// The depth limit of elements. TMX and XLIFF need 5 to 10, and inline codes in subflows a few more.
const DEEPEST: usize = 200;

/// The largest text between two tags, and of an element with its inline codes. A limit on memory use; no segment is that long.
pub(super) const LONGEST_TEXT: usize = 64 << 20;

/// An error if the text of an element that begins in a line is too long.
pub(super) fn check_length(text: &str, line: u64) -> Result<(), XmlError> {
    if text.len() <= LONGEST_TEXT {
        return Ok(());
    }
    Err(XmlError::Damaged { line, reason: format!("a text of more than {} MiB", LONGEST_TEXT >> 20) })
}

/// The XML events of a file.
pub(super) struct Events<'a> {
    /// The name of the outermost element.
    root: &'static str,
    xml: quick_xml::Reader<Lines<Box<dyn Read + 'a>>>,
    encoding: &'static Encoding,
    /// Whether the file states that it is ASCII. Then it is read as UTF-8.
    states_ascii: bool,
    begun: bool,
    has_document_type: bool,
    has_root: bool,
    depth: usize,
    /// Whether the last tag is well-formed.
    tag_is_sound: bool,
    /// The number of events with zero bytes.
    overwritten: u64,
    /// Problems since the last call of `drain`, the number of those over the limit, and the worst damage.
    problems: Vec<Problem>,
    more: u64,
    damage: Damage,
}

impl<'a> Events<'a> {
    /// Decodes and reads a file whose outermost element is `root`. An event has at most [`LONGEST_TEXT`] bytes.
    pub fn new(input: impl Read + 'a, root: &'static str) -> Result<Self, XmlError> {
        let unreadable = |source| XmlError::Read { line: 1, source };
        let decoded = decode::decode_xml(Box::new(input)).map_err(unreadable)?;
        let mut lines = Lines::new(decoded.text, LONGEST_TEXT);
        // The XML reader skips a byte-order mark, and the decoder has skipped one before.
        let has_second_mark = lines.fill_buf().map_err(unreadable)?.starts_with("\u{feff}".as_bytes());
        let mut xml = quick_xml::Reader::from_reader(lines);
        xml.config_mut().expand_empty_elements = true;
        xml.config_mut().allow_dangling_amp = true;
        let mut events = Events {
            root,
            xml,
            encoding: decoded.encoding,
            states_ascii: false,
            begun: false,
            has_document_type: false,
            has_root: false,
            depth: 0,
            tag_is_sound: true,
            overwritten: 0,
            problems: Vec::new(),
            more: 0,
            damage: Damage::None,
        };
        if has_second_mark {
            events.report(format!("text before <{root}>: a second byte-order mark"));
        }
        Ok(events)
    }

    /// The next event, with its bytes in `buffer`. An event that cannot be read is an error.
    pub fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, XmlError> {
        buffer.clear();
        self.xml.get_mut().start_event();
        let event = match self.xml.read_event_into(buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) => {
                let source = io::Error::new(error.kind(), error.to_string());
                return Err(XmlError::Read { line: self.xml.get_mut().line(), source });
            }
            Err(quick_xml::Error::Encoding(_)) => {
                return Err(self.damaged("bytes that are no UTF-8 begin in the text here".into()));
            }
            Err(other) => return Err(self.damaged(other.to_string())),
        };
        self.check(&event)?;
        self.begun = true;
        Ok(event)
    }

    /// Appends the text of an event; other events have none. Returns false if it is a reference to an unknown entity, which is
    /// reported.
    pub fn append_text(&mut self, event: &Event<'_>, text: &mut String) -> bool {
        match event {
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::CData(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => match well_formed::resolved(reference) {
                Ok((character, wrong)) => {
                    text.push(character);
                    wrong.into_iter().for_each(|reason| self.report(reason));
                }
                Err(reason) => {
                    self.report(format!("{reason}; the text that has it is left out"));
                    return false;
                }
            },
            _ => {}
        }
        true
    }

    fn check(&mut self, event: &Event<'_>) -> Result<(), XmlError> {
        match event {
            Event::Start(tag) => {
                self.check_characters(tag);
                let name = tag.name();
                if !is_element_name(name.as_ref()) {
                    let name = well_formed::shown(name.as_ref());
                    return Err(self.damaged(format!("<{name}> is no element")));
                }
                let checked = if tag.len() > name.as_ref().len() { well_formed::tag(tag) } else { Ok(()) };
                self.tag_is_sound = checked.is_ok();
                self.report_if_wrong(checked);
                self.depth += 1;
                self.has_root = true;
                if self.depth > DEEPEST {
                    return Err(self.damaged(format!("elements nested more than {DEEPEST} deep")));
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Text(text) => {
                self.check_characters(text);
                self.report_if_wrong(well_formed::text(text));
            }
            Event::CData(text) => self.check_characters(text),
            Event::Comment(comment) => {
                self.check_characters(comment);
                self.report_if_wrong(well_formed::comment(comment));
            }
            Event::PI(instruction) => {
                self.check_characters(instruction);
                self.report_if_wrong(well_formed::instruction(instruction));
            }
            Event::Decl(declaration) => self.check_declaration(declaration),
            Event::DocType(declaration) => {
                if declaration.to_ascii_uppercase().contains("<!ENTITY") {
                    return Err(XmlError::Entities { line: self.line() });
                }
                self.check_characters(declaration);
                self.check_document_type(declaration);
            }
            Event::GeneralRef(_) | Event::Empty(_) | Event::Eof => {}
        }
        Ok(())
    }

    #[inline]
    fn check_characters(&mut self, content: &str) {
        if self.states_ascii || self.xml.get_ref().is_suspicious() {
            self.report_characters(content);
        }
    }

    fn report_characters(&mut self, content: &str) {
        if self.states_ascii && !content.is_ascii() {
            self.states_ascii = false;
            self.report(
                "the file states that it is ASCII, and has other characters; it is read as UTF-8".into(),
            );
        }
        let Some((at, character)) = well_formed::forbidden_character(content) else { return };
        let line = self.line() + content[..at].matches('\n').count() as u64;
        if content.contains('\0') {
            self.overwritten += 1;
            self.report_at(line, "zero bytes, where a part of the file was overwritten".into());
            // What follows the end of the last element overwrites no unit: some programs write files in whole blocks.
            if (self.depth > 0 || !self.has_root) && zero_block(content.as_bytes()).is_some() {
                self.damage = Damage::UnitsMayBeMissing;
            }
        } else {
            self.report_at(line, format!("the character U+{:04X}, which XML forbids", u32::from(character)));
        }
    }

    fn check_declaration(&mut self, declaration: &str) {
        if self.begun {
            self.report("an XML declaration that is not at the very start of the file".into());
        }
        match well_formed::declaration(declaration) {
            Err(reason) => self.report(reason),
            Ok(Some(label)) if decode::is_ascii_label(label) => self.states_ascii = true,
            Ok(Some(label)) if !decode::is_label_of(label, self.encoding) => {
                let (label, read) = (well_formed::shown(label), self.encoding.name());
                self.report(format!("the file states the encoding {label:?} and is read as {read}"));
            }
            Ok(_) => {}
        }
    }

    fn check_document_type(&mut self, declaration: &str) {
        if self.has_root || self.has_document_type {
            let root = self.root;
            self.report(format!("a document type declaration that is not before <{root}>, or a second one"));
        }
        self.has_document_type = true;
        // The reader accepts other spellings of `DOCTYPE`, and leaves it out of the event.
        let written = self.xml.get_mut().event_bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let checked = match written.and_then(|written| written.strip_suffix('>')) {
            Some(written) => well_formed::document_type(written),
            None => well_formed::document_type(&format!("<!DOCTYPE {declaration}")),
        };
        self.report_if_wrong(checked);
    }

    /// Reports an event that is text, where only elements belong.
    pub fn report_text(&mut self, event: &Event<'_>, place: &str) {
        let text: &str = match event {
            Event::Text(text) => text,
            Event::CData(text) => text,
            Event::GeneralRef(reference) => reference,
            _ => return,
        };
        let is_text = !matches!(event, Event::Text(_)) || !text.chars().all(well_formed::is_white_space);
        // Zero bytes have been reported.
        if is_text && !text.contains('\0') {
            let at = text.find(|c| !well_formed::is_white_space(c)).unwrap_or(0);
            let line = self.line() + text[..at].matches('\n').count() as u64;
            self.report_at(line, format!("text {place}: {:?}", well_formed::shown(text.trim())));
        }
    }

    /// As [`report_text`](Events::report_text), where units belong: the text may be what is left of some.
    pub fn report_text_among_units(&mut self, event: &Event<'_>) {
        let before = self.problems.len() as u64 + self.more;
        self.report_text(event, "between units");
        if self.problems.len() as u64 + self.more > before {
            self.damage = Damage::UnitsMayBeMissing;
        }
    }

    #[inline]
    fn report_if_wrong(&mut self, checked: Result<(), String>) {
        if let Err(reason) = checked {
            self.report(reason);
        }
    }

    /// Reports that the last event is not well-formed.
    pub fn report(&mut self, reason: String) {
        let line = self.line();
        self.report_at(line, reason);
    }

    fn report_at(&mut self, line: u64, reason: String) {
        self.damage = self.damage.max(Damage::Faults);
        if self.problems.len() < REPORTED {
            self.problems.push(Problem { line: Some(u32::try_from(line).unwrap_or(u32::MAX)), reason });
        } else {
            self.more += 1;
        }
    }

    /// Removes and returns the problems since the last call, with the worst damage.
    pub fn drain(&mut self) -> (Vec<Problem>, Damage) {
        let mut problems = std::mem::take(&mut self.problems);
        let more = std::mem::take(&mut self.more);
        if more > 0 {
            let line = problems.last().and_then(|problem| problem.line);
            problems.push(Problem { line, reason: format!("and {more} more in the same unit") });
        }
        (problems, std::mem::take(&mut self.damage))
    }

    /// Whether problems are waiting for `drain`.
    pub fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Whether an element has begun.
    pub fn has_root(&self) -> bool {
        self.has_root
    }

    /// Whether the last tag is well-formed: then no attribute is in it twice.
    pub fn tag_is_sound(&self) -> bool {
        self.tag_is_sound
    }

    /// The line of the first waiting problem, or that of the last event.
    pub fn first_line(&mut self) -> u64 {
        let first = self.problems.first().and_then(|problem| problem.line);
        first.map_or_else(|| self.line(), u64::from)
    }

    /// The number of events so far that have zero bytes.
    pub fn overwritten(&self) -> u64 {
        self.overwritten
    }

    /// The line where the last event begins.
    pub fn line(&mut self) -> u64 {
        self.xml.get_mut().event_line()
    }

    /// An error at the last event.
    pub fn damaged(&mut self, reason: String) -> XmlError {
        XmlError::Damaged { line: self.line(), reason }
    }
}

/// Whether a name can be the name of an element. So a missing `>` or a stray `<` in a text is reported at its own line.
fn is_element_name(name: &str) -> bool {
    matches!(name, "tu" | "tuv" | "seg" | "prop" | "note") || well_formed::is_name(name)
}
