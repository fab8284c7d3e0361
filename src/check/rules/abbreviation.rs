//! Abbreviations in other capitals.

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "abbreviation",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Info,
    says: "An abbreviation in capitals is in the target in small letters.",
    example: Example {
        locale: "ko-KR",
        source: "The AIS of the vessel sends.",
        target: "선박의 ais에서 보냅니다.",
    },
    traps: "Only for languages of another script, in which no other word looks like it. Left out: sources that are in capitals themselves, and that have the word in small letters too, such as an ending of files.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if subject.is_copy() || !super::scan::is_of_other_script(subject.language()) {
        return;
    }
    let mut abbreviations = latin(source).filter(|(word, _)| is_abbreviation(word)).peekable();
    if abbreviations.peek().is_none() {
        return;
    }
    // All capitals: a heading, or an SQL statement.
    if !latin(source).any(|(word, _)| word.len() > 3 && word.bytes().any(|b| b.is_ascii_lowercase())) {
        return;
    }
    let targets: Vec<(&str, std::ops::Range<usize>)> = latin(target).collect();
    let found = abbreviations.find_map(|(word, range)| {
        let lower =
            |other: &str| other.eq_ignore_ascii_case(word) && other.bytes().all(|b| b.is_ascii_lowercase());
        let is_elsewhere = target.text.contains(word) || latin(source).any(|(other, _)| lower(other));
        let changed = targets.iter().find(|(other, _)| lower(other)).filter(|_| !is_elsewhere);
        changed.map(|(other, place)| (word, range, *other, place.clone()))
    });
    if let Some((word, range, other, place)) = found {
        hits.add(vec![range], vec![place], format!("{} became {}", quoted(word), quoted(other)));
    }
}

/// The words of Latin letters, without those that are parts of names, files and addresses.
fn latin<'s>(side: &'s Side<'_>) -> impl Iterator<Item = (&'s str, std::ops::Range<usize>)> {
    let prose = &side.prose;
    let is_alone = |range: &std::ops::Range<usize>| {
        let joins = |c: char| {
            c.is_ascii_alphanumeric()
                || matches!(c, '.' | '_' | '/' | '\\' | '@' | '-' | '$' | '<' | '{' | '#' | '\'')
        };
        let after = &prose[range.end..];
        let goes_on = after.starts_with(|c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '\\' | '@' | '-' | '(' | ':' | '\'')
        });
        let is_file =
            after.strip_prefix('.').is_some_and(|end| end.starts_with(|c: char| c.is_ascii_alphanumeric()));
        !prose[..range.start].ends_with(joins) && !goes_on && !is_file
    };
    side.words()
        .iter()
        .filter(|word| word.is_latin)
        .map(|word| word.range.clone())
        .filter(move |range| is_alone(range))
        .map(|range| (&prose[range.clone()], range))
}

/// Two letters can be a word, such as `IT` and `US`.
fn is_abbreviation(word: &str) -> bool {
    (3..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase())
}
