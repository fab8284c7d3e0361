//! Makes generations of the text indexes: one thread reads the texts and writes the blocks, the others make them.
//!
//! While a generation is put in order and compressed, the texts of the next one are being read: two are in the memory at once.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError, mpsc};

use rusqlite::Connection;

use super::{FORMAT, Wanted};
use crate::markup::plain;
use crate::matching::concordance::{TextBlock, TextBlockBuilder};
use crate::matching::index::{Block, BlockBuilder};
use crate::parallel::available_threads;

/// Texts that a thread takes at once.
const CHUNK: usize = 4096;

/// Texts as they were read: one piece, so that nothing small goes from thread to thread.
#[derive(Default)]
struct Chunk {
    text: String,
    /// Ids, locales, and where in the text each ends.
    rows: Vec<(u32, i64, usize)>,
}

impl Chunk {
    fn read(rows: &mut rusqlite::Rows<'_>) -> rusqlite::Result<Chunk> {
        let mut chunk = Chunk::default();
        while chunk.rows.len() < CHUNK {
            let Some(row) = rows.next()? else { break };
            chunk.text.push_str(row.get_ref(2)?.as_str()?);
            chunk.rows.push((row.get(0)?, row.get(1)?, chunk.text.len()));
        }
        Ok(chunk)
    }
}

/// The texts of a chunk, or of a generation, on their way into blocks.
#[derive(Default)]
struct Built {
    fuzzy: BTreeMap<(i64, usize), Block>,
    concordance: BTreeMap<i64, TextBlockBuilder>,
}

impl Built {
    fn of(chunk: &Chunk) -> Built {
        let mut builders: BTreeMap<i64, BlockBuilder> = BTreeMap::new();
        let mut concordance: BTreeMap<i64, TextBlockBuilder> = BTreeMap::new();
        let mut start = 0;
        for &(id, locale, end) in &chunk.rows {
            let text = &chunk.text[start..end];
            start = end;
            let plain = plain(text);
            builders.entry(locale).or_default().add(id, text, &plain);
            concordance.entry(locale).or_default().add(id, text, &plain);
        }
        let blocks = builders.into_iter().flat_map(|(locale, builder)| {
            builder.finish().map(move |block| ((locale, block.length()), block))
        });
        Built { fuzzy: blocks.collect(), concordance }
    }

    fn append(&mut self, other: Built) {
        for (key, block) in other.fuzzy {
            self.fuzzy.entry(key).or_insert_with(|| Block::empty(key.1)).append(&block);
        }
        for (locale, texts) in other.concordance {
            self.concordance.entry(locale).or_default().append(texts);
        }
    }

    fn finish(self) -> Finished {
        let fuzzy = self.fuzzy.into_iter().map(|((locale, length), block)| FuzzyRow {
            locale,
            length: length as i64,
            texts: block.ids().len() as i64,
            block: block.to_bytes(),
        });
        let concordance =
            self.concordance.into_iter().map(|(locale, builder)| (locale, builder.finish().collect()));
        Finished { fuzzy: fuzzy.collect(), concordance: concordance.collect() }
    }
}

/// A generation as it is kept.
struct Finished {
    fuzzy: Vec<FuzzyRow>,
    concordance: Vec<(i64, Vec<TextBlock>)>,
}

struct FuzzyRow {
    locale: i64,
    length: i64,
    texts: i64,
    block: Vec<u8>,
}

/// What there is to do: of which generation, and which chunk of it.
enum Task {
    Texts(usize, usize, Chunk),
    Finish(usize, Box<Built>),
}

enum Done {
    Texts(usize, usize, Box<Built>),
    Finished(usize, Finished),
}

impl Task {
    fn perform(self) -> Done {
        match self {
            Task::Texts(generation, number, chunk) => {
                Done::Texts(generation, number, Box::new(Built::of(&chunk)))
            }
            Task::Finish(generation, built) => Done::Finished(generation, built.finish()),
        }
    }
}

/// Makes these generations and writes them.
pub(super) fn build(connection: &Connection, wanted: Vec<Wanted>) -> rusqlite::Result<()> {
    let texts: i64 = wanted.iter().map(|wanted| wanted.texts).sum();
    if texts < CHUNK as i64 {
        let mut building = Building::new(connection, &wanted)?;
        return building.read(|building, task| building.done(task.perform()).map(drop));
    }
    let threads = available_threads();
    let (tasks, work) = mpsc::sync_channel::<Task>(2 * threads);
    let (results, done) = mpsc::channel();
    let work = Mutex::new(work);
    std::thread::scope(|scope| {
        // Where this thread fails, the tasks end, and so do those who work on them.
        let tasks = tasks;
        for _ in 0..threads {
            let (results, work) = (results.clone(), &work);
            scope.spawn(move || {
                loop {
                    // Nobody panics with the lock held; if somebody did, the channel would be as good as before.
                    let received = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(task) = received else { return };
                    // Whoever waits for the result must not wait for ever.
                    let done = catch_unwind(AssertUnwindSafe(|| task.perform()));
                    if results.send(done).is_err() {
                        return;
                    }
                }
            });
        }
        drop(results);
        let mut building = Building::new(connection, &wanted)?;
        let send = |task| {
            // Nobody goes before all is done.
            let _ = tasks.send(task);
        };
        building.read(|building, task| {
            send(task);
            while let Ok(done) = done.try_recv() {
                building.done(done.unwrap_or_else(|panic| resume_unwind(panic)))?.map(send);
            }
            Ok(())
        })?;
        while building.is_under_way() {
            let Ok(done) = done.recv() else { break };
            building.done(done.unwrap_or_else(|panic| resume_unwind(panic)))?.map(send);
        }
        Ok(())
    })
}

/// How far it has come.
struct Building<'c> {
    connection: &'c Connection,
    wanted: Vec<Wanted>,
    generations: Vec<Generation>,
    /// How many were written.
    written: usize,
}

#[derive(Default)]
struct Generation {
    id: i64,
    /// How many chunks it has, where that is known.
    chunks: Option<usize>,
    /// How many were joined, which is in the order of their texts, and those whose turn has not come.
    joined: usize,
    early: BTreeMap<usize, Box<Built>>,
    built: Built,
    finished: Option<Finished>,
}

impl<'c> Building<'c> {
    fn new(connection: &'c Connection, wanted: &[Wanted]) -> rusqlite::Result<Building<'c>> {
        let sql =
            "insert into text_generation (role, after, upto, texts, format) values (?1, ?2, ?3, ?4, ?5)";
        let mut insert = connection.prepare_cached(sql)?;
        let mut generations = Vec::with_capacity(wanted.len());
        for Wanted { role, after, upto, texts } in wanted {
            let id = insert.insert((role.number(), after, upto, texts, FORMAT))?;
            generations.push(Generation { id, ..Generation::default() });
        }
        Ok(Building { connection, wanted: wanted.to_vec(), generations, written: 0 })
    }

    /// Reads the texts of all generations, and gives what there is to do with them.
    fn read(
        &mut self,
        mut give: impl FnMut(&mut Self, Task) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        for number in 0..self.wanted.len() {
            let Wanted { role, after, upto, .. } = self.wanted[number];
            let sql = format!(
                "select id, locale_id, text from {} where id > ?1 and id <= ?2 order by id",
                role.table()
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([after, upto])?;
            let mut chunks = 0;
            loop {
                let chunk = Chunk::read(&mut rows)?;
                if chunk.rows.is_empty() {
                    break;
                }
                give(self, Task::Texts(number, chunks, chunk))?;
                chunks += 1;
            }
            self.generations[number].chunks = Some(chunks);
            if let Some(task) = self.finish_if_whole(number) {
                give(self, task)?;
            }
        }
        Ok(())
    }

    fn is_under_way(&self) -> bool {
        self.written < self.generations.len()
    }

    /// Takes what was done, and gives what is to be done next.
    fn done(&mut self, done: Done) -> rusqlite::Result<Option<Task>> {
        match done {
            Done::Texts(number, chunk, built) => {
                let generation = &mut self.generations[number];
                generation.early.insert(chunk, built);
                // In the order of the texts, whichever is done first.
                while let Some(built) = generation.early.remove(&generation.joined) {
                    generation.built.append(*built);
                    generation.joined += 1;
                }
                Ok(self.finish_if_whole(number))
            }
            Done::Finished(number, finished) => {
                self.generations[number].finished = Some(finished);
                while let Some(generation) = self.generations.get_mut(self.written) {
                    let Some(finished) = generation.finished.take() else { break };
                    write(self.connection, generation.id, finished)?;
                    self.written += 1;
                }
                Ok(None)
            }
        }
    }

    fn finish_if_whole(&mut self, number: usize) -> Option<Task> {
        let generation = &mut self.generations[number];
        (generation.chunks == Some(generation.joined))
            .then(|| Task::Finish(number, Box::new(std::mem::take(&mut generation.built))))
    }
}

fn write(connection: &Connection, generation: i64, finished: Finished) -> rusqlite::Result<()> {
    let sql = "insert into fuzzy_block (generation_id, locale_id, length, texts, block)
               values (?1, ?2, ?3, ?4, ?5)";
    let mut insert = connection.prepare_cached(sql)?;
    for row in finished.fuzzy {
        insert.execute((generation, row.locale, row.length, row.texts, row.block))?;
    }
    let sql = "insert into concordance_block (generation_id, locale_id, ordinal, shortest, texts, block)
               values (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare_cached(sql)?;
    for (locale, blocks) in finished.concordance {
        for (ordinal, block) in blocks.into_iter().enumerate() {
            insert.execute((generation, locale, ordinal as i64, block.shortest, block.texts, block.bytes))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(texts: &[(u32, i64, String)]) -> Chunk {
        let mut chunk = Chunk::default();
        for (id, locale, text) in texts {
            chunk.text.push_str(text);
            chunk.rows.push((*id, *locale, chunk.text.len()));
        }
        chunk
    }

    #[test]
    fn a_generation_is_the_same_however_it_was_cut() {
        let texts: Vec<(u32, i64, String)> = (1..3000)
            .map(|id| {
                (
                    id,
                    i64::from(id % 2),
                    format!("{} **text** {}", "A word ".repeat(id as usize % 9), id % 100),
                )
            })
            .collect();
        let whole = Built::of(&chunk(&texts)).finish();
        let mut joined = Built::default();
        for part in texts.chunks(700) {
            joined.append(Built::of(&chunk(part)));
        }
        let joined = joined.finish();
        let fuzzy = |finished: &Finished| -> Vec<(i64, i64, i64, Vec<u8>)> {
            let row = |row: &FuzzyRow| (row.locale, row.length, row.texts, row.block.clone());
            finished.fuzzy.iter().map(row).collect()
        };
        assert_eq!(fuzzy(&whole), fuzzy(&joined));
        assert_eq!(whole.concordance, joined.concordance);
        assert_eq!(whole.fuzzy.iter().map(|row| row.texts).sum::<i64>(), 2999);
    }
}
