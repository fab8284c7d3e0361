//! Quality checks: what is wrong with a translation, where, and why.
//!
//! A check is a rule over one pair of texts, which is parsed once for all rules (`Subject`), and over what was
//! learned from the set of the pair ([`Facts`]): its house style, which names it keeps, how long its translations are. Rules are
//! pure functions in `rules`, one file each, with the documentation of the check. The registry lists them all.
//!
//! Three things decide whether a finding is right, so they are here and not in single rules: who translated (a check has a severity
//! for machine and one for human translations), the habits of the set ([`Facts`]), and whether the source text itself is sound
//! (`Subject::has_sound_source`).
//!
//! All rules take linear time in the length of the texts.

mod compare;
mod definition;
mod english;
mod facts;
mod finding_id;
mod numbers;
mod registry;
mod rules;
mod run;
mod scan;
mod script;
mod selection;
mod side;
mod subject;
#[cfg(test)]
mod tests;

pub use definition::{Check, Example, Finding, Kind, Severity};
pub use facts::Facts;
pub use finding_id::FindingId;
pub use registry::{CHECKS, check_of_id};
pub use run::check;
pub use selection::Selection;
pub use subject::{Neighbour, Neighbours, Pair};
