//! Names of files that changed.

use super::{
    Check, Example, Facts, Hits, Kind, Name, NameKind, Severity, Subject, compare, quoted, report_names,
};

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
    let target = &subject.target;
    let is_missing = |name: &Name| {
        let text = name.text.to_ascii_lowercase();
        name.kind == NameKind::File
            && !compare::contains_folded(target.text, &name.text)
            && !compare::contains_folded(target.flat(), &name.text)
            && (subject.is_machine() || !(text.ends_with(".exe") || text.ends_with(".dll")))
    };
    report_names(subject, hits, is_missing, |name| format!("the file {} is missing", quoted(&name.text)));
}
