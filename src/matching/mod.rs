//! Similarity of texts: tokens, distance, score, ranking, and the search for candidates. Pure: no disk, no SQL.
//!
//! A [`Query`] is compared with texts by the Levenshtein distance over their tokens ([`token_ranges`]). [`index`] finds the
//! candidates among hundreds of thousands of texts, and [`by_rank`] orders the matches.

pub(crate) mod choose;
pub mod concordance;
mod diff;
mod distance;
pub mod index;
mod locale;
mod query;
mod rank;
mod score;
mod token;

pub use diff::{Change, changes};
pub use locale::{LocaleFit, fit, script_of};
pub use query::{Arithmetic, Comparison, Difference, Query, Similarity};
pub use rank::{ALIGNED_PENALTY, Match, MatchKind, Penalties, Penalty, PenaltyReason, by_rank, reasons};
pub use score::{LONGEST_COMPARED, is_too_long, percent};
pub use token::{folded, token_ranges};
