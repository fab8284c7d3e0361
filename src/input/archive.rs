//! The common part of zip and tar archives. No file is created under a name from an archive.

use super::{Entry, EntryProblem, LARGEST, Listing};

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
        ENDINGS.iter().find_map(|&(ending, kind)| {
            let stem = name.len().checked_sub(ending.len()).filter(|&length| length > 0)?;
            let (stem, rest) = (name.get(..stem)?, name.get(stem..)?);
            rest.eq_ignore_ascii_case(ending).then_some((stem, kind))
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Zip => "zip",
            Kind::Tar | Kind::TarGzip | Kind::TarZstd => "tar",
        }
    }
}

/// A file in an archive, document or not.
pub(super) struct Item {
    /// As [`inner_path`] returns it.
    pub path: Result<String, EntryProblem>,
    pub size: u64,
    /// See [`Entry`].
    pub key: u64,
}

/// The documents among the files of an archive, without the one folder at its top.
pub(super) fn select(items: Vec<Item>, wanted: impl Fn(&str) -> bool) -> Listing {
    let mut tops = items.iter().filter_map(|item| item.path.as_ref().ok()).map(|path| {
        let (top, _) = path.split_once('/').unwrap_or_default();
        top
    });
    let top = tops.next().filter(|top| !top.is_empty() && tops.all(|other| other == *top));
    let length = top.map_or(0, |top| top.len() + 1);

    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for Item { path, size, key } in items {
        let path = match path {
            Ok(path) => path[length..].to_owned(),
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let hidden = path.split('/').any(|part| part.starts_with('.'));
        if hidden || !wanted(&path) {
            continue;
        }
        if size > LARGEST {
            let reason = "larger than a gigabyte; no document is".to_owned();
            problems.push(EntryProblem { path, reason });
            continue;
        }
        entries.push(Entry { path, size: Some(size), key });
    }
    (entries, problems)
}

/// The path of an entry, `/` separated. An error if it leads out of the archive.
pub(super) fn inner_path(raw: &[u8]) -> Result<String, EntryProblem> {
    let refused = |reason: &str| EntryProblem {
        path: String::from_utf8_lossy(raw).into_owned(),
        reason: reason.to_owned(),
    };
    let text = std::str::from_utf8(raw).map_err(|_| refused("the path in the archive is not UTF-8"))?;
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
    }
}
