//! Globs of paths. `*` stays within a folder, `**` does not: as in .gitignore.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

/// One glob.
///
/// # Errors
/// If it is none.
pub(crate) fn glob(glob: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(glob).literal_separator(true).build()
}

/// A set of globs; `None` if there are none.
///
/// # Errors
/// If one of them is none.
pub(crate) fn globs(globs: &[String]) -> Result<Option<GlobSet>, globset::Error> {
    if globs.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for text in globs {
        set.add(glob(text)?);
    }
    set.build().map(Some)
}
