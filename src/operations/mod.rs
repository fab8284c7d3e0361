//! What the program does, for any caller: the command line, a server, another program.
//!
//! An operation receives a plan (plain values) and a [`Report`] for what it meets on the way, and returns counts. It knows no
//! command line and no terminal. What an argument means is decided above this layer, how a text is stored or compared below it.

mod documents;
mod error;
pub mod export;
pub mod extract;
mod fallback_locale;
pub mod import;
pub mod lookup;
pub(crate) mod numbers;
mod report;
pub mod split;

pub use documents::DocumentCounts;
pub use error::OperationError;
pub use report::{Report, Warning};
