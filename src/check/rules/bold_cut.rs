//! Bold text that ends inside a quotation or bracket.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, OBJECT, Severity, Side, Subject, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "bold_cut",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Warning,
    says: "Bold text is cut through a quotation mark or a bracket: it begins outside and ends inside.",
    example: Example {
        locale: "ja-JP",
        source: "On the **Berths** tab, select **Save**.",
        target: "[**バース] タブで [保存]** を選択します。",
    },
    traps: "Nothing is reported if bold text of the source is cut too. German and its like have „…“.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if !target.text.contains("**") || subject.is_copy() {
        return;
    }
    let has_low_quotes = target.text.contains('„');
    let cut: Vec<_> = spans(target)
        .into_iter()
        .filter(|span| is_cut(&target.prose[span.clone()], has_low_quotes))
        .collect();
    if let Some(first) = cut.first()
        && !spans(source).into_iter().any(|span| is_cut(&source.prose[span], has_low_quotes))
    {
        let reason = format!("bold cuts through a bracket or a quotation: {}", quoted(target.at(first)));
        hits.add(Vec::new(), cut, reason);
    }
}

/// The texts between one `**` and the next, whether Markdown takes them for bold or not.
fn spans(side: &Side<'_>) -> Vec<Range<usize>> {
    let bytes = side.prose.as_bytes();
    let marks = side.text.match_indices("**").map(|(at, _)| at).filter(|&at| {
        // Not in code, and no escape.
        bytes[at] != OBJECT as u8 && !side.text[..at].ends_with('\\')
    });
    let mut spans = Vec::new();
    let mut open = None;
    for at in marks {
        match open.take() {
            None => open = Some(at + 2),
            Some(start) if start <= at => spans.push(start..at),
            Some(_) => {}
        }
    }
    spans
}

fn is_cut(prose: &str, has_low_quotes: bool) -> bool {
    let mut open = Vec::new();
    let (mut straight, mut curly) = (0_usize, 0_i32);
    for c in prose.chars() {
        match c {
            '"' => straight += 1,
            '\u{201c}' if !has_low_quotes => curly += 1,
            '\u{201d}' if !has_low_quotes => curly -= 1,
            '\u{201e}' => curly += 1,
            '\u{201c}' | '\u{201d}' => curly -= 1,
            _ => {
                let c = scan::folded_bracket(c);
                if let Some(close) = scan::closing_of(c) {
                    open.push(close);
                } else if scan::is_closing(c) && open.pop() != Some(c) {
                    return true;
                }
            }
        }
    }
    !open.is_empty() || !straight.is_multiple_of(2) || curly != 0
}
