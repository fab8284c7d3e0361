//! How alike two texts are, and which texts of many are alike enough. Pure: no disk, no SQL.
//!
//! A [`Query`] is compared with texts by the distance over their tokens ([`token_ranges`]); [`index`] tells which of hundreds of
//! thousands are worth comparing; [`by_rank`] orders what comes out.

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
pub use locale::{LocaleFit, fit};
pub use query::{Arithmetic, Comparison, Difference, Query, Similarity};
pub use rank::{Match, MatchKind, Penalties, Penalty, PenaltyReason, by_rank, reasons};
pub use score::percent;
pub use token::{folded, token_ranges};
