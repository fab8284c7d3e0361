//! Prose that was left as it is.

use super::{Check, Example, Facts, Hits, Kind, MARK, Severity, Subject, english};

pub(in crate::check) const CHECK: Check = Check {
    id: "untranslated",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Info,
    says: "The target is the source: a sentence was not translated.",
    example: Example {
        locale: "ko-KR",
        source: "The pilot comes on board with the mooring crew.",
        target: "The pilot comes on board with the mooring crew.",
    },
    traps: "In machine translations only, and only of prose: five words or a full stop. What a person also copied, or is wholly quoted, is left out.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { pair, source, target, .. } = subject;
    if source.text.len() != target.text.len()
        || !source.text.eq_ignore_ascii_case(target.text)
        || pair.source_locale.language() == pair.target_locale.language()
        || pair.source_locale.language() != "en"
        || facts.is_copied_by_people(source.text)
    {
        return;
    }
    let text = source.prose.trim_matches(|c: char| c.is_whitespace() || c == MARK);
    let is_quoted =
        text.starts_with(['"', '\'', '\u{201c}', '[']) && text.ends_with(['"', '\'', '\u{201d}', ']']);
    // Names of offers often differ in case only.
    let words = source.words().len();
    let is_long = words >= 8 || subject.is_copy() && (words >= 5 || text.ends_with(['.', '?', '!']));
    let is_code = text.contains("=\"");
    if is_long && !is_quoted && !is_code && english::is_prose(&source.prose, source.words()) {
        hits.in_target(0..target.text.len(), "the target is the source, and is prose");
    }
}
