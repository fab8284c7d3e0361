//! The loops of machine translation.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use foldhash::fast::FixedState;

use super::{Check, Example, Facts, Hits, Kind, OBJECT, Severity, Side, Subject, english, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "repeated",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Warning,
    says: "A word or clause is repeated, three times in a row, or, in Latin script, as a whole clause, and not so in the source.",
    example: Example {
        locale: "ko-KR",
        source: "The file is overwritten.",
        target: "파일을 덮어 덮어 덮어씁니다.",
    },
    traps: "A long word of the source that occurs twice explains a clause that occurs twice, and so does a label in two languages: `Sail (Segel)`.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if target.prose.len() < 12 || subject.is_copy() {
        return;
    }
    if let Some(range) = three_times(&target.prose)
        && three_times(&source.prose).is_none()
    {
        let reason = format!("three times in a row: {}", quoted(target.at(&range)));
        return hits.in_target(range, reason);
    }
    // In other scripts, a clause that occurs twice is more often right than wrong.
    if !subject.is_machine()
        || target.prose.len() < 2 * WINDOW
        || scan::is_of_other_script(subject.language())
        || is_label_in_two_languages(&source.prose, &target.prose)
    {
        return;
    }
    if let Some([first, second]) = clause_twice(&target.prose, is_clause)
        && !has_reason_to_repeat(source)
    {
        let clause = target.at(&second).trim();
        // A name can be longer than a clause, and in both texts twice.
        if source.text.matches(clause).take(2).count() < 2 {
            let reason = format!("the clause {} occurs twice", quoted(clause));
            hits.add(Vec::new(), vec![first, second], reason);
        }
    }
}

/// Whether the target is the source and behind it, in brackets, a translation, which has the names of the source again.
fn is_label_in_two_languages(source: &str, target: &str) -> bool {
    let fold = |c: char| if matches!(c, '\u{2013}' | '\u{2014}') { '-' } else { c };
    let mut rest = target.chars().map(fold);
    source.trim().chars().map(fold).all(|c| rest.next() == Some(c))
        && rest.find(|c| *c != ' ').is_some_and(|c| matches!(c, '(' | '（'))
}

/// Whether the source itself says something twice: a word that is there twice, or words such as `another`.
fn has_reason_to_repeat(source: &Side<'_>) -> bool {
    let mut seen = HashSet::new();
    source.words().iter().any(|word| {
        let text = source.prose[word.range.clone()].to_lowercase();
        let says_so =
            ["another", "both", "each", "either", "other", "respectively", "same"].contains(&text.as_str());
        says_so || text.len() >= 5 && !english::is_function_word(&text) && !seen.insert(text)
    })
}

/// Whether a stretch that occurs twice is a clause: long, and of letters.
fn is_clause(text: &str) -> bool {
    let text = text.trim();
    let letters = text.chars().filter(|c| scan::is_letter(*c)).count();
    letters >= 30 && text.chars().count() >= 40 && !text.contains(OBJECT)
}

/// The longest unit, in bytes, that is looked for three times in a row.
const LONGEST_UNIT: usize = 72;

/// The first stretch in which a unit with letters occurs three times in a row.
///
/// A stretch of three bytes that comes again after a distance, and once more after the same one, is a candidate. Each is compared
/// byte by byte as far as it goes; the search continues after its end. So each byte is compared a few times.
fn three_times(prose: &str) -> Option<Range<usize>> {
    let bytes = prose.as_bytes();
    // For the hash of three bytes: the position after the last ones, and the distance of the ones before.
    let mut known = [(0_u32, 0_u32); 256];
    let mut compared = 0;
    for (at, three) in bytes.windows(3).enumerate() {
        let hash = u32::from_le_bytes([three[0], three[1], three[2], 0]).wrapping_mul(0x9E37_79B1) >> 24;
        let (last, before) = known[hash as usize];
        let distance = if last == 0 { 0 } else { (at + 1) as u32 - last };
        known[hash as usize] = ((at + 1) as u32, distance);
        let unit = distance as usize;
        if distance == 0 || distance != before || !(2..=LONGEST_UNIT).contains(&unit) || at < compared {
            continue;
        }
        let same = |at: &usize| bytes[*at] == bytes[*at - unit];
        let start = at - (compared.max(unit)..at).rev().take_while(same).count();
        let end = at + (at..bytes.len()).take_while(same).count();
        if end - start >= 2 * unit {
            compared = end;
            let start = start - unit;
            let start = (start..end).find(|&at| prose.is_char_boundary(at)).unwrap_or(end);
            let end = (start..=end).rev().find(|&at| prose.is_char_boundary(at)).unwrap_or(start);
            if is_unit(&prose[start..end], unit) {
                return Some(start..end);
            }
        }
    }
    None
}

/// Whether a stretch of units of so many bytes is of words: it has letters, and is no run of one character.
fn is_unit(text: &str, unit: usize) -> bool {
    let first: Vec<char> = text.char_indices().take_while(|(at, _)| *at < unit).map(|(_, c)| c).collect();
    let letters = first.iter().filter(|c| c.is_alphabetic()).count();
    let has_space = first.contains(&' ');
    letters >= if has_space { 2 } else { 4 } && first.iter().any(|c| *c != first[0])
}

/// The bytes of a stretch that occurs twice, before it is extended.
const WINDOW: usize = 24;
/// An anchor begins at each multiple of it: a stretch of `WINDOW + STEP` bytes has a whole anchor.
const STEP: usize = 12;

/// The first two stretches, apart from each other, that are equal and accepted. A rolling hash (Karp and Rabin) is compared with that of
/// anchors. The search continues after a match, so each byte is compared a few times.
fn clause_twice(prose: &str, accepts: impl Fn(&str) -> bool) -> Option<[Range<usize>; 2]> {
    const BASE: u64 = 1_000_003;
    let bytes = prose.as_bytes();
    let top = (1..WINDOW).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut anchors: HashMap<u64, usize, FixedState> = HashMap::default();
    let mut hash = 0_u64;
    let mut compared = 0;
    for end in 1..=bytes.len() {
        if end > WINDOW {
            hash = hash.wrapping_sub(u64::from(bytes[end - 1 - WINDOW]).wrapping_mul(top));
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(bytes[end - 1]));
        let Some(start) = end.checked_sub(WINDOW) else { continue };
        if start >= compared
            && let Some(&earlier) = anchors.get(&hash)
            && earlier + WINDOW <= start
            && bytes[earlier..earlier + WINDOW] == bytes[start..end]
        {
            let gap = start - earlier;
            let room = earlier.min(start - compared);
            let back = (1..=room).take_while(|back| bytes[earlier - back] == bytes[start - back]).count();
            let ahead = (end..bytes.len())
                .take_while(|&at| bytes[at] == bytes[at - gap] && at - gap < start - back)
                .count();
            let range = |from: usize, to: usize| {
                let from = (from..to).find(|&at| prose.is_char_boundary(at)).unwrap_or(to);
                from..(from..=to).rev().find(|&at| prose.is_char_boundary(at)).unwrap_or(from)
            };
            let first = range(earlier - back, earlier + WINDOW + ahead);
            let second = range(start - back, end + ahead);
            compared = end + ahead;
            if first.end <= second.start && accepts(&prose[second.clone()]) {
                return Some([first, second]);
            }
        }
        if start.is_multiple_of(STEP) {
            anchors.entry(hash).or_insert(start);
        }
    }
    None
}
