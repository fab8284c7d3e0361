//! Terms that must not be translated.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "no_loc",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "A term of the document’s `no-loc` list is in the source, and not in the target.",
    example: Example {
        locale: "ko-KR",
        source: "Harbor Light is a program.",
        target: "항구 등불은 프로그램입니다.",
    },
    traps: "The example has a finding in a document whose `no-loc` list has “Harbor Light”.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { pair, source, target, .. } = subject;
    for term in pair.no_loc.iter().filter(|term| !term.is_empty()) {
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let place = source.prose.match_indices(term.as_str()).find(|(at, _)| {
            !is_part(source.prose[..*at].chars().next_back())
                && !is_part(source.prose[at + term.len()..].chars().next())
        });
        if let Some((at, _)) = place
            && !target.text.contains(term.as_str())
        {
            return hits.missing(at..at + term.len(), format!("the term {} was translated", quoted(term)));
        }
    }
}
