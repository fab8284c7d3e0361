//! Import: adds, replaces and removes documents, and deletes the variants and units that no segment uses any more.
//!
//! Each batch is one transaction of about a second. If the process dies, the current batch is lost; the next import finds the
//! missing documents by their hashes. Two imports may run at once, because the write lock is held for one batch at a time.

mod document;
mod file;
mod history;
mod known;
mod parts;
mod rows;
mod store;
#[cfg(test)]
mod tests;
mod tmx;

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

pub use document::{GitVersion, NewDocument, NewSegment};
pub use history::{History, KnownHistory, KnownVersion};
pub use known::{KnownDocument, KnownDocuments};
pub use parts::{PartialDocument, StoredDocument};
pub use store::{NewStore, NewStoredUnit};
pub use tmx::{NewTmx, PreparedUnits, TmxImport};

use rows::{NewSegments, SENTENCE, insert_document, json_or_null, problems_to_json, segment_bulk};

use super::interner::{Interner, LocalePair, Pair};
use super::{Memory, MemoryError};
use crate::model::{DocumentVersion, Locale};

/// A batch ends after this many segments, or after this time, whichever comes first.
const BATCH_SEGMENTS: u64 = 250_000;
const BATCH_TIME: Duration = Duration::from_secs(1);

/// The result of storing a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// There was no document at its path.
    New,
    /// It replaced another version.
    Changed,
    /// The memory had the same version.
    Unchanged,
}

/// The counts of an import; the fields of `import --json`, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ImportCounts {
    /// Documents that are new.
    pub documents_new: u64,
    /// Documents that replaced another version.
    pub documents_changed: u64,
    /// Documents of which the memory had the same version. The caller adds those that it does not pass to [`Import::put`].
    pub documents_unchanged: u64,
    /// Documents that were removed from their set, or have no segments any more.
    pub documents_removed: u64,
    /// Documents without segments. The caller counts them, because they are not passed to [`Import`].
    pub documents_without_segments: u64,
    /// Earlier versions of documents that were read.
    pub versions: u64,
    /// Segments of the new and changed documents.
    pub segments: u64,
    /// Segments that only earlier versions of documents have, and that are new to the memory.
    pub superseded: u64,
    /// Source texts that are new.
    pub units_new: u64,
    /// Source texts that no segment uses any more.
    pub units_removed: u64,
}

/// A running import. If it is dropped before [`finish`](Import::finish), the current batch is rolled back.
pub struct Import<'m> {
    memory: &'m mut Memory,
    interner: Interner,
    sets: HashMap<String, i64>,
    locales: HashMap<Locale, i64>,
    batch: Batch,
    /// SQLite's `data_version` when the caches were last valid: it changes when another connection commits.
    data_version_seen: i64,
    dry_run: bool,
    counts: ImportCounts,
    /// Segments of documents that were removed or replaced.
    segments_removed: u64,
    /// Whether a replaced version stays as a superseded one, because the history of the documents is imported next.
    keeps_history: bool,
    /// So many new texts are indexed before the end, because others may read the memory meanwhile; `None` if it was empty,
    /// and in a dry run.
    indexed_meanwhile: Option<i64>,
}

/// So many new texts are indexed before the end of an import.
const INDEXED_MEANWHILE: i64 = 1 << 17;

/// The state of one transaction.
struct Batch {
    began: Instant,
    segments: u64,
    /// Variants of replaced or removed documents, which may have no segment left.
    orphans: BTreeSet<i64>,
}

impl Batch {
    fn new() -> Self {
        Batch { began: Instant::now(), segments: 0, orphans: BTreeSet::new() }
    }
}

impl<'m> Import<'m> {
    /// Begins an import. A dry run is rolled back at the end.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn begin(memory: &'m mut Memory, dry_run: bool) -> Result<Self, MemoryError> {
        let begin = || -> rusqlite::Result<bool> {
            let empty = file::begin(&memory.connection, dry_run)?;
            super::schema::migrate_earlier(&memory.connection)?;
            Ok(empty)
        };
        let empty = begin();
        let empty = empty.map_err(|error| MemoryError::sqlite(&memory.path, error))?;
        let mut import = Import {
            memory,
            interner: Interner::new(empty),
            sets: HashMap::new(),
            locales: HashMap::new(),
            batch: Batch::new(),
            data_version_seen: 0,
            dry_run,
            counts: ImportCounts::default(),
            segments_removed: 0,
            keeps_history: false,
            indexed_meanwhile: (!empty && !dry_run).then_some(INDEXED_MEANWHILE),
        };
        let version = import.data_version();
        import.data_version_seen = import.memory.at(version)?;
        Ok(import)
    }

    /// Stores a document with its segments. Replaces the document at its path.
    ///
    /// # Errors
    /// If the memory cannot be written to; the document is not in it then.
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
        let locales = self.locale_pair(document.source_locale, document.target_locale)?;
        // Another import may have stored it meanwhile.
        let same = "select 1 from document where set_id = ?1 and path = ?2 and target_locale_id = ?3
                    and superseded is null and source_locale_id = ?4 and hash = ?5";
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
        let superseded = document.commit().map(|commit| commit.time);
        let replaced = self.try_withdraw(set, document.path, superseded)?;
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
        self.batch.segments += count;
        self.end_full_batch()?;
        Ok(put)
    }

    /// Ends the batch if it is long enough.
    fn end_full_batch(&mut self) -> rusqlite::Result<()> {
        if self.batch.segments >= BATCH_SEGMENTS || self.batch.began.elapsed() >= BATCH_TIME {
            self.end_batch()?;
            self.index_meanwhile()?;
        }
        Ok(())
    }

    fn index_meanwhile(&self) -> rusqlite::Result<()> {
        self.indexed_meanwhile
            .map_or(Ok(()), |fewest| super::text_index::refresh_meanwhile(&self.memory.connection, fewest))
    }

    fn insert<'s>(
        &mut self,
        set: i64,
        locales: LocalePair,
        document: &NewDocument<'_>,
        segments: impl Iterator<Item = NewSegment<'s>>,
    ) -> rusqlite::Result<()> {
        let mut segments = segments.peekable();
        let prefix = segments.peek().map_or("", |first| first.id.prefix());
        let version = DocumentVersion { commit: document.commit(), superseded: None };
        let id = insert_document(&self.memory.connection, set, locales, document, (prefix, &version))?;
        let mut rows = NewSegments::new(&self.memory.connection, id, prefix)?;
        for (position, segment) in segments.enumerate() {
            let variant = self.interner.variant(&mut rows.texts, locales, segment.pair)?;
            rows.put(position as i64, &segment, variant)?;
        }
        rows.finish()
    }

    /// Removes the current version of the document at a path of a set. If its history is imported next and the memory has the
    /// history of that version, it becomes superseded with all its segments at `superseded`, in seconds since 1970; the import of
    /// the history removes those that newer versions have. Returns whether there was one.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn withdraw(&mut self, set: &str, path: &str, superseded: Option<i64>) -> Result<bool, MemoryError> {
        self.counted_removal(set, |import, set| import.try_withdraw(set, path, superseded))
    }

    /// Removes what `remove` removes from a set, and counts a document if it returns that there was one.
    fn counted_removal(
        &mut self,
        set: &str,
        remove: impl Fn(&mut Self, i64) -> rusqlite::Result<bool>,
    ) -> Result<bool, MemoryError> {
        let mut counted = || -> rusqlite::Result<bool> {
            self.begin_batch()?;
            let set = self.set_id(set)?;
            remove(self, set)
        };
        let removed = counted();
        let removed = self.memory.at(removed)?;
        self.counts.documents_removed += u64::from(removed);
        Ok(removed)
    }

    fn try_withdraw(&mut self, set: i64, path: &str, superseded: Option<i64>) -> rusqlite::Result<bool> {
        let mut retired = 0;
        if let Some(superseded) = superseded.filter(|_| self.keeps_history) {
            let retire = "update document set superseded = ?3
                          where set_id = ?1 and path = ?2 and superseded is null
                          and exists (select 1 from version where version.set_id = ?1 and version.name = ?2
                                      and version.document_id = document.id)";
            retired = self.memory.connection.prepare_cached(retire)?.execute((set, path, superseded))?;
        }
        Ok(self.remove_current_at(set, path)? || retired > 0)
    }

    /// Removes all versions of the document at a path of a set. Returns whether there was one.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn remove(&mut self, set: &str, path: &str) -> Result<bool, MemoryError> {
        // Two statements, because each has an index.
        let superseded =
            "select id from document where set_id = ?1 and path = ?2 and superseded is not null order by id";
        self.counted_removal(set, |import, set| {
            let current = import.remove_current_at(set, path)?;
            Ok(import.remove_found(superseded, (set, path))? || current)
        })
    }

    /// Removes the current version of the document at a path, of a TMX in each target locale. Returns whether there was one.
    fn remove_current_at(&mut self, set: i64, path: &str) -> rusqlite::Result<bool> {
        let current =
            "select id from document where set_id = ?1 and path = ?2 and superseded is null order by id";
        self.remove_found(current, (set, path))
    }

    /// Removes the documents whose ids a query returns, with their segments. Their variants may have no segment left. Returns whether
    /// there was one.
    fn remove_found(&mut self, sql: &str, parameters: impl rusqlite::Params) -> rusqlite::Result<bool> {
        let memory = &self.memory.connection;
        let mut find = memory.prepare_cached(sql)?;
        let documents: Vec<i64> = find.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop(find);
        documents.iter().try_for_each(|&document| self.remove_document(document))?;
        Ok(!documents.is_empty())
    }

    fn remove_document(&mut self, document: i64) -> rusqlite::Result<()> {
        let memory = &self.memory.connection;
        let mut variants = memory.prepare_cached("select variant_id from segment where document_id = ?1")?;
        for variant in variants.query_map([document], |row| row.get(0))? {
            self.batch.orphans.insert(variant?);
        }
        let segments = "delete from segment where document_id = ?1";
        self.segments_removed += memory.prepare_cached(segments)?.execute([document])? as u64;
        memory.prepare_cached("delete from origin where document_id = ?1")?.execute([document])?;
        memory.prepare_cached("delete from as_written where document_id = ?1")?.execute([document])?;
        memory.prepare_cached("delete from aligned where document_id = ?1")?.execute([document])?;
        memory.prepare_cached("delete from neighbour where document_id = ?1")?.execute([document])?;
        memory.prepare_cached("delete from document where id = ?1")?.execute([document])?;
        Ok(())
    }

    /// The number of segments of the documents that were removed or replaced so far.
    pub fn segments_removed(&self) -> u64 {
        self.segments_removed
    }

    /// The names of all sets, in order.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn set_names(&self) -> Result<Vec<String>, MemoryError> {
        let names = || -> rusqlite::Result<Vec<String>> {
            let mut names = self.memory.connection.prepare("select name from document_set order by name")?;
            names.query_map([], |row| row.get(0))?.collect()
        };
        self.memory.at(names())
    }

    /// Commits the last batch, deletes unused rows, builds the indexes, and sets the journal mode back.
    ///
    /// # Errors
    /// If the memory cannot be written to.
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
                      where not exists (select 1 from document where document.set_id = document_set.id);
                      delete from version where set_id not in (select id from document_set);
                      delete from clean_object where set_id not in (select id from document_set)";
        self.memory.connection.execute_batch(unused)?;
        if self.dry_run {
            return self.memory.connection.execute_batch("rollback");
        }
        // Building the indexes needs the memory of the cache.
        self.invalidate()?;
        self.end_batch()?;
        file::shrink_cache(&self.memory.connection)?;
        super::text_index::refresh(&self.memory.connection)?;
        file::end(&self.memory.connection)
    }

    fn begin_batch(&mut self) -> rusqlite::Result<()> {
        if !self.memory.connection.is_autocommit() {
            return Ok(());
        }
        self.memory.connection.execute_batch("begin immediate")?;
        self.batch = Batch::new();
        let version = self.data_version()?;
        if self.data_version_seen != version {
            self.data_version_seen = version;
            self.invalidate()?;
            self.sets.clear();
            self.locales.clear();
        }
        Ok(())
    }

    fn end_batch(&mut self) -> rusqlite::Result<()> {
        self.sweep()?;
        if !self.dry_run {
            self.memory.connection.execute_batch("commit")?;
        }
        Ok(())
    }

    /// Deletes the variants and units that have no segment any more.
    fn sweep(&mut self) -> rusqlite::Result<()> {
        if self.batch.orphans.is_empty() {
            return Ok(());
        }
        let memory = &self.memory.connection;
        let mut swept = false;
        for variant in std::mem::take(&mut self.batch.orphans) {
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
        if swept { self.invalidate() } else { Ok(()) }
    }

    /// Clears the cache of texts. From here on they are looked up by the deferred indexes.
    fn invalidate(&mut self) -> rusqlite::Result<()> {
        self.interner.invalidate();
        super::schema::create_deferred_indexes(&self.memory.connection)
    }

    fn data_version(&self) -> rusqlite::Result<i64> {
        self.memory.connection.pragma_query_value(None, "data_version", |row| row.get(0))
    }

    fn set_id(&mut self, name: &str) -> rusqlite::Result<i64> {
        if let Some(&id) = self.sets.get(name) {
            return Ok(id);
        }
        let id = id_of_name(&self.memory.connection, "document_set", name)?;
        self.sets.insert(name.to_owned(), id);
        Ok(id)
    }

    fn locale_pair(&mut self, source: &Locale, target: &Locale) -> rusqlite::Result<LocalePair> {
        Ok(LocalePair { source: self.locale_id(source)?, target: self.locale_id(target)? })
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

/// The id of a name in a table of names. Adds the name if it is new.
fn id_of_name(memory: &Connection, table: &str, name: &str) -> rusqlite::Result<i64> {
    let find = format!("select id from {table} where name = ?1");
    match memory.prepare_cached(&find)?.query_row([name], |row| row.get(0)).optional()? {
        Some(id) => Ok(id),
        None => memory.prepare_cached(&format!("insert into {table} (name) values (?1)"))?.insert([name]),
    }
}
