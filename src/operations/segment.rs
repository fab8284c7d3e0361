//! Segmentation of clean documents: prints where their segments begin and end.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use super::documents::{self, DocumentCounts, Files, Output, ReadDocument, read_documents};
use super::report::{Problems, Warning};
use super::{OperationError, Report};
use crate::input::Entry;
use crate::json::SourceSegmentLine;
use crate::model::{LONGEST_TEXT, Problem};
use crate::segmentation::{Rules, Segmenter};
use crate::side_by_side;

/// A plan of a segmentation.
#[derive(Clone, Debug)]
pub struct SegmentPlan {
    /// Folders, archives, Git repositories or single files of clean documents.
    pub paths: Vec<PathBuf>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// How many threads read; at least one does.
    pub threads: usize,
}

/// Writes the segments of documents to `out` as JSON lines, in the order of the plan's paths and of the documents' paths below them.
/// The bytes do not depend on the number of threads.
///
/// Side-by-side documents are left out, with one warning for each set: their segments are marked already.
///
/// # Errors
/// If a path of the plan cannot be listed, or the output cannot be written. Unreadable documents are reported as problems.
pub fn segment(
    plan: &SegmentPlan,
    rules: &Rules,
    out: &mut impl Write,
    report: &mut dyn Report,
) -> Result<DocumentCounts, OperationError> {
    let mut problems = Problems::new(report);
    let mut counts = DocumentCounts::default();
    let segmenters = Segmenters::new(rules);
    for path in &plan.paths {
        let set = plan.files.open(path, None)?;
        problems.add_listing(&set);
        let mut side_by_side = 0;
        let found = read_documents(
            &set,
            plan.threads,
            (&mut problems, &mut counts),
            |entry, bytes| segment_document(&segmenters, entry, bytes),
            |_, lines: Lines| {
                side_by_side += u64::from(lines.is_side_by_side);
                if lines.json.is_empty() {
                    return Ok(Output::Nothing);
                }
                out.write_all(&lines.json).map_err(OperationError::Output)?;
                Ok(Output::Written)
            },
        )?;
        if side_by_side > 0 {
            problems.warn(&Warning::SideBySide { path: set.path.clone(), documents: side_by_side });
        }
        match found {
            true => counts.sets_with_segments += 1,
            false if side_by_side == 0 => problems.warn(&Warning::NoText { path: set.path.clone() }),
            false => {}
        }
    }
    out.flush().map_err(OperationError::Output)?;
    counts.problems = problems.count;
    Ok(counts)
}

/// The segments of one document.
#[derive(Debug, Default)]
struct Lines {
    json: Vec<u8>,
    is_side_by_side: bool,
}

/// A pool of segmenters: the automata of each get faster with the texts that they have read.
pub(super) struct Segmenters<'r> {
    rules: &'r Rules,
    idle: Mutex<Vec<Segmenter<'r>>>,
}

impl<'r> Segmenters<'r> {
    pub fn new(rules: &'r Rules) -> Segmenters<'r> {
        Segmenters { rules, idle: Mutex::default() }
    }

    pub fn get(&self) -> Segmenter<'r> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        idle.unwrap_or_else(|| Segmenter::new(self.rules))
    }

    pub fn put_back(&self, segmenter: Segmenter<'r>) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(segmenter);
        }
    }
}

fn segment_document(
    segmenters: &Segmenters<'_>,
    entry: &Entry,
    bytes: io::Result<&[u8]>,
) -> ReadDocument<Lines> {
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return ReadDocument::nothing(vec![documents::unreadable(error)]),
    };
    if side_by_side::has_spans(bytes) {
        let lines = Lines { json: Vec::new(), is_side_by_side: true };
        return ReadDocument { output: Some(lines), problems: Vec::new(), has_segments: false };
    }
    let text = match side_by_side::decode(bytes) {
        Ok(text) => text,
        Err(problem) => return ReadDocument::nothing(vec![problem]),
    };
    let mut segmenter = segmenters.get();
    let pieces = segmenter.pieces(&text, documents::syntax(entry));
    segmenters.put_back(segmenter);

    let mut problems = Vec::new();
    let mut json = Vec::with_capacity(text.len() * 2);
    let head = SourceSegmentLine::head(&entry.path);
    let (mut line, mut at) = (1, 0);
    for piece in &pieces {
        for segment in &piece.sentences {
            let range = segment.range.clone();
            line += memchr::memchr_iter(b'\n', &text.as_bytes()[at..range.start]).count() as u32;
            at = range.start;
            if range.len() > LONGEST_TEXT {
                let reason =
                    format!("a segment of {} bytes; one with more than 1 MiB is left out", range.len());
                problems.push(Problem { line: Some(line), reason });
                continue;
            }
            let line = SourceSegmentLine {
                document: &entry.path,
                line,
                start: range.start,
                end: range.end,
                kind: piece.block.name(),
                text: &piece.quoting.text(&text[range]),
            };
            line.write(&head, &mut json);
        }
    }
    let has_segments = !json.is_empty();
    ReadDocument { output: Some(Lines { json, is_side_by_side: false }), problems, has_segments }
}
