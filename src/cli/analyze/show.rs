//! The display of an analysis: tables, JSON and CSV.

use std::io;

use crate::cli::table::table;
use crate::cli::terminal::{counted, escape, grouped};
use crate::exchange::delimited::Cells;
use crate::json::{AnalysisObject, AnalyzedDocumentObject, BandObject, VolumeObject};
use crate::model::Workflow;
use crate::operations::analyze::{Analysis, AnalyzedDocument, Band, Counts, Rates, Shares, Volume};

/// The number that is paid for: words, or characters.
fn measure(analysis: &Analysis) -> impl Fn(&Volume) -> u64 + Copy {
    let by_characters = analysis.by_characters();
    move |volume: &Volume| if by_characters { volume.characters } else { volume.words }
}

fn unit(analysis: &Analysis) -> &'static str {
    if analysis.by_characters() { "characters" } else { "words" }
}

/// The table of bands, and the weighted words.
pub(super) fn bands(analysis: &Analysis, rates: Option<&Rates>) -> String {
    let measure = measure(analysis);
    let all = analysis.total.all();
    let header = ["", "segments", unit(analysis), "share", "human", "machine"].map(str::to_owned);
    let mut rows = vec![header];
    let row = |title: &str, shares: &Shares| {
        let volume = shares.all();
        let share = match measure(&all) {
            0 => String::new(),
            sum => format!("{:.1} %", 100.0 * measure(&volume) as f64 / sum as f64),
        };
        let who = |volume: &Volume| match measure(volume) {
            0 => String::new(),
            number => grouped(number),
        };
        let (segments, number) = (grouped(volume.segments), grouped(measure(&volume)));
        [title.to_owned(), segments, number, share, who(&shares.human), who(&shares.machine)]
    };
    for (band, shares) in analysis.total.iter() {
        if shares.all().segments > 0 || is_always_shown(band) {
            rows.push(row(band.title(), shares));
        }
    }
    let mut sum = Shares::default();
    for (_, shares) in analysis.total.iter() {
        sum.human += shares.human;
        sum.machine += shares.machine;
        sum.unknown += shares.unknown;
    }
    rows.push(row("all", &sum));
    let mut text = table(&rows, 1);
    text += &counted(analysis.documents.len() as u64, "document");
    if let Some(rates) = rates {
        let weighted = rates.weighted(&analysis.total, measure);
        text += &format!(", {weighted:.1} weighted {}", unit(analysis));
    }
    text.push('\n');
    text
}

/// Whether a band is in the table although nothing is in it.
fn is_always_shown(band: Band) -> bool {
    use crate::operations::analyze::Origin;
    let is_seldom =
        matches!(band, Band::Unchanged | Band::Numbers | Band::Code | Band::Fuzzy(_, Origin::Internal));
    !is_seldom
}

/// The words of each document, by groups of bands.
pub(super) fn documents(analysis: &Analysis) -> String {
    let measure = measure(analysis);
    let header = ["document", unit(analysis), "context", "exact", "repeated", "fuzzy", "no match", "other"];
    let mut rows = vec![header.map(str::to_owned)];
    for document in &analysis.documents {
        let sum = |wanted: &dyn Fn(Band) -> bool| -> String {
            let bands = document.counts.iter().filter(|(band, _)| wanted(*band));
            grouped(bands.map(|(_, shares)| measure(&shares.all())).sum())
        };
        rows.push([
            escape(&document.document).into_owned(),
            grouped(measure(&document.counts.all())),
            sum(&|band| band == Band::Context),
            sum(&|band| band == Band::Exact),
            sum(&|band| matches!(band, Band::Repetition | Band::CrossRepetition)),
            sum(&|band| matches!(band, Band::Fuzzy(..))),
            sum(&|band| band == Band::NoMatch),
            sum(&|band| matches!(band, Band::Unchanged | Band::Numbers | Band::Code)),
        ]);
    }
    table(&rows, 1) + "\n"
}

fn volume_object(volume: Volume) -> VolumeObject {
    VolumeObject { segments: volume.segments, words: volume.words, characters: volume.characters }
}

fn counts_object<'a>(
    document: Option<&'a AnalyzedDocument>,
    counts: &Counts,
    weighted: Option<f64>,
) -> AnalyzedDocumentObject<'a> {
    let bands = counts.iter().filter(|(_, shares)| shares.all().segments > 0);
    AnalyzedDocumentObject {
        set: document.map(|document| document.set.as_str()),
        document: document.map(|document| document.document.as_str()),
        volume: volume_object(counts.all()),
        weighted,
        bands: bands
            .map(|(band, shares)| BandObject {
                band: band.name(),
                volume: volume_object(shares.all()),
                human: volume_object(shares.human),
                machine: volume_object(shares.machine),
            })
            .collect(),
    }
}

/// Hundredths are enough: a rate is one of few digits.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// The analysis as JSON.
pub(super) fn object<'a>(analysis: &'a Analysis, rates: Option<&Rates>) -> AnalysisObject<'a> {
    let measure = measure(analysis);
    let weighted = |counts: &Counts| rates.map(|rates| rounded(rates.weighted(counts, measure)));
    AnalysisObject {
        source_locale: analysis.source_locale.as_ref().map(|locale| locale.as_str()),
        target_locale: analysis.target_locale.as_str(),
        documents: analysis.documents.len() as u64,
        problems: analysis.counts.problems,
        total: counts_object(None, &analysis.total, weighted(&analysis.total)),
        by_document: analysis
            .documents
            .iter()
            .map(|document| counts_object(Some(document), &document.counts, weighted(&document.counts)))
            .collect(),
    }
}

/// The analysis as CSV: a record for each document, band, and who translated. Names of documents are guarded against spreadsheets that
/// would take them for formulas.
pub(super) fn csv(
    analysis: &Analysis,
    rates: Option<&Rates>,
    out: &mut impl io::Write,
) -> anyhow::Result<()> {
    let measure = measure(analysis);
    let mut table = csv::Writer::from_writer(out);
    let mut header = vec!["set", "document", "band", "translated_by", "segments", "words", "characters"];
    header.extend(rates.map(|_| "weighted"));
    table.write_record(&header)?;
    for document in &analysis.documents {
        for (band, shares) in document.counts.iter() {
            let by = [
                (Some(Workflow::Human), shares.human),
                (Some(Workflow::Machine), shares.machine),
                (None, shares.unknown),
            ];
            for (workflow, volume) in by.into_iter().filter(|(_, volume)| volume.segments > 0) {
                let mut record = vec![
                    Cells::Guarded.write(&document.set).into_owned(),
                    Cells::Guarded.write(&document.document).into_owned(),
                    band.name().to_owned(),
                    workflow.map_or("", Workflow::name).to_owned(),
                    volume.segments.to_string(),
                    volume.words.to_string(),
                    volume.characters.to_string(),
                ];
                record.extend(rates.map(|rates| {
                    let rate = rates.of(band, workflow.unwrap_or(Workflow::Human));
                    rounded(rate * measure(&volume) as f64).to_string()
                }));
                table.write_record(&record)?;
            }
        }
    }
    table.flush()?;
    Ok(())
}
