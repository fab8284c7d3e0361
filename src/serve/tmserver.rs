//! The HTTP protocol of translate-toolkit's tmserver and of amaGama, which Weblate, Virtaal and Okapi speak.
//!
//! The text of a look-up is the rest of the path, percent-encoded. So the path is split before it is decoded: an encoded `/` is
//! part of the text, and so is one that is not encoded.

mod languages;
mod store;

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use super::answer::{json, no_content};
use super::failure::Failure;
use super::parameters::Parameters;
use super::reader::{LookupKey, PlacesKey};
use super::state::State;
use crate::json::TmserverMatch;
use crate::matching::Penalties;
use crate::memory::LookupOptions;
use crate::model::{QueryPlace, Score};

use languages::{languages, locale_of};

/// The most matches, and the lowest score, if the client names none.
const LIMIT: u64 = 5;
const FLOOR: u64 = 70;
/// The most matches that a client can ask for.
const MOST: u64 = 100;
/// The longest text in characters.
const LONGEST: usize = 20_000;

/// A request, by its path below the prefix.
#[derive(Debug, PartialEq, Eq)]
enum Wanted<'p> {
    Languages,
    /// Languages of source and target, and the text; `None`: the parameter `source` has it.
    Unit(&'p str, &'p str, Option<&'p str>),
    /// Languages of source and target, and the name of the store.
    Store(&'p str, &'p str, &'p str),
}

impl<'p> Wanted<'p> {
    /// Of a path below the prefix, not decoded. Some clients send `//` after the prefix.
    fn of(path: &'p str) -> Option<Wanted<'p>> {
        let path = path.trim_start_matches('/');
        if path.trim_end_matches('/') == "languages" {
            return Some(Wanted::Languages);
        }
        let mut parts = path.splitn(4, '/');
        match [parts.next(), parts.next(), parts.next(), parts.next()] {
            [Some(source), Some(target), Some("unit"), text] => {
                Some(Wanted::Unit(source, target, text.filter(|text| !text.is_empty())))
            }
            [Some(source), Some(target), Some("store"), Some(name)] if !name.is_empty() => {
                Some(Wanted::Store(source, target, name))
            }
            _ => None,
        }
    }
}

/// Answers the requests below a prefix.
pub(super) async fn answer(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Failure> {
    let path = request.uri().path().to_owned();
    let below =
        ["/tmserver", "/api/v1"].iter().find_map(|prefix| path.strip_prefix(prefix)).unwrap_or_default();
    let method = request.method().clone();
    match (Wanted::of(below), &method) {
        (None, _) => Err(Failure::not_found(
            "the addresses of this protocol are SOURCE/TARGET/unit/TEXT, SOURCE/TARGET/store/NAME and languages/",
        )),
        (Some(Wanted::Languages), &Method::GET | &Method::HEAD) => {
            let languages = state.quick.run(|reader| Ok(languages(reader.locale_pairs()?))).await?;
            Ok(json(&languages))
        }
        (Some(Wanted::Unit(source, target, text)), &Method::GET | &Method::HEAD) => {
            look_up(&state, (source, target, text), request.uri().query()).await
        }
        (Some(Wanted::Unit(source, target, text)), &Method::PUT | &Method::POST) => {
            store::unit(state, (source, target), text, request).await
        }
        (Some(Wanted::Store(source, target, name)), &Method::PUT | &Method::POST) => {
            store::store(state, (source, target), name, request).await
        }
        (Some(_), &Method::OPTIONS) => Ok(no_content()),
        (Some(wanted), _) => {
            let allowed = match wanted {
                Wanted::Languages => "GET, HEAD",
                Wanted::Unit(..) => "GET, HEAD, POST, PUT",
                Wanted::Store(..) => "POST, PUT",
            };
            let failure = Failure::of_status(axum::http::StatusCode::METHOD_NOT_ALLOWED);
            Ok(([(axum::http::header::ALLOW, allowed)], failure).into_response())
        }
    }
}

async fn look_up(
    state: &State,
    (source, target, text): (&str, &str, Option<&str>),
    query: Option<&str>,
) -> Result<Response, Failure> {
    let mut parameters = Parameters::new(query);
    let floor = parameters.number("min_similarity", 0..=100)?.unwrap_or(FLOOR).max(1);
    let limit = parameters.number("max_candidates", 0..=u64::MAX)?.unwrap_or(LIMIT).clamp(1, MOST);
    // Virtaal names the checks of its style, which decide nothing here. Other parameters are ignored, as by the other servers.
    let text = match text {
        Some(text) => decoded(text)?.into_owned(),
        None => parameters.one("source")?.unwrap_or_default(),
    };
    if text.chars().nth(LONGEST).is_some() {
        return Err(Failure::too_large(format!("a text to look up has at most {LONGEST} characters")));
    }
    let empty: [TmserverMatch<'_>; 0] = [];
    // A client is not wrong to ask for a language that the memory does not have, or in a spelling that is none of BCP 47.
    let (Some(from), Some(to)) = (locale_of(&decoded(source)?), locale_of(&decoded(target)?)) else {
        return Ok(json(&empty));
    };
    if from == to || text.trim().is_empty() {
        return Ok(json(&empty));
    }
    let key = LookupKey {
        options: LookupOptions {
            from: Some(from),
            to: Some(to),
            floor: Score::new(floor as u8).unwrap_or(Score::EXACT),
            limit: limit as usize,
            penalties: Penalties::default(),
            workflow: None,
            only_current: false,
        },
        places: PlacesKey::default(),
    };
    let matches = state
        .quick
        .run(move |reader| {
            let marker = reader.marker(key.options.from.as_ref())?;
            let lookup = reader.lookup(&key)?;
            if !lookup.has_texts() {
                return Ok(Vec::new());
            }
            // The protocol has no mark. But what has an error comes last of its score, and tools take the first.
            let found = marker.find(lookup, &text, &QueryPlace::default())?;
            Ok(found.into_iter().map(|(found, _)| found).collect::<Vec<_>>())
        })
        .await?;
    state.metrics.matches(matches.len());
    let matches: Vec<TmserverMatch<'_>> = matches
        .iter()
        .map(|found| {
            let quality = f64::from(found.score.percent().min(100));
            TmserverMatch { source: &found.source, target: &found.target, quality, rank: quality }
        })
        .collect();
    Ok(json(&matches))
}

/// A part of a path, decoded. A plus is a plus.
fn decoded(part: &str) -> Result<Cow<'_, str>, Failure> {
    percent_decode_str(part)
        .decode_utf8()
        .map_err(|_| Failure::bad_request("the path is not percent-encoded UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_before_it_is_decoded() {
        for (path, wanted) in [
            ("/languages/", Some(Wanted::Languages)),
            ("/languages", Some(Wanted::Languages)),
            ("/en/de/unit/test", Some(Wanted::Unit("en", "de", Some("test")))),
            ("//en/ko/unit/a%2Fb", Some(Wanted::Unit("en", "ko", Some("a%2Fb")))),
            ("/en/ko/unit/a/b//c", Some(Wanted::Unit("en", "ko", Some("a/b//c")))),
            ("/en/ko/unit/", Some(Wanted::Unit("en", "ko", None))),
            ("/en/ko/unit", Some(Wanted::Unit("en", "ko", None))),
            ("/en/ko/store/a.po", Some(Wanted::Store("en", "ko", "a.po"))),
            ("/en/ko/store/", None),
            ("/en/ko", None),
            ("", None),
        ] {
            assert_eq!(Wanted::of(path), wanted, "{path}");
        }
        assert_eq!(decoded("a%2Fb%3F%20c+d%0A%ED%95%9C").unwrap(), "a/b? c+d\n한");
        assert!(decoded("%ff").is_err());
    }
}
