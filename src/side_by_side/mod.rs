//! Finds metadata and segments in one document. Knows nothing of files or SQL.

mod balance;
mod encoding;
mod halves;
#[cfg(feature = "html")]
mod html;
mod locales;
mod metadata;
mod quoting;
mod spans;
mod yaml_escapes;

pub use encoding::{Encoding, decode, has_spans};
pub use halves::{Halves, halves};
pub use locales::{NO_LOCALE, StatedLocales};
pub use metadata::{FrontText, body, front_matter_texts, no_loc};
pub use quoting::Quoting;
pub use spans::{Span, SpanError, Spans};
pub use yaml_escapes::{escape_yaml, unescape_yaml};

use crate::model::{Document, LONGEST_TEXT, Problem, Segment, SegmentId, line_at, zero_block};

/// The revision of this reader. It changes whenever the same bytes are read differently, so that unchanged documents are read
/// again.
pub const REVISION: u32 = 3;

/// The syntax of a document. It decides how metadata and segments are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Front matter between two `---` lines, spans anywhere in the text. Also for files with an unknown extension.
    Markdown,
    /// Metadata anywhere, spans in scalars.
    Yaml,
    /// A rendered page, read by an HTML parser.
    Html,
}

impl Syntax {
    /// The syntax of a path's extension, in upper or lower case; `None` for other extensions.
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

/// Reads one document. Never fails: unreadable parts become problems.
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
    let mut document = read_segments(text, syntax);
    if let Some(at) = zero_block(text.as_bytes()) {
        let line = line_at(text, at);
        let reason = "a block of zero bytes, where a part of the document was overwritten".to_owned();
        document.problems.push(Problem { line: Some(line), reason });
        document.problems.sort_by_key(|problem| problem.line);
        document.is_damaged = true;
    }
    document.is_damaged |= document.segments.is_empty() && !document.problems.is_empty();
    leave_out_long_values(&mut document);
    leave_out_long_texts(&mut document);
    document
}

/// Leaves out segments with a text of more than [`LONGEST_TEXT`] bytes, and reports them.
fn leave_out_long_texts(document: &mut Document<'_>) {
    let length = |segment: &Segment<'_>| segment.source.len().max(segment.target.len());
    for segment in document.segments.extract_if(.., |segment| length(segment) > LONGEST_TEXT) {
        let reason = format!(
            "segment {} has a text of {} bytes; a segment with more than 1 MiB is left out",
            segment.id.as_str(),
            length(&segment)
        );
        document.problems.push(Problem { line: Some(segment.line), reason });
    }
}

/// The longest value of a key that is printed with each segment: several times a hash. With longer ones, the lines of a document
/// would have many times its length.
const LONGEST_VALUE: usize = 1000;

fn leave_out_long_values(document: &mut Document<'_>) {
    let metadata = &mut document.metadata;
    for (key, value) in [
        ("ms.openlocfilehash", &mut metadata.source_hash),
        ("ms.sourcegitcommit", &mut metadata.source_commit),
        ("ms.locfileid", &mut metadata.file_id),
    ] {
        if let Some(long) = value.take_if(|value| value.len() > LONGEST_VALUE) {
            let reason = format!("the value of {key} has {} bytes, and was left out", long.len());
            document.problems.push(Problem { line: None, reason });
        }
    }
}

fn read_segments(text: &str, syntax: Syntax) -> Document<'_> {
    let metadata = metadata::read(text, syntax);
    if syntax == Syntax::Html {
        #[cfg(feature = "html")]
        return html::read(text, metadata);
        #[cfg(not(feature = "html"))]
        return without_parser(text, metadata);
    }
    // A segment and its tags take some 280 bytes.
    let segments = Vec::with_capacity(text.len() / 256 + 1);
    let mut document = Document { metadata, segments, ..Document::default() };
    // The start of the last item if it is not readable.
    let mut unreadable_end = None;
    for found in Spans::new(text) {
        unreadable_end = found.as_ref().err().map(|error| error.range.start);
        match found {
            Ok(span) => {
                let (source, target) = (span.source_text(), span.target_text());
                let written = span.written(&source, &target);
                document.segments.push(Segment {
                    id: span.id,
                    line: span.line,
                    source,
                    target,
                    written,
                    confidence: None,
                });
            }
            Err(error) => document.problems.push(problem_of(error)),
        }
    }
    document.is_damaged = unreadable_end.is_some_and(|start| balance::is_unclosed(&text[start..]));
    report_ids_seen_twice(&mut document);
    document
}

fn problem_of(error: SpanError) -> Problem {
    Problem { line: Some(error.line), reason: error.to_string() }
}

/// A rendered page in a build without an HTML parser: a problem, if it has a segment.
#[cfg(not(feature = "html"))]
fn without_parser(text: &str, metadata: crate::model::Metadata) -> Document<'_> {
    let reason = "this build cannot read rendered pages; build it with the feature \"html\"".to_owned();
    let problem = Problem { line: None, reason };
    let problems = if has_spans(text.as_bytes()) { vec![problem] } else { Vec::new() };
    Document { metadata, problems, ..Document::default() }
}

/// Reads the metadata only.
pub fn read_metadata(text: &str, syntax: Syntax) -> crate::model::Metadata {
    metadata::read(text, syntax)
}

/// Reports ids that occur twice. Both segments are kept, because both texts are in the document.
fn report_ids_seen_twice(document: &mut Document<'_>) {
    // Numbers usually ascend, so comparing neighbours is enough for nearly every document.
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
