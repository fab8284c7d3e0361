//! `bitext export`: units as TMX, segments in the other formats of the field.

mod choice;
mod output;
mod segments;
mod summary;
mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use super::{MemoryArguments, Outcome, terminal};
#[cfg(feature = "parquet")]
use crate::exchange::parquet::Partition;
use crate::exchange::tmx::{Inline, Profile};
use crate::memory::{DocumentName, Memory};
use crate::model::{Locale, Workflow};

use choice::{Choice, ChoiceArguments, DocumentChoice};
use output::Output;

/// Export units as TMX, or segments in another format
///
/// A TMX holds each source text with its best translation: human before machine, then the one in more documents, then the
/// newer. Where another translation is better between certain neighbours, there is a unit for that context too. The other
/// formats hold segments: each place of each document, in order.
///
/// The same memory gives the same bytes. A file takes its name when it is whole.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    memory: MemoryArguments,
    /// The format [default: by the name of FILE, else tmx]
    #[arg(long, short, value_enum)]
    format: Option<Format>,
    /// Where to write: a file (NAME.gz and NAME.zst are compressed), a folder (see --profile omegat, --partition-by, xliff), or -
    /// for standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The locale of the source; another target locale makes a memory between two of them, through their common source
    #[arg(long, value_name = "LOCALE")]
    from: Option<Locale>,
    /// A target locale; can be given several times [default: all]
    #[arg(long, value_name = "LOCALE")]
    to: Vec<Locale>,
    /// Put the translations of a source text into all locales into one unit
    #[arg(long)]
    multilingual: bool,
    /// With --from a target locale: join what has the same source text, not only the same segments of the same document
    #[arg(long)]
    loose: bool,
    /// The tool that a TMX is for: it decides how context, documents and workflow are written. `omegat` with a folder as FILE
    /// makes tm/auto (human, with context), tm (human) and tm/mt (machine) in it
    #[arg(long, value_enum, default_value_t = ProfileName::Generic)]
    profile: ProfileName,
    /// With `--profile omegat` and a folder: put machine translations into tm/penalty-N, not tm/mt
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=99))]
    penalty: Option<u8>,
    /// What becomes of the markup in segments
    #[arg(long, value_enum, default_value_t = InlineName::Text)]
    inline: InlineName,
    /// Write Parquet into a folder of folders, one for each value: target_locale, source_locale, set, workflow
    #[cfg(feature = "parquet")]
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', value_enum)]
    partition_by: Vec<PartitionName>,
    #[command(flatten)]
    choice: ChoiceArguments,
    /// How many threads make the TMX, which is the same with any number [default: one a processor]
    #[arg(long, value_name = "N", value_parser = super::query::at_least_one)]
    threads: Option<usize>,
    /// Print the summary as a JSON object, on standard error
    #[arg(long)]
    json: bool,
    /// Print no summary
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// TMX 1.4
    Tmx,
    /// A JSON object a line
    Jsonl,
    /// Tab-separated values, quoted as in CSV
    Tsv,
    /// Comma-separated values (RFC 4180)
    Csv,
    /// Two line-aligned text files, FILE.SOURCE-TARGET.SOURCE and FILE.SOURCE-TARGET.TARGET
    Moses,
    /// XLIFF 2.1; into a folder, one file for each document
    Xliff,
    /// A gettext PO file
    Po,
    /// Apache Parquet
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    fn of_name(name: &str) -> Option<Format> {
        let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
        let (_, ending) = name.rsplit_once('.')?;
        Some(match ending {
            "tmx" => Format::Tmx,
            "jsonl" => Format::Jsonl,
            "tsv" => Format::Tsv,
            "csv" => Format::Csv,
            "xlf" | "xliff" => Format::Xliff,
            "po" => Format::Po,
            #[cfg(feature = "parquet")]
            "parquet" => Format::Parquet,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Format::Tmx => "tmx",
            Format::Jsonl => "jsonl",
            Format::Tsv => "tsv",
            Format::Csv => "csv",
            Format::Moses => "moses",
            Format::Xliff => "xliff",
            Format::Po => "po",
            #[cfg(feature = "parquet")]
            Format::Parquet => "parquet",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProfileName {
    /// What every tool loads
    Generic,
    /// OmegaT
    Omegat,
    /// memoQ
    Memoq,
    /// Trados Studio
    Trados,
    /// Okapi
    Okapi,
    /// XTM
    Xtm,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Generic => Profile::Generic,
            ProfileName::Omegat => Profile::OmegaT,
            ProfileName::Memoq => Profile::MemoQ,
            ProfileName::Trados => Profile::Trados,
            ProfileName::Okapi => Profile::Okapi,
            ProfileName::Xtm => Profile::Xtm,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum InlineName {
    /// It stays, as text
    Text,
    /// It goes into TMX's inline codes (bpt, ept, it, ph)
    Codes,
    /// It goes
    Strip,
}

impl From<InlineName> for Inline {
    fn from(name: InlineName) -> Self {
        match name {
            InlineName::Text => Inline::Text,
            InlineName::Codes => Inline::Codes,
            InlineName::Strip => Inline::Strip,
        }
    }
}

#[cfg(feature = "parquet")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum PartitionName {
    /// The locale of the target texts
    TargetLocale,
    /// The locale of the source texts
    SourceLocale,
    /// The document set
    Set,
    /// Who translated
    Workflow,
}

#[cfg(feature = "parquet")]
impl From<PartitionName> for Partition {
    fn from(name: PartitionName) -> Self {
        match name {
            PartitionName::TargetLocale => Partition::TargetLocale,
            PartitionName::SourceLocale => Partition::SourceLocale,
            PartitionName::Set => Partition::Set,
            PartitionName::Workflow => Partition::Workflow,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let output = Output::of(arguments.output.as_deref());
    let format = arguments.format.or_else(|| Format::of_name(&output.name())).unwrap_or(Format::Tmx);
    refuse_misfits(arguments, format, &output)?;
    let documents = DocumentChoice::new(&arguments.choice)?;
    let memory = Memory::open(&arguments.memory.path())?;
    // Documents are chosen first and read later, some of them twice: all of it from the same memory.
    let snapshot = memory.snapshot()?;
    let scope = Scope::of(&memory, arguments, documents)?;
    if scope.pairs.is_empty() {
        terminal::talk(
            "nothing to export: no document is chosen; `bitext stats` lists what the memory holds",
        );
        return Ok(Outcome::NothingFound);
    }
    let choice = Choice::new(&arguments.choice);
    let exported = match format {
        Format::Tmx => units::export(&memory, arguments, choice, &scope, &output),
        other => segments::export(&memory, arguments, choice, &scope, other, &output),
    };
    let exported = exported.map_err(|error| match error.chain().next() {
        // Nobody has said yet what it was that could not be written.
        Some(first) if first.is::<std::io::Error>() => error.context(format!("{output} cannot be written")),
        _ => error,
    })?;
    drop(snapshot);
    if !arguments.quiet {
        summary::tell(&exported, arguments.json)?;
    }
    Ok(if exported.is_empty() { Outcome::NothingFound } else { Outcome::Done })
}

/// Which documents are exported.
struct Scope<'a> {
    arguments: &'a Arguments,
    documents: DocumentChoice,
    /// The pair, where the source is a target locale too.
    between: Option<(Locale, Locale)>,
    /// The source and target locales of the documents.
    pairs: BTreeSet<(Locale, Locale)>,
}

impl<'a> Scope<'a> {
    fn of(memory: &Memory, arguments: &'a Arguments, documents: DocumentChoice) -> anyhow::Result<Scope<'a>> {
        let mut scope = Scope { arguments, documents, between: None, pairs: BTreeSet::new() };
        // Of the locales of all documents whether any document is chosen by its name.
        let mut known: BTreeMap<(Locale, Locale), bool> = BTreeMap::new();
        memory.for_each_document(|name| {
            let is_chosen = scope.documents.has(&name.set, &name.document);
            *known.entry((name.source_locale, name.target_locale)).or_default() |= is_chosen;
        })?;
        let sources: BTreeSet<&Locale> = known.keys().map(|(source, _)| source).collect();
        let targets: BTreeSet<&Locale> = known.keys().map(|(_, target)| target).collect();
        for locale in &arguments.to {
            if !targets.contains(locale) {
                let back =
                    if sources.contains(locale) { "; an export goes from source to target" } else { "" };
                bail!("the memory has no translation into {locale}: it has {}{back}", or_nothing(&targets));
            }
        }
        if let Some(from) = &arguments.from {
            if targets.contains(from) && !sources.contains(from) {
                let [to] = arguments.to.as_slice() else {
                    bail!("--from {from} is a target locale of the memory: name one other with --to");
                };
                if to == from {
                    bail!("--from and --to are both {from}; name two locales");
                }
                scope.between = Some((from.clone(), to.clone()));
            } else if !sources.contains(from) {
                bail!(
                    "the memory has no texts in {from}: it has {} and {}",
                    or_nothing(&sources),
                    or_nothing(&targets)
                );
            }
        } else if arguments.loose {
            bail!("--loose says how two target locales are joined; name them with --from and --to");
        }
        known.retain(|(source, target), is_chosen| *is_chosen && scope.has_locales(source, target));
        scope.pairs = known.into_keys().collect();
        Ok(scope)
    }

    fn has(&self, name: &DocumentName) -> bool {
        self.has_locales(&name.source_locale, &name.target_locale)
            && self.documents.has(&name.set, &name.document)
    }

    fn has_locales(&self, source: &Locale, target: &Locale) -> bool {
        let Arguments { from, to, .. } = self.arguments;
        match &self.between {
            Some((from, to)) => [from, to].contains(&target),
            None => from.as_ref().is_none_or(|from| source == from) && (to.is_empty() || to.contains(target)),
        }
    }

    /// The locale of all source texts; none where there are several.
    fn source_locale(&self) -> Option<Locale> {
        if let Some((from, _)) = &self.between {
            return Some(from.clone());
        }
        let (first, _) = self.pairs.first()?;
        self.pairs.iter().all(|(source, _)| source == first).then(|| first.clone())
    }
}

fn or_nothing(locales: &BTreeSet<&Locale>) -> String {
    let names: Vec<&str> = locales.iter().map(|locale| locale.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Refuses options that mean nothing together, before anything is read.
fn refuse_misfits(arguments: &Arguments, format: Format, output: &Output) -> anyhow::Result<()> {
    let name = format.name();
    if format != Format::Tmx {
        let only_tmx = [
            (arguments.profile != ProfileName::Generic, "--profile"),
            (arguments.multilingual, "--multilingual"),
            (arguments.inline == InlineName::Codes, "--inline codes"),
            (arguments.choice.all_variants, "--all-variants"),
        ];
        if let Some((_, option)) = only_tmx.into_iter().find(|(given, _)| *given) {
            bail!("{option} is for TMX; {name} holds segments as they are");
        }
    }
    #[cfg(feature = "parquet")]
    if !arguments.partition_by.is_empty() && format != Format::Parquet {
        bail!("--partition-by is for Parquet; add -f parquet");
    }
    let takes_folder = match format {
        Format::Tmx => arguments.profile == ProfileName::Omegat,
        Format::Xliff => true,
        #[cfg(feature = "parquet")]
        Format::Parquet => !arguments.partition_by.is_empty(),
        _ => false,
    };
    match output {
        Output::Folder(_) if !takes_folder => {
            bail!("{} is a folder; name a file for {name}", output.name())
        }
        #[cfg(feature = "parquet")]
        Output::Stdout | Output::File(_) if !arguments.partition_by.is_empty() => {
            bail!("--partition-by writes folders; name one that ends in / with -o")
        }
        #[cfg(feature = "parquet")]
        Output::Stdout if format == Format::Parquet && std::io::stdout().is_terminal() => {
            bail!("parquet is no text for a terminal; name a file with -o")
        }
        Output::Stdout if format == Format::Moses => {
            bail!("moses is two files; name their beginning with -o")
        }
        Output::Stdout | Output::File(_) if arguments.penalty.is_some() => {
            bail!(
                "--penalty names a folder of an OmegaT project; name the project with -o, as a folder that ends in /"
            )
        }
        _ => Ok(()),
    }
}

/// A line on a terminal that tells how far an export has come; nothing elsewhere.
fn progress(arguments: &Arguments, things: &str) -> ProgressBar {
    // Where the data goes to the terminal itself, a line would stand in the middle of it.
    let to_stdout = matches!(Output::of(arguments.output.as_deref()), Output::Stdout);
    let in_the_way = to_stdout && std::io::stdout().is_terminal();
    if arguments.quiet || in_the_way || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) =
        ProgressStyle::with_template(&format!("{{spinner}} {{human_pos}} {things}, {{per_sec}}"))
    {
        bar.set_style(style);
    }
    bar
}

/// What an export did.
#[derive(Debug, Default, serde::Serialize)]
struct Exported {
    format: &'static str,
    /// Units, in TMX.
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<u64>,
    /// Their translations.
    #[serde(skip_serializing_if = "Option::is_none")]
    variants: Option<u64>,
    /// Segments, in the other formats.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<u64>,
    left_out: choice::LeftOut,
    /// Characters that the format cannot hold.
    dropped_characters: u64,
    seconds: f64,
}

impl Exported {
    fn is_empty(&self) -> bool {
        self.units.or(self.segments).unwrap_or(0) == 0
    }
}

/// The names of workflows on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum WorkflowName {
    /// A person translated
    Human,
    /// A machine translated
    Machine,
}

impl From<WorkflowName> for Workflow {
    fn from(name: WorkflowName) -> Self {
        match name {
            WorkflowName::Human => Workflow::Human,
            WorkflowName::Machine => Workflow::Machine,
        }
    }
}
