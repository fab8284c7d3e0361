//! Why a request is not answered: a status and a sentence, sent as `application/problem+json` (RFC 9457).

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::json::{self, ProblemObject};
use crate::memory::MemoryError;

/// A request that is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub status: StatusCode,
    /// What is wrong, and what to do.
    pub detail: String,
    /// Whether the memory could not be read: on a new connection it may be.
    pub is_of_memory: bool,
}

/// The media type of an error.
pub(super) const PROBLEM: &str = "application/problem+json";

/// After how many seconds a request may be repeated that was refused because of load.
const RETRY_AFTER: &str = "1";

impl Failure {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Failure {
        Failure { status, detail: detail.into(), is_of_memory: false }
    }

    pub fn bad_request(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::NOT_FOUND, detail)
    }

    pub fn too_large(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub fn busy() -> Failure {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too many requests wait already; try again in a second")
    }

    pub fn internal() -> Failure {
        let detail = "the server made a mistake; its log says which";
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// The sentence of a status for which a library gave none.
    pub fn of_status(status: StatusCode) -> Failure {
        let detail = match status {
            StatusCode::NOT_FOUND => {
                "there is nothing at this address; /v1/openapi.json describes all addresses"
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                "this address does not take this method; the header Allow names those it takes"
            }
            StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
            StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => {
                "the request took too long; ask for less, or try again"
            }
            StatusCode::INTERNAL_SERVER_ERROR => "the server made a mistake; its log says which",
            _ => "the request cannot be answered",
        };
        Failure::new(status, detail)
    }
}

impl From<MemoryError> for Failure {
    /// The path of the memory is for the log only.
    fn from(error: MemoryError) -> Failure {
        let detail = match &error {
            MemoryError::Missing { .. } => "the translation memory is not there at the moment",
            MemoryError::Busy { .. } => "the translation memory is being written to; try again",
            MemoryError::Full { .. } => "the disk of the translation memory is full; nothing was stored",
            _ => "the translation memory cannot be used at the moment; the log of the server says why",
        };
        tracing::error!("{}", with_causes(&error));
        Failure { is_of_memory: true, ..Failure::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = ProblemObject {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
        };
        // Serializing texts and a number cannot fail.
        let mut response = Response::new(Body::from(json::to_string(&problem).unwrap_or_default()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        response
    }
}
