//! Bare addresses that changed.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject, compare, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "url",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "An address that is written out, `https://…`, is missing or has changed.",
    example: Example {
        locale: "ko-KR",
        source: "See https://example.com/a and https://example.com/b.",
        target: "https://example.com/ahttps://example.com/b를 참조하세요.",
    },
    traps: "An address that became a link, or a link that became an address, is no fault.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if source.urls.is_empty() || subject.is_copy() || !subject.has_sound_source() {
        return;
    }
    let (mut missing, mut added) = compare::differences(urls(source), urls(target));
    let link_has = |side: &Side<'_>, address: &str| {
        let folded = compare::folded_address(address);
        side.links.iter().any(|link| compare::folded_address(side.at(&link.destination)) == folded)
            || side.code.iter().any(|code| side.at(code).contains(address))
    };
    missing.truncate(scan::MOST_ITEMS);
    added.truncate(scan::MOST_ITEMS);
    missing.retain(|range| !link_has(target, source.at(range)));
    added.retain(|range| !link_has(source, target.at(range)));
    if let Some(first) = missing.first() {
        let reason = format!("the address {} is missing or changed", quoted(source.at(first)));
        hits.add(missing, added, reason);
    }
}

fn urls(side: &Side<'_>) -> Vec<(String, Range<usize>)> {
    side.urls.iter().map(|range| (compare::folded_address(side.at(range)), range.clone())).collect()
}
