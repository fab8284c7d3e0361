//! Segments as Arrow record batches: one row for each segment, with the metadata of its document. Parquet files have the same columns.
//!
//! # Schema, version 1
//! | column | type | |
//! |---|---|---|
//! | `document`, `set` | string | the document's path below its set, and the set's name |
//! | `id`, `number`, `kind` | string, uint32, string | `17aa2-p103`, 103 and `sentence`, `paragraph` or `aligned` |
//! | `line`, `position` | uint32 | the line in the document, from 1; the row's position among those of its document, from 0 |
//! | `source_locale`, `target_locale` | string | BCP 47 |
//! | `source`, `target` | string | Markdown as written, trimmed, line breaks folded |
//! | `source_as_written`, `target_as_written` | string? | the texts as the document has them, where they differ from those |
//! | `confidence` | float64? | of an aligned pair, the probability that it is right |
//! | `workflow` | string? | `human` or `machine` |
//! | `source_hash`, `source_commit`, `file_id` | string? | of the front matter |
//! | `handoff` | date32? | of the front matter |
//! | `commit`, `committed`, `superseded` | string?, timestamp(ms, UTC)? twice | the version, if it is from a Git repository |
//! | `title`, `description`, `no_loc` | string? twice, list of strings? | of the front matter |
//! | `labels` | list of strings? | only where it was asked for: the ids of the quality checks that found something |
//!
//! A `?` marks a column with nulls. The metadata of the schema, and of a Parquet file, has the version under the key `bitext.schema`. A
//! later version adds columns at the end, and changes none.

mod batch;
mod rows;
mod schema;
mod writer;

pub use batch::{Values, record_batch, values};
pub use rows::{SegmentRows, Texts};
pub use schema::{Labels, SCHEMA_VERSION, VERSION_KEY, schema};
pub use writer::{BatchWriter, Positions};
