//! A link cut in two by white space.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject};

pub(in crate::check) const CHECK: Check = Check {
    id: "link_space",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "White space between the text of a link and its address: both are shown, and nothing is linked.",
    example: Example {
        locale: "ko-KR",
        source: "See [Berths](berths.md).",
        target: "[선석] (berths.md)을 참조하세요.",
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if source.links.is_empty() || !gaps(source).is_empty() {
        return;
    }
    let gaps = gaps(target);
    if !gaps.is_empty() {
        hits.add(Vec::new(), gaps, "white space between `]` and `(` breaks the link");
    }
}

/// The places of `] (address` in prose, from the bracket to the parenthesis.
fn gaps(side: &Side<'_>) -> Vec<Range<usize>> {
    let prose = &side.prose;
    let mut gaps = Vec::new();
    for (at, _) in prose.match_indices(']') {
        let after = &prose[at + 1..];
        // More white space than a few characters is no slip; the bound keeps the time linear.
        let space =
            after.chars().take(4).take_while(|c| c.is_whitespace()).map(char::len_utf8).sum::<usize>();
        let inside = after[space..].strip_prefix(['(', '（']);
        if space > 0 && inside.is_some_and(is_address) {
            gaps.push(at..at + 1 + space + 1);
        }
    }
    gaps
}

/// Whether a text begins with an address and a closing parenthesis.
fn is_address(text: &str) -> bool {
    let end = text.char_indices().take(300).find(|(_, c)| matches!(c, ')' | '）') || c.is_whitespace());
    let Some((end, _)) = end else { return false };
    let address = &text[..end];
    // An address that is no URL is prose: it has a slash, an ending or an anchor.
    address.contains(super::OBJECT)
        || !address.is_empty() && address.is_ascii() && address.contains(['/', '#', '.'])
}
