//! `bitext analyze`: how much of clean documents the memory covers.

mod show;

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};

use super::stdout::Stdout;
use super::terminal::{Verbosity, counted};
use super::values::{CleanPathArguments, FileArguments, at_least_one};
use super::{MemoryArguments, Outcome, terminal};
use crate::exchange::segments::OutputFile;
use crate::html::analysis::analysis_page;
use crate::input::shown;
use crate::json;
use crate::model::{Locale, Problem};
use crate::operations::analyze::{Analysis, AnalyzePlan, Rates, analyze};
use crate::operations::export::{Disk, OutputFiles as _, SingleOutput};
use crate::operations::{Report, Warning};
use crate::parallel::available_threads;
use crate::segmentation::Rules;

/// Count how much of clean documents the memory covers, by bands
///
/// Each segment is in one band: the memory has it in context (101), as it is (100), or something like it (50 to 99); it is a repetition
/// of a segment before it; or nothing matches. Words are counted by Unicode's word boundaries (UAX 29), without inline codes.
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
    /// Also count segments like earlier ones of the documents themselves
    #[arg(long)]
    internal: bool,
    /// Leave out what the memory has of each document itself, known by its path: an honest measurement of documents that it has
    #[arg(long)]
    without_document: bool,
    /// Only documents that differ from this branch, tag or commit of their Git repository, and what is new in them
    #[arg(long, value_name = "REF")]
    changed_since: Option<String>,
    /// A TOML file with the rate of each band, for weighted words
    #[arg(long, value_name = "FILE")]
    rates: Option<PathBuf>,
    /// Print a line for each document too
    #[arg(long, conflicts_with_all = ["json", "csv", "html"])]
    documents: bool,
    /// Print a JSON object
    #[arg(long, conflicts_with_all = ["csv", "html"])]
    json: bool,
    /// Print CSV: a line for each document, band, and who translated
    #[arg(long, conflicts_with = "html")]
    csv: bool,
    /// Write a page with plots
    #[arg(long)]
    html: bool,
    /// Where to write: a file, or - for standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    files: FileArguments,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// Print problems only, besides the analysis
    #[arg(long, short)]
    quiet: bool,
    /// The number of threads [default: one a processor]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    threads: Option<usize>,
}

impl Arguments {
    fn plan(&self) -> anyhow::Result<AnalyzePlan> {
        Ok(AnalyzePlan {
            paths: self.paths.paths.clone(),
            files: self.files.files()?,
            memory: self.memory.path(),
            from: self.from.clone(),
            to: self.to.clone(),
            internal: self.internal,
            without_document: self.without_document,
            changed_since: self.changed_since.clone(),
            threads: self.threads.unwrap_or_else(available_threads),
        })
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let rates = arguments.rates.as_deref().map(Rates::read).transpose()?;
    let plan = arguments.plan()?;
    // Warns if texts of the memory are not indexed.
    let memory = super::open_to_look_up(&plan.memory)?;
    let mut progress = Progress::new(Verbosity::of(arguments.quiet));
    let analyzed = analyze(&plan, Rules::english(), &mut progress);
    progress.bar.finish_and_clear();
    let analysis = analyzed?;
    if !analysis.memory_has_texts {
        terminal::message(&format!(
            "the memory holds no texts in {}: it has {}",
            plan.to,
            memory.locale_names()?.join(", ")
        ));
    }
    print(arguments, &analysis, rates.as_ref())?;
    if analysis.counts.problems > 0 {
        terminal::message(&counted(analysis.counts.problems, "problem"));
    }
    Ok(Outcome::of_documents(&analysis.counts, arguments.strict))
}

fn print(arguments: &Arguments, analysis: &Analysis, rates: Option<&Rates>) -> anyhow::Result<()> {
    let file = arguments.output.clone().filter(|path| path.as_os_str() != "-");
    if let Some(folder) = file.as_deref().filter(|path| path.is_dir()) {
        bail!("{} is a folder; name a file with -o", shown(folder));
    }
    let out: Box<dyn OutputFile> = match file {
        Some(path) => Disk::default().open(&SingleOutput::File(path))?,
        None if arguments.html || arguments.csv => Box::new(Stdout::of_format()),
        None => Box::new(Stdout::plain()),
    };
    let mut out = BufWriter::new(out);
    match () {
        () if arguments.json => writeln!(out, "{}", json::to_string(&show::object(analysis, rates))?)?,
        () if arguments.csv => show::csv(analysis, rates, &mut out)?,
        () if arguments.html => out.write_all(analysis_page(analysis, rates).as_bytes())?,
        () => {
            if arguments.documents {
                out.write_all(show::documents(analysis).as_bytes())?;
            }
            out.write_all(show::bands(analysis, rates).as_bytes())?;
        }
    }
    Ok(Box::new(out).finish()?)
}

/// A bar on a terminal while texts are looked up.
struct Progress {
    reports: terminal::Stderr,
    bar: ProgressBar,
}

impl Progress {
    fn new(verbosity: Verbosity) -> Progress {
        let bar = match verbosity {
            Verbosity::All => ProgressBar::no_length(),
            Verbosity::ProblemsOnly => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} texts, {eta}") {
            bar.set_style(style);
        }
        Progress { reports: terminal::Stderr(verbosity), bar }
    }
}

impl Report for Progress {
    fn problem(&mut self, path: &str, problem: &Problem) {
        self.bar.suspend(|| self.reports.problem(path, problem));
    }

    fn warning(&mut self, warning: &Warning) {
        self.bar.suspend(|| self.reports.warning(warning));
    }

    fn branch_selected(&mut self, path: &str) {
        self.reports.branch_selected(path);
    }

    fn texts_looked_up(&mut self, texts: u64, of: u64) {
        self.bar.set_length(of);
        self.bar.set_position(texts);
    }
}
