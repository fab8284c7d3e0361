//! Access to a stored generation: the index knows no store.

use std::sync::Arc;

use super::element::Element;
use super::frequent::FrequentBits;
use super::postings::{Lists, ListsError};

/// What a search reads of a generation, as it needs it.
pub trait Stored {
    /// Why it could not be read.
    type Error: From<ListsError>;

    /// The lists of the row that an element belongs to; `None` if there is no such row.
    ///
    /// # Errors
    /// If they cannot be read.
    fn lists(&self, element: Element) -> Result<Option<Arc<Lists>>, Self::Error>;

    /// The frequent elements of the texts of the container with this number in the layout.
    ///
    /// # Errors
    /// If they cannot be read.
    fn frequent(&self, container: usize) -> Result<&FrequentBits, Self::Error>;
}
