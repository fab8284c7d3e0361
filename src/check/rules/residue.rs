//! What machine translation left behind.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "residue",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Error,
    says: "The target has remains of machine translation: marks of tags (`<c4>`), spelled letters (`n a m e`), `???`, a full stop inside a number.",
    example: Example {
        locale: "ko-KR",
        source: "The name of the berth is `name`.",
        target: "선석의 이름은 n a m e입니다.",
    },
    traps: "Languages with words of one letter (a, o, y, i, w, z) need a consonant among the letters.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    for (find, reason) in KINDS {
        let found = find(&target.prose);
        if let Some(first) = found.first()
            && find(&source.prose).is_empty()
        {
            let reason = format!("{reason}: {}", quoted(target.at(first)));
            return hits.add(Vec::new(), found, reason);
        }
    }
    let spelled = spelled_letters(&target.prose, subject.language());
    if let Some(first) = spelled.first()
        && spelled_letters(&source.prose, "").is_empty()
    {
        let reason = format!("spelled letters in place of a name: {}", quoted(target.at(first)));
        hits.add(Vec::new(), spelled, reason);
    }
}

type Find = fn(&str) -> Vec<Range<usize>>;

const KINDS: [(Find, &str); 4] = [
    (tag_marks, "the mark of a tag"),
    (numbered_marks, "the mark of a placeholder"),
    (question_marks, "question marks in place of letters"),
    (stops_in_numbers, "a full stop inside a number"),
];

/// `<c4>`, `< c4 >`
fn tag_marks(prose: &str) -> Vec<Range<usize>> {
    places(prose, '<', |rest| {
        let inside = rest.trim_start_matches(' ');
        let digits = inside.strip_prefix(['c', 'g', 'x'])?;
        let end = digits.trim_start_matches(|c: char| c.is_ascii_digit());
        let closed = end.trim_start_matches(' ').strip_prefix('>')?;
        (end.len() < digits.len()).then_some(rest.len() - closed.len())
    })
}

/// `# B1`
fn numbered_marks(prose: &str) -> Vec<Range<usize>> {
    places(prose, '#', |rest| {
        let digits = rest.strip_prefix(" B")?;
        let end = digits.trim_start_matches(|c: char| c.is_ascii_digit());
        (end.len() < digits.len()).then_some(rest.len() - end.len())
    })
}

/// `???`
fn question_marks(prose: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in prose.match_indices('?') {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs.retain(|run| run.len() >= 3);
    runs
}

/// `5。0`
fn stops_in_numbers(prose: &str) -> Vec<Range<usize>> {
    prose
        .match_indices('。')
        .filter(|(at, stop)| {
            prose[..*at].ends_with(|c: char| c.is_ascii_digit())
                && prose[at + stop.len()..].starts_with(|c: char| c.is_ascii_digit())
        })
        .map(|(at, stop)| at - 1..at + stop.len() + 1)
        .collect()
}

/// The places where a mark is followed by something that `length` recognizes. Looks at a few characters after each mark.
fn places(prose: &str, mark: char, length: impl Fn(&str) -> Option<usize>) -> Vec<Range<usize>> {
    let found = prose.match_indices(mark).filter_map(|(at, mark)| {
        let after = at + mark.len();
        let window = scan::prefix(&prose[after..], 12);
        Some(at..after + length(window)?)
    });
    found.collect()
}

/// Three and more small letters with spaces or full stops between them: `n a m e`, `t. t. m a t.`
fn spelled_letters(prose: &str, language: &str) -> Vec<Range<usize>> {
    // One letter is a word in many languages of Latin script: à, e, o, y; a, i, o, u, w, z.
    let has_short_words = !scan::is_of_other_script(language);
    let mut found = Vec::new();
    let mut run: Option<(Range<usize>, usize, usize, bool)> = None;
    let bytes = prose.as_bytes();
    let mut close = |run: &mut Option<(Range<usize>, usize, usize, bool)>| {
        if let Some((range, letters, spaces, has_consonant)) = run.take()
            && letters >= 3
            && spaces >= 2
            && (has_consonant || !has_short_words)
        {
            found.push(range);
        }
    };
    let mut at = 0;
    while at < bytes.len() {
        let is_border = |b: Option<&u8>| {
            b.is_none_or(|b| b.is_ascii() && !b.is_ascii_alphanumeric() && !b"'-_/".contains(b))
        };
        let before = at.checked_sub(1).map(|before| &bytes[before]);
        let is_single = bytes[at].is_ascii_lowercase() && is_border(before) && is_border(bytes.get(at + 1));
        if is_single {
            let is_consonant = !b"aeiouywzk".contains(&bytes[at]);
            match &mut run {
                Some((range, letters, _, has_consonant)) => {
                    range.end = at + 1;
                    *letters += 1;
                    *has_consonant |= is_consonant;
                }
                None => run = Some((at..at + 1, 1, 0, is_consonant)),
            }
        } else if bytes[at] == b' ' {
            if let Some((_, _, spaces, _)) = &mut run {
                *spaces += 1;
            }
        } else if bytes[at] != b'.' {
            close(&mut run);
        }
        at += 1;
    }
    close(&mut run);
    found
}
