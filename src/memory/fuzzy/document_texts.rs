//! The segments of one document, in their order: where a document is translated again that the memory has, most of its texts are found
//! between the same neighbours without a search.

use std::collections::HashMap;

use rusqlite::Row;

use super::Lookup;
use super::own_document::current_documents_at;
use crate::matching::fit;
use crate::memory::MemoryError;
use crate::memory::documents::{IS_TMX, segment_id, workflow};
use crate::memory::error::Fault;
use crate::model::{Locale, Place, Workflow};

/// The segments of the documents at one path: one of each set that has it.
#[derive(Debug, Default)]
pub struct DocumentTexts {
    documents: Vec<TextsOfOne>,
}

#[derive(Debug, Default)]
struct TextsOfOne {
    segments: Vec<DocumentText>,
    by_source: HashMap<String, Vec<usize>>,
    /// The position after the segment that was found last.
    next: usize,
}

/// A segment of the memory.
#[derive(Clone, Debug)]
pub struct DocumentText {
    /// The source text: trimmed, with line breaks folded.
    pub source: String,
    /// The target text, likewise.
    pub target: String,
    /// The source text as the document has it, if it differs.
    pub source_as_written: Option<String>,
    /// The target text, likewise.
    pub target_as_written: Option<String>,
    /// Who translated the document.
    pub workflow: Option<Workflow>,
    /// The place.
    pub place: Place,
}

impl DocumentTexts {
    /// Whether a text is a source text of the documents.
    pub fn has(&self, text: &str) -> bool {
        self.documents.iter().any(|document| document.by_source.contains_key(text))
    }

    /// Whether there is no segment.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The segment with this text between two others; the empty text is the end of the document. Of several in a document it is the one
    /// that comes next after the segment that was found last: texts are asked for in the order of the document.
    pub fn between(&mut self, text: &str, previous: &str, next: &str) -> Option<&DocumentText> {
        self.documents.iter_mut().find_map(|document| document.between(text, previous, next))
    }

    /// Whether the documents have a text between two others.
    pub fn has_between(&self, text: &str, previous: Option<&str>, next: Option<&str>) -> bool {
        self.documents.iter().any(|document| {
            let places = document.by_source.get(text).map_or(&[][..], Vec::as_slice);
            places.iter().any(|&at| document.stands_between(at, previous, next))
        })
    }
}

impl TextsOfOne {
    fn between(&mut self, text: &str, previous: &str, next: &str) -> Option<&DocumentText> {
        let places = self.by_source.get(text)?;
        let found = |&&at: &&usize| self.stands_between(at, Some(previous), Some(next));
        let first = places.partition_point(|&at| at < self.next);
        let at = *places[first..].iter().find(found).or_else(|| places[..first].iter().rfind(found))?;
        self.next = at + 1;
        Some(&self.segments[at])
    }

    fn stands_between(&self, at: usize, previous: Option<&str>, next: Option<&str>) -> bool {
        let source = |at: Option<usize>| {
            at.and_then(|at| self.segments.get(at)).map_or("", |segment| segment.source.as_str())
        };
        previous.is_none_or(|previous| source(at.checked_sub(1)) == previous)
            && next.is_none_or(|next| source(Some(at + 1)) == next)
    }
}

impl Lookup<'_> {
    /// The segments of the current documents at a path that have the locales and the workflow of the options. None if the documents at
    /// this path are left out, and none of a TMX.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn document_texts(&self, path: &str) -> Result<DocumentTexts, MemoryError> {
        let mut texts = DocumentTexts::default();
        if self.places.without_document.as_deref() == Some(path) {
            return Ok(texts);
        }
        let memory = self.memory;
        for id in memory.at(current_documents_at(&memory.connection, path))? {
            if let Some(document) = memory.at(self.texts_of_one(id, path))? {
                texts.documents.push(document);
            }
        }
        Ok(texts)
    }

    fn texts_of_one(&self, id: i64, path: &str) -> Result<Option<TextsOfOne>, Fault> {
        let connection = &self.memory.connection;
        let sql = format!(
            "select document_set.name, source.name, target.name, document.workflow, document.id_prefix, {IS_TMX}
             from document
             join document_set on document_set.id = document.set_id
             join locale as source on source.id = document.source_locale_id
             join locale as target on target.id = document.target_locale_id
             where document.id = ?1"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let is_wanted = |wanted: Option<&Locale>, column: usize| -> rusqlite::Result<bool> {
            let Some(wanted) = wanted else { return Ok(true) };
            let locale = row.get_ref(column)?.as_str()?.parse::<Locale>().ok();
            Ok(locale.is_some_and(|locale| fit(wanted, &locale).is_some()))
        };
        let (set, workflow): (String, _) = (row.get(0)?, workflow(row, 3)?);
        let (prefix, is_tmx): (String, bool) = (row.get(4)?, row.get(5)?);
        if is_tmx
            || !is_wanted(self.options.from.as_ref(), 1)?
            || !is_wanted(self.options.to.as_ref(), 2)?
            || self.options.workflow.is_some_and(|wanted| workflow != Some(wanted))
        {
            return Ok(None);
        }
        let sql = "select unit.text, variant.text, segment.number, segment.kind, segment.id
                   from segment
                   join variant on variant.id = segment.variant_id
                   join unit on unit.id = variant.unit_id
                   where segment.document_id = ?1 order by segment.position";
        let text = |row: &Row<'_>| {
            Ok(DocumentText {
                source: row.get(0)?,
                target: row.get(1)?,
                source_as_written: None,
                target_as_written: None,
                workflow,
                place: Place {
                    set: set.clone(),
                    document: path.to_owned(),
                    segment: segment_id(&prefix, row.get(2)?, row.get(3)?, row.get(4)?),
                },
            })
        };
        let mut statement = connection.prepare_cached(sql)?;
        let mut segments: Vec<DocumentText> = statement.query_map([id], text)?.collect::<Result<_, _>>()?;
        let sql = "select position, source, target from as_written where document_id = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            if let Some(segment) = segments.get_mut(row.get::<_, usize>(0)?) {
                (segment.source_as_written, segment.target_as_written) = (row.get(1)?, row.get(2)?);
            }
        }
        let mut by_source: HashMap<String, Vec<usize>> = HashMap::with_capacity(segments.len());
        for (at, segment) in segments.iter().enumerate() {
            match by_source.get_mut(&segment.source) {
                Some(places) => places.push(at),
                None => drop(by_source.insert(segment.source.clone(), vec![at])),
            }
        }
        Ok(Some(TextsOfOne { segments, by_source, next: 0 }))
    }
}
