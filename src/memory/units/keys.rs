//! Numbers for the ids of a table.

use rusqlite::Connection;

/// The ids of a table in ascending order; an id's number is its place among them. Takes a bit for each id that was ever given,
/// and nothing where none is missing.
pub(super) struct Keys {
    first: i64,
    length: u32,
    /// Which ids there are, where some are missing.
    gaps: Option<Bits>,
}

struct Bits {
    words: Vec<u64>,
    /// How many ids there are before each word.
    before: Vec<u32>,
}

impl Keys {
    /// Reads the ids of a table.
    pub fn read(memory: &Connection, table: &str) -> rusqlite::Result<Keys> {
        let sql = format!("select count(*), coalesce(min(id), 1), coalesce(max(id), 0) from {table}");
        let (length, first, last): (u32, i64, i64) =
            memory.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let span = last - first + 1;
        if span == i64::from(length) {
            return Ok(Keys { first, length, gaps: None });
        }
        let mut words = vec![0u64; (span as usize).div_ceil(64)];
        let mut all = memory.prepare(&format!("select id from {table}"))?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let at = (row.get::<_, i64>(0)? - first) as usize;
            words[at / 64] |= 1 << (at % 64);
        }
        let mut count = 0;
        let mut before = Vec::with_capacity(words.len());
        for word in &words {
            before.push(count);
            count += word.count_ones();
        }
        Ok(Keys { first, length, gaps: Some(Bits { words, before }) })
    }

    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// The number of an id; `None` where there is no such.
    pub fn number(&self, key: i64) -> Option<u32> {
        let at = usize::try_from(key.checked_sub(self.first)?).ok()?;
        let Some(Bits { words, before }) = &self.gaps else {
            return u32::try_from(at).ok().filter(|&number| number < self.length);
        };
        let (word, bit) = (words.get(at / 64)?, at % 64);
        let below = word & ((1 << bit) - 1);
        (word >> bit & 1 == 1).then(|| before[at / 64] + below.count_ones())
    }

    /// The id of a number.
    pub fn key(&self, number: u32) -> i64 {
        let Some(Bits { words, before }) = &self.gaps else {
            return self.first + i64::from(number);
        };
        let word = before.partition_point(|&before| before <= number) - 1;
        let mut rest = words[word];
        for _ in before[word]..number {
            rest &= rest - 1;
        }
        self.first + (word * 64) as i64 + i64::from(rest.trailing_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: &[i64]) -> Keys {
        let memory = Connection::open_in_memory().unwrap();
        memory
            .execute_batch("create table t (id integer primary key, x); create index t_by_x on t (x)")
            .unwrap();
        for id in ids {
            memory.execute("insert into t values (?1, 0)", [id]).unwrap();
        }
        Keys::read(&memory, "t").unwrap()
    }

    #[test]
    fn numbers_and_ids_give_each_other() {
        let all: Vec<i64> = (7..500).collect();
        let some: Vec<i64> = (1..5000).filter(|id| id % 7 == 3 || (900..1100).contains(id)).collect();
        for ids in [vec![], vec![1], vec![900], vec![1, 2, 900, 901, 5000], all, some] {
            let keys = keys(&ids);
            assert_eq!(keys.len(), ids.len());
            for (number, &id) in ids.iter().enumerate() {
                assert_eq!(keys.number(id), Some(number as u32), "{id} of {} ids", ids.len());
                assert_eq!(keys.key(number as u32), id);
            }
            let missing = (-70..6000).filter(|id| !ids.contains(id)).chain([i64::MIN, i64::MAX]);
            assert!(missing.into_iter().all(|id| keys.number(id).is_none()));
        }
    }
}
