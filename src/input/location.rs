//! Where documents are: a path, or a folder in a revision of a Git repository. Splits `REPOSITORY@REVISION:FOLDER`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::shown;

/// Where documents are, as the user named it.
#[derive(Clone, Copy, Debug)]
pub struct Location<'a> {
    /// A path, or `REPOSITORY@REVISION` or `REPOSITORY@REVISION:FOLDER` if no file or folder has this name.
    pub path: &'a Path,
    /// `REVISION` or `REVISION:FOLDER`: then the path is that of a Git repository, and an `@` in it is part of its name.
    pub revision: Option<&'a str>,
}

impl<'a, P: AsRef<Path> + ?Sized> From<&'a P> for Location<'a> {
    fn from(path: &'a P) -> Self {
        Location { path: path.as_ref(), revision: None }
    }
}

/// A folder in a revision of a Git repository.
#[derive(Clone, Debug)]
pub(super) struct InRepository {
    /// The path of a clone, a linked worktree, a bare repository or a bundle.
    pub repository: PathBuf,
    /// A branch, a tag or another name of a commit; `None`: the side-by-side branch.
    pub revision: Option<String>,
    /// The names of the folders, from the top of the repository.
    pub folder: Vec<String>,
}

impl InRepository {
    fn new(repository: &Path, revision: Option<&str>) -> Self {
        // No name of a branch or tag has a colon. `:/TEXT` is a search for a commit.
        let (revision, folder) = match revision {
            Some(text) => match text.split_once(':').filter(|(name, _)| !name.is_empty()) {
                Some((name, folder)) => (Some(name.to_owned()), folder),
                None => (Some(text.to_owned()), ""),
            },
            None => (None, ""),
        };
        let folder = folder.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned);
        InRepository { repository: repository.to_owned(), revision, folder: folder.collect() }
    }

    /// The repository as the user named it, `/` separated.
    pub fn shown_repository(&self) -> String {
        shown(&self.repository)
    }

    /// As a user would name it, `/` separated.
    pub fn shown(&self) -> String {
        let mut text = self.shown_repository();
        if let Some(revision) = &self.revision {
            text += &format!("@{revision}");
        }
        if !self.folder.is_empty() {
            text += &format!(":{}", self.folder.join("/"));
        }
        text
    }
}

impl Location<'_> {
    /// The same place in another revision: the repository, and `REVISION:FOLDER` of it. `None` for a folder, an archive or a file.
    pub fn at_revision(&self, revision: &str) -> Option<(PathBuf, String)> {
        let place = self.in_repository()?;
        let folder =
            if place.folder.is_empty() { String::new() } else { format!(":{}", place.folder.join("/")) };
        Some((place.repository, format!("{revision}{folder}")))
    }

    /// The place in a Git repository that is named; `None` for a folder, an archive or a file.
    ///
    /// A path that exists is that path. Else the longest part before an `@` that exists is the repository.
    pub(super) fn in_repository(&self) -> Option<InRepository> {
        let path = self.path;
        if self.revision.is_some() {
            return Some(InRepository::new(path, self.revision));
        }
        if path.symlink_metadata().is_ok() {
            return (is_bundle(path) || is_git_folder(path)).then(|| InRepository::new(path, None));
        }
        let text = path.to_str()?;
        text.rmatch_indices('@').find_map(|(at, _)| {
            let repository = text.get(..at).map(Path::new).filter(|path| path.exists())?;
            Some(InRepository::new(repository, text.get(at + 1..)))
        })
    }
}

/// Whether a path is a bundle: a file with a repository's objects in it, as `git bundle` writes it.
pub(super) fn is_bundle(path: &Path) -> bool {
    // To open a pipe would wait for another process.
    if !path.is_file() {
        return false;
    }
    let named = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("bundle"));
    let mut start = [0; 16];
    let mut signed = || {
        let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
        read.is_ok() && start.starts_with(b"# v") && start.ends_with(b" git bundle\n")
    };
    named || signed()
}

/// Whether a folder is a bare repository or the `.git` folder of a clone, which have no documents themselves.
fn is_git_folder(path: &Path) -> bool {
    path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir()
}

/// The name of a repository: of a clone or worktree that of its folder; of a bare one or a bundle its own, without the ending.
#[cfg(feature = "git")]
pub(super) fn repository_name(canonical: &Path) -> Option<String> {
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let own = name(canonical)?;
    if own == ".git" {
        return name(canonical.parent()?);
    }
    if canonical.join(".git").exists() {
        return Some(own);
    }
    let stem =
        own.strip_suffix(".git").or_else(|| own.strip_suffix(".bundle")).filter(|stem| !stem.is_empty());
    Some(stem.map(str::to_owned).unwrap_or(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_after_the_longest_part_that_exists() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "a@b"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let split = |name: &str, revision| {
            let path = folder.path().join(name);
            let found = Location { path: &path, revision }.in_repository()?;
            let repository = found.repository.file_name().unwrap().to_str().unwrap().to_owned();
            Some((repository, found.revision.unwrap(), found.folder.join("/")))
        };
        let expected = |repository: &str, revision: &str, folder: &str| {
            Some((repository.to_owned(), revision.to_owned(), folder.to_owned()))
        };
        for (path, found) in [
            ("a", None),
            ("a@b", None),
            ("c@b", None),
            ("a@main", expected("a", "main", "")),
            ("a@b@main", expected("a@b", "main", "")),
            ("a@who@what", expected("a", "who@what", "")),
            ("a@HEAD@{1}", expected("a", "HEAD@{1}", "")),
            ("a@origin/main:docs/./x/", expected("a", "origin/main", "docs/x")),
            ("a@:/fix: it", expected("a", ":/fix: it", "")),
            ("a@", expected("a", "", "")),
        ] {
            assert_eq!(split(path, None), found, "{path}");
        }
        assert_eq!(split("a@b", Some("main:docs")), expected("a@b", "main", "docs"));
    }
}
