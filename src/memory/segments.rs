//! Reads segments as they were imported, with their places.

use std::borrow::Cow;

use rusqlite::Statement;

use super::documents::{self, ChosenDocuments, Document, Documents, Halt, Order, workflow};
use super::error::Fault;
use super::{Memory, MemoryError};
use crate::model::{PlacedSegment, Segment, SegmentId, date_time};

/// Calls `visit` with each segment of the chosen documents, in the order of target locale, set, path and position. A segment of
/// a TMX has a workflow and a hand-off of its own.
///
/// # Errors
/// If the memory cannot be read, and the first error of `visit`.
pub fn for_each_segment<E: From<MemoryError>>(
    memory: &Memory,
    chosen: ChosenDocuments<'_>,
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
    let documents = memory.at(Documents::new(&memory.connection))?;
    let mut statement = memory.at(memory.connection.prepare(sql))?;
    let visited = documents::for_each_document(&memory.connection, Order::Targets, |listed| {
        if !chosen(&listed.name) {
            return Ok(());
        }
        let document = documents.read(listed.id)?;
        segments_of(&document, &mut statement, &mut visit)
    });
    memory.visited(visited)
}

fn segments_of<E>(
    document: &Document,
    statement: &mut Statement<'_>,
    visit: &mut impl FnMut(PlacedSegment<'_>) -> Result<(), E>,
) -> Result<(), Halt<E>> {
    let mut rows = statement.query([document.id])?;
    while let Some(row) = rows.next()? {
        let id = document.segment_id(row.get(0)?, row.get(1)?, row.get(3)?);
        let mut metadata = Cow::Borrowed(&document.metadata);
        if row.get(6)? {
            let own = metadata.to_mut();
            own.workflow = workflow(row, 7)?;
            let seconds: Option<i64> = row.get(8)?;
            own.handoff = seconds.and_then(date_time).map(|date| date.date());
        }
        let id = SegmentId::parse(&id).ok_or_else(|| Fault::Foreign(format!("the segment id {id:?}")))?;
        let (source, target): (String, String) = (row.get(4)?, row.get(5)?);
        let segment = Segment { id, line: row.get(2)?, source: source.into(), target: target.into() };
        visit(PlacedSegment {
            set: &document.name.set,
            document: &document.name.document,
            source_locale: &document.name.source_locale,
            target_locale: &document.name.target_locale,
            metadata: &metadata,
            segment: &segment,
        })
        .map_err(Halt::Visit)?;
    }
    Ok(())
}
