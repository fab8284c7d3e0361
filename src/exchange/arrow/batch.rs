//! Makes a record batch of rows.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Float64Type, TimestampMillisecondType, UInt32Type};
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, SchemaRef};

use super::rows::{SegmentRows, Shared, Texts};
use crate::model::{Kind, share};

/// The rows as one batch of this schema, in their order.
///
/// # Errors
/// If a column has more than 2 GiB of texts.
pub fn record_batch(rows: &[SegmentRows], schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = schema.fields().iter().map(|field| column(field.name(), rows)).collect();
    RecordBatch::try_new(Arc::clone(schema), columns)
}

fn column(name: &str, rows: &[SegmentRows]) -> ArrayRef {
    match name {
        "document" => of_documents(rows, |shared| Some(&shared.document)),
        "set" => of_documents(rows, |shared| Some(&shared.set)),
        "source_locale" => of_documents(rows, |shared| Some(shared.source_locale.as_str())),
        "target_locale" => of_documents(rows, |shared| Some(shared.target_locale.as_str())),
        "workflow" => of_documents(rows, Shared::workflow),
        "source_hash" => of_documents(rows, |shared| shared.metadata.source_hash.as_deref()),
        "source_commit" => of_documents(rows, |shared| shared.metadata.source_commit.as_deref()),
        "file_id" => of_documents(rows, |shared| shared.metadata.file_id.as_deref()),
        "title" => of_documents(rows, |shared| shared.metadata.title.as_deref()),
        "description" => of_documents(rows, |shared| shared.metadata.description.as_deref()),
        "commit" => of_documents(rows, |shared| shared.version.commit.map(|commit| commit.id.to_string())),
        "handoff" => numbers_of_documents::<Date32Type>(rows, Shared::handoff),
        "committed" => Arc::new(
            times(rows, |shared| shared.version.commit.map(|commit| commit.time)).with_timezone("UTC"),
        ),
        "superseded" => Arc::new(times(rows, |shared| shared.version.superseded).with_timezone("UTC")),
        "id" => texts(rows, |rows| &rows.ids),
        "source" => texts(rows, |rows| &rows.sources),
        "target" => texts(rows, |rows| &rows.targets),
        "number" => numbers(rows, |rows| &rows.numbers),
        "line" => numbers(rows, |rows| &rows.lines),
        "position" => numbers(rows, |rows| &rows.positions),
        "kind" => {
            let mut column = StringBuilder::new();
            rows.iter().flat_map(|rows| &rows.kinds).for_each(|kind: &Kind| column.append_value(kind.name()));
            Arc::new(column.finish())
        }
        "confidence" => {
            let shares = rows.iter().flat_map(|rows| &rows.confidences);
            let shares = shares.map(|percent| percent.map(share));
            Arc::new(PrimitiveArray::<Float64Type>::from_iter(shares))
        }
        "source_as_written" => written(rows, 0),
        "target_as_written" => written(rows, 1),
        "labels" => labels(rows),
        _ => no_loc(rows),
    }
}

fn length(rows: &[SegmentRows]) -> usize {
    rows.iter().map(SegmentRows::len).sum()
}

/// A column of texts that the rows of a document share.
fn of_documents<'r, T: AsRef<str>>(
    rows: &'r [SegmentRows],
    value: impl Fn(&'r Shared) -> Option<T>,
) -> ArrayRef {
    let shared = || rows.iter().flat_map(|rows| &rows.shared);
    let size = |shared: &'r Shared| value(shared).map_or(0, |text| text.as_ref().len()) * shared.rows;
    let mut column = StringBuilder::with_capacity(length(rows), shared().map(size).sum());
    for shared in shared() {
        match value(shared) {
            Some(text) => column.append_value_n(text, shared.rows),
            None => column.append_nulls(shared.rows),
        }
    }
    Arc::new(column.finish())
}

fn primitives_of_documents<T: ArrowPrimitiveType>(
    rows: &[SegmentRows],
    value: impl Fn(&Shared) -> Option<T::Native>,
) -> PrimitiveArray<T> {
    let mut column = PrimitiveBuilder::<T>::with_capacity(length(rows));
    for shared in rows.iter().flat_map(|rows| &rows.shared) {
        match value(shared) {
            Some(number) => column.append_value_n(number, shared.rows),
            None => column.append_nulls(shared.rows),
        }
    }
    column.finish()
}

fn numbers_of_documents<T: ArrowPrimitiveType>(
    rows: &[SegmentRows],
    value: impl Fn(&Shared) -> Option<T::Native>,
) -> ArrayRef {
    Arc::new(primitives_of_documents::<T>(rows, value))
}

/// A column of times, from seconds.
fn times(
    rows: &[SegmentRows],
    seconds: impl Fn(&Shared) -> Option<i64>,
) -> PrimitiveArray<TimestampMillisecondType> {
    primitives_of_documents(rows, |shared| seconds(shared).map(|seconds| seconds.saturating_mul(1000)))
}

fn texts(rows: &[SegmentRows], column: impl Fn(&SegmentRows) -> &Texts) -> ArrayRef {
    let bytes = rows.iter().map(|rows| column(rows).bytes()).sum();
    let mut built = StringBuilder::with_capacity(length(rows), bytes);
    rows.iter().for_each(|rows| column(rows).iter().for_each(|text| built.append_value(text)));
    Arc::new(built.finish())
}

fn numbers(rows: &[SegmentRows], column: impl Fn(&SegmentRows) -> &Vec<u32>) -> ArrayRef {
    let numbers: Vec<u32> = rows.iter().flat_map(|rows| column(rows).iter().copied()).collect();
    Arc::new(PrimitiveArray::<UInt32Type>::from(numbers))
}

fn written(rows: &[SegmentRows], side: usize) -> ArrayRef {
    let mut column = StringBuilder::new();
    for rows in rows {
        let mut next = 0;
        for (row, texts) in &rows.written {
            column.append_nulls(row - next);
            column.append_option(texts[side].as_deref());
            next = row + 1;
        }
        column.append_nulls(rows.len() - next);
    }
    Arc::new(column.finish())
}

fn list() -> ListBuilder<StringBuilder> {
    ListBuilder::new(StringBuilder::new()).with_field(Field::new("element", DataType::Utf8, false))
}

fn labels(rows: &[SegmentRows]) -> ArrayRef {
    let mut column = list();
    for rows in rows {
        let rest = rows.len() - rows.labels.len();
        let none = Vec::new();
        for labels in rows.labels.iter().chain(std::iter::repeat_n(&none, rest)) {
            labels.iter().for_each(|label| column.values().append_value(label));
            column.append(!labels.is_empty());
        }
    }
    Arc::new(column.finish())
}

fn no_loc(rows: &[SegmentRows]) -> ArrayRef {
    let mut column = list();
    for shared in rows.iter().flat_map(|rows| &rows.shared) {
        for _ in 0..shared.rows {
            shared.metadata.no_loc.iter().for_each(|term| column.values().append_value(term));
            column.append(!shared.metadata.no_loc.is_empty());
        }
    }
    Arc::new(column.finish())
}
