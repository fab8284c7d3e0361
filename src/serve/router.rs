//! All addresses, and what is done for each request: who may ask, bounds, headers, counters, one line in the log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use tower_http::catch_panic::CatchPanicLayer;

use super::access::{Origin, is_preflight};
use super::answer::no_content;
use super::failure::{Failure, PROBLEM};
use super::state::State;
use super::{api, export, page, tmserver};

/// How long a request may take until its answer begins.
const LONGEST: Duration = Duration::from_secs(30);

/// The router of all addresses.
pub(super) fn router(state: Arc<State>) -> Router {
    let router = Router::new()
        .route("/v1/query", get(api::query).post(api::query_body))
        .route("/v1/search", get(api::search))
        .route("/v1/documents", get(api::documents))
        .route("/v1/document", get(api::document))
        .route("/v1/stats", get(api::stats))
        .route("/v1/export.tmx", get(export::tmx))
        .route("/v1/export.jsonl", get(export::jsonl))
        .route("/v1/openapi.json", get(api::openapi))
        .route("/tmserver", any(tmserver::answer))
        .route("/tmserver/", any(tmserver::answer))
        .route("/tmserver/{*rest}", any(tmserver::answer))
        .route("/api/v1", any(tmserver::answer))
        .route("/api/v1/", any(tmserver::answer))
        .route("/api/v1/{*rest}", any(tmserver::answer))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics));
    page::add_to(router)
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(Arc::clone(&state), around))
        .with_state(state)
}

/// A name for an address, without what users type: for counters and the log.
fn route_of(path: &str) -> &'static str {
    match path {
        "/" => "page",
        "/document" | "/text" => "page_document",
        "/overview" => "page_overview",
        "/v1/query" => "query",
        "/v1/search" => "search",
        "/v1/documents" | "/v1/document" => "documents",
        "/v1/stats" => "stats",
        "/v1/openapi.json" => "openapi",
        "/healthz" => "healthz",
        "/metrics" => "metrics",
        path if path.starts_with("/tmserver") || path.starts_with("/api/v1") => {
            match path.contains("/store/") {
                true => "tmserver_store",
                false => "tmserver",
            }
        }
        path if path.starts_with("/v1/export.") => "export",
        path if path.starts_with("/assets/") => "assets",
        _ => "other",
    }
}

fn is_store(route: &str, method: &Method) -> bool {
    route.starts_with("tmserver") && [Method::POST, Method::PUT].contains(method)
}

/// What is done around each request.
async fn around(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let route = route_of(uri.path());
    let is_page = route.starts_with("page");
    let uri_host = uri.authority().map(|authority| authority.as_str());
    let checked = state.plan.access.check(uri.path(), request.headers(), uri_host);
    let (mut response, origin) = match checked {
        Err(failure) => (failure.into_response(), Origin::Own),
        Ok(origin @ Origin::Allowed(_)) if is_preflight(&method, request.headers()) => (no_content(), origin),
        // A store bounds its own times: it must not be cut off when it may have been written.
        Ok(origin) if is_store(route, &method) => (next.run(request).await, origin),
        Ok(origin) => {
            let answered = tokio::time::timeout(LONGEST, next.run(request)).await;
            let too_late = |_| Failure::of_status(StatusCode::SERVICE_UNAVAILABLE).into_response();
            (answered.unwrap_or_else(too_late), origin)
        }
    };
    let status = response.status();
    let is_explained =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM || is_page);
    if (status.is_client_error() || status.is_server_error()) && !is_explained {
        // Of a library, without a sentence.
        let allow = response.headers().get(header::ALLOW).cloned();
        response = Failure::of_status(status).into_response();
        allow.into_iter().for_each(|allow| drop(response.headers_mut().insert(header::ALLOW, allow)));
    }
    add_headers(&mut response, &origin);
    let elapsed = began.elapsed();
    state.metrics.request(route, status.as_u16(), elapsed);
    let (status, ms) = (status.as_u16(), elapsed.as_secs_f64() * 1e3);
    tracing::info!("{method} {route} {status} {ms:.1} ms");
    // Users' texts are in the address.
    tracing::debug!("{uri:?}");
    response
}

/// What no page of this server does: load anything from elsewhere, run a script that is not a file of its own, be in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn add_headers(response: &mut Response, origin: &Origin) {
    let is_unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    let mut add = |name, value| drop(headers.insert(name, HeaderValue::from_static(value)));
    add(header::CONTENT_SECURITY_POLICY, POLICY);
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::REFERRER_POLICY, "no-referrer");
    if is_unauthorized {
        add(header::WWW_AUTHENTICATE, "Basic realm=\"bitext\", charset=\"UTF-8\"");
    }
    if let Origin::Allowed(_) = origin {
        add(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT");
        add(header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type");
        add(header::VARY, "Origin");
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    if let Origin::Allowed(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}

/// `GET /healthz`: whether look-ups are answered.
async fn health(Shared(state): Shared<Arc<State>>) -> Result<Response, Failure> {
    state.quick.run(|reader| Ok(reader.locale_pairs().map(|_| ())?)).await?;
    Ok("ok\n".into_response())
}

/// `GET /metrics`
async fn metrics(Shared(state): Shared<Arc<State>>) -> Response {
    let (age, bytes) = state.age_and_bytes().unzip();
    let text = state.metrics.text(age, bytes);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
