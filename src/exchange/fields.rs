//! From the named fields of a row to a segment: the common part of the readers of JSON lines, tables and Parquet.

use std::collections::VecDeque;
use std::sync::Arc;

use super::reading::{Entry, ReadSegment, Stated, problem};
use crate::json::{FieldText, SegmentFields};
use crate::model::{
    Commit, Date, DocumentVersion, Locale, Metadata, ObjectId, Workflow, of_timestamp, percent, seconds,
};

/// Reads rows. Most rows state the same of their document as the row before, so that is parsed once.
#[derive(Default)]
pub(super) struct Rows {
    last: Option<(Kept, Arc<Stated>)>,
    /// The entries that were read and not yet returned.
    waiting: VecDeque<Entry>,
}

/// The fields of a document as they are written.
type Kept = ([Option<String>; 14], Option<Vec<String>>);

fn of_document<'f>(fields: &'f SegmentFields<'_>) -> [&'f Option<FieldText<'f>>; 14] {
    [
        &fields.document,
        &fields.set,
        &fields.source_locale,
        &fields.target_locale,
        &fields.workflow,
        &fields.source_hash,
        &fields.source_commit,
        &fields.handoff,
        &fields.file_id,
        &fields.commit,
        &fields.committed,
        &fields.superseded,
        &fields.title,
        &fields.description,
    ]
}

fn text<'f>(field: &'f Option<FieldText<'_>>) -> Option<&'f str> {
    field.as_ref().map(|text| &*text.0)
}

impl Rows {
    /// The next entry that is waiting.
    pub fn next(&mut self) -> Option<Entry> {
        self.waiting.pop_front()
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) {
        self.waiting.push_back(entry);
    }

    /// Adds the row that begins at a line.
    pub fn read(&mut self, line: u64, fields: SegmentFields<'_>) {
        let Some(stated) = self.stated(line, &fields) else { return };
        let (Some(source), Some(target)) = (fields.source, fields.target) else {
            let reason = "a segment without \"source\" and \"target\"; it is left out";
            return self.push(Entry::Problem(problem(line, reason)));
        };
        self.push(Entry::of(ReadSegment {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            stated,
            id: fields.id.map(|id| id.0.into_owned()),
            document_line: fields.line,
            source: source.0.into_owned(),
            target: target.0.into_owned(),
            written: written([fields.source_as_written, fields.target_as_written]),
            position: fields.position,
            confidence: fields.confidence.map(percent),
        }));
    }

    /// What a row states of its document; `None` if that cannot be read, which is reported.
    fn stated(&mut self, line: u64, fields: &SegmentFields<'_>) -> Option<Arc<Stated>> {
        let written = of_document(fields);
        if let Some(((kept, no_loc), stated)) = &self.last
            && kept.iter().zip(written).all(|(kept, field)| kept.as_deref() == text(field))
            && *no_loc == fields.no_loc
        {
            return Some(Arc::clone(stated));
        }
        let mut reasons = Vec::new();
        let locales = [text(&fields.source_locale), text(&fields.target_locale)]
            .map(|name| name.filter(|name| !name.is_empty()).map(str::parse::<Locale>).transpose());
        let [source_locale, target_locale] = match locales {
            [Ok(source), Ok(target)] => [source, target],
            [Err(error), _] | [_, Err(error)] => {
                self.push(Entry::Problem(problem(line, format!("{error}; the segment is left out"))));
                return None;
            }
        };
        let owned =
            |field: &Option<FieldText<'_>>| text(field).filter(|text| !text.is_empty()).map(str::to_owned);
        let workflow = text(&fields.workflow).filter(|name| !name.is_empty()).and_then(|name| {
            let workflow = Workflow::of_name(name);
            if workflow.is_none() {
                reasons.push(format!("{:?} is not human or machine; the segment is without it", shown(name)));
            }
            workflow
        });
        let handoff = text(&fields.handoff).filter(|date| !date.is_empty()).and_then(|date| {
            let parsed = date.parse::<Date>().ok();
            if parsed.is_none() {
                reasons
                    .push(format!("{:?} is not a date, YYYY-MM-DD; the segment is without it", shown(date)));
            }
            parsed
        });
        let metadata = Metadata {
            target_locale: target_locale.clone(),
            workflow,
            source_hash: owned(&fields.source_hash),
            source_commit: owned(&fields.source_commit),
            handoff,
            file_id: owned(&fields.file_id),
            title: owned(&fields.title),
            description: owned(&fields.description),
            no_loc: fields.no_loc.clone().unwrap_or_default(),
        };
        let mut time = |field: &Option<FieldText<'_>>| {
            let written = text(field).filter(|time| !time.is_empty())?;
            let parsed = of_timestamp(written);
            if parsed.is_none() {
                let written = shown(written);
                reasons.push(format!(
                    "{written:?} is not a time, YYYY-MM-DDThh:mm:ssZ; the segment is without it"
                ));
            }
            parsed.map(seconds)
        };
        let (committed, superseded) = (time(&fields.committed), time(&fields.superseded));
        let commit = text(&fields.commit).filter(|id| !id.is_empty()).and_then(|written| {
            let id = ObjectId::from_hex(written);
            if id.is_none() {
                reasons.push(format!(
                    "{:?} is not the id of a commit; the segment is without it",
                    shown(written)
                ));
            }
            id.map(|id| Commit { id, time: committed.unwrap_or(0) })
        });
        let version = DocumentVersion { commit, superseded };
        let (set, document) = (owned(&fields.set), owned(&fields.document));
        let stated = Arc::new(Stated { set, document, source_locale, target_locale, version, metadata });
        let kept = written.map(|field| text(field).map(str::to_owned));
        self.last = Some(((kept, fields.no_loc.clone()), Arc::clone(&stated)));
        reasons.into_iter().for_each(|reason| self.push(Entry::Problem(problem(line, reason))));
        Some(stated)
    }
}

fn written(texts: [Option<FieldText<'_>>; 2]) -> Option<Box<[Option<String>; 2]>> {
    let any = texts.iter().any(Option::is_some);
    any.then(|| Box::new(texts.map(|text| text.map(|text| text.0.into_owned()))))
}

/// The beginning of a text, for a message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
