//! The loops of machine translation.

use std::collections::HashMap;
use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted, scan};

pub(in crate::check) const CHECK: Check = Check {
    id: "repeated",
    kind: Kind::Fault,
    machine: Severity::Error,
    human: Severity::Warning,
    says: "A word or clause is repeated, three times in a row or as a whole clause, and not so in the source.",
    example: Example {
        locale: "ko-KR",
        source: "The file is overwritten.",
        target: "파일을 덮어 덮어 덮어씁니다.",
    },
    traps: "A long word of the source that occurs twice explains a clause that occurs twice.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if target.prose.len() < 12 || subject.is_copy() {
        return;
    }
    let characters = Characters::new(&target.prose);
    if let Some(range) = characters.three_times()
        && Characters::new(&source.prose).three_times().is_none()
    {
        let reason = format!("three times in a row: {}", quoted(target.at(&range)));
        return hits.in_target(range, reason);
    }
    let window = if scan::is_of_other_script(subject.language()) { 16 } else { 30 };
    let mut seen = std::collections::HashSet::new();
    let has_word_twice = source
        .words()
        .iter()
        .filter(|word| word.range.len() >= 7)
        .any(|word| !seen.insert(source.at(&word.range).to_lowercase()));
    if has_word_twice {
        return;
    }
    if let Some([first, second]) = characters.clause_twice(window) {
        let clause = target.at(&second);
        // A name can be longer than a clause, and in both texts twice.
        if source.text.matches(clause).take(2).count() < 2
            && clause.chars().filter(|c| c.is_alphabetic()).count() * 2 > window
        {
            let reason = format!("the clause {} occurs twice", quoted(clause));
            hits.add(Vec::new(), vec![first, second], reason);
        }
    }
}

/// The characters of a prose, with their positions.
struct Characters {
    all: Vec<(usize, char)>,
    bytes: usize,
}

/// The longest unit that is looked for three times in a row.
const LONGEST_UNIT: usize = 24;

impl Characters {
    fn new(prose: &str) -> Self {
        Characters { all: prose.char_indices().collect(), bytes: prose.len() }
    }

    fn range(&self, first: usize, end: usize) -> Range<usize> {
        self.all[first].0..self.all.get(end).map_or(self.bytes, |(at, _)| *at)
    }

    /// The first unit with letters that occurs three times in a row. For each length of a unit, one pass.
    fn three_times(&self) -> Option<Range<usize>> {
        for period in 2..=LONGEST_UNIT {
            let mut equal = 0;
            for at in period..self.all.len() {
                let same = self.all[at].1 == self.all[at - period].1;
                equal = if same { equal + 1 } else { 0 };
                if equal >= 2 * period && self.is_unit(at + 1 - period, at + 1) {
                    return Some(self.range(at + 1 - 3 * period, at + 1));
                }
            }
        }
        None
    }

    /// Whether a stretch can be a word or a clause: it has letters, and is no run of one character.
    fn is_unit(&self, first: usize, end: usize) -> bool {
        let unit = &self.all[first..end];
        let letters = unit.iter().filter(|(_, c)| c.is_alphabetic()).count();
        let has_space = unit.iter().any(|(_, c)| *c == ' ');
        let is_one_character = unit.iter().all(|(_, c)| *c == unit[0].1);
        letters >= if has_space { 2 } else { 4 } && !is_one_character
    }

    /// Two stretches of so many characters, apart from each other, that are equal. A rolling hash finds them in one pass.
    fn clause_twice(&self, length: usize) -> Option<[Range<usize>; 2]> {
        const BASE: u64 = 1_000_003;
        if self.all.len() < 2 * length {
            return None;
        }
        let top = (1..length).fold(1_u64, |power, _| power.wrapping_mul(BASE));
        let mut first: HashMap<u64, usize> = HashMap::new();
        let mut hash = 0_u64;
        for end in 1..=self.all.len() {
            if end > length {
                hash = hash.wrapping_sub(u64::from(self.all[end - 1 - length].1).wrapping_mul(top));
            }
            hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(self.all[end - 1].1));
            let Some(start) = end.checked_sub(length) else { continue };
            let is_clause = self.all[start..end].iter().step_by(4).any(|(_, c)| c.is_alphabetic());
            let earlier = *first.entry(hash).or_insert(start);
            if is_clause && earlier + length <= start {
                let same =
                    (0..length).all(|offset| self.all[earlier + offset].1 == self.all[start + offset].1);
                if same {
                    return Some([self.range(earlier, earlier + length), self.range(start, end)]);
                }
            }
        }
        None
    }
}
