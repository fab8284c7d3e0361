//! The tests that need the built program, and those that read the project itself: one crate, so that it is linked once.
//! One module a command; the other modules say what they are about in their first line.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may be ended by its data, and says what it skips"
)]

mod agreement;
mod align;
mod analyze;
mod architecture;
mod archives;
mod bounds;
mod check;
mod check_out;
#[cfg(feature = "parquet")]
mod columns;
mod crash;
mod excluded;
mod export_formats;
mod extract;
mod fuzz;
#[cfg(feature = "git")]
mod git;
mod help;
#[cfg(feature = "git")]
mod history;
mod hostile;
mod import;
mod import_formats;
mod input_bounds;
mod jobs;
mod mistakes;
#[cfg(unix)]
mod outputs;
#[cfg(unix)]
mod pipes;
mod query;
#[cfg(unix)]
mod readme;
mod remove;
mod search;
mod seeds;
mod segment;
#[cfg(feature = "serve")]
mod serve;
mod split;
mod stats;
mod support;
mod tmx;
mod translate;
#[cfg(unix)]
mod unfinished;
mod utf16;
mod verify;
