//! The arguments that several commands share, and the parsers of their values.

use std::path::PathBuf;

use crate::model::{Locale, Score, Workflow};

/// The document sets to read.
#[derive(Debug, clap::Args)]
pub(super) struct PathArguments {
    /// Folders, archives (.zip, .tar, .tar.gz, .tar.zst) or single files of side-by-side documents
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// In which locales documents are.
#[derive(Debug, clap::Args)]
pub(super) struct LocaleArguments {
    /// The locale of the source texts
    #[arg(long, value_name = "LOCALE", default_value = "en-US")]
    pub source_locale: Locale,
    /// The target locale of documents that state none [default: that of most documents of the set]
    #[arg(long, value_name = "LOCALE")]
    pub target_locale: Option<Locale>,
}

/// The lowest score of a match: 1 or more.
pub(super) fn floor(text: &str) -> Result<Score, String> {
    let score: Score = text.parse()?;
    match score.percent() {
        0 => Err("every text is a match of score 0; give at least 1".to_owned()),
        _ => Ok(score),
    }
}

/// A number of things or threads: 1 or more.
pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("give a whole number from 1".to_owned()),
    }
}

/// `human` or `machine`.
pub(super) fn workflow(text: &str) -> Result<Workflow, String> {
    Workflow::of_name(text).ok_or_else(|| "say human or machine".to_owned())
}
