//! Reads the XML of jobs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::{Half, ReadCode, ReadJob, ReadNode, ReadUnit};
use crate::exchange::events::{Events, check_length};
use crate::exchange::xliff::job::{FILLED_IN, HASH, PENDING_V1, SET, hash_of, of_unit_id};
use crate::exchange::xml_error::XmlError;

/// Reads the `<file>` elements of an XLIFF file.
///
/// # Errors
/// A sentence with its line, if the file is no XLIFF, or is not well-formed: a part of it may be missing.
pub fn read_jobs(input: impl Read) -> Result<Vec<ReadJob>, (u64, String)> {
    let failed = |error: XmlError| error.into_parts();
    let events = Events::new(input, "xliff").map_err(failed)?;
    let mut reader = Reader { events, buffer: Vec::new() };
    reader.read().map_err(failed)
}

struct Reader<'a> {
    events: Events<'a>,
    buffer: Vec<u8>,
}

/// The name of an element or attribute without its namespace.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, name)| name)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    found.normalized_value(XmlVersion::Explicit1_0).ok().map(Cow::into_owned)
}

/// An element, or its end.
enum Step {
    Start(BytesStart<'static>),
    End,
}

impl Reader<'_> {
    /// The next start or end of an element. Text between elements is passed over.
    fn step(&mut self) -> Result<Step, XmlError> {
        loop {
            let event = self.events.next(&mut self.buffer)?;
            let step = match event {
                Event::Start(tag) => Step::Start(tag.into_owned()),
                Event::End(_) => Step::End,
                Event::Eof => return Err(self.events.damaged("it ends too early".to_owned())),
                _ => continue,
            };
            self.refuse_faults()?;
            return Ok(step);
        }
    }

    /// What is not well-formed could be a lost translation.
    fn refuse_faults(&mut self) -> Result<(), XmlError> {
        if !self.events.has_problems() {
            return Ok(());
        }
        let (problems, _) = self.events.drain();
        let first = problems.into_iter().next();
        let (line, reason) =
            first.map_or((1, String::new()), |problem| (problem.line.unwrap_or(1), problem.reason));
        Err(XmlError::Damaged { line: line.into(), reason })
    }

    /// Calls `read` with each child of the element that has begun. It reads the child to its end.
    fn children(
        &mut self,
        mut read: impl FnMut(&mut Self, &BytesStart<'_>, &str) -> Result<(), XmlError>,
    ) -> Result<(), XmlError> {
        while let Step::Start(tag) = self.step()? {
            let name = tag.name();
            read(self, &tag, local(name.as_ref()))?;
        }
        Ok(())
    }

    fn skip(&mut self) -> Result<(), XmlError> {
        self.children(|reader, _, _| reader.skip())
    }

    fn read(&mut self) -> Result<Vec<ReadJob>, XmlError> {
        let root = loop {
            match self.events.next(&mut self.buffer)? {
                Event::Start(tag) => break tag.into_owned(),
                Event::Eof => return Err(self.events.damaged("it ends before <xliff>".to_owned())),
                _ => {}
            }
        };
        if local(root.name().as_ref()) != "xliff" {
            let (line, element) = (self.events.line(), root.name().as_ref().to_owned());
            return Err(XmlError::OtherFormat { line, element, format: "an XLIFF file", expected: "xliff" });
        }
        let locales = [attribute(&root, "srcLang"), attribute(&root, "trgLang")];
        let mut jobs = Vec::new();
        self.children(|reader, tag, name| {
            if name != "file" {
                return reader.skip();
            }
            let [source, target] = locales.clone();
            let mut job = ReadJob {
                line: reader.events.line(),
                document: attribute(tag, "original").unwrap_or_default(),
                source_locale: attribute(tag, "source-language").or(source),
                target_locale: attribute(tag, "target-language").or(target),
                set: None,
                bytes: Ok(Vec::new()),
                units: Vec::new(),
            };
            let (mut skeleton, mut notes) = (None, HashMap::new());
            reader.file(&mut job, &mut skeleton, &mut notes)?;
            job.set = notes.remove(SET);
            job.bytes = bytes_of(skeleton, notes.get(HASH));
            jobs.push(job);
            Ok(())
        })?;
        Ok(jobs)
    }

    /// Reads what is in a `<file>`, or in one of the elements around its units.
    fn file(
        &mut self,
        job: &mut ReadJob,
        skeleton: &mut Option<String>,
        notes: &mut HashMap<String, String>,
    ) -> Result<(), XmlError> {
        self.children(|reader, tag, name| match name {
            "skeleton" => {
                *skeleton = Some(reader.text()?);
                Ok(())
            }
            "skl" => reader.children(|reader, _, _| {
                *skeleton = Some(reader.text()?);
                Ok(())
            }),
            "header" | "body" | "group" => reader.file(job, skeleton, notes),
            "notes" | "note" => reader.note(tag, name, notes),
            "unit" | "trans-unit" => {
                let unit = reader.unit(tag)?;
                job.units.push(unit);
                Ok(())
            }
            _ => reader.skip(),
        })
    }

    fn note(
        &mut self,
        tag: &BytesStart<'_>,
        name: &str,
        notes: &mut HashMap<String, String>,
    ) -> Result<(), XmlError> {
        if name == "notes" {
            return self.children(|reader, tag, name| {
                reader.note(tag, if name == "notes" { "" } else { name }, notes)
            });
        }
        let key = attribute(tag, "category").or(attribute(tag, "from"));
        let text = self.text()?;
        if let Some(key) = key {
            notes.entry(key).or_insert(text);
        }
        Ok(())
    }

    /// The text of the element that has begun, with that of the elements in it.
    fn text(&mut self) -> Result<String, XmlError> {
        let nodes = self.content(&HashMap::new())?;
        let text = |node: ReadNode| match node {
            ReadNode::Text(text) => text,
            ReadNode::Code(code) => code.text.unwrap_or_default(),
        };
        Ok(nodes.into_iter().map(text).collect())
    }

    fn unit(&mut self, tag: &BytesStart<'_>) -> Result<ReadUnit, XmlError> {
        let id = attribute(tag, "id").unwrap_or_default();
        let mut unit = ReadUnit {
            line: self.events.line(),
            place: of_unit_id(&id),
            id,
            source: Vec::new(),
            target: None,
            is_pending: false,
            filled_in: None,
        };
        let (mut data, mut notes) = (HashMap::new(), HashMap::new());
        self.children(|reader, tag, name| match name {
            "notes" | "note" => reader.note(tag, name, &mut notes),
            "originalData" => reader.children(|reader, tag, _| {
                let text = reader.text()?;
                data.extend(attribute(tag, "id").map(|id| (id, text)));
                Ok(())
            }),
            // A tool that splits a segment keeps its parts in one unit.
            "segment" | "ignorable" => {
                let (mut source, mut target) = (Vec::new(), None);
                reader.children(|reader, _, name| {
                    match name {
                        "source" => source = reader.content(&data)?,
                        "target" => target = Some(reader.content(&data)?),
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?;
                // White space between two segments is the same in the translation.
                let target = target.or_else(|| (name == "ignorable").then(|| source.clone()));
                unit.source.extend(source);
                if let Some(target) = target {
                    unit.target.get_or_insert_default().extend(target);
                }
                Ok(())
            }
            "source" => {
                unit.source = reader.content(&data)?;
                Ok(())
            }
            "target" => {
                let is_pending = attribute(tag, "state").is_some_and(|state| state == PENDING_V1);
                let target = reader.content(&data)?;
                // A tool can add a target and leave the copy of the source beside it.
                if unit.target.is_none() || !is_pending {
                    unit.target = Some(target);
                    unit.is_pending = is_pending;
                }
                Ok(())
            }
            _ => reader.skip(),
        })?;
        unit.filled_in = notes.remove(FILLED_IN);
        Ok(unit)
    }

    /// Reads the content of the element that has begun, to its end tag.
    fn content(&mut self, data: &HashMap<String, String>) -> Result<Vec<ReadNode>, XmlError> {
        let first = self.events.line();
        let mut nodes: Vec<ReadNode> = Vec::new();
        // For each open element, what its end tag appends.
        let mut open: Vec<Option<ReadCode>> = Vec::new();
        let mut text = String::new();
        loop {
            let mut buffer = std::mem::take(&mut self.buffer);
            match self.events.next(&mut buffer)? {
                Event::Start(tag) => {
                    let tag = tag.into_owned();
                    self.buffer = buffer;
                    flush(&mut text, &mut nodes);
                    let name = tag.name();
                    match self.start(&tag, local(name.as_ref()), data, (&mut nodes, &mut text))? {
                        Begun::Open(end) => open.push(end),
                        Begun::Ended => {}
                    }
                    continue;
                }
                Event::End(_) => {
                    flush(&mut text, &mut nodes);
                    match open.pop() {
                        Some(end) => nodes.extend(end.map(ReadNode::Code)),
                        None => {
                            self.buffer = buffer;
                            self.refuse_faults()?;
                            return Ok(nodes);
                        }
                    }
                }
                Event::Eof => {
                    return Err(XmlError::Damaged {
                        line: first,
                        reason: "it ends inside a text".to_owned(),
                    });
                }
                event => {
                    self.events.append_text(&event, &mut text);
                }
            }
            self.buffer = buffer;
            check_length(&text, first)?;
        }
    }

    /// Reads the start of an inline element. One with native code is read to its end.
    fn start(
        &mut self,
        tag: &BytesStart<'_>,
        name: &str,
        data: &HashMap<String, String>,
        (nodes, text): (&mut Vec<ReadNode>, &mut String),
    ) -> Result<Begun, XmlError> {
        let of = |name: &str| attribute(tag, name);
        let stored = |name: &str| of(name).and_then(|id| data.get(&id).cloned());
        let id = of("id").unwrap_or_default();
        let (half, id) = match name {
            "g" | "pc" => {
                let end = ReadCode { id: id.clone(), half: Half::Close, text: stored("dataRefEnd") };
                nodes.push(ReadNode::Code(ReadCode { id, half: Half::Open, text: stored("dataRefStart") }));
                return Ok(Begun::Open(Some(end)));
            }
            "cp" => {
                let number = of("hex").and_then(|hex| u32::from_str_radix(&hex, 16).ok());
                text.extend(number.and_then(char::from_u32));
                return Ok(Begun::Open(None));
            }
            "bpt" | "bx" | "sc" => (Half::Open, id),
            "ept" | "ex" | "ec" => (Half::Close, of("startRef").or(of("rid")).unwrap_or(id)),
            "x" | "ph" | "it" => (Half::Alone, id),
            // An annotation: its text counts.
            _ => return Ok(Begun::Open(None)),
        };
        // In 1.2 the content of the element is the native code.
        let inside = self.text()?;
        let native = Some(inside).filter(|inside| !inside.is_empty());
        nodes.push(ReadNode::Code(ReadCode { id, half, text: native.or(stored("dataRef")) }));
        Ok(Begun::Ended)
    }
}

/// An inline element that has begun.
enum Begun {
    /// Its content follows. Its end tag is this code, if it is one.
    Open(Option<ReadCode>),
    /// It was read to its end.
    Ended,
}

/// Moves the text so far to the nodes.
fn flush(text: &mut String, nodes: &mut Vec<ReadNode>) {
    if !text.is_empty() {
        nodes.push(ReadNode::Text(std::mem::take(text)));
    }
}

/// The bytes of the document, whose hash is compared.
fn bytes_of(skeleton: Option<String>, hash: Option<&String>) -> Result<Vec<u8>, String> {
    let skeleton = skeleton.ok_or("it has no skeleton; only files that bitext wrote can be merged")?;
    let base64: String = skeleton.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD
        .decode(base64)
        .map_err(|_| "the skeleton is damaged: it is no Base64; write the file again")?;
    match hash {
        None => Err("the hash of the document is missing; write the file again".to_owned()),
        Some(hash) if hash.trim() == hash_of(&bytes) => Ok(bytes),
        Some(_) => {
            Err("the skeleton is damaged: its hash is another than stated; write the file again".to_owned())
        }
    }
}
