//! The results of a search: matches, and the segments in which the text occurs.

use std::ops::Range;
use std::time::Duration;

use maud::{Markup, html};

use super::urls::DocumentUrls;
use crate::html::text::{IN_LIST, name, plain, with_changes, with_hits};
use crate::matching::{Match, MatchKind};
use crate::model::{ConcordanceLine, Date, Locale, Place, Superseded, Workflow};
use crate::operations::check::Mark;
use crate::operations::numbers::counted;

/// The byte ranges of hits in source and target.
pub(super) type Hits = (Vec<Range<usize>>, Vec<Range<usize>>);

/// What was found.
pub(super) struct Found {
    pub matches: Vec<(Match, Option<Mark>)>,
    pub lines: Vec<(ConcordanceLine, Hits, Option<Mark>)>,
    /// Whether there are more occurrences.
    pub more: bool,
    pub duration: Duration,
}

/// The results as two lists.
pub(super) fn results(query: &str, found: &Found) -> Markup {
    let summary = summary(found);
    html! {
        p.summary #summary data-summary=(summary) { (summary) }
        @if !found.matches.is_empty() {
            section aria-labelledby="matches" {
                h2 #matches { "The same and similar segments" }
                ol.results {
                    @for (found, mark) in &found.matches { (matched(query, found, mark.as_ref())) }
                }
            }
        }
        @if !found.lines.is_empty() {
            section aria-labelledby="occurrences" {
                h2 #occurrences { "Segments with this text" }
                ol.results {
                    @for (line, hits, mark) in &found.lines { (occurrence(line, hits, mark.as_ref())) }
                }
                @if found.more {
                    p { "The first " (found.lines.len()) " are shown, the shortest first. More words, or filters, make them fewer." }
                }
            }
        }
        @if found.matches.is_empty() && found.lines.is_empty() {
            p { "Nothing was found. A shorter text, a lower score or fewer filters find more." }
        }
    }
}

fn summary(found: &Found) -> String {
    let lines = found.lines.len() as u64;
    let occurrences =
        if found.more { format!("more than {lines} occurrences") } else { counted(lines, "occurrence") };
    let similar = counted(found.matches.len() as u64, "similar segment");
    format!("{similar}, {occurrences}, {:.0} ms", found.duration.as_secs_f64() * 1e3)
}

/// The facts of a translation.
struct Facts<'a> {
    workflow: Option<Workflow>,
    handoff: Option<Date>,
    superseded: Option<Superseded>,
    segments: u64,
    documents: u64,
    place: Option<&'a Place>,
    mark: Option<&'a Mark>,
    target_locale: &'a Locale,
}

fn matched(query: &str, found: &Match, mark: Option<&Mark>) -> Markup {
    let badge = html! {
        span.score.exact[found.kind() != MatchKind::Fuzzy] { (found.score) " %" }
        " " span.kind { (found.kind().name()) }
        @for difference in &found.differences { ", other " (difference.name()) }
    };
    let facts = Facts {
        workflow: found.workflow,
        handoff: found.handoff,
        superseded: found.superseded,
        segments: found.segments,
        documents: found.documents,
        place: found.place.as_ref(),
        mark,
        target_locale: &found.target_locale,
    };
    let source = with_changes(query, &found.source, &found.source_locale);
    let target = plain(&found.target, &found.target_locale, IN_LIST);
    let texts = [(&found.source_locale, source), (&found.target_locale, target)];
    result(&found.target, texts, Some(&badge), &facts)
}

fn occurrence(line: &ConcordanceLine, (source_hits, target_hits): &Hits, mark: Option<&Mark>) -> Markup {
    let places = &line.places;
    let facts = Facts {
        workflow: places.workflow,
        handoff: places.handoff,
        superseded: places.superseded,
        segments: places.segments,
        documents: places.documents,
        place: Some(&places.first),
        mark,
        target_locale: &line.target_locale,
    };
    let source = with_hits(&line.source, source_hits, &line.source_locale);
    let target = with_hits(&line.target, target_hits, &line.target_locale);
    result(&line.target, [(&line.source_locale, source), (&line.target_locale, target)], None, &facts)
}

/// A result: source and target beside each other, and a line about them.
fn result(target: &str, texts: [(&Locale, Markup); 2], badge: Option<&Markup>, facts: &Facts<'_>) -> Markup {
    let urls = |place: &'_ Place| -> (String, String) {
        let to = facts.target_locale.as_str();
        let urls = DocumentUrls { set: &place.set, document: &place.document, to };
        (urls.segment(&place.segment), urls.text(&place.segment, "target"))
    };
    let (link, whole) = facts.place.map(urls).unzip();
    // The text to copy: as it is, or its address if it is long.
    let is_short = target.chars().nth(IN_LIST).is_none();
    let whole = whole.filter(|_| !is_short);
    html! {
        li.result tabindex="-1" data-copy=[is_short.then_some(target)] data-copy-from=[whole.as_deref()] {
            div.pair {
                @for (locale, text) in texts {
                    div.half { span.locale { (locale) } (text) }
                }
            }
            @if let Some(mark) = facts.mark {
                p.error { strong { "Error" } " " code { (mark.finding.check.id) } ": " (name(&mark.finding.reason)) }
            }
            p.facts {
                @if let Some(badge) = badge { span.badge { (badge) } }
                span.workflow { (workflow_name(facts.workflow)) }
                @if let Some(day) = facts.handoff { span { time datetime=(day) { (day) } } }
                @if let Some(superseded) = facts.superseded { span { "superseded, " (superseded) } }
                span { (counted(facts.segments, "segment")) " in " (counted(facts.documents, "document")) }
                @if let (Some(place), Some(link)) = (facts.place, link) {
                    a.place href=(link) { (name(&format!("{}/{}", place.set, place.document))) }
                }
                button.copy type="button" hidden { "Copy" span.for-ears { " the translation" } }
                @if let Some(whole) = &whole { a href=(whole) { "The whole translation" } }
            }
        }
    }
}

/// Who translated, for people.
pub(super) fn workflow_name(workflow: Option<Workflow>) -> &'static str {
    match workflow {
        Some(Workflow::Human) => "human",
        Some(Workflow::Machine) => "machine",
        None => "translator not known",
    }
}
