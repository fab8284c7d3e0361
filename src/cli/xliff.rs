//! `bitext xliff`: writes documents as XLIFF files for translators.

use std::path::PathBuf;

use clap::ValueEnum;

use super::terminal::{Verbosity, counted, grouped};
use super::values::{CleanPathArguments, FileArguments, at_least_one, floor};
use super::{MemoryArguments, Outcome, terminal};
use crate::exchange::xliff::job::Version;
use crate::model::{Locale, Score};
use crate::operations::Existing;
use crate::operations::jobs::{JobsPlan, write_jobs};
use crate::parallel::available_threads;
use crate::segmentation::Rules;

/// Write documents as XLIFF files for translators
///
/// Each document becomes one file, PATH.xlf, with its segments. Those that the memory has (100 and above) are filled in, and the others
/// have its best matches as proposals. `bitext merge` writes the documents from the translated files.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: CleanPathArguments,
    #[command(flatten)]
    memory: MemoryArguments,
    /// The locale of the translations wanted
    #[arg(long, value_name = "LOCALE")]
    to: Locale,
    /// The locale of the documents [default: that of the memory's source texts]
    #[arg(long, value_name = "LOCALE")]
    from: Option<Locale>,
    /// The folder for the files
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// The version of the format
    #[arg(long, value_enum, default_value_t = VersionName::V2)]
    version: VersionName,
    /// The lowest score of a proposal
    #[arg(long, value_name = "SCORE", default_value = "70", value_parser = floor)]
    min: Score,
    /// The most matches of a segment
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = at_least_one)]
    limit: usize,
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
    /// The number of threads [default: one a processor]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    threads: Option<usize>,
}

/// The versions of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum VersionName {
    /// XLIFF 2.1
    #[value(name = "2.1")]
    V2,
    /// XLIFF 1.2, which most tools read
    #[value(name = "1.2")]
    V1,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let plan = JobsPlan {
        paths: arguments.paths.paths.clone(),
        files: arguments.files.files()?,
        memory: arguments.memory.path(),
        from: arguments.from.clone(),
        to: arguments.to.clone(),
        floor: arguments.min,
        proposals: arguments.limit,
        version: match arguments.version {
            VersionName::V2 => Version::V2,
            VersionName::V1 => Version::V1,
        },
        folder: arguments.output.clone(),
        existing: if arguments.force { Existing::Overwrite } else { Existing::Refuse },
        threads: arguments.threads.unwrap_or_else(available_threads),
    };
    // Warns if texts of the memory are not indexed.
    super::open_to_look_up(&plan.memory)?;
    let counts = write_jobs(&plan, Rules::english(), &mut terminal::Stderr(Verbosity::of(arguments.quiet)))?;
    if !arguments.quiet {
        terminal::print_lines(&format!(
            "{} written: {}, {} filled in, {} with proposals, {}",
            counted(counts.files, "file"),
            counted(counts.segments, "segment"),
            grouped(counts.filled_in),
            grouped(counts.proposed),
            counted(counts.documents.problems, "problem")
        ));
    }
    Ok(Outcome::of_documents(&counts.documents, arguments.strict))
}
