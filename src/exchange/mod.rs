//! The formats of the field: one file a format, each a reader or writer over `io::Read` or `io::Write`. Knows no SQL.

pub mod delimited;
pub mod jsonl;
