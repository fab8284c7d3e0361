//! Numbers that changed.

use std::collections::HashSet;

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, numbers, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "number",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Info,
    says: "A number of the source is missing in the target, or the target has one that is not in the source.",
    example: Example {
        locale: "ko-KR",
        source: "The lock holds 1042 vessels.",
        target: "갑문에는 104척이 들어갑니다.",
    },
    traps: "Left out: small numbers that are added or lost alone, times with AM and PM, years of two digits, months, thousandths, 만 and 万, versions of brands. In human translations half of the hits are right translations.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if subject.is_copy() || !target.has_words() {
        return;
    }
    let (wanted, found) = (numbers::numbers(&source.prose), numbers::numbers(&target.prose));
    if wanted.is_empty() && found.is_empty() || numbers::is_excused(&source.prose, &target.prose) {
        return;
    }
    let digits_in = |text: &str| -> HashSet<String> { numbers::runs(text).map(numbers::folded).collect() };
    let (source_digits, target_digits) = (digits_in(source.text), digits_in(target.text));
    // The numbers of one text that the other one does not have, not even in parts.
    fn lacking<'n>(
        numbers: &'n [numbers::Number],
        others: &[numbers::Number],
        digits: &HashSet<String>,
    ) -> Vec<&'n numbers::Number> {
        let is_digits =
            |part: String| part.is_empty() || digits.contains(&part) || numbers::is_year_in(&part, digits);
        let is_there = |number: &numbers::Number| {
            others.iter().any(|other| other.is_same(number)) || number.parts().all(is_digits)
        };
        numbers.iter().filter(|number| !is_there(number)).collect()
    }
    let missing = lacking(&wanted, &found, &target_digits);
    let added = lacking(&found, &wanted, &source_digits);
    let is_exchanged = missing.len() == 1 && added.len() == 1;
    let missing: Vec<_> = missing.into_iter().filter(|number| number.is_large() || is_exchanged).collect();
    let added: Vec<_> = added.into_iter().filter(|number| number.is_large() || is_exchanged).collect();
    let reason = match (missing.first(), added.first()) {
        (Some(lost), Some(new)) => format!("the number {} became {}", quoted(&lost.text), quoted(&new.text)),
        (Some(lost), None) => format!("the number {} is missing", quoted(&lost.text)),
        (None, Some(new)) => format!("the number {} is not in the source", quoted(&new.text)),
        (None, None) => return,
    };
    let places = |numbers: &[&numbers::Number]| numbers.iter().map(|number| number.range.clone()).collect();
    hits.add(places(&missing), places(&added), reason);
}
