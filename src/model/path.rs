//! Paths and kinds of files in messages.

use std::fs::FileType;
use std::path::Path;

/// A path for people: `/` separated, also where it is not UTF-8.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// The name of a kind of file that has no bytes of its own: a pipe, a socket, a device. `None` for a file, folder or link.
///
/// To open a named pipe waits until another process opens its other end, which may be never. So the kind is looked at first.
pub fn special_file(kind: FileType) -> Option<&'static str> {
    if kind.is_file() || kind.is_dir() || kind.is_symlink() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_block_device() || kind.is_char_device() {
            return Some("a device");
        }
    }
    Some("a special file")
}
/// A file's name without an ending in any case, such as `.tar.gz`; `None` if it has another one, or would be empty.
pub fn strip_ending<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len()).filter(|&at| at > 0 && name.is_char_boundary(at))?;
    name[at..].eq_ignore_ascii_case(ending).then_some(&name[..at])
}
