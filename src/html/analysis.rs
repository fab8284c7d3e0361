//! The page of `analyze`: what is covered, by band and by document. It needs no network.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::STYLE;
use super::plot::{Bar, legend, plot};
use super::text::name;
use crate::operations::analyze::{Analysis, AnalyzedDocument, Band, Counts, Rates, Volume};
use crate::operations::numbers::grouped;

/// The most documents that are listed: a browser takes seconds for a page with more.
const MOST_DOCUMENTS: usize = 1_000;
/// The most documents in the plot.
const MOST_BARS: usize = 20;

/// The page.
pub(crate) fn analysis_page(analysis: &Analysis, rates: Option<&Rates>) -> String {
    let by_characters = analysis.by_characters();
    let unit = if by_characters { "characters" } else { "words" };
    let measure = move |volume: &Volume| if by_characters { volume.characters } else { volume.words };
    let title = match &analysis.source_locale {
        Some(source) => format!("Analysis, {source} to {}", analysis.target_locale),
        None => format!("Analysis, to {}", analysis.target_locale),
    };
    let all = analysis.total.all();
    let bands: Vec<Bar> =
        analysis.total.iter().map(|(band, _)| bar(&analysis.total, band, measure)).collect();
    let shown: Vec<Bar> = bands.into_iter().filter(|bar| bar.counts != [0; 3]).collect();
    let mut documents: Vec<&AnalyzedDocument> = analysis.documents.iter().collect();
    // A stable sort: what is equal stays in the order of the documents.
    documents.sort_by_key(|document| std::cmp::Reverse(to_translate(&document.counts, measure)));
    let most: Vec<Bar> =
        documents.iter().take(MOST_BARS).map(|document| of_document(document, measure)).collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – bitext" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main #main {
                    h1 { (title) }
                    ul.figures {
                        li { b { (grouped(analysis.documents.len() as u64)) } " documents" }
                        li { b { (grouped(all.segments)) } " segments" }
                        li { b { (grouped(measure(&all))) } " " (unit) }
                        @if let Some(rates) = rates {
                            li { b { (format!("{:.1}", rates.weighted(&analysis.total, measure))) } " weighted " (unit) }
                        }
                    }
                    @if all.segments > 0 {
                        p {
                            "The bars show who translated the matches. What has no match, such as repetitions, counts as not known."
                        }
                        (legend())
                        (plot("band", &format!("{} by band", capitalized(unit)), &shown, "Band"))
                        (plot("document", &format!("Documents with the most {unit} below an exact match"), &most, "Document"))
                        (list(&documents, unit, measure))
                    }
                }
                footer.bottom { p { "Made by bitext " (env!("CARGO_PKG_VERSION")) } }
            }
        }
    };
    page.into_string()
}

fn capitalized(unit: &str) -> &'static str {
    if unit == "words" { "Words" } else { "Characters" }
}

fn bar(counts: &Counts, band: Band, measure: impl Fn(&Volume) -> u64) -> Bar {
    let shares = counts.of(band);
    let counts = [&shares.human, &shares.machine, &shares.unknown].map(measure);
    Bar { label: band.title().to_owned(), counts }
}

/// The bands that a person works on.
fn is_work(band: Band) -> bool {
    matches!(band, Band::Fuzzy(..) | Band::NoMatch)
}

fn to_translate(counts: &Counts, measure: impl Fn(&Volume) -> u64) -> u64 {
    counts.iter().filter(|(band, _)| is_work(*band)).map(|(_, shares)| measure(&shares.all())).sum()
}

fn of_document(document: &AnalyzedDocument, measure: impl Fn(&Volume) -> u64 + Copy) -> Bar {
    let mut counts = [0; 3];
    for (band, shares) in document.counts.iter().filter(|(band, _)| is_work(*band)) {
        let parts = bar(&document.counts, band, measure).counts;
        counts.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        debug_assert_eq!(measure(&shares.all()), parts.iter().sum::<u64>());
    }
    Bar { label: document.document.clone(), counts }
}

fn list(documents: &[&AnalyzedDocument], unit: &str, measure: impl Fn(&Volume) -> u64 + Copy) -> Markup {
    let sum = |counts: &Counts, wanted: &dyn Fn(Band) -> bool| -> u64 {
        counts.iter().filter(|(band, _)| wanted(*band)).map(|(_, shares)| measure(&shares.all())).sum()
    };
    html! {
        section aria-labelledby="documents" {
            h2 #documents { "Documents" }
            p {
                (capitalized(unit)) " of each document."
                @if documents.len() > MOST_DOCUMENTS {
                    " The first " (grouped(MOST_DOCUMENTS as u64)) " of " (grouped(documents.len() as u64))
                    " are listed; " code { "bitext analyze --csv" } " lists all."
                }
            }
            div.scroll tabindex="0" role="group" aria-labelledby="documents" {
                table.numbers {
                    thead {
                        tr {
                            th scope="col" { "Document" }
                            @for title in ["all", "context", "exact", "repetitions", "fuzzy", "no match"] {
                                th scope="col" { (title) }
                            }
                        }
                    }
                    tbody {
                        @for document in documents.iter().take(MOST_DOCUMENTS) {
                            @let counts = &document.counts;
                            tr {
                                th scope="row" { (name(&format!("{}/{}", document.set, document.document))) }
                                td { (grouped(measure(&counts.all()))) }
                                td { (grouped(sum(counts, &|band| band == Band::Context))) }
                                td { (grouped(sum(counts, &|band| band == Band::Exact))) }
                                td { (grouped(sum(counts, &|band| matches!(band, Band::Repetition | Band::CrossRepetition)))) }
                                td { (grouped(sum(counts, &|band| matches!(band, Band::Fuzzy(..))))) }
                                td { (grouped(sum(counts, &|band| band == Band::NoMatch))) }
                            }
                        }
                    }
                }
            }
        }
    }
}
