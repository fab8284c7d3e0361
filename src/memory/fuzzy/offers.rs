//! From texts that are similar to the query to translation candidates, with what is known of each.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension};

use super::LookupOptions;
use super::locale_index::{LocaleIndex, LocaleIndexes};
use crate::matching::{Arithmetic, LocaleFit, Match, Query, Similarity, fit, reasons, tidied};
use crate::memory::text_index::TextSide;
use crate::memory::{Memory, MemoryError};
use crate::model::{Context, Date, Locale, Place, Score, Workflow, better_workflow};

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

/// A match, and what is needed to tell where it stands.
pub(super) struct Offer {
    pub found: Match,
    variants: Vec<i64>,
    /// The first of the documents that count.
    document: Option<i64>,
    /// The places that have the context, as document and position.
    in_context: Vec<(i64, i64)>,
}

/// What has been read of documents and sets, which do not change under their ids.
#[derive(Default)]
pub(super) struct Cache {
    documents: HashMap<i64, Rc<DocumentFacts>>,
    sets: HashMap<i64, Rc<str>>,
    has_tmx: Option<bool>,
}

struct DocumentFacts {
    workflow: Option<Workflow>,
    handoff: Option<Date>,
    kind: DocumentKind,
    name: DocumentName,
}

/// What documents are ordered by: set, path and target locale.
type DocumentName = (Rc<str>, Box<str>, i64);

/// Whether a document is one, or the segments of many in a TMX, which says itself what stood where.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DocumentKind {
    Document,
    Tmx,
}

/// A pair of texts with their locales; the same pair of two units is one.
type Pair = (String, i64, String, i64);

/// Who stands behind a pair.
#[derive(Default)]
struct Behind {
    segments: u64,
    documents: u64,
    workflow: Option<Workflow>,
    handoff: Option<Date>,
    first: Option<(Rc<DocumentFacts>, i64)>,
}

impl Behind {
    fn add(
        &mut self,
        options: &LookupOptions,
        workflow: Option<Workflow>,
        handoff: Option<Date>,
        segments: u64,
        documents: u64,
    ) {
        if options.workflow.is_some() && workflow != options.workflow {
            return;
        }
        self.workflow = match self.segments {
            0 => workflow,
            _ => better_workflow(self.workflow, workflow),
        };
        self.segments += segments;
        self.documents += documents;
        self.handoff = self.handoff.max(handoff);
    }

    /// Adds what a TMX says of a variant.
    fn add_tmx(
        &mut self,
        connection: &Connection,
        options: &LookupOptions,
        document: i64,
        variant: i64,
    ) -> rusqlite::Result<()> {
        let sql = "select origin.workflow, date(origin.changed, 'unixepoch'), origin.usage, origin.documents
                   from segment
                   join origin on origin.document_id = segment.document_id and origin.position = segment.position
                   where segment.variant_id = ?1 and segment.document_id = ?2
                   order by segment.position";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query((variant, document))?;
        while let Some(row) = rows.next()? {
            let named: Option<String> = row.get(0)?;
            let date: Option<String> = row.get(1)?;
            let date = date.and_then(|date| date.parse().ok());
            self.add(options, named.as_deref().and_then(Workflow::of_name), date, row.get(2)?, row.get(3)?);
        }
        Ok(())
    }
}

impl Cache {
    /// The translations of texts that have the same score and similarity.
    pub fn translations_of_ties(
        &mut self,
        memory: &Memory,
        options: &LookupOptions,
        indexes: &LocaleIndexes,
        query: &Query,
        context: Option<&Context>,
        ties: Vec<ComparedText>,
    ) -> Result<Vec<Offer>, MemoryError> {
        let mut pairs: BTreeMap<Pair, Vec<i64>> = BTreeMap::new();
        let mut compared: HashMap<(String, i64), (Score, Arithmetic, Similarity, usize)> = HashMap::new();
        for source in ties {
            let index = indexes.get(source.index);
            for (variant, text, locale) in memory.at(translations(&memory.connection, index, &source))? {
                let pair = (source.text.clone(), index.locale_id, text, locale);
                pairs.entry(pair).or_default().push(variant);
            }
            let facts = (source.score, source.arithmetic, source.similarity, source.index);
            compared.insert((source.text, index.locale_id), facts);
        }
        let mut offers = Vec::new();
        for ((text, source_locale, target, locale), variants) in pairs {
            let source = (text, source_locale);
            let (Some(&(score, arithmetic, similarity, index)), Some(locale)) =
                (compared.get(&source), indexes.locale(locale))
            else {
                continue;
            };
            let (text, index) = (source.0, indexes.get(index));
            let Some(target_fit) = target_fit(options, index, locale) else { continue };
            let behind = self.behind(memory, options, &variants)?;
            if behind.segments == 0 {
                continue;
            }
            let in_context = match context {
                Some(context) if score == Score::EXACT => {
                    memory.at(places_in_context(&memory.connection, index.side, &variants, context))?
                }
                _ => Vec::new(),
            };
            let base = if in_context.is_empty() { score } else { Score::CONTEXT };
            let markup_differs =
                options.penalties.markup > 0 && score < Score::EXACT && query.differs_in_markup(&text);
            let reasons = reasons(behind.workflow, markup_differs, [index.fit, target_fit]);
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
                workflow: behind.workflow,
                segments: behind.segments,
                documents: behind.documents,
                handoff: behind.handoff,
                place: None,
            };
            let document = behind.first.map(|(_, document)| document);
            offers.push(Offer { found, variants, document, in_context });
        }
        Ok(offers)
    }

    /// Counts the places of variants, those of the workflow asked for.
    fn behind(
        &mut self,
        memory: &Memory,
        options: &LookupOptions,
        variants: &[i64],
    ) -> Result<Behind, MemoryError> {
        let mut segments: BTreeMap<i64, u64> = BTreeMap::new();
        let sql = "select document_id, count(*) from segment where variant_id = ?1
                   group by document_id order by document_id";
        for variant in variants {
            let mut count = || -> rusqlite::Result<()> {
                let mut statement = memory.connection.prepare_cached(sql)?;
                let mut rows = statement.query([variant])?;
                while let Some(row) = rows.next()? {
                    *segments.entry(row.get(0)?).or_default() += row.get::<_, u64>(1)?;
                }
                Ok(())
            };
            memory.at(count())?;
        }
        let mut behind = Behind::default();
        for (document, count) in segments {
            let facts = self.facts(memory, document)?;
            let before = behind.segments;
            match facts.kind {
                DocumentKind::Document => behind.add(options, facts.workflow, facts.handoff, count, 1),
                DocumentKind::Tmx => {
                    for variant in variants {
                        memory.at(behind.add_tmx(&memory.connection, options, document, *variant))?;
                    }
                }
            }
            let counts = behind.segments > before;
            if counts && behind.first.as_ref().is_none_or(|(first, _)| facts.name < first.name) {
                behind.first = Some((facts, document));
            }
        }
        Ok(behind)
    }

    fn facts(&mut self, memory: &Memory, document: i64) -> Result<Rc<DocumentFacts>, MemoryError> {
        if let Some(facts) = self.documents.get(&document) {
            return Ok(Rc::clone(facts));
        }
        let facts = Rc::new(memory.at(self.read_facts(&memory.connection, document))?);
        self.documents.insert(document, Rc::clone(&facts));
        Ok(facts)
    }

    fn read_facts(&mut self, connection: &Connection, document: i64) -> rusqlite::Result<DocumentFacts> {
        // Most memories hold nothing of a TMX; then no document has to be asked whether it is one.
        let tmx = match self.has_tmx {
            Some(has_tmx) => has_tmx,
            None => connection.prepare_cached("select 1 from origin limit 1")?.exists([])?,
        };
        self.has_tmx = Some(tmx);
        let sql = "select workflow, handoff, set_id, path, target_locale_id,
                          ?2 and exists (select 1 from origin where document_id = document.id)
                   from document where id = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        statement.query_row((document, tmx), |row| {
            let named = row.get_ref(0)?.as_str_or_null()?;
            let date = row.get_ref(1)?.as_str_or_null()?;
            let tmx: bool = row.get(5)?;
            Ok(DocumentFacts {
                workflow: named.and_then(Workflow::of_name),
                handoff: date.and_then(|date| date.parse().ok()),
                kind: if tmx { DocumentKind::Tmx } else { DocumentKind::Document },
                name: (self.set(connection, row.get(2)?)?, row.get(3)?, row.get(4)?),
            })
        })
    }

    fn set(&mut self, connection: &Connection, id: i64) -> rusqlite::Result<Rc<str>> {
        if let Some(name) = self.sets.get(&id) {
            return Ok(Rc::clone(name));
        }
        let mut statement = connection.prepare_cached("select name from document_set where id = ?1")?;
        let name: Rc<str> = statement.query_row([id], |row| row.get(0))?;
        self.sets.insert(id, Rc::clone(&name));
        Ok(name)
    }

    /// A match with its first place, in order of set, document and position; in a context match of those with the context.
    pub fn with_first_place(&mut self, memory: &Memory, offer: Offer) -> Result<Match, MemoryError> {
        let mut first: Option<(Rc<DocumentFacts>, i64, i64)> = None;
        let mut places = offer.in_context;
        if let (true, Some(document)) = (places.is_empty(), offer.document) {
            let sql = "select min(position) from segment where variant_id = ?1 and document_id = ?2";
            for variant in offer.variants {
                let read = || -> rusqlite::Result<Option<i64>> {
                    memory.connection.prepare_cached(sql)?.query_row((variant, document), |row| row.get(0))
                };
                places.extend(memory.at(read())?.map(|position| (document, position)));
            }
        }
        for (document, position) in places {
            let facts = self.facts(memory, document)?;
            let earlier =
                |(first, _, at): &(Rc<DocumentFacts>, i64, i64)| (&facts.name, position) < (&first.name, *at);
            if first.as_ref().is_none_or(earlier) {
                first = Some((facts, document, position));
            }
        }
        let Some((facts, document, position)) = first else { return Ok(offer.found) };
        let sql = "select coalesce(segment.id, document.id_prefix || '-' || iif(segment.kind = 1, 'p', '')
                                   || segment.number)
                   from segment join document on document.id = segment.document_id
                   where segment.document_id = ?1 and segment.position = ?2";
        let read = || -> rusqlite::Result<String> {
            memory.connection.prepare_cached(sql)?.query_row((document, position), |row| row.get(0))
        };
        let (set, path, _) = &facts.name;
        let place = Place { set: set.to_string(), document: path.to_string(), segment: memory.at(read())? };
        Ok(Match { place: Some(place), ..offer.found })
    }
}

/// The translations of a text: the variant whose places stand behind each, its text, its locale.
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
    if index.side == TextSide::Target {
        found.retain(|(variant, ..)| *variant != source.id);
        let sql = "select ?2, text, locale_id from unit where id = ?1";
        let unit = connection.prepare_cached(sql)?.query_row((source.unit, source.id), columns).optional()?;
        found.extend(unit);
    }
    Ok(found)
}

/// How well the locale of a translation fits the one wanted; `None` if it does not.
fn target_fit(options: &LookupOptions, index: &LocaleIndex, locale: &Locale) -> Option<LocaleFit> {
    match &options.to {
        Some(to) => fit(to, locale),
        None => (index.locale != *locale).then_some(LocaleFit::Same),
    }
}

/// The places of the variants that stand between the neighbours that are known, as document and position. What a TMX says of
/// the neighbours counts before what stands there beside it.
fn places_in_context(
    connection: &Connection,
    side: TextSide,
    variants: &[i64],
    context: &Context,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    let text = match side {
        TextSide::Source => "unit.text",
        TextSide::Target => "variant.text",
    };
    let neighbour = format!(
        "select {text} from segment
         join variant on variant.id = segment.variant_id
         join unit on unit.id = variant.unit_id
         where segment.document_id = ?1 and segment.position = ?2"
    );
    let mut neighbour = connection.prepare_cached(&neighbour)?;
    let mut neighbour = |document: i64, position: i64| -> rusqlite::Result<Option<String>> {
        neighbour.query_row((document, position), |row| row.get(0)).optional()
    };
    let origin = "select previous, next from origin where document_id = ?1 and position = ?2";
    let mut origin = connection.prepare_cached(origin)?;
    let [previous, next] = [&context.previous, &context.next].map(|text| text.as_deref().map(tidied));
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
