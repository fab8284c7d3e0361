//! `bitext remove`: removes documents from the memory.

use std::fmt;
use std::io::Write as _;

use serde::Serialize;

use super::stdout::Stdout;
use super::terminal::counted;
use super::{MemoryArguments, Outcome, globs, terminal};
use crate::json;
use crate::operations::remove::{RemovalPlan, Removed, open_memory, remove};

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
        if self.dry_run {
            writeln!(out, "dry run, nothing was written:")?;
        }
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

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let plan = RemovalPlan {
        set: arguments.set.clone(),
        documents: globs(&arguments.document)?,
        dry_run: arguments.dry_run,
    };
    let removed = remove(&plan, &mut open_memory(&arguments.memory.path())?)?;
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
