//! A target without a word.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, english};

pub(in crate::check) const CHECK: Check = Check {
    id: "empty",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "The target has no word, although the source has some.",
    example: Example { locale: "ko-KR", source: "in this harbor.", target: "." },
    traps: "",
    rule,
};

/// A source of fewer letters, without function words, can be a mark that another language has no use for.
const FEW_LETTERS: usize = 3;

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !target.has_words()
        && !target.has_object()
        && source
            .words()
            .iter()
            .map(|word| source.prose[word.range.clone()].to_lowercase())
            .filter(|word| !english::is_function_word(word))
            .map(|word| word.chars().count())
            .sum::<usize>()
            >= FEW_LETTERS
    {
        hits.in_target(0..target.text.len(), "the target has no word");
    }
}
