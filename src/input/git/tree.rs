//! Lists the documents of one tree.

use gix::Repository;
use gix::hash::ObjectId;
use gix::objs::tree::EntryKind;
use gix::objs::{Kind, TreeRefIter};

use super::object::{GitFault, damaged, id_of, object};
use crate::input::archive::{LONGEST_PATH, MOST_FILES, MOST_PATH_BYTES, long_path};
use crate::input::{Entry, EntryProblem, Listing};

pub(super) const LINK: &str =
    "a symbolic link in a repository is not followed; check the revision out, and name the folder";
pub(super) const SUBMODULE: &str =
    "a submodule, which is another repository; name a clone of it to read its documents";

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

/// Lists the wanted documents of a folder of a tree, or its one named file, in no order. Returns also whether it is a file.
pub(super) fn list(
    repository: &Repository,
    tree: ObjectId,
    folder: &[String],
    wanted: impl Fn(&str) -> bool,
) -> Result<(Listing, bool), GitFault> {
    let mut walk = Walk { repository, found: Found::default(), wanted };
    let single = walk.list(tree, folder)?;
    Ok((walk.found.listing, single))
}

impl<W: Fn(&str) -> bool> Walk<'_, W> {
    fn list(&mut self, top: ObjectId, folder: &[String]) -> Result<bool, GitFault> {
        let mut tree = top;
        for (depth, name) in folder.iter().enumerate() {
            let data = object(self.repository, tree)?;
            let mut entries = TreeRefIter::from_bytes(&data.data, tree.kind()).filter_map(Result::ok);
            let found = entries.find(|entry| entry.filename == name.as_str());
            let is_last = depth + 1 == folder.len();
            match found.map(|entry| (entry.mode.kind(), entry.oid.to_owned())) {
                Some((EntryKind::Tree, id)) => tree = id,
                Some((EntryKind::Blob | EntryKind::BlobExecutable, id)) if is_last => {
                    self.add_document(name.clone(), id);
                    return Ok(true);
                }
                _ => {
                    let reason = format!("the revision has no folder or file {}", folder.join("/"));
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
pub(super) fn name_of(name: &[u8], folder: &str) -> Result<String, EntryProblem> {
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
