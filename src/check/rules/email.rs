//! Mail addresses that changed.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "email",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "A mail address of the source is missing in the target, or has run together with other text.",
    example: Example {
        locale: "ko-KR",
        source: "Write to lock@example.com or pilot@example.com.",
        target: "lock@example.compilot@example.com에 문의하세요.",
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !source.prose.contains('@') || subject.is_copy() {
        return;
    }
    let missing: Vec<_> = addresses(&source.prose)
        .into_iter()
        .take(scan::MOST_ITEMS)
        .filter(|range| !has(target.text, source.at(range)))
        .collect();
    if let Some(first) = missing.first() {
        let reason = format!(
            "the address {} is missing or has run together with other text",
            quoted(source.at(first))
        );
        hits.add(missing, Vec::new(), reason);
    }
}

/// Whether a text has an address, with no letter or digit of ASCII beside it.
fn has(text: &str, address: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(address).any(|(at, _)| {
        !is_part(text[..at].chars().next_back()) && !is_part(text[at + address.len()..].chars().next())
    })
}

/// The longest part of an address.
const LONGEST: usize = 64;

fn addresses(prose: &str) -> Vec<Range<usize>> {
    let bytes = prose.as_bytes();
    let in_name = |b: &&u8| b.is_ascii_alphanumeric() || b"._%+-".contains(b);
    let in_host = |b: &&u8| b.is_ascii_alphanumeric() || b".-".contains(b);
    let found = prose.match_indices('@').filter_map(|(at, _)| {
        let name = bytes[..at].iter().rev().take(LONGEST).take_while(in_name).count();
        let host = bytes[at + 1..].iter().take(LONGEST).take_while(in_host).count();
        let host = prose[at + 1..at + 1 + host].trim_end_matches(['.', '-']);
        let ending = host.rsplit_once('.')?.1;
        let is_host = ending.len() >= 2 && ending.bytes().all(|b| b.is_ascii_alphabetic());
        (name > 0 && is_host).then(|| at - name..at + 1 + host.len())
    });
    found.collect()
}
