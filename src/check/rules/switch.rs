//! Options of commands that were translated.

use super::{
    Check, Example, Facts, Hits, Kind, MARK, Name, NameKind, Severity, Subject, compare, english, quoted,
};

pub(in crate::check) const CHECK: Check = Check {
    id: "switch",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Warning,
    says: "An option of a command, `-Name` or `--name`, is missing in the target.",
    example: Example { locale: "ko-KR", source: "-TideLevel", target: "-조수 수준" },
    traps: "An option counts if it is the whole segment, or if the set keeps it in 80 % of its other translations.",
    rule,
};

fn rule(subject: &Subject<'_>, facts: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !source.prose.contains('-') || subject.is_copy() {
        return;
    }
    let is_whole = |name: &Name| {
        let outside = |text: &str| text.chars().all(|c| c.is_whitespace() || c == MARK);
        outside(&source.prose[..name.range.start]) && outside(&source.prose[name.range.end..])
    };
    let missing: Vec<_> = source
        .names()
        .iter()
        .filter(|name| name.kind == NameKind::Switch)
        .filter(|name| !compare::contains_folded(target.flat(), &name.text))
        .filter(|name| {
            let (seen, kept) = facts.kept(&name.text);
            let word = name.text.trim_start_matches('-');
            is_whole(name)
                || seen >= 4 && kept * 5 >= seen * 4 && !english::is_function_word(word) && word != "example"
        })
        .collect();
    if let Some(first) = missing.first() {
        let places = missing.iter().map(|name| name.range.clone()).collect();
        let became =
            if is_whole(first) { format!(", it became {}", quoted(target.text)) } else { String::new() };
        hits.add(places, Vec::new(), format!("the option {} is missing{became}", quoted(&first.text)));
    }
}
