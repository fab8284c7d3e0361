//! The versions that documents have in the commits of a repository.

use std::sync::Arc;

use super::{Entry, EntryProblem};
use crate::model::{Commit, ObjectId};

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
    pub versions: Vec<Version>,
}

/// What a commit made of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The path below the set, `/` separated, in this commit.
    pub path: Arc<str>,
    /// The id of the content; `None` if the commit deleted the document.
    pub object: Option<ObjectId>,
    /// The commit. None of its parents has this content at this path.
    pub commit: Commit,
}

impl Version {
    /// An entry, with which the set whose history this is reads the content; `None` if there is none.
    pub fn entry(&self) -> Option<Entry> {
        Some(Entry { path: self.path.to_string(), object: Some(self.object?), size: None, key: 0 })
    }
}
