//! The operations of the program, for any caller: the command line, a server, another program.
//!
//! An operation receives a plan (plain values) and a [`Report`] for problems and progress, and returns counts. It knows no
//! command line and no terminal. The layer above decides the meaning of arguments; the layers below store and compare texts.

pub mod align;
mod alternatives;
pub mod analyze;
pub mod check;
mod clean_documents;
mod digest;
mod documents;
mod error;
pub mod export;
pub mod extract;
mod fallback_locale;
pub mod globs;
pub mod import;
pub mod lookup;
pub mod merge;
pub(crate) mod numbers;
mod output_tree;
mod placing;
pub mod pretranslate;
pub mod remove;
mod report;
pub mod search;
pub mod segment;
mod segments;
pub mod sentences;
pub mod split;
pub mod stats;
pub mod store;
pub mod translate;

pub use documents::{DocumentCounts, Files};
pub use error::OperationError;
pub use output_tree::Existing;
pub use report::{LeftOut, Report, UnreadFiles, Warning};
pub use segments::{ListedSet, Part, SegmentSources};
