//! The common part of extract, import and split: lists the documents of a path and decodes them.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use globset::GlobSet;

use super::OperationError;
use super::report::{Problems, UnreadFiles, Warning};
use crate::exchange::tmx::tmx_stem;
use crate::input::{self, Content, DocumentSet, Entry, InputError, Limits, Location};
use crate::model::Problem;
use crate::side_by_side::{self, Syntax};

/// The counts of an operation that reads document sets and uses no memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DocumentCounts {
    /// Documents that were written.
    pub documents: u64,
    /// Documents that could not be written, while others could. Each was reported as a problem.
    pub not_written: u64,
    /// Problems and warnings that were reported.
    pub problems: u64,
    /// Sets with a segment, or with a problem.
    pub sets_with_segments: u64,
}

/// Which files of folders and archives are read, and how much of them.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Files that are read whatever their extension, by their path below the set. Markdown and its like, YAML and rendered
    /// pages are read without being named here.
    pub include: Option<GlobSet>,
    /// Files that are not read although their extension or `include` selects them, by their path below the set.
    pub exclude: Option<GlobSet>,
    /// Bounds on what is read.
    pub limits: Limits,
    /// `REVISION` or `REVISION:FOLDER`: each path is a Git repository, of which this is read. `None`: a path can name its own.
    pub revision: Option<String>,
}

impl Files {
    /// Lists the documents of one path. `name` is the set's, if it is not that of the folder or archive.
    pub(super) fn open(&self, path: &Path, name: Option<&str>) -> Result<DocumentSet, InputError> {
        DocumentSet::open(self.location(path), name, self.limits, |path| self.reads(path))
    }

    /// Lists the documents of one path in an earlier revision of its Git repository; `None` if it is in none.
    pub(super) fn open_at(&self, path: &Path, revision: &str) -> Result<Option<DocumentSet>, InputError> {
        let Some((repository, revision)) = self.location(path).at_revision(revision) else { return Ok(None) };
        let location = Location { path: &repository, revision: Some(&revision) };
        DocumentSet::open(location, Some(""), self.limits, |path| self.reads(path)).map(Some)
    }

    fn location<'a>(&'a self, path: &'a Path) -> Location<'a> {
        Location { path, revision: self.revision.as_deref() }
    }

    /// The warning that no document of a set has spans. Looks whether files that are not read have some.
    pub(super) fn no_spans(&self, operation: &'static str, set: &DocumentSet, path: &Path) -> Warning {
        // What cannot be read is no hint, and the problems of the set are reported already.
        let unread = if set.single { None } else { self.unread_files(path).ok() };
        let branch = if set.single { None } else { input::side_by_side_branch(self.location(path)) };
        let branch = branch.filter(|branch| *branch != set.path);
        Warning::NoSpans { operation, path: set.path.clone(), unread: unread.unwrap_or_default(), branch }
    }

    /// The files of a path that are not read: searches the first of them.
    fn unread_files(&self, path: &Path) -> Result<UnreadFiles, InputError> {
        let set = DocumentSet::open(self.location(path), Some(""), self.limits, |path| !self.reads(path))?;
        let mut unread = UnreadFiles { more: set.entries.len() > SEARCHED_FILES, ..UnreadFiles::default() };
        let Ok(mut reader) = set.reader() else { return Ok(unread) };
        let mut globs = BTreeSet::new();
        for entry in set.entries.iter().take(SEARCHED_FILES) {
            let is_excluded = self.excludes(&entry.path);
            if tmx_stem(&entry.path).is_some() {
                unread.tmx += u64::from(!is_excluded);
            } else if let Ok(Content::Whole(bytes) | Content::Start(bytes)) =
                reader.read(entry, SEARCHED_BYTES)
                && side_by_side::has_spans(bytes)
            {
                if is_excluded {
                    unread.excluded += 1;
                } else {
                    unread.with_spans += 1;
                    globs.insert(glob_of_ending(&entry.path));
                }
            }
        }
        unread.globs = globs.into_iter().take(SHOWN_GLOBS).collect();
        Ok(unread)
    }

    /// Whether a path below a set is excluded. A file that is named itself is read all the same.
    pub(super) fn excludes(&self, path: &str) -> bool {
        self.exclude.as_ref().is_some_and(|globs| globs.is_match(path))
    }

    pub(super) fn reads(&self, path: &str) -> bool {
        let is_included = || self.include.as_ref().is_some_and(|globs| globs.is_match(path));
        (Syntax::of_path(path).is_some() || is_included()) && !self.excludes(path)
    }
}

/// How many files that are not read are searched for spans, and how much of each.
const SEARCHED_FILES: usize = 1000;
const SEARCHED_BYTES: u64 = 64 << 10;
/// The most globs that a warning shows.
const SHOWN_GLOBS: usize = 3;

/// A glob for all files with the ending of a path; for a name without an ending, the name.
fn glob_of_ending(path: &str) -> String {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    match name.rsplit_once('.') {
        Some((_, ending)) => format!("**/*.{}", globset::escape(ending)),
        None => format!("**/{}", globset::escape(name)),
    }
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

/// The output of one document.
pub(super) enum Output {
    Written,
    /// There was nothing to write.
    Nothing,
    /// A problem of this document alone, such as a name that the disk does not take. `path` is that of the output.
    NotWritten {
        path: String,
        problem: Problem,
    },
}

/// Reads a set as [`read_documents`], and warns if it has no segments. `operation` is a verb for the warning.
pub(super) fn read_set<T: Send>(
    set: &DocumentSet,
    (files, path, threads): (&Files, &Path, usize),
    (operation, problems, counts): (&'static str, &mut Problems<'_>, &mut DocumentCounts),
    read: impl Fn(&Entry, io::Result<&[u8]>) -> ReadDocument<T> + Sync,
    write: impl FnMut(&str, T) -> Result<Output, OperationError>,
) -> Result<(), OperationError> {
    match read_documents(set, threads, (problems, counts), read, write)? {
        true => counts.sets_with_segments += 1,
        false => problems.warn(&files.no_spans(operation, set, path)),
    }
    Ok(())
}

/// Reads a set on several threads, and calls `write` with the output of each document in the order of the paths. Returns whether the set
/// has a segment or a problem.
pub(super) fn read_documents<T: Send>(
    set: &DocumentSet,
    threads: usize,
    (problems, counts): (&mut Problems<'_>, &mut DocumentCounts),
    read: impl Fn(&Entry, io::Result<&[u8]>) -> ReadDocument<T> + Sync,
    write: impl FnMut(&str, T) -> Result<Output, OperationError>,
) -> Result<bool, OperationError> {
    let start = |run: &mut dyn FnMut(&mut Read<'_, T>)| run(&mut |entry, bytes| read(entry, bytes));
    read_documents_with(set, threads, (problems, counts), start, write)
}

/// Reads one document.
pub(super) type Read<'r, T> = dyn FnMut(&Entry, io::Result<&[u8]>) -> ReadDocument<T> + 'r;

/// As [`read_documents`], where each thread sets up what its reading needs: `start` passes it to the function that it receives.
pub(super) fn read_documents_with<T: Send>(
    set: &DocumentSet,
    threads: usize,
    (problems, counts): (&mut Problems<'_>, &mut DocumentCounts),
    start: impl Fn(&mut dyn FnMut(&mut Read<'_, T>)) + Sync,
    mut write: impl FnMut(&str, T) -> Result<Output, OperationError>,
) -> Result<bool, OperationError> {
    let entries: Vec<&Entry> = set.entries.iter().collect();
    let mut found = false;
    input::read_in_order_with(
        set,
        &entries,
        threads,
        |run| start(&mut |read| run(&mut |entry, bytes| (&entry.path, read(entry, bytes)))),
        |(path, document)| {
            document.problems.iter().for_each(|problem| problems.add_in(set, path, problem));
            problems.document_done(0)?;
            found |= document.has_segments || !document.problems.is_empty();
            match document.output.map(|output| write(path, output)).transpose()? {
                None | Some(Output::Nothing) => {}
                Some(Output::Written) => counts.documents += 1,
                Some(Output::NotWritten { path, problem }) => {
                    counts.not_written += 1;
                    problems.add(&path, &problem);
                }
            }
            Ok::<_, OperationError>(())
        },
    )?;
    Ok(found)
}
