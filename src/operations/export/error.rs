//! Why an export failed.

use std::io;

use crate::memory::MemoryError;

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The memory could not be read.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The output could not be written.
    #[error("{output} cannot be written")]
    Write {
        /// The output.
        output: String,
        /// The cause.
        source: io::Error,
    },
    /// Two target locales are joined, and checks were asked for.
    #[error(
        "a check compares a translation with the text that was translated; with --from, a target locale is joined with another, so leave \
         out --clean, --leave-out and --labels"
    )]
    ChecksOfJoin,
    /// The folder of an output file does not exist.
    #[error("{file} cannot be written: there is no folder {folder}; make it first")]
    NoFolder {
        /// The file.
        file: String,
        /// The folder.
        folder: String,
    },
    /// A folder for output files could not be created.
    #[error("{folder} cannot be made")]
    MakeFolder {
        /// The folder.
        folder: String,
        /// The cause.
        source: io::Error,
    },
    /// The folder for partitions has files in it.
    #[error("{folder} is not empty; a folder of Parquet files is read as one table, so name a new one")]
    NotEmpty {
        /// The folder.
        folder: String,
    },
    /// The memory does not have the requested target locale.
    #[error("the memory has no translation into {locale}: it has {targets}{hint}")]
    NoTranslation {
        /// The locale.
        locale: String,
        /// The target locales of the memory.
        targets: String,
        /// An explanation if the locale is a source locale.
        hint: &'static str,
    },
    /// The memory does not have the requested source locale at all.
    #[error("the memory has no texts in {locale}: it has {sources} and {targets}")]
    NoTexts {
        /// The locale.
        locale: String,
        /// The source locales of the memory.
        sources: String,
        /// The target locales of the memory.
        targets: String,
    },
    /// The source is a target locale of the memory, and the target is not one locale.
    #[error("--from {from} is a target locale of the memory: name one other with --to")]
    NoOtherTarget {
        /// The locale.
        from: String,
    },
    /// Source and target are the same.
    #[error("--from and --to are both {locale}; name two locales")]
    SameLocale {
        /// The locale.
        locale: String,
    },
    /// A way to join two target locales was requested without a source locale.
    #[error("--loose says how two target locales are joined; name them with --from and --to")]
    NothingToJoin,
    /// Two target locales were to be joined in a segment format.
    #[error("only TMX joins two target locales; {format} holds segments, with the source they have")]
    OnlyTmxJoins {
        /// The format.
        format: &'static str,
    },
    /// A file for one pair of locales was requested, and several pairs are selected.
    #[error("{what} holds one pair of locales; choose one of {targets} with --to")]
    SeveralPairs {
        /// The kind of file, with its article.
        what: &'static str,
        /// The target locales.
        targets: String,
    },
    /// An OmegaT project was requested, and several target locales are selected.
    #[error("an OmegaT project has one target locale; choose it with --to")]
    SeveralTargets,
}

impl ExportError {
    /// The error of an output. If opening one of its files failed, that error.
    pub(super) fn of_output(output: &str, error: io::Error) -> ExportError {
        error
            .downcast::<ExportError>()
            .unwrap_or_else(|source| ExportError::Write { output: output.to_owned(), source })
    }
}

/// For the writers of formats, which know `io::Error` only. `ExportError::of_output` unwraps it again.
impl From<ExportError> for io::Error {
    fn from(error: ExportError) -> Self {
        io::Error::other(error)
    }
}
