//! Reads segments as they were imported, with their places.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use rusqlite::{CachedStatement, Connection, Statement};

use super::documents::{self, ChosenDocuments, Document, Documents, Halt, Order, object_id, workflow};
use super::error::Fault;
use super::{Memory, MemoryError};
use crate::model::{
    Commit, DocumentVersion, PlacedSegment, Segment, SegmentId, Versions, Workflow, better_workflow,
    compare_workflows, date_time,
};

/// Calls `visit` with each segment of the chosen documents, in the order of target locale, set, path, version (the current one,
/// then the newest) and position. A segment of a TMX has a workflow and a hand-off of its own.
///
/// # Errors
/// If the memory cannot be read, and the first error of `visit`.
pub fn for_each_segment<E: From<MemoryError>>(
    memory: &Memory,
    chosen: ChosenDocuments<'_>,
    versions: Versions,
    mut visit: impl FnMut(PlacedSegment<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let documents = memory.at(Documents::new(&memory.connection))?;
    let mut statement = memory.at(memory.connection.prepare(SEGMENTS))?;
    let mut rules = memory.at(VersionRules::new(&memory.connection, chosen, versions))?;
    let visited = documents::for_each_document(&memory.connection, Order::Targets, |listed| {
        let is_wanted = versions != Versions::Current || listed.version.superseded.is_none();
        if !is_wanted || !chosen(&listed.name) {
            return Ok(());
        }
        let document = documents.read(listed.id)?;
        segments_of(&document, (&mut statement, 0..i64::MAX), &mut rules, &mut visit)
    });
    memory.visited(visited)
}

impl Memory {
    /// Whether there may be segments of earlier versions.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn has_earlier_versions(&self) -> Result<bool, MemoryError> {
        let connection = &self.connection;
        self.at(documents::has_superseded_documents(connection)
            .and_then(|any| Ok(any || documents::has_tmx(connection)?)))
    }
}

/// Calls `visit` with each segment of one document whose position is in a range, in order, also with superseded ones of a TMX.
pub(super) fn segments_of_document<E>(
    connection: &Connection,
    id: i64,
    positions: Range<i64>,
    visit: &mut impl FnMut(PlacedSegment<'_>) -> Result<(), E>,
) -> Result<(), Halt<E>> {
    let document = Documents::new(connection)?.read(id)?;
    let mut rules = VersionRules::new(connection, &|_| true, Versions::All)?;
    segments_of(&document, (&mut *connection.prepare_cached(SEGMENTS)?, positions), &mut rules, visit)
}

/// SQL: the segments of a document, with positions from one and before another.
const SEGMENTS: &str = "select segment.number, segment.kind, segment.line, segment.id, unit.text, variant.text,
                      origin.document_id is not null, origin.workflow, coalesce(origin.changed, origin.created),
                      origin.superseded, origin.commit_id, variant.unit_id, variant.locale_id, aligned.confidence
               from segment
               join variant on variant.id = segment.variant_id
               join unit on unit.id = variant.unit_id
               left join origin on origin.document_id = segment.document_id and origin.position = segment.position
               left join aligned on aligned.document_id = segment.document_id and aligned.position = segment.position
               where segment.document_id = ?1 and segment.position >= ?2 and segment.position < ?3
               order by segment.position";

/// Decides about superseded segments.
struct VersionRules<'m> {
    connection: &'m Connection,
    chosen: ChosenDocuments<'m>,
    versions: Versions,
    /// The translations of a text at their places.
    places: CachedStatement<'m>,
    /// The current documents that are chosen; `None` until a segment is superseded.
    current: Option<HashSet<i64>>,
    /// For a unit and a target locale, the best workflow of its current translations, if there are any.
    best: HashMap<(i64, i64), Option<Option<Workflow>>>,
}

impl<'m> VersionRules<'m> {
    fn new(
        connection: &'m Connection,
        chosen: ChosenDocuments<'m>,
        versions: Versions,
    ) -> rusqlite::Result<Self> {
        let places = connection.prepare_cached(
            "select segment.document_id, iif(origin.position is null, document.workflow, origin.workflow)
             from variant
             join segment on segment.variant_id = variant.id
             join document on document.id = segment.document_id
             left join origin on origin.document_id = segment.document_id and origin.position = segment.position
             where variant.unit_id = ?1 and variant.locale_id = ?2 and origin.superseded is null",
        )?;
        Ok(VersionRules { connection, chosen, versions, places, current: None, best: HashMap::new() })
    }

    fn current_documents(
        connection: &Connection,
        chosen: ChosenDocuments<'_>,
    ) -> Result<HashSet<i64>, Fault> {
        let mut current = HashSet::new();
        documents::for_each_document(connection, Order::Targets, |listed| -> Result<(), Fault> {
            if listed.version.superseded.is_none() && chosen(&listed.name) {
                current.insert(listed.id);
            }
            Ok(())
        })?;
        Ok(current)
    }

    /// Whether a superseded segment is wanted.
    fn has_superseded(&mut self, (unit, locale): (i64, i64), by: Option<Workflow>) -> Result<bool, Fault> {
        match self.versions {
            Versions::All => return Ok(true),
            Versions::Current => return Ok(false),
            Versions::Best => {}
        }
        let best = match self.best.entry((unit, locale)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let current = match &mut self.current {
                    Some(current) => current,
                    none => none.insert(Self::current_documents(self.connection, self.chosen)?),
                };
                let mut best = None;
                let mut rows = self.places.query((unit, locale))?;
                while let Some(row) = rows.next()? {
                    if current.contains(&row.get(0)?) {
                        let by = workflow(row, 1)?;
                        best = Some(best.map_or(by, |best| better_workflow(best, by)));
                        if by == Some(Workflow::Human) {
                            break;
                        }
                    }
                }
                *new.insert(best)
            }
        };
        Ok(best.is_none_or(|best| compare_workflows(by, best).is_lt()))
    }
}

fn segments_of<E>(
    document: &Document,
    (statement, positions): (&mut Statement<'_>, Range<i64>),
    rules: &mut VersionRules<'_>,
    visit: &mut impl FnMut(PlacedSegment<'_>) -> Result<(), E>,
) -> Result<(), Halt<E>> {
    let mut rows = statement.query((document.id, positions.start, positions.end))?;
    while let Some(row) = rows.next()? {
        let id = document.segment_id(row.get(0)?, row.get(1)?, row.get(3)?);
        let mut metadata = Cow::Borrowed(&document.metadata);
        let mut version = document.version;
        if row.get(6)? {
            let own = metadata.to_mut();
            own.workflow = workflow(row, 7)?;
            let seconds: Option<i64> = row.get(8)?;
            own.handoff = seconds.and_then(date_time).map(|date| date.date());
            if let Some(superseded) = row.get(9)? {
                let commit = object_id(row, 10)?.map(|id| Commit { id, time: seconds.unwrap_or(0) });
                version = DocumentVersion { commit, superseded: Some(superseded) };
            }
        }
        if version.superseded.is_some() {
            let unit = (row.get(11)?, row.get(12)?);
            if !rules.has_superseded(unit, metadata.workflow)? {
                continue;
            }
        }
        let id = SegmentId::parse(&id).ok_or_else(|| Fault::Foreign(format!("the segment id {id:?}")))?;
        let (source, target): (String, String) = (row.get(4)?, row.get(5)?);
        let segment = Segment {
            id,
            line: row.get(2)?,
            source: source.into(),
            target: target.into(),
            written: None,
            confidence: row.get(13)?,
        };
        visit(PlacedSegment {
            set: &document.name.set,
            document: &document.name.document,
            source_locale: &document.name.source_locale,
            target_locale: &document.name.target_locale,
            metadata: &metadata,
            version,
            segment: &segment,
            labels: None,
        })
        .map_err(Halt::Visit)?;
    }
    Ok(())
}
