//! The documents in a revision of a Git repository, read from its object database.
//!
//! No checkout: neither the `git` program nor hooks or filters run, and nothing is written into the repository. Everything in a
//! repository is input from outside: names in trees, sizes, and the objects themselves, whose hashes are compared.

mod bundle;
mod changes;
mod commits;
mod history;
mod lifetimes;
mod object;
mod open;
mod renames;
mod revision;
mod tree;

pub(super) use object::GitFault;

use std::collections::HashMap;
use std::io;
use std::path::Path;

use gix::hash::ObjectId;
use gix::objs::Kind;
use gix::{Repository, ThreadSafeRepository};
use tempfile::TempDir;

use super::archive::invalid;
use super::location::InRepository;
use super::{Content, Entry, History, Limits, Listing, Reader, Source};
use crate::model::Commit;
use changes::Scope;
use object::{
    BASES_OF_DOCUMENTS, BASES_OF_TREES, cache_bases, damaged, missing, object_id, object_into, unreadable,
};
use open::open;
use renames::Identities;
use revision::{Peeled, find_revision, peel, shown_branches, side_by_side_branch};

/// A revision of a repository. Its entries need no key: their objects are read.
#[derive(Debug)]
pub(super) struct Git {
    repository: ThreadSafeRepository,
    commit: Option<ObjectId>,
    /// The names of the folders from the top of the repository, and of the file if it is one.
    folder: Vec<String>,
    single: bool,
    /// The largest document.
    most_bytes: u64,
    /// The repository of a bundle. Declared last, so that it is removed after its files are closed.
    _unpacked: Option<TempDir>,
}

/// A revision that was found and listed.
pub(super) struct Listed {
    pub source: Git,
    pub listing: Listing,
    /// Where the documents are: the branch that was selected is named in it.
    pub place: InRepository,
    /// Whether the path in the revision is one file.
    pub single: bool,
    /// `None` if the revision names a tree.
    pub commit: Option<Commit>,
}

/// The largest object that is decoded for its start alone.
const DECODED_FOR_START: u64 = 1 << 20;

/// Lists the wanted documents of a revision, in no order.
pub(super) fn list(
    mut place: InRepository,
    limits: &Limits,
    wanted: impl Fn(&str) -> bool,
) -> Result<Listed, GitFault> {
    let (repository, unpacked) = open(&place.repository, limits)?;
    let found = match &place.revision {
        Some(revision) => find_revision(&repository, revision)?,
        None => {
            let branch = side_by_side_branch(&repository).ok_or_else(|| {
                let branches = shown_branches(&repository);
                GitFault::Reason(format!(
                    "it has no branch live-sxs, and not exactly one whose name ends in -sxs; name a revision as {}@REVISION; {branches}",
                    place.shown_repository()
                ))
            })?;
            place.revision = Some(branch.name.clone());
            branch.id
        }
    };
    let Peeled { tree, commit } = peel(&repository, found)?;
    let (listing, single) = tree::list(&repository, tree, &place.folder, wanted)?;
    let source = Git {
        repository: repository.into_sync(),
        commit: commit.map(|commit| object_id(&commit.id)),
        folder: place.folder.clone(),
        single,
        most_bytes: limits.document.0,
        _unpacked: unpacked,
    };
    Ok(Listed { source, listing, place, single, commit })
}

/// The name of the side-by-side branch of a repository; `None` if there is none, or if it cannot be read.
pub(super) fn branch_to_read(repository: &Path) -> Option<String> {
    // A bundle without a revision is read at this branch already.
    let (repository, _) =
        open(repository, &Limits::default()).ok().filter(|(_, unpacked)| unpacked.is_none())?;
    side_by_side_branch(&repository).map(|branch| branch.name)
}

impl Source for Git {
    fn entry_at(&self, commit: &str, path: &str) -> Result<Option<(Entry, Commit)>, GitFault> {
        // An id, whole or shortened: a name of a branch would not be that of a version.
        let is_id = (7..=64).contains(&commit.len()) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        let repository = self.repository.to_thread_local();
        let Some(id) = is_id.then(|| repository.rev_parse_single(commit).ok()).flatten() else {
            return Ok(None);
        };
        let Peeled { tree, commit: Some(commit) } = peel(&repository, id.detach())? else { return Ok(None) };
        let folder = if self.single { &self.folder[..self.folder.len() - 1] } else { &self.folder[..] };
        let mut found = tree;
        let names = folder.iter().map(String::as_str).chain(path.split('/'));
        for name in names {
            let tree = object::object(&repository, found)?;
            let entries = gix::objs::TreeRefIter::from_bytes(&tree.data, found.kind());
            let entry = (tree.kind == Kind::Tree)
                .then(|| entries.flatten().find(|entry| entry.filename == name.as_bytes()))
                .flatten();
            let Some(entry) = entry else { return Ok(None) };
            found = entry.oid.to_owned();
        }
        let is_blob = object::object(&repository, found)?.kind == Kind::Blob;
        Ok(is_blob.then(|| (Entry::of_object(path.to_owned(), object::id_of(&found)), commit)))
    }

    fn history(
        &self,
        wanted: &dyn Fn(&str) -> bool,
        identity: &dyn Fn(&[u8]) -> Vec<String>,
    ) -> Result<Option<History>, GitFault> {
        let Some(tip) = self.commit else { return Ok(None) };
        let mut repository = self.repository.to_thread_local();
        cache_bases(&mut repository, BASES_OF_TREES);
        let (folder, file) = match self.folder.split_last() {
            Some((file, folder)) if self.single => (folder, Some(file.as_str())),
            _ => (self.folder.as_slice(), None),
        };
        let scope = Scope { folder, file, wanted };
        history::read(&repository, tip, &scope, &Identities { stated: identity, most_bytes: self.most_bytes })
            .map(Some)
    }

    fn reader(&self) -> io::Result<Box<dyn Reader + '_>> {
        let mut repository = self.repository.to_thread_local();
        // Each document is read once, so a cache of objects would hold what nobody asks for again.
        repository.object_cache_size(None);
        cache_bases(&mut repository, BASES_OF_DOCUMENTS);
        Ok(Box::new(GitReader { repository, ahead: HashMap::new(), bytes: Vec::new() }))
    }
}

/// Reads objects on one thread.
struct GitReader {
    repository: Repository,
    /// Documents that were read ahead.
    ahead: HashMap<ObjectId, Vec<u8>>,
    /// The last document that was read.
    bytes: Vec<u8>,
}

impl GitReader {
    /// The size of an object.
    fn size(&self, id: ObjectId) -> io::Result<u64> {
        let header = self.repository.try_find_header(id).map_err(|error| invalid(unreadable(id, &error)))?;
        Ok(header.ok_or_else(|| invalid(missing(id)))?.size())
    }
}

impl Reader for GitReader {
    /// Reads the larger versions first. In a pack, the smaller ones of a document are differences from larger ones, in long chains:
    /// git-pack-objects(1), "delta". In another order each chain would be decoded from its beginning.
    fn prepare(&mut self, entries: &[&Entry], most: u64) {
        self.ahead.clear();
        let sized = |entry: &&Entry| {
            let id = object_id(entry.object.as_ref()?);
            Some((self.size(id).ok()?, id))
        };
        let mut objects: Vec<(u64, ObjectId)> = entries.iter().filter_map(sized).collect();
        objects.sort_unstable_by(|a, b| b.cmp(a));
        let mut left = most;
        for (size, id) in objects.into_iter().filter(|(size, _)| *size <= DECODED_FOR_START) {
            let mut bytes = Vec::new();
            // An error is reported when the document is read.
            if size <= left
                && let Ok(Kind::Blob) = object_into(&self.repository, id, &mut bytes)
            {
                left -= size;
                self.ahead.insert(id, bytes);
            }
        }
    }

    fn read(&mut self, entry: &Entry, most: u64) -> io::Result<Content<'_>> {
        let id = entry.object.as_ref().ok_or_else(|| invalid("it is no file of a repository"))?;
        let id = object_id(id);
        if let Some(read) = self.ahead.remove(&id) {
            self.bytes = read;
            return Ok(Content::first(&self.bytes, most));
        }
        let size = self.size(id)?;
        // An object cannot be decoded in part.
        if size > most.max(DECODED_FOR_START) {
            return Ok(Content::Start(&[]));
        }
        let kind = object_into(&self.repository, id, &mut self.bytes).map_err(|fault| match fault {
            GitFault::Unreadable(error) | GitFault::Temporary(error) => error,
            GitFault::Reason(reason) => invalid(reason),
        })?;
        if kind != Kind::Blob {
            return Err(invalid(damaged(id)));
        }
        Ok(Content::first(&self.bytes, most))
    }
}
