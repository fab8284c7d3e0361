//! Names of files that changed.

use super::{Check, Example, Facts, Hits, Kind, NameKind, Severity, Subject, compare, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "file_name",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "The name of a file is missing in the target, or has another ending.",
    example: Example {
        locale: "ko-KR",
        source: "Open the file tides.json.",
        target: "파일의 tides.js를 엽니다.",
    },
    traps: "Human translations often leave out a program as the subject of a sentence: `.exe` and `.dll` do not count there.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if subject.is_copy() {
        return;
    }
    let missing: Vec<_> = source
        .names()
        .iter()
        .filter(|name| name.kind == NameKind::File)
        .filter(|name| {
            !compare::contains_folded(target.text, &name.text)
                && !compare::contains_folded(target.flat(), &name.text)
        })
        .filter(|name| {
            let text = name.text.to_ascii_lowercase();
            subject.is_machine() || !(text.ends_with(".exe") || text.ends_with(".dll"))
        })
        .collect();
    if let Some(first) = missing.first() {
        let places = missing.iter().map(|name| name.range.clone()).collect();
        hits.add(places, Vec::new(), format!("the file {} is missing", quoted(&first.text)));
    }
}
