//! The search page: what is typed is both looked up and searched for.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, html};

use super::frame::{Current, frame};
use super::results::{Found, results};
use super::shown;
use super::urls::url;
use crate::matching::concordance::PatternOptions;
use crate::matching::{LocaleFit, Penalties, fit};
use crate::memory::{LookupOptions, PlaceFilter, Search, SearchIn};
use crate::model::{LONGEST_TEXT, Locale, QueryPlace, Score, Workflow, fold_line_breaks, is_unsafe_to_show};
use crate::operations::check::Mark;
use crate::serve::api::{WORKFLOWS, pattern_of};
use crate::serve::failure::Failure;
use crate::serve::parameters::Parameters;
use crate::serve::reader::{LookupKey, PlacesKey, Reader};
use crate::serve::state::State;

/// The most matches and occurrences that are shown.
const MATCHES: usize = 10;
const LINES: usize = 30;
/// The most occurrences that are read to find those in the languages that were chosen.
const READ: usize = 20_000;
/// The lowest score of a match, if none is chosen.
const FLOOR: u8 = 60;
/// Sent by the script, which needs the results only.
const PART: &str = "x-bitext-part";

/// What a person asks for: the text, and the filters.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    pub text: String,
    pub from: Option<Locale>,
    pub to: Option<Locale>,
    pub set: String,
    pub document: String,
    pub workflow: Option<Workflow>,
    pub since: String,
    pub until: String,
    pub min: u8,
    pub is_current: bool,
}

impl Question {
    fn of(query: Option<&str>) -> Result<(Question, PlacesKey), Failure> {
        let mut parameters = Parameters::new(query);
        let text = |value: Option<String>| value.unwrap_or_default();
        let question = Question {
            text: text(parameters.one("q")?),
            from: parameters.parsed("from")?,
            to: parameters.parsed("to")?,
            set: text(parameters.one("set")?),
            document: text(parameters.one("document")?),
            workflow: parameters.choice("workflow", &WORKFLOWS)?,
            since: text(parameters.one("since")?),
            until: text(parameters.one("until")?),
            min: parameters.number("min", 1..=100)?.unwrap_or(FLOOR.into()) as u8,
            is_current: parameters.flag("current")?,
        };
        parameters.finish()?;
        let date = |name: &str, day: &str| match day {
            "" => Ok(None),
            day => day.parse().map(Some).map_err(|error| Failure::bad_request(format!("{name}: {error}"))),
        };
        let one = |name: &str| if name.is_empty() { Vec::new() } else { vec![name.to_owned()] };
        let places = PlacesKey {
            sets: one(&question.set),
            documents: one(&question.document),
            since: date("since", &question.since)?,
            until: date("until", &question.until)?,
        };
        if question.text.len() > LONGEST_TEXT {
            return Err(Failure::too_large("the text is too long to look up"));
        }
        Ok((question, places))
    }

    fn has_filter(&self) -> bool {
        let has_name =
            [&self.set, &self.document, &self.since, &self.until].iter().any(|text| !text.is_empty());
        let has_locale = self.from.is_some() || self.to.is_some();
        has_name || has_locale || self.workflow.is_some() || self.is_current || self.min != FLOOR
    }

    /// The address of an export of what is filtered.
    fn export(&self) -> String {
        let name = |locale: &Option<Locale>| locale.as_ref().map(Locale::to_string).unwrap_or_default();
        url(
            "/v1/export.tmx",
            &[
                ("from", &name(&self.from)),
                ("to", &name(&self.to)),
                ("set", &self.set),
                ("document", &self.document),
                ("workflow", self.workflow.map_or("", Workflow::name)),
                ("since", &self.since),
                ("until", &self.until),
                ("current", if self.is_current { "true" } else { "" }),
            ],
        )
    }
}

/// `GET /`
pub(super) async fn page(Shared(state): Shared<Arc<State>>, headers: HeaderMap, uri: Uri) -> Response {
    let is_part = headers.contains_key(PART);
    let made = make(&state, uri.query(), is_part).await;
    match made {
        // The script shows the sentence in place of the results.
        Err(failure) if is_part => {
            let status = failure.status;
            let mut response = shown(Ok(html! { p.problem { (failure.detail) "." } }));
            *response.status_mut() = status;
            response
        }
        made => shown(made),
    }
}

async fn make(state: &State, query: Option<&str>, is_part: bool) -> Result<Markup, Failure> {
    let (question, places) = Question::of(query)?;
    let asked = question.clone();
    let work = move |reader: &mut Reader<'_>| {
        let _transaction = reader.memory.begin_read()?;
        let found = find(reader, &asked, &places)?;
        // The script shows the form that it has.
        let choices = if is_part { None } else { Some(choices(reader)?) };
        Ok((found, choices))
    };
    let (found, choices) = state.slow.run(work).await?;
    state.metrics.matches(found.as_ref().map_or(0, |found| found.matches.len() + found.lines.len()));
    let results = html! { @if let Some(found) = &found { (results(&question.text, found)) } };
    let Some((locales, sets)) = choices else { return Ok(results) };
    let typed = question.text.chars().filter(|c| !is_unsafe_to_show(*c)).take(200).collect::<String>();
    let title = if typed.is_empty() { "bitext".to_owned() } else { format!("{typed} – bitext") };
    let main = html! {
        h1.for-ears { "Search the translation memory" }
        (form(&question, &locales, &sets))
        div #results {
            (results)
            @if found.is_none() { (welcome(&sets)) }
        }
    };
    Ok(frame(&title, Current::Search, &main))
}

/// The locales and the sets to choose from.
fn choices(reader: &mut Reader<'_>) -> Result<(Vec<Locale>, Vec<String>), Failure> {
    let pairs = reader.locale_pairs()?;
    let mut locales: Vec<Locale> =
        pairs.iter().flat_map(|(source, target)| [source, target]).cloned().collect();
    locales.sort();
    locales.dedup();
    Ok((locales, reader.memory.set_names()?))
}

/// The matches and occurrences of what was typed; `None` if nothing was.
fn find(reader: &mut Reader<'_>, question: &Question, places: &PlacesKey) -> Result<Option<Found>, Failure> {
    let text = fold_line_breaks(&question.text);
    if text.is_empty() {
        return Ok(None);
    }
    let began = Instant::now();
    let key = LookupKey {
        options: LookupOptions {
            from: question.from.clone(),
            to: question.to.clone(),
            floor: Score::new(question.min).unwrap_or(Score::EXACT),
            limit: MATCHES,
            penalties: Penalties::default(),
            workflow: question.workflow,
            only_current: question.is_current,
        },
        places: places.clone(),
    };
    let marker = reader.marker(question.from.as_ref())?;
    let lookup = reader.lookup(&key)?;
    let has_texts = lookup.has_texts();
    let matches = if has_texts { marker.find(lookup, &text, &QueryPlace::default())? } else { Vec::new() };
    let (lines, more) = occurrences(reader, question, &text, places)?;
    Ok(Some(Found { matches, lines, more, duration: began.elapsed() }))
}

type Lines = Vec<(crate::model::ConcordanceLine, super::results::Hits, Option<Mark>)>;

fn occurrences(
    reader: &Reader<'_>,
    question: &Question,
    text: &str,
    places: &PlacesKey,
) -> Result<(Lines, bool), Failure> {
    let mut lines = Vec::new();
    if text.len() > crate::serve::api::LONGEST_PATTERN {
        // A text that long is looked up, and not searched for.
        return Ok((lines, false));
    }
    let search = Search {
        pattern: pattern_of(text, PatternOptions::default())?,
        search_in: SearchIn::Both,
        locale: question.to.clone().or_else(|| question.from.clone()),
        places: PlaceFilter {
            workflow: question.workflow,
            only_current: question.is_current,
            ..places.filter()?
        },
    };
    let marker = reader.marker(None)?;
    let (mut more, mut read) = (false, 0);
    reader.memory.search(&search, |line| {
        read += 1;
        let has = |wanted: &Locale| {
            [&line.source_locale, &line.target_locale]
                .iter()
                .any(|locale| fit(wanted, locale) == Some(LocaleFit::Same))
        };
        if [&question.from, &question.to].into_iter().flatten().all(has) {
            if lines.len() == LINES {
                more = true;
                return Ok(ControlFlow::Break(()));
            }
            let hits = crate::operations::search::hits(&search, &line.source, &line.target);
            let mark = marker.of_line(&line);
            lines.push((line, hits, mark));
        }
        Ok::<_, Failure>(if read < READ { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok((lines, more))
}

fn form(question: &Question, locales: &[Locale], sets: &[String]) -> Markup {
    let locale_field = |name: &str, label: &str, any: &str, chosen: &Option<Locale>| {
        html! {
            label { span { (label) }
                select name=(name) {
                    option value="" { (any) }
                    @for locale in locales {
                        option value=(locale) selected[chosen.as_ref() == Some(locale)] { (locale) }
                    }
                }
            }
        }
    };
    html! {
        search {
            form #search action="/" method="get" {
                div.box {
                    label.for-ears for="q" { "Text to look up and to search for" }
                    input #q type="search" name="q" value=(question.text) autocomplete="off" autocapitalize="off"
                        spellcheck="false" autofocus[question.text.is_empty()] dir="auto"
                        placeholder="A sentence, a phrase, a word";
                    button type="submit" { "Search" }
                }
                details.filters open[question.has_filter()] {
                    summary { "Filters" }
                    div.fields {
                        (locale_field("from", "From", "source texts", &question.from))
                        (locale_field("to", "To", "any language", &question.to))
                        label { span { "Set" }
                            select name="set" {
                                option value="" { "all sets" }
                                @for set in sets { option value=(set) selected[question.set == *set] { (set) } }
                            }
                        }
                        label { span { "Document" }
                            input type="text" name="document" value=(question.document) placeholder="articles/**"
                                autocomplete="off" spellcheck="false";
                        }
                        label { span { "Translated by" }
                            select name="workflow" {
                                option value="" { "anybody" }
                                @for (name, workflow) in WORKFLOWS {
                                    option value=(name) selected[question.workflow == Some(workflow)] { (name) }
                                }
                            }
                        }
                        label { span { "Handed off since" } input type="date" name="since" value=(question.since); }
                        label { span { "Handed off until" } input type="date" name="until" value=(question.until); }
                        label { span { "Lowest score" }
                            input type="number" name="min" min="1" max="100" value=(question.min);
                        }
                        label.check {
                            input type="checkbox" name="current" value="true" checked[question.is_current];
                            span { "Only current versions" }
                        }
                    }
                    p.actions {
                        button type="submit" { "Apply" }
                        a href=(url("/", &[("q", &question.text)])) { "Clear the filters" }
                        a #export href=(question.export()) { "Download a TMX of what is filtered" }
                    }
                }
            }
            p #status role="status" {}
        }
    }
}

fn welcome(sets: &[String]) -> Markup {
    html! {
        @if sets.is_empty() {
            p { "The memory is empty. " code { "bitext import" } " adds documents to it; this page then has them, without a restart." }
        } @else {
            p { "What you type is looked up, for segments that are the same or similar, and searched for, wherever it occurs." }
        }
    }
}
