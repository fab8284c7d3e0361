//! `bitext merge`: writes documents from translated XLIFF files.

use std::io::Write as _;
use std::path::PathBuf;

use super::stdout::Stdout;
use super::terminal::{Verbosity, counted, grouped};
use super::{MemoryArguments, Outcome, terminal};
use crate::json::{self, MergeObject};
use crate::model::{Date, today};
use crate::operations::Existing;
use crate::operations::merge::{MergePlan, import_merged, merge};

/// Write documents from XLIFF files that a translator has worked on
///
/// Reads the files that bitext wrote for documents, XLIFF 2.1 or 1.2. Everything outside of segments stays byte for byte, and a segment
/// without a translation stays as it is. A document is not written if a translation has lost an inline code, has one twice, or has its
/// halves in the wrong order; then the command exits with 2, and writes the others.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Translated XLIFF files, or folders of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// The folder for the documents
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    /// Put the translations into the memory too, as human ones
    #[arg(long)]
    import: bool,
    /// The day on which the translations were delivered, which --import stores [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", requires = "import")]
    handoff: Option<Date>,
    #[command(flatten)]
    memory: MemoryArguments,
    /// Print the summary as a JSON object on standard output
    #[arg(long)]
    json: bool,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// Print problems only
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let plan = MergePlan {
        paths: arguments.paths.clone(),
        folder: arguments.output.clone(),
        existing: if arguments.force { Existing::Overwrite } else { Existing::Refuse },
    };
    let mut report = terminal::Stderr(Verbosity::of(arguments.quiet));
    let merged = merge(&plan, &mut report)?;
    let imported = match arguments.import {
        true => {
            let handoff = arguments.handoff.unwrap_or_else(today);
            Some(import_merged(&merged, (&arguments.memory.path(), handoff), &mut report)?)
        }
        false => None,
    };
    let segments = imported.map(|imported| imported.counts.segments);
    if arguments.json {
        let object = MergeObject {
            documents: merged.counts.documents,
            not_written: merged.counts.not_written,
            translated: merged.translated,
            untranslated: merged.untranslated,
            imported: segments,
            problems: merged.counts.problems,
        };
        writeln!(Stdout::plain(), "{}", json::to_string(&object)?)?;
    } else if !arguments.quiet {
        let not_written = match merged.counts.not_written {
            0 => String::new(),
            number => format!(", {} not written", grouped(number)),
        };
        terminal::print_lines(&format!(
            "{} written{not_written}: {} translated, {} as before",
            counted(merged.counts.documents, "document"),
            counted(merged.translated, "segment"),
            grouped(merged.untranslated)
        ));
        if let Some(segments) = segments {
            terminal::print_lines(&format!("{} imported", counted(segments, "segment")));
        }
    }
    Ok(Outcome::of_documents(&merged.counts, arguments.strict))
}
