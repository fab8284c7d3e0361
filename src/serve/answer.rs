//! Answers in JSON, and without content.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::failure::Failure;
use crate::json::to_string;

/// An answer in JSON.
pub(super) fn json(value: &(impl Serialize + ?Sized)) -> Response {
    match to_string(value) {
        Ok(text) => json_text(text),
        Err(_) => Failure::internal().into_response(),
    }
}

/// An answer in JSON that is made already.
pub(super) fn json_text(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// An answer without content.
pub(super) fn no_content() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
