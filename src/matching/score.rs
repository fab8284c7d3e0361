//! The formula of the score, and the bounds on lengths and distances that follow from it. In whole numbers, rounded down.

use std::ops::RangeInclusive;

use crate::model::Score;

/// The length in characters of the longest text with fuzzy matches. A longer one matches only the same text: the bit-parallel
/// distance needs time and memory in proportion to the product of two lengths. Segments of documents stay below a third of it.
pub const LONGEST_COMPARED: usize = 10_000;

/// Whether a text is longer than [`LONGEST_COMPARED`].
pub fn is_too_long(text: &str) -> bool {
    // A character has at least one byte, so short texts need not be counted.
    text.len() > LONGEST_COMPARED && text.chars().nth(LONGEST_COMPARED).is_some()
}

/// `floor(100 × (1 − distance / longer))` where `longer` is the number of tokens of the longer text (Koehn and Senellart,
/// Convergence of translation memory and statistical machine translation, 2010). 0 if neither has a token.
pub fn percent(distance: usize, longer: usize) -> u8 {
    if longer == 0 {
        return 0;
    }
    (100 * longer.saturating_sub(distance) / longer) as u8
}

/// The largest distance that reaches the floor; `longer` is the number of tokens of the longer text.
pub fn most_edits(longer: usize, floor: Score) -> usize {
    let floor = usize::from(floor.percent().min(100));
    longer - (longer * floor).div_ceil(100)
}

/// The lengths in tokens of texts that can reach the floor against a text of `length` tokens.
pub fn lengths(length: usize, floor: Score) -> RangeInclusive<usize> {
    let floor = usize::from(floor.percent().clamp(1, 100));
    (length * floor).div_ceil(100)..=length * 100 / floor
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scores_are_rounded_down() {
        for (distance, longer, expected) in
            [(0, 7, 100), (1, 3, 66), (1, 8, 87), (2, 7, 71), (1, 200, 99), (5, 5, 0), (0, 0, 0)]
        {
            assert_eq!(percent(distance, longer), expected, "{distance} of {longer}");
        }
    }

    proptest! {
        #[test]
        fn the_bounds_are_just_those_of_the_formula(m in 1_usize..300, n in 1_usize..300, floor in 1_u8..=100) {
            let longer = m.max(n);
            let floor_score = Score::new(floor).unwrap();
            let most = most_edits(longer, floor_score);
            prop_assert!(percent(most, longer) >= floor);
            prop_assert!(percent(most + 1, longer) < floor);
            let reaches = percent(m.abs_diff(n), longer) >= floor;
            prop_assert_eq!(lengths(m, floor_score).contains(&n), reaches);
        }
    }
}
