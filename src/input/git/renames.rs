//! Finds the documents that a commit renamed.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use gix::Repository;
use gix::hash::ObjectId;
use gix::objs::Kind;

use super::changes::Change;
use super::object::object;

/// What documents state of their identity.
pub(super) struct Identities<'s> {
    /// The identities that a document's content states.
    pub stated: &'s dyn Fn(&[u8]) -> Vec<String>,
    /// The largest document that is read.
    pub most_bytes: u64,
}

impl Identities<'_> {
    /// Nothing for an object that cannot be read: whoever reads the version reports it.
    fn of(&self, repository: &Repository, id: ObjectId) -> Vec<String> {
        let size = repository.try_find_header(id).ok().flatten().map(|header| header.size());
        if size.is_none_or(|size| size > self.most_bytes) {
            return Vec::new();
        }
        match object(repository, id) {
            Ok(object) if object.kind == Kind::Blob => (self.stated)(&object.data),
            _ => Vec::new(),
        }
    }
}

/// The documents that a commit deletes and adds under another path, as indices of its changes: first those of equal content, then
/// those that share an identity.
pub(super) fn renames(
    repository: &Repository,
    changes: &[Change],
    identities: &Identities<'_>,
) -> Vec<(usize, usize)> {
    let select = |is_selected: fn(&Change) -> bool| -> Vec<usize> {
        (0..changes.len()).filter(|&index| is_selected(&changes[index])).collect()
    };
    let (deleted, added) = (select(|change| change.new.is_none()), select(Change::is_addition));
    if deleted.is_empty() || added.is_empty() {
        return Vec::new();
    }
    let contents = |index: usize| match changes[index].new {
        Some(id) => vec![id],
        None => changes[index].old.clone(),
    };
    let mut pairs = Pairs { changes, paired: vec![false; changes.len()], found: Vec::new() };
    pairs.find(&deleted, &added, contents);
    let deleted = pairs.unpaired(&deleted);
    let added = pairs.unpaired(&added);
    let mut stated = HashMap::new();
    let mut state = |index: usize| {
        let all = contents(index).iter().flat_map(|id| identities.of(repository, *id)).collect();
        let all: &Vec<String> = stated.entry(index).or_insert(all);
        !all.is_empty()
    };
    // Most commits that delete a document add another one, so the added ones are not read for nothing.
    let any_stated = !added.is_empty() && deleted.iter().filter(|&&index| state(index)).count() > 0;
    if any_stated {
        added.iter().for_each(|&index| _ = state(index));
        pairs.find(&deleted, &added, |index| stated.get(&index).cloned().unwrap_or_default());
    }
    pairs.found
}

/// Documents of a commit that are the same under two paths.
struct Pairs<'c> {
    changes: &'c [Change],
    paired: Vec<bool>,
    found: Vec<(usize, usize)>,
}

impl Pairs<'_> {
    fn unpaired(&self, indices: &[usize]) -> Vec<usize> {
        indices.iter().copied().filter(|&index| !self.paired[index]).collect()
    }

    fn file_name(&self, index: usize) -> &str {
        let path = &self.changes[index].path;
        path.rsplit_once('/').map_or(path, |(_, name)| name)
    }

    /// Pairs each deleted document with an added one that has a key in common: the first of the same file name, else the first. The
    /// indices are in the order of the paths.
    fn find<K: Eq + Hash>(&mut self, deleted: &[usize], added: &[usize], keys: impl Fn(usize) -> Vec<K>) {
        for by_name in [true, false] {
            let mut candidates: HashMap<(K, Option<&str>), VecDeque<usize>> = HashMap::new();
            let name = |index| by_name.then(|| self.file_name(index));
            for &index in added.iter().filter(|&&index| !self.paired[index]) {
                for key in keys(index) {
                    candidates.entry((key, name(index))).or_default().push_back(index);
                }
            }
            let mut found = Vec::new();
            let mut taken = vec![false; self.changes.len()];
            for &from in deleted.iter().filter(|&&index| !self.paired[index]) {
                let to = keys(from).into_iter().find_map(|key| {
                    let queue = candidates.get_mut(&(key, name(from)))?;
                    // What was paired by another key is still in this queue.
                    std::iter::from_fn(|| queue.pop_front()).find(|&index| !taken[index])
                });
                if let Some(to) = to {
                    taken[to] = true;
                    found.push((from, to));
                }
            }
            found.iter().for_each(|&(from, to)| (self.paired[from], self.paired[to]) = (true, true));
            self.found.extend(found);
        }
    }
}
