//! The summary of an export, as text and as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::cli::terminal::{counted, grouped, print_lines};
use crate::json;
use crate::operations::export::{ExportCounts, LeftOut, Written};

/// The JSON of `--json`.
#[derive(Debug, Serialize)]
struct Summary {
    format: &'static str,
    /// In TMX only.
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<u64>,
    /// In TMX only.
    #[serde(skip_serializing_if = "Option::is_none")]
    variants: Option<u64>,
    /// In the other formats only.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<u64>,
    /// Of the variants, or of the segments.
    superseded: u64,
    left_out: LeftOut,
    /// With --clean, --leave-out or --labels only.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out_by_check: Option<BTreeMap<&'static str, u64>>,
    dropped_characters: u64,
    seconds: f64,
}

/// Prints the summary on standard error.
pub(super) fn print(
    format: &'static str,
    counts: &ExportCounts,
    duration: Duration,
    json: bool,
) -> anyhow::Result<()> {
    let &ExportCounts { written, superseded, left_out, ref left_out_by_check, dropped_characters } = counts;
    let seconds = (duration.as_secs_f64() * 1000.0).round() / 1000.0;
    if json {
        let (units, variants, segments) = match written {
            Written::Units { units, variants } => (Some(units), Some(variants), None),
            Written::Segments(segments) => (None, None, Some(segments)),
        };
        let summary = Summary {
            format,
            units,
            variants,
            segments,
            superseded,
            left_out,
            left_out_by_check: left_out_by_check.as_ref().map(|counts| counts.iter().copied().collect()),
            dropped_characters,
            seconds,
        };
        print_lines(&json::to_string(&summary)?);
        return Ok(());
    }
    let mut text = match written {
        Written::Units { units, variants } => {
            format!("{}, {}", counted(units, "unit"), counted(variants, "variant"))
        }
        Written::Segments(segments) => counted(segments, "segment"),
    };
    if superseded > 0 {
        text += &format!(" ({} superseded)", grouped(superseded));
    }
    text += &format!(" in {seconds:.2} s");
    let reasons = [
        (left_out.other_translations, "another translation is better"),
        (left_out.untranslated, "untranslated"),
        (left_out.duplicates, "duplicates"),
        (left_out.length, "too short or too long"),
        (left_out.unmatched, "no match"),
        (left_out.empty, "no text"),
    ];
    let by_check = left_out_by_check.iter().flatten().map(|&(check, count)| (count, check));
    let reasons: Vec<String> = reasons
        .into_iter()
        .chain(by_check)
        .filter(|(count, _)| *count > 0)
        .map(|(count, reason)| format!("{} ({reason})", grouped(count)))
        .collect();
    if !reasons.is_empty() {
        text += &format!("\nleft out: {}", reasons.join(", "));
    }
    if dropped_characters > 0 {
        let what = match format {
            "po" => "that PO cannot hold left out",
            "moses" => "that would break a line replaced by spaces",
            // TMX and XLIFF are XML.
            _ => "that XML cannot hold left out",
        };
        text += &format!("\n{} {what}", counted(dropped_characters, "character"));
    }
    print_lines(&text);
    Ok(())
}
