//! Finds the segments that contain a phrase: through the folded texts to pairs of texts with their places.
//!
//! Blocks of folded texts are taken in the order of their shortest text, a few at a time on all cores. What is shorter than all
//! in the blocks to come is found for good, so results come in their order while the search goes on, and it stops
//! when there are enough.

mod places;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::text_index::{Role, covered};
use super::usage::UsageReader;
use super::{Memory, MemoryError, PlaceFilter};
use crate::markup::plain;
use crate::matching::concordance::{CorruptBlock, Found, Pattern, TextBlock, TextBlockBuilder};
use crate::matching::{LocaleFit, fit};
use crate::model::{ConcordanceLine, Locale};

/// On which side of a pair to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchIn {
    /// In source texts.
    Source,
    /// In target texts.
    Target,
    /// In either.
    #[default]
    Both,
}

/// What to look for, and where.
#[derive(Clone, Debug)]
pub struct Search {
    /// What the texts must contain.
    pub pattern: Pattern,
    /// On which side.
    pub search_in: SearchIn,
    /// Only pairs that have a text of this locale.
    pub locale: Option<Locale>,
    /// Which places count.
    pub places: PlaceFilter,
}

/// What a search would give, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many segments contain the pattern.
    pub segments: u64,
    /// How many different pairs of texts these are.
    pub pairs: u64,
}

/// Whether a search goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// On to the next one.
    More,
    /// That is enough.
    Enough,
}

/// At most so many blocks are looked through at once.
const WIDEST: usize = 64;

/// Texts found, by what they are ordered by: length and folded text; and for each where to find it.
type Pending = BTreeMap<(u32, Box<str>), Vec<(Role, u32)>>;

/// A block that has yet to be read, or was made just now of what is not indexed.
struct BlockRow {
    shortest: u32,
    texts: u32,
    role: Role,
    held: Held,
}

enum Held {
    Row(i64),
    Bytes(Vec<u8>),
}

impl Memory {
    /// Gives the pairs that contain what is looked for, those with the shortest texts first, each once, until `visit` has enough.
    /// The order depends on nothing but the texts.
    ///
    /// # Errors
    /// Where the memory cannot be read, and what `visit` gives.
    pub fn search<E: From<MemoryError>>(
        &self,
        search: &Search,
        mut visit: impl FnMut(ConcordanceLine) -> Result<Next, E>,
    ) -> Result<(), E> {
        // One state of the memory from the first block to the last place.
        let transaction = self.at(self.connection.unchecked_transaction())?;
        let mut blocks = self.blocks(search)?.into_iter().peekable();
        let mut lines = Lines {
            memory: self,
            search,
            locales: self.locales()?,
            given: HashSet::new(),
            usage: UsageReader::default(),
        };
        let mut pending = Pending::new();
        let mut width = 1;
        let mut wave = self.read_blocks(blocks.by_ref().take(width))?;
        while !wave.is_empty() {
            width = (2 * width).min(WIDEST);
            // The next blocks are read while these are looked through.
            let behind = blocks.peek().map_or(u32::MAX, |next| next.shortest);
            let next = blocks.by_ref().take(width).collect::<Vec<_>>();
            let (found, read) = look_through(&search.pattern, &wave, || self.read_blocks(next.into_iter()));
            for (role, found) in found.map_err(|error| self.foreign(error.to_string()))? {
                pending.entry((found.said, found.text)).or_default().push((role, found.id));
            }
            let rest = pending.split_off(&(behind, Box::default()));
            for (_, texts) in std::mem::replace(&mut pending, rest) {
                for line in lines.of(&texts)? {
                    if visit(line)? == Next::Enough {
                        return Ok(());
                    }
                }
            }
            wave = read?;
        }
        self.at(transaction.finish())?;
        Ok(())
    }

    /// Counts the segments and pairs that [`Memory::search`] would give.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn count(&self, search: &Search) -> Result<Counted, MemoryError> {
        let transaction = self.at(self.connection.unchecked_transaction())?;
        let locales = self.locales()?;
        let fits = |id: &i64| {
            let wanted = search.locale.as_ref();
            wanted.is_none_or(|wanted| {
                locales.get(id).is_some_and(|locale| fit(wanted, locale) == Some(LocaleFit::Same))
            })
        };
        let fitting: HashSet<i64> = locales.keys().copied().filter(fits).collect();
        let mut texts = Vec::new();
        let mut blocks = self.blocks(search)?.into_iter();
        let mut wave = self.read_blocks(blocks.by_ref().take(WIDEST))?;
        while !wave.is_empty() {
            let next = blocks.by_ref().take(WIDEST).collect::<Vec<_>>();
            let (found, read) = look_through(&search.pattern, &wave, || self.read_blocks(next.into_iter()));
            let found = found.map_err(|error| self.foreign(error.to_string()))?;
            texts.extend(found.into_iter().map(|(role, found)| (role, found.id)));
            wave = read?;
        }
        // In the order of their ids: what lies together is read together.
        texts.sort_unstable();
        let tmx = self.at(places::has_tmx(self))?;
        let mut usage = UsageReader::default();
        let mut given = HashSet::new();
        let mut counted = Counted::default();
        for (role, id) in texts {
            for (variant, locale, source_locale) in self.at(self.variants(search, role, id))? {
                let wanted = fitting.contains(&locale) || fitting.contains(&source_locale);
                if wanted && given.insert(variant) {
                    let segments = self.at(places::count(self, &mut usage, &search.places, variant, tmx))?;
                    counted.segments += segments;
                    counted.pairs += u64::from(segments > 0);
                }
            }
        }
        self.at(transaction.finish())?;
        Ok(counted)
    }

    /// The variants of a text found, each with its locale and its source's.
    fn variants(&self, search: &Search, role: Role, id: u32) -> rusqlite::Result<Vec<(i64, i64, i64)>> {
        if !self.is_really_in(search, role, id)? {
            return Ok(Vec::new());
        }
        let sql = match role {
            Role::Source => {
                "select variant.id, variant.locale_id, unit.locale_id
                 from unit join variant on variant.unit_id = unit.id where unit.id = ?1 order by variant.id"
            }
            Role::Target => {
                "select variant.id, variant.locale_id, unit.locale_id
                 from variant join unit on unit.id = variant.unit_id where variant.id = ?1"
            }
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
    }

    /// Whether the pattern is in a text as it is, where its folded form does not tell.
    fn is_really_in(&self, search: &Search, role: Role, id: u32) -> rusqlite::Result<bool> {
        if !search.pattern.needs_text() {
            return Ok(true);
        }
        let sql = format!("select text from {} where id = ?1", role.table());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        Ok(match rows.next()? {
            Some(row) => search.pattern.is_in(row.get_ref(0)?.as_str()?),
            None => false,
        })
    }

    /// All blocks to look through, the one with the shortest text first.
    fn blocks(&self, search: &Search) -> Result<Vec<BlockRow>, MemoryError> {
        let mut blocks = Vec::new();
        for role in Role::BOTH {
            let wanted = match search.search_in {
                SearchIn::Both => true,
                SearchIn::Source => role == Role::Source,
                SearchIn::Target => role == Role::Target,
            };
            if wanted {
                blocks.extend(self.at(self.indexed_blocks(role))?);
                blocks.extend(self.rest(role)?);
            }
        }
        blocks.sort_by_key(|block| block.shortest);
        Ok(blocks)
    }

    fn indexed_blocks(&self, role: Role) -> rusqlite::Result<Vec<BlockRow>> {
        let sql = "select rowid, shortest, texts from concordance_block
                   where generation_id = ?1 order by locale_id, ordinal";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut blocks = Vec::new();
        for generation in covered(&self.connection, role)?.generations {
            let rows = statement.query_map([generation], |row| {
                Ok(BlockRow { held: Held::Row(row.get(0)?), shortest: row.get(1)?, texts: row.get(2)?, role })
            })?;
            for row in rows {
                blocks.push(row?);
            }
        }
        Ok(blocks)
    }

    /// Blocks of what no generation holds.
    fn rest(&self, role: Role) -> Result<Vec<BlockRow>, MemoryError> {
        let mut builder = TextBlockBuilder::default();
        let mut read = || -> rusqlite::Result<()> {
            let upto = covered(&self.connection, role)?.upto;
            let sql = format!("select id, text from {} where id > ?1 order by id", role.table());
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([upto])?;
            while let Some(row) = rows.next()? {
                let text = row.get_ref(1)?.as_str()?;
                builder.add(row.get(0)?, text, &plain(text));
            }
            Ok(())
        };
        self.at(read())?;
        let block = |made: TextBlock| BlockRow {
            shortest: made.shortest,
            texts: made.texts,
            role,
            held: Held::Bytes(made.bytes),
        };
        Ok(builder.finish().map(block).collect())
    }

    fn read_blocks(&self, rows: impl Iterator<Item = BlockRow>) -> Result<Vec<ReadBlock>, MemoryError> {
        let sql = "select block from concordance_block where rowid = ?1";
        let mut statement = self.at(self.connection.prepare_cached(sql))?;
        let mut read = |row: BlockRow| -> rusqlite::Result<ReadBlock> {
            let bytes = match row.held {
                Held::Row(id) => statement.query_row([id], |row| row.get(0))?,
                Held::Bytes(bytes) => bytes,
            };
            Ok(ReadBlock { role: row.role, texts: row.texts, bytes })
        };
        rows.map(|row| self.at(read(row))).collect()
    }
}

struct ReadBlock {
    role: Role,
    texts: u32,
    bytes: Vec<u8>,
}

type FoundInBlocks = Result<Vec<(Role, Found)>, CorruptBlock>;

/// Looks through blocks on all cores, while this thread does something else.
fn look_through<T>(
    pattern: &Pattern,
    blocks: &[ReadBlock],
    meanwhile: impl FnOnce() -> T,
) -> (FoundInBlocks, T) {
    let next = AtomicUsize::new(0);
    let work = || -> FoundInBlocks {
        let mut buffer = Vec::new();
        let mut all = Vec::new();
        while let Some(block) = blocks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let keep = |found| all.push((block.role, found));
            TextBlock::search(&block.bytes, block.texts, pattern, &mut buffer, keep)?;
        }
        Ok(all)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(blocks.len());
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let other = meanwhile();
        let mut found = work();
        for thread in others {
            // A thread that panicked takes this one with it, as the panic would have without threads.
            let joined = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            found = found.and_then(|mut all| {
                all.extend(joined?);
                Ok(all)
            });
        }
        (found, other)
    })
}

/// Makes lines of texts found.
struct Lines<'a> {
    memory: &'a Memory,
    search: &'a Search,
    locales: HashMap<i64, Locale>,
    /// The variants that have been given: one can be found by both of its texts.
    given: HashSet<i64>,
    usage: UsageReader,
}

/// A pair of texts, by what pairs of equally long texts are ordered by, and the variant that has it.
type PairRow = (String, i64, String, i64, i64);

impl Lines<'_> {
    /// The pairs of texts that are the same when folded.
    fn of(&mut self, texts: &[(Role, u32)]) -> Result<Vec<ConcordanceLine>, MemoryError> {
        let mut pairs = Vec::new();
        for &(role, id) in texts {
            pairs.extend(self.memory.at(self.pairs(role, id))?);
        }
        pairs.sort_by(|a, b| {
            let locale = |id| self.locales.get(id);
            (&a.0, &a.2, locale(&a.1), locale(&a.3)).cmp(&(&b.0, &b.2, locale(&b.1), locale(&b.3)))
        });
        let mut lines = Vec::new();
        for (source, source_locale, target, target_locale, variant) in pairs {
            let (Some(source_locale), Some(target_locale)) =
                (self.locales.get(&source_locale), self.locales.get(&target_locale))
            else {
                continue;
            };
            let fits = |wanted: &Locale| {
                [source_locale, target_locale]
                    .iter()
                    .any(|&locale| fit(wanted, locale) == Some(LocaleFit::Same))
            };
            if !self.search.locale.as_ref().is_none_or(fits) || !self.given.insert(variant) {
                continue;
            }
            let places =
                self.memory.at(places::of(self.memory, &mut self.usage, &self.search.places, variant))?;
            let Some(places) = places else { continue };
            lines.push(ConcordanceLine {
                source,
                source_locale: source_locale.clone(),
                target,
                target_locale: target_locale.clone(),
                places,
            });
        }
        Ok(lines)
    }

    fn pairs(&self, role: Role, id: u32) -> rusqlite::Result<Vec<PairRow>> {
        let connection = &self.memory.connection;
        let columns =
            |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
        if !self.memory.is_really_in(self.search, role, id)? {
            return Ok(Vec::new());
        }
        let column = match role {
            Role::Source => "variant.unit_id",
            Role::Target => "variant.id",
        };
        let sql = format!(
            "select unit.text, unit.locale_id, variant.text, variant.locale_id, variant.id
             from variant join unit on unit.id = variant.unit_id
             where {column} = ?1 order by variant.id"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        statement.query_map([id], columns)?.collect()
    }
}
