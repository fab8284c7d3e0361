//! The translations of texts that are similar to the query, as matches with their usage and first place.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension};

use super::context::Wanted;
use super::locale_index::LocaleIndex;
use super::own_document::OwnPlaces;
use super::{Lookup, LookupOptions};
use crate::matching::{Arithmetic, LocaleFit, Match, Query, Similarity, fit, reasons};
use crate::memory::text_index::TextRole;
use crate::memory::usage::PlaceRef;
use crate::memory::{MemoryError, PlaceFilter};
use crate::model::{Locale, QueryPlace, Score, fold_line_breaks};

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
#[derive(Clone)]
pub(super) struct Candidate {
    pub found: Match,
    /// The first place that passes the filter; for a context match, the first in the context.
    first: PlaceRef,
}

/// Where a match is found that is not just any place of its translation.
#[derive(Default)]
struct Placed {
    first: Option<PlaceRef>,
    in_context: bool,
    same_document: bool,
}

/// Source text and locale, target text and locale. Equal pairs of two units become one match.
type Pair = (String, i64, String, i64);

impl Lookup<'_> {
    /// The translations of texts that have the same score and similarity.
    pub(super) fn translations_of_ties(
        &mut self,
        query: &Query,
        place: &QueryPlace,
        ties: Vec<ComparedText>,
    ) -> Result<Vec<Candidate>, MemoryError> {
        let memory = self.memory;
        let mut pairs: BTreeMap<Pair, Vec<i64>> = BTreeMap::new();
        let mut compared: HashMap<(String, i64), (Score, Arithmetic, Similarity, usize)> = HashMap::new();
        for source in ties {
            let index = self.indexes.get(source.index);
            for (variant, text, locale) in
                memory.at(translations(&memory.connection, index, (source.id, source.unit)))?
            {
                let pair = (source.text.clone(), index.locale_id, text, locale);
                pairs.entry(pair).or_default().push(variant);
            }
            let facts = (source.score, source.arithmetic, source.similarity, source.index);
            compared.insert((source.text, index.locale_id), facts);
        }
        let filter = self.place_filter();
        let mut candidates = Vec::new();
        for ((text, source_locale, target, locale), variants) in pairs {
            let source = (text, source_locale);
            let (Some(&(score, arithmetic, similarity, number)), Some(target_locale)) =
                (compared.get(&source), self.indexes.locale(locale).cloned())
            else {
                continue;
            };
            let (text, index) = (source.0, self.indexes.get(number));
            let Some(target_fit) = target_fit(&self.options, index, &target_locale) else { continue };
            let fits = [index.fit, target_fit];
            let Some((usage, first)) = self.usage_of(&variants, &filter)? else { continue };
            let Placed { first: at, in_context, same_document } = match score {
                Score::EXACT => self.placed(&variants, (place, number, locale), &filter)?,
                _ => Placed::default(),
            };
            let base = if in_context { Score::CONTEXT } else { score };
            let markup_differs =
                self.options.penalties.markup > 0 && score < Score::EXACT && query.differs_in_markup(&text);
            let reasons = reasons((usage.workflow, usage.is_aligned), markup_differs, fits);
            let (score, penalties) = self.options.penalties.apply(base, &reasons);
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
                source_locale: self.indexes.get(number).locale.clone(),
                target,
                target_locale,
                workflow: usage.workflow,
                segments: usage.segments,
                documents: usage.documents,
                handoff: usage.handoff(),
                superseded: usage.superseded,
                is_aligned: usage.is_aligned,
                confidence: None,
                place: None,
                same_document,
                source_as_written: None,
                target_as_written: None,
            };
            candidates.push(Candidate { found, first: at.unwrap_or(first) });
        }
        Ok(candidates)
    }

    /// The match with its first place, in order of set, document and position; for a context match, the first in the context.
    pub(super) fn with_first_place(&self, candidate: Candidate) -> Result<Match, MemoryError> {
        let memory = self.memory;
        let place = memory.at(candidate.first.read(&memory.connection))?;
        let [source, target] = memory.at(candidate.first.written(&memory.connection))?;
        let found = candidate.found;
        let confidence = match found.is_aligned {
            true => memory.at(candidate.first.confidence(&memory.connection))?,
            false => None,
        };
        // The match of a text among the targets has the document's target as its source.
        let folds_to = |written: &String, text: &str| fold_line_breaks(written) == text;
        let (source, target) = match source.as_ref().is_none_or(|text| folds_to(text, &found.source))
            && target.as_ref().is_none_or(|text| folds_to(text, &found.target))
        {
            true => (source, target),
            false => (target, source),
        };
        Ok(Match {
            place: Some(place),
            confidence,
            source_as_written: source,
            target_as_written: target,
            ..found
        })
    }

    /// Where an exact match is found: in the same document with the same neighbours, with these elsewhere, in the same document.
    fn placed(
        &mut self,
        variants: &[i64],
        (place, index, locale): (&QueryPlace, usize, i64),
        filter: &PlaceFilter,
    ) -> Result<Placed, MemoryError> {
        let wanted = (!place.context.is_empty()).then(|| Wanted::new(&place.context, index, locale));
        let own = match &place.document {
            Some(document) => self.first_in_document(variants, (document, wanted.as_ref()), filter)?,
            None => OwnPlaces::default(),
        };
        if own.in_context.is_some() {
            return Ok(Placed { first: own.in_context, in_context: true, same_document: true });
        }
        if let Some(wanted) = &wanted {
            let first = self.first_in_context(variants, wanted, filter)?;
            if first.is_some() {
                return Ok(Placed { first, in_context: true, same_document: false });
            }
        }
        Ok(Placed { same_document: own.first.is_some(), first: own.first, in_context: false })
    }
}

/// The translations of a text, which is known by its id in the index and its unit: variant, text and locale.
pub(super) fn translations(
    connection: &Connection,
    index: &LocaleIndex,
    (id, unit): (i64, i64),
) -> rusqlite::Result<Vec<(i64, String, i64)>> {
    let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let sql = "select id, text, locale_id from variant where unit_id = ?1 order by id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found: Vec<(i64, String, i64)> =
        statement.query_map([unit], columns)?.collect::<Result<_, _>>()?;
    if index.role == TextRole::Target {
        found.retain(|(variant, ..)| *variant != id);
        let sql = "select ?2, text, locale_id from unit where id = ?1";
        found.extend(connection.prepare_cached(sql)?.query_row((unit, id), columns).optional()?);
    }
    Ok(found)
}

/// How well the locale of a translation fits the wanted one; `None` if it does not.
pub(super) fn target_fit(options: &LookupOptions, index: &LocaleIndex, locale: &Locale) -> Option<LocaleFit> {
    match &options.to {
        Some(to) => fit(to, locale),
        None => (index.locale != *locale).then_some(LocaleFit::Same),
    }
}
