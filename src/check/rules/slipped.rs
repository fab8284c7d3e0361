//! Targets that belong to the neighbouring segment.

use super::{
    Check, Example, Facts, Hits, Kind, Severity, Side, Subject, compare, is_of_prose, numbers, quoted,
};
use crate::check::subject::Neighbour;

pub(in crate::check) const CHECK: Check = Check {
    id: "slipped",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "The target, or a part of it, belongs to the segment before or after: a number, code, link or name is missing here and is there in the target, but not in the source.",
    example: Example {
        locale: "ko-KR",
        source: "Berth 14 is closed until the `tide` rises.",
        target: "부두 27에서 `crane`을 기다립니다.",
    },
    traps: "Needs the documents, with the order of their segments. The example has a finding if the segment after it has “Wait for the `crane` at berth 27.” and a target with 14 and `tide`.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { pair, source, target, .. } = subject;
    let neighbours = pair.neighbours;
    let all = [(neighbours.previous, "before"), (neighbours.next, "after")];
    if subject.is_copy() || all.iter().all(|(neighbour, _)| neighbour.is_none()) {
        return;
    }
    let missing: Vec<Sign<'_>> = signs(source).into_iter().filter(|sign| !sign.is_in(target.text)).collect();
    if missing.is_empty() {
        return;
    }
    let added: Vec<Sign<'_>> = signs(target).into_iter().filter(|sign| !sign.is_in(source.text)).collect();
    for (neighbour, side) in all {
        let Some(neighbour) = neighbour else { continue };
        let moved: Vec<&Sign<'_>> = missing.iter().filter(|sign| moved_to(sign, &neighbour)).collect();
        let from_there: Vec<&Sign<'_>> = added.iter().filter(|sign| moved_from(sign, &neighbour)).collect();
        let weight: usize = moved.iter().chain(&from_there).map(|sign| sign.weight()).sum();
        if weight >= ENOUGH && !moved.is_empty() {
            let reason = format!("{} is in the target of the segment {side}", quoted(moved[0].text));
            let ranges = |signs: &[&Sign<'_>]| signs.iter().map(|sign| sign.range.clone()).collect();
            return hits.add(ranges(&moved), ranges(&from_there), reason);
        }
    }
}

/// The weight of evidence for a finding: one sign that hardly comes by chance, or two numbers.
const ENOUGH: usize = 2;

/// Something that a translation keeps.
struct Sign<'a> {
    range: std::ops::Range<usize>,
    text: &'a str,
    is_number: bool,
}

impl Sign<'_> {
    fn weight(&self) -> usize {
        if self.is_number { self.text.len() / 2 } else { 2 }
    }

    /// Whether a text has it, also as a part of something else, so that its absence is sure.
    fn is_in(&self, text: &str) -> bool {
        compare::contains_folded(text, self.text)
    }

    /// Whether a text has it, and not as a part of a longer word or number.
    fn is_whole_in(&self, text: &str) -> bool {
        text.match_indices(self.text).any(|(at, found)| {
            let joins = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let is_end = text[..at].ends_with(joins) && self.text.starts_with(joins);
            let is_start = text[at + found.len()..].starts_with(joins) && self.text.ends_with(joins);
            !is_end && !is_start
        })
    }
}

fn moved_to(sign: &Sign<'_>, neighbour: &Neighbour<'_>) -> bool {
    sign.is_whole_in(neighbour.target) && !sign.is_in(neighbour.source)
}

fn moved_from(sign: &Sign<'_>, neighbour: &Neighbour<'_>) -> bool {
    sign.is_whole_in(neighbour.source) && !sign.is_in(neighbour.target)
}

/// The codes, addresses, names and numbers of a text.
fn signs<'a>(side: &'a Side<'a>) -> Vec<Sign<'a>> {
    let mut signs = Vec::new();
    let mut add = |range: &std::ops::Range<usize>, is_number: bool| {
        let text = side.at(range).trim();
        let least = if is_number { 2 } else { 3 };
        if text.len() >= least && signs.len() < super::scan::MOST_ITEMS {
            signs.push(Sign { range: range.clone(), text, is_number });
        }
    };
    side.code.iter().for_each(|range| add(range, false));
    side.links.iter().for_each(|link| add(&link.destination, false));
    side.urls.iter().for_each(|range| add(range, false));
    side.names().iter().filter(|name| is_of_prose(name)).for_each(|name| add(&name.range, false));
    numbers::numbers(&side.prose).iter().for_each(|number| add(&number.range, true));
    signs
}
