//! The exchange formats of the field, one file each: a reader or a writer over `io::Read` or `io::Write`. Knows no memory.

#[cfg(feature = "parquet")]
pub mod arrow;
mod decode;
pub mod delimited;
mod events;
mod fields;
pub mod formats;
pub mod jsonl;
mod lines;
pub mod moses;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod partition;
pub mod po;
pub mod reading;
pub mod segments;
pub mod tmx;
mod well_formed;
pub mod xliff;
mod xml;
mod xml_error;
