//! Why a TMX could not be read to its end.

use std::io;

/// Why a TMX could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum TmxError {
    /// The bytes could not be read or decoded.
    #[error("line {line}: {source}")]
    Read {
        /// The 1-based line that was reached.
        line: u64,
        /// The cause.
        source: io::Error,
    },
    /// The XML is damaged.
    #[error("line {line}: the XML is damaged: {reason}")]
    Damaged {
        /// The 1-based line where the damaged part begins.
        line: u64,
        /// The message of the XML reader.
        reason: String,
    },
    /// The file declares entities.
    #[error(
        "line {line}: the file declares entities of its own; such a file can grow without bound or read other files, and is refused"
    )]
    Entities {
        /// The 1-based line of the document type declaration.
        line: u64,
    },
    /// It is XML, but not TMX.
    #[error("line {line}: <{element}> where a TMX has <{expected}>")]
    NotTmx {
        /// The 1-based line of the element.
        line: u64,
        /// The element's name.
        element: String,
        /// The name that TMX has at this position.
        expected: &'static str,
    },
}
