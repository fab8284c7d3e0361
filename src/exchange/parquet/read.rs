//! Reads Parquet files batch by batch: the columns that the writer beside it writes; others are not decoded.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetMetaData;

use crate::exchange::fields::Rows;
use crate::exchange::partition::{Partition, stated_by_folders};
use crate::exchange::reading::{Entry, ReadError, SegmentReader, problem};
use crate::json::{FieldText, SegmentFields};
use crate::model::{date_time, timestamp};

/// Opens a Parquet file. Columns that it does not have are those of the folders around it. A column of more than so many bytes in one
/// row group is an error.
pub(super) fn open(file: File, path: &Path, most: u64) -> Result<Box<dyn SegmentReader>, ReadError> {
    let failed = |error: &dyn ToString| ReadError { line: None, reason: error.to_string() };
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let stored = ArrowReaderMetadata::load(&file, options.clone()).map_err(|error| failed(&error))?;
    let has = |name: &str| stored.schema().column_with_name(name).is_some();
    if !has("source") || !has("target") {
        return Err(failed(&"it has no columns \"source\" and \"target\""));
    }
    check_sizes(stored.metadata(), most)?;
    let viewed = options.with_schema(Arc::new(viewed(stored.schema())));
    let viewed = ArrowReaderMetadata::try_new(Arc::clone(stored.metadata()), viewed);
    let viewed = viewed.map_err(|error| failed(&error))?;
    for field in viewed.schema().fields().iter() {
        check_type(field).map_err(|reason| failed(&reason))?;
    }
    let is_read = |field: &Arc<Field>| role(field.name()).is_some();
    let read = viewed.schema().fields().iter().enumerate().filter(|(_, field)| is_read(field));
    let columns = ProjectionMask::roots(viewed.parquet_schema(), read.map(|(at, _)| at));
    let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(file, viewed)
        .with_projection(columns)
        .with_batch_size(BATCH)
        .build();
    let batches = batches.map_err(|error| failed(&error))?;
    let folders = stated_by_folders(path);
    Ok(Box::new(ParquetReader { batches, batch: None, row: 0, number: 0, folders, entries: Rows::default() }))
}

/// The rows that are decoded at once.
const BATCH: usize = 1024;

fn check_sizes(metadata: &ParquetMetaData, most: u64) -> Result<(), ReadError> {
    let columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    let largest = columns.map(|column| column.uncompressed_size().max(column.compressed_size())).max();
    match largest.and_then(|size| u64::try_from(size).ok()).filter(|&size| size > most) {
        None => Ok(()),
        Some(size) => {
            let reason =
                format!("a column of {size} bytes in one row group; --max-document SIZE reads larger ones");
            Err(ReadError { line: None, reason })
        }
    }
}

/// The same schema with views of texts. A view points into the dictionary of its column, so that a batch of one long text many times
/// does not hold it many times.
fn viewed(schema: &Schema) -> Schema {
    fn of(field: &Field) -> Field {
        let kind = match field.data_type() {
            DataType::Utf8 => DataType::Utf8View,
            DataType::List(element) => DataType::List(Arc::new(of(element))),
            other => other.clone(),
        };
        field.clone().with_data_type(kind)
    }
    Schema::new(schema.fields().iter().map(|field| of(field)).collect::<Vec<_>>())
}

/// A text of a row.
type TextOf = for<'f, 'r> fn(&'f mut SegmentFields<'r>) -> &'f mut Option<FieldText<'r>>;

/// What a column is for.
#[derive(Clone, Copy)]
enum Role {
    Text(TextOf),
    /// A date or a time, or its text.
    Time(TextOf),
    Line,
    Position,
    Confidence,
    NoLoc,
}

/// What the column of this name is for; `None` for one that is not read, such as `number` and `kind`, which the id states.
fn role(name: &str) -> Option<Role> {
    Some(match name {
        "document" => Role::Text(|row| &mut row.document),
        "set" => Role::Text(|row| &mut row.set),
        "id" => Role::Text(|row| &mut row.id),
        "source_locale" => Role::Text(|row| &mut row.source_locale),
        "target_locale" => Role::Text(|row| &mut row.target_locale),
        "source" => Role::Text(|row| &mut row.source),
        "target" => Role::Text(|row| &mut row.target),
        "source_as_written" => Role::Text(|row| &mut row.source_as_written),
        "target_as_written" => Role::Text(|row| &mut row.target_as_written),
        "workflow" => Role::Text(|row| &mut row.workflow),
        "source_hash" => Role::Text(|row| &mut row.source_hash),
        "source_commit" => Role::Text(|row| &mut row.source_commit),
        "file_id" => Role::Text(|row| &mut row.file_id),
        "commit" => Role::Text(|row| &mut row.commit),
        "title" => Role::Text(|row| &mut row.title),
        "description" => Role::Text(|row| &mut row.description),
        "handoff" => Role::Time(|row| &mut row.handoff),
        "committed" => Role::Time(|row| &mut row.committed),
        "superseded" => Role::Time(|row| &mut row.superseded),
        "line" => Role::Line,
        "position" => Role::Position,
        "confidence" => Role::Confidence,
        "no_loc" => Role::NoLoc,
        _ => return None,
    })
}

/// An error if a column that is read has another type than its values need.
fn check_type(field: &Field) -> Result<(), String> {
    use DataType::{Date32, Float64, Int32, Int64, List, Null, Timestamp, UInt32, UInt64, Utf8View};
    let Some(role) = role(field.name()) else { return Ok(()) };
    let (fits, wanted) = match (role, field.data_type()) {
        (_, Null) => return Ok(()),
        (Role::Text(_), kind) => (matches!(kind, Utf8View), "text"),
        (Role::Time(_), kind) => (matches!(kind, Utf8View | Date32 | Timestamp(..)), "dates or times"),
        (Role::Line | Role::Position, kind) => {
            (matches!(kind, UInt32 | Int32 | Int64 | UInt64), "whole numbers")
        }
        (Role::Confidence, kind) => (matches!(kind, Float64), "numbers of type double"),
        (Role::NoLoc, kind) => {
            (matches!(kind, List(element) if *element.data_type() == Utf8View), "lists of texts")
        }
    };
    match fits {
        true => Ok(()),
        false => {
            let (name, kind) = (field.name(), field.data_type());
            Err(format!("the column {name} has values of type {kind}, where {wanted} are needed"))
        }
    }
}

struct ParquetReader {
    batches: ParquetRecordBatchReader,
    batch: Option<(RecordBatch, Vec<Role>)>,
    /// The next row of the batch.
    row: usize,
    /// The number of rows that were read.
    number: u64,
    folders: Vec<(Partition, Option<String>)>,
    entries: Rows,
}

impl SegmentReader for ParquetReader {
    fn next(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            if let Some(entry) = self.entries.next() {
                return Ok(Some(entry));
            }
            match &self.batch {
                Some((batch, roles)) if self.row < batch.num_rows() => {
                    self.number += 1;
                    match fields(batch, roles, self.row, &self.folders) {
                        Ok(fields) => self.entries.read(self.number, fields),
                        Err(reason) => self.entries.push(Entry::Problem(problem(self.number, reason))),
                    }
                    self.row += 1;
                }
                _ => {
                    let Some(batch) = self.batches.next() else { return Ok(None) };
                    let failed = |error: &dyn ToString| ReadError {
                        line: Some(self.number),
                        reason: error.to_string(),
                    };
                    let batch = batch.map_err(|error| failed(&error))?;
                    let roles =
                        batch.schema().fields().iter().filter_map(|field| role(field.name())).collect();
                    (self.batch, self.row) = (Some((batch, roles)), 0);
                }
            }
        }
    }
}

/// The fields of a row.
fn fields<'r>(
    batch: &'r RecordBatch,
    roles: &[Role],
    row: usize,
    folders: &'r [(Partition, Option<String>)],
) -> Result<SegmentFields<'r>, String> {
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
    for (role, column) in roles.iter().zip(batch.columns()) {
        if column.is_null(row) || *column.data_type() == DataType::Null {
            continue;
        }
        match role {
            Role::Text(field) => *field(&mut fields) = text(column, row),
            Role::Time(field) => {
                let time = time(column, row);
                *field(&mut fields) =
                    Some(time.ok_or("a date or time beyond the year 9999; the row is left out")?);
            }
            Role::Line => fields.line = number(column, row),
            Role::Position => fields.position = number(column, row),
            Role::Confidence => {
                fields.confidence = column.as_primitive_opt::<Float64Type>().map(|column| column.value(row));
            }
            Role::NoLoc => {
                let terms = column.as_list_opt::<i32>().map(|column| column.value(row));
                let terms = terms.as_ref().and_then(|terms| terms.as_string_view_opt());
                fields.no_loc =
                    terms.map(|terms| terms.iter().flatten().map(str::to_owned).collect::<Vec<String>>());
            }
        }
    }
    Ok(fields)
}

fn text(column: &ArrayRef, row: usize) -> Option<FieldText<'_>> {
    column.as_string_view_opt().map(|column| FieldText(Cow::Borrowed(column.value(row))))
}

/// A date as YYYY-MM-DD, a time as YYYY-MM-DDThh:mm:ssZ; `None` beyond the years that have such a form.
fn time(column: &ArrayRef, row: usize) -> Option<FieldText<'_>> {
    let seconds = match column.data_type() {
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>().value(row);
            let day = date_time(i64::from(days) * 24 * 60 * 60)?.date();
            return Some(FieldText(day.to_string().into()));
        }
        DataType::Timestamp(TimeUnit::Second, _) => column.as_primitive::<TimestampSecondType>().value(row),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            column.as_primitive::<TimestampMillisecondType>().value(row).div_euclid(1_000)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            column.as_primitive::<TimestampMicrosecondType>().value(row).div_euclid(1_000_000)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            column.as_primitive::<TimestampNanosecondType>().value(row).div_euclid(1_000_000_000)
        }
        _ => return text(column, row),
    };
    date_time(seconds).map(|time| FieldText(timestamp(time).into()))
}

fn number(column: &ArrayRef, row: usize) -> Option<u32> {
    match column.data_type() {
        DataType::UInt32 => Some(column.as_primitive::<UInt32Type>().value(row)),
        DataType::Int32 => u32::try_from(column.as_primitive::<Int32Type>().value(row)).ok(),
        DataType::Int64 => u32::try_from(column.as_primitive::<Int64Type>().value(row)).ok(),
        DataType::UInt64 => u32::try_from(column.as_primitive::<UInt64Type>().value(row)).ok(),
        _ => None,
    }
}
