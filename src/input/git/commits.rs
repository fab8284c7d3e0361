//! The commits that are reachable from one, in the order of `git log --date-order`.

use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::Repository;
use gix::hash::{Kind as Hash, ObjectId};
use gix::objs::commit::ref_iter::Token;
use gix::objs::{CommitRefIter, Kind};

use super::object::{GitFault, damaged, id_of, object};
use crate::model::Commit;

/// The part of a commit that is used here.
pub(super) struct CommitParts {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
    /// The committer's date. 0 if it cannot be read, as for Git.
    pub time: i64,
}

/// Parses a commit; `None` if it has no tree, or a parent that is no id.
pub(super) fn commit_parts(data: &[u8], hash: Hash) -> Option<CommitParts> {
    let (mut tree, mut parents, mut time) = (None, Vec::new(), 0);
    for token in CommitRefIter::from_bytes(data, hash) {
        match token {
            Ok(Token::Tree { id }) => tree = Some(id),
            Ok(Token::Parent { id }) => parents.push(id),
            Ok(Token::Author { .. }) => {}
            Ok(Token::Committer { signature }) => {
                time = signature.seconds();
                break;
            }
            _ => break,
        }
    }
    // The iterator ends at what it cannot parse, and does not say whether that is a parent or a person without a name.
    let header = data.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    let stated = header.filter(|line| line.starts_with(b"parent ")).count();
    (stated == parents.len()).then_some(CommitParts { tree: tree?, parents, time })
}

/// A commit among [`Commits`].
pub(super) struct Node {
    pub commit: Commit,
    pub tree: ObjectId,
    /// The positions of its parents, which are larger than its own.
    pub parents: Vec<usize>,
}

/// All commits that are reachable from one.
pub(super) struct Commits {
    /// Each before its parents, else the newest first; of commits of the same second, that with the larger id.
    pub nodes: Vec<Node>,
    /// Whether parents are left out, because the clone is shallow.
    pub is_shallow: bool,
}

/// The most commits: the list of them is in memory. The largest public repositories have about a million.
const MOST_COMMITS: usize = 4_000_000;

impl Commits {
    /// Reads the commits that are reachable from the tip.
    pub fn read(repository: &Repository, tip: ObjectId) -> Result<Commits, GitFault> {
        // A damaged list of the boundary reads as none; the missing parent is reported then.
        let boundary: HashSet<ObjectId> = match repository.shallow_commits() {
            Ok(Some(ids)) => ids.iter().copied().collect(),
            _ => HashSet::new(),
        };
        let mut found: Vec<Node> = Vec::new();
        let mut positions: HashMap<ObjectId, usize> = HashMap::from([(tip, 0)]);
        let mut ids = vec![tip];
        let mut is_shallow = false;
        while let Some(&id) = ids.get(found.len()) {
            let data = object(repository, id)?;
            let parts = (data.kind == Kind::Commit).then(|| commit_parts(&data.data, id.kind())).flatten();
            let mut parts = parts.ok_or_else(|| GitFault::Reason(damaged(id)))?;
            if boundary.contains(&id) && !parts.parents.is_empty() {
                parts.parents.clear();
                is_shallow = true;
            }
            let mut parents = Vec::with_capacity(parts.parents.len());
            for parent in parts.parents {
                let position = *positions.entry(parent).or_insert_with(|| {
                    ids.push(parent);
                    ids.len() - 1
                });
                // Its own parent a commit cannot be: its hash would be part of itself.
                if !parents.contains(&position) {
                    parents.push(position);
                }
            }
            if ids.len() > MOST_COMMITS {
                let reason =
                    "the revision has more than 4,000,000 commits; name a shallow clone of it".to_owned();
                return Err(GitFault::Reason(reason));
            }
            found.push(Node {
                commit: Commit { id: id_of(&id), time: parts.time },
                tree: parts.tree,
                parents,
            });
        }
        Ok(Commits { nodes: sorted(found), is_shallow })
    }
}

/// Kahn's algorithm with a priority queue: of the commits whose children are sorted already, the newest is next.
fn sorted(found: Vec<Node>) -> Vec<Node> {
    let mut children = vec![0_u32; found.len()];
    found.iter().flat_map(|node| &node.parents).for_each(|&parent| children[parent] += 1);
    let key = |index: usize| (found[index].commit.time, found[index].commit.id, index);
    let mut ready: BinaryHeap<_> = (0..found.len()).filter(|&index| children[index] == 0).map(key).collect();
    let mut order = Vec::with_capacity(found.len());
    let mut positions = vec![0; found.len()];
    while let Some((_, _, index)) = ready.pop() {
        positions[index] = order.len();
        order.push(index);
        for &parent in &found[index].parents {
            children[parent] -= 1;
            if children[parent] == 0 {
                ready.push(key(parent));
            }
        }
    }
    let mut found: Vec<Option<Node>> = found.into_iter().map(Some).collect();
    let mut take = |index: usize| {
        let mut node = found[index].take()?;
        node.parents.iter_mut().for_each(|parent| *parent = positions[*parent]);
        Some(node)
    };
    order.into_iter().filter_map(&mut take).collect()
}
