//! Stars that are shown.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "emphasis",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "Stars of bold or italics are shown as they are written, because the marks were put in the wrong place.",
    example: Example {
        locale: "ja-JP",
        source: "Select **Berths** and **Save**.",
        target: "[バース **] を選択して\\*\\*\\*\\* [保存]** をクリックします。",
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !target.prose.contains('*') {
        return;
    }
    let (shown, allowed) = (stars(target), stars(source));
    // One star can be a footnote; emphasis needs a mark in the source.
    let least = if source.text.contains('*') { 1 } else { 2 };
    if shown.len() >= allowed.len() + least {
        hits.add(Vec::new(), shown, "stars of bold or italics are shown");
    }
}

fn stars(side: &Side<'_>) -> Vec<Range<usize>> {
    side.prose.match_indices('*').map(|(at, _)| at..at + 1).collect()
}
