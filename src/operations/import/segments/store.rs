//! The second reading of a file: stores the segments of the chosen documents. One thread reads, another one writes.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use super::SegmentFile;
use super::scan::{Documents, Found};
use crate::exchange::reading::{Entry, ReadSegment, Stated};
use crate::input::{Limits, shown};
use crate::memory::{Import, NewDocument, PartialDocument, id_prefix};
use crate::model::{Date, SegmentId, Workflow, WrittenTexts};
use crate::operations::import::ImportPlan;
use crate::operations::import::prepared::PreparedSegments;
use crate::operations::{OperationError, Report};

/// The most segments and bytes of a batch, and the number of batches in the channel: a few megabytes.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 1 << 18;
const WAITING: usize = 8;

/// Segments of one document, in their order.
struct Batch {
    document: usize,
    stated: Arc<Stated>,
    segments: PreparedSegments,
    /// The length of their texts.
    bytes: usize,
    /// The place of each segment among those of the document; empty if they are in order.
    places: Vec<u32>,
    /// Workflow and hand-off of each segment, if they differ in the document.
    own: Option<Vec<(Option<Workflow>, Option<Date>)>>,
}

/// Stores the chosen documents of a file.
pub(super) fn store(
    file: &SegmentFile,
    plan: &ImportPlan,
    documents: &Documents,
    chosen: &[bool],
    import: &mut Import<'_>,
    report: &mut dyn Report,
) -> Result<(), OperationError> {
    let (sender, batches) = sync_channel(WAITING);
    let read = std::thread::scope(|threads| {
        let reading = threads.spawn(move || read(file, &plan.files.limits, documents, chosen, &sender));
        let mut writer = Writer { documents: documents.found(), open: HashMap::new(), complete: 0, import };
        let written = batches.into_iter().try_for_each(|batch| {
            report.segments_stored(batch.segments.len() as u64);
            report.proceed()?;
            writer.write(&batch)
        });
        let complete = written.map(|()| writer.complete);
        // After an error of the memory, the channel is closed, and the thread ends.
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        complete.and_then(|complete| read.map(|()| complete))
    });
    let wanted = chosen.iter().filter(|&&chosen| chosen).count();
    match read? == wanted {
        true => Ok(()),
        false => {
            let changed = io::Error::other("it changed while it was read; import it again");
            Err(OperationError::file("read", shown(file.path()))(changed))
        }
    }
}

struct Writer<'w, 'm> {
    documents: &'w [Found],
    /// The documents of which only some segments are stored.
    open: HashMap<usize, PartialDocument>,
    complete: usize,
    import: &'w mut Import<'m>,
}

impl Writer<'_, '_> {
    fn write(&mut self, batch: &Batch) -> Result<(), OperationError> {
        let found = &self.documents[batch.document];
        let mut document = match self.open.remove(&batch.document) {
            Some(document) => document,
            None => {
                let new = NewDocument {
                    set: &found.set,
                    path: &found.path,
                    hash: &found.hash,
                    source_locale: &found.source_locale,
                    target_locale: &found.target_locale,
                    locale_stated: found.locale_stated,
                    git: None,
                    metadata: &batch.stated.metadata,
                    problems: &[],
                };
                let prefix = batch.segments.iter().next().map_or("", |first| first.id.prefix());
                self.import.begin_parts(&new, &found.version, prefix)?
            }
        };
        let places = (!batch.places.is_empty()).then_some(&batch.places[..]);
        self.import.put_part(&mut document, batch.segments.iter(), places, batch.own.as_deref())?;
        if document.segments() == found.rows {
            self.import.end_parts(&document, self.open.is_empty())?;
            self.complete += 1;
        } else {
            self.open.insert(batch.document, document);
        }
        Ok(())
    }
}

/// Reads a file, and sends the segments of the chosen documents. What is wrong was reported by the first reading.
fn read(
    file: &SegmentFile,
    limits: &Limits,
    documents: &Documents,
    chosen: &[bool],
    sender: &SyncSender<Batch>,
) -> Result<(), OperationError> {
    let Ok(mut opened) = file.open(limits)? else { return Ok(()) };
    let mut prefixes: HashMap<usize, String> = HashMap::new();
    let mut positions = vec![0_u32; chosen.len()];
    let mut last: Option<(Arc<Stated>, Option<usize>)> = None;
    let mut batch: Option<Batch> = None;
    loop {
        opened.units.iter().for_each(|unit| unit.reset());
        let segment = match opened.reader.next() {
            Ok(Some(Entry::Segment(segment))) => segment,
            Ok(Some(_)) => continue,
            Ok(None) | Err(_) => break,
        };
        let same = last.as_ref().filter(|(stated, _)| Arc::ptr_eq(stated, &segment.stated));
        let at = match same {
            Some((_, at)) => *at,
            None => {
                let at = documents.index(&segment.stated).filter(|&at| chosen[at]);
                last = Some((Arc::clone(&segment.stated), at));
                at
            }
        };
        let Some(at) = at else { continue };
        let is_full = |batch: &mut Batch| {
            batch.document != at || batch.segments.len() == BATCH || batch.bytes >= BATCH_BYTES
        };
        if let Some(full) = batch.take_if(is_full)
            && sender.send(full).is_err()
        {
            return Ok(());
        }
        let found = &documents.found()[at];
        let batch = batch.get_or_insert_with(|| Batch {
            document: at,
            stated: Arc::clone(&segment.stated),
            segments: PreparedSegments::default(),
            bytes: 0,
            places: Vec::new(),
            own: found.differs.then(Vec::new),
        });
        let place = match (&found.ranks, segment.position) {
            (Some(ranks), Some(position)) => {
                batch.places.push(ranks.of(position));
                ranks.of(position)
            }
            _ => positions[at],
        };
        positions[at] = positions[at].saturating_add(1);
        let prefix = || id_prefix(&format!("{}/{}", found.set, found.path));
        batch.push(
            segment,
            |number| format!("{}-{number}", prefixes.entry(at).or_insert_with(prefix)),
            place.saturating_add(1),
        );
    }
    if let Some(rest) = batch {
        // The receiver is gone after an error of the memory, which it reports.
        let _ = sender.send(rest);
    }
    Ok(())
}

impl Batch {
    /// Adds a segment. `id` makes one of its number if it has none.
    fn push(&mut self, segment: ReadSegment, id: impl FnOnce(u32) -> String, number: u32) {
        let line = segment.document_line.unwrap_or(segment.line);
        let made;
        let id = match segment.id.as_deref().and_then(SegmentId::parse) {
            Some(id) => id,
            None => {
                made = id(number);
                SegmentId::parse(&made).expect("it is made of hexadecimal digits and a number")
            }
        };
        let written = segment.written.as_deref().map(|[source, target]| WrittenTexts {
            source: source.as_deref().map(Into::into),
            target: target.as_deref().map(Into::into),
        });
        let texts = (&*segment.source, &*segment.target);
        self.segments.push(id, line, texts, (written.as_ref(), segment.confidence));
        self.bytes += segment.source.len() + segment.target.len();
        if let Some(own) = &mut self.own {
            own.push((segment.stated.metadata.workflow, segment.stated.metadata.handoff));
        }
    }
}
