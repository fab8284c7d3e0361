//! `bitext export`: units as TMX, segments in the other formats of the field.

mod choice;
pub(super) mod names;
pub(super) mod plan;
mod summary;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::stdout::{self, Stdout};
use super::values::format_parser;
use super::{MemoryArguments, Outcome, terminal};
use crate::exchange::formats::Format;
use crate::exchange::segments::OutputFile;
use crate::memory::Memory;
use crate::model::Locale;
use crate::operations::export::{
    self, Destination, Disk, ExportError, FormatPlan, OutputFiles, SingleOutput,
};

use crate::operations::sentences::{copy_with_sentences, set_of_sentences};

use choice::ChoiceArguments;
use names::{InlineName, PartitionName, ProfileName};

/// Export units as TMX, or segments in another format
///
/// A TMX holds each source text with its best translation: human before machine, then the one in more documents, then the
/// newer. If another translation is better between certain neighbours, the TMX has a unit for that context too. The other
/// formats hold segments: each place of each document, in order.
///
/// The same memory makes the same bytes. A file gets its name when it is complete.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    memory: MemoryArguments,
    /// The format [default: by the name of FILE, else tmx]
    #[arg(long, short, value_parser = format_parser())]
    format: Option<Format>,
    /// Where to write: a file (NAME.gz and NAME.zst are compressed), a folder (see --profile omegat, --partition-by, xliff), or -
    /// for standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The locale of the source. A target locale here joins two target locales by their common source
    #[arg(long, value_name = "LOCALE")]
    from: Option<Locale>,
    /// A target locale; can be given several times [default: all]
    #[arg(long, value_name = "LOCALE")]
    to: Vec<Locale>,
    /// Put the translations of a source text into all locales into one unit
    #[arg(long)]
    multilingual: bool,
    /// With a target locale as --from: join all segments with the same source text, not only the same segment of the same
    /// document
    #[arg(long)]
    loose: bool,
    /// The tool that the TMX is for. It decides how context, documents and workflow are written. `omegat` with a folder as
    /// FILE writes tm/auto (human, with context), tm (human) and tm/mt (machine)
    #[arg(long, value_enum, default_value_t = ProfileName::Generic)]
    profile: ProfileName,
    /// With `--profile omegat` and a folder: put machine translations into tm/penalty-N, not tm/mt
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=99))]
    penalty: Option<u8>,
    /// How inline markup is written
    #[arg(long, value_enum, default_value_t = InlineName::Text)]
    inline: InlineName,
    /// In tsv and csv: write ' before a cell that begins with =, +, -, @ or a tab, so that no spreadsheet runs it as a formula.
    /// Without this, cells are as written
    #[arg(long)]
    excel_safe: bool,
    /// Cut each paragraph segment into sentences, aligned as by `bitext align`, and export these, too: as kind `aligned`, with a
    /// confidence, in a set of the name with `.sentences`. The paragraph is kept, and the memory is not changed
    #[arg(long)]
    sentences: bool,
    /// Write Parquet into a folder of folders, one for each value: target_locale, source_locale, set, workflow
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', value_enum)]
    partition_by: Vec<PartitionName>,
    /// The number of threads; the result is the same with any [default: one a processor]
    #[arg(long, value_name = "N", value_parser = super::values::at_least_one)]
    threads: Option<usize>,
    /// Print the summary as a JSON object, on standard error
    #[arg(long)]
    json: bool,
    /// Print no summary
    #[arg(long, short)]
    quiet: bool,
    // The last one: its heading holds for all options after it.
    #[command(flatten)]
    choice: ChoiceArguments,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let destination = plan::destination(arguments.output.as_deref());
    let format = plan::format(arguments.format, &destination);
    let mut plan = plan::plan(arguments, format, &destination)?;
    // Before the memory, which may be a copy in it: the folder is removed last.
    let folder;
    let mut memory = Memory::open(&arguments.memory.path())?;
    let began = Instant::now();
    if arguments.sentences {
        folder = tempfile::tempdir()?;
        let (copy, sentences) = copy_with_sentences(&memory, &folder.path().join("sentences.db"))?;
        memory = copy;
        plan.selection.documents.sets.extend(arguments.choice.set.iter().map(|set| set_of_sentences(set)));
        if !arguments.quiet {
            terminal::message(&format!("{} of paragraphs", terminal::counted(sentences, "sentence")));
        }
    }
    let bar = progress(arguments, &plan.format, &destination);
    let Some(counts) = export::export(&memory, &plan, &Files::default(), &mut |written| bar.inc(written))?
    else {
        bar.finish_and_clear();
        terminal::message(
            "nothing to export: no document is chosen; `bitext stats` lists what the memory holds",
        );
        return Ok(Outcome::NothingFound);
    };
    bar.finish_and_clear();
    if !arguments.quiet {
        summary::print(format.name(), &counts, began.elapsed(), arguments.json)?;
    }
    Ok(if counts.is_empty() { Outcome::NothingFound } else { Outcome::Done })
}

/// The outputs of the command: standard output, and the files of this machine.
#[derive(Default)]
pub(super) struct Files(Disk);

impl OutputFiles for Files {
    fn open(&self, output: &SingleOutput) -> Result<Box<dyn OutputFile>, ExportError> {
        match output {
            SingleOutput::Stdout => Ok(Box::new(Stdout::of_format())),
            SingleOutput::File(_) => self.0.open(output),
        }
    }

    fn open_with_folders(&self, path: &Path) -> Result<Box<dyn OutputFile>, ExportError> {
        self.0.open_with_folders(path)
    }
}

/// A progress line on a terminal. Hidden where standard error is no terminal, and where the data goes to the terminal.
fn progress(arguments: &Arguments, format: &FormatPlan, destination: &Destination) -> ProgressBar {
    let to_stdout = matches!(destination, Destination::Single(SingleOutput::Stdout));
    let data_on_terminal = to_stdout && stdout::is_terminal();
    if arguments.quiet || data_on_terminal || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let things = match format {
        FormatPlan::Tmx(_) => "units",
        FormatPlan::Segments(_) => "segments",
    };
    let bar = ProgressBar::new_spinner();
    if let Ok(style) =
        ProgressStyle::with_template(&format!("{{spinner}} {{human_pos}} {things}, {{per_sec}}"))
    {
        bar.set_style(style);
    }
    bar
}
