//! The display of matches.

use std::fmt::Write as _;

use anstyle::Style;

use crate::cli::marked::{aligned, marked, marked_error};
use crate::cli::terminal::{counted, escape};
use crate::matching::{Match, percent};
use crate::model::fold_line_breaks;
use crate::operations::check::Mark;

const SCORE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// The heading of the matches of a text.
pub(super) fn query(text: &str) -> String {
    format!("{SCORE}{}{SCORE:#}\n", escape(&fold_line_breaks(text)))
}

/// A match in three or four lines: its score and its place; the source text with a word diff, `[-in the query only-]` and `{+in
/// the match only+}`; the translation; what is wrong with it; and the arithmetic of the score.
pub(super) fn found(query: &str, (found, mark): (&Match, Option<&Mark>), explain: bool) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{SCORE}{:>3}{SCORE:#} {}", found.score.percent(), facts(found));
    let _ = writeln!(out, "    {}", marked(query, &found.source));
    let _ = writeln!(out, "    {}", escape(&found.target));
    out += &marked_error("    ", mark);
    if explain {
        let _ = writeln!(out, "    {FAINT}{}{FAINT:#}", arithmetic(found));
    }
    out
}

fn facts(found: &Match) -> String {
    let mut out = found.kind().name().to_owned();
    if !found.differences.is_empty() {
        let names: Vec<_> = found.differences.iter().map(|difference| difference.name()).collect();
        let _ = write!(out, " (other {})", names.join(", "));
    }
    for penalty in &found.penalties {
        let _ = write!(out, " (-{} {})", penalty.points, penalty.reason.name());
    }
    let _ = write!(out, ", {} to {}", found.source_locale, found.target_locale);
    if let Some(workflow) = found.workflow {
        let _ = write!(out, ", {workflow}");
    }
    out += &aligned(found.is_aligned, found.confidence);
    if let Some(superseded) = &found.superseded {
        let _ = write!(out, ", {superseded}");
    }
    let _ =
        write!(out, ", {} in {}", counted(found.segments, "segment"), counted(found.documents, "document"));
    if let Some(place) = &found.place {
        let _ = write!(
            out,
            "  {FAINT}{}/{} {}{FAINT:#}",
            escape(&place.set),
            escape(&place.document),
            escape(&place.segment)
        );
    }
    out
}

fn arithmetic(found: &Match) -> String {
    let (distance, m, n) =
        (found.arithmetic.distance, found.arithmetic.query_tokens, found.arithmetic.text_tokens);
    let longer = m.max(n);
    let mut out = match distance {
        0 if found.differences.is_empty() => "the same text as written: 100".to_owned(),
        0 => format!("the same {m} tokens, not the same text: 99"),
        _ => format!(
            "{m} and {n} tokens, {distance} to change: floor(100 × (1 − {distance} / {longer})) = {}",
            percent(distance, longer)
        ),
    };
    if found.kind() == crate::matching::MatchKind::Context {
        out.push_str(", and the same neighbours: 101");
    }
    for penalty in &found.penalties {
        let _ = write!(out, ", {} penalty −{}", penalty.reason.name(), penalty.points);
    }
    let _ = write!(out, "; {} % of the characters alike", found.similarity);
    out
}
