//! Lists of documents, one document with its segments, and counts.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::Uri;
use axum::response::Response;

use crate::json::{DocumentsObject, SegmentLine, document_with_lines, to_string};
use crate::memory::{DocumentKey, DocumentList};
use crate::operations::stats::{document_object, stats_object};
use crate::serve::answer::{json, json_text};
use crate::serve::failure::Failure;
use crate::serve::parameters::Parameters;
use crate::serve::state::State;

/// The default number of documents in a list, and the most.
const LIMIT: u64 = 100;
const MOST: u64 = 1000;
/// The most segments in an answer. A document of a repository has fewer; a large TMX is read in parts.
const MOST_SEGMENTS: i64 = 10_000;

/// What stands between the parts of a cursor, and in no path.
const CURSOR: char = '\u{1f}';

/// `GET /v1/documents`
pub(in crate::serve) async fn documents(
    Shared(state): Shared<Arc<State>>,
    uri: Uri,
) -> Result<Response, Failure> {
    let mut parameters = Parameters::new(uri.query());
    let after = parameters.one("after")?.map(|after| {
        let mut parts = after.splitn(3, CURSOR).map(str::to_owned);
        match [parts.next(), parts.next(), parts.next()] {
            [Some(set), Some(document), Some(locale)] => Ok((set, document, locale)),
            _ => Err(Failure::bad_request("after: give the value of next of the page before")),
        }
    });
    let list = DocumentList {
        set: parameters.one("set")?,
        target_locale: parameters.parsed("to")?,
        path_contains: parameters.one("path")?,
        after: after.transpose()?,
        limit: parameters.number("limit", 1..=MOST)?.unwrap_or(LIMIT) as usize,
    };
    parameters.finish()?;
    let limit = list.limit;
    let mut documents = state
        .slow
        .run(move |reader| Ok(reader.memory.documents(&DocumentList { limit: limit + 1, ..list.clone() })?))
        .await?;
    let has_more = documents.len() > limit;
    documents.truncate(limit);
    let next = documents.last().filter(|_| has_more);
    let next =
        next.map(|last| format!("{}{CURSOR}{}{CURSOR}{}", last.set, last.document, last.target_locale));
    Ok(json(&DocumentsObject { documents: documents.iter().map(document_object).collect(), next }))
}

/// `GET /v1/document`
pub(in crate::serve) async fn document(
    Shared(state): Shared<Arc<State>>,
    uri: Uri,
) -> Result<Response, Failure> {
    let mut parameters = Parameters::new(uri.query());
    let (set, document) = (parameters.one("set")?, parameters.one("document")?);
    let target_locale = parameters.parsed("to")?;
    let start = parameters.number("from", 0..=u64::from(u32::MAX))?.unwrap_or(0) as i64;
    parameters.finish()?;
    let (Some(set), Some(document)) = (set, document) else {
        return Err(Failure::bad_request("set and document are missing: /v1/documents lists both"));
    };
    let key = DocumentKey { set, document, target_locale };
    let text = state.slow.run(move |reader| {
        let memory = reader.memory;
        let _transaction = memory.begin_read()?;
        let Some(found) = memory.find_document(&key)? else { return Ok(None) };
        let end = start + MOST_SEGMENTS;
        let mut lines = Vec::new();
        memory.for_each_segment_of(&found, start..end, |placed| {
            lines.extend(to_string(&SegmentLine::from(placed)))
        })?;
        let next = (end < found.end).then_some(end);
        Ok(Some(document_with_lines(&document_object(&found.listed), &lines, next)))
    });
    match text.await? {
        Some(text) => Ok(json_text(text.map_err(|_| Failure::internal())?)),
        None => Err(Failure::not_found("the memory has no such document; /v1/documents lists what it has")),
    }
}

/// `GET /v1/stats`
pub(in crate::serve) async fn stats(
    Shared(state): Shared<Arc<State>>,
    uri: Uri,
) -> Result<Response, Failure> {
    Parameters::new(uri.query()).finish()?;
    let counts = state.counts().await?;
    Ok(json(&stats_object(&counts.stats)))
}
