//! The documents below a folder.

use std::path::Path;

use ignore::{DirEntry, Error, WalkBuilder, WalkState};

use super::{Entry, EntryProblem, Place, shown};

/// Lists what is wanted below `root`, a canonical path, and what could not be listed. In no order.
pub(super) fn list(root: &Path, wanted: impl Fn(&str) -> bool + Sync) -> (Vec<Entry>, Vec<EntryProblem>) {
    let boundary = root.to_path_buf();
    // The crate's other filters read .gitignore and its like, which have no part in this.
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

/// The document that a file is, where it is one that is wanted.
fn entry(
    root: &Path,
    found: &DirEntry,
    wanted: impl Fn(&str) -> bool,
) -> Option<Result<Entry, EntryProblem>> {
    if !found.file_type().is_some_and(|kind| kind.is_file()) {
        return None;
    }
    let Some(path) = below(root, found.path()) else {
        let reason = "the file's name is not Unicode; rename it".to_owned();
        return Some(Err(EntryProblem { path: shown_below(root, found.path()), reason }));
    };
    wanted(&path).then(|| Ok(Entry { path, size: None, place: Place::File(found.path().to_owned()) }))
}

/// Whether a link leads to something in the tree. One that leads nowhere is let through, for the walk to name it.
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
