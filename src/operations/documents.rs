//! The common part of extract, import and split: lists the documents of a path and decodes them.

use std::io;
use std::path::Path;

use super::OperationError;
use super::report::{Problems, Warning};
use crate::input::{self, DocumentSet, Entry, InputError};
use crate::model::Problem;
use crate::side_by_side::{self, Syntax};

/// The counts of an operation that reads document sets and uses no memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DocumentCounts {
    /// Documents that were written.
    pub documents: u64,
    /// Problems and warnings that were reported.
    pub problems: u64,
    /// Sets with a segment, or with a problem.
    pub sets_with_segments: u64,
}

/// Lists the documents of one path. `name` is the set's, if it is not that of the folder or archive.
pub(super) fn open(path: &Path, name: Option<&str>) -> Result<DocumentSet, InputError> {
    DocumentSet::open(path, name, |path| Syntax::of_path(path).is_some())
}

/// A document's syntax; Markdown for a file with an unknown extension, which the user named.
pub(super) fn syntax(entry: &Entry) -> Syntax {
    Syntax::of_path(&entry.path).unwrap_or(Syntax::Markdown)
}

/// A document that could not be read.
pub(super) fn unreadable(error: io::Error) -> Problem {
    Problem { line: None, reason: format!("cannot be read: {error}") }
}

/// The bytes of a document that can hold segments; `None` for a clean one.
pub(super) fn with_spans(bytes: io::Result<&[u8]>) -> Result<Option<&[u8]>, Problem> {
    Ok(Some(bytes.map_err(unreadable)?).filter(|bytes| side_by_side::has_spans(bytes)))
}

/// The result of reading one document.
pub(super) struct ReadDocument<T> {
    /// The output, if any.
    pub output: Option<T>,
    pub problems: Vec<Problem>,
    pub has_segments: bool,
}

impl<T> ReadDocument<T> {
    /// A document without output.
    pub fn nothing(problems: Vec<Problem>) -> Self {
        ReadDocument { output: None, problems, has_segments: false }
    }
}

/// Reads a set on several threads, and calls `write` with the output of each document in the order of the paths. `operation` is
/// a verb for the warning that a set has no segments.
pub(super) fn read_set<T: Send>(
    set: &DocumentSet,
    threads: usize,
    (operation, problems, counts): (&'static str, &mut Problems<'_>, &mut DocumentCounts),
    read: impl Fn(&Entry, io::Result<&[u8]>) -> ReadDocument<T> + Sync,
    mut write: impl FnMut(&str, T) -> Result<(), OperationError>,
) -> Result<(), OperationError> {
    let entries: Vec<&Entry> = set.entries.iter().collect();
    let mut found = false;
    input::read_in_order(
        set,
        &entries,
        threads,
        |entry, bytes| (&entry.path, read(entry, bytes)),
        |(path, document)| {
            document.problems.iter().for_each(|problem| problems.add_in(set, path, problem));
            found |= document.has_segments || !document.problems.is_empty();
            counts.documents += u64::from(document.output.is_some());
            document.output.map_or(Ok(()), |output| write(path, output))
        },
    )?;
    match found {
        true => counts.sets_with_segments += 1,
        false => problems.warn(&Warning::NoSpans { operation, path: set.path.clone() }),
    }
    Ok(())
}
