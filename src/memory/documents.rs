//! The documents of a memory: lists them for selection, and reads their metadata.

use std::cell::RefCell;

use rusqlite::{CachedStatement, Connection, Row};

use super::error::Fault;
use super::{Memory, MemoryError};
use crate::model::{Commit, Date, DocumentVersion, Locale, Metadata, ObjectId, Problem, Workflow};

/// The name and the locales of a document, by which it is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentName {
    /// The name of its set.
    pub set: String,
    /// Its path below the set, `/` separated.
    pub document: String,
    /// The locale of its source texts.
    pub source_locale: Locale,
    /// The locale of its target texts.
    pub target_locale: Locale,
}

/// Whether a document is selected.
pub type ChosenDocuments<'c> = &'c (dyn Fn(&DocumentName) -> bool + Sync);

/// A document in a list.
pub(super) struct Listed {
    /// The id in the memory.
    pub id: i64,
    pub name: DocumentName,
    pub workflow: Option<Workflow>,
    pub handoff: Option<Date>,
    /// `ms.openlocfilehash`: equal in every locale of one source version.
    pub source_hash: Option<String>,
    pub is_tmx: bool,
    pub is_aligned: bool,
    pub version: DocumentVersion,
}

/// SQL: whether a row of the table `document` is a TMX. Only segments of a TMX have rows in `origin`.
pub(super) const IS_TMX: &str = "exists (select 1 from origin where origin.document_id = document.id)";

/// SQL: whether an alignment made a row of the table `document`. All segments of such a document have rows in `aligned`.
pub(super) const IS_ALIGNED: &str = "exists (select 1 from aligned where aligned.document_id = document.id)";

/// Why a visit ended early: an error of the memory or of the visitor.
pub(super) enum Halt<E> {
    Memory(Fault),
    Visit(E),
}

impl<E> From<Fault> for Halt<E> {
    fn from(fault: Fault) -> Self {
        Halt::Memory(fault)
    }
}

impl<E> From<rusqlite::Error> for Halt<E> {
    fn from(error: rusqlite::Error) -> Self {
        Halt::Memory(error.into())
    }
}

/// Whether the memory has superseded versions of documents. A TMX has superseded translations, but no versions.
pub(super) fn has_superseded_documents(memory: &Connection) -> rusqlite::Result<bool> {
    memory.prepare_cached("select 1 from document where superseded is not null limit 1")?.exists([])
}

/// Whether the memory holds a unit of a TMX.
pub(super) fn has_tmx(memory: &Connection) -> rusqlite::Result<bool> {
    memory.prepare_cached("select 1 from origin limit 1")?.exists([])
}

/// The orders of a list of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Target locale, source locale, set, path.
    Locales,
    /// Target locale, set, path.
    Targets,
}

/// Calls `visit` with each document. They are not collected, because they can be too many.
pub(super) fn for_each_document<E: From<Fault>>(
    memory: &Connection,
    order: Order,
    mut visit: impl FnMut(Listed) -> Result<(), E>,
) -> Result<(), E> {
    // The versions of a document: the current one, then the newest first.
    let order = match order {
        Order::Locales => "target.name, source.name, document_set.name, document.path",
        Order::Targets => "target.name, document_set.name, document.path",
    };
    let sql = format!(
        "select document.id, document_set.name, document.path, source.name, target.name, document.workflow, document.handoff,
                document.source_hash, {IS_TMX}, document.commit_id, document.committed, document.superseded, {IS_ALIGNED}
         from document
         join document_set on document_set.id = document.set_id
         join locale as source on source.id = document.source_locale_id
         join locale as target on target.id = document.target_locale_id
         order by {order}, document.superseded is not null, document.superseded desc, document.commit_id, document.id"
    );
    let mut statement = memory.prepare(&sql).map_err(Fault::from)?;
    let mut rows = statement.query([]).map_err(Fault::from)?;
    let listed = |row: &Row<'_>| -> Result<Listed, Fault> {
        Ok(Listed {
            id: row.get(0)?,
            name: DocumentName {
                set: row.get(1)?,
                document: row.get(2)?,
                source_locale: locale(row, 3)?,
                target_locale: locale(row, 4)?,
            },
            workflow: workflow(row, 5)?,
            handoff: handoff(row, 6)?,
            source_hash: row.get(7)?,
            is_tmx: row.get(8)?,
            version: version(row, 9)?,
            is_aligned: row.get(12)?,
        })
    };
    while let Some(row) = rows.next().map_err(Fault::from)? {
        visit(listed(row)?)?;
    }
    Ok(())
}

impl Memory {
    /// Calls `visit` with the name of each document, in the order of target locale, set and path.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn for_each_document(&self, mut visit: impl FnMut(DocumentName)) -> Result<(), MemoryError> {
        self.at(for_each_document(&self.connection, Order::Targets, |listed| {
            visit(listed.name);
            Ok::<_, Fault>(())
        }))
    }

    pub(super) fn problems(&self, json: Option<&str>) -> Result<Vec<Problem>, MemoryError> {
        #[derive(serde::Deserialize)]
        struct Stored {
            line: Option<u32>,
            reason: String,
        }
        let Some(json) = json else { return Ok(Vec::new()) };
        let stored: Vec<Stored> =
            serde_json::from_str(json).map_err(|_| self.foreign(format!("the problems {json:?}")))?;
        Ok(stored.into_iter().map(|Stored { line, reason }| Problem { line, reason }).collect())
    }

    pub(super) fn locale(&self, name: &str) -> Result<Locale, MemoryError> {
        self.at(parse_locale(name))
    }

    pub(super) fn foreign(&self, what: String) -> MemoryError {
        MemoryError::of(&self.path, Fault::Foreign(what))
    }
}

/// A document with its metadata.
pub(super) struct Document {
    pub id: i64,
    pub name: DocumentName,
    pub metadata: Metadata,
    pub version: DocumentVersion,
    id_prefix: String,
}

impl Document {
    /// The id of a segment of the document; see [`segment_id`].
    pub fn segment_id(&self, number: u32, is_paragraph: bool, id: Option<String>) -> String {
        segment_id(&self.id_prefix, number, is_paragraph, id)
    }
}

/// The id of a segment from the columns `document.id_prefix`, `segment.number`, `kind` and `id`. The view `extracted` is the
/// only other place that spells it.
pub(super) fn segment_id(prefix: &str, number: u32, is_paragraph: bool, id: Option<String>) -> String {
    let mark = if is_paragraph { "p" } else { "" };
    id.unwrap_or_else(|| format!("{prefix}-{mark}{number}"))
}

/// Reads documents.
pub(super) struct Documents<'m>(RefCell<CachedStatement<'m>>);

impl<'m> Documents<'m> {
    pub fn new(memory: &'m Connection) -> rusqlite::Result<Documents<'m>> {
        let sql = "select document.id, document_set.name, document.path, source.name, target.name, document.workflow,
                          document.source_hash, document.source_commit, document.handoff, document.file_id,
                          document.title, document.description, document.no_loc, document.id_prefix,
                          document.commit_id, document.committed, document.superseded
                   from document
                   join document_set on document_set.id = document.set_id
                   join locale as source on source.id = document.source_locale_id
                   join locale as target on target.id = document.target_locale_id
                   where document.id = ?1";
        Ok(Documents(RefCell::new(memory.prepare_cached(sql)?)))
    }

    /// The document with this id.
    pub fn read(&self, id: i64) -> Result<Document, Fault> {
        let mut statement = self.0.borrow_mut();
        let mut rows = statement.query([id])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let target_locale = locale(row, 4)?;
        let no_loc = match row.get_ref(12)?.as_str_or_null()? {
            None => Vec::new(),
            Some(terms) => serde_json::from_str(terms)
                .map_err(|_| Fault::Foreign(format!("the list of terms {terms:?}")))?,
        };
        Ok(Document {
            id: row.get(0)?,
            metadata: Metadata {
                target_locale: Some(target_locale.clone()),
                workflow: workflow(row, 5)?,
                source_hash: row.get(6)?,
                source_commit: row.get(7)?,
                handoff: handoff(row, 8)?,
                file_id: row.get(9)?,
                title: row.get(10)?,
                description: row.get(11)?,
                no_loc,
            },
            name: DocumentName {
                set: row.get(1)?,
                document: row.get(2)?,
                source_locale: locale(row, 3)?,
                target_locale,
            },
            id_prefix: row.get(13)?,
            version: version(row, 14)?,
        })
    }
}

fn parse_locale(name: &str) -> Result<Locale, Fault> {
    name.parse().map_err(|_| Fault::Foreign(format!("the locale {name:?}")))
}

fn locale(row: &Row<'_>, column: usize) -> Result<Locale, Fault> {
    parse_locale(row.get_ref(column)?.as_str()?)
}

/// The Git object id in a column, or null.
pub(super) fn object_id(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<ObjectId>> {
    Ok(row.get_ref(column)?.as_blob_or_null()?.and_then(ObjectId::from_bytes))
}

/// The version in the columns `commit_id`, `committed` and `superseded`, of which the first is column `at`.
pub(super) fn version(row: &Row<'_>, at: usize) -> rusqlite::Result<DocumentVersion> {
    let time: Option<i64> = row.get(at + 1)?;
    let commit = object_id(row, at)?.map(|id| Commit { id, time: time.unwrap_or(0) });
    Ok(DocumentVersion { commit, superseded: row.get(at + 2)? })
}

/// The workflow in a column: `human`, `machine` or null.
pub(super) fn workflow(row: &Row<'_>, column: usize) -> Result<Option<Workflow>, Fault> {
    let name = row.get_ref(column)?.as_str_or_null()?;
    let foreign = |name: &str| Fault::Foreign(format!("the workflow {name:?}"));
    name.map(|name| Workflow::of_name(name).ok_or_else(|| foreign(name))).transpose()
}

/// The date of the hand-off in a column, or null.
pub(super) fn handoff(row: &Row<'_>, column: usize) -> Result<Option<Date>, Fault> {
    let date = row.get_ref(column)?.as_str_or_null()?;
    date.map(|date| date.parse().map_err(|_| Fault::Foreign(format!("the hand-off {date:?}")))).transpose()
}
