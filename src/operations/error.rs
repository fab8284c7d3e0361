//! Why an operation failed.

use std::io;

use super::align::AlignError;
use super::export::ExportError;
use crate::input::InputError;
use crate::memory::MemoryError;
use crate::model::Locale;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// The memory could not be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Two trees are not aligned.
    #[error(transparent)]
    Align(#[from] AlignError),
    /// A folder, an archive or a file has no earlier revision.
    #[error(
        "{path} has no revisions: --changed-since needs a revision of a Git repository, as REPOSITORY@REVISION, or a bare \
         repository or a bundle"
    )]
    NoRevisions {
        /// As the user named it.
        path: String,
    },
    /// A path holds no documents at all.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A file or folder could not be used.
    #[error("cannot {action} {path}")]
    File {
        /// A verb, such as `read`.
        action: &'static str,
        /// As the user named it, `/` separated.
        path: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The caller ended the operation.
    #[error("it was interrupted")]
    Cancelled,
    /// A file could not be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The output that the caller passed could not be written to.
    #[error(transparent)]
    Output(io::Error),
    /// A folder, an archive or a file has no history.
    #[error(
        "{path} has no history: --history needs a revision of a Git repository, as REPOSITORY@REVISION, or a bare repository \
         or a bundle"
    )]
    NoHistory {
        /// As the user named it.
        path: String,
    },
    /// One file of a set does not show which others were removed.
    #[error("--prune needs the whole set, and {path} is one file of it; name its folder")]
    PruneOfOneFile {
        /// The file.
        path: String,
    },
    /// A file of segments or units does not show which documents were removed.
    #[error("--prune is for folders; {path} takes the place of what was imported of it before")]
    PruneOfFile {
        /// The file.
        path: String,
    },
    /// Moses text without its other half.
    #[error(
        "{path} is half of a corpus; name two files that differ in their last ending, the locale: \
         NAME.{source_locale} and NAME.TARGET"
    )]
    NoPair {
        /// The file.
        path: String,
        /// The locale of the source texts.
        source_locale: Locale,
    },
    /// A folder is named as one of a format of many files, and has none.
    #[error("{folder} has no files of {format}")]
    NoParts {
        /// The folder.
        folder: String,
        /// The format's name.
        format: &'static str,
    },
    /// A file of a format that this build does not read.
    #[error("cannot read {path}: this build cannot read {format}; build it with the feature {feature:?}")]
    MissingFeature {
        /// The file.
        path: String,
        /// The format's name.
        format: &'static str,
        /// The Cargo feature.
        feature: &'static str,
    },
    /// Two different folders or archives of the same name.
    #[error(
        "{first} and {second} would both be the document set {set:?}; import one of them with --set NAME"
    )]
    SetNamedTwice {
        /// The path of the first.
        first: String,
        /// The path of the second.
        second: String,
        /// The name.
        set: String,
    },
    /// Both trees of a split would be written to one folder.
    #[error("--target-dir and --source-dir are the same folder; name two")]
    SameFolder,
    /// Documents written into the set that is read would be read as documents the next time.
    #[error("{folder} lies inside {path}, which is read; name a folder outside of it")]
    FolderInsideSet {
        /// The folder to write to.
        folder: String,
        /// The set that is read.
        path: String,
    },
    /// A file would be overwritten.
    #[error("{path} is there already; --force writes over it")]
    FileExists {
        /// The file.
        path: String,
    },
    /// Two documents would be one file of a tree.
    #[error("{document} is in {first} and in {second}; split them into folders of their own")]
    DocumentTwice {
        /// The document's path in both sets.
        document: String,
        /// The path of the first set.
        first: String,
        /// The path of the second set.
        second: String,
    },
    /// A document's path is not below the folder that it is to be written to.
    #[error("{document:?} leads out of {folder}; it was not written")]
    LeadsOut {
        /// The document's path.
        document: String,
        /// The folder to write to.
        folder: String,
    },
    /// A pipe, a socket or a device cannot be overwritten.
    #[error("{path} is {kind}, not a file; remove it, or name another folder")]
    SpecialFile {
        /// The path.
        path: String,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// A symbolic link below the folder to write to could lead out of it.
    #[error("{path} lies behind a link; it was not written")]
    BehindLink {
        /// The file.
        path: String,
    },
}

impl OperationError {
    /// For `map_err`: adds the verb and the file.
    pub(super) fn file(action: &'static str, path: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| OperationError::File { action, path: path.into(), source }
    }
}
