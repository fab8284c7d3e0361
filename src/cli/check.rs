//! `bitext check`: what is wrong with translations.

mod list;
mod show;

use std::io::Write as _;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::excerpt::Excerpts;
use super::stdout::Stdout;
use super::terminal::{Verbosity, counted};
use super::values::{FileArguments, LocaleArguments};
use super::{MemoryArguments, Outcome, terminal};
use crate::check::{CHECKS, Check, Selection, Severity, check_of_id};
use crate::json::{self, FindingObject};
use crate::memory::Memory;
use crate::model::Locale;
use crate::operations::check::{CheckPlan, Checked, check_documents, check_memory};
use crate::parallel::available_threads;

/// Find what is wrong with translations: in documents, or in the memory
///
/// Each finding has a check, a severity, its place and a reason. A finding in a human translation is often milder than the same one
/// in a machine translation. What is usual in a set is learned first: so check whole sets. Exits with 1 if there is a finding of
/// --fail-on or worse.
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
    /// Exit with 1 if there is a finding of this severity or a worse one
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), default_value = "error")]
    fail_on: Severity,
    /// List the checks, with what they find, an example and their severities
    #[arg(long)]
    list: bool,
    /// Print the table of checks and sets only
    #[arg(long, conflicts_with = "json")]
    summary: bool,
    /// Print a line of JSON for each finding
    #[arg(long)]
    json: bool,
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
    pub fn selection(&self) -> Selection {
        Selection { only: self.only.clone(), skip: self.skip.clone(), min_severity: self.min_severity }
    }
}

fn check_parser() -> impl TypedValueParser<Value = &'static Check> {
    let ids = CHECKS.iter().map(|check| PossibleValue::new(check.id));
    PossibleValuesParser::new(ids).map(|id| check_of_id(&id).unwrap_or(&CHECKS[0]))
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
    let threads = arguments.threads.unwrap_or_else(available_threads);
    let (checked, outcome) = if arguments.paths.is_empty() {
        let memory = Memory::open(&arguments.memory.path())?;
        (check_memory(&memory, &arguments.to, &selection, threads)?, Outcome::Done)
    } else {
        let plan = CheckPlan {
            paths: arguments.paths.clone(),
            files: arguments.files.files()?,
            set: arguments.set.clone(),
            source_locale: arguments.locales.source_locale.clone(),
            target_locale: arguments.locales.target_locale.clone(),
            to: arguments.to.clone(),
            selection,
            threads,
        };
        let (checked, counts) = check_documents(&plan, &mut terminal::Stderr(Verbosity::All))?;
        if counts.problems > 0 {
            terminal::message(&counted(counts.problems, "problem"));
        }
        (checked, Outcome::of_documents(&counts, arguments.strict))
    };
    print(arguments, &checked)?;
    let fails = checked.worst().is_some_and(|worst| worst >= arguments.fail_on);
    Ok(if fails && outcome == Outcome::Done { Outcome::FaultsFound } else { outcome })
}

fn print(arguments: &Arguments, checked: &Checked) -> anyhow::Result<()> {
    if arguments.json {
        let mut out = std::io::BufWriter::new(Stdout::plain());
        for segment in checked.found() {
            let place = (segment.document.set, segment.document.document, segment.id, segment.line);
            for finding in segment.findings {
                let object = FindingObject::new(place, (segment.source, segment.target), finding);
                writeln!(out, "{}", json::to_string(&object)?)?;
            }
        }
        out.flush()?;
        return Ok(());
    }
    let mut out = std::io::BufWriter::new(Stdout::styled());
    if !arguments.summary {
        let excerpts = Excerpts::of_stdout();
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
    out.flush()?;
    Ok(())
}
