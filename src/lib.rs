//! Side-by-side localized documentation in, a translation memory out.
//!
//! Bytes come from folders and archives ([`input`]); one document's text becomes metadata, segments and problems
//! ([`side_by_side`]); segments are kept, each text once, in one SQLite file ([`memory`]). From there a text is looked up by
//! what it says without its inline codes ([`markup`], [`matching`]), and units and segments are exported ([`operations`]) in
//! the formats of the field ([`exchange`], [`json`]); what is noted on their way out lies in a temporary file where it is much (`spill`). The
//! command line ([`cli`]) holds the ends together.

#![warn(missing_docs)]

pub mod cli;
pub mod exchange;
pub mod input;
pub mod json;
pub mod markup;
pub mod matching;
pub mod memory;
pub mod model;
pub mod operations;
pub mod parallel;
pub mod side_by_side;
// `Seen` has no user any more; the rest goes with the next change of the unit engine.
#[allow(dead_code, reason = "the unit engine is about to stop using it")]
mod spill;
