//! What is written in the place of a segment, and how much of the white space around it.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::{fold_line_breaks, trim};
use crate::operations::placing::Replacement;
use crate::operations::pretranslate::{PretranslatedSegment, Proposal};
use crate::side_by_side::Quoting;

/// The translation of a segment as its document had it, where the segment here has the same form: the same line breaks, and the same white
/// space at its ends. Else the translation on one line. `after` is the end of the segment before, and `before` the start of the next.
pub(super) fn replacement(
    document: &str,
    segment: &PretranslatedSegment,
    found: &Proposal,
    (after, before): (usize, usize),
) -> Replacement {
    let raw = &document[segment.range.clone()];
    let core = core_of(document, &segment.range);
    if segment.quoting == Quoting::Yaml {
        return Replacement { range: core, text: found.target.clone() };
    }
    let folded = || Replacement { range: core.clone(), text: found.target.clone() };
    if found.source_as_written.is_none() && found.target_as_written.is_none() {
        return folded();
    }
    let source = found.source_as_written.as_deref().unwrap_or(&found.source);
    let target = found.target_as_written.as_deref().unwrap_or(&found.target);
    let known = trim(source);
    let here = trim(raw);
    if !same_lines(known, here) {
        return folded();
    }
    let has_same_breaks = known == here;
    let adjusted = |text: &str| match has_same_breaks {
        true => text.to_owned(),
        false => with_line_breaks(text, here.contains("\r\n")).into_owned(),
    };
    let lead = adjusted(&source[..source.len() - source.trim_start_matches(is_blank).len()]);
    let trail = adjusted(&source[source.trim_end_matches(is_blank).len()..]);
    let is_around = document[after.min(core.start)..core.start].ends_with(&lead)
        && document[core.end..before.max(core.end)].starts_with(&trail);
    if is_around {
        let range = core.start - lead.len()..core.end + trail.len();
        Replacement { range, text: adjusted(target) }
    } else {
        Replacement { range: core, text: adjusted(trim(target)) }
    }
}

/// The range without the white space at its ends, which the memory does not compare.
pub(super) fn core_of(document: &str, range: &Range<usize>) -> Range<usize> {
    let raw = &document[range.clone()];
    let start = range.start + (raw.len() - raw.trim_start_matches(is_blank).len());
    start..start + trim(raw).len()
}

/// What [`trim`] trims.
fn is_blank(character: char) -> bool {
    trim(character.encode_utf8(&mut [0; 4])).is_empty()
}

/// Whether two texts have the same lines, whatever separates these.
fn same_lines(one: &str, other: &str) -> bool {
    one == other
        || one.contains('\n')
            && one.lines().eq(other.lines())
            && fold_line_breaks(one) == fold_line_breaks(other)
}

fn with_line_breaks(text: &str, with_returns: bool) -> Cow<'_, str> {
    if !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let unix = text.replace("\r\n", "\n");
    Cow::Owned(if with_returns { unix.replace('\n', "\r\n") } else { unix })
}
