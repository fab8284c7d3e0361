//! Names in another case.

use super::{
    Check, Example, Facts, Hits, Kind, Name, Severity, Subject, compare, is_of_prose, quoted, report_names,
};

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
    let target = &subject.target;
    let is_changed = |name: &Name| {
        is_of_prose(name)
            && !target.flat().contains(&name.text)
            && compare::contains_name_folded(target, &name.text)
    };
    report_names(subject, hits, is_changed, |name| {
        format!("the name {} is written in other capitals", quoted(&name.text))
    });
}
