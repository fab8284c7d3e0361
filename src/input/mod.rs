//! Sources of documents: folders, files, archives and Git repositories. Lists names and reads bytes; does not know the content.
//!
//! A document set is listed first, in path order, and can then be read from any number of threads. Each kind of place is a
//! `Source`, one file each: `folder`, `zip`, `tar`, `git`.

mod archive;
mod buffer;
mod folder;
#[cfg(feature = "git")]
mod git;
mod history;
mod limits;
mod location;
mod parallel;
mod shared_file;
mod tar;
mod zip;

pub use crate::model::shown;
pub use buffer::Content;
pub use history::{DocumentHistory, History};
pub use limits::{Allowance, Limits};
pub use location::Location;
pub use parallel::{Work, read_in_order, read_in_order_with};
pub use zip::names_seen_twice;

use std::io;
use std::path::{Path, PathBuf};

use self::tar::Tar;
use self::zip::Zip;
use crate::model::{Commit, ObjectId, special_file};
use archive::{ArchiveFault, Kind};
use location::InRepository;

/// A problem of an archive or a repository. Unpacking it would leave the last file of that path.
pub const TWICE: &str = "this path occurs twice; the last one counts";

/// Why a path holds no documents that can be listed.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The path cannot be opened.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// As the user named it.
        path: String,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// A pipe, a socket or a device. Each document is read from its start, some twice.
    #[error("{path} is {kind}; write its content to a file, and name that")]
    Special {
        /// As the user named it.
        path: String,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// The unpacked copy of an archive cannot be written.
    #[error(
        "cannot unpack {path} in the folder for temporary files, {folder}: {cause}; name another with {variable}"
    )]
    NotUnpacked {
        /// As the user named it.
        path: String,
        /// The folder.
        folder: String,
        /// The environment variable that names it.
        variable: &'static str,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// An archive that cannot be listed.
    #[error("{path} is not a {kind} archive that can be read: {cause}")]
    BadArchive {
        /// As the user named it.
        path: String,
        /// `zip` or `tar`.
        kind: &'static str,
        /// The cause.
        cause: io::Error,
    },
    /// A revision of a Git repository that cannot be listed.
    #[error("cannot read {path}: {reason}")]
    Repository {
        /// As the user named it.
        path: String,
        /// A sentence.
        reason: String,
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
    /// The id of its content, in a revision of a repository.
    pub object: Option<ObjectId>,
    /// Its length in bytes, if the listing reports it. A folder's listing does not, because a `stat` takes as long as opening.
    size: Option<u64>,
    /// The key by which the source finds it: an index, an offset, or nothing if the path is enough.
    key: u64,
}

impl Entry {
    /// A file of a repository. Any set of that repository can read it.
    #[cfg(feature = "git")]
    fn of_object(path: String, object: ObjectId) -> Entry {
        Entry { path, object: Some(object), size: None, key: 0 }
    }
}

/// Something in a set that cannot be read as a document: a folder, a link, an archive's entry.
#[derive(Clone, Debug)]
pub struct EntryProblem {
    /// The path below the set, `/` separated.
    pub path: String,
    /// The reason.
    pub reason: String,
}

/// The documents of a source, and its unreadable parts, in no order.
type Listing = (Vec<Entry>, Vec<EntryProblem>);

/// A container of documents. Constructors list them: they return the source with its [`Listing`].
trait Source: std::fmt::Debug + Send + Sync {
    /// A reader for one thread.
    fn reader(&self) -> io::Result<Box<dyn Reader + '_>>;

    /// The document at a path in another commit, and the commit; `None` if it has no such commit or document.
    #[cfg(feature = "git")]
    fn entry_at(&self, _commit: &str, _path: &str) -> Result<Option<(Entry, Commit)>, git::GitFault> {
        Ok(None)
    }

    /// The versions of the wanted documents, if they have a history.
    #[cfg(feature = "git")]
    fn history(
        &self,
        _wanted: &dyn Fn(&str) -> bool,
        _identity: &dyn Fn(&[u8]) -> Vec<String>,
    ) -> Result<Option<History>, git::GitFault> {
        Ok(None)
    }
}

/// Reads documents of one set, on one thread. Made by [`DocumentSet::reader`].
pub trait Reader {
    /// Announces the next documents, which have at most so many bytes together if they are to be read ahead. A source reads them
    /// in the order that is best for it.
    fn prepare(&mut self, entries: &[&Entry], most: u64) {
        let _ = (entries, most);
    }

    /// Reads at most so many bytes of a document of the set, into a buffer of the reader. The buffer grows as bytes arrive; what
    /// an archive states of a size is not relied on.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&mut self, entry: &Entry, most: u64) -> io::Result<Content<'_>>;
}

/// The documents under one named path.
#[derive(Debug)]
pub struct DocumentSet {
    /// The folder's or archive's name without its ending; of a single file, its folder's name.
    pub name: String,
    /// The path as the user named it, `/` separated.
    pub path: String,
    /// The canonical path: two sets of the same name are the same if this is the same.
    pub root: PathBuf,
    /// Whether this is one file of a set rather than the whole of it.
    pub single: bool,
    /// In the order of their paths' bytes.
    pub entries: Vec<Entry>,
    /// The parts that could not be listed, in the order of path and reason.
    pub problems: Vec<EntryProblem>,
    /// The side-by-side branch of a repository, if no revision of it was named: the path ends in it.
    pub branch: Option<String>,
    /// The commit that is read; `None` for a folder, an archive, and a revision that names a tree.
    pub commit: Option<Commit>,
    /// What separates the path from that of a document.
    separator: char,
    source: Box<dyn Source>,
    limits: Limits,
}

impl DocumentSet {
    /// Lists the documents of a folder, an archive (`.zip`, `.tar`, `.tar.gz`, `.tgz`, `.tar.zst`), a single file, or a revision
    /// of a Git repository or bundle.
    ///
    /// `wanted` selects by path below the set; a file that is named itself is always selected. `name`, if any, is the set's
    /// name. Hidden files and links out of the tree are ignored; an archive's one folder at its top is no part of the paths.
    ///
    /// # Errors
    /// If the path itself cannot be listed. Unreadable parts below it are in [`DocumentSet::problems`].
    pub fn open<'a>(
        location: impl Into<Location<'a>>,
        name: Option<&str>,
        limits: Limits,
        wanted: impl Fn(&str) -> bool + Sync,
    ) -> Result<DocumentSet, InputError> {
        let location = location.into();
        if let Some(place) = location.in_repository() {
            return DocumentSet::open_revision(place, name, limits, wanted);
        }
        let path = location.path;
        let shown = shown(path);
        let unreadable = |cause| InputError::Unreadable { path: shown.clone(), cause };
        // Before the canonical path is looked for: a pipe of the shell has none.
        let kind = std::fs::metadata(path).map_err(unreadable)?.file_type();
        if let Some(kind) = special_file(kind) {
            return Err(InputError::Special { path: shown, kind });
        }
        let root = std::fs::canonicalize(path).map_err(unreadable)?;
        let file_name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let named = |default: Option<String>| {
            let nameless = || InputError::Nameless { path: shown.clone() };
            name.map(str::to_owned).or(default).ok_or_else(nameless)
        };
        if root.is_dir() {
            let name = named(file_name(&root))?;
            let (source, listing) = folder::Folder::list(&root, wanted);
            return Ok(DocumentSet::new(name, shown, root, Box::new(source), listing, limits));
        }
        let file = file_name(&root);
        if let Some((stem, kind)) = file.as_deref().and_then(Kind::of_name) {
            let name = named(Some(stem.to_owned()))?;
            let (source, listing) = list_archive(&root, kind, &limits, wanted)
                .map_err(|fault| InputError::of_archive(&shown, kind, fault))?;
            return Ok(DocumentSet::new(name, shown, root, source, listing, limits));
        }
        let file = file.ok_or_else(|| InputError::Nameless { path: shown.clone() })?;
        let folder = root.parent().map(Path::to_path_buf).unwrap_or_default();
        let name = named(file_name(&folder))?;
        let (source, listing) = folder::Folder::of_file(&folder, file);
        let set = DocumentSet::new(name, shown, folder, Box::new(source), listing, limits);
        Ok(DocumentSet { single: true, ..set })
    }

    /// Lists a revision. Its folder makes the same set as that folder of a checkout: with its name, and paths below it.
    #[cfg(feature = "git")]
    fn open_revision(
        place: InRepository,
        name: Option<&str>,
        limits: Limits,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<DocumentSet, InputError> {
        let shown = place.shown();
        let named = place.revision.is_some();
        let canonical = std::fs::canonicalize(&place.repository)
            .map_err(|cause| InputError::Unreadable { path: shown.clone(), cause })?;
        let git::Listed { source, listing, place, single, commit } =
            git::list(place, &limits, wanted).map_err(|fault| InputError::of_repository(&shown, fault))?;
        let folders = &place.folder[..place.folder.len() - usize::from(single)];
        let default = folders.last().cloned().or_else(|| location::repository_name(&canonical));
        let nameless = || InputError::Nameless { path: shown.clone() };
        let name = name.map(str::to_owned).or(default).ok_or_else(nameless)?;
        // Not a path: two revisions of one repository are different sets.
        let mut root = canonical.into_os_string();
        root.push(format!("@{}", place.revision.as_deref().unwrap_or_default()));
        if !folders.is_empty() {
            root.push(format!(":{}", folders.join("/")));
        }
        let set = DocumentSet::new(name, place.shown(), root.into(), Box::new(source), listing, limits);
        let separator = if place.folder.is_empty() { ':' } else { '/' };
        Ok(DocumentSet { single, separator, branch: place.revision.filter(|_| !named), commit, ..set })
    }

    #[cfg(not(feature = "git"))]
    fn open_revision(
        place: InRepository,
        _: Option<&str>,
        _: Limits,
        _: impl Fn(&str) -> bool,
    ) -> Result<DocumentSet, InputError> {
        let reason = "this build cannot read Git repositories; build it with the feature \"git\"".to_owned();
        Err(InputError::Repository { path: place.shown(), reason })
    }

    /// A set of the documents of a source, sorted.
    fn new(
        name: String,
        path: String,
        root: PathBuf,
        source: Box<dyn Source>,
        (mut listed, mut problems): Listing,
        limits: Limits,
    ) -> DocumentSet {
        // A stable sort: of entries with the same path, the last one in the archive remains the last.
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        problems.sort_by(|a, b| (&a.path, &a.reason).cmp(&(&b.path, &b.reason)));
        // An archive can hold a path twice; unpacking it would leave the last.
        listed.dedup_by(|later, earlier| {
            let is_twice = later.path == earlier.path;
            if is_twice {
                problems.push(EntryProblem { path: later.path.clone(), reason: TWICE.to_owned() });
                std::mem::swap(later, earlier);
            }
            is_twice
        });
        let (single, branch, commit, separator) = (false, None, None, '/');
        DocumentSet {
            name,
            path,
            root,
            single,
            entries: listed,
            problems,
            branch,
            commit,
            separator,
            source,
            limits,
        }
    }

    /// A reader of the set's documents for one thread.
    ///
    /// # Errors
    /// If the archive is no longer there.
    pub fn reader(&self) -> io::Result<Box<dyn Reader + '_>> {
        self.source.reader()
    }

    /// The versions that the documents of a commit have in it and in all commits before it; `None` for a folder, an archive,
    /// and a revision that names a tree. Commits and trees are read, and of the documents only those that may have been renamed.
    ///
    /// `wanted` selects by path below the set, as for [`DocumentSet::open`]. `identity` returns what a document's content states
    /// of its identity, the most reliable first: a document that disappears and one that appears in the same commit are one
    /// if their contents are equal, or if they share one of these.
    ///
    /// # Errors
    /// If a commit or a tree cannot be read: then nobody knows where the versions begin.
    pub fn history(
        &self,
        wanted: impl Fn(&str) -> bool,
        identity: &dyn Fn(&[u8]) -> Vec<String>,
    ) -> Result<Option<History>, InputError> {
        #[cfg(feature = "git")]
        {
            let history = self.source.history(&wanted, identity);
            history.map_err(|fault| InputError::of_repository(&self.path, fault))
        }
        #[cfg(not(feature = "git"))]
        {
            let _ = (wanted, identity);
            Ok(None)
        }
    }

    /// The document at a path below the set as it was in another commit of its repository, and the commit. `None` if this is no revision of
    /// a repository, or if it has no such commit or document.
    ///
    /// # Errors
    /// If a commit or a tree cannot be read.
    pub fn entry_at(&self, commit: &str, path: &str) -> Result<Option<(Entry, Commit)>, InputError> {
        #[cfg(feature = "git")]
        {
            let found = self.source.entry_at(commit, path);
            found.map_err(|fault| InputError::of_repository(&self.path, fault))
        }
        #[cfg(not(feature = "git"))]
        {
            let _ = (commit, path);
            Ok(None)
        }
    }

    /// The path of one of its documents, for people; an empty one is the set itself.
    pub fn shown(&self, document: &str) -> String {
        match (self.single, document) {
            (true, _) | (_, "") => self.path.clone(),
            (false, document) => {
                format!("{}{}{document}", self.path.trim_end_matches('/'), self.separator)
            }
        }
    }
}

/// The command-line path of a side-by-side branch in the repository of a location, such as `docs@live-sxs`; `None` if there is no
/// repository or no such branch, or if the location is that branch.
pub fn side_by_side_branch<'a>(location: impl Into<Location<'a>>) -> Option<String> {
    #[cfg(feature = "git")]
    {
        let location = location.into();
        let (repository, read) = match location.in_repository() {
            Some(place) => (place.repository, place.revision),
            None => (location.path.to_owned(), None),
        };
        let branch = git::branch_to_read(&repository)?;
        (read.as_deref() != Some(branch.as_str())).then(|| format!("{}@{branch}", shown(&repository)))
    }
    #[cfg(not(feature = "git"))]
    {
        let _ = location;
        None
    }
}

impl InputError {
    #[cfg(feature = "git")]
    fn of_repository(path: &str, fault: git::GitFault) -> Self {
        let path = path.to_owned();
        match fault {
            git::GitFault::Unreadable(cause) => InputError::Unreadable { path, cause },
            git::GitFault::Temporary(cause) => InputError::of_temporary(path, cause),
            git::GitFault::Reason(reason) => InputError::Repository { path, reason },
        }
    }

    fn of_temporary(path: String, cause: io::Error) -> Self {
        InputError::NotUnpacked {
            path,
            folder: shown(&std::env::temp_dir()),
            variable: if cfg!(windows) { "TMP" } else { "TMPDIR" },
            cause: system_error(cause),
        }
    }

    fn of_archive(path: &str, kind: Kind, fault: ArchiveFault) -> Self {
        let path = path.to_owned();
        match fault {
            ArchiveFault::Archive(cause) => InputError::BadArchive { path, kind: kind.name(), cause },
            ArchiveFault::Temporary(cause) => InputError::of_temporary(path, cause),
        }
    }
}

/// The error of the operating system. `tempfile` wraps it in one that names the temporary file, which never existed.
fn system_error(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|wrapper| wrapper.source());
    let code = inner.and_then(|inner| inner.downcast_ref()).and_then(io::Error::raw_os_error);
    code.map_or(error, io::Error::from_raw_os_error)
}

/// Lists the wanted files of an archive, in no order.
fn list_archive(
    path: &Path,
    kind: Kind,
    limits: &Limits,
    wanted: impl Fn(&str) -> bool,
) -> Result<(Box<dyn Source>, Listing), ArchiveFault> {
    if kind == Kind::Zip {
        let (zip, items) = Zip::list(path)?;
        let listing = archive::select(items, limits, wanted);
        zip.check_documents(&listing.0, limits)?;
        return Ok((Box::new(zip), listing));
    }
    let (tar, items) = Tar::list(path, kind, limits)?;
    Ok((Box::new(tar), archive::select(items, limits, wanted)))
}
