//! The documents below a folder.

use std::path::Path;

use ignore::{Error, WalkBuilder};

use super::{Entry, EntryProblem, Place, shown};

/// Lists what is wanted below `root`, a canonical path, and what could not be listed. In no order.
pub(super) fn list(root: &Path, wanted: impl Fn(&str) -> bool) -> (Vec<Entry>, Vec<EntryProblem>) {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    let boundary = root.to_path_buf();
    // The crate's other filters read .gitignore and its like, which have no part in this.
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .follow_links(true)
        .filter_entry(move |entry| !entry.path_is_symlink() || stays_below(entry.path(), &boundary))
        .build();
    for found in walk {
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                problems.push(problem(root, &error));
                continue;
            }
        };
        if !found.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let Some(path) = below(root, found.path()) else {
            let reason = "the file's name is not Unicode; rename it".to_owned();
            problems.push(EntryProblem { path: shown_below(root, found.path()), reason });
            continue;
        };
        if wanted(&path) {
            // A size that cannot be asked for is only a worse guess of how much to read.
            let size = found.metadata().map_or(0, |metadata| metadata.len());
            entries.push(Entry { path, size, place: Place::File(found.into_path()) });
        }
    }
    (entries, problems)
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
