//! Look-ups: one text in the address, or one or many in a body.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State as Shared};
use axum::http::Uri;
use axum::response::Response;

use crate::json::{
    Answer, AnswersObject, ErrorObject, MatchObject, QueryLine, QueryRequest, from_bytes, to_string,
};
use crate::matching::{ALIGNED_PENALTY, Match, Penalties};
use crate::memory::LookupOptions;
use crate::model::{LONGEST_TEXT, Score, Workflow};
use crate::operations::check::Mark;
use crate::serve::answer::json_text;
use crate::serve::failure::Failure;
use crate::serve::parameters::Parameters;
use crate::serve::reader::{LookupKey, PlacesKey};
use crate::serve::state::State;

/// The most matches of a text, and the most texts of a batch.
const MOST_MATCHES: u64 = 1000;
const MOST_QUERIES: usize = 1000;
/// The longest body in bytes.
const LONGEST_BODY: usize = 4 << 20;
/// The defaults of the command line.
const FLOOR: u64 = 70;
const LIMIT: u64 = 5;

/// `GET /v1/query`
pub(in crate::serve) async fn query(
    Shared(state): Shared<Arc<State>>,
    uri: Uri,
) -> Result<Response, Failure> {
    let mut parameters = Parameters::new(uri.query());
    let text = parameters.one("text")?;
    let (before, after) = (parameters.one("before")?, parameters.one("after")?);
    let document = parameters.one("document")?;
    let key = key_of(parameters)?;
    let text = text.ok_or_else(no_text)?;
    answer(&state, key, vec![QueryLine { text, before, after, document }], Form::One).await
}

/// `POST /v1/query`
pub(in crate::serve) async fn query_body(
    Shared(state): Shared<Arc<State>>,
    request: Request,
) -> Result<Response, Failure> {
    let body = to_bytes(request.into_body(), LONGEST_BODY).await.map_err(|_| {
        Failure::too_large(format!("the body cannot be read, or is longer than {} MiB", LONGEST_BODY >> 20))
    })?;
    let request: QueryRequest = from_bytes(&body)
        .map_err(|error| Failure::bad_request(format!("the body is not a query: {error}")))?;
    let QueryRequest { text, before, after, document, queries, options } = request;
    let key = key_of(Parameters::of_json(options))?;
    match (text, queries) {
        (Some(text), None) => {
            answer(&state, key, vec![QueryLine { text, before, after, document }], Form::One).await
        }
        (None, Some(_)) if before.is_some() || after.is_some() || document.is_some() => {
            Err(Failure::bad_request(
                "before, after and document belong to one text; in a batch, to each of queries",
            ))
        }
        (None, Some(queries)) if queries.len() > MOST_QUERIES => {
            let detail = format!("a batch of {}; it has at most {MOST_QUERIES}", queries.len());
            Err(Failure::too_large(detail))
        }
        (None, Some(queries)) => answer(&state, key, queries, Form::Batch).await,
        (Some(_), Some(_)) => {
            Err(Failure::bad_request("send text for one query, or queries for a batch, not both"))
        }
        (None, None) => Err(no_text()),
    }
}

fn no_text() -> Failure {
    Failure::bad_request("text is missing: what to look up")
}

/// The look-up that the options name.
fn key_of(mut parameters: Parameters) -> Result<LookupKey, Failure> {
    let options = LookupOptions {
        from: parameters.parsed("from")?,
        to: parameters.parsed("to")?,
        floor: Score::new(parameters.number("min", 1..=101)?.unwrap_or(FLOOR) as u8)
            .unwrap_or(Score::CONTEXT),
        limit: parameters.number("limit", 1..=MOST_MATCHES)?.unwrap_or(LIMIT) as usize,
        penalties: Penalties {
            machine: parameters.number("machine_penalty", 0..=100)?.unwrap_or(0) as u8,
            aligned: parameters.number("aligned_penalty", 0..=100)?.unwrap_or(ALIGNED_PENALTY.into()) as u8,
            markup: parameters.number("markup_penalty", 0..=100)?.unwrap_or(0) as u8,
            locale: parameters.number("locale_penalty", 0..=100)?.unwrap_or(0) as u8,
        },
        workflow: parameters.choice("workflow", &WORKFLOWS)?,
        only_current: parameters.flag("current")?,
    };
    parameters.finish()?;
    Ok(LookupKey { options, places: PlacesKey::default() })
}

/// The names of workflows.
pub(in crate::serve) const WORKFLOWS: [(&str, Workflow); 2] =
    [("human", Workflow::Human), ("machine", Workflow::Machine)];

/// What is answered: the object of the first query, or a list of those of all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    One,
    Batch,
}

/// Answers queries, all from one state of the memory. The JSON is made on the thread of the pool too: it can be long, and others wait on
/// the threads that read requests.
async fn answer(
    state: &State,
    key: LookupKey,
    queries: Vec<QueryLine>,
    form: Form,
) -> Result<Response, Failure> {
    let texts = queries.iter().flat_map(|query| {
        [Some(&query.text), query.before.as_ref(), query.after.as_ref(), query.document.as_ref()]
    });
    if texts.flatten().any(|text| text.len() > LONGEST_TEXT) {
        return Err(Failure::too_large(format!("a text to look up has at most {LONGEST_TEXT} bytes")));
    }
    let answered = state.quick.run(move |reader| {
        let memory = reader.memory;
        let _transaction = memory.begin_read()?;
        let marker = reader.marker(key.options.from.as_ref())?;
        let lookup = reader.lookup(&key)?;
        let mut found: Vec<Vec<(Match, Option<Mark>)>> = Vec::with_capacity(queries.len());
        for query in &queries {
            let has_texts = lookup.has_texts();
            found.push(if has_texts {
                marker.find(lookup, &query.text, &query.place())?
            } else {
                Vec::new()
            });
        }
        let count: usize = found.iter().map(Vec::len).sum();
        let mut answers = queries.iter().zip(&found).map(|(query, matches)| Answer {
            query: &query.text,
            matches: matches
                .iter()
                .map(|(found, mark)| {
                    MatchObject::new(
                        found,
                        mark.as_ref().map(|mark| ErrorObject::new(mark.id, &mark.finding)),
                    )
                })
                .collect(),
        });
        let text = match form {
            Form::One => to_string(&answers.next().ok_or_else(Failure::internal)?),
            Form::Batch => to_string(&AnswersObject { answers: answers.collect() }),
        };
        Ok((text.map_err(|_| Failure::internal())?, count))
    });
    let (text, count) = answered.await?;
    state.metrics.matches(count);
    Ok(json_text(text))
}
