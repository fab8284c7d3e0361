//! Where documents come from: folders, files and archives; bytes with a name. Knows nothing of what is in them.
//!
//! A document set is listed first, in path order, and can then be read from any number of threads.

mod archive;
mod folder;
mod parallel;

pub use parallel::read_in_order;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A larger document is refused: nothing that people write comes near, and an archive can claim any size.
const LARGEST: u64 = 1 << 30;

/// Why a path gives no documents at all.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The path cannot be opened.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// As the user named it.
        path: String,
        /// What the operating system said.
        cause: io::Error,
    },
    /// An archive that cannot be listed.
    #[error("{path} is not a {kind} archive that can be read: {cause}")]
    BadArchive {
        /// As the user named it.
        path: String,
        /// `zip` or `tar`.
        kind: &'static str,
        /// What is wrong in it.
        cause: io::Error,
    },
    /// A path with nothing to name a set after, such as `/`.
    #[error("{path} has no name to call the document set by; give one with --set")]
    Nameless {
        /// As the user named it.
        path: String,
    },
}

/// One document that can be read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The path below the set, `/` separated.
    pub path: String,
    /// Its length in bytes, where the listing tells. A folder's does not: to ask costs as much as to open.
    size: Option<u64>,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    /// The position in the archive's directory.
    Zip(usize),
    /// The offset of the bytes in the archive.
    Tar(u64),
}

/// Something in a set that cannot be read as a document: a folder, a link, an archive's entry.
#[derive(Clone, Debug)]
pub struct EntryProblem {
    /// The path below the set, `/` separated.
    pub path: String,
    /// What is wrong.
    pub reason: String,
}

/// The documents under one named path.
#[derive(Debug)]
pub struct DocumentSet {
    /// The folder's or archive's name without its ending; of a single file, its folder's name.
    pub name: String,
    /// The path as the user named it, `/` separated.
    pub path: String,
    /// Where it really is: two sets of the same name are the same where this is the same.
    pub root: PathBuf,
    /// Whether this is one file of a set rather than the whole of it.
    pub single: bool,
    /// In the order of their paths' bytes.
    pub entries: Vec<Entry>,
    /// What was met while listing.
    pub problems: Vec<EntryProblem>,
    container: Container,
}

#[derive(Clone, Debug)]
enum Container {
    Files,
    Zip(PathBuf),
    /// A tar file, or the unpacked copy of a compressed one in a temporary file that the system removes.
    Tar(Arc<File>),
}

impl DocumentSet {
    /// Lists the documents of a folder, an archive (`.zip`, `.tar`, `.tar.gz`, `.tgz`, `.tar.zst`) or a single file.
    ///
    /// `wanted` chooses by path below the set; a file that is named itself is taken whatever it is called. `name`, where
    /// given, is the set's name. Hidden files and links out of the tree are left alone; an archive's one folder at its top
    /// is no part of the paths.
    ///
    /// # Errors
    /// Where the path itself cannot be listed. What cannot be read below it is among [`DocumentSet::problems`].
    pub fn open(
        path: &Path,
        name: Option<&str>,
        wanted: impl Fn(&str) -> bool + Sync,
    ) -> Result<DocumentSet, InputError> {
        let shown = shown(path);
        let unreadable = |cause| InputError::Unreadable { path: shown.clone(), cause };
        let root = std::fs::canonicalize(path).map_err(unreadable)?;
        let nameless = || InputError::Nameless { path: shown.clone() };
        let file_name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let given = name.map(str::to_owned);

        if root.is_dir() {
            let name = given.or_else(|| file_name(&root)).ok_or_else(nameless)?;
            let (entries, problems) = folder::list(&root, wanted);
            return Ok(DocumentSet {
                name,
                path: shown,
                root,
                single: false,
                entries,
                problems,
                container: Container::Files,
            }
            .in_order());
        }
        let file = file_name(&root).ok_or_else(nameless)?;
        if let Some((stem, kind)) = archive::Kind::of_name(&file) {
            let name = given.unwrap_or_else(|| stem.to_owned());
            let (listing, container) = archive::list(&root, kind, wanted)
                .map_err(|cause| InputError::BadArchive { path: shown.clone(), kind: kind.name(), cause })?;
            let (entries, problems) = listing;
            return Ok(DocumentSet { name, path: shown, root, single: false, entries, problems, container }
                .in_order());
        }
        let parent = root.parent().map(Path::to_path_buf).unwrap_or_default();
        let name = given.or_else(|| file_name(&parent)).ok_or_else(nameless)?;
        let entries = vec![Entry { path: file, size: None, place: Place::File(root) }];
        Ok(DocumentSet {
            name,
            path: shown,
            root: parent,
            single: true,
            entries,
            problems: Vec::new(),
            container: Container::Files,
        })
    }

    fn in_order(mut self) -> Self {
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        self.problems.sort_by(|a, b| (&a.path, &a.reason).cmp(&(&b.path, &b.reason)));
        // An archive can hold a path twice; unpacking it would leave the last.
        let mut kept: Vec<Entry> = Vec::with_capacity(self.entries.len());
        for entry in self.entries.drain(..) {
            match kept.last_mut() {
                Some(last) if last.path == entry.path => {
                    let reason = "the archive holds this path twice; the last one counts".to_owned();
                    self.problems.push(EntryProblem { path: entry.path.clone(), reason });
                    *last = entry;
                }
                _ => kept.push(entry),
            }
        }
        self.entries = kept;
        self
    }

    /// A reader of the set's documents for one thread.
    ///
    /// # Errors
    /// Where the archive is no longer there.
    pub fn reader(&self) -> io::Result<Reader> {
        Ok(match &self.container {
            Container::Files => Reader::Files,
            Container::Zip(path) => {
                Reader::Zip(Box::new(zip::ZipArchive::new(File::open(path)?).map_err(io::Error::other)?))
            }
            Container::Tar(file) => Reader::Tar(Arc::clone(file)),
        })
    }
}

/// Reads documents of one set.
pub enum Reader {
    #[doc(hidden)]
    Files,
    #[doc(hidden)]
    Zip(Box<zip::ZipArchive<File>>),
    #[doc(hidden)]
    Tar(Arc<File>),
}

impl Reader {
    /// Reads a document of the set that this reader was made by into `bytes`, in place of what is there.
    ///
    /// # Errors
    /// Where it cannot be read, or is larger than a gigabyte.
    pub fn read(&mut self, entry: &Entry, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.clear();
        match (self, &entry.place) {
            (_, Place::File(path)) => read_all(File::open(path)?, entry.size, bytes),
            (Reader::Zip(archive), Place::Zip(position)) => {
                let file = archive.by_index(*position).map_err(io::Error::other)?;
                read_all(file, entry.size, bytes)
            }
            (Reader::Tar(file), Place::Tar(offset)) => {
                let size = entry.size.unwrap_or_default();
                bytes.resize(usize::try_from(size).map_err(io::Error::other)?, 0);
                read_at(file, *offset, bytes)
            }
            _ => Err(io::Error::other("the document is of another set")),
        }
    }
}

fn read_all(source: impl Read, expected: Option<u64>, bytes: &mut Vec<u8>) -> io::Result<()> {
    // An archive can claim any size, so what it claims is reserved only within reason.
    bytes.reserve(expected.map_or(64 << 10, |size| size.min(16 << 20) as usize + 1));
    source.take(LARGEST + 1).read_to_end(bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("larger than a gigabyte; no document is"));
    }
    Ok(())
}

/// Reads at an offset without moving the position that other threads read from, where the system can.
fn read_at(file: &File, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileExt;
        file.read_exact_at(bytes, offset)
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::FileExt;
        let mut done = 0;
        while done < bytes.len() {
            match file.seek_read(&mut bytes[done..], offset + done as u64)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => done += read,
            }
        }
        Ok(())
    }
    #[cfg(not(any(unix, windows)))]
    {
        use std::io::{Seek, SeekFrom};
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(bytes)
    }
}

/// A path for people: `/` separated, also where it is not UTF-8.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
