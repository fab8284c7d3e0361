//! Extraction of segments from documents, without a memory.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use super::documents::{self, DocumentCounts, Files, Output, ReadDocument, read_set};
use super::fallback_locale::FallbackLocale;
use super::report::Problems;
use super::{OperationError, Report};
use crate::exchange::delimited::{self, Dialect};
use crate::exchange::jsonl::DocumentLines;
use crate::input::Entry;
use crate::model::{DocumentVersion, Locale, PlacedSegment, Problem};
use crate::side_by_side::{self, NO_LOCALE};

/// A plan of an extraction.
#[derive(Clone, Debug)]
pub struct ExtractPlan {
    /// Folders, archives, Git repositories or single files of side-by-side documents.
    pub paths: Vec<PathBuf>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// The name of the document set; `None`: that of the folder or archive.
    pub set: Option<String>,
    /// The locale of the source texts.
    pub source_locale: Locale,
    /// The target locale of documents that state none; `None`: that of most documents of the set.
    pub target_locale: Option<Locale>,
    /// How a segment is written.
    pub format: SegmentFormat,
    /// How many threads read; at least one does.
    pub threads: usize,
}

/// How a segment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentFormat {
    /// A JSON object a line.
    JsonLines,
    /// A table with a header.
    Table(Dialect),
}

/// Writes the segments of documents to `out`, in the order of the plan's paths and of the documents' paths below them. The
/// bytes do not depend on the number of threads.
///
/// # Errors
/// If a path of the plan cannot be listed, or the output cannot be written. Unreadable parts below a path are reported as
/// problems.
pub fn extract(
    plan: &ExtractPlan,
    out: &mut impl Write,
    report: &mut dyn Report,
) -> Result<DocumentCounts, OperationError> {
    let mut problems = Problems::new(report);
    let mut counts = DocumentCounts::default();
    if let SegmentFormat::Table(dialect) = plan.format {
        let mut table = delimited::Writer::new(&mut *out, dialect);
        table.write_header().and_then(|()| table.finish()).map_err(OperationError::Output)?;
    }
    let buffers = Buffers::default();
    for path in &plan.paths {
        let set = plan.files.open(path, plan.set.as_deref())?;
        problems.add_listing(&set);
        let fallback = FallbackLocale::new(plan.target_locale.as_ref());
        let locale_of = |stated: Option<&Locale>| match stated {
            Some(stated) => {
                fallback.count(stated);
                Some(stated.clone())
            }
            None => fallback.at_once(&set, plan.threads).cloned(),
        };
        read_set(
            &set,
            (&plan.files, path, plan.threads),
            ("extract", &mut problems, &mut counts),
            |entry, bytes| {
                extract_document(plan, &set.name, &locale_of, &buffers, entry, bytes)
                    .unwrap_or_else(|problem| ReadDocument::nothing(vec![problem]))
            },
            |_, lines: io::Result<Vec<u8>>| {
                let lines = lines.map_err(OperationError::Output)?;
                out.write_all(&lines).map_err(OperationError::Output)?;
                buffers.reuse(lines);
                Ok(Output::Written)
            },
        )?;
    }
    out.flush().map_err(OperationError::Output)?;
    counts.problems = problems.count;
    Ok(counts)
}

/// A pool of buffers: allocating a new one for each document takes a tenth of the time.
#[derive(Default)]
struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    fn empty(&self) -> Vec<u8> {
        self.0.lock().ok().and_then(|mut buffers| buffers.pop()).unwrap_or_default()
    }

    fn reuse(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        if buffer.capacity() <= 1 << 20
            && let Ok(mut buffers) = self.0.lock()
        {
            buffers.push(buffer);
        }
    }
}

fn extract_document(
    plan: &ExtractPlan,
    set: &str,
    locale_of: &impl Fn(Option<&Locale>) -> Option<Locale>,
    buffers: &Buffers,
    entry: &Entry,
    bytes: io::Result<&[u8]>,
) -> Result<ReadDocument<io::Result<Vec<u8>>>, Problem> {
    let Some(bytes) = documents::with_spans(bytes)? else { return Ok(ReadDocument::nothing(Vec::new())) };
    let text = side_by_side::decode(bytes)?;
    let document = side_by_side::read(&text, documents::syntax(entry));
    let mut problems = document.problems;
    if document.segments.is_empty() {
        return Ok(ReadDocument::nothing(problems));
    }
    let Some(target_locale) = locale_of(document.metadata.target_locale.as_ref()) else {
        problems.push(Problem { line: None, reason: NO_LOCALE.to_owned() });
        return Ok(ReadDocument::nothing(problems));
    };
    let segments = document.segments.iter().map(|segment| PlacedSegment {
        set,
        document: &entry.path,
        source_locale: &plan.source_locale,
        target_locale: &target_locale,
        metadata: &document.metadata,
        // A line tells what the document holds: it is the same for a checked-out file.
        version: DocumentVersion::default(),
        segment,
        labels: None,
    });
    let lines = write_lines(plan.format, segments, buffers.empty());
    Ok(ReadDocument { output: Some(lines), problems, has_segments: true })
}

fn write_lines<'a>(
    format: SegmentFormat,
    mut segments: impl Iterator<Item = PlacedSegment<'a>> + Clone,
    mut lines: Vec<u8>,
) -> io::Result<Vec<u8>> {
    match format {
        SegmentFormat::JsonLines => {
            if let Some(first) = segments.clone().next() {
                let document = DocumentLines::of(first)?;
                segments.try_for_each(|placed| document.write(placed.segment, &mut lines))?;
            }
        }
        SegmentFormat::Table(dialect) => {
            let mut table = delimited::Writer::new(&mut lines, dialect);
            segments.try_for_each(|segment| table.write_segment(segment))?;
            table.finish()?;
        }
    }
    Ok(lines)
}
