//! Counts the segments that match a search.
//!
//! A rare word needs few look-ups in the indexes of the memory, a common one needs most rows. So each step has two methods: one
//! look-up for each text if these are few, else one pass over the whole table or index.

use std::collections::HashSet;
use std::ops::{ControlFlow, RangeInclusive};

use super::Search;
use crate::memory::documents::{has_superseded_documents, has_tmx};
use crate::memory::error::Fault;
use crate::memory::text_index::TextRole;
use crate::memory::usage::UsageReader;
use crate::memory::{Memory, MemoryError, schema};
use crate::model::Locale;
use crate::parallel::{Worker, available_threads, in_order};

use super::id_set::{IdRange, IdSet};
use super::scan::Texts;

/// The number of segments and pairs that match a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The number of segments that contain the pattern.
    pub segments: u64,
    /// The number of different pairs of texts in these.
    pub pairs: u64,
}

impl Counted {
    /// Adds a pair with so many segments.
    fn add(&mut self, segments: u64) {
        self.segments += segments;
        self.pairs += u64::from(segments > 0);
    }
}

/// A pass reads a row in a fraction of the time of a look-up. If one row in so many is needed, the pass is faster.
const ROWS_A_LOOKUP: usize = 8;

/// The number of texts that a thread compares at once, or looks up.
const CHUNK: usize = 1024;

/// The number of ids in a part of a pass.
const PART: i64 = 1 << 14;

impl Memory {
    /// Counts the segments and pairs that [`Memory::search`] would return.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn count(&self, search: &Search) -> Result<Counted, MemoryError> {
        self.count_found(search, |variants| self.segments_and_pairs(search, variants))
    }

    /// Counts the segments only, which is faster.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn count_segments(&self, search: &Search) -> Result<u64, MemoryError> {
        self.count_found(search, |variants| match self.has_plain_places(search)? {
            true => Ok(self.segments_of(variants)?),
            false => Ok(self.segments_and_pairs(search, variants)?.segments),
        })
    }

    /// Passes the variants that match to `count`, and returns what it returns.
    fn count_found<T>(
        &self,
        search: &Search,
        count: impl FnOnce(&IdSet) -> Result<T, Fault>,
    ) -> Result<T, MemoryError> {
        let transaction = self.at(self.connection.unchecked_transaction())?;
        self.at(schema::provide_places(&self.connection))?;
        let mut found = [IdSet::default(), IdSet::default()];
        if search.pattern.has_no_prefilter() {
            for role in search.roles() {
                found[role as usize] = self.matching_texts(search, role, None)?;
            }
        } else {
            let mut uncertain = [IdSet::default(), IdSet::default()];
            // The visitor never breaks off.
            let _ = self.scan_blocks(
                search,
                |found| found.is_certain,
                |role, texts, _| -> Result<_, MemoryError> {
                    for (id, is_certain) in texts {
                        let ids = if is_certain { &mut found } else { &mut uncertain };
                        ids[role as usize].insert(id);
                    }
                    Ok(ControlFlow::Continue(()))
                },
            )?;
            for role in search.roles() {
                let uncertain = &uncertain[role as usize];
                if !uncertain.is_empty() {
                    found[role as usize].extend(self.matching_texts(search, role, Some(uncertain))?.iter());
                }
            }
        }
        let variants = self.variants_of(search, &found)?;
        let counted = self.at(count(&variants))?;
        self.at(transaction.finish())?;
        Ok(counted)
    }

    /// The ids of the texts in which the pattern occurs, among these or among all.
    fn matching_texts(
        &self,
        search: &Search,
        role: TextRole,
        ids: Option<&IdSet>,
    ) -> Result<IdSet, MemoryError> {
        let all: usize = self.at(self.rows_of(role.table()))?;
        let work = |worker: Worker<'_, Texts, Vec<u32>>| {
            // A clone has caches of its own; those of a shared regular expression are locked.
            let pattern = search.pattern.clone();
            worker.run(|texts: Texts| texts.matching(&pattern));
        };
        in_order(available_threads(), work, |pool| {
            let mut matching = IdSet::default();
            match ids {
                Some(ids) if ids.len() < all / ROWS_A_LOOKUP => {
                    let ids: Vec<u32> = ids.iter().collect();
                    for ids in ids.chunks(CHUNK) {
                        matching.extend(pool.send(self.at(self.texts(role, ids))?).into_iter().flatten());
                    }
                }
                _ => {
                    let read = || -> rusqlite::Result<()> {
                        let sql = format!("select id, text from {} order by id", role.table());
                        let mut statement = self.connection.prepare_cached(&sql)?;
                        let mut rows = statement.query([])?;
                        let mut texts = Texts::default();
                        while let Some(row) = rows.next()? {
                            let id = row.get(0)?;
                            if ids.is_some_and(|ids| !ids.contains(id)) {
                                continue;
                            }
                            texts.push(id, row.get_ref(1)?.as_str()?);
                            if texts.len() == CHUNK {
                                matching.extend(pool.send(std::mem::take(&mut texts)).into_iter().flatten());
                            }
                        }
                        matching.extend(pool.send(texts).into_iter().flatten());
                        Ok(())
                    };
                    self.at({ read }())?;
                }
            }
            matching.extend(std::iter::from_fn(|| pool.receive()).flatten());
            Ok(matching)
        })
    }

    /// An estimate of the number of rows of a table: its largest id. An exact count needs a pass.
    fn rows_of(&self, table: &str) -> rusqlite::Result<usize> {
        self.connection.query_row(&format!("select coalesce(max(id), 0) from {table}"), [], |row| row.get(0))
    }

    /// The variants of the pairs that have one of these texts and a wanted locale.
    fn variants_of(&self, search: &Search, found: &[IdSet; 2]) -> Result<IdSet, MemoryError> {
        let locales = self.locales()?;
        let accepted: HashSet<i64> = locales
            .iter()
            .filter(|(_, locale)| search.accepts([locale as &Locale; 2]))
            .map(|(id, _)| *id)
            .collect();
        self.at(match accepted.len() == locales.len() {
            true => self.variants_in_any_locale(found),
            false => self.variants_in(&accepted, search, found),
        })
    }

    /// The variants of the pairs that have one of these texts.
    fn variants_in_any_locale(&self, [units, targets]: &[IdSet; 2]) -> rusqlite::Result<IdSet> {
        // A deleted variant has no segments.
        let mut variants = targets.clone();
        let ranges: Vec<IdRange> = units.ranges().collect();
        if ranges.len() < self.rows_of("unit")? / ROWS_A_LOOKUP {
            let parts: Vec<&[IdRange]> = ranges.chunks(CHUNK).collect();
            let sql = format!(
                "select variant.id from rarray(?1) cross join variant indexed by variant_by_unit
                 where variant.unit_id {}",
                IdRange::SQL
            );
            let found = self.read_parts(&parts, |connection, ranges| {
                let mut statement = connection.prepare_cached(&sql)?;
                let mut rows = statement.query([IdRange::array(ranges)])?;
                let mut variants: Vec<u32> = Vec::new();
                while let Some(row) = rows.next()? {
                    variants.push(row.get(0)?);
                }
                Ok(variants)
            })?;
            variants.extend(found.into_iter().flatten());
            return Ok(variants);
        }
        let found = self.read_parts(&self.parts_of("unit")?, |connection, part| {
            let sql = "select id, unit_id from variant indexed by variant_by_unit
                       where unit_id between ?1 and ?2 order by unit_id, locale_id, id";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query((part.start(), part.end()))?;
            let mut variants: Vec<u32> = Vec::new();
            while let Some(row) = rows.next()? {
                if units.contains(row.get(1)?) {
                    variants.push(row.get(0)?);
                }
            }
            Ok(variants)
        })?;
        variants.extend(found.into_iter().flatten());
        Ok(variants)
    }

    /// The variants of the pairs that have one of these texts, and a text in one of these locales.
    fn variants_in(
        &self,
        accepted: &HashSet<i64>,
        search: &Search,
        found: &[IdSet; 2],
    ) -> rusqlite::Result<IdSet> {
        let mut variants = IdSet::default();
        if found[0].len() + found[1].len() < self.rows_of("variant")? / ROWS_A_LOOKUP {
            for role in search.roles() {
                for id in found[role as usize].iter() {
                    self.for_each_pair(role, id, |row| {
                        if accepted.contains(&row.get(1)?) || accepted.contains(&row.get(2)?) {
                            variants.insert(row.get(0)?);
                        }
                        Ok(())
                    })?;
                }
            }
            return Ok(variants);
        }
        // The units whose locale is accepted.
        let mut accepted_units = IdSet::default();
        let mut statement = self.connection.prepare("select id, locale_id from unit order by id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if accepted.contains(&row.get(1)?) {
                accepted_units.insert(row.get(0)?);
            }
        }
        let [sources, targets] = found;
        let sql = "select id, unit_id, locale_id from variant indexed by variant_by_unit
                   order by unit_id, locale_id, id";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (variant, unit) = (row.get(0)?, row.get(1)?);
            if (sources.contains(unit) || targets.contains(variant))
                && (accepted.contains(&row.get(2)?) || accepted_units.contains(unit))
            {
                variants.insert(variant);
            }
        }
        Ok(variants)
    }

    /// Ranges that cover the ids of a table.
    fn parts_of(&self, table: &str) -> rusqlite::Result<Vec<RangeInclusive<i64>>> {
        let last = self.rows_of(table)? as i64;
        Ok((0..=last / PART).map(|part| part * PART..=part * PART + (PART - 1)).collect())
    }

    /// Whether each segment of a variant counts once.
    fn has_plain_places(&self, search: &Search) -> Result<bool, Fault> {
        let connection = &self.connection;
        Ok(search.places.counts_all() && !has_tmx(connection)? && !has_superseded_documents(connection)?)
    }

    /// The number of segments of variants. A run of consecutive ids is counted at once: in a memory each text has an id next to
    /// that of the text before it in its document, so the texts with a common word have long runs.
    fn segments_of(&self, variants: &IdSet) -> rusqlite::Result<u64> {
        let runs: Vec<IdRange> = variants.ranges().collect();
        let parts: Vec<&[IdRange]> = runs.chunks(CHUNK).collect();
        // One statement for many runs: to start one takes longer than to find a run.
        let sql = format!(
            "select count(*) from rarray(?1) cross join segment
             where segment.variant_id {}",
            IdRange::SQL
        );
        let counts = self.read_parts(&parts, |connection, runs| {
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_row([IdRange::array(runs)], |row| row.get::<_, u64>(0))
        })?;
        Ok(counts.into_iter().sum())
    }

    /// Counts the segments and pairs of variants at the places that pass the filter.
    fn segments_and_pairs(&self, search: &Search, variants: &IdSet) -> Result<Counted, Fault> {
        let mut counted = Counted::default();
        let mut add = |segments: u64| counted.add(segments);
        // A segment of a TMX counts as many times as the TMX states.
        if has_tmx(&self.connection)? || !search.places.counts_all() {
            let mut usage = UsageReader::default();
            for variant in variants.iter() {
                let found = usage.usage(&self.connection, &[variant.into()], &search.places)?;
                add(found.map_or(0, |(usage, _)| usage.segments));
            }
            return Ok(counted);
        }
        if has_superseded_documents(&self.connection)? {
            self.count_current(variants, &mut add)?;
            return Ok(counted);
        }
        // A variant has several segments, so the pass is faster only for a larger share of the variants.
        let counts = if variants.len() < self.rows_of("variant")? / 2 {
            let variants: Vec<u32> = variants.iter().collect();
            let parts: Vec<&[u32]> = variants.chunks(CHUNK).collect();
            self.read_parts(&parts, |connection, variants| {
                let sql = "select count(*) from segment where variant_id = ?1";
                let mut statement = connection.prepare_cached(sql)?;
                let mut counted = Counted::default();
                for variant in *variants {
                    counted.add(statement.query_row([variant], |row| row.get(0))?);
                }
                Ok(counted)
            })?
        } else {
            self.read_parts(&self.parts_of("variant")?, |connection, part| {
                let sql = "select variant_id, count(*) from segment where variant_id between ?1 and ?2
                           group by variant_id order by variant_id";
                let mut statement = connection.prepare_cached(sql)?;
                let mut rows = statement.query((part.start(), part.end()))?;
                let mut counted = Counted::default();
                while let Some(row) = rows.next()? {
                    if variants.contains(row.get(0)?) {
                        counted.add(row.get(1)?);
                    }
                }
                Ok(counted)
            })?
        };
        Ok(counts.into_iter().fold(Counted::default(), |sum, part| Counted {
            segments: sum.segments + part.segments,
            pairs: sum.pairs + part.pairs,
        }))
    }
}

impl Memory {
    /// Passes the number of segments of each variant to `add`: those in current documents, or all if each one is superseded.
    fn count_current(&self, variants: &IdSet, mut add: impl FnMut(u64)) -> Result<(), Fault> {
        let mut superseded = IdSet::default();
        let sql = "select id from document where superseded is not null";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            superseded.insert(row.get(0)?);
        }
        let mut statement =
            self.connection.prepare("select document_id from segment where variant_id = ?1")?;
        for variant in variants.iter() {
            let (mut current, mut all) = (0, 0);
            let mut rows = statement.query([variant])?;
            while let Some(row) = rows.next()? {
                all += 1;
                current += u64::from(!superseded.contains(row.get(0)?));
            }
            add(if current > 0 { current } else { all });
        }
        Ok(())
    }
}
