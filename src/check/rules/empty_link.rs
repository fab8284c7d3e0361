//! A link that lost its text.

use super::quoted;
use super::{Check, Example, Facts, Hits, Kind, Severity, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "empty_link",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "A link of the target has no text, so it is not shown.",
    example: Example {
        locale: "ko-KR",
        source: "See [Berths](berths.md).",
        target: "[](berths.md)선석을 참조하세요.",
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let is_empty = |text: &str| text.trim().is_empty();
    let Subject { source, target, .. } = subject;
    if source.links.iter().any(|link| !link.is_image && is_empty(source.at(&link.inside))) {
        return;
    }
    let empty: Vec<_> =
        target.links.iter().filter(|link| !link.is_image && is_empty(target.at(&link.inside))).collect();
    if let Some(first) = empty.first() {
        let reason = format!("the link to {} has no text", quoted(target.at(&first.destination)));
        hits.add(Vec::new(), empty.iter().map(|link| link.whole.clone()).collect(), reason);
    }
}
