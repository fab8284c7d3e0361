//! The display of findings.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use crate::check::Severity;
use crate::cli::excerpt::Excerpts;
use crate::cli::terminal::{counted, escape, grouped};
use crate::operations::check::{Checked, CheckedDocument, CheckedSegment};

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
    let _ = writeln!(out, "  {FAINT}line {}, {}{workflow}{FAINT:#}", segment.line, escape(segment.id));
    for finding in segment.findings {
        let style = style(finding.severity);
        let _ = writeln!(
            out,
            "    {style}{}{style:#} {}: {}",
            finding.severity,
            finding.check.id,
            escape(&finding.reason)
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
        let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
        for row in &rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let pad = " ".repeat(widths[column] - cell.width());
                // Names are aligned to the left, numbers to the right.
                line += &if column < 4 { format!("{cell}{pad}  ") } else { format!("{pad}{cell}  ") };
            }
            out += line.trim_end();
            out.push('\n');
        }
    }
    let findings: u64 = summary.iter().map(|(_, _, _, tally)| tally.segments).sum();
    out + &format!(
        "{} in {}, {}\n",
        counted(findings, "finding"),
        counted(checked.segments(), "segment"),
        counted(checked.pairs(), "different pair")
    )
}
