//! Particles without their word.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, MARK, OBJECT, Script, Severity, Subject, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "orphan_particle",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "In Korean and Japanese: a particle stands at the start, or after another particle, because its word was moved away.",
    example: Example {
        locale: "ko-KR",
        source: "In the **Berths** pane, select one.",
        target: "에 **선석** 창에서 하나를 선택합니다.",
    },
    traps: "At the start, only where the source begins with a capital letter or an inline code.",
    rule,
};

/// Particles of Korean that are no words of their own.
const KOREAN: [&str; 16] = [
    "에",
    "에서",
    "에게",
    "을",
    "를",
    "은",
    "는",
    "와",
    "과",
    "의",
    "로",
    "으로",
    "에는",
    "에서는",
    "에 대한",
    "에 대 한",
];
/// Those that are looked for inside a sentence.
const INSIDE: [&str; 5] = ["를", "을", "와", "에서", "의"];
/// Ends of words after which no particle can stand.
const ENDS: [&str; 12] =
    ["에서", "에게", "으로", "을", "를", "는", "은", "및", "또는", "하여", "하고", "대한"];

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let starts_whole = || {
        let first = source.prose.trim_start_matches(|c: char| c.is_whitespace() || c == MARK).chars().next();
        first.is_some_and(|c| c.is_uppercase() || c == OBJECT)
    };
    let found = match subject.language() {
        "ko" => {
            korean_start(&target.prose).filter(|_| starts_whole()).or_else(|| korean_inside(&target.prose))
        }
        "ja" => japanese_start(&target.prose).filter(|_| starts_whole()),
        _ => None,
    };
    if let Some(range) = found {
        let reason = format!("the particle {} has no word before it", quoted(target.at(&range)));
        hits.in_target(range, reason);
    }
}

fn korean_start(prose: &str) -> Option<Range<usize>> {
    let rest = prose.trim_start_matches(|c: char| c.is_whitespace() || c == MARK);
    let start = prose.len() - rest.len();
    // The longest one first: 에서 before 에.
    let particle =
        KOREAN.iter().filter(|particle| is_word(rest, particle)).max_by_key(|particle| particle.len())?;
    Some(start..start + particle.len())
}

/// Whether a text begins with a word.
fn is_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|after| after.starts_with([' ', OBJECT, MARK]))
}

fn korean_inside(prose: &str) -> Option<Range<usize>> {
    let mut before = "";
    let mut at = 0;
    for word in prose.split(' ') {
        let is_orphan = INSIDE.contains(&word)
            && ENDS.iter().any(|end| before.ends_with(end))
            && before.chars().all(|c| scan::script(c) == Some(Script::Hangul))
            && (before == "및" || before.chars().count() > 1);
        if is_orphan {
            return Some(at..at + word.len());
        }
        at += word.len() + 1;
        before = word;
    }
    None
}

fn japanese_start(prose: &str) -> Option<Range<usize>> {
    let rest = prose.trim_start_matches(|c: char| c.is_whitespace() || c == MARK);
    let start = prose.len() - rest.len();
    let particle = rest.chars().next().filter(|c| matches!(c, 'を' | 'が' | 'に' | 'は' | 'の' | 'で'))?;
    let after = rest[particle.len_utf8()..].chars().next()?;
    let is_hiragana = matches!(after, '\u{3041}'..='\u{309f}');
    // が, に, は, の and で also begin words of Hiragana.
    (particle == 'を' || !is_hiragana && after.is_alphanumeric() || matches!(after, ' ' | OBJECT))
        .then(|| start..start + particle.len_utf8())
}
