//! Lists documents, and reads one with its segments: what a person who looks around in a memory asks for.

use rusqlite::{OptionalExtension, params};

use super::documents::{Documents, handoff, workflow};
use super::error::Fault;
use super::segments::segments_of_document;
use super::{Memory, MemoryError};
use crate::model::{Date, Locale, PlacedSegment, SegmentId, Workflow};

/// A document in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDocument {
    /// The name of its set.
    pub set: String,
    /// Its path below the set, `/` separated.
    pub document: String,
    /// The locale of its source texts.
    pub source_locale: Locale,
    /// The locale of its target texts.
    pub target_locale: Locale,
    /// The number of its segments.
    pub segments: u64,
    /// Who translated it.
    pub workflow: Option<Workflow>,
    /// When it was handed off.
    pub handoff: Option<Date>,
    /// Its translated title.
    pub title: Option<String>,
}

/// What identifies the current version of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentKey {
    /// The name of its set.
    pub set: String,
    /// Its path below the set.
    pub document: String,
    /// The locale of its target texts; `None`: the first in order, if there are several.
    pub target_locale: Option<Locale>,
}

/// Which documents are listed. Only current versions are.
#[derive(Clone, Debug, Default)]
pub struct DocumentList {
    /// Only this set.
    pub set: Option<String>,
    /// Only this target locale.
    pub target_locale: Option<Locale>,
    /// Only paths that contain this text, in any case of ASCII letters.
    pub path_contains: Option<String>,
    /// Only those after this one, by set, path and target locale.
    pub after: Option<(String, String, String)>,
    /// No more than this.
    pub limit: usize,
}

impl Memory {
    /// The pairs of source and target locale of all documents, in order.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn locale_pairs(&self) -> Result<Vec<(Locale, Locale)>, MemoryError> {
        let sql = "select distinct source.name, target.name
                   from (select distinct source_locale_id, target_locale_id from document) as pair
                   join locale as source on source.id = pair.source_locale_id
                   join locale as target on target.id = pair.target_locale_id
                   order by source.name, target.name";
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let pairs = self.at(read())?;
        pairs.into_iter().map(|(source, target)| Ok((self.locale(&source)?, self.locale(&target)?))).collect()
    }

    /// The names of all sets, in order.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn set_names(&self) -> Result<Vec<String>, MemoryError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut statement =
                self.connection.prepare_cached("select name from document_set order by name")?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        self.at(read())
    }

    /// The documents of a list, in the order of set, path and target locale.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn documents(&self, list: &DocumentList) -> Result<Vec<ListedDocument>, MemoryError> {
        self.at(self.read_documents(list))
    }

    fn read_documents(&self, list: &DocumentList) -> Result<Vec<ListedDocument>, Fault> {
        let sql = "select document_set.name, document.path, source.name, target.name,
                          (select count(*) from segment where segment.document_id = document.id),
                          document.workflow, document.handoff, document.title
                   from document
                   join document_set on document_set.id = document.set_id
                   join locale as source on source.id = document.source_locale_id
                   join locale as target on target.id = document.target_locale_id
                   where document.superseded is null
                     and (?1 is null or document_set.name = ?1)
                     and (?2 is null or target.name = ?2)
                     and (?3 is null or instr(lower(document.path), lower(?3)) > 0)
                     and (?4 is null or (document_set.name, document.path, target.name) > (?4, ?5, ?6))
                   order by document_set.name, document.path, target.name, document.id
                   limit ?7";
        let (set, document, target) = match &list.after {
            Some((set, document, target)) => (Some(set), Some(document), Some(target)),
            None => (None, None, None),
        };
        let wanted_target = list.target_locale.as_ref().map(Locale::as_str);
        let limit = i64::try_from(list.limit).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(sql)?;
        let row = params![list.set, wanted_target, list.path_contains, set, document, target, limit];
        let mut rows = statement.query(row)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let locale = |column: usize| -> Result<Locale, Fault> {
                let name = row.get_ref(column)?.as_str()?;
                name.parse().map_err(|_| Fault::Foreign(format!("the locale {name:?}")))
            };
            found.push(ListedDocument {
                set: row.get(0)?,
                document: row.get(1)?,
                source_locale: locale(2)?,
                target_locale: locale(3)?,
                segments: row.get(4)?,
                workflow: workflow(row, 5)?,
                handoff: handoff(row, 6)?,
                title: row.get(7)?,
            });
        }
        Ok(found)
    }

    /// The document of a key; `None` if the memory has none.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn find_document(&self, key: &DocumentKey) -> Result<Option<FoundDocument>, MemoryError> {
        let sql = "select document.id, (select count(*) from segment where segment.document_id = document.id),
                          (select coalesce(max(position), -1) + 1 from segment where segment.document_id = document.id)
                   from document
                   join document_set on document_set.id = document.set_id
                   join locale as target on target.id = document.target_locale_id
                   where document_set.name = ?1 and document.path = ?2 and document.superseded is null
                     and (?3 is null or target.name = ?3)
                   order by target.name, document.id limit 1";
        let read = || -> Result<Option<FoundDocument>, Fault> {
            let target = key.target_locale.as_ref().map(Locale::as_str);
            let found: Option<(i64, u64, i64)> = self
                .connection
                .prepare_cached(sql)?
                .query_row((&key.set, &key.document, target), |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()?;
            let Some((id, segments, end)) = found else { return Ok(None) };
            let document = Documents::new(&self.connection)?.read(id)?;
            Ok(Some(FoundDocument {
                id,
                end,
                listed: ListedDocument {
                    set: document.name.set,
                    document: document.name.document,
                    source_locale: document.name.source_locale,
                    target_locale: document.name.target_locale,
                    segments,
                    workflow: document.metadata.workflow,
                    handoff: document.metadata.handoff,
                    title: document.metadata.title,
                },
            }))
        };
        self.at(read())
    }

    /// Calls `visit` with each segment of a document whose position is in a range, in order.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn for_each_segment_of(
        &self,
        document: &FoundDocument,
        positions: std::ops::Range<i64>,
        mut visit: impl FnMut(PlacedSegment<'_>),
    ) -> Result<(), MemoryError> {
        self.visited(segments_of_document(&self.connection, document.id, positions, &mut |placed| {
            visit(placed);
            Ok::<(), MemoryError>(())
        }))
    }

    /// The position of the segment with an id in a document; `None` if it has none.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn position_of(&self, document: &FoundDocument, id: &str) -> Result<Option<i64>, MemoryError> {
        let (number, kind) = match SegmentId::parse(id) {
            Some(id) => (i64::from(id.number()), i64::from(id.kind() == crate::model::Kind::Paragraph)),
            None => return Ok(None),
        };
        // A segment with an id of its own can share its number with another one.
        let sql = "select position from segment
                   where document_id = ?1 and (id = ?2 or id is null and number = ?3 and kind = ?4)
                   order by id is null, position limit 1";
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_row((document.id, id, number, kind), |row| row.get(0)).optional()
        };
        self.at(read())
    }
}

/// A document that was found by its key.
#[derive(Clone, Debug)]
pub struct FoundDocument {
    id: i64,
    /// The position after its last segment. Positions of a document that was stored piece by piece have gaps.
    pub end: i64,
    /// Its name and metadata.
    pub listed: ListedDocument,
}
