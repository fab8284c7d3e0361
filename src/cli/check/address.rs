//! The address of a document in SARIF.

use std::path::{Component, Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters of a path that are no part of a URI's path, with `%` itself (RFC 3986, 3.3: `pchar`).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// The address of a document below one of the paths of the command line.
///
/// A code host resolves an address against the root of the repository, where the program usually runs. So a file below the current
/// folder is named from there. A document of a Git branch, an archive or the memory is named by its path in its set.
pub(super) fn uri(paths: &[PathBuf], document: &str) -> String {
    let file = paths.iter().find_map(|path| {
        let below = path.join(document);
        let is_itself = path.file_name().is_some_and(|name| name == document) && path.is_file();
        if is_itself { Some(path.clone()) } else { Some(below).filter(|below| below.is_file()) }
    });
    match file {
        Some(file) => of_file(&file, std::env::current_dir().ok().as_deref()),
        None => encoded(document),
    }
}

fn of_file(file: &Path, current: Option<&Path>) -> String {
    // `docs/../a.md` is `a.md`; a path that leaves the current folder is named from the root.
    let absolute = current.map_or_else(|| file.to_owned(), |current| current.join(file));
    let mut whole = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            other => whole.push(other),
        }
    }
    let relative = current.and_then(|current| whole.strip_prefix(current).ok());
    let slashed = |path: &Path| path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    match relative {
        Some(relative) => encoded(&slashed(relative)),
        None => format!("file:///{}", encoded(slashed(&whole).trim_start_matches('/')).replace("%3A/", ":/")),
    }
}

/// A relative reference. A `:` is encoded, so that no part of a path is taken for a scheme.
fn encoded(path: &str) -> String {
    utf8_percent_encode(path, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_path_from_the_current_folder_or_a_file_uri() {
        assert_eq!(encoded("a b/선석#1.md"), "a%20b/%EC%84%A0%EC%84%9D%231.md");
        assert_eq!(encoded("javascript:x"), "javascript%3Ax");
        let current = std::env::temp_dir();
        assert_eq!(of_file(Path::new("./docs/../docs/a.md"), Some(&current)), "docs/a.md");
        let above = of_file(Path::new("../../../../../../a.md"), Some(&current));
        assert!(above.starts_with("file:///") && above.ends_with("a.md"), "{above}");
    }
}
