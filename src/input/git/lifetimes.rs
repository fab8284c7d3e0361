//! Joins the versions of paths to those of documents, over deletions, renames and merges.
//!
//! A lifetime is the time of a path from an addition to the next deletion. A renamed lifetime continues as one of another path. All
//! lifetimes of a path that were not renamed are one document: it was deleted and added again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use gix::hash::ObjectId;

use super::changes::Change;
use super::commits::Node;
use super::object::{GitFault, id_of};
use crate::input::DocumentHistory;
use crate::input::archive::MOST_PATH_BYTES;
use crate::model::FileVersion;

/// The most versions: the list of them is in memory. A repository of 10,000 documents, each translated 100 times, has a quarter.
const MOST_VERSIONS: usize = 4_000_000;

/// What a commit made of a path.
struct Event {
    /// The position of the commit: larger is older.
    commit: usize,
    object: Option<ObjectId>,
    is_addition: bool,
    lifetime: usize,
}

/// What a commit made of a document.
struct State {
    commit: usize,
    path: usize,
    object: Option<ObjectId>,
}

/// What a commit renamed: the numbers of two paths.
struct Rename {
    commit: usize,
    from: usize,
    to: usize,
}

/// What all commits made of all paths. A path is known by its number, in the order of their first use.
#[derive(Default)]
pub(super) struct Events {
    paths: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, usize>,
    path_bytes: usize,
    /// Of each path, the newest first.
    events: Vec<Vec<Event>>,
    number_of_events: usize,
    /// The newest first.
    renames: Vec<Rename>,
    /// The contents in the commit that is read.
    tip: HashMap<usize, ObjectId>,
}

impl Events {
    fn number(&mut self, path: &str) -> usize {
        if let Some(&number) = self.numbers.get(path) {
            return number;
        }
        let path: Arc<str> = path.into();
        self.path_bytes += path.len();
        self.paths.push(Arc::clone(&path));
        self.events.push(Vec::new());
        self.numbers.insert(path, self.paths.len() - 1);
        self.paths.len() - 1
    }

    /// Adds the documents of the commit that is read, as additions.
    pub fn add_tip(&mut self, documents: &[Change]) {
        for change in documents {
            let number = self.number(&change.path);
            self.tip.extend(change.new.map(|id| (number, id)));
        }
    }

    /// Adds what a commit changed and renamed. Commits are added by their positions, the newest first.
    pub fn add(
        &mut self,
        commit: usize,
        changes: &[Change],
        renames: &[(usize, usize)],
    ) -> Result<(), GitFault> {
        let numbers: Vec<usize> = changes.iter().map(|change| self.number(&change.path)).collect();
        self.number_of_events += changes.len();
        if self.number_of_events > MOST_VERSIONS || self.path_bytes > MOST_PATH_BYTES {
            return Err(GitFault::Reason(
                "the commits before the revision have more than 4,000,000 versions of documents, or paths of more than 256 \
                 MiB; name one folder, or a shallow clone"
                    .to_owned(),
            ));
        }
        for (change, &number) in changes.iter().zip(&numbers) {
            let is_addition = change.is_addition();
            self.events[number].push(Event { commit, object: change.new, is_addition, lifetime: 0 });
        }
        let renames =
            renames.iter().map(|&(from, to)| Rename { commit, from: numbers[from], to: numbers[to] });
        self.renames.extend(renames);
        Ok(())
    }

    fn lifetime(&self, path: usize, commit: usize) -> usize {
        let events = &self.events[path];
        let at = events.binary_search_by_key(&commit, |event| event.commit);
        events[at.expect("a commit that renamed a path has changed it")].lifetime
    }

    /// The documents, in the order of their names. `dropped` returns the position of the merge that left a path out, although the
    /// commit at a position has it and none deleted it.
    pub fn documents(
        mut self,
        nodes: &[Node],
        mut dropped: impl FnMut(&str, usize) -> Result<usize, GitFault>,
    ) -> Result<Vec<DocumentHistory>, GitFault> {
        let mut lifetimes = self.lifetimes();
        let mut documents: BTreeMap<Arc<str>, Vec<State>> = BTreeMap::new();
        for (path, events) in std::mem::take(&mut self.events).into_iter().enumerate() {
            for Event { commit, object, lifetime, .. } in events {
                // What deleted a renamed path, on any branch, did not delete the document.
                if object.is_some() || !lifetimes.is_renamed(lifetime) {
                    let name = &self.paths[lifetimes.name(lifetime)];
                    documents.entry(Arc::clone(name)).or_default().push(State { commit, path, object });
                }
            }
        }
        let mut histories = Vec::with_capacity(documents.len());
        for (name, mut states) in documents {
            let number = self.numbers[&name];
            states.sort_by_key(|state| (state.commit, state.path != number, &self.paths[state.path]));
            match self.tip.get(&number) {
                Some(tip) => {
                    let is_tip = |state: &State| state.path == number && state.object == Some(*tip);
                    let at = states.iter().position(is_tip).unwrap_or_default();
                    states[..=at].rotate_right(1);
                }
                None if states[0].object.is_some() => {
                    let commit = dropped(&name, states[0].commit)?;
                    states.insert(0, State { commit, path: number, object: None });
                }
                None => {}
            }
            let version = |state: State| FileVersion {
                path: Arc::clone(&self.paths[state.path]),
                object: state.object.map(|id| id_of(&id)),
                commit: nodes[state.commit].commit,
            };
            let versions = distinct(states).into_iter().map(version).collect();
            histories.push(DocumentHistory { name, versions });
        }
        Ok(histories)
    }

    /// Numbers the lifetimes of all paths, and follows the renames.
    fn lifetimes(&mut self) -> Lifetimes {
        let mut lifetimes = Lifetimes { paths: Vec::new(), next: Vec::new() };
        let mut last = HashSet::new();
        for (path, events) in self.events.iter_mut().enumerate() {
            let mut is_deleted = true;
            for event in events.iter_mut().rev() {
                // An addition without a deletion before it is that of another branch.
                if is_deleted && event.is_addition || lifetimes.paths.last() != Some(&path) {
                    lifetimes.paths.push(path);
                    is_deleted = false;
                }
                is_deleted |= event.object.is_none();
                event.lifetime = lifetimes.paths.len() - 1;
            }
            // A merge can keep a path that one of its branches renamed.
            if let Some(tip) = self.tip.get(&path) {
                last.extend(
                    events.iter().find(|event| event.object == Some(*tip)).map(|event| event.lifetime),
                );
            }
        }
        lifetimes.next = (0..lifetimes.paths.len()).collect();
        // Two branches can rename a path to two others. That which is left is the document.
        for to_tip in [true, false] {
            for rename in &self.renames {
                let from = self.lifetime(rename.from, rename.commit);
                let to = lifetimes.last(self.lifetime(rename.to, rename.commit));
                let is_selected = !to_tip || self.tip.contains_key(&lifetimes.paths[to]);
                // Two branches can also rename two paths in a circle.
                if is_selected && !lifetimes.is_renamed(from) && to != from && !last.contains(&from) {
                    lifetimes.next[from] = to;
                }
            }
        }
        lifetimes
    }
}

/// The lifetimes of paths: a disjoint-set forest.
struct Lifetimes {
    /// The path of each.
    paths: Vec<usize>,
    /// The lifetime that each was renamed to, or its own number.
    next: Vec<usize>,
}

impl Lifetimes {
    fn is_renamed(&self, lifetime: usize) -> bool {
        self.next[lifetime] != lifetime
    }

    /// The last lifetime of the document.
    fn last(&mut self, lifetime: usize) -> usize {
        let mut at = lifetime;
        while self.next[at] != at {
            // Path halving.
            self.next[at] = self.next[self.next[at]];
            at = self.next[at];
        }
        at
    }

    /// The path that the document has in it.
    fn name(&mut self, lifetime: usize) -> usize {
        let last = self.last(lifetime);
        self.paths[last]
    }
}

/// Keeps each content of a path where it is first, and of deletions the oldest of several, if there is a version before it.
fn distinct(states: Vec<State>) -> Vec<State> {
    let mut kept: Vec<State> = Vec::with_capacity(states.len());
    let mut seen = HashSet::new();
    for state in states {
        match (state.object, kept.last_mut()) {
            (Some(id), _) if !seen.insert((state.path, id)) => {}
            // Two branches deleted it, or a merge after one of them.
            (None, Some(last)) if last.object.is_none() => *last = state,
            _ => kept.push(state),
        }
    }
    if kept.last().is_some_and(|last| last.object.is_none()) {
        kept.pop();
    }
    kept
}
