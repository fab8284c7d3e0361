//! Segmentation of clean documents: prints where their segments begin and end.

use std::io::{self, Write};
use std::path::PathBuf;

use super::clean_documents::{Clean, Segmenters, too_long, warn_of_set};
use super::documents::{self, DocumentCounts, Files, Output, ReadDocument, read_documents};
use super::report::Problems;
use super::{OperationError, Report};
use crate::input::Entry;
use crate::json::SourceSegmentLine;
use crate::model::{LONGEST_TEXT, LineCounter};
use crate::segmentation::Rules;

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
        counts.sets_with_segments += u64::from(found);
        warn_of_set(&mut problems, &set, (found, side_by_side));
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

fn segment_document(
    segmenters: &Segmenters<'_>,
    entry: &Entry,
    bytes: io::Result<&[u8]>,
) -> ReadDocument<Lines> {
    let text = match Clean::of(bytes) {
        Clean::Text(text) => text,
        Clean::SideBySide => {
            let lines = Lines { json: Vec::new(), is_side_by_side: true };
            return ReadDocument { output: Some(lines), problems: Vec::new(), has_segments: false };
        }
        Clean::Unreadable(problem) => return ReadDocument::nothing(vec![problem]),
    };
    let pieces = segmenters.pieces(&text, documents::syntax(entry));
    let mut problems = Vec::new();
    let mut json = Vec::with_capacity(text.len() * 2);
    let head = SourceSegmentLine::head(&entry.path);
    let mut lines = LineCounter::default();
    for piece in &pieces {
        for segment in &piece.sentences {
            let range = segment.range.clone();
            let line = lines.line_at(&text, range.start);
            if range.len() > LONGEST_TEXT {
                problems.push(too_long(line, range.len()));
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
