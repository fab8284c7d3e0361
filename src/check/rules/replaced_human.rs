//! Machine translations that replaced human ones.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "replaced_human",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "A machine translated this source after a person had, in an earlier version of a document.",
    example: Example { locale: "ko-KR", source: "The berth is free.", target: "침대는 무료입니다." },
    traps: "The text need not be wrong. Only where the history of the documents was imported (`bitext import --history`), and no person's translation is current. The example has a finding where an earlier version has a human “선석이 비어 있습니다.”.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { pair, target, .. } = subject;
    if !subject.is_machine() {
        return;
    }
    if let Some(earlier) = facts.human_before(pair.source).filter(|earlier| *earlier != pair.target) {
        let reason = format!("a person had translated {}", quoted(earlier));
        hits.in_target(0..target.text.len(), reason);
    }
}
