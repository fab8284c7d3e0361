//! The documents below a folder.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, Error, WalkBuilder, WalkState};

use super::{Entry, EntryProblem, Extent, Listing, Reader, Source, read_all, shown, special_file};

/// A folder, named by its canonical path. Its entries need no key.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// A folder, and the wanted files below it.
    pub(super) fn list(root: &Path, wanted: impl Fn(&str) -> bool + Sync) -> (Folder, Listing) {
        (Folder { root: root.to_owned() }, list(root, wanted))
    }

    /// A folder, and one file in it.
    pub(super) fn of_file(root: &Path, file: String) -> (Folder, Listing) {
        let entries = vec![Entry { path: file, size: None, key: 0, object: None }];
        (Folder { root: root.to_owned() }, (entries, Vec::new()))
    }
}

impl Source for Folder {
    fn reader(&self) -> io::Result<Box<dyn Reader + '_>> {
        Ok(Box::new(self))
    }
}

impl Reader for &Folder {
    fn read(&mut self, entry: &Entry, most: u64, bytes: &mut Vec<u8>) -> io::Result<Extent> {
        read_all(File::open(self.root.join(&entry.path))?, entry.size, most, bytes)
    }
}

fn list(root: &Path, wanted: impl Fn(&str) -> bool + Sync) -> Listing {
    let boundary = root.to_path_buf();
    // Without the filters of the crate, which read .gitignore and similar files.
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .follow_links(true)
        .threads(crate::parallel::available_threads())
        .filter_entry(move |entry| !entry.path_is_symlink() || stays_below(entry.path(), &boundary))
        .build_parallel();
    let (send, receive) = std::sync::mpsc::channel();
    walk.run(|| {
        let (send, wanted) = (send.clone(), &wanted);
        Box::new(move |found| {
            let listed = match found {
                Ok(found) => entry(root, &found, wanted),
                Err(error) => Some(Err(problem(root, &error))),
            };
            // The receiver outlives the walk.
            listed.into_iter().for_each(|listed| send.send(listed).unwrap_or_default());
            WalkState::Continue
        })
    });
    drop(send);
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for listed in receive {
        match listed {
            Ok(entry) => entries.push(entry),
            Err(problem) => problems.push(problem),
        }
    }
    (entries, problems)
}

/// The entry of a file; `None` if it is not wanted.
fn entry(
    root: &Path,
    found: &DirEntry,
    wanted: impl Fn(&str) -> bool,
) -> Option<Result<Entry, EntryProblem>> {
    let kind = found.file_type()?;
    if kind.is_dir() {
        return None;
    }
    let Some(path) = below(root, found.path()) else {
        let reason = "the file's name is not Unicode; rename it".to_owned();
        return Some(Err(EntryProblem { path: shown_below(root, found.path()), reason }));
    };
    if !wanted(&path) {
        return None;
    }
    // To open a pipe would wait for another process.
    Some(match special_file(kind) {
        Some(kind) => {
            Err(EntryProblem { path, reason: format!("it is {kind}, not a file; it was left out") })
        }
        None => Ok(Entry { path, size: None, key: 0, object: None }),
    })
}

/// Whether the target of a link is in the tree. Broken links pass too, so that the walk reports them.
fn stays_below(link: &Path, root: &Path) -> bool {
    std::fs::canonicalize(link).map_or(true, |target| target.starts_with(root))
}

fn below(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> =
        path.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

fn shown_below(root: &Path, path: &Path) -> String {
    shown(path.strip_prefix(root).unwrap_or(path))
}

fn problem(root: &Path, error: &Error) -> EntryProblem {
    match error {
        Error::WithPath { path, err } => {
            let inner = problem(root, err);
            EntryProblem { path: shown_below(root, path), reason: inner.reason }
        }
        Error::WithDepth { err, .. } | Error::WithLineNumber { err, .. } => problem(root, err),
        Error::Loop { ancestor, child } => EntryProblem {
            path: shown_below(root, child),
            reason: format!(
                "a link loop: it leads back to {}",
                match shown_below(root, ancestor).as_str() {
                    "" => "the folder itself",
                    ancestor => ancestor,
                }
            ),
        },
        other => EntryProblem { path: String::new(), reason: format!("cannot be read: {other}") },
    }
}
