//! One target for two sources that mean different things.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, compare, english, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "same_target",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Warning,
    says: "Another source of the set, which differs in one telling word, has the same target: one of the two is wrong.",
    example: Example { locale: "ko-KR", source: "Open the upper lock.", target: "갑문을 엽니다." },
    traps: "Telling words are numbers, names, and opposites such as start and stop. Numbers that differ in leading zeros are the same. The example has a finding where the set also has “Close the upper lock.” with this target.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { pair, source, target, .. } = subject;
    let mut others = facts.sources_of(target.text).filter(|other| *other != pair.source).peekable();
    if others.peek().is_none() || subject.is_copy() || !target.has_words() {
        return;
    }
    let words: Vec<&str> = source.text.split_whitespace().collect();
    let other = others.find_map(|other| {
        let other_words: Vec<&str> = other.split_whitespace().collect();
        // A target with the word of its own source is right, and the other one may be wrong.
        let is_right = |own: &str| {
            compare::contains_folded(target.text, own.trim_matches(|c: char| !c.is_alphanumeric()))
        };
        telling_difference(&words, &other_words)
            .filter(|(own, foreign)| !is_right(own) || is_right(foreign))
            .map(|difference| (other, difference))
    });
    if let Some((other, (own, foreign))) = other {
        let start = own.as_ptr() as usize - source.text.as_ptr() as usize;
        let reason = format!(
            "{} has the same target, but {} instead of {}",
            quoted(other),
            quoted(foreign),
            quoted(own)
        );
        hits.missing(start..start + own.len(), reason);
    }
}

/// The one word in which two texts differ, if the difference changes the meaning.
fn telling_difference<'a>(first: &[&'a str], second: &[&'a str]) -> Option<(&'a str, &'a str)> {
    if first.len() != second.len() {
        return None;
    }
    let mut different = first.iter().zip(second).enumerate().filter(|(_, (one, other))| one != other);
    let (at, (one, other)) = different.next()?;
    if different.next().is_some() {
        return None;
    }
    // The first word has a capital in any case, also after a colon.
    let is_first = at == 0 || first[at - 1].ends_with([':', '.', '*']);
    let words = if is_first { 0 } else { first.len() };
    english::is_telling(one, other, words).then_some((*one, *other))
}
