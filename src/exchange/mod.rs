//! The formats of the field: one file a format, each a reader or writer over `io::Read` or `io::Write`. Knows no SQL.

mod decode;
pub mod tmx;
mod xml;
