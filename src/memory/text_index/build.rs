//! Builds generations of the text indexes. One thread reads the texts and writes the blocks; the ordered worker pool does the rest.
//!
//! A generation is built in two steps. First its texts are read, in chunks, and each chunk is folded, hashed and sorted by a
//! worker. Then the sorted chunks are merged, and the workers compress the blocks. One generation is in memory at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Connection;

use super::{FORMAT, Wanted};
use crate::markup::plain;
use crate::matching::concordance::{RawTextBlock, TextBlock, TextBlockBuilder};
use crate::matching::index::{Block, BlockBuilder, PrefixLists, TokenOrder};
use crate::model::{TextArena, TextRange};
use crate::parallel::{available_threads, in_order};

/// In a smaller generation all texts of fitting length are compared.
const FEWEST_ORDERED: usize = 500;

/// The number of texts in a chunk.
const CHUNK: usize = 4096;

/// Texts as written.
#[derive(Default)]
struct Chunk {
    texts: TextArena,
    /// Id, locale, text.
    rows: Vec<(u32, i64, TextRange)>,
}

impl Chunk {
    fn read(rows: &mut rusqlite::Rows<'_>) -> rusqlite::Result<Chunk> {
        let mut chunk = Chunk::default();
        while chunk.rows.len() < CHUNK {
            let Some(row) = rows.next()? else { break };
            let text = chunk.texts.push(row.get_ref(2)?.as_str()?);
            chunk.rows.push((row.get(0)?, row.get(1)?, text));
        }
        Ok(chunk)
    }
}

/// The indexed form of a chunk, or of a whole generation.
#[derive(Default)]
struct Indexed {
    /// By locale and number of tokens.
    fuzzy: BTreeMap<(i64, usize), Block>,
    /// By locale.
    concordance: BTreeMap<i64, TextBlockBuilder>,
}

impl Indexed {
    fn of(chunk: &Chunk) -> Indexed {
        let mut fuzzy: BTreeMap<i64, BlockBuilder> = BTreeMap::new();
        let mut concordance: BTreeMap<i64, TextBlockBuilder> = BTreeMap::new();
        for &(id, locale, ref range) in &chunk.rows {
            let text = chunk.texts.get(range);
            let plain = plain(text);
            fuzzy.entry(locale).or_default().add(id, text, &plain);
            concordance.entry(locale).or_default().add(id, text, &plain);
        }
        concordance.values_mut().for_each(TextBlockBuilder::sort);
        let fuzzy = fuzzy.into_iter().flat_map(|(locale, builder)| {
            builder.finish().map(move |block| ((locale, block.length()), block))
        });
        Indexed { fuzzy: fuzzy.collect(), concordance }
    }

    /// Adds a chunk with greater ids.
    fn append(&mut self, other: Indexed) {
        for (key, block) in other.fuzzy {
            self.fuzzy.entry(key).or_insert_with(|| Block::empty(key.1)).append(&block);
        }
        for (locale, texts) in other.concordance {
            self.concordance.entry(locale).or_default().append(texts);
        }
    }
}

/// Builds these generations and writes them.
pub(super) fn build(connection: &Connection, wanted: &[Wanted]) -> rusqlite::Result<()> {
    let sql = "insert into text_generation (role, after, upto, texts, format) values (?1, ?2, ?3, ?4, ?5)";
    let mut insert = connection.prepare_cached(sql)?;
    let mut ids = Vec::with_capacity(wanted.len());
    for Wanted { role, after, upto, texts } in wanted {
        ids.push(insert.insert((role.number(), after, upto, texts, FORMAT))?);
    }
    for (id, wanted) in ids.into_iter().zip(wanted) {
        // Starting a thread takes longer than indexing less than a chunk.
        let threads = available_threads().min(1 + wanted.texts as usize / CHUNK);
        write(connection, id, index(connection, wanted, threads)?, threads)?;
    }
    Ok(())
}

/// Reads the texts of a generation and indexes them.
fn index(connection: &Connection, wanted: &Wanted, threads: usize) -> rusqlite::Result<Indexed> {
    let sql = format!(
        "select id, locale_id, text from {} where id > ?1 and id <= ?2 order by id",
        wanted.role.table()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([wanted.after, wanted.upto])?;
    in_order(
        threads,
        |worker| worker.run(|chunk| Indexed::of(&chunk)),
        |pool| {
            let mut whole = Indexed::default();
            loop {
                let chunk = Chunk::read(&mut rows)?;
                let last = chunk.rows.is_empty();
                let indexed = if last { pool.receive() } else { pool.send(chunk) };
                match indexed {
                    Some(indexed) => whole.append(indexed),
                    None if last => return Ok(whole),
                    None => (),
                }
            }
        },
    )
}

/// A block to finish. The locale is its first field.
enum Unfinished {
    Fuzzy(i64, Block, Option<Arc<TokenOrder>>),
    /// With its ordinal.
    Concordance(i64, usize, RawTextBlock),
}

/// A block to write.
enum Finished {
    /// With the bytes of its lists.
    Fuzzy(i64, Block, Option<Vec<u8>>),
    Concordance(i64, usize, TextBlock),
}

impl Unfinished {
    fn finish(self) -> Finished {
        match self {
            Unfinished::Fuzzy(locale, block, order) => {
                let lists = order.and_then(|order| PrefixLists::of(&block, &order));
                Finished::Fuzzy(locale, block, lists.map(|lists| lists.to_bytes()))
            }
            Unfinished::Concordance(locale, ordinal, block) => {
                Finished::Concordance(locale, ordinal, block.compress())
            }
        }
    }
}

/// Writes the blocks of a generation.
fn write(connection: &Connection, id: i64, indexed: Indexed, threads: usize) -> rusqlite::Result<()> {
    let mut fuzzy: BTreeMap<i64, Vec<Block>> = BTreeMap::new();
    for ((locale, _), block) in indexed.fuzzy {
        fuzzy.entry(locale).or_default().push(block);
    }
    let orders = write_orders(connection, id, &fuzzy)?;
    let fuzzy = fuzzy.into_iter().flat_map(|(locale, blocks)| {
        let order = orders.get(&locale);
        blocks.into_iter().map(move |block| Unfinished::Fuzzy(locale, block, order.cloned()))
    });
    let concordance = indexed.concordance.into_iter().flat_map(|(locale, builder)| {
        let numbered = builder.finish().enumerate();
        numbered.map(move |(ordinal, block)| Unfinished::Concordance(locale, ordinal, block))
    });
    let sql = "insert into fuzzy_block (generation_id, locale_id, length, texts, block)
               values (?1, ?2, ?3, ?4, ?5)";
    let mut insert_block = connection.prepare_cached(sql)?;
    let sql = "insert into fuzzy_lists (generation_id, locale_id, length, lists) values (?1, ?2, ?3, ?4)";
    let mut insert_lists = connection.prepare_cached(sql)?;
    let sql = "insert into concordance_block (generation_id, locale_id, ordinal, shortest, texts, block)
               values (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert_concordance = connection.prepare_cached(sql)?;
    let mut write = |block: Finished| -> rusqlite::Result<()> {
        match block {
            Finished::Fuzzy(locale, block, lists) => {
                let length = block.length() as i64;
                insert_block.execute((id, locale, length, block.len() as i64, block.as_bytes()))?;
                if let Some(lists) = lists {
                    insert_lists.execute((id, locale, length, lists))?;
                }
            }
            Finished::Concordance(locale, ordinal, block) => {
                let row = (id, locale, ordinal as i64, block.shortest, block.texts, block.bytes);
                insert_concordance.execute(row)?;
            }
        }
        Ok(())
    };
    in_order(
        threads,
        |worker| worker.run(Unfinished::finish),
        |pool| {
            for block in fuzzy.chain(concordance) {
                pool.send(block).map_or(Ok(()), &mut write)?;
            }
            std::iter::from_fn(|| pool.receive()).try_for_each(write)
        },
    )
}

/// Writes the orders of the tokens in a generation, and returns them by locale. One with few texts has none.
fn write_orders(
    connection: &Connection,
    generation: i64,
    locales: &BTreeMap<i64, Vec<Block>>,
) -> rusqlite::Result<BTreeMap<i64, Arc<TokenOrder>>> {
    let sql = "insert into fuzzy_order (generation_id, locale_id, classes) values (?1, ?2, ?3)";
    let mut insert = connection.prepare_cached(sql)?;
    let mut orders = BTreeMap::new();
    for (&locale, blocks) in locales {
        if blocks.iter().map(Block::len).sum::<usize>() >= FEWEST_ORDERED {
            let order = TokenOrder::of(blocks.iter());
            insert.execute((generation, locale, order.to_bytes()))?;
            orders.insert(locale, Arc::new(order));
        }
    }
    Ok(orders)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(texts: &[(u32, i64, String)]) -> Chunk {
        let mut chunk = Chunk::default();
        for (id, locale, text) in texts {
            let text = chunk.texts.push(text);
            chunk.rows.push((*id, *locale, text));
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
        let whole = Indexed::of(&chunk(&texts));
        let mut joined = Indexed::default();
        for part in texts.chunks(700) {
            joined.append(Indexed::of(&chunk(part)));
        }
        assert_eq!(whole.fuzzy, joined.fuzzy);
        assert_eq!(whole.fuzzy.values().map(|block| block.len()).sum::<usize>(), 2999);
        let blocks = |indexed: Indexed| -> Vec<(i64, Vec<TextBlock>)> {
            let compressed =
                |builder: TextBlockBuilder| builder.finish().map(|block| block.compress()).collect();
            indexed.concordance.into_iter().map(|(locale, texts)| (locale, compressed(texts))).collect()
        };
        assert_eq!(blocks(whole), blocks(joined));
    }
}
