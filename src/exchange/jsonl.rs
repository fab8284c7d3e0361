//! Segments as JSON lines: one object a line, UTF-8, as [jsonlines.org](https://jsonlines.org) has it.

use std::io;

use serde::Serialize;

use crate::json::SegmentLine;
use crate::model::{PlacedSegment, Segment};

/// Writes segments of one document after the other.
///
/// What is the same in all lines of a document is most of a line, so it is written as JSON once: a million lines cost a
/// third of what they would.
pub struct DocumentLines {
    /// `{"document":…,"set":…,"id":`
    head: Vec<u8>,
    /// `,"source_locale":…,"target_locale":…,"source":`
    middle: Vec<u8>,
    /// `,"workflow":…}` and the line break
    tail: Vec<u8>,
}

impl DocumentLines {
    /// The lines of the document that `first` stands in.
    ///
    /// # Errors
    /// Never in practice: what is written is text, into memory.
    pub fn of(first: PlacedSegment<'_>) -> io::Result<Self> {
        let line = SegmentLine::from(first);
        let (mut head, mut middle, mut tail) = (Vec::new(), Vec::new(), Vec::new());
        field(b"{\"document\":", line.document, &mut head)?;
        field(b",\"set\":", line.set, &mut head)?;
        head.extend_from_slice(b",\"id\":");
        field(b",\"source_locale\":", line.source_locale, &mut middle)?;
        field(b",\"target_locale\":", line.target_locale, &mut middle)?;
        middle.extend_from_slice(b",\"source\":");
        field(b",\"workflow\":", &line.workflow, &mut tail)?;
        field(b",\"source_hash\":", &line.source_hash, &mut tail)?;
        field(b",\"source_commit\":", &line.source_commit, &mut tail)?;
        field(b",\"handoff\":", &line.handoff, &mut tail)?;
        field(b",\"file_id\":", &line.file_id, &mut tail)?;
        tail.extend_from_slice(b"}\n");
        Ok(DocumentLines { head, middle, tail })
    }

    /// Writes a segment of that document and a line break.
    ///
    /// # Errors
    /// Never in practice, as above.
    pub fn write(&self, segment: &Segment<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend_from_slice(&self.head);
        text(segment.id.as_str(), out)?;
        field(b",\"number\":", &segment.id.number(), out)?;
        out.extend_from_slice(b",\"kind\":");
        text(segment.id.kind().name(), out)?;
        field(b",\"line\":", &segment.line, out)?;
        out.extend_from_slice(&self.middle);
        text(&segment.source, out)?;
        out.extend_from_slice(b",\"target\":");
        text(&segment.target, out)?;
        out.extend_from_slice(&self.tail);
        Ok(())
    }
}

fn field(name: &[u8], value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(name);
    Ok(serde_json::to_writer(out, value)?)
}

/// Writes a string. Four texts in five hold nothing to escape, which many bytes at a time tell sooner than one by one.
fn text(text: &str, out: &mut Vec<u8>) -> io::Result<()> {
    let escapes =
        |bytes: &[u8]| bytes.iter().fold(false, |any, &b| any | (b < 0x20) | (b == b'"') | (b == b'\\'));
    let (chunks, rest) = text.as_bytes().as_chunks::<64>();
    if chunks.iter().any(|chunk| escapes(chunk)) || escapes(rest) {
        return Ok(serde_json::to_writer(out, text)?);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Locale, Metadata, SegmentId, Workflow};

    #[test]
    fn a_line_is_the_promised_object_field_by_field() {
        let locale = |name: &str| name.parse::<Locale>().unwrap();
        let metadata = Metadata {
            workflow: Some(Workflow::Machine),
            source_hash: Some("0e\"d".into()),
            handoff: Some(crate::model::Date::constant(2019, 4, 23)),
            ..Metadata::default()
        };
        let segment = Segment {
            id: SegmentId::parse("17aa2-p103").unwrap(),
            line: 7,
            source: "a \"b\" \\ \t".into(),
            target: "가\u{1}".into(),
        };
        let placed = PlacedSegment {
            set: "docs",
            document: "a/b\".md",
            source_locale: &locale("en-US"),
            target_locale: &locale("ko-KR"),
            metadata: &metadata,
            segment: &segment,
        };
        let mut line = Vec::new();
        DocumentLines::of(placed).unwrap().write(&segment, &mut line).unwrap();
        let promised = serde_json::to_string(&SegmentLine::from(placed)).unwrap() + "\n";
        assert_eq!(String::from_utf8(line).unwrap(), promised);
    }
}
