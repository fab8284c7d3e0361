//! What an import writes: documents, each whole or not at all, and the removal of what nothing uses any more.
//!
//! An import commits every second or so. A process that dies loses what it did since; the next import finds the documents
//! that are missing by their hashes. Two imports may run at once: each holds the memory for one batch at a time.

mod file;
mod known;
#[cfg(test)]
mod tests;
mod tmx;

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

pub use known::{KnownDocument, KnownDocuments};
pub use tmx::{NewTmx, ReadyUnits, TmxImport};

use super::bulk::Bulk;
use super::interner::{Interner, LocalePair, NewTexts, Pair};
use super::{Memory, MemoryError};
use crate::model::{Kind, Locale, Metadata, Problem, SegmentId};

/// A batch ends after this many segments, or after this time, whichever comes first.
const BATCH_SEGMENTS: u64 = 250_000;
const BATCH_TIME: Duration = Duration::from_secs(1);

/// A segment to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewSegment<'a> {
    /// The id as it stands in the document.
    pub id: SegmentId<'a>,
    /// The 1-based line where its span opens.
    pub line: u32,
    /// Its texts.
    pub pair: Pair<'a>,
}

/// A document to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewDocument<'a> {
    /// The name of the set it belongs to.
    pub set: &'a str,
    /// The path below the set, `/` separated.
    pub path: &'a str,
    /// What tells its bytes, and how they are read, from others.
    pub hash: &'a [u8],
    /// The locale of its source texts.
    pub source_locale: &'a Locale,
    /// The locale of its target texts.
    pub target_locale: &'a Locale,
    /// Whether the document itself states its target locale.
    pub locale_stated: bool,
    /// What it says of itself.
    pub metadata: &'a Metadata,
    /// What could not be read of it.
    pub problems: &'a [Problem],
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The memory did not have it.
    New,
    /// It took the place of an older one.
    Changed,
    /// The memory had it just so.
    Unchanged,
}

/// What an import did; the fields of `import --json`, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ImportCounts {
    /// Documents that the memory did not have.
    pub documents_new: u64,
    /// Documents that took the place of older ones.
    pub documents_changed: u64,
    /// Documents that the memory had as they are. Those that are never passed to [`Import::put`] are their caller's to count.
    pub documents_unchanged: u64,
    /// Documents that are gone from their set, or hold no segments any more.
    pub documents_removed: u64,
    /// Documents that were read and hold no segments: never passed to [`Import`], so their caller's to count.
    pub documents_without_segments: u64,
    /// Segments of the new and changed documents.
    pub segments: u64,
    /// Source texts that the memory did not have.
    pub units_new: u64,
    /// Source texts that nothing uses any more.
    pub units_removed: u64,
}

/// An import under way. If it is dropped before [`finish`](Import::finish), the batch that is not committed is rolled back.
pub struct Import<'m> {
    memory: &'m mut Memory,
    interner: Interner,
    sets: HashMap<String, i64>,
    locales: HashMap<Locale, i64>,
    /// Variants of documents replaced or removed in this batch: they may have no segment left.
    left: BTreeSet<i64>,
    batch: Option<Batch>,
    /// SQLite's counter of what other connections have committed.
    seen: i64,
    dry_run: bool,
    counts: ImportCounts,
}

struct Batch {
    began: Instant,
    segments: u64,
}

impl<'m> Import<'m> {
    /// Begins to import. A dry run does all, and undoes it in the end.
    ///
    /// # Errors
    /// Where the memory cannot be written to.
    pub fn begin(memory: &'m mut Memory, dry_run: bool) -> Result<Self, MemoryError> {
        let empty = file::begin(&memory.connection, dry_run);
        let empty = empty.map_err(|error| MemoryError::sqlite(&memory.path, error))?;
        let mut import = Import {
            memory,
            interner: Interner::new(empty),
            sets: HashMap::new(),
            locales: HashMap::new(),
            left: BTreeSet::new(),
            batch: Some(Batch { began: Instant::now(), segments: 0 }),
            seen: 0,
            dry_run,
            counts: ImportCounts::default(),
        };
        import.seen = import.data_version()?;
        Ok(import)
    }

    /// Keeps a document with its segments, in the place of the one at its path.
    ///
    /// # Errors
    /// Where the memory cannot be written to; the document is not in it then.
    pub fn put<'s>(
        &mut self,
        document: &NewDocument<'_>,
        segments: impl ExactSizeIterator<Item = NewSegment<'s>>,
    ) -> Result<Put, MemoryError> {
        let put = self.try_put(document, segments);
        self.memory.at(put)
    }

    fn try_put<'s>(
        &mut self,
        document: &NewDocument<'_>,
        segments: impl ExactSizeIterator<Item = NewSegment<'s>>,
    ) -> rusqlite::Result<Put> {
        self.begin_batch()?;
        let set = self.set_id(document.set)?;
        let locales = LocalePair {
            source: self.locale_id(document.source_locale)?,
            target: self.locale_id(document.target_locale)?,
        };
        // Another import may have kept it since this one looked.
        let same = "select 1 from document where set_id = ?1 and path = ?2 and target_locale_id = ?3
                    and source_locale_id = ?4 and hash = ?5";
        let same = self.memory.connection.prepare_cached(same)?.exists(params![
            set,
            document.path,
            locales.target,
            locales.source,
            document.hash
        ])?;
        if same {
            self.counts.documents_unchanged += 1;
            return Ok(Put::Unchanged);
        }
        let replaced = self.remove_path(set, document.path)?;
        let count = segments.len() as u64;
        self.insert(set, locales, document, segments)?;
        self.counts.segments += count;
        let put = if replaced {
            self.counts.documents_changed += 1;
            Put::Changed
        } else {
            self.counts.documents_new += 1;
            Put::New
        };
        if let Some(batch) = &mut self.batch {
            batch.segments += count;
            if batch.segments >= BATCH_SEGMENTS || batch.began.elapsed() >= BATCH_TIME {
                self.end_batch()?;
            }
        }
        Ok(put)
    }

    fn insert<'s>(
        &mut self,
        set: i64,
        locales: LocalePair,
        document: &NewDocument<'_>,
        segments: impl Iterator<Item = NewSegment<'s>>,
    ) -> rusqlite::Result<()> {
        let memory = &self.memory.connection;
        let metadata = document.metadata;
        let mut segments = segments.peekable();
        let prefix = segments.peek().map_or("", |first| first.id.prefix());
        let sql =
            "insert into document (set_id, path, hash, source_locale_id, target_locale_id, locale_stated,
                       id_prefix, workflow, source_hash, source_commit, handoff, file_id, title, description,
                       no_loc, problems)
                   values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
        let id = memory.prepare_cached(sql)?.insert(params![
            set,
            document.path,
            document.hash,
            locales.source,
            locales.target,
            document.locale_stated,
            prefix,
            metadata.workflow.map(|workflow| workflow.name()),
            metadata.source_hash,
            metadata.source_commit,
            metadata.handoff.map(|date| date.to_string()),
            metadata.file_id,
            metadata.title,
            metadata.description,
            json_or_null(&metadata.no_loc, |terms| serde_json::json!(terms)),
            json_or_null(document.problems, problems_to_json),
        ])?;
        let mut bulk = segment_bulk(memory);
        let mut texts = NewTexts::new(memory)?;
        for (position, segment) in segments.enumerate() {
            let variant = self.interner.variant(&mut texts, locales, segment.pair)?;
            let kind = if segment.id.kind() == Kind::Paragraph { PARAGRAPH } else { SENTENCE };
            let written = (!is_told_by_columns(segment.id, prefix)).then(|| segment.id.as_str());
            bulk.put([
                id.into(),
                (position as i64).into(),
                i64::from(segment.id.number()).into(),
                kind.into(),
                i64::from(segment.line).into(),
                variant.into(),
                written.into(),
            ])?;
        }
        texts.finish()?;
        bulk.finish()
    }

    /// Removes the document at a path of a set. Gives whether there was one.
    ///
    /// # Errors
    /// Where the memory cannot be written to.
    pub fn remove(&mut self, set: &str, path: &str) -> Result<bool, MemoryError> {
        let removed = || -> rusqlite::Result<bool> {
            self.begin_batch()?;
            let set = self.set_id(set)?;
            self.remove_path(set, path)
        };
        let removed = { removed }();
        let removed = self.memory.at(removed)?;
        self.counts.documents_removed += u64::from(removed);
        Ok(removed)
    }

    fn remove_path(&mut self, set: i64, path: &str) -> rusqlite::Result<bool> {
        let memory = &self.memory.connection;
        let mut find =
            memory.prepare_cached("select id from document where set_id = ?1 and path = ?2 order by id")?;
        let documents: Vec<i64> = find.query_map((set, path), |row| row.get(0))?.collect::<Result<_, _>>()?;
        for &document in &documents {
            let mut variants =
                memory.prepare_cached("select variant_id from segment where document_id = ?1")?;
            for variant in variants.query_map([document], |row| row.get(0))? {
                self.left.insert(variant?);
            }
            memory.prepare_cached("delete from segment where document_id = ?1")?.execute([document])?;
            memory.prepare_cached("delete from origin where document_id = ?1")?.execute([document])?;
            memory.prepare_cached("delete from document where id = ?1")?.execute([document])?;
        }
        Ok(!documents.is_empty())
    }

    /// Commits what is left and puts the memory in order: one file, every index built, nothing that nothing uses.
    ///
    /// # Errors
    /// Where the memory cannot be written to.
    pub fn finish(mut self) -> Result<ImportCounts, MemoryError> {
        let finished = self.try_finish();
        self.memory.at(finished)?;
        self.counts.units_new = self.interner.units_new;
        Ok(self.counts)
    }

    fn try_finish(&mut self) -> rusqlite::Result<()> {
        self.begin_batch()?;
        self.sweep()?;
        let unused = "delete from document_set
                      where not exists (select 1 from document where document.set_id = document_set.id)";
        self.memory.connection.execute_batch(unused)?;
        if self.dry_run {
            self.batch = None;
            return self.memory.connection.execute_batch("rollback");
        }
        // What was met is of no more use, and the indexes want the room.
        self.forget()?;
        self.end_batch()?;
        file::shrink_cache(&self.memory.connection)?;
        super::text_index::refresh(&self.memory.connection)?;
        file::end(&self.memory.connection)
    }

    fn begin_batch(&mut self) -> rusqlite::Result<()> {
        if self.batch.is_some() {
            return Ok(());
        }
        self.memory.connection.execute_batch("begin immediate")?;
        self.batch = Some(Batch { began: Instant::now(), segments: 0 });
        let version = self.memory.connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.seen != version {
            self.seen = version;
            self.forget()?;
            self.sets.clear();
            self.locales.clear();
        }
        Ok(())
    }

    fn end_batch(&mut self) -> rusqlite::Result<()> {
        self.sweep()?;
        if !self.dry_run {
            self.memory.connection.execute_batch("commit")?;
            self.batch = None;
        }
        Ok(())
    }

    /// Removes the variants and units that the batch left without a segment.
    fn sweep(&mut self) -> rusqlite::Result<()> {
        if self.left.is_empty() {
            return Ok(());
        }
        let memory = &self.memory.connection;
        let mut swept = false;
        for variant in std::mem::take(&mut self.left) {
            let unused = "delete from variant where id = ?1
                          and not exists (select 1 from segment where segment.variant_id = variant.id)
                          returning unit_id";
            let unit: Option<i64> =
                memory.prepare_cached(unused)?.query_row([variant], |row| row.get(0)).optional()?;
            let Some(unit) = unit else { continue };
            swept = true;
            let unused = "delete from unit where id = ?1
                          and not exists (select 1 from variant where variant.unit_id = unit.id)";
            self.counts.units_removed += memory.prepare_cached(unused)?.execute([unit])? as u64;
        }
        if swept { self.forget() } else { Ok(()) }
    }

    /// Forgets which texts the memory has: from here on they are looked up in it.
    fn forget(&mut self) -> rusqlite::Result<()> {
        self.interner.forget();
        super::schema::create_deferred_indexes(&self.memory.connection)
    }

    fn data_version(&self) -> Result<i64, MemoryError> {
        self.memory.at(self.memory.connection.pragma_query_value(None, "data_version", |row| row.get(0)))
    }

    fn set_id(&mut self, name: &str) -> rusqlite::Result<i64> {
        if let Some(&id) = self.sets.get(name) {
            return Ok(id);
        }
        let id = id_of_name(&self.memory.connection, "document_set", name)?;
        self.sets.insert(name.to_owned(), id);
        Ok(id)
    }

    fn locale_id(&mut self, locale: &Locale) -> rusqlite::Result<i64> {
        if let Some(&id) = self.locales.get(locale) {
            return Ok(id);
        }
        let id = id_of_name(&self.memory.connection, "locale", locale.as_str())?;
        self.locales.insert(locale.clone(), id);
        Ok(id)
    }
}

impl Drop for Import<'_> {
    /// Rolls back a batch that was not committed. After [`finish`](Import::finish) there is none.
    fn drop(&mut self) {
        let memory = &self.memory.connection;
        if !memory.is_autocommit() {
            // If this fails, closing the connection rolls back.
            let _ = memory.execute_batch("rollback");
        }
    }
}

/// What `segment.kind` holds.
const SENTENCE: i64 = 0;
const PARAGRAPH: i64 = 1;

fn segment_bulk<'m, 't>(memory: &'m Connection) -> Bulk<'m, 't, 7> {
    let columns = ["document_id", "position", "number", "kind", "line", "variant_id", "id"];
    Bulk::new(memory, "segment", columns)
}

/// Whether the document's prefix, the kind and the number give the id back as it was written.
fn is_told_by_columns(id: SegmentId<'_>, prefix: &str) -> bool {
    let paragraph = usize::from(id.kind() == Kind::Paragraph);
    let digits = &id.as_str()[id.prefix().len() + 1 + paragraph..];
    id.prefix() == prefix && (digits == "0" || !digits.starts_with('0'))
}

/// The id of a name in a table of names, which gets it where it has it not. `table` is one of this program's own words.
fn id_of_name(memory: &Connection, table: &str, name: &str) -> rusqlite::Result<i64> {
    let find = format!("select id from {table} where name = ?1");
    match memory.prepare_cached(&find)?.query_row([name], |row| row.get(0)).optional()? {
        Some(id) => Ok(id),
        None => memory.prepare_cached(&format!("insert into {table} (name) values (?1)"))?.insert([name]),
    }
}

fn json_or_null<T>(items: &[T], to_json: impl Fn(&[T]) -> serde_json::Value) -> Option<String> {
    (!items.is_empty()).then(|| to_json(items).to_string())
}

fn problems_to_json(problems: &[Problem]) -> serde_json::Value {
    problems
        .iter()
        .map(|problem| serde_json::json!({ "line": problem.line, "reason": problem.reason }))
        .collect()
}
