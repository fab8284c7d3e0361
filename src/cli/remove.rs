//! `bitext remove`: removes documents from the memory.

use std::fmt;
use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::stdout::Stdout;
use super::terminal::counted;
use super::{MemoryArguments, Outcome, terminal};
use crate::json;
use crate::model::Problem;
use crate::operations::globs::globs;
use crate::operations::remove::{RemovalPlan, Removed, open_memory, remove};
use crate::operations::{Report, Warning};

/// Remove documents from the memory, with the texts that no other document has
///
/// Name a set, documents, or both: then the documents of that set. Exits with 1 if the memory has no such document. If a
/// quarter of the file or more is free afterwards, the file becomes shorter; else the next imports use the free part.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["set", "document"]))]
pub(super) struct Arguments {
    #[command(flatten)]
    memory: MemoryArguments,
    /// Remove documents of this set
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    /// Remove documents whose path below the set matches GLOB: 'old/**' (repeatable)
    #[arg(long, value_name = "GLOB")]
    document: Vec<String>,
    /// Report what would be removed, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the summary as a JSON object on standard output
    #[arg(long)]
    json: bool,
}

/// The summary of a removal; the output of `--json`.
#[derive(Debug, Serialize)]
struct Summary {
    documents_removed: u64,
    segments_removed: u64,
    units_removed: u64,
    bytes_freed: u64,
    dry_run: bool,
}

impl Summary {
    fn of(removed: &Removed, dry_run: bool) -> Self {
        Summary {
            documents_removed: removed.documents,
            segments_removed: removed.segments,
            units_removed: removed.units,
            bytes_freed: removed.bytes_freed,
            dry_run,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        terminal::dry_run(out, self.dry_run)?;
        write!(
            out,
            "removed {}, {}, {}",
            counted(self.documents_removed, "document"),
            counted(self.segments_removed, "segment"),
            counted(self.units_removed, "unit")
        )?;
        match self.bytes_freed {
            0 => Ok(()),
            bytes => write!(out, "; the file is {:.1} MB shorter", bytes as f64 / 1e6),
        }
    }
}

/// The progress of a removal: a line on standard error if that is a terminal.
struct Progress(ProgressBar);

impl Progress {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {human_pos}/{human_len} documents removed")
        {
            bar.set_style(style);
        }
        Progress(bar)
    }
}

impl Report for Progress {
    fn problem(&mut self, path: &str, problem: &Problem) {
        // The progress line is hidden while a message is printed.
        self.0.suspend(|| terminal::problem(path, problem));
    }

    fn warning(&mut self, warning: &Warning) {
        self.0.suspend(|| terminal::message(&warning.to_string()));
    }

    fn document_removed(&mut self, documents: u64) {
        self.0.set_length(documents);
        self.0.inc(1);
    }

    /// SQLite does not report how far it is, so the line shows the time.
    fn file_rewritten(&mut self) {
        self.0.finish_and_clear();
        self.0 = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} freeing space, {elapsed}") {
            self.0.set_style(style);
        }
        self.0.tick();
        self.0.enable_steady_tick(Duration::from_millis(100));
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let plan = RemovalPlan {
        set: arguments.set.clone(),
        documents: globs(&arguments.document)?,
        dry_run: arguments.dry_run,
    };
    let mut progress = Progress::new();
    let removed =
        remove(&plan, &mut open_memory(&arguments.memory.path(), arguments.dry_run)?, &mut progress)?;
    progress.0.finish_and_clear();
    let summary = Summary::of(&removed, arguments.dry_run);
    if arguments.json {
        writeln!(Stdout::plain(), "{}", json::to_string(&summary)?)?;
    } else if removed.documents > 0 {
        terminal::print_lines(&summary.to_string());
    }
    if let Some(error) = &removed.not_shortened {
        terminal::message(&format!(
            "the documents are removed, and the file is as long as before: {error}; the next imports use the free part"
        ));
    }
    if removed.documents == 0 {
        terminal::message("the memory has no such document; `bitext stats` lists its sets");
        return Ok(Outcome::NothingFound);
    }
    Ok(Outcome::Done)
}
