//! Splits a side-by-side document into its two clean documents.

use super::spans::{SpanError, Spans};

/// The two clean documents of a side-by-side document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halves {
    /// The text with each segment replaced by its target as written. All other bytes are unchanged.
    pub target: String,
    /// The same with the sources.
    pub source: String,
    /// The number of replaced segments.
    pub segments: usize,
    /// Segments that cannot be read. They stay unchanged in both.
    pub errors: Vec<SpanError>,
}

/// Splits a side-by-side document into target and source.
///
/// ```
/// let text = "- <span data-ttu-id=\"0a1b2-101\">설정</span>\
///     <span class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-101\">Settings</span></span>\r\n";
/// let halves = bitext::side_by_side::halves(text);
/// assert_eq!(halves.target, "- 설정\r\n");
/// assert_eq!(halves.source, "- Settings\r\n");
/// ```
pub fn halves(text: &str) -> Halves {
    let (mut target, mut source) = (String::with_capacity(text.len()), String::with_capacity(text.len()));
    let (mut copied, mut segments, mut errors) = (0, 0, Vec::new());
    for found in Spans::new(text) {
        match found {
            Ok(span) => {
                for half in [&mut target, &mut source] {
                    half.push_str(&text[copied..span.range.start]);
                }
                target.push_str(span.target);
                source.push_str(span.source);
                copied = span.range.end;
                segments += 1;
            }
            Err(error) => errors.push(error),
        }
    }
    for half in [&mut target, &mut source] {
        half.push_str(&text[copied..]);
    }
    Halves { target, source, segments, errors }
}
