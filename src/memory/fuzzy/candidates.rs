//! The translations of texts that are similar to the query, as matches with their usage and first place.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension};

use super::locale_index::LocaleIndex;
use super::{Lookup, LookupOptions};
use crate::matching::{Arithmetic, LocaleFit, Match, Query, Similarity, fit, reasons};
use crate::memory::text_index::TextRole;
use crate::memory::usage::PlaceRef;
use crate::memory::{MemoryError, PlaceFilter};
use crate::model::{Context, Locale, Score, fold_line_breaks};

/// A text of the memory, compared with the query.
pub(super) struct ComparedText {
    /// The number of its [`LocaleIndex`].
    pub index: usize,
    /// The id of the unit if it is a source text, else of the variant.
    pub id: i64,
    pub unit: i64,
    pub text: String,
    pub score: Score,
    pub arithmetic: Arithmetic,
    pub similarity: Similarity,
}

/// A match whose first place has yet to be read.
pub(super) struct Candidate {
    pub found: Match,
    /// The first place that passes the filter.
    first: PlaceRef,
    /// The places that have the context, as document and position.
    in_context: Vec<(i64, i64)>,
}

/// Source text and locale, target text and locale. Equal pairs of two units become one match.
type Pair = (String, i64, String, i64);

impl Lookup<'_> {
    /// The translations of texts that have the same score and similarity.
    pub(super) fn translations_of_ties(
        &mut self,
        query: &Query,
        context: Option<&Context>,
        ties: Vec<ComparedText>,
    ) -> Result<Vec<Candidate>, MemoryError> {
        let (memory, options) = (self.memory, &self.options);
        let mut pairs: BTreeMap<Pair, Vec<i64>> = BTreeMap::new();
        let mut compared: HashMap<(String, i64), (Score, Arithmetic, Similarity, usize)> = HashMap::new();
        for source in ties {
            let index = self.indexes.get(source.index);
            for (variant, text, locale) in memory.at(translations(&memory.connection, index, &source))? {
                let pair = (source.text.clone(), index.locale_id, text, locale);
                pairs.entry(pair).or_default().push(variant);
            }
            let facts = (source.score, source.arithmetic, source.similarity, source.index);
            compared.insert((source.text, index.locale_id), facts);
        }
        let filter = PlaceFilter {
            workflow: options.workflow,
            only_current: options.only_current,
            ..PlaceFilter::default()
        };
        let mut candidates = Vec::new();
        for ((text, source_locale, target, locale), variants) in pairs {
            let source = (text, source_locale);
            let (Some(&(score, arithmetic, similarity, index)), Some(locale)) =
                (compared.get(&source), self.indexes.locale(locale))
            else {
                continue;
            };
            let (text, index) = (source.0, self.indexes.get(index));
            let Some(target_fit) = target_fit(options, index, locale) else { continue };
            let usage = memory.at(self.usage.usage(&memory.connection, &variants, &filter))?;
            let Some((usage, first)) = usage else { continue };
            let in_context = match context {
                Some(context) if score == Score::EXACT => {
                    let places =
                        memory.at(places_in_context(&memory.connection, index.role, &variants, context))?;
                    memory.at(self.usage.passing(&memory.connection, places, &filter))?
                }
                _ => Vec::new(),
            };
            let base = if in_context.is_empty() { score } else { Score::CONTEXT };
            let markup_differs =
                options.penalties.markup > 0 && score < Score::EXACT && query.differs_in_markup(&text);
            let reasons = reasons(usage.workflow, markup_differs, [index.fit, target_fit]);
            let (score, penalties) = options.penalties.apply(base, &reasons);
            let differences = match arithmetic.distance {
                0 => query.differences(&text),
                _ => Vec::new(),
            };
            let found = Match {
                score,
                similarity,
                arithmetic,
                penalties,
                differences,
                source: text,
                source_locale: index.locale.clone(),
                target,
                target_locale: locale.clone(),
                workflow: usage.workflow,
                segments: usage.segments,
                documents: usage.documents,
                handoff: usage.handoff(),
                superseded: usage.superseded,
                place: None,
            };
            candidates.push(Candidate { found, first, in_context });
        }
        Ok(candidates)
    }

    /// The match with its first place, in order of set, document and position; for a context match, the first in the context.
    pub(super) fn with_first_place(&mut self, candidate: Candidate) -> Result<Match, MemoryError> {
        let memory = self.memory;
        let in_context = memory.at(self.usage.first(&memory.connection, &candidate.in_context))?;
        let place = memory.at(in_context.unwrap_or(candidate.first).read(&memory.connection))?;
        Ok(Match { place: Some(place), ..candidate.found })
    }
}

/// The translations of a text: variant, text and locale.
fn translations(
    connection: &Connection,
    index: &LocaleIndex,
    source: &ComparedText,
) -> rusqlite::Result<Vec<(i64, String, i64)>> {
    let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let sql = "select id, text, locale_id from variant where unit_id = ?1 order by id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found: Vec<(i64, String, i64)> =
        statement.query_map([source.unit], columns)?.collect::<Result<_, _>>()?;
    if index.role == TextRole::Target {
        found.retain(|(variant, ..)| *variant != source.id);
        let sql = "select ?2, text, locale_id from unit where id = ?1";
        let unit = connection.prepare_cached(sql)?.query_row((source.unit, source.id), columns).optional()?;
        found.extend(unit);
    }
    Ok(found)
}

/// How well the locale of a translation fits the wanted one; `None` if it does not.
fn target_fit(options: &LookupOptions, index: &LocaleIndex, locale: &Locale) -> Option<LocaleFit> {
    match &options.to {
        Some(to) => fit(to, locale),
        None => (index.locale != *locale).then_some(LocaleFit::Same),
    }
}

/// The places of the variants with the neighbours that the context names, as document and position. The neighbours that a TMX
/// states for a unit count, not the units before and after it in the file.
fn places_in_context(
    connection: &Connection,
    role: TextRole,
    variants: &[i64],
    context: &Context,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    let text = match role {
        TextRole::Source => "unit.text",
        TextRole::Target => "variant.text",
    };
    let neighbour = format!(
        "select {text} from segment
         join variant on variant.id = segment.variant_id
         join unit on unit.id = variant.unit_id
         where segment.document_id = ?1 and segment.position = ?2
         union all
         select {text} from neighbour
         join variant on variant.id = neighbour.variant_id
         join unit on unit.id = variant.unit_id
         where neighbour.document_id = ?1 and neighbour.position = ?2"
    );
    let mut neighbour = connection.prepare_cached(&neighbour)?;
    let mut neighbour = |document: i64, position: i64| -> rusqlite::Result<Option<String>> {
        neighbour.query_row((document, position), |row| row.get(0)).optional()
    };
    let origin = "select previous, next from origin where document_id = ?1 and position = ?2";
    let mut origin = connection.prepare_cached(origin)?;
    let [previous, next] = [&context.previous, &context.next]
        .map(|text| text.as_deref().map(|text| fold_line_breaks(text).into_owned()));
    let is = |wanted: &Option<String>, found: Option<String>| wanted.is_none() || *wanted == found;
    let sql =
        "select document_id, position from segment where variant_id = ?1 order by document_id, position";
    let mut places = Vec::new();
    for variant in variants {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([variant])?;
        while let Some(row) = rows.next()? {
            let (document, position) = (row.get(0)?, row.get(1)?);
            let stated: Option<(Option<String>, Option<String>)> =
                origin.query_row((document, position), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let holds = match stated {
                Some((before, after)) => is(&previous, before) && is(&next, after),
                None => {
                    is(&previous, neighbour(document, position - 1)?)
                        && is(&next, neighbour(document, position + 1)?)
                }
            };
            if holds {
                places.push((document, position));
            }
        }
    }
    Ok(places)
}
