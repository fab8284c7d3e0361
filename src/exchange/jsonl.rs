//! Segments as JSON lines: one object a line, UTF-8, as [jsonlines.org](https://jsonlines.org) has it.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::{PlacedSegment, Segment};
use crate::wire::SegmentLine;

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
        let line = serde_json::to_value(SegmentLine::from(first))?;
        let fields = |names: &[&str], out: &mut Vec<u8>| -> io::Result<()> {
            for name in names {
                serde_json::to_writer(&mut *out, name)?;
                out.push(b':');
                serde_json::to_writer(&mut *out, &line[name])?;
                out.push(b',');
            }
            Ok(())
        };
        let (mut head, mut middle, mut tail) = (b"{".to_vec(), b",".to_vec(), b",".to_vec());
        fields(&["document", "set"], &mut head)?;
        head.extend_from_slice(b"\"id\":");
        fields(&["source_locale", "target_locale"], &mut middle)?;
        middle.extend_from_slice(b"\"source\":");
        fields(&["workflow", "source_hash", "source_commit", "handoff", "file_id"], &mut tail)?;
        tail.pop();
        tail.extend_from_slice(b"}\n");
        Ok(DocumentLines { head, middle, tail })
    }

    /// Writes a segment of that document and a line break.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write(&self, segment: &Segment<'_>, mut out: impl Write) -> io::Result<()> {
        out.write_all(&self.head)?;
        json(segment.id.as_str(), &mut out)?;
        out.write_all(b",\"number\":")?;
        json(&segment.id.number(), &mut out)?;
        out.write_all(b",\"kind\":")?;
        json(segment.id.kind().name(), &mut out)?;
        out.write_all(b",\"line\":")?;
        json(&segment.line, &mut out)?;
        out.write_all(&self.middle)?;
        json(&segment.source, &mut out)?;
        out.write_all(b",\"target\":")?;
        json(&segment.target, &mut out)?;
        out.write_all(&self.tail)
    }
}

fn json(text: &(impl Serialize + ?Sized), out: impl Write) -> io::Result<()> {
    Ok(serde_json::to_writer(out, text)?)
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
