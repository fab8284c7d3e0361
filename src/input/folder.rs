//! The documents below a folder.

use std::fs::File;
use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, Error, WalkBuilder, WalkState};

use super::buffer::{Buffer, Content};
use super::{Entry, EntryProblem, Listing, Reader, Source, shown, special_file};

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
        Ok(Box::new(FolderReader { root: &self.root, buffer: Buffer::default() }))
    }
}

struct FolderReader<'f> {
    root: &'f Path,
    buffer: Buffer,
}

impl Reader for FolderReader<'_> {
    fn read(&mut self, entry: &Entry, most: u64) -> io::Result<Content<'_>> {
        self.buffer.read(File::open(self.root.join(&entry.path))?, most)
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
    let listing = Mutex::default();
    walk.run(|| {
        let mut part = Part { entries: Vec::new(), problems: Vec::new(), listing: &listing };
        let wanted = &wanted;
        Box::new(move |found| {
            match found {
                Ok(found) => entry(root, &found, wanted).into_iter().for_each(|listed| match listed {
                    Ok(entry) => part.entries.push(entry),
                    Err(problem) => part.problems.push(problem),
                }),
                Err(error) => part.problems.push(problem(root, &error)),
            }
            WalkState::Continue
        })
    });
    listing.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What one thread of a walk has listed. When the thread ends, it is sorted and added to the listing. So the listing is a few sorted
/// runs, which its stable sort has only to merge.
struct Part<'l> {
    entries: Vec<Entry>,
    problems: Vec<EntryProblem>,
    listing: &'l Mutex<Listing>,
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        self.entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let mut listing = self.listing.lock().unwrap_or_else(PoisonError::into_inner);
        listing.0.append(&mut self.entries);
        listing.1.append(&mut self.problems);
    }
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
    // A walk prepends the root to all paths, so they need not be compared component by component.
    let [root, path] = [root, path].map(|path| path.as_os_str().as_encoded_bytes());
    let path = std::str::from_utf8(path.strip_prefix(root)?).ok()?.trim_start_matches(MAIN_SEPARATOR);
    Some(match MAIN_SEPARATOR {
        '/' => path.to_owned(),
        separator => path.replace(separator, "/"),
    })
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
