//! Reads XLIFF 1.2 and 2.x of any tool, one unit at a time.
//!
//! Each segment of a unit is a segment: of 2.x `<segment>`, of 1.2 `<mrk mtype="seg">` if source and target are segmented alike,
//! else the whole unit. Proposals (`alt-trans`, `matches`), notes and other modules are skipped. Inline codes become the text that
//! of them, as in a TMX.

mod content;

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use crate::exchange::events::{Damage, Events};
use crate::exchange::reading::{
    Bytes, Entry, Omission, ReadError, ReadSegment, SegmentReader, Stated, problem,
};
use crate::exchange::xml_error::XmlError;
use crate::model::{DocumentVersion, Locale, Metadata, SegmentId, Workflow, percent};

use content::Content;

/// Opens an XLIFF file.
pub(super) fn open(bytes: Bytes<'_>) -> Result<Box<dyn SegmentReader + '_>, ReadError> {
    let events = Events::new(bytes, "xliff").map_err(read_error)?;
    Ok(Box::new(XliffReader {
        events,
        buffer: Vec::new(),
        depth: 0,
        locales: [None, None],
        file: FileState::default(),
        waiting: VecDeque::new(),
        stood_for: 0,
        end: None,
    }))
}

fn read_error(error: XmlError) -> ReadError {
    let (line, reason) = error.into_parts();
    ReadError { line: Some(line), reason }
}

struct XliffReader<'a> {
    events: Events<'a>,
    buffer: Vec<u8>,
    /// The number of open elements: `xliff`, `file`, `body`, `group`.
    depth: usize,
    /// `srcLang` and `trgLang` of 2.x.
    locales: [Option<String>; 2],
    file: FileState,
    waiting: VecDeque<Entry>,
    /// The bytes that the inline codes of the current unit stand for.
    stood_for: usize,
    /// The end of the file, or the error that ends it. What is waiting is returned first.
    end: Option<Result<(), XmlError>>,
}

/// The current `<file>`.
#[derive(Default)]
struct FileState {
    original: Option<String>,
    locales: [Option<String>; 2],
    /// Category and text of each note.
    notes: Vec<(String, String)>,
    /// What all units of the file have in common, after the first unit.
    stated: Option<Arc<Stated>>,
    is_own: bool,
}

/// The name of an element or attribute without its namespace. Python's `ElementTree` writes all names with one.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, name)| name)
}

/// The values of attributes, by name. One that cannot be read is left out, and was reported as not well-formed.
fn attributes<'t, const N: usize>(tag: &'t BytesStart<'_>, names: [&str; N]) -> [Option<Cow<'t, str>>; N] {
    let mut values = [const { None }; N];
    for attribute in tag.attributes().with_checks(false).flatten() {
        let at = names.iter().position(|&name| name == attribute.key.as_ref());
        if let (Some(at), Ok(value)) = (at, attribute.normalized_value(XmlVersion::Explicit1_0)) {
            values[at] = Some(Cow::Owned(value.into_owned()));
        }
    }
    values
}

fn owned<const N: usize>(values: [Option<Cow<'_, str>>; N]) -> [Option<String>; N] {
    values.map(|value| value.map(Cow::into_owned).filter(|value| !value.is_empty()))
}

impl SegmentReader for XliffReader<'_> {
    fn next(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            if let Some(entry) = self.waiting.pop_front() {
                return Ok(Some(entry));
            }
            match self.end.take() {
                None => {}
                Some(Ok(())) => {
                    self.end = Some(Ok(()));
                    return Ok(None);
                }
                Some(Err(error)) => return Err(read_error(error)),
            }
            let step = self.step();
            self.drain_problems();
            match step {
                Ok(true) => {}
                Ok(false) => self.end = Some(Ok(())),
                Err(error) => self.end = Some(Err(error)),
            }
        }
    }
}

impl XliffReader<'_> {
    /// Passes the problems of the XML on.
    fn drain_problems(&mut self) {
        if !self.events.has_problems() {
            return;
        }
        let (problems, damage) = self.events.drain();
        for problem in problems {
            self.waiting.push_back(match damage {
                Damage::UnitsMayBeMissing => Entry::Damage(problem),
                Damage::None | Damage::Faults => Entry::Problem(problem),
            });
        }
    }

    /// Reads the next element outside of units. `false` at the end of the file.
    fn step(&mut self) -> Result<bool, XmlError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let event = self.events.next(&mut buffer)?;
        match &event {
            Event::Start(tag) => {
                let tag = tag.to_owned();
                self.buffer = buffer;
                self.start(&tag)?;
                return Ok(true);
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 => {
                return Err(self.events.damaged("it ends before </xliff>".into()));
            }
            Event::Eof if !self.events.has_root() => {
                return Err(self.events.damaged("it ends before <xliff>".into()));
            }
            Event::Eof => return Ok(false),
            event if self.depth > 1 => self.events.report_text_among_units(event),
            event => self.events.report_text(event, "outside of <file>"),
        }
        self.buffer = buffer;
        Ok(true)
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlError> {
        let name = tag.name();
        match local(name.as_ref()) {
            "xliff" if self.depth == 0 => {
                self.locales = owned(attributes(tag, ["srcLang", "trgLang"]));
                self.depth = 1;
            }
            other if self.depth == 0 => {
                let element = other.to_owned();
                let line = self.events.line();
                let format = "an XLIFF file";
                return Err(XmlError::OtherFormat { line, element, format, expected: "xliff" });
            }
            "file" if self.depth == 1 => {
                let [original, source, target] =
                    owned(attributes(tag, ["original", "source-language", "target-language"]));
                self.file = FileState { original, locales: [source, target], ..FileState::default() };
                self.depth = 2;
            }
            "body" | "group" if self.depth > 1 => self.depth += 1,
            "notes" if self.depth == 2 => self.file.notes = self.notes()?,
            "unit" | "trans-unit" if self.depth > 1 => {
                self.stood_for = 0;
                if local(name.as_ref()) == "unit" { self.unit(tag)? } else { self.trans_unit(tag)? }
            }
            _ => self.skip()?,
        }
        Ok(())
    }

    /// Reads up to the end tag of the element that has begun.
    fn skip(&mut self) -> Result<(), XmlError> {
        let mut depth = 0;
        let first = self.events.line();
        loop {
            match self.events.next(&mut self.buffer)? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(ends_inside(first)),
                _ => {}
            }
        }
    }

    /// Calls `read` with each child of the element that has begun. It reads the child to its end.
    fn children(
        &mut self,
        mut read: impl FnMut(&mut Self, &BytesStart<'_>) -> Result<(), XmlError>,
    ) -> Result<(), XmlError> {
        let first = self.events.line();
        loop {
            let mut buffer = std::mem::take(&mut self.buffer);
            match self.events.next(&mut buffer)? {
                Event::Start(tag) => {
                    let tag = tag.into_owned();
                    self.buffer = buffer;
                    read(self, &tag)?;
                    continue;
                }
                Event::End(_) => {
                    self.buffer = buffer;
                    return Ok(());
                }
                Event::Eof => return Err(ends_inside(first)),
                event => self.events.report_text(&event, "between the elements of a unit"),
            }
            self.buffer = buffer;
        }
    }

    /// Reads notes: category and text of each.
    fn notes(&mut self) -> Result<Vec<(String, String)>, XmlError> {
        let mut notes = Vec::new();
        self.children(|reader, tag| {
            let [category] = owned(attributes(tag, ["category"]));
            let content = reader.content(&HashMap::new())?;
            if let (Some(category), Some(content)) = (category, content) {
                notes.push((category, content.text));
            }
            Ok(())
        })?;
        Ok(notes)
    }

    /// Reads a unit of XLIFF 2.x.
    fn unit(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlError> {
        let line = self.events.line();
        let [id] = owned(attributes(tag, ["id"]));
        let (mut notes, mut data, mut segments) = (Vec::new(), HashMap::new(), Vec::new());
        self.children(|reader, tag| {
            match local(tag.name().as_ref()) {
                "notes" => notes = reader.notes()?,
                "originalData" => data = reader.original_data()?,
                "segment" => {
                    let line = reader.events.line();
                    let (mut source, mut target) = (Text::Missing, Text::Missing);
                    reader.children(|reader, tag| {
                        match local(tag.name().as_ref()) {
                            "source" => source = reader.content(&data)?.into(),
                            "target" => target = reader.content(&data)?.into(),
                            _ => reader.skip()?,
                        }
                        Ok(())
                    })?;
                    segments.push((line, source, target));
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let note =
            |wanted| notes.iter().find(|(category, _)| category == wanted).map(|(_, text)| text.trim());
        let noted = Noted {
            line: note("line").and_then(|line| line.parse().ok()),
            confidence: note("confidence").and_then(|share| share.parse().ok()).map(percent),
        };
        // The id of a unit is that of its only segment.
        let id = id.filter(|_| segments.len() == 1);
        for (segment_line, source, target) in segments {
            let line = if id.is_some() { line } else { segment_line };
            self.push(line, id.as_deref(), noted, source, target);
        }
        Ok(())
    }

    /// Reads the inline codes of a unit that are stored beside its texts, by their ids.
    fn original_data(&mut self) -> Result<HashMap<String, String>, XmlError> {
        let mut data = HashMap::new();
        self.children(|reader, tag| {
            let [id] = owned(attributes(tag, ["id"]));
            let content = reader.content(&HashMap::new())?;
            if let (Some(id), Some(content)) = (id, content) {
                data.insert(id, content.text);
            }
            Ok(())
        })?;
        Ok(data)
    }

    /// Reads a unit of XLIFF 1.2.
    fn trans_unit(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlError> {
        let line = self.events.line();
        let [id] = owned(attributes(tag, ["id"]));
        let (mut source, mut segmented, mut target) = (Text::Missing, None, Text::Missing);
        let mut is_new = false;
        self.children(|reader, tag| {
            match local(tag.name().as_ref()) {
                "source" => source = reader.content(&HashMap::new())?.into(),
                "seg-source" => segmented = reader.content(&HashMap::new())?,
                "target" => {
                    let [state, locale] = owned(attributes(tag, ["state", "xml:lang"]));
                    // In these states the target is a copy of the source, to be overwritten.
                    is_new = matches!(state.as_deref(), Some("new" | "needs-translation"));
                    let of_file = &mut reader.file.locales[1];
                    if of_file.is_none() && reader.file.stated.is_none() {
                        *of_file = locale;
                    }
                    target = reader.content(&HashMap::new())?.into();
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        if is_new {
            self.waiting.push_back(Entry::LeftOut(Omission::Untranslated));
            return Ok(());
        }
        if let (Some(sources), Text::Known(targets)) = (&segmented, &target)
            && let Some(pairs) = sources.paired_with(targets)
        {
            for (source, target) in pairs {
                self.push(
                    line,
                    None,
                    Noted::default(),
                    Text::Known(source.into()),
                    Text::Known(target.into()),
                );
            }
            return Ok(());
        }
        self.push(line, id.as_deref(), Noted::default(), source, target);
        Ok(())
    }

    /// Adds a segment.
    fn push(&mut self, line: u64, id: Option<&str>, noted: Noted, source: Text, target: Text) {
        // A text that cannot be read was reported.
        let (source, target) = match (source, target) {
            (Text::Unreadable, _) | (_, Text::Unreadable) => return,
            (source, target) => (source.into_string(), target.into_string()),
        };
        let stated = self.stated(line);
        let id = id.map(|id| match self.file.is_own {
            // The writer appends this to an id that occurs twice.
            true => id.trim_end_matches('.'),
            false => id,
        });
        let id = id.and_then(SegmentId::parse).map(|id| id.as_str().to_owned());
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        self.waiting.push_back(Entry::of(ReadSegment {
            line,
            stated,
            id,
            document_line: noted.line,
            source,
            target,
            written: None,
            position: None,
            confidence: noted.confidence,
        }));
    }

    /// What the current `<file>` states.
    fn stated(&mut self, line: u64) -> Arc<Stated> {
        if let Some(stated) = &self.file.stated {
            return Arc::clone(stated);
        }
        let notes = std::mem::take(&mut self.file.notes);
        let note = |wanted: &str| {
            notes.iter().find(|(category, _)| category == wanted).map(|(_, text)| text.clone())
        };
        let set = note("set");
        self.file.is_own = set.is_some();
        let mut locale = |at: usize| {
            let name = self.file.locales[at].take().or_else(|| self.locales[at].clone())?;
            match name.parse::<Locale>() {
                Ok(locale) => Some(locale),
                Err(error) => {
                    self.waiting.push_back(Entry::Problem(problem(line, error.to_string())));
                    None
                }
            }
        };
        let (source_locale, target_locale) = (locale(0), locale(1));
        let mut metadata = Metadata { target_locale: target_locale.clone(), ..Metadata::default() };
        let mut version = DocumentVersion::default();
        if self.file.is_own {
            metadata.workflow = note("workflow").and_then(|name| Workflow::of_name(&name));
            metadata.handoff = note("handoff").and_then(|date| date.parse().ok());
            metadata.source_hash = note("source-hash");
            metadata.source_commit = note("source-commit");
            metadata.file_id = note("file-id");
            metadata.title = note("title");
            metadata.description = note("description");
            let terms = notes.iter().filter(|(category, _)| category == "no-loc");
            metadata.no_loc = terms.map(|(_, term)| term.clone()).collect();
            let fields = ["commit", "committed", "superseded"].map(note);
            version = DocumentVersion::of_fields(fields.each_ref().map(Option::as_deref));
        }
        let document = self.file.original.take();
        let stated = Arc::new(Stated { set, document, source_locale, target_locale, version, metadata });
        self.file.stated = Some(Arc::clone(&stated));
        stated
    }
}

fn ends_inside(line: u64) -> XmlError {
    XmlError::Damaged { line, reason: "the file ends inside the element that begins here".into() }
}

/// What the notes of a unit of this program state.
#[derive(Clone, Copy, Default)]
struct Noted {
    line: Option<u32>,
    confidence: Option<u8>,
}

/// The text of a source or target.
enum Text {
    Missing,
    /// A part of it is not known, which was reported.
    Unreadable,
    Known(Content),
}

impl From<Option<Content>> for Text {
    fn from(content: Option<Content>) -> Self {
        content.map_or(Text::Unreadable, Text::Known)
    }
}

impl Text {
    fn into_string(self) -> String {
        match self {
            Text::Known(content) => content.text,
            Text::Missing | Text::Unreadable => String::new(),
        }
    }
}

#[cfg(test)]
mod tests;
