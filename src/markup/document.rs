//! The parsers of single inline items, for the reader of whole documents.

pub(crate) use super::emphasis::{Run, pair_runs};
pub(crate) use super::html::{Angle, angle};
pub(crate) use super::link::include;

/// The length of the entity at the start of `text`, which starts with `&`.
pub(crate) fn entity_length(text: &str) -> Option<usize> {
    super::entity::entity(text).map(|(length, _)| length)
}

/// The length of `](address "title")` at the start of `text`, which starts with `]`. Reference links are no links.
pub(crate) fn link_end(text: &str) -> Option<usize> {
    super::link::closing(text, false)
}
