//! Builds generations of the text indexes. One thread reads the texts and writes the blocks; the ordered worker pool does the rest.
//!
//! Texts are indexed in two steps. First they are read, in chunks, and each chunk is folded, hashed and sorted by a worker. Then the
//! sorted chunks are merged, and the workers compress the blocks of the concordance index. The generations of the fuzzy index are
//! merged afterwards, from their stored blocks, and get their lists then.

use rusqlite::Connection;
use std::collections::BTreeMap;

use super::{Generation, IndexKind, LARGEST_FUZZY, TextRole, Wanted, drop_generation};
use crate::markup::plain;
use crate::matching::concordance::{RawTextBlock, TextBlock, TextBlockBuilder};
use crate::matching::index::{
    Block, BlockBuilder, ContainerLists, FrequentBits, Layout, Prefixes, TokenCounts, TokenOrder, rows,
    texts_per_part,
};
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
    /// The fuzzy index of the texts above one id, and the concordance index, if it is wanted.
    fn of(chunk: &Chunk, fuzzy_after: Option<i64>, is_concordance_wanted: bool) -> Indexed {
        let mut fuzzy: BTreeMap<i64, BlockBuilder> = BTreeMap::new();
        let mut concordance: BTreeMap<i64, TextBlockBuilder> = BTreeMap::new();
        for &(id, locale, ref range) in &chunk.rows {
            let text = chunk.texts.get(range);
            let plain = plain(text);
            if fuzzy_after.is_some_and(|after| i64::from(id) > after) {
                fuzzy.entry(locale).or_default().add(id, text, &plain);
            }
            if is_concordance_wanted {
                concordance.entry(locale).or_default().add(id, text, &plain);
            }
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

/// Indexes texts and writes them. Returns the generation of the fuzzy index, which has no lists yet.
pub(super) fn build(connection: &Connection, wanted: &Wanted) -> rusqlite::Result<Option<Generation>> {
    // Starting a thread takes longer than indexing less than a chunk.
    let threads = available_threads().min(1 + wanted.texts as usize / CHUNK);
    let Indexed { fuzzy, concordance } = index(connection, wanted, threads)?;
    if wanted.concordance {
        let id = insert_generation(
            connection,
            IndexKind::Concordance,
            wanted.role,
            (wanted.after, wanted.upto),
            wanted.texts,
        )?;
        write_concordance(connection, id, concordance, threads)?;
    }
    let Some(after) = wanted.fuzzy_after else { return Ok(None) };
    let texts = fuzzy.values().map(Block::len).sum::<usize>() as i64;
    let id = insert_generation(connection, IndexKind::Fuzzy, wanted.role, (after, wanted.upto), texts)?;
    for ((locale, _), block) in &fuzzy {
        write_parts(connection, (id, *locale), block)?;
    }
    Ok(Some(Generation { id, after, upto: wanted.upto, texts }))
}

fn insert_generation(
    connection: &Connection,
    kind: IndexKind,
    role: TextRole,
    (after, upto): (i64, i64),
    texts: i64,
) -> rusqlite::Result<i64> {
    let sql = format!(
        "insert into {} (role, after, upto, texts, format) values (?1, ?2, ?3, ?4, ?5)",
        kind.table()
    );
    connection.prepare_cached(&sql)?.insert((role.number(), after, upto, texts, kind.format()))
}

/// Reads texts and indexes them.
fn index(connection: &Connection, wanted: &Wanted, threads: usize) -> rusqlite::Result<Indexed> {
    let sql = format!(
        "select id, locale_id, text from {} where id > ?1 and id <= ?2 order by id",
        wanted.role.table()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([wanted.after, wanted.upto])?;
    in_order(
        threads,
        |worker| worker.run(|chunk| Indexed::of(&chunk, wanted.fuzzy_after, wanted.concordance)),
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

/// Writes the blocks of a generation of the concordance index.
fn write_concordance(
    connection: &Connection,
    id: i64,
    locales: BTreeMap<i64, TextBlockBuilder>,
    threads: usize,
) -> rusqlite::Result<()> {
    let sql = "insert into concordance_block (generation_id, locale_id, ordinal, shortest, texts, block)
               values (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare_cached(sql)?;
    let mut write = |(locale, ordinal, block): (i64, usize, TextBlock)| {
        insert.execute((id, locale, ordinal as i64, block.shortest, block.texts, block.bytes)).map(drop)
    };
    let blocks = locales.into_iter().flat_map(|(locale, builder)| {
        let numbered = builder.finish().enumerate();
        numbered.map(move |(ordinal, block)| (locale, ordinal, block))
    });
    in_order(
        threads,
        |worker| {
            worker.run(|(locale, ordinal, block): (i64, usize, RawTextBlock)| {
                (locale, ordinal, block.compress())
            })
        },
        |pool| {
            for block in blocks {
                pool.send(block).map_or(Ok(()), &mut write)?;
            }
            std::iter::from_fn(|| pool.receive()).try_for_each(write)
        },
    )
}

/// Writes a block of the fuzzy index, in parts.
fn write_parts(connection: &Connection, (id, locale): (i64, i64), block: &Block) -> rusqlite::Result<()> {
    let sql = "insert into fuzzy_part (generation_id, locale_id, length, part, texts, block)
               values (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare_cached(sql)?;
    let per_part = texts_per_part(block.length());
    for (part, bytes) in block.parts().enumerate() {
        let texts = per_part.min(block.len() - part * per_part);
        insert.execute((id, locale, block.length() as i64, part as i64, texts as i64, bytes))?;
    }
    Ok(())
}

/// Merges consecutive generations of the fuzzy index into as few as possible, and writes the lists of these.
pub(super) fn merge(
    connection: &Connection,
    role: TextRole,
    sources: Vec<Generation>,
) -> rusqlite::Result<()> {
    let mut groups: Vec<Vec<Generation>> = Vec::new();
    let mut texts = 0;
    for source in sources {
        texts += source.texts;
        match groups.last_mut() {
            Some(group) if texts <= LARGEST_FUZZY => group.push(source),
            _ => {
                texts = source.texts;
                groups.push(vec![source]);
            }
        }
    }
    for group in groups {
        let id = match group.as_slice() {
            [] => continue,
            [one] => one.id,
            [first, .., last] => {
                let texts = group.iter().map(|source| source.texts).sum();
                let bounds = (first.after, last.upto);
                insert_generation(connection, IndexKind::Fuzzy, role, bounds, texts)?
            }
        };
        finish(connection, id, &group)?;
    }
    Ok(())
}

/// Moves the blocks of some generations to one, which may be the only one of them, with its orders and lists.
fn finish(connection: &Connection, id: i64, sources: &[Generation]) -> rusqlite::Result<()> {
    let mut locales: BTreeMap<i64, BTreeMap<usize, usize>> = BTreeMap::new();
    let sql = "select locale_id, length, sum(texts) from fuzzy_part where generation_id = ?1
               group by locale_id, length order by locale_id, length";
    let mut statement = connection.prepare_cached(sql)?;
    for source in sources {
        let mut rows = statement.query([source.id])?;
        while let Some(row) = rows.next()? {
            *locales.entry(row.get(0)?).or_default().entry(row.get(1)?).or_default() +=
                row.get::<_, usize>(2)?;
        }
    }
    for (locale, lengths) in locales {
        let blocks = Blocks { connection, sources, locale };
        let order = match lengths.values().sum::<usize>() >= FEWEST_ORDERED {
            true => {
                let mut counts = TokenCounts::default();
                lengths.keys().try_for_each(|&length| blocks.read(length).map(|block| counts.add(&block)))?;
                Some(counts.order())
            }
            false => None,
        };
        write_blocks(&blocks, id, &lengths, order.as_ref())?;
    }
    let mut merged = sources.iter().filter(|source| source.id != id);
    merged.try_for_each(|source| drop_generation(connection, IndexKind::Fuzzy, source.id))
}

/// The blocks of some generations in one locale.
struct Blocks<'c> {
    connection: &'c Connection,
    sources: &'c [Generation],
    locale: i64,
}

impl Blocks<'_> {
    /// The texts of a length, of all generations in their order.
    fn read(&self, length: usize) -> rusqlite::Result<Block> {
        let sql = "select texts, block from fuzzy_part
                   where generation_id = ?1 and locale_id = ?2 and length = ?3 order by part";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut block = Block::empty(length);
        for source in self.sources {
            let mut rows = statement.query((source.id, self.locale, length as i64))?;
            while let Some(row) = rows.next()? {
                let bytes = row.get_ref(1)?;
                let part = Block::from_bytes(length, row.get(0)?, bytes.as_blob()?).map_err(|error| {
                    rusqlite::Error::FromSqlConversionFailure(1, bytes.data_type(), Box::new(error))
                })?;
                block.append(&part);
            }
        }
        Ok(block)
    }

    /// Reads the texts of a length, and removes them.
    fn take(&self, length: usize) -> rusqlite::Result<Block> {
        let block = self.read(length)?;
        let sql = "delete from fuzzy_part where generation_id = ?1 and locale_id = ?2 and length = ?3";
        let mut delete = self.connection.prepare_cached(sql)?;
        for source in self.sources {
            delete.execute((source.id, self.locale, length as i64))?;
        }
        Ok(block)
    }
}

/// A block, with what belongs to its containers.
struct IndexedBlock {
    block: Block,
    lists: Vec<ContainerLists>,
    /// By the number of the container.
    frequent: Vec<(usize, FrequentBits)>,
}

/// Moves blocks to the generation `id`, with the lists that belong to an order of its tokens.
fn write_blocks(
    blocks: &Blocks<'_>,
    id: i64,
    lengths: &BTreeMap<usize, usize>,
    order: Option<&TokenOrder>,
) -> rusqlite::Result<()> {
    let &Blocks { connection, locale, .. } = blocks;
    let layout = Layout::of(lengths.iter().map(|(&length, &texts)| (length, texts)));
    let of_block = |mut block: Block| -> IndexedBlock {
        let (mut lists, mut frequent) = (Vec::new(), Vec::new());
        let containers = layout.of_lengths(block.length()..=block.length());
        if let Some(order) = order.filter(|_| !containers.is_empty()) {
            let prefixes = Prefixes::sort(&mut block, order);
            for number in containers {
                let container = layout.get(number);
                lists.push(ContainerLists::of(number, *container, &prefixes));
                frequent.push((number, prefixes.frequent_bits(container)));
            }
        }
        IndexedBlock { block, lists, frequent }
    };
    let sql =
        "insert into fuzzy_frequent (generation_id, locale_id, container, bits) values (?1, ?2, ?3, ?4)";
    let mut insert_frequent = connection.prepare_cached(sql)?;
    let lists = in_order(
        available_threads(),
        |worker| worker.run(of_block),
        |pool| -> rusqlite::Result<Vec<ContainerLists>> {
            let mut all = Vec::new();
            let mut keep = |mut indexed: IndexedBlock| {
                all.append(&mut indexed.lists);
                for (container, bits) in indexed.frequent {
                    insert_frequent.execute((id, locale, container as i64, bits.to_bytes()))?;
                }
                write_parts(connection, (id, locale), &indexed.block)
            };
            for &length in lengths.keys() {
                pool.send(blocks.take(length)?).map_or(Ok(()), &mut keep)?;
            }
            std::iter::from_fn(|| pool.receive()).try_for_each(keep)?;
            Ok(all)
        },
    )?;
    let Some(order) = order else { return Ok(()) };
    let sql = "insert into fuzzy_order (generation_id, locale_id, classes) values (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((id, locale, order.to_bytes()))?;
    let sql = "insert into fuzzy_lists (generation_id, locale_id, first, lists) values (?1, ?2, ?3, ?4)";
    let mut insert = connection.prepare_cached(sql)?;
    rows(lists).try_for_each(|row| insert.execute((id, locale, row.first, row.bytes)).map(drop))
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
        let whole = Indexed::of(&chunk(&texts), Some(0), true);
        let mut joined = Indexed::default();
        for part in texts.chunks(700) {
            joined.append(Indexed::of(&chunk(part), Some(0), true));
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
