//! The versions that documents have in the commits of a repository.

use std::sync::Arc;

use super::{Entry, EntryProblem};
use crate::model::FileVersion;

/// The versions of documents in a commit and in all commits before it.
#[derive(Debug)]
pub struct History {
    /// In the order of their names' bytes.
    pub documents: Vec<DocumentHistory>,
    /// The parts of older commits that cannot be read as documents, in the order of path and reason. Each is reported once.
    pub problems: Vec<EntryProblem>,
    /// Whether the oldest commits are not in the repository: it is a shallow clone, whose oldest versions are older than stated.
    pub is_shallow: bool,
}

/// One document, under all the names that it had.
#[derive(Debug)]
pub struct DocumentHistory {
    /// The newest path.
    pub name: Arc<str>,
    /// The newest first: a commit before its parents, else by date. But the first is that of the commit that is read, whose
    /// content can be older than that of a branch which was merged into it. Each content of a path is listed once, where it is
    /// newest, so a reverted change is not listed twice.
    pub versions: Vec<FileVersion>,
}

impl Entry {
    /// An entry with which the set whose history it is reads the content of a version; `None` if there is none.
    pub fn of_version(version: &FileVersion) -> Option<Entry> {
        Some(Entry { path: version.path.to_string(), object: Some(version.object?), size: None, key: 0 })
    }
}
