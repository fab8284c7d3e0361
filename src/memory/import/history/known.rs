//! What the memory has of the history of a set, and of Git objects.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use super::super::{GitVersion, Import};
use crate::memory::MemoryError;
use crate::memory::documents::object_id;
use crate::model::{Commit, FileVersion, Locale, ObjectId};

/// A version that the memory has from an earlier import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownVersion {
    /// The version.
    pub version: FileVersion,
    /// The revision of the reader that read it.
    pub reader: u32,
    /// The row of the document; `None` if no segment of it is stored.
    pub(super) document: Option<i64>,
    /// Whether this row is still there.
    is_stored: bool,
    /// Whether it is the current version of its path.
    is_current: bool,
    /// When it was superseded, in seconds since 1970.
    superseded: Option<i64>,
    /// Whether it was read with another source locale, or with another locale for documents that state none.
    is_in_other_locale: bool,
    /// Whether another row of a current document has the same object at the same path.
    is_current_again: bool,
}

impl KnownVersion {
    /// Whether the memory still has what it stored of this version. An import without the history may have replaced it.
    pub fn is_stored(&self) -> bool {
        self.is_stored
    }

    /// Whether it has a document with segments.
    pub fn has_document(&self) -> bool {
        self.document.is_some()
    }

    /// Whether it is the current version of the document at its path.
    pub fn is_current(&self) -> bool {
        self.is_current
    }

    /// When it was superseded, in seconds since 1970.
    pub fn superseded(&self) -> Option<i64> {
        self.superseded
    }

    /// Whether this import would read it with other locales.
    pub fn is_in_other_locale(&self) -> bool {
        self.is_in_other_locale
    }

    /// Whether an import without the history has made it the current version of its path again.
    pub fn is_current_again(&self) -> bool {
        self.is_current_again
    }
}

/// The known versions of the documents of a set, the newest first, by the path of the newest.
pub type KnownHistory = HashMap<String, Vec<KnownVersion>>;

impl Import<'_> {
    /// The histories of a set that the memory has. They are compared with the locale of the source texts and that of documents that
    /// state none.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn known_history(
        &self,
        set: &str,
        source_locale: &Locale,
        fallback: Option<&Locale>,
    ) -> Result<KnownHistory, MemoryError> {
        let read = || -> rusqlite::Result<KnownHistory> {
            let sql =
                "select version.name, version.path, version.object, version.commit_id, version.committed,
                              version.reader, version.document_id, document.id is not null,
                              document.id is not null and document.superseded is null, document.superseded,
                              document.id is not null and (source.name <> ?2 or
                                  ?3 is not null and document.locale_stated = 0 and target.name <> ?3),
                              exists (select 1 from document as other
                                      where other.set_id = version.set_id and other.path = version.path
                                      and other.object = version.object and other.superseded is null
                                      and other.id is not version.document_id)
                       from version
                       left join document on document.id = version.document_id
                       left join locale as source on source.id = document.source_locale_id
                       left join locale as target on target.id = document.target_locale_id
                       where version.set_id = (select id from document_set where name = ?1)
                       order by version.name, version.ordinal";
            let mut statement = self.memory.connection.prepare_cached(sql)?;
            let fallback = fallback.map(Locale::as_str);
            let mut rows = statement.query((set, source_locale.as_str(), fallback))?;
            let mut known = KnownHistory::new();
            while let Some(row) = rows.next()? {
                let Some(id) = object_id(row, 3)? else { continue };
                let document: Option<i64> = row.get(6)?;
                let version = KnownVersion {
                    version: FileVersion {
                        path: row.get_ref(1)?.as_str()?.into(),
                        object: object_id(row, 2)?,
                        commit: Commit { id, time: row.get(4)? },
                    },
                    reader: row.get(5)?,
                    document,
                    is_stored: document.is_none() || row.get(7)?,
                    is_current: row.get(8)?,
                    superseded: row.get(9)?,
                    is_in_other_locale: row.get(10)?,
                    is_current_again: row.get(11)?,
                };
                let name = row.get_ref(0)?.as_str()?;
                match known.get_mut(name) {
                    Some(versions) => versions.push(version),
                    None => drop(known.insert(name.to_owned(), vec![version])),
                }
            }
            Ok(known)
        };
        self.memory.at(read())
    }

    /// The Git objects of a set without segments, read by this revision of the reader.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn clean_objects(&self, set: &str, reader: u32) -> Result<HashSet<ObjectId>, MemoryError> {
        let read = || -> rusqlite::Result<HashSet<ObjectId>> {
            let sql = "select object from clean_object
                       where set_id = (select id from document_set where name = ?1) and reader = ?2";
            let mut statement = self.memory.connection.prepare_cached(sql)?;
            let mut rows = statement.query((set, reader))?;
            let mut objects = HashSet::new();
            while let Some(row) = rows.next()? {
                objects.extend(object_id(row, 0)?);
            }
            Ok(objects)
        };
        self.memory.at(read())
    }

    /// Records that an object of a set has no segments.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn add_clean_object(&mut self, set: &str, object: ObjectId, reader: u32) -> Result<(), MemoryError> {
        let mut add = || -> rusqlite::Result<()> {
            self.begin_batch()?;
            let set = self.set_id(set)?;
            let sql = "insert or replace into clean_object (set_id, object, reader) values (?1, ?2, ?3)";
            self.memory.connection.prepare_cached(sql)?.execute((set, object.as_bytes(), reader))?;
            Ok(())
        };
        let added = add();
        self.memory.at(added)
    }

    /// Records the Git version of a document whose bytes the memory has already.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn set_git_version(&mut self, set: &str, path: &str, git: &GitVersion) -> Result<(), MemoryError> {
        let mut record = || -> rusqlite::Result<()> {
            self.begin_batch()?;
            let set = self.set_id(set)?;
            let sql = "update document set object = ?3, reader = ?4, commit_id = ?5, committed = ?6
                       where set_id = ?1 and path = ?2 and superseded is null and (object is not ?3 or reader is not ?4)";
            let commit = git.commit.as_ref();
            self.memory.connection.prepare_cached(sql)?.execute(params![
                set,
                path,
                git.object.as_bytes(),
                git.reader,
                commit.map(|commit| commit.id.as_bytes()),
                commit.map(|commit| commit.time),
            ])?;
            Ok(())
        };
        let recorded = record();
        self.memory.at(recorded)
    }
}

/// Whether these are the versions that the memory has by a name.
pub(super) fn has_versions(
    memory: &Connection,
    (set, name): (i64, &str),
    versions: &[KnownVersion],
) -> rusqlite::Result<bool> {
    let sql =
        "select object, commit_id, document_id from version where set_id = ?1 and name = ?2 order by ordinal";
    let mut statement = memory.prepare_cached(sql)?;
    let mut rows = statement.query((set, name))?;
    for known in versions {
        let Some(row) = rows.next()? else { return Ok(false) };
        let stored = (object_id(row, 0)?, object_id(row, 1)?, row.get(2)?);
        if stored != (known.version.object, Some(known.version.commit.id), known.document) {
            return Ok(false);
        }
    }
    Ok(rows.next()?.is_none())
}
