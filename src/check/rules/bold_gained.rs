//! Text that became bold.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, compare};

pub(in crate::check) const CHECK: Check = Check {
    id: "bold_gained",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The target has more bold texts than the source.",
    example: Example {
        locale: "ko-KR",
        source: "Select *Berths*, *Save*.",
        target: "**선석**, *저장*을 선택합니다.",
    },
    traps: "A target often mends bold whose stars are escaped in the source: such pairs are left out.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let (wanted, found) = (compare::bold_count(source), compare::bold_count(target));
    if found > wanted && !source.text.contains("\\*") {
        hits.add(Vec::new(), target.bold.clone(), format!("{found} bold texts instead of {wanted}"));
    }
}
