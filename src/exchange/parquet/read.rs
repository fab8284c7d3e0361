//! Reads Parquet files row group by row group: the columns that the writer beside it writes; others are not decoded.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;

use crate::exchange::fields::Rows;
use crate::exchange::partition::{Partition, stated_by_folders};
use crate::exchange::reading::{Entry, ReadError, SegmentReader, problem};
use crate::json::{FieldText, SegmentFields};
use crate::model::{date_time, timestamp};

/// Opens a Parquet file. Columns that it does not have are those of the folders around it. A column of more than so many bytes in one
/// row group is an error.
pub(super) fn open(file: File, path: &Path, most: u64) -> Result<Box<dyn SegmentReader>, ReadError> {
    let failed = |error: ParquetError| ReadError { line: None, reason: error.to_string() };
    let reader = SerializedFileReader::new(file).map_err(failed)?;
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema();
    let has = |name: &str| schema.get_fields().iter().any(|field| field.name() == name);
    if !has("source") || !has("target") {
        let reason = "it has no columns \"source\" and \"target\"".to_owned();
        return Err(ReadError { line: None, reason });
    }
    let columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    let largest = columns.map(|column| column.uncompressed_size().max(column.compressed_size())).max();
    if let Some(size) = largest.and_then(|size| u64::try_from(size).ok()).filter(|&size| size > most) {
        let reason =
            format!("a column of {size} bytes in one row group; --max-document SIZE reads larger ones");
        return Err(ReadError { line: None, reason });
    }
    let written = super::columns();
    let is_read = |name: &str| !DERIVED.contains(&name) && written.iter().any(|column| column.name == name);
    let fields = schema.get_fields().iter().filter(|field| is_read(field.name())).cloned().collect();
    let projection = Type::group_type_builder(schema.name()).with_fields(fields).build().map_err(failed)?;
    let rows = RowIter::from_file_into(Box::new(reader)).project(Some(projection)).map_err(failed)?;
    let folders = stated_by_folders(path);
    let rows = rows.with_batch_size(BATCH);
    Ok(Box::new(ParquetReader { rows, folders, number: 0, entries: Rows::default() }))
}

/// The rows that are decoded at once.
const BATCH: usize = 256;

/// Columns that are not read: the id states both.
const DERIVED: [&str; 2] = ["number", "kind"];

struct ParquetReader {
    rows: RowIter<'static>,
    folders: Vec<(Partition, Option<String>)>,
    /// The number of rows that were read.
    number: u64,
    entries: Rows,
}

impl SegmentReader for ParquetReader {
    fn next(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            if let Some(entry) = self.entries.next() {
                return Ok(Some(entry));
            }
            let Some(row) = self.rows.next() else { return Ok(None) };
            self.number += 1;
            let row =
                row.map_err(|error| ReadError { line: Some(self.number), reason: error.to_string() })?;
            match fields(&row, &self.folders) {
                Ok(fields) => self.entries.read(self.number, fields),
                Err(reason) => self.entries.push(Entry::Problem(problem(self.number, reason))),
            }
        }
    }
}

/// The fields of a row.
fn fields<'r>(row: &'r Row, folders: &'r [(Partition, Option<String>)]) -> Result<SegmentFields<'r>, String> {
    let mut fields = SegmentFields::default();
    for (column, value) in folders {
        let field = match column {
            Partition::SourceLocale => &mut fields.source_locale,
            Partition::TargetLocale => &mut fields.target_locale,
            Partition::Set => &mut fields.set,
            Partition::Workflow => &mut fields.workflow,
        };
        *field = value.as_deref().map(|value| FieldText(Cow::Borrowed(value)));
    }
    for (name, value) in row.get_column_iter() {
        let wrong = || format!("the column {name} has no text; the row is left out");
        match (name.as_str(), value) {
            (_, Field::Null) => {}
            ("line", value) => fields.line = number(value),
            ("handoff", Field::Date(days)) => {
                let day = date_time(i64::from(*days) * 24 * 60 * 60).map(|time| time.date());
                fields.handoff = day.map(|day| FieldText(day.to_string().into()));
            }
            ("committed", value @ (Field::TimestampMillis(_) | Field::TimestampMicros(_))) => {
                fields.committed = time(value);
            }
            ("superseded", value @ (Field::TimestampMillis(_) | Field::TimestampMicros(_))) => {
                fields.superseded = time(value);
            }
            ("no_loc", Field::ListInternal(terms)) => {
                let text = |term: &Field| match term {
                    Field::Str(term) => Some(term.clone()),
                    _ => None,
                };
                fields.no_loc = Some(terms.elements().iter().filter_map(text).collect());
            }
            ("no_loc", _) => {}
            (name, Field::Str(value)) => {
                let field = match name {
                    "document" => &mut fields.document,
                    "set" => &mut fields.set,
                    "id" => &mut fields.id,
                    "source_locale" => &mut fields.source_locale,
                    "target_locale" => &mut fields.target_locale,
                    "source" => &mut fields.source,
                    "target" => &mut fields.target,
                    "workflow" => &mut fields.workflow,
                    "source_hash" => &mut fields.source_hash,
                    "source_commit" => &mut fields.source_commit,
                    "handoff" => &mut fields.handoff,
                    "file_id" => &mut fields.file_id,
                    "commit" => &mut fields.commit,
                    "committed" => &mut fields.committed,
                    "superseded" => &mut fields.superseded,
                    "title" => &mut fields.title,
                    "description" => &mut fields.description,
                    _ => continue,
                };
                *field = Some(FieldText(Cow::Borrowed(value)));
            }
            _ => return Err(wrong()),
        }
    }
    Ok(fields)
}

fn time(value: &Field) -> Option<FieldText<'static>> {
    let seconds = match value {
        Field::TimestampMillis(time) => time.div_euclid(1_000),
        Field::TimestampMicros(time) => time.div_euclid(1_000_000),
        _ => return None,
    };
    date_time(seconds).map(|time| FieldText(timestamp(time).into()))
}

fn number(value: &Field) -> Option<u32> {
    match value {
        Field::UInt(number) => Some(*number),
        Field::Int(number) => u32::try_from(*number).ok(),
        Field::Long(number) => u32::try_from(*number).ok(),
        Field::ULong(number) => u32::try_from(*number).ok(),
        _ => None,
    }
}
