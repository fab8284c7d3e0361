//! `bitext segment`: prints the segments of clean documents, or the rules of sentence ends.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;

use super::stdout::Stdout;
use super::terminal::{Verbosity, counted};
use super::values::FileArguments;
use super::{Outcome, terminal};
use crate::operations::segment::{SegmentPlan, segment};
use crate::parallel::available_threads;
use crate::segmentation::{ENGLISH, Rules};

/// Print where the segments of clean English documents begin and end
///
/// The segments are those of the side-by-side documents that are made of these: blocks by CommonMark, tables, notes and HTML, cut into
/// sentences by rules in SRX 2.0. Offsets are in bytes, and what is between two segments is not to be translated.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folders, archives (.zip, .tar, .tar.gz, .tar.zst), Git repositories or single files of clean documents
    ///
    /// REPOSITORY@REVISION is a branch, tag or commit of a clone, a bare repository or a .bundle file, and
    /// REPOSITORY@REVISION:FOLDER a folder of it. A file or folder with an @ in its name that exists is that.
    #[arg(value_name = "PATH", required_unless_present = "format")]
    paths: Vec<PathBuf>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Cut sentences by the rules of this SRX file instead of the built-in ones
    ///
    /// All of its rules are used, whatever languages they are mapped to. Their expressions cannot have look-around or back-references.
    #[arg(long, value_name = "FILE")]
    srx: Option<PathBuf>,
    #[command(flatten)]
    files: FileArguments,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// The number of threads that read [default: one a processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The segments: a JSON object a line
    Jsonl,
    /// The built-in rules of sentence ends, for other tools; no PATH is read
    Srx,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    if arguments.format == Format::Srx {
        anyhow::ensure!(
            arguments.paths.is_empty() && arguments.srx.is_none(),
            "--format srx prints the rules, and reads no PATH"
        );
        Stdout::of_format().write_all(ENGLISH.as_bytes())?;
        return Ok(Outcome::Done);
    }
    anyhow::ensure!(
        !arguments.paths.is_empty(),
        "name a PATH: a folder, an archive, a Git repository or a document"
    );
    let own = arguments.srx.as_deref().map(read_rules).transpose()?;
    let plan = SegmentPlan {
        paths: arguments.paths.clone(),
        files: arguments.files.files()?,
        threads: arguments.threads.unwrap_or_else(available_threads),
    };
    let rules = own.as_ref().unwrap_or_else(|| Rules::english());
    // Standard output alone writes each document by itself.
    let mut out = BufWriter::with_capacity(1 << 16, Stdout::plain());
    let counts = segment(&plan, rules, &mut out, &mut terminal::Stderr(Verbosity::All))?;
    if counts.problems > 0 {
        terminal::message(&counted(counts.problems, "problem"));
    }
    Ok(Outcome::of_documents(&counts, arguments.strict))
}

fn read_rules(path: &Path) -> anyhow::Result<Rules> {
    let shown = crate::input::shown(path);
    let srx = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    Rules::from_srx(&srx).with_context(|| format!("{shown} cannot be used"))
}
