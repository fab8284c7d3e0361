//! The display of concordance lines.

use std::fmt::Write as _;
use std::ops::Range;

use anstyle::Style;

use crate::cli::excerpt::Excerpts;
use crate::cli::marked::{aligned, marked_error};
use crate::cli::terminal::{counted, escape};
use crate::model::ConcordanceLine;
use crate::operations::check::Mark;

const FAINT: Style = Style::new().dimmed();

/// A pair of texts in three or four lines: source, target, what is wrong with it, and places.
pub fn line(
    excerpts: Excerpts,
    line: &ConcordanceLine,
    (source, target): (&[Range<usize>], &[Range<usize>]),
    mark: Option<&Mark>,
) -> String {
    let labels = [line.source_locale.as_str(), line.target_locale.as_str()];
    let label_width = labels.iter().map(|label| label.len()).max().unwrap_or_default();
    let mut out = String::new();
    let texts = [(&line.source, source), (&line.target, target)];
    for (label, (text, hits)) in labels.into_iter().zip(texts) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{FAINT}{label:label_width$}{FAINT:#}  ");
        excerpts.text(text, hits, label_width + 2, &mut out);
        out.push('\n');
    }
    out += &marked_error(&" ".repeat(label_width + 2), mark);
    let places = &line.places;
    let workflow = places.workflow.map(|workflow| format!(", {workflow}")).unwrap_or_default();
    let aligned = aligned(places.is_aligned, places.confidence);
    let superseded = places.superseded.map(|superseded| format!(", {superseded}")).unwrap_or_default();
    let _ = writeln!(
        out,
        "{:label_width$}  {FAINT}{} in {}{workflow}{aligned}{superseded}  {}/{} {}{FAINT:#}",
        "",
        counted(places.segments, "segment"),
        counted(places.documents, "document"),
        escape(&places.first.set),
        escape(&places.first.document),
        escape(&places.first.segment),
    );
    out
}
