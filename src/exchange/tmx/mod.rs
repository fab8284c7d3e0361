//! TMX 1.4: a writer for the tools of translators and corpus builders, and a reader for their files.
//!
//! The writer follows the specification and, where tools demand more, the tools. Each such rule has a comment at its code.

mod date;
mod element;
mod format;
mod inline;
mod interpret;
mod profile;
mod raw;
mod reader;
mod writer;

pub use super::events::Damage;
pub use super::xml_error::XmlError as TmxError;
pub use format::{FormattedUnits, Written};
pub use inline::Inline;
pub use interpret::Entry;
pub use profile::{Profile, Settings};
pub use reader::TmxReader;
pub use writer::TmxWriter;

use crate::model::strip_ending;

/// The name of a TMX file, compressed or not, without its ending; `None` for the name of another file.
pub fn tmx_stem(name: &str) -> Option<&str> {
    [".tmx", ".tmx.gz", ".tmx.zst"].into_iter().find_map(|ending| strip_ending(name, ending))
}
