//! Import of the history of documents: the translations that earlier versions have and no newer one.
//!
//! The versions of a document are visited from the newest to the oldest. A segment of an earlier version is kept if no newer
//! version that was visited has the same two texts with the same workflow. So each pair of texts of the history is stored, where it
//! is newest, and the texts beside a kept segment are texts of the memory too.
//!
//! A version that the memory has from an earlier import is not read again: its kept segments are compared with the newer
//! versions. What it had besides is in a newer version, which is visited before it.

mod known;

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::{GitVersion, Import, NewDocument, NewSegment, NewSegments, insert_document};
use crate::memory::MemoryError;
use crate::memory::bulk::Bulk;
use crate::model::{Commit, DocumentVersion, FileVersion, ObjectId, Workflow};

pub use known::{KnownHistory, KnownVersion};

use known::has_versions;

/// The running import of the history of one document.
pub struct History {
    set: i64,
    name: String,
    ordinal: i64,
    /// The pairs of texts of the versions so far: variant and workflow.
    newer: HashSet<(i64, Option<Workflow>)>,
}

impl Import<'_> {
    /// From here on a version that is replaced stays as a superseded one if its history is known. To be called before the current
    /// versions of documents are stored whose history is imported after them.
    pub fn keep_history(&mut self) {
        self.keeps_history = true;
    }

    /// Begins the import of the history of a document; `name` is the path of its newest version. `replaced` are the names by which
    /// its versions are known so far, with these versions, and `removed` those that are read again or not kept. Each version is added
    /// then, from the newest to the oldest. `None` if another import has changed these versions meanwhile.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn begin_history(
        &mut self,
        set: &str,
        name: &str,
        replaced: &[(&str, &[KnownVersion])],
        removed: &[&KnownVersion],
    ) -> Result<Option<History>, MemoryError> {
        let mut begin = || -> rusqlite::Result<Option<History>> {
            self.begin_batch()?;
            let set = self.set_id(set)?;
            let memory = &self.memory.connection;
            let is_replaced = replaced.iter().any(|(known, _)| *known == name);
            for (known, versions) in replaced.iter().copied().chain((!is_replaced).then_some((name, &[][..])))
            {
                if !has_versions(memory, (set, known), versions)? {
                    return Ok(None);
                }
            }
            replaced.iter().try_for_each(|(known, _)| delete_versions(memory, (set, known)))?;
            for document in removed.iter().filter_map(|known| known.document) {
                self.remove_found(
                    "select id from document where id = ?1 and superseded is not null",
                    [document],
                )?;
            }
            Ok(Some(History { set, name: name.to_owned(), ordinal: 0, newer: HashSet::new() }))
        };
        let begun = begin();
        self.memory.at(begun)
    }

    /// Adds a version that needs no reading: a deletion, or one without segments.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn add_empty_version(
        &mut self,
        history: &mut History,
        version: &FileVersion,
        reader: u32,
    ) -> Result<(), MemoryError> {
        let added = history.add_version(&self.memory.connection, version, reader, None);
        self.memory.at(added)
    }

    /// Adds the version that is the current one of its path in the memory. Returns whether it is. What the memory has of it as a
    /// superseded version, because a newer one was reverted, is removed then.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn add_current_version(
        &mut self,
        history: &mut History,
        version: &FileVersion,
        (reader, known): (u32, Option<&KnownVersion>),
    ) -> Result<bool, MemoryError> {
        let mut add = || -> rusqlite::Result<bool> {
            let memory = &self.memory.connection;
            let sql =
                "select id from document where set_id = ?1 and path = ?2 and object = ?3 and reader = ?4
                       and superseded is null order by id";
            let object = version.object.as_ref().map(ObjectId::as_bytes);
            let mut find = memory.prepare_cached(sql)?;
            let mut rows = find.query((history.set, &*version.path, object, reader))?;
            let Some(row) = rows.next()? else { return Ok(false) };
            let document: i64 = row.get(0)?;
            drop(rows);
            drop(find);
            let Commit { id, time } = version.commit;
            memory
                .prepare_cached("update document set commit_id = ?2, committed = ?3 where id = ?1")?
                .execute((document, id.as_bytes(), time))?;
            let (workflow, rows) = stored_segments(memory, document)?;
            history.newer.extend(rows.into_iter().filter_map(|row| Some((row.segment?, workflow))));
            if let Some(known) = known.and_then(|known| known.document).filter(|&known| known != document) {
                self.remove_document(known)?;
            }
            history.add_version(&self.memory.connection, version, reader, Some(document))?;
            Ok(true)
        };
        let added = add();
        self.memory.at(added)
    }

    /// Removes the current document at the path of a version that has its object or hash, unless it is the known row of it.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn remove_current(
        &mut self,
        history: &History,
        version: &FileVersion,
        (known, hash): (Option<&KnownVersion>, Option<&[u8; 32]>),
    ) -> Result<(), MemoryError> {
        let sql = "select id from document where set_id = ?1 and path = ?2 and superseded is null
                   and (object = ?3 or hash = ?4) and id is not ?5 order by id";
        let object = version.object.as_ref().map(ObjectId::as_bytes);
        let known = known.and_then(|known| known.document);
        let removed = self.remove_found(sql, (history.set, &*version.path, object, hash, known));
        self.memory.at(removed).map(|_| ())
    }

    /// Adds a version that the memory has from an earlier import, superseded at a time in seconds since 1970. `version` has the
    /// same content; its commit replaces the known one, because a history can be rewritten.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn add_known_version(
        &mut self,
        history: &mut History,
        (known, version): (&KnownVersion, &FileVersion),
        superseded: i64,
    ) -> Result<(), MemoryError> {
        let mut add = || -> rusqlite::Result<()> {
            let mut stored = known.document;
            if let Some(document) = known.document
                && !self.narrow(history, document, (version.commit, superseded))?
            {
                stored = None;
            }
            history.add_version(&self.memory.connection, version, known.reader, stored)
        };
        let added = add();
        self.memory.at(added)
    }

    /// Removes the segments of a stored version that newer versions have. Returns whether any is left.
    fn narrow(
        &mut self,
        history: &mut History,
        document: i64,
        (commit, superseded): (Commit, i64),
    ) -> rusqlite::Result<bool> {
        let memory = &self.memory.connection;
        let (workflow, rows) = stored_segments(memory, document)?;
        let is_kept = |row: &StoredRow| {
            row.segment.is_some_and(|variant| !history.newer.contains(&(variant, workflow)))
        };
        let kept: Vec<bool> = rows.iter().map(is_kept).collect();
        if !kept.contains(&true) {
            self.remove_document(document)?;
            return Ok(false);
        }
        let update = "update document set superseded = ?2, commit_id = ?3, committed = ?4 where id = ?1";
        memory.prepare_cached(update)?.execute((document, superseded, commit.id.as_bytes(), commit.time))?;
        // The rows are in the order of their positions, and all neighbours of kept segments are among them.
        let mut neighbours = neighbour_bulk(memory);
        for (at, row) in rows.iter().enumerate() {
            let is_beside_kept = |other: Option<usize>| {
                let other = other.filter(|&other| kept.get(other) == Some(&true));
                other.is_some_and(|other| rows[other].position.abs_diff(row.position) == 1)
            };
            let is_neighbour =
                !kept[at] && (is_beside_kept(at.checked_sub(1)) || is_beside_kept(at.checked_add(1)));
            match (row.segment, row.neighbour) {
                (Some(variant), _) if !kept[at] => {
                    let delete = "delete from segment where document_id = ?1 and position = ?2";
                    memory.prepare_cached(delete)?.execute((document, row.position))?;
                    let delete = "delete from as_written where document_id = ?1 and position = ?2";
                    memory.prepare_cached(delete)?.execute((document, row.position))?;
                    self.batch.orphans.insert(variant);
                    if is_neighbour {
                        neighbours.put([document.into(), row.position.into(), variant.into()])?;
                    }
                }
                (None, Some(_)) if !is_neighbour => {
                    let delete = "delete from neighbour where document_id = ?1 and position = ?2";
                    memory.prepare_cached(delete)?.execute((document, row.position))?;
                }
                _ => {}
            }
        }
        neighbours.finish()?;
        let kept = rows.iter().zip(kept).filter_map(|(row, is_kept)| row.segment.filter(|_| is_kept));
        history.newer.extend(kept.map(|variant| (variant, workflow)));
        Ok(true)
    }

    /// Adds a version that was read, superseded at a time in seconds since 1970. Stores the segments that no newer version has.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn add_version<'s>(
        &mut self,
        history: &mut History,
        document: &NewDocument<'_>,
        segments: impl ExactSizeIterator<Item = NewSegment<'s>> + Clone,
        superseded: i64,
    ) -> Result<(), MemoryError> {
        let added = self.try_add_version(history, document, segments, superseded);
        self.memory.at(added)
    }

    fn try_add_version<'s>(
        &mut self,
        history: &mut History,
        document: &NewDocument<'_>,
        segments: impl ExactSizeIterator<Item = NewSegment<'s>> + Clone,
        superseded: i64,
    ) -> rusqlite::Result<()> {
        let locales = self.locale_pair(document.source_locale, document.target_locale)?;
        let commit = document.commit();
        if let Some(commit) = commit {
            // As imported from segments of an export, which do not state the object.
            let sql = "select id from document where set_id = ?1 and path = ?2 and superseded is not null
                       and object is null and commit_id = ?3 order by id";
            self.remove_found(sql, (history.set, document.path, commit.id.as_bytes()))?;
        }
        let memory = &self.memory.connection;
        let workflow = document.metadata.workflow;
        let prefix = segments.clone().next().map_or("", |first| first.id.prefix());
        // Without a row until a segment is kept: most versions have few segments of their own, or none.
        let mut rows = NewSegments::new(memory, 0, prefix)?;
        let mut variants = Vec::with_capacity(segments.len());
        for segment in segments.clone() {
            variants.push(self.interner.variant(&mut rows.texts, locales, segment.pair)?);
        }
        let kept: Vec<bool> =
            variants.iter().map(|&variant| !history.newer.contains(&(variant, workflow))).collect();
        let mut stored = None;
        let mut count = 0;
        if kept.contains(&true) {
            let version = DocumentVersion { commit, superseded: Some(superseded) };
            let id = insert_document(memory, history.set, locales, document, (prefix, &version))?;
            rows.document = id;
            let mut neighbours = neighbour_bulk(memory);
            let is_kept = |at: Option<usize>| at.is_some_and(|at| kept.get(at) == Some(&true));
            for (at, segment) in segments.enumerate() {
                if kept[at] {
                    rows.put(at as i64, &segment, variants[at])?;
                    count += 1;
                } else if is_kept(at.checked_sub(1)) || is_kept(at.checked_add(1)) {
                    neighbours.put([id.into(), (at as i64).into(), variants[at].into()])?;
                }
            }
            neighbours.finish()?;
            history.newer.extend(variants.iter().map(|&variant| (variant, workflow)));
            stored = Some(id);
        }
        rows.finish()?;
        self.counts.superseded += count;
        self.batch.segments += count;
        if let Some(GitVersion { object, reader, commit: Some(commit) }) = document.git {
            let version = FileVersion { path: document.path.into(), object: Some(object), commit };
            history.add_version(&self.memory.connection, &version, reader, stored)?;
        }
        Ok(())
    }

    /// Counts an earlier version that was read.
    pub fn count_version(&mut self) {
        self.counts.versions += 1;
    }

    /// The number of superseded segments that were stored so far.
    pub fn superseded(&self) -> u64 {
        self.counts.superseded
    }

    /// Ends the import of the history of a document.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn end_history(&mut self, _: History) -> Result<(), MemoryError> {
        let ended = self.end_full_batch();
        self.memory.at(ended)
    }

    /// Removes the superseded versions of a document, and what is known of its history. `name` is the path of its newest version.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn remove_history(&mut self, set: &str, name: &str) -> Result<(), MemoryError> {
        let mut remove = || -> rusqlite::Result<()> {
            self.begin_batch()?;
            let set = self.set_id(set)?;
            let superseded = "select document.id from version join document on document.id = version.document_id
                              where version.set_id = ?1 and version.name = ?2 and document.superseded is not null
                              order by document.id";
            self.remove_found(superseded, (set, name))?;
            delete_versions(&self.memory.connection, (set, name))
        };
        let removed = remove();
        self.memory.at(removed)
    }
}

impl History {
    fn add_version(
        &mut self,
        memory: &Connection,
        version: &FileVersion,
        reader: u32,
        document: Option<i64>,
    ) -> rusqlite::Result<()> {
        let sql = "insert into version (set_id, name, ordinal, path, object, commit_id, committed, reader, document_id)
                   values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        memory.prepare_cached(sql)?.execute(params![
            self.set,
            self.name,
            self.ordinal,
            &*version.path,
            version.object.as_ref().map(ObjectId::as_bytes),
            version.commit.id.as_bytes(),
            version.commit.time,
            reader,
            document,
        ])?;
        self.ordinal += 1;
        Ok(())
    }
}

/// A position of a stored version: a segment, or a neighbour of one.
struct StoredRow {
    position: i64,
    /// The variant of the segment.
    segment: Option<i64>,
    /// The variant of the neighbour.
    neighbour: Option<i64>,
}

/// The workflow of a stored version, and its segments and neighbours in order.
fn stored_segments(
    memory: &Connection,
    document: i64,
) -> rusqlite::Result<(Option<Workflow>, Vec<StoredRow>)> {
    let sql = "select workflow from document where id = ?1";
    let workflow = memory
        .prepare_cached(sql)?
        .query_row([document], |row| Ok(row.get_ref(0)?.as_str_or_null()?.and_then(Workflow::of_name)))?;
    let sql = "select position, variant_id, null from segment where document_id = ?1
               union all
               select position, null, variant_id from neighbour where document_id = ?1
               order by position";
    let mut statement = memory.prepare_cached(sql)?;
    let rows = statement.query_map([document], |row| {
        Ok(StoredRow { position: row.get(0)?, segment: row.get(1)?, neighbour: row.get(2)? })
    })?;
    Ok((workflow, rows.collect::<Result<_, _>>()?))
}

fn neighbour_bulk<'m, 't>(memory: &'m Connection) -> Bulk<'m, 't, 3> {
    Bulk::new(memory, "neighbour", ["document_id", "position", "variant_id"])
}

/// Deletes what is known of the history of a document, by the path of its newest version.
fn delete_versions(memory: &Connection, (set, name): (i64, &str)) -> rusqlite::Result<()> {
    let sql = "delete from version where set_id = ?1 and name = ?2";
    memory.prepare_cached(sql)?.execute((set, name)).map(|_| ())
}
