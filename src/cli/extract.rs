//! `bitext extract`: prints the segments of documents, without a memory.

use anyhow::bail;
use clap::ValueEnum;

use super::stdout::Stdout;
use super::terminal::{Verbosity, counted};
use super::values::{FileArguments, LocaleArguments, PathArguments};
use super::{Outcome, terminal};
use crate::exchange::delimited::{Cells, Delimiter, Dialect};
use crate::operations::extract::{ExtractPlan, SegmentFormat, extract};

/// Print the segments of side-by-side documents, without a memory
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: PathArguments,
    /// The format: a JSON object a line, or a table with a header
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// In tsv and csv: write ' before a cell that a spreadsheet would run as a formula. Without this, cells are as written
    #[arg(long)]
    excel_safe: bool,
    /// The name of the document set [default: that of the folder or archive]
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    #[command(flatten)]
    locales: LocaleArguments,
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
    /// A JSON object a line
    Jsonl,
    /// Tab-separated values, quoted as in CSV
    Tsv,
    /// Comma-separated values (RFC 4180)
    Csv,
}

impl Arguments {
    fn plan(&self) -> anyhow::Result<ExtractPlan> {
        let cells = if self.excel_safe { Cells::Guarded } else { Cells::AsWritten };
        Ok(ExtractPlan {
            sources: self.locales.sources(
                &self.files,
                (&self.paths.paths, self.set.as_deref()),
                self.threads,
            )?,
            format: match self.format {
                Format::Jsonl => SegmentFormat::JsonLines,
                Format::Tsv => SegmentFormat::Table(Dialect { delimiter: Delimiter::Tab, cells }),
                Format::Csv => SegmentFormat::Table(Dialect { delimiter: Delimiter::Comma, cells }),
            },
        })
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    if arguments.excel_safe && arguments.format == Format::Jsonl {
        bail!("--excel-safe is for tables; add --format csv or --format tsv");
    }
    let counts =
        extract(&arguments.plan()?, &mut Stdout::of_format(), &mut terminal::Stderr(Verbosity::All))?;
    if counts.problems > 0 {
        terminal::message(&counted(counts.problems, "problem"));
    }
    Ok(Outcome::of_documents(&counts, arguments.strict))
}
