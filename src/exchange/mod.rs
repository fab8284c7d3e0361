//! The formats of the field: one file a format, each a reader or writer over `io::Read` or `io::Write`. Knows no SQL.

mod decode;
pub mod delimited;
pub mod jsonl;
pub mod moses;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod po;
pub mod tmx;
pub mod xliff;
mod xml;
