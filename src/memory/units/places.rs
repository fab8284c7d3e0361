//! The places of an export: every segment of the chosen documents, in memory, in the order of the export and grouped by unit.
//!
//! 24 bytes a segment, 4 more for its entry in the group of its unit, and 4 for each unit id up to the highest. The groups are
//! compressed sparse rows: one array of indexes, made by a counting sort, and one of the offsets where each group starts.

use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::Connection;

use crate::memory::SegmentFilter;
use crate::memory::documents::{ChosenDocuments, Listed, Order, for_each_document, workflow};
use crate::memory::error::Fault;
use crate::memory::interner::text_hash;
use crate::model::{DocumentVersion, Kind, Locale, Versions, Workflow, midnight};

/// A segment of a document.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub unit: u32,
    pub variant: u32,
    /// The index of its document in [`Places::documents`].
    pub document: u32,
    /// From 0, in document order.
    pub position: u32,
    /// The number in its id.
    pub number: u32,
    pub is_paragraph: bool,
    /// Whether the column `id` has its id, because it cannot be derived.
    pub has_own_id: bool,
    /// Whether it passes the filter. If not, it is still a neighbour of others.
    counts: bool,
    /// Whether it is the first place of its unit in its target locale.
    pub is_first_in_locale: bool,
}

/// The columns of a document that its places need.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DocumentFacts {
    /// Its id in the memory.
    pub id: i64,
    pub workflow: Option<Workflow>,
    /// Seconds since 1970.
    pub handoff: Option<i64>,
    pub is_tmx: bool,
    /// Whether an alignment made it.
    pub is_aligned: bool,
    pub version: DocumentVersion,
    /// The index of its target locale in [`Places::locales`].
    pub locale: u16,
    /// The hash of `ms.openlocfilehash`, which is equal for translations of the same version of a source document.
    pub source_version: Option<u64>,
}

/// All places of an export.
#[derive(Default)]
pub(super) struct Places {
    pub all: Vec<Place>,
    /// Indexes of the places that count, those of a unit together, in the order of the export.
    by_unit: Vec<u32>,
    /// For each unit id the start of its group in `by_unit`, then the end of the last group.
    starts: Vec<u32>,
    pub documents: Vec<DocumentFacts>,
    /// The target locales, in the order of the export.
    pub locales: Vec<Locale>,
    /// For each unit id the hash of its text, if documents and TMX files are exported together: a TMX names the neighbours of a
    /// unit by their texts.
    text_hashes: Option<Vec<u64>>,
}

impl Places {
    /// Reads the places of the chosen documents.
    pub fn read(
        connection: &Connection,
        order: Order,
        chosen: ChosenDocuments<'_>,
        filter: SegmentFilter,
    ) -> Result<Places, Fault> {
        let mut places = Places::default();
        places.read_documents(connection, order, chosen, filter)?;
        let of_tmx = |is_tmx| places.documents.iter().any(|document| document.is_tmx == is_tmx);
        if of_tmx(true) && of_tmx(false) {
            let sql = "select id, hash from unit not indexed order by id";
            places.text_hashes =
                Some(table(connection, sql, |row| Ok(row.get::<_, i64>(1)?.cast_unsigned()))?);
        }
        places.read_segments(connection, filter)?;
        places.group_by_unit();
        Ok(places)
    }

    fn read_documents(
        &mut self,
        connection: &Connection,
        order: Order,
        chosen: ChosenDocuments<'_>,
        filter: SegmentFilter,
    ) -> Result<(), Fault> {
        for_each_document(connection, order, |listed: Listed| -> Result<(), Fault> {
            let handoff = listed.handoff.map(midnight);
            // Each segment of a TMX has a workflow and a date of its own.
            let counts = listed.is_tmx || filter.counts(listed.workflow, handoff);
            let is_wanted = filter.versions != Versions::Current || listed.version.superseded.is_none();
            if !counts || !is_wanted || !chosen(&listed.name) {
                return Ok(());
            }
            // Each order is by target locale first.
            if self.locales.last() != Some(&listed.name.target_locale) {
                self.locales.push(listed.name.target_locale);
            }
            let many = |_| Fault::Foreign(format!("{} target locales", self.locales.len()));
            let locale = u16::try_from(self.locales.len() - 1).map_err(many)?;
            self.documents.push(DocumentFacts {
                id: listed.id,
                workflow: listed.workflow,
                handoff,
                is_tmx: listed.is_tmx,
                is_aligned: listed.is_aligned,
                version: listed.version,
                locale,
                source_version: listed.source_hash.map(|hash| text_hash(&hash)),
            });
            Ok(())
        })
    }

    fn read_segments(&mut self, connection: &Connection, filter: SegmentFilter) -> Result<(), Fault> {
        // A covering index: no text is read.
        let sql =
            "select id, unit_id from variant indexed by variant_by_unit order by unit_id, locale_id, id";
        let units = table(connection, sql, |row| row.get::<_, u32>(1))?;
        // Aligned pairs below the wanted confidence are places that do not count.
        let is_doubtful = match filter.least_confidence {
            0 => "0".to_owned(),
            least => format!(
                "exists (select 1 from aligned where aligned.document_id = segment.document_id
                         and aligned.position = segment.position and coalesce(aligned.confidence, 0) < {least})"
            ),
        };
        let all = format!(
            "select position, number, kind, id is not null, variant_id, {is_doubtful} from segment
             where document_id = ?1 order by position"
        );
        let mut all = connection.prepare_cached(&all)?;
        // The neighbours of a superseded segment are places that do not count, as those that the filter excludes.
        let superseded =
            "select position, number, kind, id is not null, variant_id, 1 from segment where document_id = ?1
                          union all
                          select position, 0, 0, 0, variant_id, 0 from neighbour where document_id = ?1
                          order by position";
        let mut superseded = connection.prepare_cached(superseded)?;
        // The columns of an origin are read only if the filter looks at them.
        let of_tmx = "select segment.position, segment.number, segment.kind, segment.id is not null, segment.variant_id,
                             origin.workflow, coalesce(origin.changed, origin.created),
                             origin.superseded
                      from segment
                      join origin on origin.document_id = segment.document_id and origin.position = segment.position
                      where segment.document_id = ?1 order by segment.position";
        let mut of_tmx = connection.prepare_cached(of_tmx)?;
        let needs_origin =
            SegmentFilter { kind: None, least_confidence: 0, ..filter } != SegmentFilter::default();
        for (number, document) in self.documents.iter().enumerate() {
            let reads_origin = document.is_tmx && needs_origin;
            let is_superseded = document.version.superseded.is_some();
            let statement = match (reads_origin, is_superseded) {
                (true, _) => &mut of_tmx,
                (false, true) => &mut superseded,
                (false, false) => &mut all,
            };
            let mut rows = statement.query([document.id])?;
            while let Some(row) = rows.next()? {
                let variant: u32 = row.get(4)?;
                let Some(&unit) = units.get(variant as usize).filter(|unit| **unit != 0) else { continue };
                let is_paragraph: bool = row.get(2)?;
                let kind = match (document.is_aligned, is_paragraph) {
                    (true, _) => Kind::Aligned,
                    (false, true) => Kind::Paragraph,
                    (false, false) => Kind::Sentence,
                };
                let counts = filter.kind.is_none_or(|wanted| wanted == kind)
                    && (!is_superseded || row.get(5)?)
                    && (!document.is_aligned || is_superseded || !row.get::<_, bool>(5)?)
                    && (!reads_origin || filter.counts(workflow(row, 5)?, row.get(6)?))
                    && (!reads_origin
                        || filter.versions != Versions::Current
                        || row.get::<_, Option<i64>>(7)?.is_none());
                // In a TMX a unit names its own neighbours, so this place is not needed as one.
                if document.is_tmx && !counts {
                    continue;
                }
                self.all.push(Place {
                    unit,
                    variant,
                    document: number as u32,
                    position: row.get(0)?,
                    number: row.get(1)?,
                    is_paragraph,
                    has_own_id: row.get(3)?,
                    counts,
                    is_first_in_locale: false,
                });
            }
        }
        Ok(())
    }

    /// Groups the places that count by a counting sort, which is stable.
    fn group_by_unit(&mut self) {
        let units = self.all.iter().map(|place| place.unit as usize + 1).max().unwrap_or(0);
        // The start of unit u is counted at u + 2, and moves to u while the groups are filled.
        self.starts = vec![0; units + 2];
        let counting = |place: &&Place| place.counts;
        self.all.iter().filter(counting).for_each(|place| self.starts[place.unit as usize + 2] += 1);
        for unit in 1..self.starts.len() {
            self.starts[unit] += self.starts[unit - 1];
        }
        self.by_unit = vec![0; self.starts.last().map_or(0, |&end| end as usize)];
        for (index, place) in self.all.iter().enumerate().filter(|(_, place)| place.counts) {
            let next = &mut self.starts[place.unit as usize + 1];
            self.by_unit[*next as usize] = index as u32;
            *next += 1;
        }
        for unit in 0..units {
            let mut last = None;
            for &index in &self.by_unit[self.starts[unit] as usize..self.starts[unit + 1] as usize] {
                let locale = self.documents[self.all[index as usize].document as usize].locale;
                if last.replace(locale) != Some(locale) {
                    self.all[index as usize].is_first_in_locale = true;
                }
            }
        }
    }

    pub fn get(&self, index: u32) -> Place {
        self.all[index as usize]
    }

    pub fn document(&self, place: Place) -> &DocumentFacts {
        &self.documents[place.document as usize]
    }

    /// The indexes of the places of a unit that count, in the order of the export.
    pub fn of_unit(&self, unit: u32) -> &[u32] {
        match self.starts.get(unit as usize..unit as usize + 2) {
            Some(bounds) => &self.by_unit[bounds[0] as usize..bounds[1] as usize],
            None => &[],
        }
    }

    /// The places of a unit that count, by variant.
    pub fn by_variant(&self, unit: u32) -> Vec<u32> {
        let mut places = self.of_unit(unit).to_vec();
        places.sort_by_key(|&index| self.get(index).variant);
        places
    }

    /// The places of a document that count, with their indexes.
    pub fn of_document(&self, document: u32) -> impl Iterator<Item = (u32, Place)> {
        let start = self.all.partition_point(|place| place.document < document);
        let places = self.all[start..].iter().take_while(move |place| place.document == document);
        (start as u32..).zip(places.copied()).filter(|(_, place)| place.counts)
    }

    /// The places of the unit of a place, in the target locale of the place.
    pub fn of_unit_in_locale(&self, place: Place) -> &[u32] {
        let group = self.of_unit(place.unit);
        let locale = |index: &u32| self.document(self.get(*index)).locale;
        let wanted = self.document(place).locale;
        // The order of the export is by locale first.
        let start = group.partition_point(|index| locale(index) < wanted);
        &group[start..start + group[start..].partition_point(|index| locale(index) == wanted)]
    }

    /// The units before and after a place in its document.
    pub fn neighbours(&self, index: u32) -> [Option<u32>; 2] {
        let index = index as usize;
        let Place { document, position, .. } = self.all[index];
        // Of a superseded document, only the neighbours of its segments are there.
        let is_beside = |place: &&Place| place.document == document && place.position.abs_diff(position) == 1;
        let unit = |neighbour: Option<usize>| {
            neighbour.and_then(|index| self.all.get(index)).filter(is_beside).map(|place| place.unit)
        };
        [unit(index.checked_sub(1)), unit(index.checked_add(1))]
    }

    /// The key of a text beside a unit of a TMX, never 0. If no documents are exported with it, any hash is good, and BLAKE3 takes
    /// longer.
    pub fn text_key(&self, text: &str) -> u64 {
        if self.text_hashes.is_some() {
            return text_hash(text);
        }
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        hasher.finish() | 1
    }

    /// The key of the context of a place in a document: its neighbours, by the hashes of their texts or by their unit ids. 0 at the
    /// beginning or the end of the document.
    pub fn context(&self, index: u32) -> [u64; 2] {
        self.neighbours(index).map(|unit| match (unit, &self.text_hashes) {
            (None, _) => 0,
            (Some(unit), Some(hashes)) => hashes.get(unit as usize).copied().unwrap_or(0),
            (Some(unit), None) => unit.into(),
        })
    }
}

/// A table of values by id, from a statement whose first column is the id. An id without a row has the default value.
fn table<T: Clone + Default>(
    connection: &Connection,
    sql: &str,
    value: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Fault> {
    let mut table = Vec::new();
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        // Ids have 32 bits: the interner refuses larger ones.
        let id = row.get::<_, u32>(0)? as usize;
        if id >= table.len() {
            table.resize(id + 1, T::default());
        }
        table[id] = value(row)?;
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places of documents; each segment is its unit and whether it counts.
    fn places(documents: &[(u16, &[(u32, bool)])]) -> Places {
        let facts = |locale| DocumentFacts { locale, ..DocumentFacts::default() };
        let mut all = Vec::new();
        for (document, (_, segments)) in (0..).zip(documents) {
            for (position, &(unit, counts)) in (0..).zip(*segments) {
                all.push(Place { unit, variant: unit, document, position, counts, ..Place::default() });
            }
        }
        let documents = documents.iter().map(|(locale, _)| facts(*locale)).collect();
        let mut places = Places { all, documents, ..Places::default() };
        places.group_by_unit();
        places
    }

    #[test]
    fn the_places_of_a_unit_are_grouped_in_their_order() {
        let places = places(&[
            (0, &[(3, true), (1, true), (3, true)]),
            (0, &[(3, false), (1, true)]),
            (1, &[(1, true), (3, true)]),
        ]);
        assert_eq!(places.of_unit(1), [1, 4, 5]);
        assert_eq!(places.of_unit(3), [0, 2, 6]);
        assert_eq!((places.of_unit(0), places.of_unit(2), places.of_unit(9)), (&[][..], &[][..], &[][..]));
        assert_eq!(places.of_unit_in_locale(places.get(4)), [1, 4]);
        assert_eq!(places.of_unit_in_locale(places.get(6)), [6]);
        let first: Vec<usize> = (0..7).filter(|&index| places.all[index].is_first_in_locale).collect();
        assert_eq!(first, [0, 1, 5, 6]);
    }

    #[test]
    fn a_segment_that_does_not_count_is_a_neighbour() {
        let places = places(&[(0, &[(1, true), (2, false), (3, true)]), (0, &[(4, true)])]);
        assert_eq!(places.context(0), [0, 2]);
        assert_eq!(places.context(2), [2, 0]);
        assert_eq!(places.context(3), [0, 0]);
        assert!(places.of_unit(2).is_empty());
        assert!(Places::default().of_unit(0).is_empty());
    }
}
