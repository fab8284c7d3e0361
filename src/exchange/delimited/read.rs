//! Reads tables. The columns are found by their names in the first line, which are those that the writer beside it writes; unknown
//! ones are ignored. A table without names must have two columns, the source and the target texts.

use std::borrow::Cow;
use std::io::{self, Cursor, Read};

use super::Delimiter;
use crate::exchange::decode::decode_text;
use crate::exchange::fields::Rows;
use crate::exchange::reading::{Bytes, Entry, Omission, ReadError, SegmentReader, problem};
use crate::json::{FieldText, SegmentFields};
use crate::model::zero_block;

/// Opens a table with tabs.
pub(super) fn open_tsv(bytes: Bytes<'_>) -> Result<Box<dyn SegmentReader + '_>, ReadError> {
    open(bytes, Delimiter::Tab)
}

/// Opens a table with commas.
pub(super) fn open_csv(bytes: Bytes<'_>) -> Result<Box<dyn SegmentReader + '_>, ReadError> {
    open(bytes, Delimiter::Comma)
}

/// The longest record that is read. It holds two texts of the greatest length, with all quotation marks doubled.
const LONGEST_RECORD: u64 = 16 << 20;

fn open(bytes: Bytes<'_>, delimiter: Delimiter) -> Result<Box<dyn SegmentReader + '_>, ReadError> {
    let failed = |error: io::Error| ReadError::at(1, error);
    let mut text = decode_text(bytes, |_| None).map_err(failed)?;
    let first = first_line(&mut text).map_err(failed)?;
    let names: Vec<String> = match records(&first[..], delimiter, Quotes::Csv).byte_records().next() {
        Some(Ok(names)) => names.iter().map(|name| String::from_utf8_lossy(name).to_lowercase()).collect(),
        _ => Vec::new(),
    };
    let has = |name: &str| names.iter().any(|known| known.trim() == name);
    let has_names = has("source") && has("target");
    // Corpora in tables without names are not quoted: a quotation mark at the start of a text is part of it.
    let quotes = match delimiter {
        Delimiter::Tab if !has_names => Quotes::None,
        _ => Quotes::Csv,
    };
    let columns = match has_names {
        true => names.iter().map(|name| Column::of_name(name.trim())).collect(),
        false => vec![Some(Column::Source), Some(Column::Target)],
    };
    if !has_names && !first.is_empty() {
        let count = match records(&first[..], delimiter, quotes).byte_records().next() {
            Some(Ok(fields)) => fields.len(),
            _ => 0,
        };
        if count != columns.len() {
            let reason = format!(
                "the first line names no columns \"source\" and \"target\", and has {count} columns; name them there, or leave \
                 only these two in the table"
            );
            return Err(ReadError::at(1, reason));
        }
    }
    let has_returns = first.ends_with(b"\r\n") && quotes == Quotes::Csv;
    let is_own = names == super::COLUMNS;
    let whole: Bytes<'_> = Box::new(Cursor::new(first).chain(text));
    let mut table = records(Bounded { bytes: whole, since: 0, ends_line: true }, delimiter, quotes);
    let mut record = csv::ByteRecord::new();
    if has_names {
        table.read_byte_record(&mut record).map_err(|error| failed(super::failed(error)))?;
    }
    Ok(Box::new(TableReader { table, record, columns, quotes, has_returns, is_own, rows: Rows::default() }))
}

/// Whether a field that begins with a quotation mark is a quoted one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Csv,
    None,
}

fn records<R: Read>(input: R, delimiter: Delimiter, quotes: Quotes) -> csv::Reader<R> {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter.byte()).has_headers(false).flexible(true);
    if quotes == Quotes::None {
        builder.quoting(false).terminator(csv::Terminator::Any(b'\n'));
    }
    builder.from_reader(input)
}

/// Reads the first line that is not empty, with its line break.
fn first_line(text: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while line.len() as u64 <= LONGEST_RECORD && text.read(&mut byte)? == 1 {
        line.push(byte[0]);
        if byte[0] == b'\n' && line.iter().any(|byte| !byte.is_ascii_whitespace()) {
            break;
        }
    }
    Ok(line)
}

/// A column that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Document,
    Set,
    Id,
    Line,
    SourceLocale,
    TargetLocale,
    Source,
    Target,
    Confidence,
    Workflow,
    SourceHash,
    SourceCommit,
    Handoff,
    FileId,
    /// Of the Translate Toolkit: whether nobody has confirmed the translation.
    Fuzzy,
}

impl Column {
    fn of_name(name: &str) -> Option<Column> {
        Some(match name {
            "document" => Column::Document,
            "set" => Column::Set,
            "id" => Column::Id,
            "line" => Column::Line,
            "source_locale" => Column::SourceLocale,
            "target_locale" => Column::TargetLocale,
            "source" => Column::Source,
            "target" => Column::Target,
            "confidence" => Column::Confidence,
            "workflow" => Column::Workflow,
            "source_hash" => Column::SourceHash,
            "source_commit" => Column::SourceCommit,
            "handoff" => Column::Handoff,
            "file_id" => Column::FileId,
            "fuzzy" => Column::Fuzzy,
            _ => return None,
        })
    }
}

struct TableReader<'a> {
    table: csv::Reader<Bounded<'a>>,
    record: csv::ByteRecord,
    columns: Vec<Option<Column>>,
    quotes: Quotes,
    /// Whether lines end in a carriage return and a line feed.
    has_returns: bool,
    /// Whether the columns are those of this program, whose last row ends in a line break.
    is_own: bool,
    rows: Rows,
}

impl SegmentReader for TableReader<'_> {
    fn next(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            if let Some(entry) = self.rows.next() {
                return Ok(Some(entry));
            }
            self.table.get_mut().since = 0;
            match self.table.read_byte_record(&mut self.record) {
                Ok(true) => self.read_record(),
                Ok(false) if self.is_own && !std::mem::replace(&mut self.table.get_mut().ends_line, true) => {
                    let reason = "the file ends inside this row";
                    self.rows.push(Entry::Damage(problem(self.line(), reason)));
                }
                Ok(false) => return Ok(None),
                Err(error) => return Err(ReadError::at(self.line(), super::failed(error))),
            }
        }
    }
}

impl TableReader<'_> {
    /// The line where the last record begins.
    fn line(&self) -> u64 {
        let Some(position) = self.record.position() else { return 1 };
        // The reader ends a record at its carriage return, and counts the line feed to the next one.
        position.line() + u64::from(self.has_returns && position.byte() > 0)
    }

    fn read_record(&mut self) {
        let line = self.line();
        let wrong = |reason: String| Entry::Damage(problem(line, reason));
        if zero_block(self.record.as_slice()).is_some() {
            let reason = "a block of zero bytes, where a part of the file was overwritten".to_owned();
            return self.rows.push(wrong(reason));
        }
        if self.record.iter().all(<[u8]>::is_empty) {
            return;
        }
        let (count, expected) = (self.record.len(), self.columns.len());
        if count != expected {
            let s = if count == 1 { "" } else { "s" };
            let reason =
                format!("a row of {count} column{s}, where the table has {expected}; it is left out");
            return self.rows.push(wrong(reason));
        }
        let mut fields = SegmentFields::default();
        for (column, field) in self.columns.iter().zip(&self.record) {
            let Some(column) = column else { continue };
            let Ok(text) = simdutf8::basic::from_utf8(field) else {
                let reason = "not UTF-8; convert the file to UTF-8".to_owned();
                return self.rows.push(wrong(reason));
            };
            let text = if self.quotes == Quotes::None { text.trim_end_matches('\r') } else { text };
            let value = || Some(FieldText(Cow::Borrowed(text)));
            match column {
                Column::Document => fields.document = value(),
                Column::Set => fields.set = value(),
                Column::Id => fields.id = value(),
                Column::Line => fields.line = text.parse().ok(),
                Column::SourceLocale => fields.source_locale = value(),
                Column::TargetLocale => fields.target_locale = value(),
                Column::Source => fields.source = value(),
                Column::Target => fields.target = value(),
                Column::Confidence => {
                    fields.confidence = text.parse().ok().filter(|share: &f64| share.is_finite())
                }
                Column::Workflow => fields.workflow = value(),
                Column::SourceHash => fields.source_hash = value(),
                Column::SourceCommit => fields.source_commit = value(),
                Column::Handoff => fields.handoff = value(),
                Column::FileId => fields.file_id = value(),
                Column::Fuzzy if text.eq_ignore_ascii_case("true") => {
                    return self.rows.push(Entry::LeftOut(Omission::Fuzzy));
                }
                Column::Fuzzy => {}
            }
        }
        self.rows.read(line, fields);
    }
}

/// Refuses a record that is too long: a quotation mark without its partner makes one field of the rest of the file.
struct Bounded<'a> {
    bytes: Bytes<'a>,
    since: u64,
    /// Whether the last byte that was read is a line feed.
    ends_line: bool,
}

impl Read for Bounded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.since > LONGEST_RECORD {
            let reason = format!(
                "a row of more than {} MiB; is a quotation mark without its partner in it?",
                LONGEST_RECORD >> 20
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        let read = self.bytes.read(into)?;
        self.since += read as u64;
        if let Some(last) = into[..read].last() {
            self.ends_line = *last == b'\n';
        }
        Ok(read)
    }
}
