//! The plain types that all modules share. Knows nothing of files, Markdown, SQL or formats.

mod arena;
mod concordance;
mod display;
mod document;
mod fingerprint;
mod lines;
mod locale;
mod object;
mod path;
mod policy;
mod score;
mod size;
mod text;
mod time;
mod unit;
mod usage;
mod version;
mod zeros;

pub use arena::{TextArena, TextRange};
pub use concordance::{ConcordanceLine, Places};
pub use display::{holds_unsafe_to_show, is_unsafe_to_show};
pub use document::{Document, Kind, Metadata, Problem, Segment, SegmentId, Workflow, WrittenTexts};
pub use fingerprint::{FingerprintSet, FirstBytes};
pub use jiff::civil::{Date, DateTime};
pub use lines::{LineCounter, line_at};
pub use locale::{Locale, LocaleError};
pub use object::{Commit, ObjectId};
pub use path::{shown, special_file, strip_ending};
pub use policy::{Preference, better_workflow, compare_workflows};
pub use score::{Score, percent, share};
pub use size::Size;
pub use text::{LONGEST_TEXT, fold_line_breaks, shortened, trim};
pub use time::{date_time, midnight, of_timestamp, seconds, timestamp, today};
pub use unit::{
    Context, ContextPolicy, Place, PlacedSegment, QueryPlace, Scope, SharedRemarks, Unit, Variant,
};
pub use usage::{Provenance, Usage};
pub use version::{DocumentVersion, FileVersion, Superseded, Versions};
pub use zeros::zero_block;
