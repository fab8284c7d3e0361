//! Segments as they were imported, with the place they stand in.

use std::borrow::Cow;

use rusqlite::Row;

use super::origin::date_time;
use super::{Memory, MemoryError};
use crate::model::{Date, Locale, Metadata, PlacedSegment, Problem, Segment, SegmentId, Workflow};

/// A document that the memory has.
#[derive(Clone, Debug)]
pub struct Place {
    /// The document's key in the memory.
    pub id: i64,
    /// The name of its set.
    pub set: String,
    /// Its path below the set, `/` separated.
    pub document: String,
    /// The locale of its source texts.
    pub source_locale: Locale,
    /// The locale of its target texts.
    pub target_locale: Locale,
    /// What it says of itself.
    pub metadata: Metadata,
    pub(super) id_prefix: String,
}

impl Memory {
    /// The documents in the order of set, path and target locale.
    ///
    /// # Errors
    /// Where the memory cannot be read.
    pub fn documents(&self) -> Result<Vec<Place>, MemoryError> {
        let sql = "select document.id, document_set.name, document.path, source.name, target.name,
                          document.workflow, document.source_hash, document.source_commit, document.handoff,
                          document.file_id, document.title, document.description, document.no_loc,
                          document.id_prefix
                   from document
                   join document_set on document_set.id = document.set_id
                   join locale as source on source.id = document.source_locale_id
                   join locale as target on target.id = document.target_locale_id
                   order by document_set.name, document.path, target.name";
        let mut statement = self.at(self.connection.prepare(sql))?;
        let mut rows = self.at(statement.query([]))?;
        let mut documents = Vec::new();
        while let Some(row) = self.at(rows.next())? {
            documents.push(self.place(row)?);
        }
        Ok(documents)
    }

    fn place(&self, row: &Row<'_>) -> Result<Place, MemoryError> {
        let text = |column: usize| -> Result<Option<String>, MemoryError> { self.at(row.get(column)) };
        let workflow = self.workflow(text(5)?.as_deref())?;
        let handoff = match text(8)? {
            None => None,
            Some(date) => {
                Some(date.parse::<Date>().map_err(|_| self.foreign(format!("the hand-off {date:?}")))?)
            }
        };
        let no_loc = match text(12)? {
            None => Vec::new(),
            Some(terms) => serde_json::from_str(&terms)
                .map_err(|_| self.foreign(format!("the list of terms {terms:?}")))?,
        };
        Ok(Place {
            id: self.at(row.get(0))?,
            set: self.at(row.get(1))?,
            document: self.at(row.get(2))?,
            source_locale: self.locale(&self.at(row.get::<_, String>(3))?)?,
            target_locale: self.locale(&self.at(row.get::<_, String>(4))?)?,
            metadata: Metadata {
                target_locale: Some(self.locale(&self.at(row.get::<_, String>(4))?)?),
                workflow,
                source_hash: text(6)?,
                source_commit: text(7)?,
                handoff,
                file_id: text(9)?,
                title: text(10)?,
                description: text(11)?,
                no_loc,
            },
            id_prefix: self.at(row.get(13))?,
        })
    }

    fn workflow(&self, name: Option<&str>) -> Result<Option<Workflow>, MemoryError> {
        match name {
            None => Ok(None),
            Some("human") => Ok(Some(Workflow::Human)),
            Some("machine") => Ok(Some(Workflow::Machine)),
            Some(other) => Err(self.foreign(format!("the workflow {other:?}"))),
        }
    }

    pub(super) fn locale(&self, name: &str) -> Result<Locale, MemoryError> {
        name.parse().map_err(|_| self.foreign(format!("the locale {name:?}")))
    }

    pub(super) fn problems(&self, json: Option<&str>) -> Result<Vec<Problem>, MemoryError> {
        #[derive(serde::Deserialize)]
        struct Kept {
            line: Option<u32>,
            reason: String,
        }
        let Some(json) = json else { return Ok(Vec::new()) };
        let kept: Vec<Kept> =
            serde_json::from_str(json).map_err(|_| self.foreign(format!("the problems {json:?}")))?;
        Ok(kept.into_iter().map(|Kept { line, reason }| Problem { line, reason }).collect())
    }

    pub(super) fn foreign(&self, what: String) -> MemoryError {
        MemoryError::Foreign { path: super::shown(&self.path), what }
    }
}

/// Gives each segment of the given documents to `visit`, in their order and in document order. The workflow and the hand-off of
/// a TMX's segment are the segment's own.
///
/// # Errors
/// Where the memory cannot be read, and what `visit` gives.
pub fn for_each_segment<E: From<MemoryError>>(
    memory: &Memory,
    documents: &[Place],
    mut visit: impl FnMut(PlacedSegment<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let sql = "select segment.number, segment.kind, segment.line, segment.id, unit.text, variant.text,
                      origin.document_id is not null, origin.workflow, coalesce(origin.changed, origin.created)
               from segment
               join variant on variant.id = segment.variant_id
               join unit on unit.id = variant.unit_id
               left join origin on origin.document_id = segment.document_id and origin.position = segment.position
               where segment.document_id = ?1
               order by segment.position";
    let mut statement = memory.at(memory.connection.prepare(sql))?;
    for place in documents {
        let mut rows = memory.at(statement.query([place.id]))?;
        while let Some(row) = memory.at(rows.next())? {
            let read = || -> rusqlite::Result<(String, u32, String, String)> {
                let (number, kind): (u32, i64) = (row.get(0)?, row.get(1)?);
                let id = match row.get(3)? {
                    Some(id) => id,
                    None if kind == 1 => format!("{}-p{number}", place.id_prefix),
                    None => format!("{}-{number}", place.id_prefix),
                };
                Ok((id, row.get(2)?, row.get(4)?, row.get(5)?))
            };
            let (id, line, source, target) = memory.at(read())?;
            let mut metadata = Cow::Borrowed(&place.metadata);
            if memory.at(row.get(6))? {
                let own = metadata.to_mut();
                own.workflow = memory.workflow(memory.at(row.get::<_, Option<String>>(7))?.as_deref())?;
                let seconds: Option<i64> = memory.at(row.get(8))?;
                own.handoff = seconds.and_then(date_time).map(|date| date.date());
            }
            let id = SegmentId::parse(&id).ok_or_else(|| memory.foreign(format!("the segment id {id:?}")))?;
            let segment = Segment { id, line, source: source.into(), target: target.into() };
            visit(PlacedSegment {
                set: &place.set,
                document: &place.document,
                source_locale: &place.source_locale,
                target_locale: &place.target_locale,
                metadata: &metadata,
                segment: &segment,
            })?;
        }
    }
    Ok(())
}
