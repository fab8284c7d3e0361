//! The display of findings.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::check::{FindingId, Severity};
use crate::cli::excerpt::Excerpts;
use crate::cli::marked::aligned;
use crate::cli::table::table;
use crate::cli::terminal::{counted, escape, grouped};
use crate::model::{Workflow, fold_line_breaks};
use crate::operations::check::{Checked, CheckedDocument, CheckedSegment, Conflict};

const NAME: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::Red.on_default(),
        Severity::Warning => AnsiColor::Yellow.on_default(),
        Severity::Info => AnsiColor::Cyan.on_default(),
    }
}

/// The name of a document, above its segments.
pub(super) fn heading(document: &CheckedDocument<'_>) -> String {
    format!("{NAME}{}/{}{NAME:#}\n", escape(document.set), escape(document.document))
}

/// A segment: its place, a line for each finding, and the two texts with the places of the findings marked.
pub(super) fn segment(excerpts: Excerpts, segment: &CheckedSegment<'_>) -> String {
    let mut out = String::new();
    let workflow = segment.workflow.map(|workflow| format!(", {workflow}")).unwrap_or_default();
    // Writing to a String cannot fail.
    let aligned = aligned(segment.confidence.is_some(), segment.confidence);
    let _ =
        writeln!(out, "  {FAINT}line {}, {}{workflow}{aligned}{FAINT:#}", segment.line, escape(segment.id));
    for finding in segment.findings.iter() {
        let style = style(finding.severity);
        let _ = writeln!(
            out,
            "    {style}{}{style:#} {}: {}  {FAINT}{}{FAINT:#}",
            finding.severity,
            finding.check.id,
            escape(&finding.reason),
            FindingId::new(finding.check, &segment.pair()),
        );
    }
    let labels = [segment.document.source_locale.as_str(), segment.document.target_locale.as_str()];
    let width = labels.iter().map(|label| label.len()).max().unwrap_or_default();
    for (is_source, (label, text)) in
        [true, false].into_iter().zip(labels.into_iter().zip([segment.source, segment.target]))
    {
        let ranges = |finding: &crate::check::Finding| {
            if is_source { finding.source.clone() } else { finding.target.clone() }
        };
        let mut places: Vec<_> = segment.findings.iter().flat_map(ranges).collect();
        places.sort_by_key(|place| (place.start, place.end));
        let _ = write!(out, "    {FAINT}{label:width$}{FAINT:#}  ");
        excerpts.text(text, &places, width + 6, &mut out);
        out.push('\n');
    }
    out
}

/// A source text with its translations: first the one that an export takes, and what decided.
pub(super) fn conflict(conflict: &Conflict<'_>) -> String {
    const PLACES: usize = 5;
    let one_line = |text: &str| escape(&fold_line_breaks(text)).into_owned();
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{NAME}{}{NAME:#}  {FAINT}{} to {}{FAINT:#}",
        one_line(conflict.source),
        conflict.source_locale,
        conflict.target_locale
    );
    for (number, translation) in conflict.translations.iter().enumerate() {
        let mark = if number == 0 { "+" } else { "-" };
        let workflow = translation.workflow.map_or("not known who", Workflow::name);
        let _ = write!(
            out,
            "  {mark} {}\n      {workflow}, {} in {}",
            one_line(translation.text),
            counted(translation.places.len() as u64, "segment"),
            counted(translation.documents, "document"),
        );
        if let Some(handoff) = translation.handoff {
            let _ = write!(out, ", {handoff}");
        }
        if number == 0 {
            let _ = write!(out, "; chosen: {}", conflict.vote().reason());
        }
        out.push('\n');
        for (document, line) in translation.places.iter().take(PLACES) {
            let _ = writeln!(
                out,
                "      {FAINT}{}/{}:{line}{FAINT:#}",
                escape(document.set),
                escape(document.document)
            );
        }
        if let more @ 1.. = translation.places.len().saturating_sub(PLACES) {
            let _ = writeln!(out, "      {FAINT}and {more} more{FAINT:#}");
        }
    }
    out
}

/// The table of checks and sets, and a line with totals.
pub(super) fn summary(checked: &Checked) -> String {
    let summary = checked.summary();
    let mut out = String::new();
    if !summary.is_empty() {
        let mut rows =
            vec![["check", "severity", "set", "locale", "segments", "different pairs"].map(str::to_owned)];
        rows.extend(summary.iter().map(|(check, severity, set, tally)| {
            [
                check.id.to_owned(),
                severity.to_string(),
                escape(set.set).into_owned(),
                set.target_locale.to_owned(),
                grouped(tally.segments),
                grouped(tally.pairs),
            ]
        }));
        out += &table(&rows, 4);
    }
    let findings: u64 = summary.iter().map(|(_, _, _, tally)| tally.segments).sum();
    let accepted = checked.accepted();
    let accepted = if accepted > 0 { format!("; {} accepted", grouped(accepted)) } else { String::new() };
    out + &format!(
        "{} in {}, {}{accepted}\n",
        counted(findings, "finding"),
        counted(checked.segments(), "segment"),
        counted(checked.pairs(), "different pair")
    )
}
