//! Bold text that is bold no more.

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject, compare};

pub(in crate::check) const CHECK: Check = Check {
    id: "bold_lost",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "The target has fewer bold texts than the source.",
    example: Example { locale: "ko-KR", source: "Select **Save**.", target: "저장을 선택합니다." },
    traps: "House style is learned: where people replace bold by quotation marks in more than 5 % of their translations, theirs are left out. In machine translations, bold that became [brackets] or quotation marks is left out too.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let (wanted, found) = (compare::bold_count(source), compare::bold_count(target));
    if found >= wanted || subject.is_copy() || target.prose.trim().is_empty() {
        return;
    }
    if !subject.is_machine() && facts.people_replace_bold() {
        return;
    }
    let quotes = |side: &Side<'_>| {
        side.prose
            .chars()
            .filter(|c| matches!(c, '[' | '［' | '「' | '『' | '"' | '\u{201c}' | '\u{201e}' | '«' | '《'))
            .count()
    };
    if quotes(target) > quotes(source) {
        return;
    }
    // Which ones are lost is known if all are.
    let places = if found == 0 { source.bold.clone() } else { Vec::new() };
    hits.add(places, Vec::new(), format!("{found} bold texts instead of {wanted}"));
}
