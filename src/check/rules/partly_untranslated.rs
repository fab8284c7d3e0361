//! A part of a sentence that was left as it is.

use std::collections::HashSet;
use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, MARK, Severity, Side, Subject, Word, english, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "partly_untranslated",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Info,
    says: "Four or more words in a row of the source are in the target, with a function word among them.",
    example: Example {
        locale: "ko-KR",
        source: "The pilot comes on board with the mooring crew.",
        target: "도선사가 on board with the mooring crew 옵니다.",
    },
    traps: "Quotations, links, and labels in both languages, `English (translation)`, are left out.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { pair, source, target, .. } = subject;
    if pair.source_locale.language() != "en"
        || pair.target_locale.language() == "en"
        || source.text.eq_ignore_ascii_case(target.text)
        || source.words().len() < 4
        || !english::has_function_word(&target.prose, target.words())
    {
        return;
    }
    let folded = |side: &Side<'_>, word: &Word| side.prose[word.range.clone()].to_lowercase();
    let words: Vec<String> = source.words().iter().map(|word| folded(source, word)).collect();
    let follow: HashSet<(&str, &str)> =
        words.windows(2).map(|two| (two[0].as_str(), two[1].as_str())).collect();
    let found = target.words();
    let names: Vec<String> = found.iter().map(|word| folded(target, word)).collect();
    let mut start = 0;
    for end in 1..=found.len() {
        let goes_on = end < found.len()
            && follow.contains(&(names[end - 1].as_str(), names[end].as_str()))
            && is_joint(&target.prose[found[end - 1].range.end..found[end].range.start]);
        if goes_on {
            continue;
        }
        let run = start..end;
        start = end;
        let spaces = |run: &Range<usize>| {
            let joints = found[run.clone()].windows(2);
            joints.filter(|two| target.prose[two[0].range.end..two[1].range.start].contains(' ')).count()
        };
        if run.len() < 4 || spaces(&run) < 3 || !english::is_prose(&target.prose, &found[run.clone()]) {
            continue;
        }
        let range = found[run.start].range.start..found[run.end - 1].range.end;
        let before = target.prose[..range.start].trim_end_matches([MARK, ' ']).chars().next_back();
        let after = target.prose[range.end..].trim_start_matches([MARK, ' ']).chars().next();
        let is_quoted = before.is_some_and(|c| "<(（\"'\u{201c}\u{201e}\u{201a}\u{2018}«「『[［".contains(c))
            || after.is_some_and(|c| "\"\u{201d}\u{201c}»」』]］".contains(c));
        // `Label in English 2 (translation)`
        let next = scan::prefix(&target.prose[range.end..], 40);
        let next = &next[..next.find(['.', ',', ';', '。', '、']).unwrap_or(next.len())];
        let is_label = next.contains(['(', '（']);
        // A label of a program that is not translated is bold.
        let is_bold =
            target.text[..range.start].ends_with("**") && target.text[range.end..].starts_with("**");
        let capitals = found[run.clone()]
            .iter()
            .filter(|word| target.prose[word.range.clone()].starts_with(char::is_uppercase))
            .count();
        let is_list_of_names = capitals * 2 > run.len() + 2;
        // Names of products have capitals in the source.
        let is_same = source.prose.contains(&target.prose[range.clone()]);
        let is_linked =
            target.links.iter().any(|link| link.inside.start <= range.start && range.end <= link.inside.end);
        if !is_quoted && !is_label && !is_linked && !is_bold && !is_list_of_names && is_same {
            let reason = format!("left in the language of the source: {}", quoted(target.at(&range)));
            return hits.in_target(range, reason);
        }
    }
}

/// Whether what is between two words joins them.
fn is_joint(between: &str) -> bool {
    between.len() <= 8 && between.chars().all(|c| c == MARK || matches!(c, ' ' | ',' | '-' | '/' | '’'))
}
