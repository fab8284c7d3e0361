//! Globs of paths. `*` stays within a folder, `**` does not: as in .gitignore.

use globset::{Glob, GlobBuilder, GlobSetBuilder};

pub use globset::{Error, GlobSet};

/// One glob.
///
/// # Errors
/// If it is none.
pub fn glob(glob: &str) -> Result<Glob, Error> {
    GlobBuilder::new(glob).literal_separator(true).build()
}

/// A set of globs; `None` if there are none.
///
/// # Errors
/// If one of them is none.
pub fn globs(globs: &[String]) -> Result<Option<GlobSet>, Error> {
    if globs.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for text in globs {
        set.add(glob(text)?);
    }
    set.build().map(Some)
}
