//! Segments as tables: CSV (RFC 4180), and the same with tabs. In both, a field that holds the delimiter, a quotation mark or a
//! line break is quoted, so a reader gets every field back unchanged.

use std::io;

use super::segments::{Layout, OutputFile, SegmentFormat, SegmentWriter};
use crate::json::SegmentLine;
use crate::model::PlacedSegment;

/// Tab-separated values.
pub const TSV: SegmentFormat = SegmentFormat {
    name: "tsv",
    help: "Tab-separated values, quoted as in CSV",
    extensions: &["tsv"],
    is_binary: false,
    layouts: &[Layout::File(|out| table(out, Delimiter::Tab))],
};

/// Comma-separated values.
pub const CSV: SegmentFormat = SegmentFormat {
    name: "csv",
    help: "Comma-separated values (RFC 4180)",
    extensions: &["csv"],
    is_binary: false,
    layouts: &[Layout::File(|out| table(out, Delimiter::Comma))],
};

/// The character between two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// CSV.
    Comma,
    /// TSV.
    Tab,
}

/// Writes segments as records of a table.
pub struct Writer<W: io::Write> {
    table: csv::Writer<W>,
}

impl<W: io::Write> Writer<W> {
    /// Creates a writer. It writes a header only in [`write_header`](Writer::write_header).
    pub fn new(out: W, delimiter: Delimiter) -> Self {
        let byte = match delimiter {
            Delimiter::Comma => b',',
            Delimiter::Tab => b'\t',
        };
        Writer { table: csv::WriterBuilder::new().delimiter(byte).has_headers(false).from_writer(out) }
    }

    /// Writes the header: the names and the order of the fields are those of a JSON line.
    ///
    /// # Errors
    /// Errors of the output.
    pub fn write_header(&mut self) -> io::Result<()> {
        self.table.write_record(COLUMNS).map_err(failed)
    }

    /// Writes one segment.
    ///
    /// # Errors
    /// Errors of the output.
    pub fn write_segment(&mut self, segment: PlacedSegment<'_>) -> io::Result<()> {
        self.table.serialize(SegmentLine::from(segment)).map_err(failed)
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    /// Errors of the output.
    pub fn finish(mut self) -> io::Result<()> {
        self.table.flush()
    }
}

impl SegmentWriter for Writer<Box<dyn OutputFile>> {
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        self.write_segment(placed)?;
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        // The buffer is written first: `into_inner` returns an error that cannot be moved out.
        self.table.flush()?;
        self.table.into_inner().map_err(|error| io::Error::other(error.error().to_string()))?.finish()?;
        Ok(0)
    }
}

/// The error of the output. Its kind matters: a closed pipe is no failure.
fn failed(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn table(out: Box<dyn OutputFile>, delimiter: Delimiter) -> io::Result<Box<dyn SegmentWriter>> {
    let mut writer = Writer::new(out, delimiter);
    writer.write_header()?;
    Ok(Box::new(writer))
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
