//! The overview: what the memory holds, in numbers and plots.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::Uri;
use axum::response::Response;
use maud::{Markup, html};

use super::frame::{Current, frame};
use super::shown;
use super::urls::url;
use crate::html::plot::{Bar, bars, columns, legend, table};
use crate::html::text::plain;
use crate::memory::{InconsistentText, Month, RepeatedPair, Stats};
use crate::operations::numbers::{counted, grouped};
use crate::operations::stats::stats_object;
use crate::serve::failure::Failure;
use crate::serve::parameters::Parameters;
use crate::serve::state::State;

/// The most columns of the plot over time. If there are more months, it shows years.
const MOST_COLUMNS: usize = 72;
/// The most sets in the plot; the table has all.
const MOST_SETS: usize = 40;
/// The most characters of a text in the lists.
const TEXT: usize = 200;

/// `GET /overview`
pub(super) async fn page(Shared(state): Shared<Arc<State>>, uri: Uri) -> Response {
    shown(make(&state, uri.query()).await)
}

async fn make(state: &State, query: Option<&str>) -> Result<Markup, Failure> {
    Parameters::new(query).finish()?;
    let counts = state.counts().await?;
    let (stats, overview) = (&counts.stats, &counts.overview);
    let total = stats_object(stats);
    let sets = set_bars(stats);
    let times = month_bars(&overview.months);
    let shown_sets = &sets[..sets.len().min(MOST_SETS)];
    let main = html! {
        h1 { "Overview" }
        ul.figures {
            li { b { (grouped(total.documents)) } " documents" }
            li { b { (grouped(total.segments)) } " segments" }
            li { b { (grouped(total.units)) } " source texts" }
            li { b { (grouped(total.variants)) } " different pairs" }
            @if total.history.superseded > 0 { li { b { (grouped(total.history.superseded)) } " superseded segments" } }
            li { b { (grouped(total.untranslated)) } " untranslated segments" }
        }
        p { a href="/v1/export.tmx" { "Download the memory as TMX" } }
        @if sets.is_empty() { p { "The memory is empty. " code { "bitext import" } " adds documents to it." } } @else {
            (legend())
            section aria-labelledby="sets" {
                h2 #sets { "Segments by set and languages" }
                (bars("plot-sets", "Segments of each set by who translated them", shown_sets))
                @if sets.len() > MOST_SETS { p { "The largest " (MOST_SETS) " are shown." } }
                (table("Set", &sets))
            }
            @if !times.is_empty() {
                section aria-labelledby="time" {
                    h2 #time { "Hand-offs over time" }
                    (columns("plot-time", "Segments by the time of their hand-off and by who translated them", &times))
                    (table("Handed off", &times))
                }
            }
            (repeated(&overview.repeated))
            (inconsistent(&overview.inconsistent, overview.inconsistent_texts))
        }
    };
    Ok(frame("Overview – bitext", Current::Overview, &main))
}

/// The largest first.
fn set_bars(stats: &Stats) -> Vec<Bar> {
    let mut bars: Vec<Bar> = stats
        .sets
        .iter()
        .map(|set| Bar {
            label: format!("{}, {} to {}", set.set, set.source_locale, set.target_locale),
            counts: [set.human, set.machine, set.segments.saturating_sub(set.human + set.machine)],
        })
        .collect();
    bars.sort_by(|a, b| {
        b.counts.iter().sum::<u64>().cmp(&a.counts.iter().sum()).then_with(|| a.label.cmp(&b.label))
    });
    bars
}

/// One for each month from the first to the last, or for each year.
fn month_bars(months: &[Month]) -> Vec<Bar> {
    let index = |month: &Month| i32::from(month.year) * 12 + i32::from(month.month) - 1;
    let (Some(first), Some(last)) = (months.first().map(index), months.last().map(index)) else {
        return Vec::new();
    };
    let is_yearly = usize::try_from(last - first).unwrap_or(usize::MAX) >= MOST_COLUMNS;
    let step = if is_yearly { 12 } else { 1 };
    let mut counts: BTreeMap<i32, [u64; 3]> = BTreeMap::new();
    for month in months {
        let sums = counts.entry(index(month).div_euclid(step)).or_default();
        for (sum, count) in sums.iter_mut().zip([month.human, month.machine, month.unknown]) {
            *sum += count;
        }
    }
    let (first, last) = (first.div_euclid(step), last.div_euclid(step));
    // A date of a damaged document must not make a million columns.
    let last = last.min(first + 1000);
    let label = |at: i32| match is_yearly {
        true => at.to_string(),
        false => format!("{}-{:02}", at.div_euclid(12), at.rem_euclid(12) + 1),
    };
    (first..=last)
        .map(|at| Bar { label: label(at), counts: counts.get(&at).copied().unwrap_or_default() })
        .collect()
}

fn repeated(pairs: &[RepeatedPair]) -> Markup {
    html! {
        @if !pairs.is_empty() {
            section aria-labelledby="repeated" {
                h2 #repeated { "The most repeated segments" }
                div.scroll tabindex="0" role="group" aria-labelledby="repeated" {
                    table.list {
                        thead { tr { th scope="col" { "Segments" } th scope="col" { "Source" } th scope="col" { "Target" } } }
                        tbody {
                            @for pair in pairs {
                                tr {
                                    td.count { (grouped(pair.segments)) }
                                    td { a href=(search(&pair.source)) { (plain(&pair.source, &pair.source_locale, TEXT)) } }
                                    td { (plain(&pair.target, &pair.target_locale, TEXT)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn inconsistent(texts: &[InconsistentText], number: u64) -> Markup {
    html! {
        @if !texts.is_empty() {
            section aria-labelledby="inconsistent" {
                h2 #inconsistent { "Inconsistent translations" }
                p {
                    (counted(number, "source text")) @if number == 1 { " has" } @else { " have" }
                    " several translations into one language. These are in the most segments:"
                }
                div.scroll tabindex="0" role="group" aria-labelledby="inconsistent" {
                    table.list {
                        thead { tr { th scope="col" { "Source" } th scope="col" { "Translations, with their segments" } } }
                        tbody {
                            @for text in texts {
                                tr {
                                    td { a href=(search(&text.source)) { (plain(&text.source, &text.source_locale, TEXT)) } }
                                    td {
                                        span.locale { (text.target_locale) }
                                        ul {
                                            @for (target, segments) in text.targets.iter().take(8) {
                                                li { (plain(target, &text.target_locale, TEXT)) span.times { ", " (counted(*segments, "segment")) } }
                                            }
                                            @if text.targets.len() > 8 { li { "and " (grouped(text.targets.len() as u64 - 8)) " more" } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn search(text: &str) -> String {
    // An address has a limit; the beginning finds the segment too.
    url("/", &[("q", &text.chars().take(500).collect::<String>())])
}
