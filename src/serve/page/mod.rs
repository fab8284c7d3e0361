//! The page for people: search, document and overview, made by the server. It works without JavaScript, which only makes it quicker.

mod assets;
mod document;
mod frame;
mod overview;
mod results;
mod search;
mod urls;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::Markup;

use super::failure::Failure;
use super::state::State;

/// Adds the addresses of the page.
pub(super) fn add_to(router: Router<Arc<State>>) -> Router<Arc<State>> {
    router
        .route("/", get(search::page))
        .route("/document", get(document::page))
        .route("/text", get(document::text))
        .route("/overview", get(overview::page))
        .route("/assets/{name}", get(assets::asset))
}

/// The answer with a page, or with the reason why there is none, for people.
fn shown(page: Result<Markup, Failure>) -> Response {
    let (status, page) = match page {
        Ok(page) => (axum::http::StatusCode::OK, page),
        Err(failure) => (failure.status, frame::failure(&failure)),
    };
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.into_string()).into_response()
}
