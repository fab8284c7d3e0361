//! Units that translation tools send to be stored.

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use tokio::time::{Instant, timeout};

use super::decoded;
use super::languages::locale_of;
use crate::json::{StoreUnit, from_bytes};
use crate::memory::MemoryError;
use crate::model::Locale;
use crate::operations::store::{SentUnit, StoreError, StorePlan, open, read_units, store as store_units};
use crate::serve::failure::Failure;
use crate::serve::state::State;

/// The longest body in bytes.
const LONGEST_BODY: usize = 16 << 20;
/// The longest name of a store in bytes.
const LONGEST_NAME: usize = 1000;
/// How long a body may take.
const LONGEST_READ: Duration = Duration::from_secs(30);
/// How long a store waits for others that write: an import commits about once a second, and completes indexes in one transaction.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The store of units that are sent without one.
const UNNAMED: &str = "units";

/// Stores the unit in a request.
pub(super) async fn unit(
    state: Arc<State>,
    languages: (&str, &str),
    text: Option<&str>,
    request: Request,
) -> Result<Response, Failure> {
    let mut plan = plan(&state, languages, UNNAMED, request.headers())?;
    plan.replaces_all = false;
    let text = text.map(decoded).transpose()?.map(std::borrow::Cow::into_owned);
    let body = read(request).await?;
    let mut unit: StoreUnit = from_bytes(&body).map_err(|error| {
        Failure::bad_request(format!("the body is not an object with source and target: {error}"))
    })?;
    // The text in the path is the one that is replaced. Without a source, it is the source.
    if let Some(text) = text.filter(|_| unit.source.is_empty()) {
        unit.source = text;
    }
    write(state, plan, vec![sent(unit)]).await
}

/// Stores the units in a request: a JSON list, which adds to the store, or a file, which replaces it if it is sent by PUT.
pub(super) async fn store(
    state: Arc<State>,
    languages: (&str, &str),
    name: &str,
    request: Request,
) -> Result<Response, Failure> {
    let name = decoded(name)?.into_owned();
    let mut plan = plan(&state, languages, &name, request.headers())?;
    plan.replaces_all = request.method() == axum::http::Method::PUT;
    let body = read(request).await?;
    let is_list = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    // A table may begin with a bracket too; its name says so.
    let units = match (is_list, from_bytes::<Vec<StoreUnit>>(&body)) {
        (true, Ok(units)) => units.into_iter().map(sent).collect(),
        (true, Err(error)) if crate::exchange::formats::Format::of_file_name(&name).is_none() => {
            let detail = format!("the body is not a list of objects with source and target: {error}");
            return Err(Failure::bad_request(detail));
        }
        _ => read_units(&name, &body, (&plan.source_locale, &plan.target_locale)).map_err(failure)?,
    };
    write(state, plan, units).await
}

fn sent(unit: StoreUnit) -> SentUnit {
    SentUnit { source: unit.source, target: unit.target, context: unit.context }
}

fn plan(
    state: &State,
    (source, target): (&str, &str),
    name: &str,
    headers: &HeaderMap,
) -> Result<StorePlan, Failure> {
    if !state.plan.is_writable {
        let detail = "this server only answers; it stores units if it is started with --writable";
        return Err(Failure::new(StatusCode::FORBIDDEN, detail));
    }
    if name.len() > LONGEST_NAME {
        return Err(Failure::bad_request(format!("the name of a store has at most {LONGEST_NAME} bytes")));
    }
    let locale = |code: &str| -> Result<Locale, Failure> {
        let code = decoded(code)?;
        locale_of(&code).ok_or_else(|| Failure::bad_request(format!("{code:?} is not a language code")))
    };
    let (source_locale, target_locale) = (locale(source)?, locale(target)?);
    if source_locale == target_locale {
        return Err(Failure::bad_request("source and target are the same language"));
    }
    Ok(StorePlan {
        name: name.to_owned(),
        source_locale,
        target_locale,
        time: Timestamp::now().as_second(),
        creator: creator(headers),
        replaces_all: false,
    })
}

/// The name and version of the program that sends: the first product of its User-Agent.
fn creator(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let product = agent.split_whitespace().next()?;
    Some(product.chars().take(80).collect())
}

async fn read(request: Request) -> Result<axum::body::Bytes, Failure> {
    let Ok(body) = timeout(LONGEST_READ, to_bytes(request.into_body(), LONGEST_BODY)).await else {
        let detail = format!("the body took longer than {} s; nothing was stored", LONGEST_READ.as_secs());
        return Err(Failure::new(StatusCode::REQUEST_TIMEOUT, detail));
    };
    body.map_err(|_| {
        Failure::too_large(format!("the body cannot be read, or is longer than {} MiB", LONGEST_BODY >> 20))
    })
}

/// Stores units, and answers when they are on the disk. What is answered with an error is not stored, also not later: so the time to
/// wait is bounded, and that to write is not.
async fn write(state: Arc<State>, plan: StorePlan, units: Vec<SentUnit>) -> Result<Response, Failure> {
    let name = plan.name.clone();
    let until = Instant::now() + LONGEST_WAIT;
    let writing = Arc::clone(&state.writing).lock_owned();
    let writing = tokio::time::timeout_at(until, writing).await.map_err(|_| busy())?;
    let path = state.plan.memory.clone();
    let stored = tokio::task::spawn_blocking(move || {
        let _writing = writing;
        let mut memory = open(&path, until.saturating_duration_since(Instant::now()))?;
        store_units(&mut memory, &plan, &units)
    });
    let count = stored.await.map_err(|_| Failure::internal())?.map_err(failure)?;
    state.metrics.stored(count);
    let answer = format!("added {count} {} from {name}", if count == 1 { "unit" } else { "units" });
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], answer).into_response())
}

fn busy() -> Failure {
    let detail = "others write to the translation memory; nothing was stored; try again";
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}

fn failure(error: StoreError) -> Failure {
    match error {
        StoreError::Memory(MemoryError::Busy { .. }) => busy(),
        StoreError::Memory(error) => error.into(),
        StoreError::TooLong(_) => Failure::too_large(error.to_string()),
        StoreError::UnknownFormat(_) => Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error.to_string()),
        StoreError::Unreadable(_) => Failure::bad_request(error.to_string()),
    }
}
