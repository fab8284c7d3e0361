//! Finds the commit and the tree of a revision, and the side-by-side branch.

use gix::Repository;
use gix::hash::ObjectId;
use gix::objs::Kind;

use super::commits::commit_parts;
use super::object::{GitFault, damaged, id_of, object};
use crate::model::Commit;

/// A branch and its commit.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// `live-sxs`, or `origin/live-sxs` of a remote branch.
    pub name: String,
    /// The name without that of the remote.
    last: String,
    is_remote: bool,
    pub id: ObjectId,
}

/// The local branches, then the remote ones, each in the order of their names.
pub(super) fn branches(repository: &Repository) -> Vec<Branch> {
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
pub(super) fn side_by_side_branch(repository: &Repository) -> Option<Branch> {
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

pub(super) fn shown_branches(repository: &Repository) -> String {
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
pub(super) fn find_revision(repository: &Repository, revision: &str) -> Result<ObjectId, GitFault> {
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
pub(super) struct Peeled {
    pub tree: ObjectId,
    pub commit: Option<Commit>,
}

/// Follows a tag to a commit, and a commit to its tree.
pub(super) fn peel(repository: &Repository, mut id: ObjectId) -> Result<Peeled, GitFault> {
    let mut commit = None;
    // A tag can name a tag, and so on.
    for _ in 0..MOST_TAGS {
        let object = object(repository, id)?;
        let next = match object.kind {
            Kind::Tree => return Ok(Peeled { tree: id, commit }),
            Kind::Commit => {
                let parts = commit_parts(&object.data, id.kind());
                let time = parts.as_ref().map_or(0, |parts| parts.time);
                commit = commit.or(Some(Commit { id: id_of(&id), time }));
                parts.map(|parts| parts.tree)
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

const MOST_TAGS: usize = 16;
