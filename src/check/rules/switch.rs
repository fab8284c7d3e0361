//! Options of commands that were translated.

use super::{
    Check, Example, Facts, Hits, Kind, MARK, Name, NameKind, Severity, Subject, compare, english, quoted,
    report_names,
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
    if !source.prose.contains('-') {
        return;
    }
    let is_whole = |name: &Name| {
        let outside = |text: &str| text.chars().all(|c| c.is_whitespace() || c == MARK);
        outside(&source.prose[..name.range.start]) && outside(&source.prose[name.range.end..])
    };
    let is_missing = |name: &Name| {
        let (seen, kept) = facts.kept(&name.text);
        let word = name.text.trim_start_matches('-');
        name.kind == NameKind::Switch
            && !compare::contains_folded(target.flat(), &name.text)
            && (is_whole(name)
                || seen >= 4 && kept * 5 >= seen * 4 && !english::is_function_word(word) && word != "example")
    };
    report_names(subject, hits, is_missing, |name| {
        let became =
            if is_whole(name) { format!(", it became {}", quoted(target.text)) } else { String::new() };
        format!("the option {} is missing{became}", quoted(&name.text))
    });
}
