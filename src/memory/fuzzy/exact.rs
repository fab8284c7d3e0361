//! Exact look-up: the texts with a hash, without a search in the fuzzy index.

use rusqlite::Connection;

use super::Lookup;
use super::candidates::{target_fit, translations};
use super::locale_index::LocaleIndex;
use crate::matching::{Match, Query, by_rank};
use crate::memory::interner::text_hash;
use crate::memory::text_index::TextRole;
use crate::memory::{MemoryError, PlaceFilter};
use crate::model::{QueryPlace, Score, fold_line_breaks};

impl Lookup<'_> {
    /// The matches of 100 and more of a text: those that [`Lookup::find_at`] returns first, whatever its floor.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn find_exact_at(&mut self, text: &str, place: &QueryPlace) -> Result<Vec<Match>, MemoryError> {
        let memory = self.memory;
        let _transaction = memory.begin_read()?;
        self.refresh()?;
        let folded = fold_line_breaks(text);
        let mut query = Query::new(text);
        let mut ties = Vec::new();
        for index in 0..self.indexes.len() {
            for id in self.ids_of_text(&folded, index)? {
                ties.extend(self.compared(&mut query, (index, id), Score::EXACT)?);
            }
        }
        let mut candidates = self.translations_of_ties(&query, place, ties)?;
        candidates.retain(|candidate| candidate.found.score >= Score::EXACT);
        candidates.sort_by(|one, other| by_rank(&one.found, &other.found));
        candidates.truncate(self.options.limit);
        candidates.into_iter().map(|candidate| self.with_first_place(candidate)).collect()
    }

    /// Whether there is a translation of exactly this text.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn has_exact(&mut self, text: &str) -> Result<bool, MemoryError> {
        let memory = self.memory;
        let _transaction = memory.begin_read()?;
        self.refresh()?;
        let folded = fold_line_breaks(text);
        let filter = self.place_filter();
        for index in 0..self.indexes.len() {
            for id in self.ids_of_text(&folded, index)? {
                if self.has_translation(index, id, &filter)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn has_translation(&mut self, index: usize, id: u32, filter: &PlaceFilter) -> Result<bool, MemoryError> {
        let memory = self.memory;
        let index = self.indexes.get(index);
        let Some((_, unit)) = memory.at(index.text(&memory.connection, id))? else { return Ok(false) };
        for (variant, _, locale) in memory.at(translations(&memory.connection, index, (id.into(), unit)))? {
            let locale = self.indexes.locale(locale);
            let is_wanted = locale.is_some_and(|locale| target_fit(&self.options, index, locale).is_some());
            if !is_wanted {
                continue;
            }
            let sql = "select document_id, position from segment where variant_id = ?1
                       order by document_id, position";
            let mut statement = memory.at(memory.connection.prepare_cached(sql))?;
            let mut rows = memory.at(statement.query([variant]))?;
            while let Some(row) = memory.at(rows.next())? {
                let place = memory.at(row.get(0).and_then(|document| Ok((document, row.get(1)?))))?;
                if memory.at(self.usage.passes(&memory.connection, place, filter))? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The ids of a text with folded line breaks: of the unit if it is a source text, else of the variants.
    pub(super) fn ids_of_text(&mut self, text: &str, index: usize) -> Result<Vec<u32>, MemoryError> {
        let memory = self.memory;
        match self.indexes.get(index).role {
            TextRole::Source => memory.at(units_of_text(&memory.connection, self.indexes.get(index), text)),
            TextRole::Target => self.variants_of_text(text, index),
        }
    }
}

/// The units with a text in the locale of an index.
fn units_of_text(connection: &Connection, index: &LocaleIndex, text: &str) -> rusqlite::Result<Vec<u32>> {
    let sql = "select id from unit where hash = ?1 and locale_id = ?2 and text = ?3 order by id";
    let mut statement = connection.prepare_cached(sql)?;
    let hash = text_hash(text).cast_signed();
    statement.query_map((hash, index.locale_id, text), |row| row.get(0))?.collect()
}
