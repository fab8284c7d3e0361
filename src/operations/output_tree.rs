//! A folder that documents are written to, each at its path below its set, and never outside.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use super::OperationError;
use super::documents::Output;
use super::export::unfinished::UnfinishedFiles;
use crate::input::{self, DocumentSet};
use crate::model::{Problem, special_file};

/// Whether existing files are overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// They are an error, which is found before the first file of the set is written.
    Refuse,
    /// They are overwritten.
    Overwrite,
}

/// Two sets with a document of the same path: the second would take the place of the first, or be refused midway.
pub(super) fn refuse_same_paths(sets: &[DocumentSet]) -> Result<(), OperationError> {
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

/// The folder of a tree. Documents are written only below it.
pub(super) struct Tree {
    /// Its canonical path.
    pub root: PathBuf,
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

    /// Writes a document. A process that dies meanwhile can leave half of it.
    pub fn write(&self, document: &str, bytes: &[u8], existing: Existing) -> Result<(), OperationError> {
        let path = self.prepared(document)?;
        let failed = |error| OperationError::file("write", self.shown_path(document))(error);
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

    /// Writes a document under another name, and renames it: there is never half of it.
    pub fn write_whole(
        &self,
        document: &str,
        bytes: &[u8],
        (existing, unfinished): (Existing, &UnfinishedFiles),
    ) -> Result<(), OperationError> {
        let path = self.prepared(document)?;
        let failed = |error| OperationError::file("write", self.shown_path(document))(error);
        let mut file = unfinished.create_in(path.parent().unwrap_or(&self.root)).map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        let persisted = match existing {
            Existing::Overwrite => file.persist(&path),
            Existing::Refuse => file.persist_noclobber(&path),
        };
        persisted.map(drop).map_err(|error| failed(error.error))
    }

    fn shown_path(&self, document: &str) -> String {
        format!("{}/{document}", self.shown)
    }

    /// The path of a document that can be written; makes its folder.
    fn prepared(&self, document: &str) -> Result<PathBuf, OperationError> {
        let path = self.path_of(document)?;
        let failed = |error| OperationError::file("write", self.shown_path(document))(error);
        let folder = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder).map_err(failed)?;
        // A link below the folder could lead out of it.
        let real = std::fs::canonicalize(folder).map_err(failed)?;
        let there = std::fs::symlink_metadata(&path).ok().map(|file| file.file_type());
        if !real.starts_with(&self.root) || there.is_some_and(|kind| kind.is_symlink()) {
            return Err(OperationError::BehindLink { path: self.shown_path(document) });
        }
        // To open a pipe would wait for another process.
        if let Some(kind) = there.and_then(special_file) {
            return Err(OperationError::SpecialFile { path: self.shown_path(document), kind });
        }
        Ok(path)
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

    /// Looks for files that would be overwritten, before the first one is written. `suffix` is behind the path of each document.
    pub fn refuse_existing(&self, set: &DocumentSet, suffix: &str) -> Result<(), OperationError> {
        for entry in &set.entries {
            let path = format!("{}{suffix}", entry.path);
            if std::fs::symlink_metadata(self.path_of(&path)?).is_ok() {
                return Err(OperationError::FileExists { path: format!("{}/{path}", self.shown) });
            }
        }
        Ok(())
    }
}
