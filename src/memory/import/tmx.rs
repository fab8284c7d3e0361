//! The import of a TMX: unit by unit, without holding the file.

use std::collections::HashMap;

use rusqlite::params;

use super::{Import, json_or_null, problems_to_json};
use crate::memory::interner::{LocalePair, Pair, digest_of_pair};
use crate::memory::{MemoryError, origin};
use crate::model::{Locale, Problem, Unit, Variant};

/// A TMX to be kept. It is one document for each pair of locales in it, all at the same path; where there is more than one source
/// locale, the second and later ones' path ends in `#` and the locale.
#[derive(Clone, Copy, Debug)]
pub struct NewTmx<'a> {
    /// The name of the set it belongs to.
    pub set: &'a str,
    /// The path below the set, `/` separated.
    pub path: &'a str,
    /// The BLAKE3 of its bytes.
    pub hash: &'a [u8],
}

/// A unit with all that can be made of it before the memory is written to, on whatever thread.
pub struct ReadyUnit {
    unit: Unit,
    /// For each variant the digest of the pair, and what the memory keeps of it for exports.
    made: Vec<([u8; 16], Option<String>)>,
}

impl ReadyUnit {
    /// Makes a unit ready.
    pub fn new(unit: Unit) -> ReadyUnit {
        let make =
            |variant: &Variant| (digest_of_pair(&unit.source, &variant.text), origin::rest_of(variant));
        let made = unit.variants.iter().map(make).collect();
        ReadyUnit { unit, made }
    }
}

/// The import of one TMX under way. Without [`keep`](TmxImport::keep) it is undone.
pub struct TmxImport<'i, 'm> {
    import: &'i mut Import<'m>,
    tmx: NewTmx<'i>,
    set: i64,
    prefix: String,
    position: u64,
    first_source: Option<Locale>,
    /// By source and target locale, the pair's keys and the document's.
    documents: HashMap<(Locale, Locale), (LocalePair, i64)>,
    segments: u64,
    units_new: u64,
    replaced: bool,
    kept: bool,
}

impl<'m> Import<'m> {
    /// Begins to import a TMX, in the place of the one at its path.
    ///
    /// # Errors
    /// Where the memory cannot be written to.
    pub fn begin_tmx<'i>(&'i mut self, tmx: NewTmx<'i>) -> Result<TmxImport<'i, 'm>, MemoryError> {
        let begun = self.try_begin_tmx(tmx);
        let (set, replaced) = self.memory.at(begun)?;
        // Ids as documents have them: something hexadecimal that stands for the file, and the number of the unit.
        let name = format!("{}/{}", tmx.set, tmx.path);
        let prefix = blake3::hash(name.as_bytes()).to_hex()[..5].to_string();
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
        // What came before is put in order first, so that undoing the TMX undoes nothing else.
        self.begin_batch()?;
        self.end_batch()?;
        self.begin_batch()?;
        self.memory.connection.execute_batch("savepoint tmx")?;
        let set = self.set_id(tmx.set)?;
        let sql = "select path from document
                   where set_id = ?1 and (path = ?2 or substr(path, 1, length(?2) + 1) = ?2 || '#')
                   order by path";
        let paths: Vec<String> = self
            .memory
            .connection
            .prepare_cached(sql)?
            .query_map((set, tmx.path), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for path in &paths {
            self.remove_path(set, path)?;
        }
        Ok((set, !paths.is_empty()))
    }
}

impl TmxImport<'_, '_> {
    /// Keeps a unit that begins in a line of the file.
    ///
    /// # Errors
    /// Where the memory cannot be written to.
    pub fn put(&mut self, line: u32, unit: &ReadyUnit) -> Result<(), MemoryError> {
        let put = self.try_put(line, unit);
        self.import.memory.at(put)
    }

    fn try_put(&mut self, line: u32, ready: &ReadyUnit) -> rusqlite::Result<()> {
        let unit = &ready.unit;
        let mut last: Option<&Locale> = None;
        for (variant, (digest, rest)) in unit.variants.iter().zip(&ready.made) {
            // Two translations into one locale stand at two positions; those into others share the first.
            if last == Some(&variant.locale) {
                self.position += 1;
            }
            last = Some(&variant.locale);
            let (locales, document) = self.document(&unit.source_locale, &variant.locale)?;
            let pair = Pair { source: &unit.source, target: &variant.text, digest: *digest };
            let memory = &self.import.memory.connection;
            let variant_id = self.import.interner.variant(memory, locales, pair)?;
            let sql = "insert into segment (document_id, position, number, kind, line, variant_id)
                       values (?1, ?2, ?3, 0, ?4, ?5)";
            let number = self.position + 1;
            memory.prepare_cached(sql)?.execute(params![
                document,
                self.position,
                number,
                line,
                variant_id
            ])?;
            let place = (document, self.position);
            origin::insert(memory, place, variant, rest.as_deref(), (&unit.context, unit.scope))?;
            self.segments += 1;
        }
        self.position += 1;
        Ok(())
    }

    fn document(&mut self, source: &Locale, target: &Locale) -> rusqlite::Result<(LocalePair, i64)> {
        let pair = (source.clone(), target.clone());
        if let Some(&known) = self.documents.get(&pair) {
            return Ok(known);
        }
        let locales =
            LocalePair { source: self.import.locale_id(source)?, target: self.import.locale_id(target)? };
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

    /// How many translations were put.
    pub fn segments(&self) -> u64 {
        self.segments
    }

    /// Keeps what was put, with what could not be read. A TMX without a unit leaves nothing.
    ///
    /// # Errors
    /// Where the memory cannot be written to.
    pub fn keep(mut self, problems: &[Problem]) -> Result<(), MemoryError> {
        let kept = self.try_keep(problems);
        self.import.memory.at(kept)
    }

    fn try_keep(&mut self, problems: &[Problem]) -> rusqlite::Result<()> {
        let memory = &self.import.memory.connection;
        for (_, document) in self.documents.values() {
            memory
                .prepare_cached("update document set problems = ?2 where id = ?1")?
                .execute(params![document, json_or_null(problems, problems_to_json)])?;
        }
        memory.execute_batch("release tmx")?;
        self.kept = true;
        let tally = &mut self.import.tally;
        tally.segments += self.segments;
        match (self.documents.is_empty(), self.replaced) {
            (false, true) => tally.documents_changed += 1,
            (false, false) => tally.documents_new += 1,
            (true, true) => tally.documents_removed += 1,
            (true, false) => {}
        }
        self.import.end_batch()
    }
}

impl Drop for TmxImport<'_, '_> {
    fn drop(&mut self) {
        if !self.kept {
            // What fails here fails again, and is told, where the batch is committed: it is not, while the savepoint is open.
            let _ = self.import.memory.connection.execute_batch("rollback to tmx; release tmx");
            self.import.interner.forget();
            self.import.interner.units_new = self.units_new;
            self.import.sets.clear();
            self.import.locales.clear();
            self.import.left.clear();
        }
    }
}
