//! The files of an export that is not finished: hidden, beside the output, and renamed to it when they are complete.
//!
//! A process that is killed leaves its file behind. Each process holds a lock on its file as long as it lives, so the next
//! export to the same folder recognizes the files whose owner has died, and removes them.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::NamedTempFile;

const PREFIX: &str = ".bitext-";
const SUFFIX: &str = ".part";
/// The number of letters and digits between the two.
const RANDOM: usize = 6;
/// The attempts to create a file that no other process removes before it is locked.
const ATTEMPTS: usize = 16;

/// Creates the unfinished files of one export.
#[derive(Debug, Default)]
pub(in crate::operations) struct UnfinishedFiles {
    /// The folders in which this export has removed abandoned files.
    cleared: Mutex<HashSet<PathBuf>>,
}

impl UnfinishedFiles {
    /// Creates a file in a folder, and removes abandoned ones there.
    pub fn create_in(&self, folder: &Path) -> io::Result<NamedTempFile> {
        let is_new = self.cleared.lock().is_ok_and(|mut cleared| cleared.insert(folder.to_owned()));
        if is_new {
            remove_abandoned(folder);
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM);
        // Temporary files are readable by their owner only; an export has the usual permissions.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        for _ in 0..ATTEMPTS {
            let file = builder.tempfile_in(folder)?;
            match file.as_file().try_lock() {
                // Another export believes that this file is abandoned, because it was not locked yet.
                Err(TryLockError::WouldBlock) => {}
                Ok(()) if !file.path().exists() => {}
                // Some network file systems have no locks. There no process locks a file, so none removes one.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
            }
        }
        Err(io::Error::other("other exports to the same folder are in the way; try again"))
    }
}

/// Removes the files in a folder whose processes have died. A file that cannot be removed remains: it harms nobody.
fn remove_abandoned(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !entry.file_name().to_str().is_some_and(is_unfinished) {
            continue;
        }
        // A lock over a network can ask for a file that is open for writing.
        let Ok(file) = File::options().write(true).open(entry.path()) else { continue };
        if file.try_lock().is_ok() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file has a name that only an export makes.
fn is_unfinished(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_removed_only_if_its_owner_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let names = || {
            let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
            names.sort();
            names
        };
        let kept = [".bitext-notes.part", ".bitext-Ab3dEf", "Ab3dEf.part", ".bitext-Ab-dEf.part"];
        for name in kept.iter().chain(&[".bitext-Ab3dEf.part"]) {
            fs::write(folder.path().join(name), "half").unwrap();
        }
        fs::create_dir(folder.path().join(".bitext-folder.part")).unwrap();
        let living = UnfinishedFiles::default().create_in(folder.path()).unwrap();
        let other = UnfinishedFiles::default().create_in(folder.path()).unwrap();
        assert!(living.path().exists() && other.path().exists());
        let name = |file: &NamedTempFile| file.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(is_unfinished(&name(&living)), "{living:?}");
        let mut expected: Vec<_> = kept.iter().map(|name| name.to_string()).collect();
        expected.extend([".bitext-folder.part".to_owned(), name(&living), name(&other)]);
        expected.sort();
        assert_eq!(names(), expected);
    }
}
