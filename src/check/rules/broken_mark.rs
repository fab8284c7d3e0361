//! Marks that are broken by a space or a full-width character.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "broken_mark",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "A tag, a reference or an alert is broken by a space or by a full-width character, and is shown as it is written.",
    example: Example {
        locale: "zh-CN",
        source: "[!NOTE] The lock is closed.",
        target: "［！NOTE］船闸已关闭。",
    },
    traps: "",
    rule,
};

/// How broken marks begin.
const BROKEN: [&str; 12] = [
    "< br",
    "<xref :",
    "< xref",
    "< /",
    "[! NOTE",
    "[! IMPORTANT",
    "[! TIP",
    "[! WARNING",
    "［！",
    "[！",
    "! [",
    "<br / >",
];

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !target.prose.contains(['<', '[', '［']) {
        return;
    }
    for broken in BROKEN {
        if let Some(at) = target.prose.find(broken)
            && !source.text.contains(broken)
        {
            // An exclamation before a bracket is a broken image if the source has an image or an alert.
            if broken == "! [" && !source.text.contains("![") {
                continue;
            }
            if broken == "< /" && !source.text.contains("</") {
                continue;
            }
            let reason = format!("{} is shown as it is written", quoted(broken));
            return hits.in_target(at..at + broken.len(), reason);
        }
    }
}
