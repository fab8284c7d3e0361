//! The import of a TMX, one batch of units at a time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::params;

use super::{Import, SENTENCE, json_or_null, problems_to_json, segment_bulk};
use crate::memory::interner::{LocalePair, NewTexts, Pair, digest_of_pair, digest_of_text, id_prefix};
use crate::memory::origin::{Columns, SharedAt};
use crate::memory::{MemoryError, origin};
use crate::model::{Locale, Problem, TextArena, TextRange, Unit};

/// A TMX to store: a document for each pair of locales, all at the same path. If there are several source locales, the paths of
/// all but the first end in `#` and the locale.
#[derive(Clone, Copy, Debug)]
pub struct NewTmx<'a> {
    /// The name of the set it belongs to.
    pub set: &'a str,
    /// The path below the set, `/` separated.
    pub path: &'a str,
    /// The BLAKE3 of its bytes.
    pub hash: &'a [u8],
}

/// Units prepared for storage, on any thread.
#[derive(Default)]
pub struct PreparedUnits {
    texts: TextArena,
    locales: Vec<Locale>,
    locale_indexes: HashMap<Locale, usize>,
    variants: Vec<PreparedVariant>,
    units: usize,
}

struct PreparedVariant {
    /// The line where its unit begins.
    line: u32,
    /// Whether it is the first one of its unit.
    is_first: bool,
    /// Indexes of the locales of source and target.
    locales: (usize, usize),
    source: TextRange,
    target: TextRange,
    neighbours: [Option<TextRange>; 2],
    /// The column `rest`.
    rest: Option<TextRange>,
    digest: [u8; 16],
    source_digest: [u8; 16],
    columns: Columns,
}

impl PreparedUnits {
    /// Adds a unit that begins at this line of the file.
    pub fn push(&mut self, line: u32, unit: &Unit) {
        self.units += 1;
        let source = self.texts.push(&unit.source);
        let source_locale = self.locale(&unit.source_locale);
        let source_digest = digest_of_text(&unit.source);
        let neighbours = [&unit.context.previous, &unit.context.next];
        let neighbours = neighbours.map(|text| text.as_deref().map(|text| self.texts.push(text)));
        let first = unit.variants.first();
        let mut positions = 0;
        for (number, variant) in unit.variants.iter().enumerate() {
            // Variants are ordered by locale, and each one of the same locale has the next position; see `try_put`.
            positions += u32::from(number > 0 && unit.variants[number - 1].locale == variant.locale);
            let shared_at = match (first, &variant.shared) {
                (Some(first), Some(_)) if number > 0 => {
                    Some(SharedAt(first.locale.as_str().into(), positions))
                }
                _ => None,
            };
            let prepared = PreparedVariant {
                line,
                is_first: number == 0,
                locales: (source_locale, self.locale(&variant.locale)),
                source: source.clone(),
                target: self.texts.push(&variant.text),
                neighbours: neighbours.clone(),
                rest: origin::rest_of(variant, shared_at).map(|rest| self.texts.push(&rest)),
                digest: digest_of_pair(&unit.source, &variant.text),
                source_digest,
                columns: Columns::of(variant, unit.scope),
            };
            self.variants.push(prepared);
        }
    }

    /// The number of units.
    pub fn count(&self) -> usize {
        self.units
    }

    fn locale(&mut self, locale: &Locale) -> usize {
        if let Some(&known) = self.locale_indexes.get(locale) {
            return known;
        }
        self.locales.push(locale.clone());
        self.locale_indexes.insert(locale.clone(), self.locales.len() - 1);
        self.locales.len() - 1
    }
}

/// The running import of one TMX. If it is dropped before [`keep`](TmxImport::keep), it is rolled back.
pub struct TmxImport<'i, 'm> {
    import: &'i mut Import<'m>,
    tmx: NewTmx<'i>,
    set: i64,
    prefix: String,
    position: u64,
    first_source: Option<Locale>,
    /// By source and target locale, the ids of the two and of the document.
    documents: HashMap<(Locale, Locale), (LocalePair, i64)>,
    segments: u64,
    units_new: u64,
    replaced: bool,
    kept: bool,
}

impl<'m> Import<'m> {
    /// Begins the import of a TMX. Replaces the one at its path.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn begin_tmx<'i>(&'i mut self, tmx: NewTmx<'i>) -> Result<TmxImport<'i, 'm>, MemoryError> {
        let begun = self.try_begin_tmx(tmx);
        let (set, replaced) = self.memory.at(begun)?;
        // Segment ids like those of documents: a prefix, and the number of the unit.
        let prefix = id_prefix(&format!("{}/{}", tmx.set, tmx.path));
        let units_new = self.interner.units_new;
        Ok(TmxImport {
            import: self,
            tmx,
            set,
            prefix,
            position: 0,
            first_source: None,
            documents: HashMap::new(),
            segments: 0,
            units_new,
            replaced,
            kept: false,
        })
    }

    fn try_begin_tmx(&mut self, tmx: NewTmx<'_>) -> rusqlite::Result<(i64, bool)> {
        // A new batch, so that a rollback of the TMX undoes nothing else.
        self.begin_batch()?;
        self.end_batch()?;
        self.begin_batch()?;
        self.memory.connection.execute_batch("savepoint tmx")?;
        let set = self.set_id(tmx.set)?;
        let sql = "select path from document
                   where set_id = ?1 and superseded is null and (path = ?2 or substr(path, 1, length(?2) + 1) = ?2 || '#')
                   order by path";
        let paths: Vec<String> = self
            .memory
            .connection
            .prepare_cached(sql)?
            .query_map((set, tmx.path), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for path in &paths {
            self.remove_current_at(set, path)?;
        }
        Ok((set, !paths.is_empty()))
    }
}

impl TmxImport<'_, '_> {
    /// Stores units.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn put(&mut self, units: &PreparedUnits) -> Result<(), MemoryError> {
        let put = self.try_put(units);
        self.import.memory.at(put)
    }

    fn try_put(&mut self, units: &PreparedUnits) -> rusqlite::Result<()> {
        // The ids of each pair of locales among these units.
        let mut known: HashMap<(usize, usize), (LocalePair, i64)> = HashMap::new();
        for variant in &units.variants {
            if let Entry::Vacant(new) = known.entry(variant.locales) {
                let (source, target) = variant.locales;
                new.insert(self.document(&units.locales[source], &units.locales[target])?);
            }
        }
        let memory = &self.import.memory.connection;
        let mut texts = NewTexts::new(memory)?;
        let mut segments = segment_bulk(memory);
        let mut origins = origin::bulk(memory);
        let mut last = None;
        for variant in &units.variants {
            // Each unit has the next position. A second translation into the same locale has a position of its own.
            if variant.is_first && self.segments > 0 || !variant.is_first && last == Some(variant.locales) {
                self.position += 1;
            }
            last = Some(variant.locales);
            let Some(&(locales, document)) = known.get(&variant.locales) else { continue };
            let text = |range: &TextRange| units.texts.get(range);
            let pair = Pair {
                source: text(&variant.source),
                target: text(&variant.target),
                digest: variant.digest,
                source_digest: Some(variant.source_digest),
            };
            let variant_id = self.import.interner.variant(&mut texts, locales, pair)?;
            let position = self.position as i64;
            segments.put([
                document.into(),
                position.into(),
                (position + 1).into(),
                SENTENCE.into(),
                i64::from(variant.line).into(),
                variant_id.into(),
                None::<&str>.into(),
            ])?;
            let neighbours = variant.neighbours.each_ref().map(|piece| piece.as_ref().map(text));
            let rest = variant.rest.as_ref().map(text);
            origins.put(variant.columns.row((document, position), neighbours, rest))?;
            self.segments += 1;
        }
        texts.finish()?;
        segments.finish()?;
        origins.finish()
    }

    fn document(&mut self, source: &Locale, target: &Locale) -> rusqlite::Result<(LocalePair, i64)> {
        let pair = (source.clone(), target.clone());
        if let Some(&known) = self.documents.get(&pair) {
            return Ok(known);
        }
        let locales = self.import.locale_pair(source, target)?;
        let is_first = self.first_source.get_or_insert_with(|| source.clone()) == source;
        let path = if is_first { self.tmx.path.to_owned() } else { format!("{}#{source}", self.tmx.path) };
        let sql = "insert into document (set_id, path, hash, source_locale_id, target_locale_id, locale_stated, id_prefix)
                   values (?1, ?2, ?3, ?4, ?5, 1, ?6)";
        let id = self.import.memory.connection.prepare_cached(sql)?.insert(params![
            self.set,
            path,
            self.tmx.hash,
            locales.source,
            locales.target,
            self.prefix
        ])?;
        self.documents.insert(pair, (locales, id));
        Ok((locales, id))
    }

    /// The number of translations stored so far.
    pub fn segments(&self) -> u64 {
        self.segments
    }

    /// Whether the memory has an earlier version of the TMX, which this one replaces.
    pub fn replaces(&self) -> bool {
        self.replaced
    }

    /// Keeps the TMX, with the problems of reading it. A TMX without units has no document.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn keep(mut self, problems: &[Problem]) -> Result<(), MemoryError> {
        let kept = self.try_keep(problems);
        self.import.memory.at(kept)
    }

    fn try_keep(&mut self, problems: &[Problem]) -> rusqlite::Result<()> {
        let memory = &self.import.memory.connection;
        // The problems belong to the file, so its first document has them.
        if let Some((_, document)) = self.documents.values().min_by_key(|(_, document)| *document) {
            memory
                .prepare_cached("update document set problems = ?2 where id = ?1")?
                .execute(params![document, json_or_null(problems, problems_to_json)])?;
        }
        memory.execute_batch("release tmx")?;
        self.kept = true;
        let counts = &mut self.import.counts;
        counts.segments += self.segments;
        match (self.documents.is_empty(), self.replaced) {
            (false, true) => counts.documents_changed += 1,
            (false, false) => counts.documents_new += 1,
            (true, true) => counts.documents_removed += 1,
            (true, false) => {}
        }
        self.import.end_batch()
    }
}

impl Drop for TmxImport<'_, '_> {
    fn drop(&mut self) {
        if !self.kept {
            // Errors are ignored: while the savepoint is open, the commit of the batch fails with the same error.
            let _ = self.import.memory.connection.execute_batch("rollback to tmx; release tmx");
            let _ = self.import.invalidate();
            self.import.interner.units_new = self.units_new;
            self.import.sets.clear();
            self.import.locales.clear();
            self.import.batch.orphans.clear();
        }
    }
}
