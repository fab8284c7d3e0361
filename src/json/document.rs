//! A document in a list.

use serde::Serialize;

/// A document of the memory.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentObject<'a> {
    /// The set's name.
    pub set: &'a str,
    /// The path below the set, `/` separated.
    pub document: &'a str,
    /// BCP 47.
    pub source_locale: &'a str,
    /// BCP 47.
    pub target_locale: &'a str,
    /// The number of segments.
    pub segments: u64,
    /// `human`, `machine` or null.
    pub workflow: Option<&'static str>,
    /// The hand-off's date, `YYYY-MM-DD`.
    pub handoff: Option<String>,
    /// The translated title.
    pub title: Option<&'a str>,
}
