//! `bitext import`: imports document sets, TMX files and files of segments into the memory.

pub(super) mod summary;

use std::io::Write as _;
use std::time::Instant;

use super::stdout::Stdout;
use super::terminal::Verbosity;
use super::values::{FileArguments, LocaleArguments, PathArguments, input_format_parser};
use super::{MemoryArguments, Outcome, terminal};
use crate::exchange::formats::Format;
use crate::json;
use crate::model::Date;
use crate::operations::import::{DamagedTmx, HistoryPlan, ImportPlan, open_memory};
use crate::parallel::available_threads;

use summary::{Progress, Summary};

/// Import side-by-side documents, TMX files, or files of segments, into the memory
///
/// Each PATH is a document set, named after the folder or archive; a single file belongs to the set of its folder. A second
/// import of the same set reads only what has changed. Documents that no longer exist stay in the memory unless --prune is
/// given.
///
/// REPOSITORY@REVISION reads a branch, tag or commit of a Git repository (a clone, bare or not, a worktree, or a .bundle file)
/// without a checkout, and REPOSITORY@REVISION:FOLDER one folder of it. The set is the same as that of the checked-out folder. Of
/// a bare repository or a bundle without a revision, the branch live-sxs is read, else the only one whose name ends in -sxs.
///
/// With --history, the earlier versions of the documents are read too, also of deleted and renamed ones. Of each version the memory
/// keeps the segments whose two texts and workflow no newer version of the document has. They are marked as superseded. A second
/// import reads the new versions only. What the memory has of versions that the branch no longer has stays, unless --prune is given.
///
/// A TMX (.tmx, .tmx.gz, .tmx.zst, or a .zip of them) is a document set of its own. Of a TMX that is damaged, or whose XML is
/// not well-formed, what can be read is imported; with --strict, nothing. A TMX is read unit by unit, so --max-document is the
/// largest unit of it.
///
/// A file of segments is read in the formats of `bitext export`: JSON lines (.jsonl), TSV, CSV, XLIFF 1.2 and 2.x (.xlf, .xliff), PO
/// and Parquet, of this program or another one. Where it states sets and documents, these are stored under their names; else the
/// file is one document. Untranslated, fuzzy and obsolete segments are left out and counted. Moses text is two files that differ in
/// their last ending, the locale: corpus.en-US corpus.ko-KR. A folder of nothing but Parquet files, as Spark writes it, is one table.
///
/// A damaged file never replaces an earlier version in the memory: that version is kept, and the exit code is 2. A file is
/// damaged if an unknown number of its segments may be missing, because it is cut off, overwritten or not readable as text.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: PathArguments,
    #[command(flatten)]
    memory: MemoryArguments,
    /// The format of each PATH, a file [default: by its name; a PATH with another name is a document set]
    #[arg(long, short, value_parser = input_format_parser())]
    format: Option<Format>,
    /// The name of the document set [default: that of the folder or archive, or the one that a file of segments states]
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    #[command(flatten)]
    locales: LocaleArguments,
    /// Remove documents of the set that no longer exist under PATH; excluded ones stay
    #[arg(long)]
    prune: bool,
    /// Import the history of the branch too: the translations that only earlier versions of its documents have
    #[arg(long)]
    history: bool,
    /// With --history: only versions committed on this day or later, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", requires = "history")]
    since: Option<Date>,
    /// With --history: only versions committed on this day or earlier, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", requires = "history")]
    until: Option<Date>,
    /// Report what an import would do, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    files: FileArguments,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// Print the summary as a JSON object on standard output
    #[arg(long)]
    json: bool,
    /// Print problems only
    #[arg(long, short)]
    quiet: bool,
    /// The number of threads that read [default: one a processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Arguments {
    fn plan(&self) -> anyhow::Result<ImportPlan> {
        Ok(ImportPlan {
            paths: self.paths.paths.clone(),
            format: self.format,
            files: self.files.files()?,
            set: self.set.clone(),
            source_locale: self.locales.source_locale.clone(),
            target_locale: self.locales.target_locale.clone(),
            prune: self.prune,
            dry_run: self.dry_run,
            history: self.history.then_some(HistoryPlan { since: self.since, until: self.until }),
            damaged_tmx: if self.strict { DamagedTmx::KeepNothing } else { DamagedTmx::KeepUnitsBefore },
            threads: self.threads.unwrap_or_else(available_threads),
        })
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let sources = arguments.plan()?.list()?;
    let mut memory = open_memory(&arguments.memory.path(), arguments.dry_run)?;
    let mut progress = Progress::new(sources.documents(), Verbosity::of(arguments.quiet));
    let imported = sources.import(&mut memory, &mut progress)?;
    progress.finish();
    let summary = Summary::of(&imported, began.elapsed(), arguments.dry_run);
    if arguments.json {
        writeln!(Stdout::plain(), "{}", json::to_string(&summary)?)?;
    } else if !arguments.quiet {
        terminal::print_lines(&summary.to_string());
    }
    Ok(match () {
        () if arguments.strict && imported.problems > 0 => Outcome::Refused,
        () if imported.documents_kept > 0 => Outcome::Refused,
        () if imported.sets_with_segments == 0 => Outcome::NothingFound,
        () => Outcome::Done,
    })
}
