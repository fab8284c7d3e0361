//! TMX 1.4: units out for the tools of translators and corpus builders, and their TMX in.
//!
//! What the readers in use really demand decides what is written here; the specification alone does not. Each rule that looks
//! odd stands beside the code that follows it.

mod date;
mod element;
mod format;
mod inline;
mod interpret;
mod lines;
mod profile;
mod raw;
mod reader;
mod writer;

pub use format::{FormattedUnits, Written};
pub use inline::Inline;
pub use interpret::Entry;
pub use profile::{Profile, Settings};
pub use reader::{TmxError, TmxReader};
pub use writer::TmxWriter;
