//! The same as a lookup without the index: every text of the memory is compared. Slow, and made of other parts where it can be
//! (the distances are those of the crate `rapidfuzz`), so that it proves something.

use std::collections::HashMap;

use rapidfuzz::distance::levenshtein::{Args, BatchComparator};

use super::{Lookup, LookupOptions};
use crate::markup::plain;
use crate::matching::index::Hit;
use crate::matching::{Match, Query, folded, percent, token_ranges};
use crate::memory::{Memory, MemoryError};

/// All texts that a lookup has to choose from, in memory.
pub struct Scan<'m> {
    lookup: Lookup<'m>,
    numbers: HashMap<String, u32>,
    tokens: Vec<u32>,
    texts: Vec<Text>,
}

struct Text {
    side: usize,
    id: u32,
    start: usize,
    length: usize,
}

impl<'m> Scan<'m> {
    /// Reads all texts.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn new(memory: &'m Memory, options: LookupOptions) -> Result<Self, MemoryError> {
        let lookup = Lookup::new(memory, options)?;
        let mut scan = Scan { lookup, numbers: HashMap::new(), tokens: Vec::new(), texts: Vec::new() };
        for side in 0..scan.lookup.indexes.len() {
            let at = scan.lookup.indexes.get(side);
            let sql = format!("select id, text from {} where locale_id = ?1 order by id", at.side.table());
            let locale = at.locale_id;
            let mut read = || -> rusqlite::Result<()> {
                let mut statement = memory.connection.prepare(&sql)?;
                let mut rows = statement.query([locale])?;
                while let Some(row) = rows.next()? {
                    scan.add(side, row.get(0)?, row.get_ref(1)?.as_str()?);
                }
                Ok(())
            };
            memory.at(read())?;
        }
        Ok(scan)
    }

    fn add(&mut self, side: usize, id: u32, text: &str) {
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
        self.texts.push(Text { side, id, start, length: self.tokens.len() - start });
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// A text by its number, in the order of roles, locales and ids; `None` where it is gone meanwhile.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn text(&self, number: usize) -> Result<Option<String>, MemoryError> {
        let text = &self.texts[number];
        let memory = self.lookup.memory;
        let read = self.lookup.indexes.get(text.side).text(&memory.connection, text.id);
        Ok(memory.at(read)?.map(|(text, _)| text))
    }

    /// What [`Lookup::find`] gives without context.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn find(&mut self, text: &str) -> Result<Vec<Match>, MemoryError> {
        let mut query = Query::new(text);
        let unknown = self.numbers.len() as u32 + 1;
        let numbers = |token: &str| self.numbers.get(token).copied().unwrap_or(unknown);
        let asked: Vec<u32> = query.tokens().map(numbers).collect();
        let comparator = BatchComparator::new(asked.iter().copied());
        let floor = self.lookup.options.floor.percent();
        let mut hits = Vec::new();
        for text in &self.texts {
            let longer = asked.len().max(text.length);
            let most = longer * usize::from(100 - floor.min(100)) / 100;
            let found = &self.tokens[text.start..text.start + text.length];
            let cutoff = Args::default().score_cutoff(most);
            let Some(distance) = comparator.distance_with_args(found.iter().copied(), &cutoff) else {
                continue;
            };
            let at_most = if longer == 0 { 100 } else { percent(distance, longer) };
            if at_most >= floor.min(99) {
                hits.push(Hit { group: text.side, id: text.id, at_most, characters: u16::MAX });
            }
        }
        let found = self.lookup.rank(&mut query, &Default::default(), hits)?;
        self.lookup.place(found)
    }
}
