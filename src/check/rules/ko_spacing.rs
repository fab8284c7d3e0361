//! The spacing of older Korean machine translation.

use super::{Check, Example, Facts, Hits, Kind, Script, Severity, Subject, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "ko_spacing",
    kind: Kind::Class,
    machine: Severity::Info,
    human: Severity::Info,
    says: "Korean with a space before an ending that belongs to its word, as machine translation wrote it for years. A class, no fault.",
    example: Example {
        locale: "ko-KR",
        source: "The berth is reserved for a vessel.",
        target: "선석이 선박에 대 한 예약 됩니다.",
    },
    traps: "",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    if subject.language() != "ko" {
        return;
    }
    let prose = &subject.target.prose;
    let mut found = Vec::new();
    let (mut before, mut at) = ("", 0);
    for word in prose.split(' ') {
        let stem = word.trim_end_matches(|c: char| !c.is_alphabetic());
        let is_cut = before == "대" && stem == "한" || ENDINGS.contains(&stem) && is_noun(before);
        if is_cut {
            found.push(at - before.len() - 1..at + stem.len());
        }
        at += word.len() + 1;
        before = word;
    }
    if !found.is_empty() {
        hits.add(Vec::new(), found, "a space inside a word");
    }
}

/// Endings of the verb 하다 and 되다, which follow their noun without a space.
const ENDINGS: [&str; 16] = [
    "된",
    "되는",
    "됩니다",
    "되며",
    "되고",
    "되지",
    "하는",
    "하고",
    "합니다",
    "하여",
    "하려면",
    "할",
    "해야",
    "했습니다",
    "되었습니다",
    "하며",
];

/// Whether a word is of Hangul, has two syllables, and no particle or ending after which a verb stands alone.
fn is_noun(word: &str) -> bool {
    let is_hangul = word.chars().all(|c| scan::script(c) == Some(Script::Hangul));
    let particles = [
        "을", "를", "이", "가", "도", "은", "는", "게", "지", "고", "서", "로", "만", "야", "에", "면", "록",
        "기", "수", "와", "과",
    ];
    is_hangul && word.chars().count() >= 2 && !particles.iter().any(|particle| word.ends_with(particle))
}
