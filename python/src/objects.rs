//! The objects of the JSON output as record batches, with the same names.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_json::ReaderBuilder;
use arrow_json::reader::Decoder;
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use serde::Serialize;

use crate::errors::Failure;
use crate::stream::Sink;

/// The most rows of a batch.
const ROWS: usize = 8192;

/// A column of texts, without nulls.
pub fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

/// A column with nulls.
pub fn optional(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, true)
}

/// A column without nulls.
pub fn required(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, false)
}

/// Positions in a text: a list of lists of start and end, in characters.
fn ranges(name: &str) -> Field {
    let list = |of: DataType| DataType::List(Arc::new(Field::new("element", of, false)));
    Field::new(name, list(list(DataType::UInt32)), false)
}

const UTC: &str = "UTC";

fn time(zone: Option<&str>) -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, zone.map(Into::into))
}

/// A schema of these columns.
pub fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

/// The columns of `bitext segment`.
pub fn segment_schema() -> SchemaRef {
    schema(vec![
        text("document"),
        required("line", DataType::UInt32),
        required("start", DataType::UInt64),
        required("end", DataType::UInt64),
        text("kind"),
        text("text"),
    ])
}

/// The columns of `bitext check --json`.
pub fn finding_schema() -> SchemaRef {
    schema(vec![
        text("check"),
        text("severity"),
        text("set"),
        text("document"),
        text("id"),
        required("line", DataType::UInt32),
        text("source"),
        text("target"),
        ranges("source_ranges"),
        ranges("target_ranges"),
        text("reason"),
        optional("workflow", DataType::Utf8),
        optional("confidence", DataType::Float64),
        text("finding"),
    ])
}

/// The columns of `bitext search --json`.
pub fn line_schema() -> SchemaRef {
    let error = Fields::from(vec![text("finding"), text("check"), text("reason")]);
    schema(vec![
        text("source"),
        text("target"),
        text("source_locale"),
        text("target_locale"),
        ranges("source_hits"),
        ranges("target_hits"),
        optional("workflow", DataType::Utf8),
        optional("confidence", DataType::Float64),
        required("segments", DataType::UInt64),
        required("documents", DataType::UInt64),
        optional("handoff", DataType::Date32),
        optional("superseded", time(Some(UTC))),
        optional("commit", DataType::Utf8),
        text("set"),
        text("document"),
        text("id"),
        optional("error", DataType::Struct(error)),
    ])
}

/// Passes objects on as record batches. JSON lines can be written to it, too.
pub struct ObjectWriter<'s> {
    decoder: Decoder,
    schema: SchemaRef,
    sink: &'s mut Sink<'s>,
    rows: usize,
}

impl<'s> ObjectWriter<'s> {
    /// Objects with the columns of `schema`.
    pub fn new(schema: SchemaRef, sink: &'s mut Sink<'s>) -> Result<Self, Failure> {
        // The decoder knows no names of time zones. It returns times in UTC.
        let decoded = |field: &Arc<Field>| match field.data_type() {
            DataType::Timestamp(..) => Arc::new(field.as_ref().clone().with_data_type(time(None))),
            _ => Arc::clone(field),
        };
        let decoded = Schema::new(schema.fields().iter().map(decoded).collect::<Fields>());
        let decoder = ReaderBuilder::new(Arc::new(decoded)).with_batch_size(ROWS).build_decoder()?;
        Ok(ObjectWriter { decoder, schema, sink, rows: 0 })
    }

    /// Adds a row.
    pub fn push(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        self.decoder.serialize(std::slice::from_ref(object))?;
        self.rows += 1;
        if self.rows == ROWS {
            self.flush()?;
        }
        Ok(())
    }
}

impl Write for ObjectWriter<'_> {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let decoded = self.decoder.decode(lines).map_err(io::Error::other)?;
        // The decoder stops when a batch is full.
        if decoded < lines.len() {
            self.flush()?;
        }
        if decoded == 0 && !lines.is_empty() { self.write(lines) } else { Ok(decoded) }
    }

    /// Passes on the rows so far.
    fn flush(&mut self) -> io::Result<()> {
        self.rows = 0;
        let Some(batch) = self.decoder.flush().map_err(io::Error::other)? else { return Ok(()) };
        let in_utc = |column: &ArrayRef| -> ArrayRef {
            match column.as_primitive_opt::<TimestampMillisecondType>() {
                Some(times) => Arc::new(times.clone().with_timezone(UTC)),
                None => Arc::clone(column),
            }
        };
        let columns = batch.columns().iter().map(in_utc).collect();
        (self.sink)(RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(io::Error::other)?)
    }
}
