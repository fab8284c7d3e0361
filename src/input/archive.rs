//! The common part of zip and tar archives. No file is created under a name from an archive.

use std::io;

use super::{Entry, EntryProblem, Limits, Listing};
use crate::model::strip_ending;

/// The format of an archive, known by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Zip,
    Tar,
    TarGzip,
    TarZstd,
}

const ENDINGS: [(&str, Kind); 6] = [
    (".zip", Kind::Zip),
    (".tar", Kind::Tar),
    (".tar.gz", Kind::TarGzip),
    (".tgz", Kind::TarGzip),
    (".tar.zst", Kind::TarZstd),
    (".tzst", Kind::TarZstd),
];

impl Kind {
    /// The name without the archive's ending, and the kind; `None` for the name of another file.
    pub(super) fn of_name(name: &str) -> Option<(&str, Kind)> {
        ENDINGS.iter().find_map(|&(ending, kind)| Some((strip_ending(name, ending)?, kind)))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Zip => "zip",
            Kind::Tar | Kind::TarGzip | Kind::TarZstd => "tar",
        }
    }
}

/// Why an archive cannot be listed.
#[derive(Debug)]
pub(super) enum ArchiveFault {
    /// It is no such archive, it is damaged, or it exceeds a bound.
    Archive(io::Error),
    /// Its unpacked copy cannot be written.
    Temporary(io::Error),
}

impl From<io::Error> for ArchiveFault {
    fn from(error: io::Error) -> Self {
        ArchiveFault::Archive(error)
    }
}

/// An error of an archive, in a sentence.
pub(super) fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

/// A file in an archive, document or not.
struct Item {
    path: String,
    /// Where its bytes are, or the reason why they are not read.
    content: Result<Content, &'static str>,
}

/// Where the bytes of a file are.
#[derive(Clone, Copy)]
pub(super) struct Content {
    pub size: u64,
    /// See [`Entry`].
    pub key: u64,
}

/// The files of an archive, while it is listed.
#[derive(Default)]
pub(super) struct Items {
    items: Vec<Item>,
    problems: Vec<EntryProblem>,
    path_bytes: usize,
}

/// The most files of an archive, and the most bytes of their paths together: the list of them is in memory.
pub(super) const MOST_FILES: usize = 1_000_000;
pub(super) const MOST_PATH_BYTES: usize = 256 << 20;

impl Items {
    /// Adds a file, by its path as it is in the archive.
    pub fn add(&mut self, path: &[u8], content: Result<Content, &'static str>) -> io::Result<()> {
        self.path_bytes += path.len();
        if self.items.len() + self.problems.len() == MOST_FILES || self.path_bytes > MOST_PATH_BYTES {
            return Err(too_many());
        }
        match inner_path(path) {
            Ok(path) => self.items.push(Item { path, content }),
            Err(problem) => self.problems.push(problem),
        }
        Ok(())
    }

    /// Adds a problem of the archive as a whole.
    pub fn add_problem(&mut self, reason: impl Into<String>) {
        self.problems.push(EntryProblem { path: String::new(), reason: reason.into() });
    }

    /// Adds a problem of one file, by its path as it is in the archive.
    pub fn add_problem_at(&mut self, path: &[u8], reason: &str) {
        let path = String::from_utf8_lossy(path).into_owned();
        self.problems.push(EntryProblem { path, reason: reason.to_owned() });
    }

    /// Refuses an archive that states more files than are listed, before they are read.
    pub fn check_number(files: usize) -> io::Result<()> {
        if files > MOST_FILES { Err(too_many()) } else { Ok(()) }
    }
}

fn too_many() -> io::Error {
    invalid(
        "it holds more than 1,000,000 files, or paths of more than 256 MiB; unpack it, and name the folder",
    )
}

/// The documents among the files of an archive, without the one folder at its top.
pub(super) fn select(listed: Items, limits: &Limits, wanted: impl Fn(&str) -> bool) -> Listing {
    let Items { items, mut problems, .. } = listed;
    // A link at the top is no reason to keep the folder beside it in the paths.
    let files = items.iter().filter(|item| item.content.is_ok());
    let mut tops = files.map(|item| {
        let (top, _) = item.path.split_once('/').unwrap_or_default();
        top
    });
    let top = tops.next().filter(|top| !top.is_empty() && tops.all(|other| other == *top));
    let top = top.map_or(String::new(), |top| format!("{top}/"));

    let mut entries = Vec::new();
    for Item { path, content } in items {
        let path = path.strip_prefix(&top).unwrap_or(&path).to_owned();
        let hidden = path.split('/').any(|part| part.starts_with('.'));
        if hidden || !wanted(&path) {
            continue;
        }
        match content {
            Ok(Content { size, key }) if size <= limits.document.0 => {
                entries.push(Entry { path, size: Some(size), key, object: None });
            }
            Ok(_) => problems.push(EntryProblem { path, reason: limits.too_large() }),
            Err(reason) => problems.push(EntryProblem { path, reason: reason.to_owned() }),
        }
    }
    (entries, problems)
}

/// The longest path: that of Linux. `extract` prints the path with each segment.
pub(super) const LONGEST_PATH: usize = 4096;

/// The problem of a path that is longer than [`LONGEST_PATH`].
pub(super) fn long_path(path: &str) -> EntryProblem {
    let start: String = path.chars().take(100).collect();
    let reason = format!("a path of {} bytes; the entry was left out", path.len());
    EntryProblem { path: format!("{start}…"), reason }
}

/// The path of an entry, `/` separated. An error if it leads out of the archive.
fn inner_path(raw: &[u8]) -> Result<String, EntryProblem> {
    let refused = |reason: &str| EntryProblem {
        path: String::from_utf8_lossy(raw).into_owned(),
        reason: reason.to_owned(),
    };
    let text = std::str::from_utf8(raw).map_err(|_| refused("the path in the archive is not UTF-8"))?;
    if text.len() > LONGEST_PATH {
        return Err(long_path(text));
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let leads_out = text.starts_with('/')
        || text.contains('\0')
        || parts.iter().any(|part| *part == ".." || part.contains('\\') || part.ends_with(':'));
    if leads_out || parts.is_empty() {
        return Err(refused("the path leads out of the archive; the entry was left out"));
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_known_by_its_name() {
        assert_eq!(Kind::of_name("docs.ko-KR.tar.zst"), Some(("docs.ko-KR", Kind::TarZstd)));
        assert_eq!(Kind::of_name("docs-live-sxs.ZIP"), Some(("docs-live-sxs", Kind::Zip)));
        assert_eq!(Kind::of_name("a.tar.gz"), Some(("a", Kind::TarGzip)));
        assert_eq!(Kind::of_name("a.md"), None);
        assert_eq!(Kind::of_name(".zip"), None);
        assert_eq!(Kind::of_name("가.zip"), Some(("가", Kind::Zip)));
    }

    #[test]
    fn paths_out_of_an_archive_are_refused() {
        for path in ["../a.md", "/etc/a.md", "a/../../b.md", "a\\..\\b.md", "c:/b.md", "", "./"] {
            assert!(inner_path(path.as_bytes()).is_err(), "{path}");
        }
        assert_eq!(inner_path(b"./a//b.md").unwrap(), "a/b.md");
        assert!(inner_path("long/".repeat(1000).as_bytes()).unwrap_err().reason.contains("5000 bytes"));
    }
}
