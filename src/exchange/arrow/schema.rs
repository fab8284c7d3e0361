//! The names and types of the columns.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::exchange::partition::Partition;

/// The version of the schema.
pub const SCHEMA_VERSION: &str = "1";

/// The key of the version in the metadata of a schema or of a Parquet file.
pub const VERSION_KEY: &str = "bitext.schema";

/// Whether there is a column of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// There is one.
    Written,
    /// There is none.
    Left,
}

/// The schema, without the columns whose values are in the names of folders.
pub fn schema(labels: Labels, partitions: &[Partition]) -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let number = |name: &str| Field::new(name, DataType::UInt32, false);
    let optional = |name: &str, kind: DataType| Field::new(name, kind, true);
    let time = || DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let list = || DataType::List(Arc::new(Field::new("element", DataType::Utf8, false)));
    let mut fields = vec![
        text("document"),
        text("set"),
        text("id"),
        number("number"),
        text("kind"),
        number("line"),
        text("source_locale"),
        text("target_locale"),
        text("source"),
        text("target"),
        optional("confidence", DataType::Float64),
        optional("workflow", DataType::Utf8),
        optional("source_hash", DataType::Utf8),
        optional("source_commit", DataType::Utf8),
        optional("handoff", DataType::Date32),
        optional("file_id", DataType::Utf8),
        optional("commit", DataType::Utf8),
        optional("committed", time()),
        optional("superseded", time()),
        number("position"),
        optional("source_as_written", DataType::Utf8),
        optional("target_as_written", DataType::Utf8),
        optional("title", DataType::Utf8),
        optional("description", DataType::Utf8),
        optional("no_loc", list()),
    ];
    if labels == Labels::Written {
        fields.push(optional("labels", list()));
    }
    fields.retain(|field| partitions.iter().all(|partition| partition.name() != field.name()));
    let version = HashMap::from([(VERSION_KEY.to_owned(), SCHEMA_VERSION.to_owned())]);
    Arc::new(Schema::new_with_metadata(fields, version))
}
