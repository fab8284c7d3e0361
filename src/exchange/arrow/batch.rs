//! Makes a record batch of rows.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Float64Type, TimestampMillisecondType, UInt32Type};
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, SchemaRef};

use super::rows::{SegmentRows, Shared, Texts};
use crate::model::share;

/// The values of a column, in the order of the rows.
#[derive(Debug)]
pub enum Values<'r> {
    /// Texts, each of so many rows that follow one another. `None`: they have none.
    Runs(Vec<(Option<Cow<'r, str>>, usize)>),
    /// One text for each row.
    Texts(&'r Texts),
    /// Other values.
    Array(ArrayRef),
}

/// The rows as one batch of this schema, in their order.
///
/// # Errors
/// If a column has more than 2 GiB of texts.
pub fn record_batch(rows: &SegmentRows, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let column = |name: &str| match values(name, rows) {
        Values::Runs(runs) => of_runs(&runs),
        Values::Texts(texts) => of_texts(texts),
        Values::Array(array) => array,
    };
    let columns = schema.fields().iter().map(|field| column(field.name())).collect();
    RecordBatch::try_new(Arc::clone(schema), columns)
}

/// The values of the column of this name.
pub fn values<'r>(name: &str, rows: &'r SegmentRows) -> Values<'r> {
    match name {
        "document" => of_documents(rows, |shared| Some(&shared.document)),
        "set" => of_documents(rows, |shared| Some(&shared.set)),
        "source_locale" => of_documents(rows, |shared| Some(shared.source_locale.as_str())),
        "target_locale" => of_documents(rows, |shared| Some(shared.target_locale.as_str())),
        "workflow" => of_documents(rows, |shared| shared.workflow()),
        "source_hash" => of_documents(rows, |shared| shared.metadata.source_hash.as_deref()),
        "source_commit" => of_documents(rows, |shared| shared.metadata.source_commit.as_deref()),
        "file_id" => of_documents(rows, |shared| shared.metadata.file_id.as_deref()),
        "title" => of_documents(rows, |shared| shared.metadata.title.as_deref()),
        "description" => of_documents(rows, |shared| shared.metadata.description.as_deref()),
        "commit" => of_documents(rows, |shared| shared.version.commit.map(|commit| commit.id.to_string())),
        "kind" => kinds(rows),
        "id" => Values::Texts(&rows.ids),
        "source" => Values::Texts(&rows.sources),
        "target" => Values::Texts(&rows.targets),
        _ => Values::Array(array(name, rows)),
    }
}

fn array(name: &str, rows: &SegmentRows) -> ArrayRef {
    match name {
        "handoff" => Arc::new(primitives_of_documents::<Date32Type>(rows, Shared::handoff)),
        "committed" => Arc::new(
            times(rows, |shared| shared.version.commit.map(|commit| commit.time)).with_timezone("UTC"),
        ),
        "superseded" => Arc::new(times(rows, |shared| shared.version.superseded).with_timezone("UTC")),
        "number" => numbers(&rows.numbers),
        "line" => numbers(&rows.lines),
        "position" => numbers(&rows.positions),
        "confidence" => {
            let shares = rows.confidences.iter().map(|percent| percent.map(share));
            Arc::new(PrimitiveArray::<Float64Type>::from_iter(shares))
        }
        "source_as_written" => written(rows, 0),
        "target_as_written" => written(rows, 1),
        "labels" => labels(rows),
        _ => no_loc(rows),
    }
}

/// A column of texts that the rows of a document share.
fn of_documents<'r, T: Into<Cow<'r, str>>>(
    rows: &'r SegmentRows,
    value: impl Fn(&'r Shared) -> Option<T>,
) -> Values<'r> {
    Values::Runs(rows.shared.iter().map(|shared| (value(shared).map(Into::into), shared.rows)).collect())
}

fn kinds(rows: &SegmentRows) -> Values<'_> {
    let runs = rows.kinds.chunk_by(|kind, next| kind == next);
    Values::Runs(runs.map(|run| (Some(run[0].name().into()), run.len())).collect())
}

fn of_runs(runs: &[(Option<Cow<'_, str>>, usize)]) -> ArrayRef {
    let bytes = runs.iter().map(|(text, rows)| text.as_ref().map_or(0, |text| text.len()) * rows).sum();
    let mut column = StringBuilder::with_capacity(runs.iter().map(|(_, rows)| rows).sum(), bytes);
    for (text, rows) in runs {
        match text {
            Some(text) => column.append_value_n(text, *rows),
            None => column.append_nulls(*rows),
        }
    }
    Arc::new(column.finish())
}

fn of_texts(texts: &Texts) -> ArrayRef {
    let mut column = StringBuilder::with_capacity(texts.count(), texts.bytes());
    texts.iter().for_each(|text| column.append_value(text));
    Arc::new(column.finish())
}

fn primitives_of_documents<T: ArrowPrimitiveType>(
    rows: &SegmentRows,
    value: impl Fn(&Shared) -> Option<T::Native>,
) -> PrimitiveArray<T> {
    let mut column = PrimitiveBuilder::<T>::with_capacity(rows.len());
    for shared in &rows.shared {
        match value(shared) {
            Some(number) => column.append_value_n(number, shared.rows),
            None => column.append_nulls(shared.rows),
        }
    }
    column.finish()
}

/// A column of times, from seconds.
fn times(
    rows: &SegmentRows,
    seconds: impl Fn(&Shared) -> Option<i64>,
) -> PrimitiveArray<TimestampMillisecondType> {
    primitives_of_documents(rows, |shared| seconds(shared).map(|seconds| seconds.saturating_mul(1000)))
}

fn numbers(numbers: &[u32]) -> ArrayRef {
    Arc::new(PrimitiveArray::<UInt32Type>::from(numbers.to_vec()))
}

fn written(rows: &SegmentRows, side: usize) -> ArrayRef {
    let mut column = StringBuilder::new();
    let mut next = 0;
    for (row, texts) in &rows.written {
        column.append_nulls(row - next);
        column.append_option(texts[side].as_deref());
        next = row + 1;
    }
    column.append_nulls(rows.len() - next);
    Arc::new(column.finish())
}

fn list() -> ListBuilder<StringBuilder> {
    ListBuilder::new(StringBuilder::new()).with_field(Field::new("element", DataType::Utf8, false))
}

fn labels(rows: &SegmentRows) -> ArrayRef {
    let mut column = list();
    let rest = rows.len() - rows.labels.len();
    let none = Vec::new();
    for labels in rows.labels.iter().chain(std::iter::repeat_n(&none, rest)) {
        labels.iter().for_each(|label| column.values().append_value(label));
        column.append(!labels.is_empty());
    }
    Arc::new(column.finish())
}

fn no_loc(rows: &SegmentRows) -> ArrayRef {
    let mut column = list();
    for shared in &rows.shared {
        for _ in 0..shared.rows {
            shared.metadata.no_loc.iter().for_each(|term| column.values().append_value(term));
            column.append(!shared.metadata.no_loc.is_empty());
        }
    }
    Arc::new(column.finish())
}
