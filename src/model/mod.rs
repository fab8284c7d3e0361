//! The plain types that every other module speaks in. Knows nothing of files, Markdown, SQL or formats.

mod document;
mod locale;
mod score;
mod unit;

pub use document::{Document, Kind, Metadata, Problem, Segment, SegmentId, Workflow};
pub use jiff::civil::{Date, DateTime};
pub use locale::{Locale, LocaleError};
pub use score::Score;
pub use unit::{Context, Place, PlacedSegment, Unit, Variant};
