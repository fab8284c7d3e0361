//! Several targets of one source.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "inconsistent",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "The set translates this source in several ways.",
    example: Example { locale: "ko-KR", source: "Berth", target: "부두" },
    traps: "Mostly right variants. The example has a finding where the set also has “선석”.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { pair, target, .. } = subject;
    let others: Vec<_> = facts.targets_of(pair.source).filter(|(text, _)| *text != pair.target).collect();
    if let Some((first, workflow)) = others.first() {
        let by = workflow.map(|workflow| format!(", {workflow}")).unwrap_or_default();
        let more = if others.len() > 1 { format!(", and {} more", others.len() - 1) } else { String::new() };
        hits.in_target(0..target.text.len(), format!("also translated as {}{by}{more}", quoted(first)));
    }
}
