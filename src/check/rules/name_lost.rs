//! Names that were translated or cut.

use super::{
    Check, Example, Facts, Hits, Kind, Name, NameKind, Severity, Subject, compare, is_of_prose, quoted,
    report_names,
};

pub(in crate::check) const CHECK: Check = Check {
    id: "name_lost",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Info,
    says: "A name of the source, such as `DateTime`, `max_value`, `Get-Process` or `System.String`, is missing in the target.",
    example: Example {
        locale: "ko-KR",
        source: "Run Get-Harbor to list the berths.",
        target: "선석을 나열하려면 받기-항구를 실행합니다.",
    },
    traps: "A name counts if the set keeps it in 80 % of its other translations, or if it can only be an identifier. In human translations names are often left out rightly.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let target = &subject.target;
    let counts = |name: &Name| {
        let (seen, kept) = facts.kept(&name.text);
        if subject.is_machine() {
            (seen >= 4 && kept * 5 >= seen * 4) || is_hard(name)
        } else {
            seen >= 5 && kept * 20 >= seen * 19
        }
    };
    let is_missing = |name: &Name| {
        is_of_prose(name)
            && !target.flat().contains(&name.text)
            && !compare::contains_name_folded(target, &name.text)
            && counts(name)
    };
    report_names(subject, hits, is_missing, |name| format!("the name {} is missing", quoted(&name.text)));
}

/// Whether a name can only be an identifier: no brand or word of prose is written like this.
fn is_hard(name: &Name) -> bool {
    let humps = name
        .text
        .as_bytes()
        .windows(2)
        .filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase())
        .count();
    match name.kind {
        NameKind::Command | NameKind::Snake => true,
        NameKind::Dotted => name.text.matches('.').count() > 1,
        NameKind::Camel => humps > 1,
        _ => false,
    }
}
