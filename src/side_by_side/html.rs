//! Reads rendered pages with an HTML parser: here the spans are in real HTML.
//!
//! Source and target are the HTML inside the spans, as the parser serializes it.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem;
use scraper::{ElementRef, Html, Selector};

use crate::model::{Date, Document, Metadata, Problem, Segment, SegmentId, Workflow, fold_line_breaks};

static TARGET: LazyLock<Selector> = LazyLock::new(|| selector("span[data-ttu-id]"));
static SOURCE: LazyLock<Selector> = LazyLock::new(|| selector("span[data-stu-id]"));
static META: LazyLock<Selector> = LazyLock::new(|| selector("meta[name][content]"));
static PAGE: LazyLock<Selector> = LazyLock::new(|| selector("html[lang]"));
static TITLE: LazyLock<Selector> = LazyLock::new(|| selector("head > title"));

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("the selectors above are constants, and each is used by a test")
}

pub(super) fn read(text: &str, metadata: Metadata) -> Document<'_> {
    let page = Html::parse_document(text);
    let mut document = Document { metadata, ..Document::default() };
    read_metadata(&page, &mut document.metadata);
    let mut places = LineFinder { text, at: 0, line: 1 };
    for target in page.select(&TARGET) {
        let written = target.attr("data-ttu-id").unwrap_or_default();
        let id = places.next_id(written);
        match segment(written, id, target, places.line) {
            Ok(segment) => document.segments.push(segment),
            Err(reason) => document.problems.push(Problem { line: Some(places.line), reason }),
        }
    }
    if document.segments.is_empty() && document.problems.is_empty() {
        // The attribute is in a comment, in text, or in another element than a span.
        document.problems.extend(super::Spans::new(text).find_map(Result::err).map(super::problem_of));
    }
    super::report_ids_seen_twice(&mut document);
    document
}

/// Finds the lines of the spans in the page's text. The parser does not keep positions, but the order is the same.
struct LineFinder<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl<'a> LineFinder<'a> {
    /// Advances to the next such attribute with this id and returns the id as written. If there is none, as for an id that the
    /// parser had to decode, the position does not change.
    fn next_id(&mut self, id: &str) -> Option<SegmentId<'a>> {
        const ATTRIBUTE: &[u8] = b"data-ttu-id";
        let bytes = self.text.as_bytes();
        for found in memmem::find_iter(&bytes[self.at..], ATTRIBUTE) {
            let place = self.at + found;
            let value = self.text[place + ATTRIBUTE.len()..].trim_start_matches(['=', ' ', '"', '\'']);
            let Some(written) = value.get(..id.len()).filter(|&written| written == id) else { continue };
            self.line += memchr::memchr_iter(b'\n', &bytes[self.at..place]).count() as u32;
            self.at = place + ATTRIBUTE.len();
            return SegmentId::parse(written);
        }
        None
    }
}

fn segment<'a>(
    written: &str,
    id: Option<SegmentId<'a>>,
    target: ElementRef<'_>,
    line: u32,
) -> Result<Segment<'a>, String> {
    let id =
        id.ok_or_else(|| format!("a span has data-ttu-id={written:?}, which is no id such as 0a1b2-101"))?;
    let source = target
        .next_siblings()
        .find_map(ElementRef::wrap)
        .filter(|next| next.value().classes().any(|class| class == "sxs-lookup"))
        .and_then(|lookup| lookup.select(&SOURCE).next())
        .ok_or_else(|| format!("segment {written} has no source: no sxs-lookup span follows it"))?;
    let source_id = source.attr("data-stu-id").unwrap_or_default();
    if source_id != written {
        return Err(format!("segment {written} stands beside the source of {source_id}: the ids differ"));
    }
    let inside = |element: ElementRef<'_>| Cow::Owned(fold_line_breaks(&element.inner_html()).into_owned());
    // The parser has changed what the document has between the tags, so there is no text as written.
    Ok(Segment { id, line, source: inside(source), target: inside(target), written: None, confidence: None })
}

fn read_metadata(page: &Html, metadata: &mut Metadata) {
    for element in page.select(&META) {
        let content = element.attr("content").unwrap_or_default().trim();
        if content.is_empty() {
            continue;
        }
        let text = || Some(content.to_owned());
        match element.attr("name").unwrap_or_default() {
            "ms.contentlocale" => metadata.target_locale = content.parse().ok(),
            "ms.translationtype" if content == "HT" => metadata.workflow = Some(Workflow::Human),
            "ms.translationtype" if content == "MT" => metadata.workflow = Some(Workflow::Machine),
            "ms.openlocfilehash" => metadata.source_hash = text(),
            "ms.sourcegitcommit" => metadata.source_commit = text(),
            "ms.lasthandoff" => metadata.handoff = Date::strptime("%m/%d/%Y", content).ok(),
            "ms.locfileid" => metadata.file_id = text(),
            "description" => metadata.description = text(),
            "no-loc" => metadata.no_loc.push(content.to_owned()),
            _ => {}
        }
    }
    if metadata.target_locale.is_none() {
        let language = page.select(&PAGE).next().and_then(|page| page.attr("lang"));
        metadata.target_locale = language.and_then(|name| name.parse().ok());
    }
    let title = page.select(&TITLE).next().map(|title| title.text().collect::<String>());
    metadata.title = title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
}

#[cfg(test)]
mod tests {
    use crate::side_by_side::{Syntax, read};

    const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"ko-kr\"><head><title>창고</title>\n\
        <meta name=\"ms.translationtype\" content=\"MT\"></head>\n<body><p>\n\
        <span class='x' data-ttu-id='0a1b2-101'>창고를 <strong>여세요</strong> &gt; 지금</span>\
        <span class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-101\">Open the <strong>depot</strong> &gt; now</span></span>\n\
        <span data-ttu-id=\"0a1b2-102\">혼자</span></p>\n\
        <p><span data-ttu-id=\"0a1b2-103\">다름</span><span class=\"sxs-lookup\">\
        <span data-stu-id=\"0a1b2-104\">Other</span></span></body></html>";

    #[test]
    fn a_rendered_page_gives_segments_metadata_and_problems() {
        let document = read(PAGE, Syntax::Html);
        let metadata = &document.metadata;
        assert_eq!(metadata.target_locale.as_ref().map(|l| l.as_str()), Some("ko-KR"));
        assert_eq!(metadata.workflow, Some(crate::model::Workflow::Machine));
        assert_eq!(metadata.title.as_deref(), Some("창고"));
        assert_eq!(document.segments.len(), 1);
        assert_eq!(document.segments[0].line, 5);
        assert_eq!(document.segments[0].source, "Open the <strong>depot</strong> &gt; now");
        assert_eq!(document.segments[0].target, "창고를 <strong>여세요</strong> &gt; 지금");
        let lines: Vec<_> = document.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(6), Some(7)]);
        assert!(document.problems[0].reason.contains("no source"), "{:?}", document.problems);
        assert!(document.problems[1].reason.contains("ids differ"), "{:?}", document.problems);
    }
}
