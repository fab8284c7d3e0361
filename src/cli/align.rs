//! `bitext align`: makes a memory of two clean trees.

mod rows;
mod summary;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::bail;

use super::export::{Files, plan};
use super::import::summary::Progress;
use super::stdout::{self, Stdout};
use super::terminal::{Verbosity, counted, grouped};
use super::values::{FileArguments, format_parser, workflow};
use super::{MemoryArguments, Outcome, terminal};
use crate::exchange::formats::Format;
use crate::exchange::tmx::Profile;
use crate::json;
use crate::model::{Locale, Workflow};
use crate::operations::align::pairing::Map;
use crate::operations::align::{AlignPlan, AlignSources};
use crate::operations::export::{
    self, Destination, ExportPlan, FormatPlan, Rules, SegmentOutput, SegmentPlan, Selection, SingleOutput,
    TmxOutput, TmxPlan, Untranslated,
};
use crate::operations::import::open_memory;
use crate::parallel::available_threads;

use rows::RowFiles;
use summary::Summary;

/// Align two clean trees, of which one is a translation of the other, into the memory
///
/// SOURCE and TARGET are folders, archives, Git repositories (REPOSITORY@REVISION:FOLDER), or two documents. Documents belong together by
/// their paths. One tree can hold both sides: `content/en/` and `content/ja/`, `docs/` and
/// `i18n/ja/docusaurus-plugin-content-docs/current/`, `page.md` and `page.ja.md`, `pages/` and `pages.ja/`; which of these it is, is found
/// out and shown. Each sentence is stored with its translation and with a confidence, the probability that the two belong together.
///
/// The pairs are a document set of the memory, named after TARGET and the locale. A second run reads both trees, and aligns the
/// documents that have changed. With --format or --output, the pairs are written to a file, and no memory is used.
///
/// Nothing is stored if less than half of the paragraphs have a partner, if the texts are not in the script of LOCALE, or if both
/// trees have the same text.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The tree of the source documents, or of both
    #[arg(value_name = "SOURCE")]
    source: PathBuf,
    /// The tree of the translations [default: they are in SOURCE]
    #[arg(value_name = "TARGET")]
    target: Option<PathBuf>,
    /// The locale of the translations
    #[arg(long, value_name = "LOCALE")]
    to: Locale,
    /// The locale of the source documents
    #[arg(long, value_name = "LOCALE", default_value = "en-US")]
    from: Locale,
    /// Where the locale is in the paths of SOURCE: 'content/{locale}/**' [default: it is found out]
    #[arg(long, value_name = "PATTERN", conflicts_with = "target")]
    map: Option<Map>,
    #[command(flatten)]
    memory: MemoryArguments,
    /// The name of the document set [default: that of the folder or archive, with the locale]
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    /// Who translated: human or machine, where the front matter does not state it [default: unknown]
    #[arg(long, value_name = "WHO", value_parser = workflow)]
    workflow: Option<Workflow>,
    /// A key of front matter that names the commit of the source; can be given several times
    ///
    /// If SOURCE is a revision of a Git repository, each translation is aligned with the version of the source that it is of: that of the
    /// commit in `ms.sourcegitcommit`, `default_lang_commit` or KEY, else the newest one from before the last change of the translation.
    #[arg(long, value_name = "KEY")]
    commit_key: Vec<String>,
    /// Read the source documents as they are in SOURCE, whatever version each translation is of
    #[arg(long)]
    this_version: bool,
    /// Align trees although less than half of their paragraphs belong together
    #[arg(long)]
    force: bool,
    /// Report what would be aligned, and write nothing
    #[arg(long, conflicts_with_all = ["format", "output"])]
    dry_run: bool,
    /// Write the pairs in this format, without a memory [default: by the name of FILE, else jsonl]
    #[arg(long, short, value_parser = format_parser(), conflicts_with = "db")]
    format: Option<Format>,
    /// Write the pairs to a file, or to standard output (-), without a memory
    #[arg(long, short, value_name = "FILE", conflicts_with = "db")]
    output: Option<PathBuf>,
    /// Write what the confidence of each pair was computed from, as JSON lines
    #[arg(long, value_name = "FILE")]
    explain: Option<PathBuf>,
    /// Write a page with both sides in columns, and doubtful pairs marked
    #[arg(long, value_name = "FILE")]
    review: Option<PathBuf>,
    /// List the documents without a partner
    #[arg(long)]
    list_unpaired: bool,
    #[command(flatten)]
    files: FileArguments,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// Print the summary as a JSON object on standard output, or, if the pairs go there, on standard error
    #[arg(long)]
    json: bool,
    /// Print problems only
    #[arg(long, short)]
    quiet: bool,
    /// The number of threads that align [default: one a processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Arguments {
    fn plan(&self) -> anyhow::Result<AlignPlan> {
        if self.from == self.to {
            bail!(
                "the source and the target are both {}; name the locale of the translations with --to",
                self.to
            );
        }
        Ok(AlignPlan {
            source: self.source.clone(),
            target: self.target.clone(),
            map: self.map.clone(),
            files: self.files.files()?,
            set: self.set.clone(),
            source_locale: self.from.clone(),
            target_locale: self.to.clone(),
            workflow: self.workflow,
            commit_keys: self.commit_key.clone(),
            only_this_version: self.this_version,
            force: self.force,
            dry_run: self.dry_run,
            threads: self.threads.unwrap_or_else(available_threads),
        })
    }

    /// How the pairs are written, if not to the memory.
    fn export(&self) -> anyhow::Result<Option<ExportPlan>> {
        if self.format.is_none() && self.output.is_none() {
            return Ok(None);
        }
        let destination = plan::destination(self.output.as_deref());
        let named = match &self.output {
            Some(path) if path.as_os_str() != "-" => None,
            _ => Format::of_name("jsonl"),
        };
        let format = match plan::format(self.format.or(named), &destination) {
            Format::Tmx => FormatPlan::Tmx(TmxPlan {
                output: match destination {
                    Destination::Single(output) => TmxOutput::File { output, profile: Profile::Generic },
                    Destination::Folder(_) => bail!("a folder is no TMX; name a file with -o"),
                },
                ..TmxPlan::file(PathBuf::new())
            }),
            Format::Segments(format) => {
                let to_terminal = matches!(destination, Destination::Single(SingleOutput::Stdout));
                if format.is_binary && to_terminal && stdout::is_terminal() {
                    bail!("{} is no text for a terminal; name a file with -o", format.name);
                }
                let Some(output) = SegmentOutput::new(format, &destination, &[]) else {
                    bail!("{} cannot be written there; name another output with -o", format.name)
                };
                FormatPlan::Segments(SegmentPlan { format, output, strip_markup: false })
            }
        };
        // As in `extract`, a translation that equals its source is a pair too.
        let rules = Rules { untranslated: Untranslated::Keep, ..Rules::default() };
        Ok(Some(ExportPlan { selection: Selection::default(), rules, format }))
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let export = arguments.export()?;
    let sources = arguments.plan()?.list()?;
    if !arguments.quiet {
        show_pairs(&sources, arguments.list_unpaired);
    }
    let mut rows = RowFiles::create(
        (arguments.explain.as_deref(), arguments.review.as_deref()),
        (sources.set(), &arguments.from, &arguments.to),
    )?;
    let mut progress = Progress::new(sources.documents(), Verbosity::of(arguments.quiet));
    let aligned = match &export {
        None => {
            let mut memory = open_memory(&arguments.memory.path(), arguments.dry_run)?;
            sources.align(&mut memory, &mut progress, rows.receiver())?
        }
        Some(plan) => {
            let folder = tempfile::tempdir()?;
            let mut memory = open_memory(&folder.path().join("aligned.db"), false)?;
            let aligned = sources.align(&mut memory, &mut progress, rows.receiver())?;
            export::export(&memory, plan, &Files::default(), &mut |_| ())?;
            aligned
        }
    };
    progress.finish();
    rows.finish()?;
    let summary = Summary::of(&sources, &aligned, began.elapsed(), arguments.dry_run);
    if arguments.json && export.is_none() {
        writeln!(Stdout::plain(), "{}", json::to_string(&summary)?)?;
    } else if arguments.json {
        terminal::print_lines(&json::to_string(&summary)?);
    } else if !arguments.quiet {
        terminal::print_lines(&summary.to_string());
    }
    let found = aligned.counts.segments > 0 || aligned.counts.documents_unchanged > 0;
    Ok(match () {
        () if arguments.strict && aligned.problems > 0 => Outcome::Refused,
        () if !found => Outcome::NothingFound,
        () => Outcome::Done,
    })
}

/// The documents without a partner that are shown without `--list-unpaired`.
const SHOWN: usize = 3;

/// Shows how the documents are paired, before the work begins.
fn show_pairs(sources: &AlignSources, lists_all: bool) {
    terminal::message(&format!(
        "{} in both trees ({}); only in the source: {}, only in the target: {}",
        counted(sources.documents(), "document"),
        sources.layout(),
        grouped(sources.source_only().len() as u64),
        grouped(sources.target_only().len() as u64),
    ));
    let versions = sources.version_counts();
    if versions.stated + versions.by_date > 0 {
        terminal::message(&format!(
            "in the version that the translation is of: {} by the commit in its front matter, {} by its date",
            counted(versions.stated, "source document"),
            grouped(versions.by_date),
        ));
    }
    let list = |what: &str, paths: &mut dyn ExactSizeIterator<Item = &str>| {
        let all = paths.len();
        let most = if lists_all { usize::MAX } else { SHOWN };
        for path in paths.take(most) {
            terminal::message(&format!("only in the {what}: {path}"));
        }
        if all > most && most > 0 {
            let rest = counted((all - most) as u64, "more document");
            terminal::message(&format!("only in the {what}: {rest}; --list-unpaired lists them"));
        }
    };
    if lists_all {
        list("source", &mut sources.source_only());
    }
    list("target", &mut sources.target_only());
}
