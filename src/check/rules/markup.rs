//! References, includes and alerts that changed.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject, compare, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "markup",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "A reference (`<xref:…>`), an include, an alert (`[!NOTE]`) or the label of a link is missing or has changed.",
    example: Example {
        locale: "ko-KR",
        source: "See <xref:Harbor.Berth>.",
        target: "<xref:항구.선석>을 참조하세요.",
    },
    traps: "Nothing is reported if the source is broken. A label that is a number, or is there as plain text, does not count.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if subject.is_copy() {
        return;
    }
    let kinds: [(&str, Places); 3] = [
        ("reference", |side| side.xrefs.clone()),
        ("include", |side| side.includes.clone()),
        ("alert", alerts),
    ];
    for (name, places) in kinds {
        let folded = |side: &Side<'_>| -> Vec<(String, Range<usize>)> {
            places(side).into_iter().map(|range| (compare::folded_code(side.at(&range)), range)).collect()
        };
        let (missing, added) = compare::differences(folded(source), folded(target));
        if missing.is_empty() && added.is_empty() || !subject.has_sound_source() {
            continue;
        }
        let reason = match (missing.first(), added.first()) {
            (Some(lost), _) => format!("the {name} {} is missing", quoted(source.at(lost))),
            (None, Some(new)) => format!("the {name} {} is not in the source", quoted(target.at(new))),
            (None, None) => continue,
        };
        return hits.add(missing, added, reason);
    }
    let missing: Vec<_> = source
        .links
        .iter()
        .take(scan::MOST_ITEMS)
        .filter(|link| !link.label.is_empty())
        .filter(|link| {
            let label = source.at(&link.label);
            label.starts_with(char::is_alphanumeric) && !target.text.contains(&format!("[{label}]"))
        })
        .map(|link| link.label.clone())
        .collect();
    if let Some(first) = missing.first().filter(|_| subject.has_sound_source()) {
        let reason = format!("the label {} of a link is missing", quoted(source.at(first)));
        hits.add(missing, Vec::new(), reason);
    }
}

/// Finds the inline codes of a kind.
type Places = fn(&Side<'_>) -> Vec<Range<usize>>;

/// `[!NOTE]` and its like.
fn alerts(side: &Side<'_>) -> Vec<Range<usize>> {
    let found = side.prose.match_indices("[!").filter_map(|(at, mark)| {
        let name = &side.prose[at + mark.len()..];
        let length = name.bytes().take(20).take_while(u8::is_ascii_alphabetic).count();
        (length > 2 && name[length..].starts_with(']')).then(|| at..at + mark.len() + length + 1)
    });
    found.collect()
}
