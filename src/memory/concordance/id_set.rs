//! A bit set of ids.

use std::rc::Rc;

use rusqlite::types::Value;
use rusqlite::vtab::array::Array;

/// Consecutive ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IdRange {
    pub first: u32,
    pub last: u32,
}

impl IdRange {
    /// Ranges as the parameter of the table `rarray(?)`, whose column `value` holds the two ids of each: see [`IdRange::SQL`].
    pub fn array(ranges: &[IdRange]) -> Array {
        let value =
            |range: &IdRange| Value::Integer((u64::from(range.first) << 32 | u64::from(range.last)) as i64);
        Rc::new(ranges.iter().map(value).collect())
    }

    /// A condition of SQL: that the column before it is in the range of a row of that table.
    pub const SQL: &str = "between value >> 32 & 0xffffffff and value & 0xffffffff";
}

/// A bit set of ids. Ids are dense, so it is a small fraction of the size of the texts, and filling it is faster than
/// sorting a list: a common word occurs in half of the texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct IdSet(Vec<u64>);

impl IdSet {
    pub fn insert(&mut self, id: u32) {
        let word = id as usize / 64;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (id % 64);
    }

    pub fn contains(&self, id: u32) -> bool {
        self.0.get(id as usize / 64).is_some_and(|word| word >> (id % 64) & 1 == 1)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The ids, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..).step_by(64).zip(&self.0).flat_map(|(first, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let id = (left != 0).then(|| first + left.trailing_zeros())?;
                left &= left - 1;
                Some(id)
            })
        })
    }

    /// The ids as ranges that are as long as possible, ascending.
    pub fn ranges(&self) -> impl Iterator<Item = IdRange> + '_ {
        let mut next = 0;
        std::iter::from_fn(move || {
            let first = self.position(next, 0)?;
            next = self.position(first, u64::MAX).unwrap_or(64 * self.0.len());
            Some(IdRange { first: first as u32, last: (next - 1) as u32 })
        })
    }

    /// The first position from `from` on that is in the set, or that is not: the first bit that is set in the words, each of them
    /// combined with `flip` by an exclusive or.
    fn position(&self, from: usize, flip: u64) -> Option<usize> {
        let mut at = from / 64;
        let mut word = (self.0.get(at)? ^ flip) & (u64::MAX << (from % 64));
        while word == 0 {
            at += 1;
            word = self.0.get(at)? ^ flip;
        }
        Some(64 * at + word.trailing_zeros() as usize)
    }
}

impl Extend<u32> for IdSet {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, ids: I) {
        ids.into_iter().for_each(|id| self.insert(id));
    }
}

impl FromIterator<u32> for IdSet {
    fn from_iter<I: IntoIterator<Item = u32>>(ids: I) -> Self {
        let mut set = IdSet::default();
        set.extend(ids);
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    proptest::proptest! {
        #[test]
        fn it_holds_what_a_sorted_set_holds(runs in proptest::collection::vec((0_u32..400, 0_u32..140), 0..8)) {
            let expected: BTreeSet<u32> = runs.iter().flat_map(|&(first, length)| first..first + length).collect();
            let set: IdSet = runs.iter().flat_map(|&(first, length)| first..first + length).collect();
            proptest::prop_assert!(set.iter().eq(expected.iter().copied()));
            proptest::prop_assert_eq!(set.len(), expected.len());
            proptest::prop_assert_eq!(set.is_empty(), expected.is_empty());
            proptest::prop_assert!((0..700).all(|id| set.contains(id) == expected.contains(&id)));
            let ranges: Vec<IdRange> = set.ranges().collect();
            proptest::prop_assert!(ranges.iter().flat_map(|range| range.first..=range.last).eq(expected));
            proptest::prop_assert!(ranges.windows(2).all(|two| two[0].last + 1 < two[1].first));
        }
    }
    #[test]
    fn sqlite_finds_the_ids_of_ranges() {
        let memory = crate::memory::Memory::transient().unwrap();
        let ranges =
            [(0, 0), (3, 5), (64, 64), (u32::MAX - 1, u32::MAX)].map(|(first, last)| IdRange { first, last });
        let ids = "(select 0 as id union select 1 union select 4 union select 63 union select 4294967295)";
        let sql = format!("select id from rarray(?1) cross join {ids} where id {} order by id", IdRange::SQL);
        let mut statement = memory.connection.prepare(&sql).unwrap();
        let found = statement.query_map([IdRange::array(&ranges)], |row| row.get::<_, i64>(0)).unwrap();
        assert!(found.map(Result::unwrap).eq([0, 4, 4_294_967_295]));
    }
}
