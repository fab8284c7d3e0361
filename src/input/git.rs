//! The documents in a revision of a Git repository, read from its object database.
//!
//! No checkout: neither the `git` program nor hooks or filters run, and nothing is written into the repository. Everything in a
//! repository is input from outside: names in trees, sizes, and the objects themselves, whose hashes are compared.

mod bundle;

use std::fmt;
use std::io;
use std::path::Path;

use gix::hash::{ObjectId, oid};
use gix::objs::tree::EntryKind;
use gix::objs::{CommitRefIter, Kind, TreeRefIter};
use gix::{Repository, ThreadSafeRepository};
use tempfile::TempDir;

use super::archive::{LONGEST_PATH, MOST_FILES, MOST_PATH_BYTES, invalid, long_path};
use super::location::{InRepository, is_bundle};
use super::{Entry, EntryProblem, Extent, Limits, Listing, Reader, Source};
use crate::model::{self, Commit};

/// A revision of a repository. Its entries need no key: their objects are read.
#[derive(Debug)]
pub(super) struct Git {
    repository: ThreadSafeRepository,
    /// The repository of a bundle. Declared last, so that it is removed after its files are closed.
    _unpacked: Option<TempDir>,
}

/// Why a revision cannot be read.
#[derive(Debug)]
pub(super) enum GitFault {
    /// The repository is not readable.
    Unreadable(io::Error),
    /// The temporary copy of a bundle cannot be written.
    Temporary(io::Error),
    /// A sentence.
    Reason(String),
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

const LINK: &str =
    "a symbolic link in a repository is not followed; check the revision out, and name the folder";
const SUBMODULE: &str = "a submodule, which is another repository; name a clone of it to read its documents";

/// The largest object that is decoded for its start alone.
const DECODED_FOR_START: u64 = 1 << 20;

/// The most bytes that are allocated for one object: a delta can be larger than the document that is made with it.
fn alloc_limit(limits: &Limits) -> u64 {
    limits.document.0.max(Limits::default().document.0)
}

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
    let mut walk = Walk { repository: &repository, found: Found::default(), wanted };
    let Peeled { tree, commit } = peel(&repository, found)?;
    let single = walk.list(tree, &place)?;
    let listing = walk.found.listing;
    let source = Git { repository: repository.into_sync(), _unpacked: unpacked };
    Ok(Listed { source, listing, place, single, commit })
}

/// The name of the side-by-side branch of a repository; `None` if there is none, or if it cannot be read.
pub(super) fn branch_to_read(repository: &Path) -> Option<String> {
    // A bundle without a revision is read at this branch already.
    let (repository, _) =
        open(repository, &Limits::default()).ok().filter(|(_, unpacked)| unpacked.is_none())?;
    side_by_side_branch(&repository).map(|branch| branch.name)
}

/// Opens a repository, or a bundle in a temporary folder.
fn open(path: &Path, limits: &Limits) -> Result<(Repository, Option<TempDir>), GitFault> {
    std::fs::metadata(path).map_err(GitFault::Unreadable)?;
    let unpacked = if is_bundle(path) { Some(bundle::unpack(path, limits)?) } else { None };
    let folder = unpacked.as_ref().map_or(path, TempDir::path);
    // Isolated: reads the configuration of this repository alone, and no environment variables.
    let options = gix::open::Options::isolated()
        .config_overrides([format!("gitoxide.objects.allocLimit={}", alloc_limit(limits))]);
    let repository = options.open(folder).map_err(|error| {
        GitFault::Reason(match path.join(".git").exists() || unpacked.is_some() {
            true => format!("its Git repository cannot be opened: {}", in_one_line(&error)),
            false => "it is no Git repository; name the top folder of a clone, a bare repository or a bundle, and a folder \
                      in it as REPOSITORY@REVISION:FOLDER"
                .to_owned(),
        })
    })?;
    Ok((repository.to_thread_local(), unpacked))
}

/// A branch and its commit.
#[derive(Clone, Debug)]
struct Branch {
    /// `live-sxs`, or `origin/live-sxs` of a remote branch.
    name: String,
    /// The name without that of the remote.
    last: String,
    is_remote: bool,
    id: ObjectId,
}

/// The local branches, then the remote ones, each in the order of their names.
fn branches(repository: &Repository) -> Vec<Branch> {
    let mut branches = Vec::new();
    let Ok(names) = repository.references() else { return branches };
    for (prefix, is_remote) in [("refs/heads/", false), ("refs/remotes/", true)] {
        let listed = if is_remote { names.remote_branches() } else { names.local_branches() };
        // A name that cannot be read is not one that could be selected.
        for mut reference in listed.into_iter().flatten().flatten() {
            let full = reference.name().as_bstr().to_string();
            let Some(name) = full.strip_prefix(prefix) else { continue };
            let last = if is_remote { name.split_once('/').map_or(name, |(_, last)| last) } else { name };
            if is_remote && last == "HEAD" {
                continue;
            }
            let (name, last) = (name.to_owned(), last.to_owned());
            if let Ok(id) = reference.follow_to_object() {
                branches.push(Branch { name, last, is_remote, id: id.detach() });
            }
        }
    }
    branches.sort_by(|a, b| (a.is_remote, &a.name).cmp(&(b.is_remote, &b.name)));
    branches
}

/// The branch `live-sxs`, else the only one whose name ends in `-sxs`. A remote branch counts if there is no local one of its name.
fn side_by_side_branch(repository: &Repository) -> Option<Branch> {
    let all = branches(repository);
    let is_copy = |branch: &&Branch| {
        branch.is_remote && all.iter().any(|other| !other.is_remote && other.last == branch.last)
    };
    let candidates: Vec<&Branch> =
        all.iter().filter(|branch| branch.last.ends_with("-sxs") && !is_copy(branch)).collect();
    let usual: Vec<&Branch> = candidates.iter().copied().filter(|branch| branch.last == "live-sxs").collect();
    match (usual.as_slice(), candidates.as_slice()) {
        ([branch], _) | ([], [branch]) => Some((*branch).clone()),
        _ => None,
    }
}

/// The most branches that a message lists.
const SHOWN_BRANCHES: usize = 20;

fn shown_branches(repository: &Repository) -> String {
    let branches = branches(repository);
    let mut names: Vec<&str> = branches.iter().map(|branch| branch.name.as_str()).collect();
    let more = names.len().saturating_sub(SHOWN_BRANCHES);
    names.truncate(SHOWN_BRANCHES);
    match (names.as_slice(), more) {
        ([], _) => "it has no branches".to_owned(),
        (names, 0) => format!("its branches are {}", names.join(", ")),
        (names, more) => format!("its branches are {} and {more} more", names.join(", ")),
    }
}

/// The object of a revision. A name that is only that of a remote's branch is this branch, as for `git checkout`.
fn find_revision(repository: &Repository, revision: &str) -> Result<ObjectId, GitFault> {
    let parsed = repository.rev_parse_single(revision);
    if let Ok(id) = parsed {
        return Ok(id.detach());
    }
    let all = branches(repository);
    let remote: Vec<&Branch> =
        all.iter().filter(|branch| branch.is_remote && branch.last == revision).collect();
    match remote.as_slice() {
        [branch] => Ok(branch.id),
        _ => {
            let shallow = match repository.is_shallow() {
                Ok(true) => "; it is a shallow clone, and `git fetch --unshallow` gets its older commits",
                _ => "",
            };
            let branches = shown_branches(repository);
            Err(GitFault::Reason(format!(
                "it has no branch, tag or commit {revision:?}{shallow}; {branches}"
            )))
        }
    }
}

/// The tree of a revision, and its commit if it has one.
struct Peeled {
    tree: ObjectId,
    commit: Option<Commit>,
}

/// Follows a tag to a commit, and a commit to its tree.
fn peel(repository: &Repository, mut id: ObjectId) -> Result<Peeled, GitFault> {
    let mut commit = None;
    // A tag can name a tag, and so on.
    for _ in 0..MOST_TAGS {
        let object = object(repository, id)?;
        let next = match object.kind {
            Kind::Tree => return Ok(Peeled { tree: id, commit }),
            Kind::Commit => {
                let mut parts = CommitRefIter::from_bytes(&object.data, id.kind());
                let tree = parts.tree_id().ok();
                let time = parts.committer().map_or(0, |committer| committer.seconds());
                commit = commit.or(Some(Commit { id: id_of(&id), time }));
                tree
            }
            Kind::Tag => object.try_to_tag_ref().ok().map(|tag| tag.target()),
            Kind::Blob => {
                return Err(GitFault::Reason("the revision names a blob, not a commit".to_owned()));
            }
        };
        id = next.ok_or_else(|| GitFault::Reason(damaged(id)))?;
    }
    Err(GitFault::Reason("the revision is a tag of a tag of a tag, and so on".to_owned()))
}

/// The id of an object, in the type that all modules share.
fn id_of(id: &oid) -> model::ObjectId {
    model::ObjectId::from_bytes(id.as_bytes()).expect("SHA-1 and SHA-256 hashes have 20 and 32 bytes")
}

const MOST_TAGS: usize = 16;

/// An object, whose hash was compared.
fn object(repository: &Repository, id: ObjectId) -> Result<gix::Object<'_>, GitFault> {
    let object = repository.try_find_object(id).map_err(|error| GitFault::Reason(unreadable(id, &error)))?;
    let object = object.ok_or_else(|| GitFault::Reason(missing(id)))?;
    match gix::objs::compute_hash(id.kind(), object.kind, &object.data) {
        Ok(hash) if hash == id => Ok(object),
        _ => Err(GitFault::Reason(damaged(id))),
    }
}

fn missing(id: ObjectId) -> String {
    format!(
        "the object {id} is missing, as in a partial clone or an incomplete bundle; \
         in a clone, `git fetch --refetch --no-filter` gets it"
    )
}

fn damaged(id: ObjectId) -> String {
    format!("the object {id} is damaged; `git fsck` lists what else is; clone the repository again")
}

fn unreadable(id: ObjectId, error: &impl fmt::Display) -> String {
    format!("the object {id} cannot be read: {}", in_one_line(error))
}

fn bundle_fault(error: &impl fmt::Display) -> GitFault {
    GitFault::Reason(format!("the bundle cannot be read: {}; get it again", in_one_line(error)))
}

/// An error of the library, which may have several lines.
fn in_one_line(error: &impl fmt::Display) -> String {
    error.to_string().lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What was found in a tree.
#[derive(Default)]
struct Found {
    listing: Listing,
    /// The number of entries of all trees, and the bytes of their paths. A tree can name another one many times, so a small
    /// repository can have more paths than fit into memory.
    entries: usize,
    path_bytes: usize,
}

/// Lists trees.
struct Walk<'r, W> {
    repository: &'r Repository,
    found: Found,
    wanted: W,
}

impl<W: Fn(&str) -> bool> Walk<'_, W> {
    /// Lists the named folder, or the named file, of a revision. Returns whether it is a file.
    fn list(&mut self, top: ObjectId, place: &InRepository) -> Result<bool, GitFault> {
        let mut tree = top;
        for (depth, name) in place.folder.iter().enumerate() {
            let data = object(self.repository, tree)?;
            let mut entries = TreeRefIter::from_bytes(&data.data, tree.kind()).filter_map(Result::ok);
            let found = entries.find(|entry| entry.filename == name.as_str());
            let is_last = depth + 1 == place.folder.len();
            match found.map(|entry| (entry.mode.kind(), entry.oid.to_owned())) {
                Some((EntryKind::Tree, id)) => tree = id,
                Some((EntryKind::Blob | EntryKind::BlobExecutable, id)) if is_last => {
                    self.add_document(name.clone(), id);
                    return Ok(true);
                }
                _ => {
                    let reason = format!("the revision has no folder or file {}", place.folder.join("/"));
                    return Err(GitFault::Reason(reason));
                }
            }
        }
        let mut waiting = vec![(tree, String::new())];
        while let Some((id, folder)) = waiting.pop() {
            let data = object(self.repository, id)?;
            if data.kind != Kind::Tree {
                return Err(GitFault::Reason(damaged(id)));
            }
            for entry in TreeRefIter::from_bytes(&data.data, id.kind()) {
                let entry = entry.map_err(|_| GitFault::Reason(damaged(id)))?;
                self.found.entries += 1;
                self.found.path_bytes += folder.len() + entry.filename.len();
                if self.found.entries > MOST_FILES || self.found.path_bytes > MOST_PATH_BYTES {
                    return Err(GitFault::Reason(
                        "the revision has more than 1,000,000 files and folders, or paths of more than 256 MiB; check it \
                         out, and name the folder"
                            .to_owned(),
                    ));
                }
                match name_of(entry.filename, &folder) {
                    Ok(path) => self.add(path, entry.mode.kind(), entry.oid.to_owned(), &mut waiting),
                    Err(problem) => self.found.listing.1.push(problem),
                }
            }
        }
        Ok(false)
    }

    fn add(&mut self, path: String, kind: EntryKind, id: ObjectId, waiting: &mut Vec<(ObjectId, String)>) {
        let name = path.rsplit_once('/').map_or(path.as_str(), |(_, name)| name);
        if name.starts_with('.') {
            return;
        }
        let reason = match kind {
            EntryKind::Tree => return waiting.push((id, path + "/")),
            EntryKind::Blob | EntryKind::BlobExecutable => {
                if (self.wanted)(&path) {
                    self.add_document(path, id);
                }
                return;
            }
            EntryKind::Link => LINK,
            EntryKind::Commit => SUBMODULE,
        };
        self.found.listing.1.push(EntryProblem { path, reason: reason.to_owned() });
    }

    fn add_document(&mut self, path: String, id: ObjectId) {
        self.found.listing.0.push(Entry::of_object(path, id_of(&id)));
    }
}

/// The path of an entry below a folder that is empty or ends in `/`; an error if it is no name of a file.
fn name_of(name: &[u8], folder: &str) -> Result<String, EntryProblem> {
    let refused = |reason: &str| {
        let path = format!("{folder}{}", String::from_utf8_lossy(name));
        EntryProblem { path, reason: reason.to_owned() }
    };
    let text = std::str::from_utf8(name).map_err(|_| refused("the name is not UTF-8; rename the file"))?;
    if matches!(text, "" | "." | "..") || text.contains(['/', '\0']) {
        return Err(refused("the name leads out of its folder; the entry was left out"));
    }
    let path = format!("{folder}{text}");
    if path.len() > LONGEST_PATH { Err(long_path(&path)) } else { Ok(path) }
}

impl Source for Git {
    fn reader(&self) -> io::Result<Box<dyn Reader + '_>> {
        let mut repository = self.repository.to_thread_local();
        // Each document is read once, so a cache of objects would hold what nobody asks for again.
        repository.object_cache_size(None);
        Ok(Box::new(GitReader { repository }))
    }
}

/// Reads objects on one thread.
struct GitReader {
    repository: Repository,
}

impl Reader for GitReader {
    fn read(&mut self, entry: &Entry, most: u64, bytes: &mut Vec<u8>) -> io::Result<Extent> {
        bytes.clear();
        let id = entry.object.and_then(|id| ObjectId::try_from(id.as_bytes()).ok());
        let id = id.ok_or_else(|| invalid("it is no file of this repository"))?;
        let header = self.repository.try_find_header(id).map_err(|error| invalid(unreadable(id, &error)))?;
        let size = header.ok_or_else(|| invalid(missing(id)))?.size();
        // An object cannot be decoded in part.
        if size > most.max(DECODED_FOR_START) {
            return Ok(Extent::Start);
        }
        let object = object(&self.repository, id).map_err(|fault| match fault {
            GitFault::Unreadable(error) | GitFault::Temporary(error) => error,
            GitFault::Reason(reason) => invalid(reason),
        })?;
        if object.kind != Kind::Blob {
            return Err(invalid(damaged(id)));
        }
        let length = object.data.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        bytes.extend_from_slice(&object.data[..length]);
        Ok(if length == object.data.len() { Extent::Whole } else { Extent::Start })
    }
}
