//! The text of a clean document.

use std::borrow::Cow;
use std::io;

use crate::model::Problem;
use crate::operations::clean_documents::Clean;

/// The text of a document.
pub(super) fn clean<'b>(bytes: &io::Result<&'b [u8]>) -> Result<Cow<'b, str>, Problem> {
    let bytes = match bytes {
        Ok(bytes) => Ok(*bytes),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    };
    match Clean::of(bytes) {
        Clean::Text(text) if text.contains('\0') => Err(Problem {
            line: None,
            reason: "it has zero bytes, so it is no text; the document was left out".to_owned(),
        }),
        Clean::Text(text) => Ok(text),
        Clean::SideBySide => Err(Problem {
            line: None,
            reason: "it is a side-by-side document; `bitext import` reads it; the document was left out"
                .to_owned(),
        }),
        Clean::Unreadable(problem) => Err(problem),
    }
}
