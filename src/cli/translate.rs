//! `bitext translate`: writes clean documents with what the memory knows of them, or as XLIFF files for translators.

use std::fmt;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::stdout::Stdout;
use super::terminal::{Verbosity, counted, grouped};
use super::values::{CleanPathArguments, FileArguments, at_least_one, floor, workflow};
use super::{MemoryArguments, Outcome, terminal};
use crate::exchange::xliff::job::Version;
use crate::json;
use crate::matching::Penalties;
use crate::memory::LookupOptions;
use crate::model::{Locale, Problem, Score, Workflow};
use crate::operations::Existing;
use crate::operations::translate::{
    TranslateCounts, TranslateFormat, TranslatePlan, Untranslated, translate,
};
use crate::operations::{Report, Warning};
use crate::parallel::available_threads;
use crate::segmentation::Rules;

/// Translate clean documents as far as the memory knows them
///
/// Each document is written to the folder with every segment replaced that has a context or an exact match; all other bytes stay. Matches
/// in the same document with the same neighbours come first, then as in `bitext query`. Titles and descriptions in front matter are
/// translated where the memory has exactly their text. Exits with 1 if nothing was translated, and with 2 if a document could not be
/// written; the others are.
///
/// `--format xliff` writes a file for translators instead, PATH.xlf: what the memory has is filled in, and the other segments have their best
/// matches as proposals. `bitext merge` writes the documents from the translated files.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: CleanPathArguments,
    /// The locale of the translations
    #[arg(long, value_name = "LOCALE")]
    to: Locale,
    /// The folder for the translated documents
    #[arg(long, short, value_name = "DIR")]
    output_dir: PathBuf,
    #[command(flatten)]
    memory: MemoryArguments,
    /// The locale of the documents [default: that of the memory's source texts]
    #[arg(long, value_name = "LOCALE")]
    from: Option<Locale>,
    /// The lowest score of a match that is written [default: 100, with --format xliff 70]
    ///
    /// In XLIFF, a match below 100 is a proposal. In documents, below 100, a translation is adapted where only a number or the address of a link differs and only one place can be meant. Else it is
    /// written with a comment behind it that says its score; in YAML and in side-by-side documents the text stays English.
    #[arg(long, value_name = "SCORE", value_parser = floor)]
    min: Option<Score>,
    /// What becomes of text without a match in documents
    #[arg(long, value_enum, default_value_t = UntranslatedName::Keep)]
    untranslated: UntranslatedName,
    /// What is written
    #[arg(long, value_enum, default_value_t = FormatName::Document)]
    format: FormatName,
    /// The version of XLIFF
    #[arg(long, value_enum, default_value_t = VersionName::V2)]
    xliff: VersionName,
    /// The most matches of a segment in XLIFF
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = at_least_one)]
    limit: usize,
    /// Leave out what the memory has of a document when it is translated: the document at the same path
    ///
    /// To measure what the memory would know of new documents.
    #[arg(long)]
    without_document: bool,
    /// Only translations by a person, or only those by a machine
    #[arg(long, value_name = "WHO", value_parser = workflow)]
    workflow: Option<Workflow>,
    /// Only translations that the current version of a document has
    #[arg(long)]
    current: bool,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    files: FileArguments,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
    /// Print problems only
    #[arg(long, short)]
    quiet: bool,
    /// The number of threads [default: one a processor]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    threads: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum UntranslatedName {
    /// It stays English
    Keep,
    /// It stays English, with the comment <!-- bitext: untranslated --> behind it
    Mark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// The documents
    Document,
    /// Side-by-side documents, which `bitext import` reads
    Sxs,
    /// XLIFF files for translators
    Xliff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum VersionName {
    /// XLIFF 2.1
    #[value(name = "2.1")]
    V2,
    /// XLIFF 1.2, which most tools read
    #[value(name = "1.2")]
    V1,
}

/// The lowest score of a match that is a proposal, if nothing else is said.
const PROPOSED: u8 = 70;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let path = arguments.memory.path();
    drop(super::open_to_look_up(&path)?);
    let is_xliff = arguments.format == FormatName::Xliff;
    let plan = TranslatePlan {
        paths: arguments.paths.paths.clone(),
        files: arguments.files.files()?,
        memory: path,
        options: LookupOptions {
            from: arguments.from.clone(),
            to: Some(arguments.to.clone()),
            floor: arguments.min.unwrap_or(match is_xliff {
                true => Score::new(PROPOSED).unwrap_or(Score::EXACT),
                false => Score::EXACT,
            }),
            limit: if is_xliff { arguments.limit } else { 1 },
            penalties: Penalties::default(),
            workflow: arguments.workflow,
            only_current: arguments.current,
        },
        to: arguments.to.clone(),
        output_dir: arguments.output_dir.clone(),
        existing: if arguments.force { Existing::Overwrite } else { Existing::Refuse },
        format: match arguments.format {
            FormatName::Document => TranslateFormat::Documents,
            FormatName::Sxs => TranslateFormat::SideBySide,
            FormatName::Xliff => TranslateFormat::Xliff(match arguments.xliff {
                VersionName::V2 => Version::V2,
                VersionName::V1 => Version::V1,
            }),
        },
        untranslated: match arguments.untranslated {
            UntranslatedName::Keep => Untranslated::Keep,
            UntranslatedName::Mark => Untranslated::Mark,
        },
        without_document: arguments.without_document,
        threads: arguments.threads.unwrap_or_else(available_threads),
    };
    let began = Instant::now();
    let mut progress = Progress::new(Verbosity::of(arguments.quiet));
    let translated = translate(&plan, Rules::english(), &mut progress);
    progress.bar.finish_and_clear();
    let summary = Summary::of(translated?, (is_xliff, began.elapsed()));
    if arguments.json {
        writeln!(Stdout::plain(), "{}", json::to_string(&summary)?)?;
    } else if !arguments.quiet {
        terminal::print_lines(&summary.to_string());
    }
    let counts = &summary.counts;
    Ok(match () {
        () if arguments.strict && counts.problems > 0 || counts.not_written > 0 => Outcome::Refused,
        // A translator has work to do.
        () if is_xliff && counts.documents > 0 => Outcome::Done,
        () if counts.translated() + counts.fuzzy + counts.front_matter_translated == 0 => {
            Outcome::NothingFound
        }
        () => Outcome::Done,
    })
}

/// The summary; the output of `--json`.
#[derive(Debug, Serialize)]
struct Summary {
    #[serde(flatten)]
    counts: TranslateCounts,
    seconds: f64,
    #[serde(skip)]
    is_xliff: bool,
}

impl Summary {
    fn of(counts: TranslateCounts, (is_xliff, elapsed): (bool, Duration)) -> Summary {
        Summary { counts, seconds: (elapsed.as_secs_f64() * 1000.0).round() / 1000.0, is_xliff }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        write!(
            out,
            "{}, {} complete",
            counted(counts.documents, "document"),
            grouped(counts.documents_complete)
        )?;
        if counts.not_written > 0 {
            write!(out, ", {} not written", grouped(counts.not_written))?;
        }
        writeln!(out)?;
        let kinds = [
            (counts.context, "context"),
            (counts.exact, "exact"),
            (counts.adapted, "adapted"),
            (counts.fuzzy, if self.is_xliff { "with proposals" } else { "marked as fuzzy" }),
            (counts.untranslated, "untranslated"),
        ];
        let kinds = kinds.into_iter().filter(|(count, _)| *count > 0);
        let kinds: Vec<_> = kinds.map(|(count, kind)| format!("{} {kind}", grouped(count))).collect();
        writeln!(out, "{}: {}", counted(counts.segments, "segment"), kinds.join(", "))?;
        if counts.front_matter > 0 {
            writeln!(
                out,
                "titles and descriptions: {} of {} translated",
                grouped(counts.front_matter_translated),
                grouped(counts.front_matter)
            )?;
        }
        write!(out, "{} in {:.2} s", counted(counts.problems, "problem"), self.seconds)
    }
}

/// Prints problems on standard error; on a terminal, how many documents are done.
struct Progress {
    bar: ProgressBar,
    verbosity: Verbosity,
}

impl Progress {
    fn new(verbosity: Verbosity) -> Progress {
        let shown = verbosity == Verbosity::All && std::io::stderr().is_terminal();
        let bar = if shown { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) =
            ProgressStyle::with_template("{bar:24} {human_pos}/{human_len} documents, {eta} left")
        {
            bar.set_style(style);
        }
        Progress { bar, verbosity }
    }
}

impl Report for Progress {
    fn problem(&mut self, path: &str, problem: &Problem) {
        // The progress line is hidden while a message is printed.
        self.bar.suspend(|| terminal::problem(path, problem));
    }

    fn warning(&mut self, warning: &Warning) {
        self.bar.suspend(|| terminal::message(&warning.to_string()));
    }

    fn branch_selected(&mut self, path: &str) {
        if self.verbosity == Verbosity::All {
            self.bar.suspend(|| terminal::branch_selected(path));
        }
    }

    fn documents_found(&mut self, documents: u64) {
        self.bar.inc_length(documents);
    }

    fn document_done(&mut self, _: u64) {
        self.bar.inc(1);
    }
}
