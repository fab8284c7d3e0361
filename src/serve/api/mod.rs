//! The JSON interface under `/v1/`: the objects that the commands print with `--json`.

mod documents;
mod query;
mod search;

pub(super) use documents::{document, documents, stats};
pub(super) use query::{WORKFLOWS, query, query_body};
pub(super) use search::{LONGEST_PATTERN, pattern_of, search};

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The description of the interface: OpenAPI 3.1.
pub(super) const OPENAPI: &str = include_str!("openapi.json");

/// Answers with the description.
pub(super) async fn openapi() -> Response {
    let text =
        OPENAPI.replace("\"version\": \"0\"", concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\""));
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}
