//! Opens repositories and bundles.

use std::path::Path;

use gix::Repository;
use tempfile::TempDir;

use super::bundle::{self, alloc_limit};
use super::object::{GitFault, in_one_line};
use crate::input::Limits;
use crate::input::location::is_bundle;

/// Opens a repository, or a bundle in a temporary folder.
pub(super) fn open(path: &Path, limits: &Limits) -> Result<(Repository, Option<TempDir>), GitFault> {
    std::fs::metadata(path).map_err(GitFault::Unreadable)?;
    let unpacked = if is_bundle(path) { Some(bundle::unpack(path, limits)?) } else { None };
    let folder = unpacked.as_ref().map_or(path, TempDir::path);
    // Isolated: reads the configuration of this repository alone, and no environment variables.
    let options = gix::open::Options::isolated().config_overrides([
        format!("gitoxide.objects.allocLimit={}", alloc_limit(limits)),
        // The objects that were hashed, not those that a user of this clone put in their place: git-replace(1).
        "core.useReplaceRefs=false".to_owned(),
    ]);
    let repository = options.open(folder).map_err(|error| {
        GitFault::Reason(match path.join(".git").exists() || unpacked.is_some() {
            true => format!("its Git repository cannot be opened: {}", in_one_line(&error)),
            false => "it is no Git repository; name the top folder of a clone, a bare repository or a bundle, and a folder \
                      in it as REPOSITORY@REVISION:FOLDER"
                .to_owned(),
        })
    })?;
    Ok((repository.to_thread_local(), unpacked))
}
