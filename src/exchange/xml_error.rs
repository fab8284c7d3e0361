//! Why an XML file could not be read to its end.

use std::io;

/// Why a TMX or an XLIFF file could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
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
    /// It is XML, but not of the format.
    #[error("line {line}: <{element}> where {format} has <{expected}>")]
    OtherFormat {
        /// The 1-based line of the element.
        line: u64,
        /// The element's name.
        element: String,
        /// The format, with its article.
        format: &'static str,
        /// The name that the format has at this position.
        expected: &'static str,
    },
}

impl XmlError {
    /// The 1-based line, and the rest of the message.
    pub fn into_parts(self) -> (u64, String) {
        let line = match &self {
            XmlError::Read { line, .. }
            | XmlError::Damaged { line, .. }
            | XmlError::Entities { line }
            | XmlError::OtherFormat { line, .. } => *line,
        };
        let message = self.to_string();
        let rest = message.strip_prefix(&format!("line {line}: ")).unwrap_or(&message);
        (line, rest.to_owned())
    }
}
