//! Letters of a third script.

use std::collections::HashSet;

use super::{Check, Example, Facts, Hits, Kind, Script, Severity, Subject, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "foreign_script",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "The target has letters of a script that neither its language nor the source uses.",
    example: Example { locale: "ko-KR", source: "Book a berth.", target: "선석을 צ예약합니다." },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if target.prose.is_ascii() {
        return;
    }
    let own = scan::scripts_of(subject.language());
    if own.is_empty() {
        return;
    }
    let mut known: Option<HashSet<char>> = None;
    let mut foreign = Vec::new();
    let mut name = "";
    for (at, c) in target.prose.char_indices().filter(|(_, c)| !c.is_ascii()) {
        let Some(script) = scan::script(c) else { continue };
        if script == Script::Latin || own.contains(&script) {
            continue;
        }
        let known = known.get_or_insert_with(|| source.text.chars().filter(|c| !c.is_ascii()).collect());
        if !known.contains(&c) {
            name = script.name();
            foreign.push(at..at + c.len_utf8());
        }
    }
    // A single Greek letter is a sign, as µ or Ω.
    let is_sign = foreign.len() == 1 && name == Script::Greek.name();
    let source_has_it =
        source.prose.chars().any(|c| scan::script(c).is_some_and(|script| script.name() == name));
    if !foreign.is_empty() && !is_sign && !source_has_it {
        hits.add(
            Vec::new(),
            foreign,
            format!("{name} letters, which neither the language nor the source uses"),
        );
    }
}
