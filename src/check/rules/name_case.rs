//! Names in another case.

use super::{Check, Example, Facts, Hits, Kind, NameKind, Severity, Subject, compare, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "name_case",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "A name is in the target, but in other capitals.",
    example: Example {
        locale: "ko-KR",
        source: "The TideTable parameter is required.",
        target: "Tidetable 매개 변수가 필요합니다.",
    },
    traps: "Names of files and hosts are left out: their case does not matter.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if subject.is_copy() {
        return;
    }
    let changed: Vec<_> = source
        .names()
        .iter()
        .filter(|name| !matches!(name.kind, NameKind::File | NameKind::Switch | NameKind::Host))
        .filter(|name| {
            !target.flat().contains(&name.text) && compare::contains_name_folded(target, &name.text)
        })
        .collect();
    if let Some(first) = changed.first() {
        let places = changed.iter().map(|name| name.range.clone()).collect();
        hits.add(
            places,
            Vec::new(),
            format!("the name {} is written in other capitals", quoted(&first.text)),
        );
    }
}
