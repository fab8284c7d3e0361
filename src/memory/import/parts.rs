//! Documents that are stored part by part, because they can be larger than the memory.

use rusqlite::OptionalExtension;

use super::{Import, NewDocument, NewSegment, NewSegments, insert_document};
use crate::memory::interner::LocalePair;
use crate::memory::origin::Columns;
use crate::memory::{MemoryError, origin};
use crate::model::{Date, DocumentVersion, Locale, Workflow};

/// What tells one version of a stored document from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its hash.
    pub hash: Vec<u8>,
    /// The locale of its source texts.
    pub source_locale: Locale,
}

/// A document of which some segments are stored. The batch must not end before [`Import::end_parts`].
#[derive(Debug)]
pub struct PartialDocument {
    id: i64,
    locales: LocalePair,
    prefix: String,
    segments: u64,
    replaces: bool,
}

/// The columns `superseded` and `commit_id` of a version.
fn columns_of(version: &DocumentVersion) -> (Option<i64>, Option<Vec<u8>>) {
    (version.superseded, version.commit.map(|commit| commit.id.as_bytes().to_vec()))
}

/// SQL: whether a document is this version. Each kind of version has an index of its own, so the statement must name the kind.
fn condition_of(version: &DocumentVersion) -> &'static str {
    match version.superseded {
        None => "document.superseded is null and (?4 is null or ?5 is null)",
        Some(_) => {
            "document.superseded is not null and document.superseded = ?4 and document.commit_id is ?5"
        }
    }
}

impl PartialDocument {
    /// The number of segments that are stored.
    pub fn segments(&self) -> u64 {
        self.segments
    }
}

impl Import<'_> {
    /// A version of the document at a path in a target locale, if the memory has it.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn stored(
        &self,
        set: &str,
        path: &str,
        target_locale: &Locale,
        version: &DocumentVersion,
    ) -> Result<Option<StoredDocument>, MemoryError> {
        let memory = &*self.memory;
        let sql = format!(
            "select document.hash, source.name from document
             join document_set on document_set.id = document.set_id
             join locale as source on source.id = document.source_locale_id
             join locale as target on target.id = document.target_locale_id
             where document_set.name = ?1 and document.path = ?2 and target.name = ?3 and {}
             order by document.id limit 1",
            condition_of(version)
        );
        let found = || -> rusqlite::Result<Option<(Vec<u8>, String)>> {
            let mut statement = memory.connection.prepare_cached(&sql)?;
            let (superseded, commit) = columns_of(version);
            let row = (set, path, target_locale.as_str(), superseded, commit);
            statement.query_row(row, |row| Ok((row.get(0)?, row.get(1)?))).optional()
        };
        let Some((hash, source)) = memory.at(found())? else { return Ok(None) };
        Ok(Some(StoredDocument { hash, source_locale: memory.locale(&source)? }))
    }

    /// Begins to store a version of a document. Replaces the same version at its path with the same target locale; one with another
    /// target locale stays.
    /// `prefix` is that of most of its segment ids.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn begin_parts(
        &mut self,
        document: &NewDocument<'_>,
        version: &DocumentVersion,
        prefix: &str,
    ) -> Result<PartialDocument, MemoryError> {
        let begun = self.try_begin_parts(document, version, prefix);
        self.memory.at(begun)
    }

    fn try_begin_parts(
        &mut self,
        document: &NewDocument<'_>,
        version: &DocumentVersion,
        prefix: &str,
    ) -> rusqlite::Result<PartialDocument> {
        self.begin_batch()?;
        let set = self.set_id(document.set)?;
        let locales = self.locale_pair(document.source_locale, document.target_locale)?;
        let sql = format!(
            "select id from document where set_id = ?1 and path = ?2 and target_locale_id = ?3 and {}
             order by id limit 1",
            condition_of(version)
        );
        let (superseded, commit) = columns_of(version);
        let row = (set, document.path, locales.target, superseded, commit.as_deref());
        let replaces = self.remove_found(&sql, row)?;
        let id = insert_document(&self.memory.connection, set, locales, document, (prefix, version))?;
        let prefix = prefix.to_owned();
        Ok(PartialDocument { id, locales, prefix, segments: 0, replaces })
    }

    /// Stores more segments of a document. They follow those that are stored, or have the positions in `places`, where each position of the
    /// document occurs once. If they have a workflow and a hand-off of their own, as in a TMX, `own` has these for
    /// each of them.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn put_part<'s>(
        &mut self,
        document: &mut PartialDocument,
        segments: impl ExactSizeIterator<Item = NewSegment<'s>>,
        places: Option<&[u32]>,
        own: Option<&[(Option<Workflow>, Option<Date>)]>,
    ) -> Result<(), MemoryError> {
        let count = segments.len() as u64;
        let first = document.segments as i64;
        let position = |at: usize| match places.and_then(|places| places.get(at)) {
            Some(&place) => i64::from(place),
            None => first + at as i64,
        };
        let put = self.try_put_part(document, segments, position, own.unwrap_or_default());
        self.memory.at(put)?;
        document.segments += count;
        Ok(())
    }

    fn try_put_part<'s>(
        &mut self,
        document: &PartialDocument,
        segments: impl Iterator<Item = NewSegment<'s>>,
        position: impl Fn(usize) -> i64,
        own: &[(Option<Workflow>, Option<Date>)],
    ) -> rusqlite::Result<()> {
        let memory = &self.memory.connection;
        let mut rows = NewSegments::new(memory, document.id, &document.prefix)?;
        for (at, segment) in segments.enumerate() {
            let variant = self.interner.variant(&mut rows.texts, document.locales, segment.pair)?;
            rows.put(position(at), &segment, variant)?;
        }
        rows.finish()?;
        let own: Vec<Columns> =
            own.iter().map(|&(workflow, handoff)| Columns::of_segment(workflow, handoff)).collect();
        let mut origins = origin::bulk(memory);
        for (at, columns) in own.iter().enumerate() {
            origins.put(columns.row((document.id, position(at)), [None, None], None))?;
        }
        origins.finish()
    }

    /// Completes a document. `may_end_batch` is false while another document has only some of its segments.
    ///
    /// # Errors
    /// If the memory cannot be written to.
    pub fn end_parts(&mut self, document: &PartialDocument, may_end_batch: bool) -> Result<(), MemoryError> {
        self.counts.segments += document.segments;
        match document.replaces {
            true => self.counts.documents_changed += 1,
            false => self.counts.documents_new += 1,
        }
        self.batch.segments += document.segments;
        let ended = if may_end_batch { self.end_full_batch() } else { Ok(()) };
        self.memory.at(ended)
    }
}
