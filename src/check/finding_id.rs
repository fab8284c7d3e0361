//! The name of a finding, by which it is accepted and recognized again.

use std::fmt;
use std::str::FromStr;

use super::definition::Check;
use super::subject::Pair;

/// The name of a finding: 48 bits of a BLAKE3 hash of the check, the two locales and the two texts, as 12 hexadecimal digits.
///
/// It depends on nothing else: neither on the document nor on the set, the line or the segment's id. So the same pair has the same
/// name wherever it occurs, and after each import, and a change of either text makes a new finding. Among a hundred thousand
/// findings, two share a name with a probability of 1 in 56,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId(u64);

impl FindingId {
    const DIGITS: usize = 12;

    /// The name of what a check finds in a pair.
    pub fn new(check: &Check, pair: &Pair<'_>) -> FindingId {
        let mut hasher = blake3::Hasher::new();
        let locales = [pair.source_locale.as_str(), pair.target_locale.as_str()];
        for text in [check.id, locales[0], locales[1], pair.source, pair.target] {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        FindingId(u64::from_be_bytes(first) >> (64 - 4 * FindingId::DIGITS))
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:0width$x}", self.0, width = FindingId::DIGITS)
    }
}

impl FromStr for FindingId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_id = text.len() == FindingId::DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_id);
        number
            .map(FindingId)
            .ok_or("a finding is named by 12 hexadecimal digits, as `bitext check` prints them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{CHECKS, Neighbours};

    #[test]
    fn the_name_depends_on_check_locales_and_texts_alone() {
        let (english, korean) = ("en-US".parse().unwrap(), "ko-KR".parse().unwrap());
        let pair = Pair {
            source: "Berth",
            target: "선석",
            source_locale: &english,
            target_locale: &korean,
            workflow: None,
            no_loc: &[],
            neighbours: Neighbours::default(),
        };
        let id = FindingId::new(&CHECKS[0], &pair);
        assert_eq!(id.to_string().parse(), Ok(id));
        let by_machine = Pair { workflow: Some(crate::model::Workflow::Machine), ..pair };
        assert_eq!(FindingId::new(&CHECKS[0], &by_machine), id);
        assert_ne!(FindingId::new(&CHECKS[1], &pair), id);
        assert_ne!(FindingId::new(&CHECKS[0], &Pair { target_locale: &english, ..pair }), id);
        assert_ne!(FindingId::new(&CHECKS[0], &Pair { source: "Berth선", target: "석", ..pair }), id);
        for text in ["", "12", "0123456789ag", "0123456789ab0", "+123456789ab"] {
            assert!(text.parse::<FindingId>().is_err(), "{text}");
        }
    }
}
