//! Links whose address changed.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject, compare, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "link",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "The addresses of links and images differ: one is missing, or another one is there.",
    example: Example {
        locale: "ko-KR",
        source: "See [Berths](../berths.md).",
        target: "[선석](../birth.md)을 참조하세요.",
    },
    traps: "Scheme, case, locale and `%20` do not count. Nothing is reported if a link of the source is broken itself.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if source.links.is_empty() && target.links.is_empty() || subject.is_copy() || !subject.has_sound_source()
    {
        return;
    }
    let (missing, mut added) = compare::differences(addresses(source), addresses(target));
    // An address that is written out in the source may become a link.
    added.truncate(scan::MOST_ITEMS);
    added.retain(|range| !source.text.contains(target.at(range)));
    let reason = match (missing.first(), added.first()) {
        (Some(lost), Some(new)) => {
            format!("the address {} became {}", quoted(source.at(lost)), quoted(target.at(new)))
        }
        (Some(lost), None) => format!("the link {} is missing", quoted(source.at(lost))),
        (None, Some(new)) => format!("the link {} is not in the source", quoted(target.at(new))),
        (None, None) => return,
    };
    hits.add(missing, added, reason);
}

fn addresses(side: &Side<'_>) -> Vec<(String, Range<usize>)> {
    side.links
        .iter()
        .filter(|link| !link.destination.is_empty())
        .map(|link| (compare::folded_address(side.at(&link.destination)), link.destination.clone()))
        .collect()
}
