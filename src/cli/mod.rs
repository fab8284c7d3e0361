//! The command line, one file a command: arguments, their conversion to a plan, and the display of results.
//!
//! Data goes to standard output, messages to standard error. Exit codes: 0 done or found, 1 nothing found (`check`: faults found), 2
//! failed.

mod accept;
mod align;
mod analyze;
mod check;
mod completions;
mod excerpt;
mod export;
mod extract;
mod import;
mod log;
mod marked;
mod merge;
mod parse;
mod query;
mod remove;
mod search;
mod segment;
#[cfg(feature = "serve")]
mod serve;
mod split;
mod stats;
mod stdout;
mod table;
mod terminal;
mod translate;
mod values;
mod verify;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::memory::{Memory, MemoryError};
use crate::operations::DocumentCounts;

use stdout::{Stdout, StdoutError};

/// A translation memory for documentation. Imports side-by-side documents into one SQLite file; looks translations up in it;
/// exports TMX and other formats.
#[derive(Debug, Parser)]
#[command(name = "bitext", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Box<check::Arguments>),
    Accept(Box<accept::Arguments>),
    Extract(extract::Arguments),
    Import(import::Arguments),
    Align(Box<align::Arguments>),
    Export(Box<export::Arguments>),
    Split(split::Arguments),
    Translate(translate::Arguments),
    Segment(segment::Arguments),
    Analyze(Box<analyze::Arguments>),
    Merge(merge::Arguments),
    Query(query::Arguments),
    Search(search::Arguments),
    #[cfg(feature = "serve")]
    Serve(serve::Arguments),
    Log(log::Arguments),
    Stats(stats::Arguments),
    Remove(remove::Arguments),
    Verify(verify::Arguments),
    Completions(completions::Completions),
    Man(completions::Man),
}

/// The outcome of a command that returned no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Done, or found.
    Done,
    /// It succeeded, and found nothing.
    NothingFound,
    /// `check` found what makes it fail.
    FaultsFound,
    /// It finished with problems, and `--strict` turns them into a failure, or a part of the output is missing, or a damaged file
    /// was not imported.
    Refused,
}

impl Outcome {
    /// The outcome of a command that reads document sets and uses no memory.
    fn of_documents(counts: &DocumentCounts, strict: bool) -> Outcome {
        match () {
            () if strict && counts.problems > 0 || counts.not_written > 0 => Outcome::Refused,
            () if counts.sets_with_segments == 0 => Outcome::NothingFound,
            () => Outcome::Done,
        }
    }
}

/// Parses the process's arguments, runs the command and returns the exit code.
pub fn run() -> ExitCode {
    let is_set = crate::memory::without_memory_statistics();
    debug_assert!(is_set, "SQLite was used before the program began");
    let result = parse::arguments().and_then(|parsed| match parsed {
        Ok(arguments) => run_command(&arguments.command),
        Err(outcome) => Ok(outcome),
    });
    // A line that does not end is still in the buffer of standard output, and could be lost silently.
    let result = result.and_then(|outcome| Ok(Stdout::plain().flush().map(|()| outcome)?));
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NothingFound | Outcome::FaultsFound) => ExitCode::from(1),
        Ok(Outcome::Refused) => ExitCode::from(2),
        // The reader of our output closed the pipe, which is not an error.
        Err(error) if stdout::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            match StdoutError::in_chain(&error) {
                Some(error) => terminal::message(&error.to_string()),
                None => terminal::message(&format!("{error:#}")),
            }
            ExitCode::from(2)
        }
    }
}

fn run_command(command: &Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Check(arguments) => check::run(arguments),
        Command::Accept(arguments) => accept::run(arguments),
        Command::Extract(arguments) => extract::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::Align(arguments) => align::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Split(arguments) => split::run(arguments),
        Command::Translate(arguments) => translate::run(arguments),
        Command::Segment(arguments) => segment::run(arguments),
        Command::Analyze(arguments) => analyze::run(arguments),
        Command::Merge(arguments) => merge::run(arguments),
        Command::Query(arguments) => query::run(arguments),
        Command::Search(arguments) => search::run(arguments),
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => serve::run(arguments),
        Command::Log(arguments) => log::run(arguments),
        Command::Stats(arguments) => stats::run(arguments),
        Command::Remove(arguments) => remove::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Completions(arguments) => completions::completions(arguments),
        Command::Man(arguments) => completions::man(arguments),
    }
}

/// The most unindexed texts without a warning: they are scanned in no time.
const FEW_TEXTS: u64 = 2_000;

/// Opens a memory for look-ups. Warns if so many texts are not indexed that a look-up takes longer.
fn open_to_look_up(path: &Path) -> Result<Memory, MemoryError> {
    let memory = Memory::open(path)?;
    let texts = memory.texts_not_indexed()?;
    if texts > FEW_TEXTS {
        terminal::message(&format!(
            "{} of {} are not indexed, because an import was interrupted or is under way, or an earlier version of bitext made \
             the indexes: they are scanned, which takes longer; run `bitext verify`, or the next import indexes them",
            terminal::counted(texts, "text"),
            crate::input::shown(path)
        ));
    }
    Ok(memory)
}

/// Where the memory is.
#[derive(Debug, clap::Args)]
struct MemoryArguments {
    /// The memory's file [default: bitext.db in the current folder]
    #[arg(long, value_name = "FILE", env = "BITEXT_DB", hide_env_values = true)]
    db: Option<PathBuf>,
}

impl MemoryArguments {
    fn path(&self) -> PathBuf {
        self.db.clone().unwrap_or_else(|| PathBuf::from("bitext.db"))
    }
}
