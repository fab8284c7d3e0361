//! Bold text that covers another word than in the source.

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "bold_moved",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Info,
    says: "The bold text is the verb of the sentence, in place of the name that is bold in the source.",
    example: Example {
        locale: "ja-JP",
        source: "On the **Tides** tab, select **Save**.",
        target: "**タイド** タブで [保存] を **選択します**。",
    },
    traps: "Only Japanese and Korean, whose verbs have their ending at the end. A bold text of the source that begins with a verb, or at the beginning of the source, can be a verb in the target, unless that says “select” or “click”.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    let (endings, instructions) = match subject.language() {
        "ja" => (ENDINGS_JA, INSTRUCTIONS_JA),
        "ko" => (ENDINGS_KO, INSTRUCTIONS_KO),
        _ => return,
    };
    if subject.is_copy() || source.bold.is_empty() || target.bold.len() > source.bold.len() {
        return;
    }
    let names: Vec<(usize, &str)> =
        source.bold.iter().map(|range| (range.start, inside(source.at(range)))).collect();
    if !names.iter().all(|(_, name)| is_short_label(name)) {
        return;
    }
    let are_names = names.iter().all(|&(start, name)| {
        let first = name.split(' ').next().unwrap_or(name).trim_end_matches(',').to_ascii_lowercase();
        VERBS.binary_search(&first.as_str()).is_err() && (start > 2 || is_identifier(name))
    });
    let says_what_to_do = names.iter().any(|(_, name)| {
        name.split(' ').any(|word| SELECT.iter().any(|verb| word.eq_ignore_ascii_case(verb)))
    });
    let is_whole = matches!(names.as_slice(), [(start, _)] if *start < 3);
    let is_moved = |text: &str| {
        let text = text.trim_end_matches(['。', '.', '、', ',', ' ']);
        let is_verb = endings.iter().any(|ending| text.ends_with(ending))
            && text.chars().all(|c| scan::is_letter(c) || c == ' ');
        let is_instruction = instructions.iter().any(|verb| text.contains(verb));
        is_verb && (are_names || is_instruction && !says_what_to_do && !is_whole)
    };
    let moved: Vec<_> =
        target.bold.iter().filter(|range| is_moved(inside(target.at(range)))).cloned().collect();
    if let Some(first) = moved.first() {
        let reason = format!("the verb is bold: {}", quoted(target.at(first)));
        hits.add(source.bold.clone(), moved, reason);
    }
}

/// A bold text without its marks.
fn inside(bold: &str) -> &str {
    bold.trim_matches('*').trim()
}

/// Whether a text has few words, and is no sentence.
fn is_short_label(text: &str) -> bool {
    let words = text.split_whitespace().count();
    (1..=4).contains(&words) && !text.ends_with(['.', ':', '!', '?']) && text.starts_with(char::is_uppercase)
}

/// `TideTable`, `Get-Tide`
fn is_identifier(text: &str) -> bool {
    let is_hump = |two: &[u8]| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase();
    !text.contains(' ') && (text.contains('-') || text.as_bytes().windows(2).any(is_hump))
}

/// How sentences and instructions end.
const ENDINGS_JA: &[&str] =
    &["します", "しました", "ください", "です", "ません", "ります", "きます", "れます", "選択", "クリック"];
const ENDINGS_KO: &[&str] = &["니다", "세요", "십시오"];

/// The verbs for what is done with a label.
const INSTRUCTIONS_JA: &[&str] = &["選択", "クリックし", "入力し"];
const INSTRUCTIONS_KO: &[&str] = &["선택합", "선택하", "클릭합", "클릭하", "입력합", "입력하"];
const SELECT: [&str; 5] = ["choose", "click", "enter", "select", "type"];

/// Words with which labels begin that are instructions or sentences, sorted.
const VERBS: [&str; 91] = [
    "accept",
    "add",
    "allow",
    "allowed",
    "apply",
    "assign",
    "avoid",
    "build",
    "change",
    "check",
    "choose",
    "clear",
    "click",
    "configure",
    "confirm",
    "connect",
    "copy",
    "create",
    "delete",
    "deny",
    "disable",
    "discover",
    "download",
    "edit",
    "enable",
    "enter",
    "export",
    "find",
    "follow",
    "get",
    "give",
    "go",
    "help",
    "i",
    "import",
    "install",
    "join",
    "keep",
    "know",
    "learn",
    "leave",
    "let",
    "make",
    "manage",
    "migrate",
    "move",
    "no",
    "open",
    "pay",
    "prepare",
    "provide",
    "publish",
    "register",
    "remove",
    "renew",
    "request",
    "resend",
    "reset",
    "respond",
    "return",
    "review",
    "run",
    "save",
    "search",
    "see",
    "select",
    "send",
    "set",
    "share",
    "show",
    "sign",
    "start",
    "stop",
    "submit",
    "subscribe",
    "switch",
    "sync",
    "tap",
    "to",
    "try",
    "turn",
    "type",
    "update",
    "upgrade",
    "upload",
    "use",
    "validate",
    "verify",
    "view",
    "yes",
    "you",
];
