//! Where a pair of texts stands.

use globset::GlobSet;

use crate::memory::Memory;
use crate::model::{Date, Place, Workflow, better_workflow};

/// Which places count.
#[derive(Clone, Debug, Default)]
pub struct PlaceFilter {
    /// Those in documents whose path below their set matches.
    pub documents: Option<GlobSet>,
    /// Those whose translation is of this workflow.
    pub workflow: Option<Workflow>,
    /// Those handed off on this day or later.
    pub since: Option<Date>,
}

impl PlaceFilter {
    /// Whether every place counts.
    pub(super) fn counts_all(&self) -> bool {
        self.documents.is_none() && self.workflow.is_none() && self.since.is_none()
    }
}

/// The places of a pair that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// How many segments.
    pub segments: u64,
    /// In how many documents.
    pub documents: u64,
    /// Human where a person translated in any of them.
    pub workflow: Option<Workflow>,
    /// The newest hand-off.
    pub handoff: Option<Date>,
    /// The first one, in order of set, document and position.
    pub first: Place,
}

/// The places of a variant that count; `None` where there is none.
pub(super) fn of(memory: &Memory, filter: &PlaceFilter, variant: i64) -> rusqlite::Result<Option<Places>> {
    let sql = "select document_set.name, document.path,
                      coalesce(segment.id, document.id_prefix || '-' || iif(segment.kind = 1, 'p', '')
                               || segment.number),
                      iif(origin.position is null, document.workflow, origin.workflow),
                      iif(origin.position is null, document.handoff, date(origin.changed, 'unixepoch')),
                      coalesce(origin.usage, 1), coalesce(origin.documents, 1), segment.document_id
               from segment
               join document on document.id = segment.document_id
               join document_set on document_set.id = document.set_id
               left join origin on origin.document_id = segment.document_id and origin.position = segment.position
               where segment.variant_id = ?1
               order by document_set.name, document.path, document.target_locale_id, segment.position";
    let mut statement = memory.connection.prepare_cached(sql)?;
    let mut rows = statement.query([variant])?;
    let mut places: Option<Places> = None;
    let mut last_document = None;
    while let Some(row) = rows.next()? {
        let path = row.get_ref(1)?.as_str()?;
        let named: Option<String> = row.get(3)?;
        let workflow = named.as_deref().and_then(Workflow::of_name);
        let handoff: Option<String> = row.get(4)?;
        let handoff: Option<Date> = handoff.and_then(|date| date.parse().ok());
        let counts = filter.documents.as_ref().is_none_or(|globs| globs.is_match(path))
            && filter.workflow.is_none_or(|wanted| workflow == Some(wanted))
            && filter.since.is_none_or(|since| handoff.is_some_and(|day| day >= since));
        if !counts {
            continue;
        }
        let (segments, documents): (u64, u64) = (row.get(5)?, row.get(6)?);
        let document: i64 = row.get(7)?;
        // A document counts once, a TMX as often as it says.
        let documents = if last_document == Some(document) && documents == 1 { 0 } else { documents };
        last_document = Some(document);
        match &mut places {
            Some(places) => {
                places.segments += segments;
                places.documents += documents;
                places.workflow = better_workflow(places.workflow, workflow);
                places.handoff = places.handoff.max(handoff);
            }
            None => {
                let first = Place { set: row.get(0)?, document: row.get(1)?, segment: row.get(2)? };
                places = Some(Places { segments, documents, workflow, handoff, first });
            }
        }
    }
    Ok(places)
}

/// Whether the memory holds anything of a TMX.
pub(super) fn has_tmx(memory: &Memory) -> rusqlite::Result<bool> {
    memory.connection.prepare_cached("select 1 from origin limit 1")?.exists([])
}

/// How many segments that count a variant has. In a TMX a segment stands for as many as it says.
pub(super) fn count(memory: &Memory, filter: &PlaceFilter, variant: i64, tmx: bool) -> rusqlite::Result<u64> {
    if tmx || !filter.counts_all() {
        return Ok(of(memory, filter, variant)?.map_or(0, |places| places.segments));
    }
    let sql = "select count(*) from segment where variant_id = ?1";
    memory.connection.prepare_cached(sql)?.query_row([variant], |row| row.get(0))
}
