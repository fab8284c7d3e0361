//! Reads the history of the documents of a commit.

use std::collections::HashSet;

use gix::Repository;
use gix::hash::ObjectId;

use super::changes::{Changes, Scope};
use super::commits::{Commits, Node};
use super::lifetimes::Events;
use super::object::GitFault;
use super::renames::{Identities, renames};
use crate::input::archive::MOST_FILES;
use crate::input::{EntryProblem, History};

/// The versions of all documents in the commits that are reachable from one.
pub(super) fn read(
    repository: &Repository,
    tip: ObjectId,
    scope: &Scope<'_>,
    identities: &Identities<'_>,
) -> Result<History, GitFault> {
    let Commits { nodes, is_shallow } = Commits::read(repository, tip)?;
    let mut changes = Changes::new(repository, scope);
    let mut tops = Tops { nodes: &nodes, found: vec![None; nodes.len()] };
    let mut events = Events::default();
    let top = tops.get(&mut changes, 0)?;
    let (documents, problems) = changes.between(top, Vec::new())?;
    events.add_tip(&documents);
    // Those of the commit that is read are reported with its documents.
    let mut problems = Problems { known: problems.into_iter().map(key).collect(), new: Vec::new() };
    for (position, node) in nodes.iter().enumerate() {
        let top = tops.get(&mut changes, position)?;
        let parents = node.parents.iter().map(|&parent| tops.get(&mut changes, parent));
        let parents: Vec<_> = parents.collect::<Result<_, _>>()?;
        let (changed, found) = changes.between(top, parents)?;
        problems.add(found, node)?;
        let renames = renames(repository, &changed, identities);
        events.add(position, &changed, &renames)?;
    }
    let mut merges = None;
    let mut looked_up = 0;
    let documents = events.documents(&nodes, |path, position| {
        let merges = merges.get_or_insert_with(|| next_merges(&nodes));
        let mut at = position;
        while let Some(merge) = merges[at] {
            looked_up += 1;
            let top = tops.get(&mut changes, merge)?;
            if looked_up > MOST_LOOKED_UP || !changes.has_file(top, path)? {
                return Ok(merge);
            }
            at = merge;
        }
        Ok(0)
    })?;
    let mut problems = problems.new;
    problems.sort_by(|a, b| (&a.path, &a.reason).cmp(&(&b.path, &b.reason)));
    Ok(History { documents, problems, is_shallow })
}

/// The most look-ups of paths in merges, for documents that merges left out.
const MOST_LOOKED_UP: usize = 1_000_000;

/// The scope's folder in each commit.
struct Tops<'n> {
    nodes: &'n [Node],
    found: Vec<Option<Option<ObjectId>>>,
}

impl Tops<'_> {
    fn get(&mut self, changes: &mut Changes<'_>, position: usize) -> Result<Option<ObjectId>, GitFault> {
        if let Some(top) = self.found[position] {
            return Ok(top);
        }
        let top = changes.top(self.nodes[position].tree)?;
        self.found[position] = Some(top);
        Ok(top)
    }
}

/// The position of the oldest merge after each commit.
fn next_merges(nodes: &[Node]) -> Vec<Option<usize>> {
    let mut next = vec![None; nodes.len()];
    for (position, node) in nodes.iter().enumerate() {
        let merge = if node.parents.len() > 1 { Some(position) } else { next[position] };
        for &parent in &node.parents {
            next[parent] = next[parent].max(merge);
        }
    }
    next
}

/// The problems of older commits, each once.
struct Problems {
    known: HashSet<(String, String)>,
    new: Vec<EntryProblem>,
}

fn key(problem: EntryProblem) -> (String, String) {
    (problem.path, problem.reason)
}

impl Problems {
    fn add(&mut self, found: Vec<EntryProblem>, node: &Node) -> Result<(), GitFault> {
        for EntryProblem { path, reason } in found {
            if self.known.insert((path.clone(), reason.clone())) {
                let reason = format!("in commit {}: {reason}", node.commit.id.short());
                self.new.push(EntryProblem { path, reason });
            }
        }
        if self.new.len() > MOST_FILES {
            let reason =
                "the commits before the revision have more than 1,000,000 files that cannot be documents";
            return Err(GitFault::Reason(reason.to_owned()));
        }
        Ok(())
    }
}
