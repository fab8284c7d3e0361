//! What an export did, for people and as JSON.

use super::Exported;
use crate::cli::terminal::{counted, grouped, say};

/// Tells on standard error what went out and what did not.
pub(super) fn tell(exported: &Exported, json: bool) -> anyhow::Result<()> {
    if json {
        say(&serde_json::to_string(exported)?);
        return Ok(());
    }
    let mut told = match (exported.units, exported.segments) {
        (Some(units), _) => {
            format!("{}, {}", counted(units, "unit"), counted(exported.variants.unwrap_or(0), "variant"))
        }
        (None, segments) => counted(segments.unwrap_or(0), "segment"),
    };
    told.push_str(&format!(" in {:.2} s", exported.seconds));
    let left_out = &exported.left_out;
    let reasons = [
        (left_out.other_translations, "another translation is better"),
        (left_out.untranslated, "untranslated"),
        (left_out.duplicates, "duplicates"),
        (left_out.length, "too short or too long"),
        (left_out.unmatched, "no match"),
        (left_out.empty, "no text"),
    ];
    let reasons: Vec<String> = reasons
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, reason)| format!("{} ({reason})", grouped(count)))
        .collect();
    if !reasons.is_empty() {
        told.push_str(&format!("\nleft out: {}", reasons.join(", ")));
    }
    if exported.dropped_characters > 0 {
        told.push_str(&format!(
            "\n{} that XML cannot hold left out",
            counted(exported.dropped_characters, "character")
        ));
    }
    say(&told);
    Ok(())
}
