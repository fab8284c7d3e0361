//! The documents in a zip or tar archive. Nothing is unpacked under the names that an archive gives.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use super::{Container, Entry, EntryProblem, LARGEST, Place};

/// How an archive is packed, told by its name.
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
    /// The name without the archive's ending, and the kind; `None` where it is no archive's name.
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

type Listing = (Vec<Entry>, Vec<EntryProblem>);

/// Lists what is wanted in an archive. In no order.
pub(super) fn list(
    path: &Path,
    kind: Kind,
    wanted: impl Fn(&str) -> bool,
) -> io::Result<(Listing, Container)> {
    let (found, container) = match kind {
        Kind::Zip => (list_zip(path)?, Container::Zip(path.to_owned())),
        _ => {
            let file = Arc::new(open_tar(path, kind)?);
            (list_tar(&file)?, Container::Tar(file))
        }
    };
    let top = found.iter().filter_map(|item| item.path.as_ref().ok()).fold(None, |top, path| {
        let first = path.split_once('/').map_or("", |(first, _)| first);
        match top {
            None => Some(first.to_owned()),
            Some(top) if top == first => Some(top),
            Some(_) => Some(String::new()),
        }
    });
    let top = top.filter(|top| !top.is_empty()).map(|top| top + "/").unwrap_or_default();

    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for Item { path, size, place } in found {
        let path = match path {
            Ok(path) => path[top.len()..].to_owned(),
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
        entries.push(Entry { path, size: Some(size), place });
    }
    Ok(((entries, problems), container))
}

/// A file in an archive, whatever it is.
struct Item {
    path: Result<String, EntryProblem>,
    size: u64,
    place: Place,
}

fn list_zip(path: &Path) -> io::Result<Vec<Item>> {
    let mut archive = zip::ZipArchive::new(BufReader::new(File::open(path)?)).map_err(io::Error::other)?;
    let mut found = Vec::with_capacity(archive.len());
    for position in 0..archive.len() {
        let file = archive.by_index_raw(position).map_err(io::Error::other)?;
        if file.is_file() && !file.is_symlink() {
            let path = inner_path(file.name_raw());
            found.push(Item { path, size: file.size(), place: Place::Zip(position) });
        }
    }
    Ok(found)
}

fn list_tar(file: &File) -> io::Result<Vec<Item>> {
    let mut file = file;
    file.rewind()?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let mut found = Vec::new();
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        // Links, devices and folders are no documents.
        if entry.header().entry_type().is_file() {
            let path = inner_path(&entry.path_bytes());
            found.push(Item { path, size: entry.size(), place: Place::Tar(entry.raw_file_position()) });
        }
    }
    Ok(found)
}

/// A tar archive that can be read at any place: itself, or unpacked into a temporary file.
fn open_tar(path: &Path, kind: Kind) -> io::Result<File> {
    let file = File::open(path)?;
    let most = file.metadata()?.len().saturating_mul(MOST_GROWN).max(ALWAYS_ALLOWED);
    match kind {
        Kind::TarGzip => unpack(flate2::read::MultiGzDecoder::new(BufReader::new(file)), most),
        Kind::TarZstd => {
            let mut unpacked = zstd::Decoder::new(file)?;
            // What `zstd --long=27` needs, and no more: 128 MiB of memory.
            unpacked.window_log_max(27)?;
            unpack(unpacked, most)
        }
        Kind::Zip | Kind::Tar => Ok(file),
    }
}

/// No archive of documents grows by more than this; what does would fill the disk.
const MOST_GROWN: u64 = 1000;
/// But one that grows to so many bytes does no harm, however small it is.
const ALWAYS_ALLOWED: u64 = 1 << 30;

/// Unpacks into a temporary file, at most so many bytes.
fn unpack(packed: impl Read, most: u64) -> io::Result<File> {
    let mut plain = tempfile::tempfile()?;
    if io::copy(&mut packed.take(most), &mut plain)? == most {
        let reason =
            "it unpacks to more than a thousand times its size; unpack it first, and name the folder";
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    Ok(plain)
}

/// An entry's path in the archive, `/` separated, where it is one that leads to a place below the archive's top.
fn inner_path(raw: &[u8]) -> Result<String, EntryProblem> {
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
    fn archives_are_told_by_their_names() {
        assert_eq!(Kind::of_name("docs.ko-KR.tar.zst"), Some(("docs.ko-KR", Kind::TarZstd)));
        assert_eq!(Kind::of_name("docs-live-sxs.ZIP"), Some(("docs-live-sxs", Kind::Zip)));
        assert_eq!(Kind::of_name("a.tar.gz"), Some(("a", Kind::TarGzip)));
        assert_eq!(Kind::of_name("a.md"), None);
        assert_eq!(Kind::of_name(".zip"), None);
        assert_eq!(Kind::of_name("가.zip"), Some(("가", Kind::Zip)));
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        assert_eq!(unpack(io::repeat(b'x').take(99), 100).unwrap().metadata().unwrap().len(), 99);
        assert!(unpack(io::repeat(b'x'), 100).unwrap_err().to_string().contains("unpack it first"));
    }

    #[test]
    fn paths_out_of_an_archive_are_refused() {
        for path in ["../a.md", "/etc/a.md", "a/../../b.md", "a\\..\\b.md", "c:/b.md", "", "./"] {
            assert!(inner_path(path.as_bytes()).is_err(), "{path}");
        }
        assert_eq!(inner_path(b"./a//b.md").unwrap(), "a/b.md");
    }
}
