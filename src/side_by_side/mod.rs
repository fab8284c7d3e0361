//! Finds metadata and segments in one document. Knows nothing of files or SQL.

mod html;
mod locales;
mod metadata;
mod spans;
mod yaml_escapes;

pub use locales::{NO_LOCALE, StatedLocales};
pub use spans::{Halves, Quoting, Span, SpanError, Spans, halves};
pub use yaml_escapes::unescape_yaml;

use memchr::memmem;

use crate::model::{Document, Problem, Segment, SegmentId};

/// Changes whenever the same bytes would be read differently, so that a memory knows which documents to read again.
pub const REVISION: u32 = 1;

/// How a document is written, which decides where its metadata stands and how its segments are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Front matter between two `---` lines, spans anywhere in the text. Also for files of no known ending.
    Markdown,
    /// Metadata anywhere, spans in scalars.
    Yaml,
    /// A rendered page, read by an HTML parser.
    Html,
}

impl Syntax {
    /// The syntax that a path's ending names, in any case; `None` for other endings.
    pub fn of_path(path: &str) -> Option<Syntax> {
        let (_, ending) = path.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "md" => Some(Syntax::Markdown),
            "yml" | "yaml" => Some(Syntax::Yaml),
            "html" | "htm" => Some(Syntax::Html),
            _ => None,
        }
    }
}

/// Whether a document's bytes can hold a segment at all. Clean documents cost one search.
pub fn has_spans(bytes: &[u8]) -> bool {
    // In UTF-16 each letter has a zero before or after it. Such a document is told as a problem, not passed over.
    memmem::find(bytes, b"data-ttu-id").is_some()
        || is_utf16(bytes) && memmem::find(bytes, b"t\0t\0u\0-\0i\0d").is_some()
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// Reads a document's bytes as text: UTF-8, with or without a byte-order mark.
///
/// # Errors
/// The problem that the whole document is, with the line of the first byte that is not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<&str, Problem> {
    if is_utf16(bytes) {
        return Err(Problem { line: Some(1), reason: "UTF-16, not UTF-8; save it as UTF-8".into() });
    }
    simdutf8::compat::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count();
        Problem {
            line: Some(line as u32),
            reason: format!("not UTF-8: byte {:#04x} at offset {at}; the document was left out", bytes[at]),
        }
    })
}

/// Reads one document. Never fails: what cannot be read is among the problems.
///
/// ```
/// use bitext::side_by_side::{Syntax, read};
/// let text = "# <span data-ttu-id=\"0a1b2-101\">설정</span>\
///     <span class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-101\">Settings</span></span>\n";
/// let document = read(text, Syntax::Markdown);
/// assert_eq!(document.segments[0].source, "Settings");
/// assert_eq!(document.segments[0].target, "설정");
/// assert!(document.problems.is_empty());
/// ```
pub fn read(text: &str, syntax: Syntax) -> Document<'_> {
    let metadata = metadata::read(text, syntax);
    if syntax == Syntax::Html {
        return html::read(text, metadata);
    }
    // A segment and its tags take some 280 bytes.
    let segments = Vec::with_capacity(text.len() / 256 + 1);
    let mut document = Document { metadata, segments, ..Document::default() };
    for found in Spans::new(text) {
        match found {
            Ok(span) => document.segments.push(Segment {
                id: span.id,
                line: span.line,
                source: span.source_text(),
                target: span.target_text(),
            }),
            Err(error) => {
                document.problems.push(Problem { line: Some(error.line), reason: error.to_string() })
            }
        }
    }
    report_ids_seen_twice(&mut document);
    document
}

/// The locale and the rest of the metadata alone, for where the segments are not wanted yet.
pub fn read_metadata(text: &str, syntax: Syntax) -> crate::model::Metadata {
    metadata::read(text, syntax)
}

/// An id names one segment of a document. Both segments are kept, since both texts are there; which one an editor's link
/// meant is nobody's to guess.
fn report_ids_seen_twice(document: &mut Document<'_>) {
    // Numbers run upward, so one look at the neighbour settles nearly every document.
    let ascending = document.segments.windows(2).all(|two| two[0].id.number() < two[1].id.number());
    if ascending {
        return;
    }
    let mut first_line = std::collections::HashMap::<SegmentId<'_>, u32>::new();
    for segment in &document.segments {
        match first_line.entry(segment.id) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(segment.line);
            }
            std::collections::hash_map::Entry::Occupied(place) => document.problems.push(Problem {
                line: Some(segment.line),
                reason: format!(
                    "segment {} was already at line {}; both are kept",
                    segment.id.as_str(),
                    place.get()
                ),
            }),
        }
    }
    document.problems.sort_by_key(|problem| problem.line);
}
