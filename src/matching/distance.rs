//! Myers' bit-parallel Levenshtein distance over tokens ("A Fast Bit-Vector Algorithm for Approximate String Matching Based on
//! Dynamic Programming", 1999), in Hyyrö's form for whole strings (2003). Patterns longer than a machine word have several blocks.

/// A text prepared for comparison with many others. Equal tokens have the same small number.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    length: usize,
    words: usize,
    /// For each number a bit set of the positions of its token, in `words` words. That of [`ABSENT`] is empty.
    positions: Vec<u64>,
    up: Vec<u64>,
    down: Vec<u64>,
}

/// The number of all tokens that are not in the pattern.
pub const ABSENT: u32 = 0;

impl Pattern {
    /// A pattern of tokens numbered from 1 to `distinct`.
    pub fn new(tokens: &[u32], distinct: u32) -> Self {
        let words = tokens.len().div_ceil(64);
        let mut positions = vec![0; words * (distinct as usize + 1)];
        for (at, &token) in tokens.iter().enumerate() {
            positions[token as usize * words + at / 64] |= 1 << (at % 64);
        }
        Pattern { length: tokens.len(), words, positions, up: vec![0; words], down: vec![0; words] }
    }

    /// The distance to a text of `length` tokens, `None` if it is above `most`. A token of the text is its number in the pattern,
    /// or [`ABSENT`].
    pub fn distance(
        &mut self,
        length: usize,
        tokens: impl Iterator<Item = u32>,
        most: usize,
    ) -> Option<usize> {
        if self.length.abs_diff(length) > most {
            return None;
        }
        match self.words {
            0 => Some(length),
            1 => self.distance_in_word(length, tokens, most),
            _ => self.distance_in_blocks(length, tokens, most),
        }
    }

    fn distance_in_word(
        &self,
        length: usize,
        tokens: impl Iterator<Item = u32>,
        most: usize,
    ) -> Option<usize> {
        let last = self.length - 1;
        let (mut up, mut down) = (!0_u64, 0_u64);
        let mut distance = self.length;
        let mut remaining = length;
        for token in tokens {
            let equal = self.positions[token as usize];
            let vertical = equal | down;
            let horizontal = ((equal & up).wrapping_add(up) ^ up) | equal;
            let plus = down | !(horizontal | up);
            let minus = up & horizontal;
            distance = distance + (plus >> last & 1) as usize - (minus >> last & 1) as usize;
            remaining -= 1;
            // Each remaining token lowers the distance by one at most.
            if distance > most + remaining {
                return None;
            }
            let plus = plus << 1 | 1;
            up = minus << 1 | !(vertical | plus);
            down = plus & vertical;
        }
        (distance <= most).then_some(distance)
    }

    fn distance_in_blocks(
        &mut self,
        length: usize,
        tokens: impl Iterator<Item = u32>,
        most: usize,
    ) -> Option<usize> {
        self.up.fill(!0);
        self.down.fill(0);
        let last = (self.length - 1) % 64;
        let mut distance = self.length;
        let mut remaining = length;
        for token in tokens {
            let equals = &self.positions[token as usize * self.words..][..self.words];
            // The carry from the block above. In the first row the distance grows by one from column to column.
            let (mut plus_in, mut minus_in) = (1_u64, 0_u64);
            for (block, &equal) in equals.iter().enumerate() {
                let (up, down) = (self.up[block], self.down[block]);
                let vertical = equal | down;
                let equal = equal | minus_in;
                let horizontal = ((equal & up).wrapping_add(up) ^ up) | equal;
                let plus = down | !(horizontal | up);
                let minus = up & horizontal;
                if block + 1 == self.words {
                    distance = distance + (plus >> last & 1) as usize - (minus >> last & 1) as usize;
                }
                let (plus_out, minus_out) = (plus >> 63, minus >> 63);
                let plus = plus << 1 | plus_in;
                let minus = minus << 1 | minus_in;
                self.up[block] = minus | !(vertical | plus);
                self.down[block] = plus & vertical;
                (plus_in, minus_in) = (plus_out, minus_out);
            }
            remaining -= 1;
            if distance > most + remaining {
                return None;
            }
        }
        (distance <= most).then_some(distance)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The distance by the textbook's table.
    fn by_table(a: &[u32], b: &[u32]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut corner = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let replaced = corner + (x != y) as usize;
                corner = row[j + 1];
                row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn the_distance_is_that_of_the_table(
            a in proptest::collection::vec(1_u32..6, 0..200),
            b in proptest::collection::vec(0_u32..6, 0..200),
            most in 0_usize..200,
        ) {
            let expected = by_table(&a, &b);
            let mut pattern = Pattern::new(&a, 5);
            for _ in 0..2 {
                let found = pattern.distance(b.len(), b.iter().copied(), most);
                prop_assert_eq!(found, (expected <= most).then_some(expected));
            }
        }

        #[test]
        fn texts_that_differ_in_a_few_tokens_are_few_edits_apart(
            a in proptest::collection::vec(1_u32..30, 1..150),
            edits in proptest::collection::vec((any::<prop::sample::Index>(), 0_u32..30), 0..6),
        ) {
            let mut b = a.clone();
            for (at, token) in edits {
                let at = at.index(b.len());
                if token % 3 == 0 && b.len() > 1 { b.remove(at); } else { b[at] = token; }
            }
            let found = Pattern::new(&a, 29).distance(b.len(), b.iter().copied(), 200);
            prop_assert_eq!(found, Some(by_table(&a, &b)));
        }
    }
}
