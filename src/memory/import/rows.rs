//! The rows of documents and segments.

use rusqlite::{Connection, params};

use super::{NewDocument, NewSegment};
use crate::memory::bulk::Bulk;
use crate::memory::interner::{LocalePair, NewTexts};
use crate::model::{DocumentVersion, Kind, Problem, SegmentId};

/// The values of `segment.kind`.
pub(super) const SENTENCE: i64 = 0;
const PARAGRAPH: i64 = 1;

/// Adds a row to the table of documents. Returns its id.
pub(super) fn insert_document(
    memory: &Connection,
    set: i64,
    locales: LocalePair,
    document: &NewDocument<'_>,
    (id_prefix, version): (&str, &DocumentVersion),
) -> rusqlite::Result<i64> {
    let metadata = document.metadata;
    let git = document.git.as_ref();
    let sql = "insert into document (set_id, path, hash, source_locale_id, target_locale_id, locale_stated,
                   id_prefix, workflow, source_hash, source_commit, handoff, file_id, title, description,
                   no_loc, problems, object, reader, commit_id, committed, superseded)
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)";
    memory.prepare_cached(sql)?.insert(params![
        set,
        document.path,
        document.hash,
        locales.source,
        locales.target,
        document.locale_stated,
        id_prefix,
        metadata.workflow.map(|workflow| workflow.name()),
        metadata.source_hash,
        metadata.source_commit,
        metadata.handoff.map(|date| date.to_string()),
        metadata.file_id,
        metadata.title,
        metadata.description,
        json_or_null(&metadata.no_loc, |terms| serde_json::json!(terms)),
        json_or_null(document.problems, problems_to_json),
        git.map(|git| git.object.as_bytes()),
        git.map(|git| git.reader),
        version.commit.as_ref().map(|commit| commit.id.as_bytes()),
        version.commit.map(|commit| commit.time),
        version.superseded,
    ])
}

/// Buffers the segments of a document, with the texts that are new.
pub(super) struct NewSegments<'m, 't> {
    /// The id of the document that the next segments are of.
    pub(super) document: i64,
    prefix: String,
    /// The texts that are new.
    pub(super) texts: NewTexts<'m, 't>,
    rows: Bulk<'m, 't, 7>,
    written: Bulk<'m, 't, 4>,
    aligned: Bulk<'m, 't, 3>,
}

impl<'m, 't> NewSegments<'m, 't> {
    pub(super) fn new(memory: &'m Connection, document: i64, prefix: &str) -> rusqlite::Result<Self> {
        Ok(NewSegments {
            document,
            prefix: prefix.to_owned(),
            texts: NewTexts::new(memory)?,
            rows: segment_bulk(memory),
            written: Bulk::new(memory, "as_written", ["document_id", "position", "source", "target"]),
            aligned: Bulk::new(memory, "aligned", ["document_id", "position", "confidence"]),
        })
    }

    pub(super) fn put(
        &mut self,
        position: i64,
        segment: &NewSegment<'t>,
        variant: i64,
    ) -> rusqlite::Result<()> {
        let id = segment.id;
        let kind = if id.kind() == Kind::Paragraph { PARAGRAPH } else { SENTENCE };
        let id_as_written = (!is_derived(id, &self.prefix)).then(|| id.as_str());
        if segment.written != [None; 2] {
            let [source, target] = segment.written.map(Into::into);
            self.written.put([self.document.into(), position.into(), source, target])?;
        }
        if id.kind() == Kind::Aligned {
            let confidence = segment.confidence.map(i64::from);
            self.aligned.put([self.document.into(), position.into(), confidence.into()])?;
        }
        self.rows.put([
            self.document.into(),
            position.into(),
            i64::from(id.number()).into(),
            kind.into(),
            i64::from(segment.line).into(),
            variant.into(),
            id_as_written.into(),
        ])
    }

    pub(super) fn finish(mut self) -> rusqlite::Result<()> {
        self.texts.finish()?;
        self.written.finish()?;
        self.aligned.finish()?;
        self.rows.finish()
    }
}

pub(super) fn segment_bulk<'m, 't>(memory: &'m Connection) -> Bulk<'m, 't, 7> {
    let columns = ["document_id", "position", "number", "kind", "line", "variant_id", "id"];
    Bulk::new(memory, "segment", columns)
}

/// Whether the document's prefix, the kind and the number make this id; see `documents::segment_id`.
fn is_derived(id: SegmentId<'_>, prefix: &str) -> bool {
    let paragraph = usize::from(id.kind() == Kind::Paragraph);
    let digits = &id.as_str()[id.prefix().len() + 1 + paragraph..];
    id.kind() != Kind::Aligned && id.prefix() == prefix && (digits == "0" || !digits.starts_with('0'))
}

pub(super) fn json_or_null<T>(items: &[T], to_json: impl Fn(&[T]) -> serde_json::Value) -> Option<String> {
    (!items.is_empty()).then(|| to_json(items).to_string())
}

pub(super) fn problems_to_json(problems: &[Problem]) -> serde_json::Value {
    problems
        .iter()
        .map(|problem| serde_json::json!({ "line": problem.line, "reason": problem.reason }))
        .collect()
}
