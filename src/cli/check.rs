//! `bitext check`: what is wrong with translations.

mod address;
mod list;
mod show;
mod votes;

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::excerpt::Excerpts;
use super::stdout::Stdout;
use super::terminal::{Verbosity, counted};
use super::values::{ExceptionArguments, FileArguments, LocaleArguments, check_parser};
use super::{MemoryArguments, Outcome, terminal};
use crate::check::{CHECKS, Check, Finding, Selection, Severity};
use crate::exchange::segments::OutputFile;
use crate::html::check_report::check_report;
use crate::input::shown;
use crate::json::{self, FindingObject, SarifWriter};
use crate::memory::Memory;
use crate::model::Locale;
use crate::operations::check::{CheckPlan, Checked, CheckedSegment, check_documents, check_memory};
use crate::operations::export::{Disk, OutputFiles as _, SingleOutput};
use crate::parallel::available_threads;

use votes::Votes;

/// Find what is wrong with translations: in documents, or in the memory
///
/// Each finding has a check, a severity, its place and a reason. A finding in a human translation is often milder than the same one
/// in a machine translation. What is usual in a set is learned first: so check whole sets. Exits with 1 if there is a finding of
/// --fail-on or worse.
///
/// With `--only inconsistent`, each source text with several translations is shown with all of them, their places, dates and who
/// translated; the one that an export takes is the first, with what decided.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folders, archives, Git repositories or single files of side-by-side documents [default: the memory]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    memory: MemoryArguments,
    /// Only translations into this locale; can be given several times
    #[arg(long, value_name = "LOCALE")]
    to: Vec<Locale>,
    #[command(flatten)]
    checks: CheckArguments,
    #[command(flatten)]
    exceptions: ExceptionArguments,
    /// Exit with 1 if there is a finding of this severity or a worse one
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), default_value = "error")]
    fail_on: Severity,
    /// List the checks, with what they find, an example and their severities
    #[arg(long)]
    list: bool,
    /// Print the table of checks and sets only
    #[arg(long, conflicts_with = "json")]
    summary: bool,
    /// Print a line of JSON for each finding, the same as --format json
    #[arg(long)]
    json: bool,
    /// How findings are written
    #[arg(long, short, value_enum, default_value_t = FormatName::Text, conflicts_with_all = ["json", "summary"])]
    format: FormatName,
    /// In SARIF: the most results, the worst first; 0: all [default: 5000]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Where to write: a file, or - for standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The name of the document set [default: that of the folder or archive]
    #[arg(long, value_name = "NAME", requires = "paths")]
    set: Option<String>,
    #[command(flatten)]
    locales: LocaleArguments,
    #[command(flatten)]
    files: FileArguments,
    /// Exit with 2 if there was any problem with a document
    #[arg(long)]
    strict: bool,
    /// The number of threads [default: one a processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// GitHub refuses a run of more than 25,000 results, and shows 5,000 of them, the worst first
/// (<https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit>).
const SARIF_RESULTS: u64 = 5_000;

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// For people
    Text,
    /// A JSON object a line
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// A page with plots and a table that can be sorted
    Html,
}

/// Which checks are made.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArguments {
    /// Only these checks, whatever their severity
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = check_parser(), hide_possible_values = true)]
    only: Vec<&'static Check>,
    /// Not these checks
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = check_parser(), hide_possible_values = true)]
    skip: Vec<&'static Check>,
    /// Only findings of this severity and worse ones [default: warning]
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser())]
    min_severity: Option<Severity>,
}

impl CheckArguments {
    /// Whether one check alone is selected.
    fn is_only(&self, id: &str) -> bool {
        matches!(self.only.as_slice(), [only] if only.id == id)
    }

    pub fn selection(&self) -> Selection {
        Selection { only: self.only.clone(), skip: self.skip.clone(), min_severity: self.min_severity }
    }
}

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::name))
        .map(|name| name.parse().unwrap_or(Severity::Error))
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let selection = arguments.checks.selection();
    if arguments.list {
        let chosen = CHECKS.iter().filter(|check| {
            (selection.only.is_empty() || selection.only.contains(check)) && !selection.skip.contains(check)
        });
        Stdout::styled().write_all(list::list(chosen).as_bytes())?;
        return Ok(Outcome::Done);
    }
    if arguments.limit.is_some() && arguments.format != FormatName::Sarif {
        bail!(
            "--limit bounds the results of --format sarif; --only and --min-severity choose findings in every format"
        );
    }
    let exceptions = arguments.exceptions.read()?;
    let (mut checked, outcome) = if arguments.paths.is_empty() {
        let memory = Memory::open(&arguments.memory.path())?;
        let threads = arguments.threads.unwrap_or_else(available_threads);
        (check_memory(&memory, &arguments.to, &selection, threads)?, Outcome::Done)
    } else {
        let plan = CheckPlan {
            sources: arguments.locales.sources(
                &arguments.files,
                (&arguments.paths, arguments.set.as_deref()),
                arguments.threads,
            )?,
            to: arguments.to.clone(),
            selection,
        };
        let (checked, counts) = check_documents(&plan, &mut terminal::Stderr(Verbosity::All))?;
        if counts.problems > 0 {
            terminal::message(&counted(counts.problems, "problem"));
        }
        (checked, Outcome::of_documents(&counts, arguments.strict))
    };
    checked.accept(&exceptions);
    print(arguments, &checked)?;
    let fails = checked.worst().is_some_and(|worst| worst >= arguments.fail_on);
    Ok(if fails && outcome == Outcome::Done { Outcome::FaultsFound } else { outcome })
}

fn print(arguments: &Arguments, checked: &Checked) -> anyhow::Result<()> {
    let mut out = output(arguments)?;
    match arguments.format {
        FormatName::Text if !arguments.json => text(arguments, checked, &mut out)?,
        FormatName::Text | FormatName::Json => json_lines(checked, &mut out)?,
        FormatName::Sarif => sarif(arguments, checked, &mut out)?,
        FormatName::Html => out.write_all(check_report(checked).as_bytes())?,
    }
    Ok(Box::new(out).finish()?)
}

/// The output. Text for people is in colour on a terminal; a file gets its name when it is complete.
fn output(arguments: &Arguments) -> anyhow::Result<BufWriter<Box<dyn OutputFile>>> {
    let file = arguments.output.clone().filter(|path| path.as_os_str() != "-");
    if let Some(folder) = file.as_deref().filter(|path| path.is_dir()) {
        bail!("{} is a folder; name a file with -o", shown(folder));
    }
    let out: Box<dyn OutputFile> = match (file, arguments.format) {
        (Some(path), FormatName::Text) if !arguments.json => {
            Box::new(Unstyled::new(Disk::default().open(&SingleOutput::File(path))?))
        }
        (Some(path), _) => Disk::default().open(&SingleOutput::File(path))?,
        (None, FormatName::Html) => Box::new(Stdout::of_format()),
        (None, FormatName::Text) if !arguments.json => Box::new(Stdout::styled()),
        (None, _) => Box::new(Stdout::plain()),
    };
    Ok(BufWriter::new(out))
}

/// A file for text without styles.
struct Unstyled {
    out: Box<dyn OutputFile>,
    state: anstream::adapter::StripBytes,
}

impl Unstyled {
    fn new(out: Box<dyn OutputFile>) -> Unstyled {
        Unstyled { out, state: anstream::adapter::StripBytes::new() }
    }
}

impl Write for Unstyled {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in self.state.strip_next(bytes) {
            self.out.write_all(part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl OutputFile for Unstyled {
    fn finish(self: Box<Self>) -> io::Result<()> {
        self.out.finish()
    }
}

fn json_lines(checked: &Checked, out: &mut dyn Write) -> anyhow::Result<()> {
    let votes = Votes::new(checked);
    for segment in checked.found() {
        for finding in segment.findings.iter() {
            let vote = votes.of(&segment, finding);
            let object = FindingObject { vote, ..finding_object(&segment, finding) };
            writeln!(out, "{}", json::to_string(&object)?)?;
        }
    }
    Ok(())
}

/// The worst findings, in the order of the documents.
fn sarif(arguments: &Arguments, checked: &Checked, out: &mut dyn Write) -> anyhow::Result<()> {
    let all = checked.counts();
    let limit = arguments.limit.unwrap_or(SARIF_RESULTS);
    let mut left = if limit == 0 { u64::MAX } else { limit };
    // How many of each severity are written, the worst first.
    let mut quotas: HashMap<Severity, u64> = HashMap::new();
    for severity in Severity::ALL.into_iter().rev() {
        let count = all.get(&severity).copied().unwrap_or(0).min(left);
        quotas.insert(severity, count);
        left -= count;
    }
    let left_out = all.values().sum::<u64>() - quotas.values().sum::<u64>();
    let mut writer = SarifWriter::new(out)?;
    let (mut document, mut uri) = (None, String::new());
    for segment in checked.found() {
        let this = (segment.document.set, segment.document.document);
        if document != Some(this) {
            document = Some(this);
            uri = address::uri(&arguments.paths, this.1);
        }
        for finding in segment.findings.iter() {
            if let Some(quota) = quotas.get_mut(&finding.severity).filter(|quota| **quota > 0) {
                *quota -= 1;
                writer.write(&uri, &finding_object(&segment, finding))?;
            }
        }
    }
    writer.finish(left_out)?;
    if left_out > 0 {
        terminal::message(&format!(
            "{} are left out; --limit 0 writes all",
            counted(left_out, "further finding")
        ));
    }
    Ok(())
}

fn finding_object<'a>(segment: &CheckedSegment<'a>, finding: &'a Finding) -> FindingObject<'a> {
    let place = (segment.document.set, segment.document.document, segment.id, segment.line);
    FindingObject::new(place, &segment.pair(), finding).with_confidence(segment.confidence)
}

fn text(arguments: &Arguments, checked: &Checked, out: &mut dyn Write) -> anyhow::Result<()> {
    if !arguments.summary && arguments.checks.is_only("inconsistent") {
        for conflict in checked.conflicts() {
            out.write_all(show::conflict(&conflict).as_bytes())?;
        }
    } else if !arguments.summary {
        let excerpts = if arguments.output.is_some() { Excerpts::of_file() } else { Excerpts::of_stdout() };
        let mut document = None;
        for segment in checked.found() {
            if document != Some((segment.document.set, segment.document.document)) {
                document = Some((segment.document.set, segment.document.document));
                out.write_all(show::heading(&segment.document).as_bytes())?;
            }
            out.write_all(show::segment(excerpts, &segment).as_bytes())?;
        }
    }
    out.write_all(show::summary(checked).as_bytes())?;
    Ok(())
}
