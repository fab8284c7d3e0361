//! Splits side-by-side documents into two trees of clean documents: targets and sources.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use super::documents::{self, DocumentCounts, Files, Output, ReadDocument, read_set};
use super::report::Problems;
use super::{OperationError, Report};
use crate::input::{self, DocumentSet};
use crate::model::{Problem, special_file};
use crate::side_by_side::{self, Encoding};

/// A plan of a split.
#[derive(Clone, Debug)]
pub struct SplitPlan {
    /// Folders, archives, Git repositories or single files of side-by-side documents.
    pub paths: Vec<PathBuf>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// The folder for the documents with their targets; made if it is missing.
    pub target_dir: PathBuf,
    /// The folder for the documents with their sources; made if it is missing.
    pub source_dir: PathBuf,
    /// Whether existing files are overwritten.
    pub existing: Existing,
    /// How many threads read; at least one does.
    pub threads: usize,
}

/// Whether existing files are overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// They are an error, which is found before the first file of the set is written.
    Refuse,
    /// They are overwritten.
    Overwrite,
}

/// Writes each document twice: its segments replaced by their targets, and by their sources. Everything else stays byte for
/// byte, in the encoding of the document; a segment that cannot be read stays as it is, and is reported as a problem.
///
/// # Errors
/// If a path of the plan cannot be listed, a file would be overwritten, or two documents have the same path: then nothing is
/// written. If the disk is full: then the files before are written. A file that cannot be written for another reason, such as
/// its name, is a problem and counted, and the others are written.
pub fn split(plan: &SplitPlan, report: &mut dyn Report) -> Result<DocumentCounts, OperationError> {
    let mut problems = Problems::new(report);
    let mut counts = DocumentCounts::default();
    let (targets, sources) = (Tree::at(&plan.target_dir)?, Tree::at(&plan.source_dir)?);
    if targets.root == sources.root {
        return Err(OperationError::SameFolder);
    }
    // All is checked before the first file is written, as far as it can be known.
    let sets = plan.paths.iter().map(|path| plan.files.open(path, None)).collect::<Result<Vec<_>, _>>()?;
    refuse_same_paths(&sets)?;
    for set in &sets {
        for tree in [&targets, &sources] {
            tree.refuse_inside(set)?;
            if plan.existing == Existing::Refuse {
                tree.refuse_existing(set)?;
            }
        }
    }
    for (set, path) in sets.iter().zip(&plan.paths) {
        problems.add_listing(set);
        read_set(
            set,
            (&plan.files, path, plan.threads),
            ("split", &mut problems, &mut counts),
            |_, bytes| split_document(bytes).unwrap_or_else(|problem| ReadDocument::nothing(vec![problem])),
            |path, (target, source)| {
                for (tree, bytes) in [(&targets, target), (&sources, source)] {
                    if let Err(error) = tree.write(path, &bytes, plan.existing) {
                        return not_written(tree, path, error);
                    }
                }
                Ok(Output::Written)
            },
        )?;
    }
    counts.problems = problems.count;
    Ok(counts)
}

/// Two sets with a document of the same path: the second would take the place of the first, or be refused midway.
fn refuse_same_paths(sets: &[DocumentSet]) -> Result<(), OperationError> {
    let mut owners = HashMap::new();
    for set in sets {
        for entry in &set.entries {
            if let Some(first) = owners.insert(entry.path.as_str(), set) {
                return Err(OperationError::DocumentTwice {
                    document: entry.path.clone(),
                    first: first.path.clone(),
                    second: set.path.clone(),
                });
            }
        }
    }
    Ok(())
}

/// A document that could not be written: a problem if the reason concerns this document alone, else the error. A full disk would
/// fail for all documents that follow.
pub(super) fn not_written(
    tree: &Tree,
    document: &str,
    error: OperationError,
) -> Result<Output, OperationError> {
    use io::ErrorKind::{
        AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied,
    };
    let reason = match error {
        OperationError::File { source, .. }
            if matches!(
                source.kind(),
                AlreadyExists
                    | InvalidFilename
                    | InvalidInput
                    | IsADirectory
                    | NotADirectory
                    | NotFound
                    | PermissionDenied
            ) =>
        {
            format!("cannot be written: {source}")
        }
        OperationError::BehindLink { .. } => "lies behind a link; it was not written".to_owned(),
        other => return Err(other),
    };
    let problem = Problem { line: None, reason };
    Ok(Output::NotWritten { path: format!("{}/{document}", tree.shown), problem })
}

/// The bytes of the two documents, target first.
type Halves = (Vec<u8>, Vec<u8>);

fn split_document(bytes: io::Result<&[u8]>) -> Result<ReadDocument<Halves>, Problem> {
    let bytes = bytes.map_err(documents::unreadable)?;
    if !side_by_side::has_spans(bytes) {
        let output = Some((bytes.to_vec(), bytes.to_vec()));
        return Ok(ReadDocument { output, ..ReadDocument::nothing(Vec::new()) });
    }
    let halves = side_by_side::halves(&side_by_side::decode(bytes)?);
    let encoding = Encoding::of(bytes);
    let problem_of =
        |error: &side_by_side::SpanError| Problem { line: Some(error.line), reason: error.to_string() };
    Ok(ReadDocument {
        problems: halves.errors.iter().map(problem_of).collect(),
        has_segments: halves.segments > 0,
        output: Some((encoding.encode(halves.target), encoding.encode(halves.source))),
    })
}

/// The folder of a tree. Documents are written only below it.
pub(super) struct Tree {
    /// Its canonical path.
    root: PathBuf,
    /// As the user named it, `/` separated.
    shown: String,
}

impl Tree {
    pub fn at(folder: &Path) -> Result<Tree, OperationError> {
        let shown = input::shown(folder);
        std::fs::create_dir_all(folder).map_err(OperationError::file("make the folder", &shown))?;
        let root = std::fs::canonicalize(folder).map_err(OperationError::file("read the folder", &shown))?;
        Ok(Tree { root, shown })
    }

    /// The path of a document in this tree.
    fn path_of(&self, document: &str) -> Result<PathBuf, OperationError> {
        let relative = Path::new(document);
        // The paths come from listings that refuse any other kind. To check them again costs nothing.
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(OperationError::LeadsOut {
                document: document.to_owned(),
                folder: self.shown.clone(),
            });
        }
        Ok(self.root.join(relative))
    }

    pub fn write(&self, document: &str, bytes: &[u8], existing: Existing) -> Result<(), OperationError> {
        let path = self.path_of(document)?;
        let shown = || format!("{}/{document}", self.shown);
        let failed = |error| OperationError::file("write", shown())(error);
        let folder = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder).map_err(failed)?;
        // A link below the folder could lead out of it.
        let real = std::fs::canonicalize(folder).map_err(failed)?;
        let there = std::fs::symlink_metadata(&path).ok().map(|file| file.file_type());
        if !real.starts_with(&self.root) || there.is_some_and(|kind| kind.is_symlink()) {
            return Err(OperationError::BehindLink { path: shown() });
        }
        // To open a pipe would wait for another process.
        if let Some(kind) = there.and_then(special_file) {
            return Err(OperationError::SpecialFile { path: shown(), kind });
        }
        let overwrite = existing == Existing::Overwrite;
        let mut options = OpenOptions::new();
        options.write(true).truncate(overwrite).create(overwrite).create_new(!overwrite);
        let mut file = options.open(&path).map_err(failed)?;
        file.write_all(bytes).map_err(|error| {
            // Half a document would look like a whole one.
            let _ = std::fs::remove_file(&path);
            failed(error)
        })
    }

    /// Documents written into the set that is read would be read as documents the next time.
    pub fn refuse_inside(&self, set: &DocumentSet) -> Result<(), OperationError> {
        if !set.single && self.root.starts_with(&set.root) && set.root.is_dir() {
            return Err(OperationError::FolderInsideSet {
                folder: self.shown.clone(),
                path: set.path.clone(),
            });
        }
        Ok(())
    }

    /// Looks for files that would be overwritten, before the first one is written.
    fn refuse_existing(&self, set: &DocumentSet) -> Result<(), OperationError> {
        for entry in &set.entries {
            if std::fs::symlink_metadata(self.path_of(&entry.path)?).is_ok() {
                return Err(OperationError::FileExists { path: format!("{}/{}", self.shown, entry.path) });
            }
        }
        Ok(())
    }
}
