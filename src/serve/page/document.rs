//! A document: source and target side by side, in order, with one segment in view.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::frame::{Current, frame};
use super::results::workflow_name;
use super::shown;
use super::urls::DocumentUrls;
use crate::html::text::{IN_DOCUMENT, direction, name, plain};
use crate::memory::{DocumentKey, FoundDocument, ListedDocument, LoggedTranslation};
use crate::model::{Locale, Workflow};
use crate::operations::numbers::{counted, grouped};
use crate::serve::failure::Failure;
use crate::serve::parameters::Parameters;
use crate::serve::reader::Reader;
use crate::serve::state::State;

/// The number of positions on one page.
const PART: i64 = 200;

/// Which part of which document is shown.
struct Wanted {
    key: DocumentKey,
    /// The id of the segment in view.
    segment: Option<String>,
    /// The position of the first segment, if no segment is named.
    from: i64,
    /// Whether the other translations of the segment are shown.
    others: bool,
}

impl Wanted {
    fn of(query: Option<&str>) -> Result<Wanted, Failure> {
        let mut parameters = Parameters::new(query);
        let (set, document) = (parameters.one("set")?, parameters.one("document")?);
        let target_locale = parameters.parsed("to")?;
        let (Some(set), Some(document)) = (set, document) else {
            return Err(Failure::bad_request("set and document are missing"));
        };
        let wanted = Wanted {
            key: DocumentKey { set, document, target_locale },
            segment: parameters.one("segment")?,
            from: parameters.number("from", 0..=u64::from(u32::MAX))?.unwrap_or(0) as i64,
            others: parameters.flag("others")?,
        };
        parameters.finish()?;
        Ok(wanted)
    }
}

/// A segment of the part.
struct Row {
    id: String,
    source: String,
    target: String,
    workflow: Option<Workflow>,
    is_superseded: bool,
}

/// The part that is shown.
struct Part {
    document: FoundDocument,
    from: i64,
    rows: Vec<Row>,
    others: Vec<LoggedTranslation>,
}

/// `GET /document`
pub(super) async fn page(Shared(state): Shared<Arc<State>>, uri: Uri) -> Response {
    shown(make(&state, uri.query()).await)
}

async fn make(state: &State, query: Option<&str>) -> Result<Markup, Failure> {
    let wanted = Arc::new(Wanted::of(query)?);
    let asked = Arc::clone(&wanted);
    let part = state.slow.run(move |reader| read(reader, &asked)).await?;
    let listed = &part.document.listed;
    let title = format!("{}/{}", listed.set, listed.document);
    let main = html! {
        h1.path { (name(&title)) }
        p.facts {
            span { (listed.source_locale) " to " (listed.target_locale) }
            span { (workflow_name(listed.workflow)) }
            @if let Some(day) = listed.handoff { span { "handed off " time datetime=(day) { (day) } } }
            span { (counted(listed.segments, "segment")) }
            @if let Some(title) = &listed.title { span { (plain(title, &listed.target_locale, 300)) } }
            a href=(urls(listed).export()) { "Download as TMX" }
        }
        (parts(&part))
        (table(&wanted, &part))
        (parts(&part))
    };
    Ok(frame(&format!("{title} – bitext"), Current::Other, &main))
}

fn read(reader: &Reader<'_>, wanted: &Wanted) -> Result<Part, Failure> {
    let memory = reader.memory;
    let _transaction = memory.begin_read()?;
    let none = || Failure::not_found("the memory has no such document, or none any more");
    let document = memory.find_document(&wanted.key)?.ok_or_else(none)?;
    let position = match &wanted.segment {
        Some(segment) => memory.position_of(&document, segment)?,
        None => None,
    };
    let from = position.map_or(wanted.from, |position| position / PART * PART);
    let mut rows = Vec::new();
    memory.for_each_segment_of(&document, from..from + PART, |placed| {
        rows.push(Row {
            id: placed.segment.id.as_str().to_owned(),
            source: placed.segment.source.clone().into_owned(),
            target: placed.segment.target.clone().into_owned(),
            workflow: placed.metadata.workflow,
            is_superseded: placed.version.superseded.is_some(),
        });
    })?;
    let mut others = Vec::new();
    if wanted.others
        && let Some(row) = rows.iter().find(|row| Some(&row.id) == wanted.segment.as_ref())
    {
        others = memory.text_log(&row.source)?;
        others.retain(|other| {
            other.target != row.target || other.target_locale != document.listed.target_locale
        });
    }
    Ok(Part { document, from, rows, others })
}

fn urls(listed: &ListedDocument) -> DocumentUrls<'_> {
    DocumentUrls { set: &listed.set, document: &listed.document, to: listed.target_locale.as_str() }
}

/// Links to the parts before and after.
fn parts(part: &Part) -> Markup {
    let urls = urls(&part.document.listed);
    let (previous, next) = (part.from - PART, part.from + PART);
    if part.from == 0 && next >= part.document.end {
        return Markup::default();
    }
    html! {
        nav.parts aria-label="Parts of the document" {
            @if part.from > 0 { a rel="prev" href=(urls.part(previous.max(0))) { "The segments before" } }
            span { (grouped(part.from as u64 + 1)) " to " (grouped(next.min(part.document.end) as u64)) " of " (grouped(part.document.end as u64)) }
            @if next < part.document.end { a rel="next" href=(urls.part(next)) { "The segments after" } }
        }
    }
}

fn table(wanted: &Wanted, part: &Part) -> Markup {
    let listed = &part.document.listed;
    let (source, target) = (&listed.source_locale, &listed.target_locale);
    html! {
        table.document {
            caption.for-ears { "Segments with their translations" }
            thead {
                tr { th scope="col" { "Segment" } th scope="col" { "Source, " (source) } th scope="col" { "Target, " (target) } }
            }
            tbody {
                @for row in &part.rows {
                    @let is_in_view = wanted.segment.as_ref() == Some(&row.id);
                    tr id=[is_in_view.then_some("segment")] aria-current=[is_in_view.then_some("true")] {
                        th scope="row" {
                            a href=(urls(listed).segment(&row.id)) { (row.id) }
                            @if row.is_superseded { br; "superseded" }
                            @if row.workflow != listed.workflow { br; (workflow_name(row.workflow)) }
                        }
                        td dir=(direction(source)) { (plain(&row.source, source, IN_DOCUMENT)) }
                        td dir=(direction(target)) {
                            (plain(&row.target, target, IN_DOCUMENT))
                            (whole(listed, row))
                            @if is_in_view { (others(wanted, part, row)) }
                        }
                    }
                }
            }
        }
        @if part.rows.is_empty() { p { "There is no segment here." } }
    }
}

/// A link to the texts of a row that are not shown to their end.
fn whole(listed: &ListedDocument, row: &Row) -> Markup {
    let is_cut = |text: &str| text.chars().nth(IN_DOCUMENT).is_some();
    html! {
        @for (text, side) in [(&row.source, "source"), (&row.target, "target")] {
            @if is_cut(text) { p.more lang="en" dir="ltr" { a href=(urls(listed).text(&row.id, side)) { "The whole " (side) " text" } } }
        }
    }
}

/// The other translations of the segment in view, or the link that shows them.
fn others(wanted: &Wanted, part: &Part, row: &Row) -> Markup {
    if !wanted.others {
        let address = urls(&part.document.listed).other_translations(&row.id);
        return html! { p.more lang="en" dir="ltr" { a href=(address) { "Other translations" } } };
    }
    html! {
        div.others lang="en" dir="ltr" {
            @if part.others.is_empty() { p { "The memory has no other translation of this source text." } } @else {
                h2 { "Other translations" }
                ul {
                    @for other in &part.others {
                        li { (plain(&other.target, &other.target_locale, IN_DOCUMENT)) (about(other)) }
                    }
                }
            }
        }
    }
}

fn about(other: &LoggedTranslation) -> Markup {
    let place = &other.place;
    let to = other.target_locale.as_str();
    let address = DocumentUrls { set: &place.set, document: &place.document, to }.segment(&place.segment);
    html! {
        p.facts {
            span { (other.target_locale) }
            span { (workflow_name(other.workflow)) }
            @if let Some(superseded) = &other.superseded { span { "superseded, " (superseded) } }
            span { (counted(other.segments, "segment")) }
            a href=(address) { (name(&format!("{}/{}", place.set, place.document))) }
        }
    }
}

/// `GET /text`: one text of a segment, whole.
pub(super) async fn text(Shared(state): Shared<Arc<State>>, uri: Uri) -> Result<Response, Failure> {
    let mut parameters = Parameters::new(uri.query());
    let (set, document) = (parameters.one("set")?, parameters.one("document")?);
    let target_locale: Option<Locale> = parameters.parsed("to")?;
    let segment = parameters.one("segment")?;
    let is_source = parameters.choice("side", &[("source", true), ("target", false)])?.unwrap_or(false);
    parameters.finish()?;
    let (Some(set), Some(document), Some(segment)) = (set, document, segment) else {
        return Err(Failure::bad_request("set, document and segment name the text"));
    };
    let key = DocumentKey { set, document, target_locale };
    let text = state.slow.run(move |reader| {
        let memory = reader.memory;
        let _transaction = memory.begin_read()?;
        let Some(document) = memory.find_document(&key)? else { return Ok(None) };
        let Some(position) = memory.position_of(&document, &segment)? else { return Ok(None) };
        let mut text = None;
        memory.for_each_segment_of(&document, position..position + 1, |placed| {
            let segment = placed.segment;
            text = Some(if is_source { &segment.source } else { &segment.target }.clone().into_owned());
        })?;
        Ok(text)
    });
    let text =
        text.await?.ok_or_else(|| Failure::not_found("the memory has no such segment, or none any more"))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
