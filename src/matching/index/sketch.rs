//! Sketches: how often the characters of a text occur, in 16 classes of characters.
//!
//! They bound the Levenshtein distance over characters from below: an edit changes the number of characters in a class by one, in
//! two classes at most, one up and one down. This is the bag distance (Bartolini, Ciaccia and Patella, "String Matching with Metric
//! Trees Using an Approximate Distance", 2002) over classes.

/// The number of characters in each of 16 classes, at most 15: four bits a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sketch(u64);

/// The largest number of characters in a class that a sketch can tell.
const MOST: u64 = 15;

impl Sketch {
    /// The sketch of a text.
    pub fn of(text: &str) -> Sketch {
        let mut counts = 0_u64;
        for c in text.chars() {
            let class = u32::from(c).wrapping_mul(0x9e37_79b1) >> 28;
            let shift = 4 * class;
            if counts >> shift & MOST < MOST {
                counts += 1 << shift;
            }
        }
        Sketch(counts)
    }

    pub(super) fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    pub(super) fn from_bytes(bytes: [u8; 8]) -> Sketch {
        Sketch(u64::from_le_bytes(bytes))
    }

    /// A lower bound of the Levenshtein distance over characters between two texts with these sketches.
    pub(super) fn distance_at_least(self, other: Sketch) -> u16 {
        let (mut more, mut fewer) = (0, 0);
        for (one, other) in self.0.to_le_bytes().into_iter().zip(other.0.to_le_bytes()) {
            for (one, other) in [(one & 15, other & 15), (one >> 4, other >> 4)] {
                more += u16::from(one.saturating_sub(other));
                fewer += u16::from(other.saturating_sub(one));
            }
        }
        more.max(fewer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matching::Query;

    #[test]
    fn a_sketch_tells_words_apart_and_equal_letters_not() {
        let distance = |one: &str, other: &str| Sketch::of(one).distance_at_least(Sketch::of(other));
        assert_eq!(distance("Save", "Save"), 0);
        assert_eq!(distance("listen", "silent"), 0);
        assert_eq!(distance("files", "file"), 1);
        assert!(distance("Example", "Contoso") >= 4);
        assert_eq!(distance(&"a".repeat(20), &"a".repeat(40)), 0);
    }

    proptest! {
        #[test]
        fn the_bound_is_at_most_the_distance(a in "[a-fxyz저장中]{0,40}", b in "[a-fxyz저장中]{0,40}") {
            let longer = a.chars().count().max(b.chars().count());
            let bound = usize::from(Sketch::of(&a).distance_at_least(Sketch::of(&b)));
            let highest = 10_000 * (longer - bound.min(longer)) / longer.max(1);
            let similarity = usize::from(Query::new(&a).similarity(&b).hundredths());
            prop_assert!(longer == 0 || similarity <= highest, "{similarity} {highest}");
        }
    }
}
