//! A full scan: compares every text of the memory with the query. It is the test oracle of `bitext verify`, so it shares little
//! code with the index: the distance is computed by a plain table, not by the bit vectors of [`crate::matching`].

use std::collections::HashMap;

use super::{Lookup, LookupOptions};
use crate::markup::plain;
use crate::matching::index::Hit;
use crate::matching::{Match, Query, folded, is_too_long, percent, token_ranges};
use crate::memory::{Memory, MemoryError};

/// All texts that a lookup compares with, in memory.
pub struct Scan<'m> {
    lookup: Lookup<'m>,
    numbers: HashMap<String, u32>,
    tokens: Vec<u32>,
    texts: Vec<Text>,
}

struct Text {
    index: usize,
    id: u32,
    start: usize,
    length: usize,
    is_too_long: bool,
}

impl<'m> Scan<'m> {
    /// Reads all texts.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn new(memory: &'m Memory, options: LookupOptions) -> Result<Self, MemoryError> {
        let lookup = Lookup::new(memory, options)?;
        let mut scan = Scan { lookup, numbers: HashMap::new(), tokens: Vec::new(), texts: Vec::new() };
        for number in 0..scan.lookup.indexes.len() {
            let index = scan.lookup.indexes.get(number);
            let sql = format!("select id, text from {} where locale_id = ?1 order by id", index.role.table());
            let locale = index.locale_id;
            let mut read = || -> rusqlite::Result<()> {
                let mut statement = memory.connection.prepare(&sql)?;
                let mut rows = statement.query([locale])?;
                while let Some(row) = rows.next()? {
                    scan.add(number, row.get(0)?, row.get_ref(1)?.as_str()?);
                }
                Ok(())
            };
            memory.at(read())?;
        }
        Ok(scan)
    }

    fn add(&mut self, index: usize, id: u32, text: &str) {
        let start = self.tokens.len();
        let plain = plain(text);
        for range in token_ranges(&plain) {
            let next = self.numbers.len() as u32 + 1;
            let number = match self.numbers.get(&*folded(&plain[range.clone()])) {
                Some(&number) => number,
                None => *self.numbers.entry(folded(&plain[range]).into_owned()).or_insert(next),
            };
            self.tokens.push(number);
        }
        let length = self.tokens.len() - start;
        self.texts.push(Text { index, id, start, length, is_too_long: is_too_long(text) });
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// A text by its number, in the order of roles, locales and ids; `None` if it was deleted meanwhile.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn text(&self, number: usize) -> Result<Option<String>, MemoryError> {
        let text = &self.texts[number];
        let memory = self.lookup.memory;
        let read = self.lookup.indexes.get(text.index).text(&memory.connection, text.id);
        Ok(memory.at(read)?.map(|(text, _)| text))
    }

    /// The matches of a text without context, which [`Lookup::find`] must return too.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn find(&mut self, text: &str) -> Result<Vec<Match>, MemoryError> {
        let mut query = Query::new(text);
        let unknown = self.numbers.len() as u32 + 1;
        let numbers = |token: &str| self.numbers.get(token).copied().unwrap_or(unknown);
        let queried: Vec<u32> = query.tokens().map(numbers).collect();
        let floor = self.lookup.options.floor.percent();
        let mut hits = Vec::new();
        for text in &self.texts {
            let longer = queried.len().max(text.length);
            let most = longer * usize::from(100 - floor.min(100)) / 100;
            let found = &self.tokens[text.start..text.start + text.length];
            // A long text matches only the same text.
            let distance = match (text.is_too_long, query.is_too_long()) {
                (false, false) => distance(&queried, found, most),
                (true, true) if queried == found => Some(0),
                _ => None,
            };
            let Some(distance) = distance else { continue };
            let at_most = if longer == 0 { 100 } else { percent(distance, longer) };
            if at_most >= floor.min(99) {
                hits.push(Hit { group: text.index, id: text.id, at_most, characters: u16::MAX, edits: 0 });
            }
        }
        let found = self.lookup.rank(&mut query, &Default::default(), hits, &mut |_| None::<()>)?;
        found.into_iter().map(|(candidate, _)| self.lookup.with_first_place(candidate)).collect()
    }
}

/// The Levenshtein distance by dynamic programming (Wagner and Fischer, 1974), `None` if it is above `most`. Holds two rows of
/// the table, and computes only the cells within `most` of the diagonal (Ukkonen, 1985): a cell outside this band is above
/// `most`, because each step away from the diagonal costs one.
fn distance(a: &[u32], b: &[u32], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let above = most + 1;
    let mut row: Vec<usize> = (0..=b.len()).map(|column| column.min(above)).collect();
    let mut next = vec![above; b.len() + 1];
    for (line, token) in (1_usize..).zip(a) {
        let first = line.saturating_sub(most).max(1);
        let last = (line + most).min(b.len());
        next[first - 1] = if first == 1 { line } else { above };
        let (mut left, mut lowest) = (next[first - 1], next[first - 1]);
        let cells =
            next[first..=last].iter_mut().zip(row[first - 1..=last].windows(2)).zip(&b[first - 1..last]);
        for ((cell, over), other) in cells {
            left = (over[0] + usize::from(token != other)).min(over[1] + 1).min(left + 1);
            lowest = lowest.min(left);
            *cell = left;
        }
        // No cell of a later row is below the lowest of this one.
        if lowest > most {
            return None;
        }
        std::mem::swap(&mut row, &mut next);
    }
    Some(row[b.len()]).filter(|&distance| distance <= most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The distance by the whole table.
    fn by_whole_table(a: &[u32], b: &[u32]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for line in 0..=a.len() {
            for column in 0..=b.len() {
                table[line][column] = match (line, column) {
                    (0, _) | (_, 0) => line + column,
                    _ => {
                        let replaced =
                            table[line - 1][column - 1] + usize::from(a[line - 1] != b[column - 1]);
                        replaced.min(table[line - 1][column] + 1).min(table[line][column - 1] + 1)
                    }
                };
            }
        }
        table[a.len()][b.len()]
    }

    #[test]
    fn the_textbooks_words_are_as_far_apart_as_it_says() {
        let numbers = |word: &str| word.chars().map(u32::from).collect::<Vec<_>>();
        let (kitten, sitting) = (numbers("kitten"), numbers("sitting"));
        assert_eq!(distance(&kitten, &sitting, 3), Some(3));
        assert_eq!(distance(&kitten, &sitting, 2), None);
        assert_eq!(distance(&[], &sitting, 7), Some(7));
        assert_eq!(distance(&[], &[], 0), Some(0));
    }

    proptest! {
        #[test]
        fn the_band_leaves_nothing_out(
            a in prop::collection::vec(0_u32..5, 0..30),
            b in prop::collection::vec(0_u32..5, 0..30),
            most in 0_usize..32,
        ) {
            let expected = by_whole_table(&a, &b);
            prop_assert_eq!(distance(&a, &b, most), (expected <= most).then_some(expected));
        }
    }
}
