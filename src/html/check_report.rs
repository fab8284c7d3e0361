//! The report of `check`: one page, with everything it needs in it, so that it can be sent, archived and opened without a network.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::STYLE;
use super::plot::{Bar, legend, plot};
use super::text::{name, with_hits};
use crate::check::{CHECKS, Finding, FindingId, Severity};
use crate::model::Workflow;
use crate::operations::check::{Checked, CheckedSegment};
use crate::operations::numbers::{counted, grouped};

/// The most findings of one check that are listed: a page with more takes a browser seconds to sort.
const MOST_OF_A_CHECK: usize = 200;

const REPORT_STYLE: &str = include_str!("check_report.css");
const SCRIPT: &str = include_str!("check_report.js");

/// What a check found in a pair of a set, at its first place.
struct Row<'a> {
    segment: CheckedSegment<'a>,
    finding: Finding,
    id: FindingId,
    /// In how many segments.
    segments: u64,
}

/// The page.
pub(crate) fn check_report(checked: &Checked) -> String {
    let found = Found::new(checked);
    let findings: u64 = found.by_check.iter().flat_map(|(_, counts)| counts).sum();
    let by_check = found.check_bars();
    let by_set = found.set_bars();
    let by_workflow = found.workflow_bars();
    let rows = found.listed();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Quality checks – bitext" }
                style { (PreEscaped(STYLE)) (PreEscaped(REPORT_STYLE)) }
            }
            body {
                main #main {
                    h1 { "Quality checks" }
                    ul.figures {
                        li { b { (grouped(findings)) } @if findings == 1 { " finding" } @else { " findings" } }
                        li { b { (grouped(found.segments)) } " of " (counted(checked.segments(), "segment")) " with a finding" }
                        li { b { (grouped(checked.pairs())) } " different pairs checked" }
                    }
                    @if findings > 0 {
                        (legend())
                        (plot("check", "Findings by check", &by_check, "Check"))
                        (plot("set", "Findings by document set", &by_set, "Set"))
                        (plot("workflow", "Findings by who translated", &by_workflow, "Who translated"))
                        (list(&rows, &found))
                        (checks(&found))
                    }
                }
                footer.bottom { p { "Made by bitext " (env!("CARGO_PKG_VERSION")) } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

struct Found<'a> {
    rows: Vec<Row<'a>>,
    /// For each check, how many findings in human, machine and other translations. In the order of `CHECKS`.
    by_check: Vec<(&'static str, [u64; 3])>,
    /// Likewise for each set with its locales.
    by_set: Vec<(String, [u64; 3])>,
    segments: u64,
}

impl<'a> Found<'a> {
    fn new(checked: &'a Checked) -> Self {
        let by_check = CHECKS.iter().map(|check| (check.id, [0; 3])).collect();
        let mut found = Found { rows: Vec::new(), by_check, by_set: Vec::new(), segments: 0 };
        let mut known: HashMap<(FindingId, &str), usize> = HashMap::new();
        for segment in checked.found() {
            found.segments += 1;
            let who = match segment.workflow {
                Some(Workflow::Human) => 0,
                Some(Workflow::Machine) => 1,
                None => 2,
            };
            let document = segment.document;
            let set = format!("{}, {} to {}", document.set, document.source_locale, document.target_locale);
            let at = found.by_set.iter().rposition(|(known, _)| *known == set).unwrap_or_else(|| {
                found.by_set.push((set, [0; 3]));
                found.by_set.len() - 1
            });
            for finding in segment.findings.iter() {
                found.by_set[at].1[who] += 1;
                if let Some((_, counts)) = found.by_check.iter_mut().find(|(id, _)| *id == finding.check.id) {
                    counts[who] += 1;
                }
                let id = FindingId::new(finding.check, &segment.pair());
                match known.entry((id, document.set)) {
                    Entry::Occupied(row) => found.rows[*row.get()].segments += 1,
                    Entry::Vacant(new) => {
                        new.insert(found.rows.len());
                        found.rows.push(Row {
                            segment: segment.clone(),
                            finding: finding.clone(),
                            id,
                            segments: 1,
                        });
                    }
                }
            }
        }
        found
    }

    fn check_bars(&self) -> Vec<Bar> {
        let bar = |(id, counts): &(&str, [u64; 3])| Bar { label: (*id).to_owned(), counts: *counts };
        sorted(self.by_check.iter().map(bar))
    }

    fn set_bars(&self) -> Vec<Bar> {
        sorted(self.by_set.iter().map(|(label, counts)| Bar { label: label.clone(), counts: *counts }))
    }

    fn workflow_bars(&self) -> Vec<Bar> {
        let mut sums = [0; 3];
        for (_, counts) in &self.by_check {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let bar = |(at, name): (usize, &&str)| {
            let mut counts = [0; 3];
            counts[at] = sums[at];
            Bar { label: (*name).to_owned(), counts }
        };
        sorted(super::plot::NAMES.iter().enumerate().map(bar))
    }

    /// The rows that are listed: the worst first, by check, then those in most segments.
    fn listed(&self) -> Vec<&Row<'a>> {
        let number = |row: &Row<'_>| CHECKS.iter().position(|check| check == row.finding.check);
        let mut rows: Vec<&Row<'a>> = self.rows.iter().collect();
        // A stable sort: what is equal stays in the order of the documents.
        rows.sort_by_cached_key(|row| {
            use std::cmp::Reverse;
            (Reverse(row.finding.severity), number(row), Reverse(row.segments))
        });
        let mut listed: HashMap<&str, usize> = HashMap::new();
        rows.retain(|row| {
            let count = listed.entry(row.finding.check.id).or_default();
            *count += 1;
            *count <= MOST_OF_A_CHECK
        });
        rows
    }
}

/// The bars with a count, the longest first.
fn sorted(bars: impl Iterator<Item = Bar>) -> Vec<Bar> {
    let total = |bar: &Bar| bar.counts.iter().sum::<u64>();
    let mut bars: Vec<Bar> = bars.filter(|bar| total(bar) > 0).collect();
    bars.sort_by_key(|bar| std::cmp::Reverse(total(bar)));
    bars
}

/// The columns of the list, and whether their values are sorted as numbers.
const COLUMNS: [(&str, bool); 6] = [
    ("Severity", true),
    ("Check", false),
    ("Finding", false),
    ("Segments", true),
    ("Who", false),
    ("Place", false),
];

fn list(rows: &[&Row<'_>], found: &Found<'_>) -> Markup {
    html! {
        section aria-labelledby="findings" {
            h2 #findings { "Findings" }
            p {
                "A row is a different pair of texts, with the first place where it occurs."
                @if rows.len() < found.rows.len() {
                    " The first " (MOST_OF_A_CHECK) " of each check are listed: " (grouped(rows.len() as u64)) " of "
                    (grouped(found.rows.len() as u64)) ". "
                    code { "bitext check --only CHECK" } " and " code { "--to LOCALE" } " select fewer."
                }
            }
            p.filter hidden {
                label { "Only rows that contain " input type="search" autocomplete="off"; }
                " " output aria-live="polite" {}
            }
            div.scroll tabindex="0" role="group" aria-labelledby="findings" {
                table.findings {
                    thead {
                        tr {
                            @for (title, is_number) in COLUMNS {
                                th scope="col" data-number=[is_number.then_some("")] { (title) }
                            }
                        }
                    }
                    tbody { @for row in rows { (self::row(row)) } }
                }
            }
        }
    }
}

fn row(row: &Row<'_>) -> Markup {
    let Row { segment, finding, id, segments } = row;
    let document = segment.document;
    let severity = match finding.severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    };
    html! {
        tr {
            td data-key=(severity) { span class=(format!("severity {}", finding.severity)) { (finding.severity) } }
            td { (finding.check.id) }
            td {
                p.reason { (name(&finding.reason)) }
                (with_hits(segment.source, &finding.source, document.source_locale))
                (with_hits(segment.target, &finding.target, document.target_locale))
            }
            td.count data-key=(segments) { (grouped(*segments)) }
            td { (segment.workflow.map_or("not known", Workflow::name)) }
            td.at {
                (name(&format!("{}/{}", document.set, document.document)))
                " line " (segment.line) ", " (name(segment.id))
                br;
                code title="the name of this finding, for bitext accept" { (id) }
            }
        }
    }
}

/// What the checks of the page mean.
fn checks(found: &Found<'_>) -> Markup {
    let has_findings =
        |id: &str| found.by_check.iter().any(|(known, counts)| *known == id && counts.iter().any(|&n| n > 0));
    html! {
        section aria-labelledby="meaning" {
            h2 #meaning { "What the checks mean" }
            dl {
                @for check in CHECKS.iter().filter(|check| has_findings(check.id)) {
                    dt { (check.id) }
                    dd { (check.says) @if !check.traps.is_empty() { " " span.soft { (check.traps) } } }
                }
            }
        }
    }
}
