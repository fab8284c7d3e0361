//! Segments as spans of a side-by-side document.

use crate::memory::id_prefix;
use crate::model::Locale;
use crate::side_by_side::{Quoting, Spans, body};

/// Numbers segments of one document.
#[derive(Debug)]
pub(super) struct Ids {
    prefix: String,
    next: u32,
}

/// The number of the first segment, as in published documents.
const FIRST: u32 = 101;

impl Ids {
    /// The ids of a document in this locale.
    pub fn of(path: &str, locale: &Locale) -> Ids {
        Ids { prefix: id_prefix(&format!("{locale}/{path}")), next: FIRST }
    }

    /// Target and source as a segment; `None` if it would be read otherwise, because a text has spans that are not closed.
    pub fn span(&mut self, target: &str, source: &str, quoting: Quoting) -> Option<String> {
        let id = format!("{}-{}", self.prefix, self.next);
        let mark = if quoting == Quoting::Yaml { "\\\"" } else { "\"" };
        let span = format!(
            "<span data-ttu-id={mark}{id}{mark}>{target}</span><span class={mark}sxs-lookup{mark}>\
             <span data-stu-id={mark}{id}{mark}>{source}</span></span>"
        );
        let mut read = Spans::new(&span);
        let is_read = matches!(read.next(), Some(Ok(found))
            if found.range == (0..span.len()) && found.target == target && found.source == source);
        (is_read && read.next().is_none()).then(|| {
            self.next += 1;
            span
        })
    }
}

/// A document with its target locale in its front matter, from which an import takes it. A document without front matter gets none.
pub(super) fn with_locale(document: String, locale: &Locale) -> String {
    const KEY: &str = "ms.contentlocale:";
    let front = document.len() - body(&document).len();
    let block = &document[..front];
    let Some(end) = block.trim_end().rfind('\n').map(|at| at + 1) else { return document };
    if block.lines().any(|line| line.starts_with(KEY)) {
        return document;
    }
    let line_break = if block[..end].ends_with("\r\n") { "\r\n" } else { "\n" };
    format!("{}{KEY} {locale}{line_break}{}", &document[..end], &document[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_as_the_texts_that_it_was_made_of() {
        let locale = "ko-KR".parse().unwrap();
        let mut ids = Ids::of("berths/a.md", &locale);
        let first = ids.span("가 <b>나</b>", "a <b>b</b>", Quoting::Plain).unwrap();
        assert!(first.contains("-101\">가 <b>나</b></span>"), "{first}");
        let second = ids.span("가", "a", Quoting::Yaml).unwrap();
        assert!(second.contains("-102\\\">가"), "{second}");
        let segment = "<span data-ttu-id=\"0a1b2-1\">가</span><span class=\"sxs-lookup\">b</span>";
        for target in ["가</span></span>", "<span>가", "</span><span class=\"sxs-lookup\">가", segment] {
            if let Some(span) = ids.span(target, "a", Quoting::Plain) {
                let mut read = Spans::new(&span);
                assert_eq!(read.next().unwrap().unwrap().target, target);
                assert!(read.next().is_none());
            }
        }
    }

    #[test]
    fn the_locale_goes_to_the_end_of_the_front_matter() {
        let with = |document: &str| with_locale(document.to_owned(), &"ko-KR".parse().unwrap());
        assert_eq!(
            with("---\r\na: b\r\n---\r\n# A\r\n"),
            "---\r\na: b\r\nms.contentlocale: ko-KR\r\n---\r\n# A\r\n"
        );
        for same in ["# A\n", "---\nms.contentlocale: de-DE\n---\n", ""] {
            assert_eq!(with(same), same);
        }
    }
}
