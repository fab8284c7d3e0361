//! Paths in messages.

use std::path::Path;

/// A path for people: `/` separated, also where it is not UTF-8.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
