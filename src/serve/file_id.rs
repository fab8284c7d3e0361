//! Which file is at a path: a file that replaced another has another identity.

use std::fs;
use std::path::Path;

/// The identity of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
    /// Windows does not replace a file that is open. One that is written anew while it is closed was made later.
    #[cfg(not(unix))]
    created: Option<std::time::SystemTime>,
}

impl FileId {
    /// Of the file at a path; `None` if there is none.
    pub fn of(path: &Path) -> Option<FileId> {
        let metadata = fs::metadata(path).ok()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Some(FileId { device_and_inode: (metadata.dev(), metadata.ino()) })
        }
        #[cfg(not(unix))]
        {
            Some(FileId { created: metadata.created().ok() })
        }
    }
}
