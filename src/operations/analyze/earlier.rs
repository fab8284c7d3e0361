//! The earlier revision that `--changed-since` names: which documents it has as they are, and the earlier version of the others.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::path::Path;

use foldhash::fast::FixedState;

use super::AnalyzePlan;
use crate::input::{Content as Bytes, DocumentSet, Entry, Reader};
use crate::model::ObjectId;
use crate::operations::{OperationError, documents};
use crate::side_by_side::{self, Syntax};

/// The documents of an earlier revision.
pub(super) struct Earlier {
    set: DocumentSet,
    by_path: HashMap<String, usize>,
    objects: HashSet<ObjectId>,
    most_bytes: u64,
    deleted: Deleted,
}

/// The documents that the new revision does not have, by their lines.
#[derive(Default)]
struct Deleted {
    /// The index of the document, and the number of its lines.
    documents: Vec<(usize, usize)>,
    /// By the hash of a line, the documents that have it, at most [`COMMON`].
    lines: HashMap<u64, Vec<usize>, FixedState>,
}

/// A line in so many documents does not tell them apart.
const COMMON: usize = 16;

impl Earlier {
    /// The documents of `revision`, and which of them `current` does not have.
    pub fn open(
        plan: &AnalyzePlan,
        path: &Path,
        revision: &str,
        current: &DocumentSet,
    ) -> Result<Earlier, OperationError> {
        let set = plan.files.open_at(path, revision)?;
        let set = set.ok_or_else(|| OperationError::NoRevisions { path: crate::input::shown(path) })?;
        let by_path = set.entries.iter().enumerate().map(|(at, entry)| (entry.path.clone(), at)).collect();
        let objects = set.entries.iter().filter_map(|entry| entry.object).collect();
        let most_bytes = plan.files.limits.document.0;
        let mut earlier = Earlier { set, by_path, objects, most_bytes, deleted: Deleted::default() };
        earlier.deleted = earlier.deleted_in(current);
        Ok(earlier)
    }

    /// Whether a document was in the revision as it is, under any path.
    pub fn has(&self, entry: &Entry) -> bool {
        entry.object.is_some_and(|object| self.objects.contains(&object))
    }

    /// The text of the earlier version of a document: that at its path, or else the deleted document with which it has half of the lines
    /// in common, as Git finds renames. `None` if there is none that can be read.
    pub fn text(&self, entry: &Entry, text: &str) -> Option<(String, Syntax)> {
        let at = self.by_path.get(&entry.path).copied().or_else(|| self.deleted.most_similar(text))?;
        self.read(&mut *self.set.reader().ok()?, at)
    }

    fn read(&self, reader: &mut dyn Reader, at: usize) -> Option<(String, Syntax)> {
        let entry = &self.set.entries[at];
        let Ok(Bytes::Whole(bytes)) = reader.read(entry, self.most_bytes) else { return None };
        let text = side_by_side::decode(bytes).ok()?;
        Some((text.into_owned(), documents::syntax(entry)))
    }

    fn deleted_in(&self, current: &DocumentSet) -> Deleted {
        let paths: HashSet<&str> = current.entries.iter().map(|entry| entry.path.as_str()).collect();
        let objects: HashSet<ObjectId> = current.entries.iter().filter_map(|entry| entry.object).collect();
        let is_new = |entry: &&Entry| !self.by_path.contains_key(&entry.path) && !self.has(entry);
        let mut deleted = Deleted::default();
        if current.entries.iter().find(is_new).is_none() {
            return deleted;
        }
        let Ok(mut reader) = self.set.reader() else { return deleted };
        for (at, entry) in self.set.entries.iter().enumerate() {
            let is_kept = entry.object.is_some_and(|object| objects.contains(&object));
            if !is_kept
                && !paths.contains(entry.path.as_str())
                && let Some((text, _)) = self.read(&mut *reader, at)
            {
                deleted.add(at, &text);
            }
        }
        deleted
    }
}

impl Deleted {
    fn add(&mut self, document: usize, text: &str) {
        let lines = lines(text);
        let number = self.documents.len();
        self.documents.push((document, lines.len()));
        for line in lines {
            let known = self.lines.entry(line).or_default();
            if known.len() < COMMON {
                known.push(number);
            }
        }
    }

    /// The document that has most lines of a text, if these are half of the lines of both.
    fn most_similar(&self, text: &str) -> Option<usize> {
        let lines = lines(text);
        let mut common = vec![0_usize; self.documents.len()];
        lines
            .iter()
            .filter_map(|line| self.lines.get(line))
            .flatten()
            .for_each(|&number| common[number] += 1);
        let (number, &most) = common.iter().enumerate().rev().max_by_key(|&(_, count)| count)?;
        let (document, count) = self.documents[number];
        (most > 0 && 2 * most >= count.max(lines.len())).then_some(document)
    }
}

/// The hashes of the different lines of a text, without those that are blank.
fn lines(text: &str) -> HashSet<u64, FixedState> {
    let hash = |line: &str| FixedState::with_seed(0).hash_one(line);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(hash).collect()
}
