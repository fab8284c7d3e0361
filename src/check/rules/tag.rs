//! HTML tags that are missing.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject, compare, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "tag",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "An HTML tag of the source is missing in the target, or one was added.",
    example: Example {
        locale: "ko-KR", source: "Press <kbd>Enter</kbd>.", target: "Enter 키를 누릅니다."
    },
    traps: "Tags that only change the looks, such as `<b>` and `<span>`, do not count.",
    rule,
};

/// Elements that change the looks, or nothing.
const SOFT: [&str; 12] = ["b", "br", "em", "i", "span", "strong", "p", "u", "font", "small", "wbr", "center"];

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if source.tags.is_empty() && target.tags.is_empty() || subject.is_copy() {
        return;
    }
    // `4<sup>th</sup>` has no counterpart in other languages.
    if ["<sup>th", "<sup>st", "<sup>nd", "<sup>rd"].iter().any(|ordinal| source.text.contains(ordinal)) {
        return;
    }
    let (missing, added) = compare::differences(tags(source), tags(target));
    let reason = match (missing.first(), added.first()) {
        (Some(lost), _) => format!("the tag {} is missing", quoted(source.at(lost))),
        (None, Some(new)) => format!("the tag {} is not in the source", quoted(target.at(new))),
        (None, None) => return,
    };
    hits.add(missing, added, reason);
}

fn tags(side: &Side<'_>) -> Vec<(String, Range<usize>)> {
    side.tags
        .iter()
        .filter(|(_, name)| !SOFT.iter().any(|soft| soft.eq_ignore_ascii_case(name)))
        .map(|(range, name)| {
            let end = if side.at(range).starts_with("</") { "/" } else { "" };
            (format!("{end}{}", name.to_ascii_lowercase()), range.clone())
        })
        .collect()
}
