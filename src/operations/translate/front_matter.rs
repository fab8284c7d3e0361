//! Titles and descriptions in front matter: what the memory has of each.

use crate::memory::MemoryError;
use crate::model::Score;
use crate::operations::placing::scalar::{Value, front_matter_values};
use crate::operations::pretranslate::Proposal;

/// A value that is translated.
pub(super) struct FoundValue {
    pub value: Value,
    /// A translation of exactly its text, which keeps the terms that stay untranslated.
    pub translation: Option<Proposal>,
    /// Other matches, the best first.
    pub proposals: Vec<Proposal>,
}

/// Looks the title and the description of a Markdown document up. `no_loc` are the terms that stay untranslated; a value that is nothing
/// else is none.
pub(super) fn found_values(
    text: &str,
    no_loc: &[String],
    mut find: impl FnMut(&str) -> Result<Vec<Proposal>, MemoryError>,
) -> Result<Vec<FoundValue>, MemoryError> {
    let values = front_matter_values(text);
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::with_capacity(values.len());
    for value in values {
        let mut proposals = match no_loc.iter().any(|term| term.trim() == value.text.trim()) {
            true => continue,
            false => find(&value.text)?,
        };
        let keeps_terms = |target: &str| {
            no_loc.iter().all(|term| !value.text.contains(term.as_str()) || target.contains(term.as_str()))
        };
        let is_translation = |found: &Proposal| found.score >= Score::EXACT && keeps_terms(&found.target);
        let translation = match proposals.first() {
            Some(first) if is_translation(first) => Some(proposals.remove(0)),
            _ => None,
        };
        found.push(FoundValue { value, translation, proposals });
    }
    Ok(found)
}
