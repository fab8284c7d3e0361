//! Segments as JSON lines (<https://jsonlines.org>): one object a line, UTF-8.

mod read;

use std::io::{self, Write};

use serde::Serialize;

use super::reading::Input;
use super::segments::{BUFFER, Labelled, Layout, OutputFile, SegmentFormat, SegmentWriter};
use crate::json::{self, SegmentLine};
use crate::model::{Date, DocumentVersion, Kind, Locale, PlacedSegment, Segment, Workflow, share};

/// JSON lines.
pub const FORMAT: SegmentFormat = SegmentFormat {
    name: "jsonl",
    help: "A JSON object a line",
    extensions: &["jsonl"],
    is_binary: false,
    spreadsheet_safe: None,
    labelled: Labelled::Same,
    layouts: &[Layout::File(|out| Ok(Box::new(JsonlWriter::new(out))))],
    input: Input::Stream(read::open),
};

/// Writes segments of many documents.
struct JsonlWriter {
    out: Box<dyn OutputFile>,
    buffer: Vec<u8>,
    document: Option<(DocumentKey, DocumentLines)>,
}

impl JsonlWriter {
    fn new(out: Box<dyn OutputFile>) -> Self {
        JsonlWriter { out, buffer: Vec::with_capacity(BUFFER * 2), document: None }
    }
}

impl SegmentWriter for JsonlWriter {
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        let lines = match &mut self.document {
            Some((key, lines)) if key.is_of(&placed) => lines,
            other => &mut other.insert((DocumentKey::of(&placed), DocumentLines::of(placed)?)).1,
        };
        lines.write(placed.segment, &mut self.buffer)?;
        if let Some(labels) = placed.labels {
            // The end of the object, and the line break.
            self.buffer.truncate(self.buffer.len() - 2);
            field(b",\"labels\":", labels, &mut self.buffer)?;
            self.buffer.extend_from_slice(b"}\n");
        }
        if self.buffer.len() >= BUFFER {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        self.out.write_all(&self.buffer)?;
        self.out.finish().map(|()| 0)
    }
}

/// The fields that are equal in all lines of one [`DocumentLines`]. In a TMX, workflow and hand-off differ between segments.
struct DocumentKey {
    set: String,
    document: String,
    target_locale: Locale,
    workflow: Option<Workflow>,
    handoff: Option<Date>,
    version: DocumentVersion,
}

impl DocumentKey {
    fn of(placed: &PlacedSegment<'_>) -> Self {
        DocumentKey {
            set: placed.set.to_owned(),
            document: placed.document.to_owned(),
            target_locale: placed.target_locale.clone(),
            workflow: placed.metadata.workflow,
            handoff: placed.metadata.handoff,
            version: placed.version,
        }
    }

    fn is_of(&self, placed: &PlacedSegment<'_>) -> bool {
        self.document == placed.document
            && self.set == placed.set
            && self.target_locale == *placed.target_locale
            && self.workflow == placed.metadata.workflow
            && self.handoff == placed.metadata.handoff
            && self.version == placed.version
    }
}

/// Formats the lines of one document.
///
/// Most of a line is the same in all lines of a document, so that part is serialized once. Measured over a million lines,
/// this takes a third of the time.
pub struct DocumentLines {
    /// `{"document":…,"set":…,"id":"`
    head: Vec<u8>,
    /// `,"source_locale":…,"target_locale":…,"source":`
    middle: Vec<u8>,
    /// `,"workflow":…}` and the line break
    tail: Vec<u8>,
}

impl DocumentLines {
    /// Prepares the lines of the document of `first`.
    ///
    /// # Errors
    /// Never in practice: text is written to memory.
    pub fn of(first: PlacedSegment<'_>) -> io::Result<Self> {
        let line = SegmentLine::from(first);
        // Room for the fields of most documents: growing them bit by bit would take ten allocations a document.
        let (mut head, mut middle) = (Vec::with_capacity(256), Vec::with_capacity(128));
        let mut tail = Vec::with_capacity(512);
        field(b"{\"document\":", line.document, &mut head)?;
        field(b",\"set\":", line.set, &mut head)?;
        head.extend_from_slice(b",\"id\":\"");
        field(b",\"source_locale\":", line.source_locale, &mut middle)?;
        field(b",\"target_locale\":", line.target_locale, &mut middle)?;
        middle.extend_from_slice(b",\"source\":");
        field(b",\"workflow\":", &line.workflow, &mut tail)?;
        field(b",\"source_hash\":", &line.source_hash, &mut tail)?;
        field(b",\"source_commit\":", &line.source_commit, &mut tail)?;
        field(b",\"handoff\":", &line.handoff, &mut tail)?;
        field(b",\"file_id\":", &line.file_id, &mut tail)?;
        let version: [(&[u8], &Option<String>); 3] = [
            (b",\"commit\":", &line.commit),
            (b",\"committed\":", &line.committed),
            (b",\"superseded\":", &line.superseded),
        ];
        for (name, value) in version {
            value.iter().try_for_each(|value| field(name, value, &mut tail))?;
        }
        tail.extend_from_slice(b"}\n");
        Ok(DocumentLines { head, middle, tail })
    }

    /// The bytes of a line without its two texts, or a little more.
    fn fixed_length(&self) -> usize {
        /// Two numbers of ten digits, the names of their fields, and an id.
        const NUMBERS: usize = 128;
        self.head.len() + self.middle.len() + self.tail.len() + NUMBERS
    }

    /// Appends a segment of that document and a line break.
    ///
    /// # Errors
    /// Never in practice, as above.
    pub fn write(&self, segment: &Segment<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let Segment { id, line, source, target, written: _, confidence } = segment;
        out.reserve(self.fixed_length() + source.len() + target.len());
        out.extend_from_slice(&self.head);
        // An id is hex digits, `-` and `p`: nothing in it needs an escape.
        out.extend_from_slice(id.as_str().as_bytes());
        out.extend_from_slice(b"\",\"number\":");
        out.extend_from_slice(itoa::Buffer::new().format(id.number()).as_bytes());
        out.extend_from_slice(match id.kind() {
            Kind::Sentence => b",\"kind\":\"sentence\",\"line\":",
            Kind::Paragraph => b",\"kind\":\"paragraph\",\"line\":",
            Kind::Aligned => b",\"kind\":\"aligned\",\"line\":",
        });
        out.extend_from_slice(itoa::Buffer::new().format(*line).as_bytes());
        out.extend_from_slice(&self.middle);
        json::push_string(out, source);
        out.extend_from_slice(b",\"target\":");
        json::push_string(out, target);
        if let Some(percent) = confidence {
            field(b",\"confidence\":", &share(*percent), out)?;
        }
        out.extend_from_slice(&self.tail);
        Ok(())
    }
}

fn field(name: &[u8], value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(name);
    Ok(json::to_writer(out, value)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Commit, Metadata, ObjectId, SegmentId};

    #[test]
    fn a_line_is_the_promised_object_field_by_field() {
        let locale = |name: &str| name.parse::<Locale>().unwrap();
        let metadata = Metadata {
            workflow: Some(Workflow::Machine),
            source_hash: Some("0e\"d".into()),
            handoff: Some(Date::constant(2019, 4, 23)),
            ..Metadata::default()
        };
        let segment = Segment {
            id: SegmentId::parse("17aa2-p103").unwrap(),
            line: 7,
            source: "a \"b\" \\ \t".into(),
            target: "가\u{1}\u{9b}\u{202e}".into(),
            written: None,
            confidence: Some(97),
        };
        let commit = Commit { id: ObjectId::from_bytes(&[0xab; 20]).unwrap(), time: 86_400 };
        let placed = PlacedSegment {
            set: "docs",
            document: "a/b\".md",
            source_locale: &locale("en-US"),
            target_locale: &locale("ko-KR"),
            metadata: &metadata,
            version: DocumentVersion { commit: Some(commit), superseded: Some(1_556_013_600) },
            segment: &segment,
            labels: None,
        };
        let mut line = Vec::new();
        DocumentLines::of(placed).unwrap().write(&segment, &mut line).unwrap();
        let promised = json::to_string(&SegmentLine::from(placed)).unwrap() + "\n";
        assert_eq!(String::from_utf8(line).unwrap(), promised);
    }
}
