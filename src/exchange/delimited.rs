//! Segments as tables: CSV (RFC 4180), and the same with tabs. In both, a field that holds the delimiter, a quotation mark or a
//! line break is quoted, so a reader gets every field back unchanged.

mod read;

use std::borrow::Cow;
use std::io;

use super::reading::Input;
use super::segments::{Labelled, Layout, OutputFile, SegmentFormat, SegmentWriter};
use crate::json::SegmentLine;
use crate::model::PlacedSegment;

/// Tab-separated values.
pub const TSV: SegmentFormat = SegmentFormat {
    spreadsheet_safe: Some(&GUARDED_TSV),
    labelled: Labelled::Not,
    layouts: &[Layout::File(|out| table(out, Delimiter::Tab, Cells::AsWritten))],
    ..GUARDED_TSV
};

const GUARDED_TSV: SegmentFormat = SegmentFormat {
    name: "tsv",
    help: "Tab-separated values, quoted as in CSV",
    extensions: &["tsv"],
    is_binary: false,
    spreadsheet_safe: None,
    labelled: Labelled::Not,
    layouts: &[Layout::File(|out| table(out, Delimiter::Tab, Cells::Guarded))],
    input: Input::Stream(read::open_tsv),
};

/// Comma-separated values.
pub const CSV: SegmentFormat = SegmentFormat {
    spreadsheet_safe: Some(&GUARDED_CSV),
    labelled: Labelled::Not,
    layouts: &[Layout::File(|out| table(out, Delimiter::Comma, Cells::AsWritten))],
    ..GUARDED_CSV
};

const GUARDED_CSV: SegmentFormat = SegmentFormat {
    name: "csv",
    help: "Comma-separated values (RFC 4180)",
    extensions: &["csv"],
    is_binary: false,
    spreadsheet_safe: None,
    labelled: Labelled::Not,
    layouts: &[Layout::File(|out| table(out, Delimiter::Comma, Cells::Guarded))],
    input: Input::Stream(read::open_csv),
};

/// A kind of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The character between two fields.
    pub delimiter: Delimiter,
    /// How a text is written that a spreadsheet would run.
    pub cells: Cells,
}

/// The character between two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// CSV.
    Comma,
    /// TSV.
    Tab,
}

impl Delimiter {
    fn byte(self) -> u8 {
        match self {
            Delimiter::Comma => b',',
            Delimiter::Tab => b'\t',
        }
    }
}

/// How a text is written that a spreadsheet would run as a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cells {
    /// As it is: a reader gets every text back unchanged.
    AsWritten,
    /// With an apostrophe before it, as OWASP advises ("CSV Injection").
    Guarded,
}

impl Cells {
    /// The text as it is written.
    pub fn write(self, text: &str) -> Cow<'_, str> {
        // The full-width signs begin a formula in some locales.
        let begins_formula = text.starts_with([
            '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
        ]);
        match self {
            Cells::Guarded if begins_formula => Cow::Owned(format!("'{text}")),
            _ => Cow::Borrowed(text),
        }
    }
}

/// Writes segments as records of a table.
pub struct Writer<W: io::Write> {
    table: csv::Writer<W>,
    cells: Cells,
}

impl<W: io::Write> Writer<W> {
    /// Creates a writer. It writes a header only in [`write_header`](Writer::write_header).
    pub fn new(out: W, dialect: Dialect) -> Self {
        let table =
            csv::WriterBuilder::new().delimiter(dialect.delimiter.byte()).has_headers(false).from_writer(out);
        Writer { table, cells: dialect.cells }
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
    pub fn write_segment<'a>(&mut self, segment: PlacedSegment<'a>) -> io::Result<()> {
        let line = SegmentLine::from(segment);
        let write = |text: &'a str| self.cells.write(text);
        let optional = |text: Option<&'a str>| text.map(|text| self.cells.write(text)).unwrap_or_default();
        let confidence = line.confidence.map(|share| share.to_string());
        let row: [Cow<'_, str>; COLUMNS.len()] = [
            write(line.document),
            write(line.set),
            line.id.into(),
            line.number.to_string().into(),
            line.kind.into(),
            line.line.to_string().into(),
            line.source_locale.into(),
            line.target_locale.into(),
            write(line.source),
            write(line.target),
            confidence.unwrap_or_default().into(),
            line.workflow.unwrap_or_default().into(),
            optional(line.source_hash),
            optional(line.source_commit),
            line.handoff.unwrap_or_default().into(),
            optional(line.file_id),
        ];
        self.table.write_record(row.iter().map(|field| field.as_bytes())).map_err(failed)
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

fn table(out: Box<dyn OutputFile>, delimiter: Delimiter, cells: Cells) -> io::Result<Box<dyn SegmentWriter>> {
    let mut writer = Writer::new(out, Dialect { delimiter, cells });
    writer.write_header()?;
    Ok(Box::new(writer))
}

/// The columns, the same in all rows. Those of a version are not among them.
const COLUMNS: [&str; 16] = [
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
    "confidence",
    "workflow",
    "source_hash",
    "source_commit",
    "handoff",
    "file_id",
];
