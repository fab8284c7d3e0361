//! Identifiers of 32 digits that changed.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "guid",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "A GUID of the source is missing in the target, or has other digits.",
    example: Example {
        locale: "ko-KR",
        source: "Vessel 778a4dce-0014-4d53-8647-314ef2b091d2",
        target: "선박 778a4dce-001447 d53-8647-314ef2b091d2",
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if source.text.len() < LENGTH || subject.is_copy() {
        return;
    }
    let mut wanted = guids(source.text);
    wanted.truncate(scan::MOST_ITEMS);
    if wanted.is_empty() {
        return;
    }
    let lower = target.text.to_ascii_lowercase();
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let has = |guid: &str| {
        lower.match_indices(guid).any(|(at, _)| {
            !is_part(lower[..at].chars().next_back()) && !is_part(lower[at + LENGTH..].chars().next())
        })
    };
    let missing: Vec<_> =
        wanted.into_iter().filter(|range| !has(&source.at(range).to_ascii_lowercase())).collect();
    if let Some(first) = missing.first() {
        let reason = format!("the GUID {} is missing", quoted(source.at(first)));
        hits.add(missing, Vec::new(), reason);
    }
}

/// The characters of a GUID.
const LENGTH: usize = 36;

fn guids(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for (dash, _) in text.match_indices('-') {
        let Some(start) = dash.checked_sub(8) else { continue };
        let Some(guid) = bytes.get(start..start + LENGTH) else { continue };
        let is_guid = guid.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
        let is_part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-');
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        if is_guid && !is_part(before) && !is_part(bytes.get(start + LENGTH)) {
            found.push(start..start + LENGTH);
        }
    }
    found
}
