//! Segments as tables: CSV as in RFC 4180, and the same with tabs. A field that holds the delimiter, a quotation mark or a
//! line break is quoted in both, so that every field comes back as it was.

use std::io;

use crate::json::SegmentLine;
use crate::model::PlacedSegment;

/// What stands between two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// CSV.
    Comma,
    /// TSV.
    Tab,
}

/// Writes segments as lines of a table.
pub struct Writer<W: io::Write> {
    table: csv::Writer<W>,
}

impl<W: io::Write> Writer<W> {
    /// A writer of lines without a header.
    pub fn new(out: W, delimiter: Delimiter) -> Self {
        let byte = match delimiter {
            Delimiter::Comma => b',',
            Delimiter::Tab => b'\t',
        };
        Writer { table: csv::WriterBuilder::new().delimiter(byte).has_headers(false).from_writer(out) }
    }

    /// Writes the line that names the columns: the fields of a JSON line, in their order.
    ///
    /// # Errors
    /// What the output gives.
    pub fn write_header(&mut self) -> io::Result<()> {
        self.table.write_record(COLUMNS).map_err(io::Error::other)
    }

    /// Writes one segment.
    ///
    /// # Errors
    /// What the output gives.
    pub fn write_segment(&mut self, segment: PlacedSegment<'_>) -> io::Result<()> {
        self.table.serialize(SegmentLine::from(segment)).map_err(io::Error::other)
    }

    /// Writes what is left to write and gives the output back.
    ///
    /// # Errors
    /// What the output gives.
    pub fn into_inner(self) -> io::Result<W> {
        self.table.into_inner().map_err(|error| io::Error::other(error.error().to_string()))
    }

    /// Writes what is left to write.
    ///
    /// # Errors
    /// What the output gives.
    pub fn finish(mut self) -> io::Result<()> {
        self.table.flush()
    }
}

const COLUMNS: [&str; 15] = [
    "document",
    "set",
    "id",
    "number",
    "kind",
    "line",
    "source_locale",
    "target_locale",
    "source",
    "target",
    "workflow",
    "source_hash",
    "source_commit",
    "handoff",
    "file_id",
];
