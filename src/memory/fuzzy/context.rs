//! Context matches: the first place of a translation between the neighbours that a query names.
//!
//! The places of a rare translation are compared one by one. A frequent one, such as a heading of a reference, can have 100,000
//! places, and its neighbours as many. Then the places of the translation and those of each neighbour's text are read as sorted
//! lists, which are intersected by galloping search (Bentley and Yao, 1976). The lookup caches these lists and the answers.

mod frequent;
mod neighbours;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use rusqlite::Connection;

use super::Lookup;
use super::locale_index::LocaleIndex;
use crate::matching::Query;
use crate::matching::index::IndexSearch;
use crate::memory::documents::{has_superseded_documents, has_tmx};
use crate::memory::error::Fault;
use crate::memory::interner::digest_of_text;
use crate::memory::text_index::TextRole;
use crate::memory::usage::{PlaceRef, UsageReader};
use crate::memory::{MemoryError, PlaceFilter};
use crate::model::{Context, Score, Usage, fold_line_breaks};

pub(super) use frequent::FrequentTexts;
use frequent::{AnswerKey, Digest, PackedPlace, TextKey, Translation, beside, packed, unpacked};
use neighbours::{BESIDE, NeighbourReader, Neighbours, end_digest};

/// The most places that are compared one by one.
const FEW: usize = 32;

/// The context of a query, for the translations of texts of one index into one locale.
pub(super) struct Wanted {
    /// The number of the index.
    pub index: usize,
    pub target_locale: i64,
    neighbours: Neighbours,
}

impl Wanted {
    pub fn new(context: &Context, index: usize, target_locale: i64) -> Wanted {
        let neighbours = [&context.previous, &context.next]
            .map(|text| text.as_deref().map(|text| fold_line_breaks(text).into_owned()));
        Wanted { index, target_locale, neighbours }
    }
}

impl Lookup<'_> {
    /// The filter of places, which is the same for all queries.
    pub(super) fn place_filter(&self) -> PlaceFilter {
        PlaceFilter {
            workflow: self.options.workflow,
            only_current: self.options.only_current,
            ..self.places.clone()
        }
    }

    /// The filter of places that is the same for all documents that are left out. What is cached passes it.
    fn cached_filter(&self) -> PlaceFilter {
        PlaceFilter { without_document: None, ..self.place_filter() }
    }

    /// The usage of a translation, and its first place; `None` if no place passes the filter. That of a frequent one is cached, but for
    /// one that the document has which is left out.
    pub(super) fn usage_of(
        &mut self,
        variants: &[i64],
        filter: &PlaceFilter,
    ) -> Result<Option<(Usage, PlaceRef)>, MemoryError> {
        let memory = self.memory;
        for &document in &*self.left_out_documents()? {
            for &variant in variants {
                if memory.at(is_in_document(&memory.connection, (variant, document)))? {
                    return memory.at(self.usage.usage(&memory.connection, variants, filter));
                }
            }
        }
        if let Some(known) = self.frequent.usage(variants) {
            return Ok(known);
        }
        let filter = self.cached_filter();
        let read = self.usage.counted_usage(&memory.connection, variants, &filter);
        let (usage, places) = memory.at(read)?;
        if places > FEW {
            self.frequent.keep_usage(variants, usage.clone());
        }
        Ok(usage)
    }

    /// The documents that are left out.
    fn left_out_documents(&mut self) -> Result<Rc<[i64]>, MemoryError> {
        match self.places.without_document.clone() {
            Some(path) => self.documents_at(&path),
            None => Ok(Rc::default()),
        }
    }

    /// The first place of a translation with these neighbours that passes the filter. The empty text is an end of the document. The neighbours
    /// that a TMX states for a unit count, not the units before and after it in the file.
    pub(super) fn first_in_context(
        &mut self,
        variants: &[i64],
        wanted: &Wanted,
        filter: &PlaceFilter,
    ) -> Result<Option<PlaceRef>, MemoryError> {
        let memory = self.memory;
        let mut first = None;
        for &variant in variants {
            let few = match self.frequent.has_translation(&(variant, wanted.index)) {
                true => None,
                false => memory.at(few_places(&memory.connection, variant))?,
            };
            let found = match few {
                Some(places) => {
                    let role = self.indexes.get(wanted.index).role;
                    let reader = NeighbourReader::new(&memory.connection, role);
                    let mut reader = memory.at(reader)?;
                    memory.at(first_of_few(&mut self.usage, &mut reader, &places, (wanted, filter)))?
                }
                None => self.first_of_frequent(variant, wanted)?,
            };
            keep_first(&mut first, found);
        }
        Ok(first)
    }

    /// Whether a place has these neighbours.
    pub(super) fn has_neighbours(&mut self, place: (i64, i64), wanted: &Wanted) -> Result<bool, MemoryError> {
        let memory = self.memory;
        let role = self.indexes.get(wanted.index).role;
        let mut reader = memory.at(NeighbourReader::new(&memory.connection, role))?;
        memory.at(reader.are_at(&mut self.usage, place, &wanted.neighbours))
    }

    fn first_of_frequent(&mut self, variant: i64, wanted: &Wanted) -> Result<Option<PlaceRef>, MemoryError> {
        let neighbours: [Option<Digest>; 2] =
            [0, 1].map(|side: usize| wanted.neighbours[side].as_deref().map(digest_of_text));
        let key: AnswerKey = (variant, wanted.index, neighbours);
        let left_out = self.left_out_documents()?;
        if left_out.is_empty()
            && let Some(answer) = self.frequent.answer(&key)
        {
            return Ok(answer);
        }
        let memory = self.memory;
        let translation = self.translation(variant, wanted.index)?;
        let mut places: Option<Vec<PackedPlace>> = None;
        let mut sides: Vec<_> = wanted
            .neighbours
            .iter()
            .zip(neighbours)
            .zip(BESIDE)
            .filter_map(|((text, digest), distance)| Some((text.as_deref()?, digest?, distance)))
            .collect();
        // A text has fewer places than there are ends of documents.
        sides.sort_by_key(|(text, ..)| text.is_empty());
        for (text, digest, distance) in sides {
            let compared = places.as_deref().unwrap_or(&translation.places);
            places = Some(if compared.len() <= FEW {
                let role = self.indexes.get(wanted.index).role;
                let reader = NeighbourReader::new(&memory.connection, role);
                let mut reader = memory.at(reader)?;
                let mut kept = Vec::new();
                for &place in compared {
                    let (document, position) = unpacked(place);
                    if memory.at(reader.is_at((document, position + distance), text))? {
                        kept.push(place);
                    }
                }
                kept
            } else if text.is_empty() && distance < 0 {
                compared.iter().copied().filter(|&place| unpacked(place).1 == 0).collect()
            } else if text.is_empty() {
                beside(compared, &self.places_after_documents()?, distance)
            } else {
                beside(compared, &self.places_of_text(text, digest, wanted)?, distance)
            });
        }
        let mut places = places.unwrap_or_else(|| translation.places.clone());
        // In one document the first position comes first.
        places.dedup_by_key(|&mut place| unpacked(place).0);
        let stated = translation.stated.between(neighbours);
        let mut first = None;
        let is_left_in = |place: &(i64, i64)| !left_out.contains(&place.0);
        for place in places.into_iter().map(unpacked).chain(stated).filter(is_left_in) {
            let place = memory.at(self.usage.place(&memory.connection, place))?;
            keep_first(&mut first, Some(place));
        }
        if left_out.is_empty() {
            self.frequent.keep_answer(key, first.clone());
        }
        Ok(first)
    }

    /// The places of a frequent translation that pass the filter, also those in documents that are left out.
    fn translation(&mut self, variant: i64, index: usize) -> Result<Rc<Translation>, MemoryError> {
        let key = (variant, index);
        if let Some(known) = self.frequent.translation(&key) {
            return Ok(known);
        }
        let memory = self.memory;
        let has_stated = match self.frequent.has_stated {
            Some(known) => known,
            None => memory.at(has_stated_places(&memory.connection))?,
        };
        self.frequent.has_stated = Some(has_stated);
        let filter = &self.cached_filter();
        let (usage, index) = (&mut self.usage, self.indexes.get(index));
        let mut read = || -> Result<Translation, Fault> {
            let connection = &memory.connection;
            let is_indexed = has_indexed_neighbours(connection, variant, index)?;
            let mut reader = NeighbourReader::new(connection, index.role)?;
            let sql = "select document_id, position from segment where variant_id = ?1
                       order by document_id, position";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([variant])?;
            let mut found = Translation::default();
            while let Some(row) = rows.next()? {
                let place = (row.get(0)?, row.get(1)?);
                if !usage.passes(connection, place, filter)? {
                    continue;
                }
                if is_indexed && (!has_stated || usage.has_all_segments(connection, place.0)?) {
                    found.places.push(packed(place)?);
                } else {
                    found.stated.add(place, reader.digests(usage, place)?);
                }
            }
            Ok(found)
        };
        let translation = Rc::new(memory.at(read())?);
        self.frequent.keep_translation(key, &translation);
        Ok(translation)
    }

    /// The first position after each document, where it has no segment, sorted.
    fn places_after_documents(&mut self) -> Result<Rc<[PackedPlace]>, MemoryError> {
        let key: TextKey = (usize::MAX, 0, end_digest());
        if let Some(known) = self.frequent.text(&key) {
            return Ok(known);
        }
        let memory = self.memory;
        let read = || -> Result<Rc<[PackedPlace]>, Fault> {
            let sql =
                "select id, (select max(position) + 1 from main.segment where document_id = document.id)
                       from document order by id";
            let mut statement = memory.connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            let mut places = Vec::new();
            while let Some(row) = rows.next()? {
                if let Some(position) = row.get(1)? {
                    places.push(packed((row.get(0)?, position))?);
                }
            }
            Ok(places.into())
        };
        let places = memory.at(read())?;
        self.frequent.keep_text(key, &places);
        Ok(places)
    }

    /// The places of a text, sorted: of a source text those with a translation into the target locale.
    fn places_of_text(
        &mut self,
        text: &str,
        digest: Digest,
        wanted: &Wanted,
    ) -> Result<Rc<[PackedPlace]>, MemoryError> {
        let role = self.indexes.get(wanted.index).role;
        let target_locale = if role == TextRole::Source { wanted.target_locale } else { 0 };
        let key: TextKey = (wanted.index, target_locale, digest);
        if let Some(known) = self.frequent.text(&key) {
            return Ok(known);
        }
        let memory = self.memory;
        let ids = self.ids_of_text(text, wanted.index)?;
        let read = || -> Result<Rc<[PackedPlace]>, Fault> {
            let sql = match role {
                TextRole::Source => {
                    "select segment.document_id, segment.position from variant
                     join segment on segment.variant_id = variant.id
                     where variant.unit_id = ?1 and variant.locale_id = ?2"
                }
                TextRole::Target => "select document_id, position from segment where variant_id = ?1",
            };
            let mut statement = memory.connection.prepare_cached(sql)?;
            let mut places = Vec::new();
            for id in ids {
                let mut rows = match role {
                    TextRole::Source => statement.query((id, target_locale))?,
                    TextRole::Target => statement.query([id])?,
                };
                while let Some(row) = rows.next()? {
                    places.push(packed((row.get(0)?, row.get(1)?))?);
                }
            }
            places.sort_unstable();
            Ok(places.into())
        };
        let places = memory.at(read())?;
        self.frequent.keep_text(key, &places);
        Ok(places)
    }

    /// The variants with a target text. These have no index by hash, so the fuzzy index finds them.
    pub(super) fn variants_of_text(&mut self, text: &str, index: usize) -> Result<Vec<u32>, MemoryError> {
        let memory = self.memory;
        let query = Query::new(text);
        let mut search = IndexSearch::new(&mut self.scratch, &query, Score::EXACT, usize::MAX);
        for length in search.lengths() {
            self.indexes.search_one(memory, index, length, &mut search)?;
        }
        let characters = u16::try_from(query.characters()).unwrap_or(u16::MAX);
        let (_, mut hits) = search.finish();
        hits.retain(|hit| hit.characters == characters);
        let mut ids = Vec::new();
        for hit in hits {
            let found = memory.at(self.indexes.get(index).text(&memory.connection, hit.id))?;
            if found.is_some_and(|(found, _)| found == text) {
                ids.push(hit.id);
            }
        }
        Ok(ids)
    }
}

/// Whether there are places whose neighbours are not always the segments before and after.
fn has_stated_places(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(has_tmx(connection)? || has_superseded_documents(connection)?)
}

/// Whether a document has a variant.
fn is_in_document(connection: &Connection, place: (i64, i64)) -> rusqlite::Result<bool> {
    let sql = "select exists (select 1 from segment where variant_id = ?1 and document_id = ?2)";
    connection.prepare_cached(sql)?.query_row(place, |row| row.get(0))
}

/// The places of a variant, as document and position; `None` if there are more than [`FEW`].
fn few_places(connection: &Connection, variant: i64) -> rusqlite::Result<Option<Vec<(i64, i64)>>> {
    let sql = "select document_id, position from segment where variant_id = ?1
               order by document_id, position limit ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let places: Vec<(i64, i64)> = statement
        .query_map((variant, FEW as i64 + 1), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok((places.len() <= FEW).then_some(places))
}

/// Whether the index has the texts beside the places of a variant. It has not if the document is translated in the opposite
/// direction, or into another locale than that of the index.
fn has_indexed_neighbours(
    connection: &Connection,
    variant: i64,
    index: &LocaleIndex,
) -> rusqlite::Result<bool> {
    let sql = "select unit.locale_id, variant.locale_id from variant join unit on unit.id = variant.unit_id
               where variant.id = ?1";
    let locales = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (source, target): (i64, i64) = connection.prepare_cached(sql)?.query_row([variant], locales)?;
    Ok(index.locale_id
        == match index.role {
            TextRole::Source => source,
            TextRole::Target => target,
        })
}

/// Compares places one by one.
fn first_of_few(
    usage: &mut UsageReader,
    reader: &mut NeighbourReader<'_>,
    places: &[(i64, i64)],
    (wanted, filter): (&Wanted, &PlaceFilter),
) -> Result<Option<PlaceRef>, Fault> {
    let mut first = None;
    for &place in places {
        if reader.are_at(usage, place, &wanted.neighbours)?
            && usage.passes(reader.connection, place, filter)?
        {
            keep_first(&mut first, Some(usage.place(reader.connection, place)?));
        }
    }
    Ok(first)
}

/// Replaces the first place by one that comes before it.
fn keep_first(first: &mut Option<PlaceRef>, other: Option<PlaceRef>) {
    let Some(other) = other else { return };
    if first.as_ref().is_none_or(|first| other.compare(first).is_lt()) {
        *first = Some(other);
    }
}
