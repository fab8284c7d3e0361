//! Compares the trees of a commit and of its parents.

use std::collections::HashMap;
use std::rc::Rc;

use gix::Repository;
use gix::hash::ObjectId;
use gix::objs::tree::EntryKind;
use gix::objs::{Kind, TreeRefIter};

use super::object::{GitFault, damaged, object};
use super::tree::{LINK, SUBMODULE, name_of};
use crate::input::EntryProblem;
use crate::input::archive::{MOST_FILES, MOST_PATH_BYTES};

/// The files of a repository that are documents of a set.
pub(super) struct Scope<'s> {
    /// The names of the folders from the top of the repository.
    pub folder: &'s [String],
    /// The only file, if it was named.
    pub file: Option<&'s str>,
    /// Selects by path below the folder.
    pub wanted: &'s dyn Fn(&str) -> bool,
}

/// A document that is in a commit as in none of its parents.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub path: String,
    /// Its content; `None` if the commit deletes it.
    pub new: Option<ObjectId>,
    /// Its contents in the parents. None: the commit adds it.
    pub old: Vec<ObjectId>,
}

impl Change {
    pub fn is_addition(&self) -> bool {
        self.old.is_empty()
    }
}

/// An entry of a tree.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Item {
    kind: ItemKind,
    id: ObjectId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ItemKind {
    File,
    Folder,
    Link,
    Submodule,
}

impl Item {
    fn id_of(item: Option<Item>, kind: ItemKind) -> Option<ObjectId> {
        item.filter(|item| item.kind == kind).map(|item| item.id)
    }
}

/// The entries of a tree, in the order of their names. Git orders a folder as if its name ended in `/`.
type Tree = Vec<(Box<[u8]>, Item)>;

/// Trees, decoded once while their commits are compared: an LRU cache in two generations.
struct Trees<'r> {
    repository: &'r Repository,
    young: HashMap<ObjectId, Rc<Tree>>,
    old: HashMap<ObjectId, Rc<Tree>>,
    /// The entries of the trees in `young`.
    entries: usize,
}

/// The entries of a generation: some 15 MiB.
const MOST_CACHED: usize = 150_000;

impl Trees<'_> {
    fn get(&mut self, id: ObjectId) -> Result<Rc<Tree>, GitFault> {
        if let Some(tree) = self.young.get(&id) {
            return Ok(Rc::clone(tree));
        }
        let tree = match self.old.remove(&id) {
            Some(tree) => tree,
            None => Rc::new(self.read(id)?),
        };
        self.entries += tree.len() + 1;
        if self.entries > MOST_CACHED {
            self.old = std::mem::take(&mut self.young);
            self.entries = tree.len() + 1;
        }
        self.young.insert(id, Rc::clone(&tree));
        Ok(tree)
    }

    fn read(&self, id: ObjectId) -> Result<Tree, GitFault> {
        let data = object(self.repository, id)?;
        if data.kind != Kind::Tree {
            return Err(GitFault::Reason(damaged(id)));
        }
        let mut tree = Tree::new();
        for entry in TreeRefIter::from_bytes(&data.data, id.kind()) {
            let entry = entry.map_err(|_| GitFault::Reason(damaged(id)))?;
            let kind = match entry.mode.kind() {
                EntryKind::Tree => ItemKind::Folder,
                EntryKind::Blob | EntryKind::BlobExecutable => ItemKind::File,
                EntryKind::Link => ItemKind::Link,
                EntryKind::Commit => ItemKind::Submodule,
            };
            tree.push((entry.filename.to_vec().into(), Item { kind, id: entry.oid.to_owned() }));
        }
        // A stable sort: of entries with the same name, which Git does not write, the last one counts.
        tree.sort_by(|a, b| a.0.cmp(&b.0));
        tree.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                earlier.1 = later.1;
            }
            is_same
        });
        Ok(tree)
    }

    fn item(&mut self, tree: ObjectId, name: &[u8]) -> Result<Option<Item>, GitFault> {
        let tree = self.get(tree)?;
        Ok(tree.binary_search_by(|(other, _)| (**other).cmp(name)).ok().map(|at| tree[at].1))
    }
}

/// Compares commits.
pub(super) struct Changes<'s> {
    trees: Trees<'s>,
    scope: &'s Scope<'s>,
    /// The entries that were compared, of all commits. A tree can name another one many times, so a small repository can have
    /// more of them than anybody waits for.
    compared: u64,
}

/// The most entries of all trees that are compared. A repository of 100,000 commits, each with three folders of 1,000 files, has a
/// tenth of that.
const MOST_COMPARED: u64 = 4_000_000_000;

/// A folder in a commit and in its parents.
struct Folder {
    /// Empty, or ends in `/`.
    path: String,
    new: Option<ObjectId>,
    old: Vec<Option<ObjectId>>,
}

impl<'s> Changes<'s> {
    pub fn new(repository: &'s Repository, scope: &'s Scope<'s>) -> Self {
        let trees = Trees { repository, young: HashMap::new(), old: HashMap::new(), entries: 0 };
        Changes { trees, scope, compared: 0 }
    }

    /// The tree of the scope's folder, below that of a commit.
    pub fn top(&mut self, tree: ObjectId) -> Result<Option<ObjectId>, GitFault> {
        let mut found = Some(tree);
        for name in self.scope.folder {
            let Some(tree) = found else { break };
            found = Item::id_of(self.trees.item(tree, name.as_bytes())?, ItemKind::Folder);
        }
        Ok(found)
    }

    /// Whether a file is below the scope's folder.
    pub fn has_file(&mut self, top: Option<ObjectId>, path: &str) -> Result<bool, GitFault> {
        let mut item = top.map(|id| Item { kind: ItemKind::Folder, id });
        for name in path.split('/') {
            let Some(tree) = Item::id_of(item, ItemKind::Folder) else { return Ok(false) };
            item = self.trees.item(tree, name.as_bytes())?;
        }
        Ok(Item::id_of(item, ItemKind::File).is_some())
    }

    /// The documents that are in `new` as in none of `old`, in the order of their paths' bytes, and what cannot be a document. Only
    /// folders that differ from those of all parents are read.
    pub fn between(
        &mut self,
        new: Option<ObjectId>,
        old: Vec<Option<ObjectId>>,
    ) -> Result<(Vec<Change>, Vec<EntryProblem>), GitFault> {
        let mut found = Found::default();
        let mut waiting = Vec::new();
        let top = Folder { path: String::new(), new, old };
        if top.differs() {
            waiting.push(top);
        }
        while let Some(folder) = waiting.pop() {
            self.compare(&folder, &mut found, &mut waiting)?;
        }
        found.changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok((found.changes, found.problems))
    }

    fn compare(
        &mut self,
        folder: &Folder,
        found: &mut Found,
        waiting: &mut Vec<Folder>,
    ) -> Result<(), GitFault> {
        let mut tree = |id: &Option<ObjectId>| id.map(|id| self.trees.get(id)).transpose();
        let new = tree(&folder.new)?;
        let old: Vec<Option<Rc<Tree>>> = folder.old.iter().map(tree).collect::<Result<_, _>>()?;
        let entries = |tree: &'_ Option<Rc<Tree>>| tree.as_ref().map_or(0, |tree| tree.len());
        self.compared += (entries(&new) + old.iter().map(entries).sum::<usize>()) as u64;
        if self.compared > MOST_COMPARED {
            return Err(GitFault::Reason(
                "the commits before the revision have too many files and folders; name one folder, or a shallow clone"
                    .to_owned(),
            ));
        }
        let mut new = Cursor::new(new.as_deref());
        let mut old: Vec<Cursor<'_>> = old.iter().map(|tree| Cursor::new(tree.as_deref())).collect();
        while let Some(name) = old.iter().filter_map(Cursor::name).chain(new.name()).min() {
            let new = new.take(name);
            // The item in each parent.
            let old: Vec<Option<Item>> = old.iter_mut().map(|cursor| cursor.take(name)).collect();
            if !old.contains(&new) {
                self.compare_items(folder, name, new, &old, found, waiting)?;
            }
        }
        Ok(())
    }

    fn compare_items(
        &self,
        folder: &Folder,
        name: &[u8],
        new: Option<Item>,
        old: &[Option<Item>],
        found: &mut Found,
        waiting: &mut Vec<Folder>,
    ) -> Result<(), GitFault> {
        let ids = |kind| {
            let old: Vec<_> = old.iter().map(|item| Item::id_of(*item, kind)).collect();
            (Item::id_of(new, kind), old)
        };
        if let Some(file) = self.scope.file {
            if name == file.as_bytes() {
                found.add_file(file.to_owned(), ids(ItemKind::File));
            }
            return Ok(());
        }
        found.count(folder.path.len() + name.len())?;
        let path = match name_of(name, &folder.path) {
            Ok(path) => path,
            Err(problem) => {
                found.problems.extend(new.map(|_| problem));
                return Ok(());
            }
        };
        if name.starts_with(b".") {
            return Ok(());
        }
        match new.map(|item| item.kind) {
            Some(ItemKind::Link) => found.add_problem(&path, LINK),
            Some(ItemKind::Submodule) => found.add_problem(&path, SUBMODULE),
            _ => {}
        }
        let (new, old) = ids(ItemKind::Folder);
        let below = Folder { path: format!("{path}/"), new, old };
        if below.differs() {
            waiting.push(below);
        }
        if (self.scope.wanted)(&path) {
            found.add_file(path, ids(ItemKind::File));
        }
        Ok(())
    }
}

impl Folder {
    fn differs(&self) -> bool {
        !self.old.contains(&self.new) && (self.new.is_some() || !self.old.is_empty())
    }
}

/// The differences of a commit.
#[derive(Default)]
struct Found {
    changes: Vec<Change>,
    problems: Vec<EntryProblem>,
    entries: usize,
    path_bytes: usize,
}

impl Found {
    /// Counts an entry that differs, against the bounds of a listing.
    fn count(&mut self, path_bytes: usize) -> Result<(), GitFault> {
        self.entries += 1;
        self.path_bytes += path_bytes;
        if self.entries > MOST_FILES || self.path_bytes > MOST_PATH_BYTES {
            return Err(GitFault::Reason(
                "a commit changes more than 1,000,000 files and folders, or paths of more than 256 MiB; name one folder"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    fn add_problem(&mut self, path: &str, reason: &str) {
        self.problems.push(EntryProblem { path: path.to_owned(), reason: reason.to_owned() });
    }

    fn add_file(&mut self, path: String, (new, old): (Option<ObjectId>, Vec<Option<ObjectId>>)) {
        if !old.contains(&new) && (new.is_some() || !old.is_empty()) {
            self.changes.push(Change { path, new, old: old.into_iter().flatten().collect() });
        }
    }
}

/// A position in a tree.
struct Cursor<'t> {
    rest: &'t [(Box<[u8]>, Item)],
}

impl<'t> Cursor<'t> {
    fn new(tree: Option<&'t Tree>) -> Self {
        Cursor { rest: tree.map_or(&[], Vec::as_slice) }
    }

    fn name(&self) -> Option<&'t [u8]> {
        self.rest.first().map(|(name, _)| &**name)
    }

    /// The item of the next name, if it is this one.
    fn take(&mut self, name: &[u8]) -> Option<Item> {
        let ((next, item), rest) = self.rest.split_first()?;
        (**next == *name).then(|| {
            self.rest = rest;
            *item
        })
    }
}
