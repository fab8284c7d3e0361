//! `bitext split`: writes the two clean trees of side-by-side documents.

use std::path::PathBuf;

use super::terminal::{Verbosity, counted, grouped};
use super::values::{FileArguments, PathArguments};
use super::{Outcome, terminal};
use crate::operations::Existing;
use crate::operations::split::{SplitPlan, split};
use crate::parallel::available_threads;

/// Write the two clean trees of side-by-side documents: the targets, and the sources
///
/// Each document is written with its segments replaced by their targets, and by their sources; everything else stays byte
/// for byte, and UTF-16 stays UTF-16. Documents without segments are the same in both. Segments that cannot be read stay as they are, and are
/// reported. Exits with 2 if a document could not be written; the others are.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: PathArguments,
    /// The folder for the documents with their targets
    #[arg(long, value_name = "DIR")]
    target_dir: PathBuf,
    /// The folder for the documents with their sources
    #[arg(long, value_name = "DIR")]
    source_dir: PathBuf,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    files: FileArguments,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// Print problems only
    #[arg(long, short)]
    quiet: bool,
}

impl Arguments {
    fn plan(&self) -> anyhow::Result<SplitPlan> {
        Ok(SplitPlan {
            paths: self.paths.paths.clone(),
            files: self.files.files()?,
            target_dir: self.target_dir.clone(),
            source_dir: self.source_dir.clone(),
            existing: if self.force { Existing::Overwrite } else { Existing::Refuse },
            threads: available_threads(),
        })
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let counts = split(&arguments.plan()?, &mut terminal::Stderr(Verbosity::of(arguments.quiet)))?;
    if !arguments.quiet {
        let not_written = match counts.not_written {
            0 => String::new(),
            number => format!(", {} not written", grouped(number)),
        };
        terminal::print_lines(&format!(
            "{} written twice{not_written}, {}",
            counted(counts.documents, "document"),
            counted(counts.problems, "problem")
        ));
    }
    Ok(Outcome::of_documents(&counts, arguments.strict))
}
