//! Concordance.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::Uri;
use axum::response::Response;

use super::query::WORKFLOWS;
use crate::json::{CountObject, ErrorObject, LineObject, LinesObject, to_string};
use crate::matching::concordance::{Folding, Pattern, PatternOptions, Syntax, WordBounds};
use crate::memory::{PlaceFilter, Search, SearchIn};
use crate::operations::search::hits;
use crate::serve::answer::{json, json_text};
use crate::serve::failure::Failure;
use crate::serve::parameters::Parameters;
use crate::serve::reader::PlacesKey;
use crate::serve::state::State;

/// The longest pattern in bytes.
pub(in crate::serve) const LONGEST_PATTERN: usize = 10_000;
/// The default number of pairs, and the most.
const LIMIT: u64 = 20;
const MOST: u64 = 1000;

/// `GET /v1/search`
pub(in crate::serve) async fn search(
    Shared(state): Shared<Arc<State>>,
    uri: Uri,
) -> Result<Response, Failure> {
    let mut parameters = Parameters::new(uri.query());
    let pattern = parameters.one("pattern")?;
    let options = PatternOptions {
        syntax: if parameters.flag("regex")? { Syntax::Regex } else { Syntax::Phrase },
        bounds: if parameters.flag("word")? { WordBounds::WholeWords } else { WordBounds::Anywhere },
        folding: if parameters.flag("case")? { Folding::Exact } else { Folding::Folded },
    };
    let sides = [("source", SearchIn::Source), ("target", SearchIn::Target), ("both", SearchIn::Both)];
    let search_in = parameters.choice("in", &sides)?.unwrap_or_default();
    let locale = parameters.parsed("locale")?;
    let places = PlacesKey {
        sets: parameters.all("set"),
        documents: parameters.all("document"),
        since: parameters.parsed("since")?,
        until: parameters.parsed("until")?,
    };
    let places = PlaceFilter {
        workflow: parameters.choice("workflow", &WORKFLOWS)?,
        only_current: parameters.flag("current")?,
        ..places.filter()?
    };
    let limit = parameters.number("limit", 1..=MOST)?.unwrap_or(LIMIT) as usize;
    let is_count = parameters.flag("count")?;
    parameters.finish()?;
    let pattern = pattern.ok_or_else(|| Failure::bad_request("pattern is missing: what to search for"))?;
    let search = Search { pattern: pattern_of(&pattern, options)?, search_in, locale, places };
    if is_count {
        let counted = state.slow.run(move |reader| Ok(reader.memory.count(&search)?)).await?;
        return Ok(json(&CountObject { segments: counted.segments, pairs: counted.pairs }));
    }
    // The JSON is made on the thread of the pool too: it can be long, and others wait on those that read requests.
    let (text, count) = state
        .slow
        .run(move |reader| {
            let mut found = Vec::new();
            let mut more = false;
            reader.memory.search(&search, |line| {
                if found.len() == limit {
                    more = true;
                    return Ok(ControlFlow::Break(()));
                }
                found.push(line);
                Ok::<_, Failure>(ControlFlow::Continue(()))
            })?;
            let marker = reader.marker(None)?;
            let marks: Vec<_> = found.iter().map(|line| marker.of_line(line)).collect();
            let lines = found.iter().zip(&marks).map(|(line, mark)| {
                let (source, target) = hits(&search, &line.source, &line.target);
                let error = mark.as_ref().map(|mark| ErrorObject::new(mark.id, &mark.finding));
                LineObject::new(line, &source, &target, error)
            });
            let object = LinesObject { lines: lines.collect(), more };
            Ok((to_string(&object).map_err(|_| Failure::internal())?, found.len()))
        })
        .await?;
    state.metrics.matches(count);
    Ok(json_text(text))
}

/// The pattern of a text.
pub(in crate::serve) fn pattern_of(text: &str, options: PatternOptions) -> Result<Pattern, Failure> {
    if text.len() > LONGEST_PATTERN {
        return Err(Failure::too_large(format!("a pattern has at most {LONGEST_PATTERN} bytes")));
    }
    Pattern::new(text, options).map_err(|error| Failure::bad_request(format!("pattern: {error}")))
}
