//! Marks of direction that are not closed.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "bidi",
    kind: Kind::Fault,
    machine: Severity::Info,
    human: Severity::Info,
    says: "Marks that set the direction of writing are opened and not closed.",
    example: Example { locale: "ar-SA", source: "Book a berth.", target: "\u{202b}احجز رصيفًا." },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let target = &subject.target;
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut stray = Vec::new();
    for (at, c) in target.text.char_indices() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => open.push((at, '\u{202c}')),
            '\u{2066}'..='\u{2068}' => open.push((at, '\u{2069}')),
            '\u{202c}' | '\u{2069}' if open.pop_if(|(_, close)| *close == c).is_none() => {
                stray.push(at..at + c.len_utf8());
            }
            _ => {}
        }
    }
    // Each of these characters has three bytes.
    stray.extend(open.into_iter().map(|(at, _)| at..at + 3));
    if !stray.is_empty() {
        hits.add(Vec::new(), stray, "marks of direction are not closed");
    }
}
