//! `bitext extract`: prints the segments of documents, without a memory.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;

use super::export::Files;
use super::export::names::PartitionName;
use super::export::plan::destination;
#[cfg(feature = "parquet")]
use super::stdout;
use super::terminal::{Verbosity, counted};
use super::values::{FileArguments, LocaleArguments, PathArguments};
use super::{Outcome, terminal};
use crate::exchange::delimited::{Cells, Delimiter, Dialect};
use crate::exchange::formats as exchange;
use crate::input::shown;
#[cfg(feature = "parquet")]
use crate::operations::export::SingleOutput;
use crate::operations::export::{Destination, OutputFiles};
use crate::operations::extract::{ExtractPlan, SegmentFormat, extract};
#[cfg(feature = "parquet")]
use crate::operations::extract::{ParquetOutput, extract_parquet};
use crate::operations::{DocumentCounts, OperationError};

/// Print the segments of side-by-side documents, without a memory
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: PathArguments,
    /// The format: a JSON object a line, a table with a header, or Parquet [default: by the name of FILE, else jsonl]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Where to write: a file (NAME.jsonl.zst and the like are compressed), a folder for --partition-by, or - for standard
    /// output. A file gets its name when it is complete
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write Parquet into a folder of folders, one for each value: target_locale, source_locale, set, workflow
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', value_enum)]
    partition_by: Vec<PartitionName>,
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
    /// Apache Parquet
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// The format of a file's name, as for `bitext export`.
    fn of_name(path: &Path) -> Option<Format> {
        let name = shown(path);
        let (format, _) = exchange::Format::of_file_name(&name)?;
        Format::from_str(format.name(), false).ok()
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let destination = destination(arguments.output.as_deref());
    let named = arguments.output.as_deref().and_then(Format::of_name);
    let sources = arguments.locales.sources(
        &arguments.files,
        (&arguments.paths.paths, arguments.set.as_deref()),
        arguments.threads,
    )?;
    let report = &mut terminal::Stderr(Verbosity::All);
    let cells = if arguments.excel_safe { Cells::Guarded } else { Cells::AsWritten };
    let table = |delimiter| SegmentFormat::Table(Dialect { delimiter, cells });
    let format = arguments.format.or(named).unwrap_or(Format::Jsonl);
    if arguments.excel_safe && !matches!(format, Format::Tsv | Format::Csv) {
        bail!("--excel-safe is for tables; add --format csv or --format tsv");
    }
    let mut text = |format| {
        extract_text(&ExtractPlan { sources: sources.clone(), format }, arguments, &destination, report)
    };
    let counts = match format {
        Format::Jsonl => text(SegmentFormat::JsonLines)?,
        Format::Tsv => text(table(Delimiter::Tab))?,
        Format::Csv => text(table(Delimiter::Comma))?,
        #[cfg(feature = "parquet")]
        Format::Parquet => {
            let output = parquet_output(arguments, destination)?;
            extract_parquet(&sources, &output, &Files::default(), report)?
        }
    };
    if counts.problems > 0 {
        terminal::message(&counted(counts.problems, "problem"));
    }
    Ok(Outcome::of_documents(&counts, arguments.strict))
}

fn extract_text(
    plan: &ExtractPlan,
    arguments: &Arguments,
    destination: &Destination,
    report: &mut terminal::Stderr,
) -> anyhow::Result<DocumentCounts> {
    if !arguments.partition_by.is_empty() {
        bail!("--partition-by is for Parquet; add --format parquet");
    }
    let output = match destination {
        Destination::Single(output) => output,
        Destination::Folder(folder) => bail!("{} is a folder; name a file", shown(folder)),
    };
    let mut out = Files::default().open(output)?;
    let counts = extract(plan, &mut out, report)?;
    out.finish().map_err(OperationError::Output)?;
    Ok(counts)
}

#[cfg(feature = "parquet")]
fn parquet_output(arguments: &Arguments, destination: Destination) -> anyhow::Result<ParquetOutput> {
    let by = arguments.partition_by.iter().map(|&column| column.into()).collect::<Vec<_>>();
    Ok(match destination {
        Destination::Single(_) if !by.is_empty() => {
            bail!("--partition-by writes folders; name one that ends in / with -o")
        }
        Destination::Single(SingleOutput::Stdout) if stdout::is_terminal() => {
            bail!("parquet is no text for a terminal; name a file with -o")
        }
        Destination::Single(output) => ParquetOutput::File(output),
        Destination::Folder(folder) => ParquetOutput::Folder { folder, by },
    })
}
