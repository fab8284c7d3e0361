//! Cuts the target at blanks where no mark ends a sentence: `Preis für die Menge Wird verwendet, um …` for `Price for quantity. Used to …`.
//!
//! Only where the beads of a block show that a cut is missing: two source sentences in one bead, a sentence without a partner, or a cut at a
//! weak position. There, the beads are chosen again, with a cut at each blank outside of links, emphasis and tags.

use std::ops::Range;

use super::beads::{BETWEEN, Bead, INSIDE, Table};
use super::boundaries::Boundaries;
use super::cost::Model;
use super::side::{Side, inlines_in};
use super::tokens::is_unspaced;
use crate::segmentation::{Cut, Inline, InlineKind};

/// A cut at a blank before a capital letter, before a letter of a script without capital letters, and before another character, each between
/// words that begin and end sentences as often as others do; and the least that a cut costs.
const BEFORE_CAPITAL: f32 = 4.0;
const BEFORE_UNCASED: f32 = 5.0;
const BEFORE_OTHER: f32 = 9.0;
const LEAST: f32 = 0.5;
/// By so much a cut after a mark, such as a colon, costs less before a capital letter.
const AFTER_MARK: f32 = 1.0;
/// A cut after the mark of an end that no blank follows: `offen.Dann`.
const WITHOUT_BLANK: f32 = 2.0;
/// Beads whose lengths differ by more standard deviations are not looked at.
const FARTHEST: f32 = 4.5;
/// The most source sentences and target parts that are chosen from again.
const MOST_SENTENCES: usize = 16;
const MOST_PARTS: usize = 240;

/// The beads of two blocks, with cuts at blanks where they are better.
pub(super) fn recut(
    beads: Vec<Bead>,
    (source, from): (&Side<'_>, Range<usize>),
    (target, to): (&Side<'_>, Range<usize>),
    model: &Model,
) -> Vec<Bead> {
    let windows = windows(&beads, &from, target);
    // Without a dictionary, lengths alone would decide.
    if windows.is_empty() || model.dictionary.is_empty() {
        return beads;
    }
    let mut all = Vec::with_capacity(beads.len() + windows.len());
    let mut at = 0;
    for window in windows {
        all.extend_from_slice(&beads[at..window.start]);
        at = window.end;
        let begins = |beads: Option<&Bead>| {
            beads.map_or((from.start, to.start), |bead| (bead.source.end, bead.target.end))
        };
        let ends = |beads: Option<&Bead>| {
            beads.map_or((from.end, to.end), |bead| (bead.source.start, bead.target.start))
        };
        let (start, end) =
            (begins(window.start.checked_sub(1).map(|before| &beads[before])), ends(beads.get(window.end)));
        let again = choose((source, start.0..end.0), (target, start.1..end.1), model);
        all.extend(again.unwrap_or_else(|| beads[window].to_vec()));
    }
    all.extend_from_slice(&beads[at..]);
    all
}

/// The ranges of beads that show that a cut is missing, each with a bead before and after it.
fn windows(beads: &[Bead], from: &Range<usize>, target: &Side<'_>) -> Vec<Range<usize>> {
    let mut windows: Vec<Range<usize>> = Vec::new();
    let mut add = |window: Range<usize>| match windows.last_mut() {
        Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
        _ => windows.push(window),
    };
    for (at, bead) in beads.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &beads[before]);
        let is_gap = bead.source.start > before.map_or(from.start, |before| before.source.end)
            || (at + 1 == beads.len() && bead.source.end < from.end);
        let is_weak = before.is_some() && target.atoms[bead.target.start].cut != Cut::Strong;
        if is_gap || is_weak || bead.source.len() > 1 {
            add(at.saturating_sub(1)..(at + 2).min(beads.len()));
        }
    }
    windows
}

/// The best beads of some sentences. `None` if there are too many, or nothing to choose from.
fn choose(
    (source, from): (&Side<'_>, Range<usize>),
    (target, to): (&Side<'_>, Range<usize>),
    model: &Model,
) -> Option<Vec<Bead>> {
    if from.len() < 2 || from.len() > MOST_SENTENCES || to.is_empty() {
        return None;
    }
    let parts: Vec<Part> = to.clone().flat_map(|atom| parts(target, atom, model)).collect();
    if parts.len() <= to.len() || parts.len() > MOST_PARTS {
        return None;
    }
    let side = target.of_parts(parts.iter().map(|part| part.range.clone()));
    let table = Table {
        source,
        target: &side,
        model,
        from,
        starts: (0..parts.len()).collect(),
        end: parts.len(),
        between: parts.iter().map(|part| part.between).collect(),
        inside: parts.iter().map(|part| part.inside).collect(),
        most: parts.len(),
        farthest: FARTHEST,
    };
    let is_first = |part: usize| parts.get(part).is_none_or(|part| part.is_first);
    let in_atoms = |bead: Bead| {
        let (first, last) = (&parts[bead.target.start], &parts[bead.target.end - 1]);
        let is_whole = is_first(bead.target.start) && is_first(bead.target.end);
        let text = (!is_whole).then_some(first.range.start..last.range.end);
        Bead { target: first.atom..last.atom + 1, text, ..bead }
    };
    Some(table.align().into_iter().map(in_atoms).collect())
}

/// A part of an atom between two blanks.
struct Part {
    range: Range<usize>,
    atom: usize,
    /// Whether it is the first one of its atom.
    is_first: bool,
    between: f32,
    inside: f32,
}

/// The parts of an atom.
fn parts(side: &Side<'_>, atom: usize, model: &Model) -> Vec<Part> {
    let text = &*side.outline.text;
    let segment = &side.atoms[atom].segment;
    let extent = segment.link.as_ref().unwrap_or(&segment.range);
    let inlines = &side.outline.inlines;
    let cut = side.atoms[atom].cut;
    let mut between = BETWEEN[cut as usize];
    if let Some(before) = atom.checked_sub(1).filter(|_| cut != Cut::Strong) {
        let before = &side.atoms[before].segment;
        let before = before.link.as_ref().unwrap_or(&before.range).clone();
        let (before, next) = (&text[before], &text[extent.clone()]);
        // Before a capital letter, a cut after a mark costs less than one at a blank.
        let base = if begins_with(next, char::is_uppercase) { BEFORE_CAPITAL - AFTER_MARK } else { between };
        between = between.min(base + of_words(before, next, &model.boundaries)).max(LEAST);
    }
    let mut parts = Vec::new();
    let (mut start, mut costs) = (extent.start, (between, INSIDE[cut as usize]));
    for (end, next, cost) in cuts(text, inlines, extent, &model.boundaries) {
        let is_first = start == extent.start;
        parts.push(Part { range: start..end, atom, is_first, between: costs.0, inside: costs.1 });
        (start, costs) = (next, (cost, 0.0));
    }
    let is_first = start == extent.start;
    parts.push(Part { range: start..extent.end, atom, is_first, between: costs.0, inside: costs.1 });
    parts
}

/// The positions in a range at which a sentence can end without a mark: where it ends, where the next one begins, and the cost.
fn cuts(
    text: &str,
    inlines: &[Inline],
    range: &Range<usize>,
    boundaries: &Boundaries,
) -> Vec<(usize, usize, f32)> {
    let mut found = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut at = range.start;
    let mut plain = |from: usize, to: usize| {
        let mut before = '\0';
        for (offset, c) in text[from..to].char_indices() {
            let place = from + offset;
            if c.is_whitespace() && !before.is_whitespace() && place > range.start {
                let next = place + text[place..].len() - text[place..].trim_start().len();
                // A blank between Chinese or Japanese and another script is a matter of typography.
                let is_same = text[next..].starts_with(is_unspaced) == is_unspaced(before);
                if next < range.end && is_same {
                    found.push((
                        place,
                        next,
                        cost(&text[range.start..place], &text[next..range.end], boundaries),
                    ));
                }
            } else if c.is_uppercase()
                && matches!(before, '.' | '?' | '!')
                && text[range.start..place - 1].ends_with(char::is_lowercase)
            {
                found.push((place, place, WITHOUT_BLANK));
            }
            before = c;
        }
    };
    for inline in inlines_in(inlines, range) {
        if open.is_empty() && inline.range.start > at {
            plain(at, inline.range.start);
        }
        at = inline.range.end.max(at);
        let raw = &text[inline.range.clone()];
        match inline.kind {
            InlineKind::Emphasis if open.last() == Some(&raw) => drop(open.pop()),
            InlineKind::Emphasis => open.push(raw),
            InlineKind::LinkEnd => drop(open.pop()),
            InlineKind::Hidden if raw.starts_with("</") => drop(open.pop()),
            InlineKind::Hidden if raw.starts_with('[') || is_open_tag(raw) => open.push(raw),
            _ => {}
        }
    }
    if open.is_empty() && at < range.end {
        plain(at, range.end);
    }
    found
}

fn is_open_tag(raw: &str) -> bool {
    let name = raw.strip_prefix('<').filter(|_| !raw.ends_with("/>"));
    name.is_some_and(|name| {
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        !name.is_empty()
            && !["br", "img", "hr", "wbr", "input"].iter().any(|void| name.eq_ignore_ascii_case(void))
    })
}

/// The cost of a cut at the blank between two texts.
fn cost(before: &str, next: &str, boundaries: &Boundaries) -> f32 {
    let base = match () {
        () if begins_with(next, char::is_uppercase) => BEFORE_CAPITAL,
        () if begins_with(next, is_uncased) => BEFORE_UNCASED,
        // A word in Latin letters begins a sentence in Korean as any other word does: `결과 표시 cmdlet이 실행되지 않습니다`.
        () if before.ends_with(is_uncased) && begins_with(next, char::is_alphabetic) => BEFORE_UNCASED,
        () => BEFORE_OTHER,
    };
    (base + of_words(before, next, boundaries)).max(LEAST)
}

/// A letter of a script without capital letters.
fn is_uncased(c: char) -> bool {
    c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase()
}

/// Whether the first character of a text that is no mark is of a kind.
fn begins_with(text: &str, is_kind: impl Fn(char) -> bool) -> bool {
    text.trim_start_matches(|c: char| c.is_ascii_punctuation() || matches!(c, '„' | '«' | '“'))
        .starts_with(is_kind)
}

/// What the words beside a cut add to its cost.
fn of_words(before: &str, next: &str, boundaries: &Boundaries) -> f32 {
    let last_word = before.split_whitespace().next_back().unwrap_or_default();
    let next_word = next.split_whitespace().next().unwrap_or_default();
    boundaries.cost(last_word, next_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_latin_letters_begins_a_sentence_in_korean_but_a_small_one_none_in_german() {
        let cost = |before, next| cost(before, next, &Boundaries::default());
        assert_eq!(cost("경우의 결과 표시", "cmdlet이 실행되지 않습니다."), BEFORE_UNCASED);
        assert_eq!(cost("경우의 결과 표시", "다음"), BEFORE_UNCASED);
        assert_eq!(cost("Betrag der Gebühr", "wird verwendet"), BEFORE_OTHER);
        assert_eq!(cost("Betrag der Gebühr", "Wird verwendet"), BEFORE_CAPITAL);
    }
}
