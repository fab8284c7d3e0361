//! `bitext accept`: silences false alarms of `bitext check`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{bail, ensure};

use super::terminal::{self, counted};
use super::values::{FileArguments, LocaleArguments, check_parser};
use super::{MemoryArguments, Outcome};
use crate::check::{Check, FindingId, Selection};
use crate::input::shown;
use crate::memory::Memory;
use crate::model::shortened;
use crate::operations::check::exceptions::{self, Exceptions, FILE_NAME, NewException};
use crate::operations::check::{CheckPlan, Checked, check_documents, check_memory};
use crate::parallel::available_threads;

/// Silence false alarms of `bitext check`, with a reason
///
/// Adds them to bitext-ignore.toml, a file to keep beside the documents, which `check`, `export --clean`, `query` and `search` read. A
/// finding is named by the 12 digits that `check` prints. The name depends on the check, the locales and the two texts alone: the finding
/// stays silenced after the next import and wherever the pair occurs, and is reported again when either text changes. Without a
/// finding, --check and --document silence a check, documents, or a check in documents.
///
/// The file is one of [[ignore]] tables with the keys finding, check, document, set and reason, and can be edited by hand.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The names of findings
    #[arg(value_name = "FINDING", required_unless_present_any = ["check", "document"])]
    findings: Vec<FindingId>,
    /// Why it is a false alarm
    #[arg(long, short, value_name = "TEXT", required = true)]
    reason: String,
    /// Silence this check
    #[arg(long, value_name = "CHECK", value_parser = check_parser(), hide_possible_values = true, conflicts_with = "findings")]
    check: Option<&'static Check>,
    /// Only in documents whose path below their set matches, as in `articles/**`
    #[arg(long, value_name = "GLOB")]
    document: Option<String>,
    /// Only in this document set
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    /// The file to add to [default: bitext-ignore.toml in this folder or the nearest above it, up to the root of the Git repository;
    /// if there is none, a new one in this folder]
    #[arg(long, value_name = "FILE")]
    ignore_file: Option<PathBuf>,
    /// Folders, archives, Git repositories or documents that have the findings [default: the memory]
    #[arg(long = "in", value_name = "PATH", conflicts_with = "check")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    memory: MemoryArguments,
    #[command(flatten)]
    locales: LocaleArguments,
    #[command(flatten)]
    files: FileArguments,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    ensure!(!arguments.reason.trim().is_empty(), "--reason is empty; say why it is a false alarm");
    if let Some(glob) = &arguments.document
        && let Err(error) = exceptions::glob(glob)
    {
        bail!("--document: {error}");
    }
    let current = std::env::current_dir()?;
    let file = arguments.ignore_file.clone().or_else(|| Exceptions::find(&current));
    let file = file.unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let known = if file.exists() { Exceptions::read(&file)? } else { Exceptions::default() };
    let base = NewException {
        check: arguments.check,
        document: arguments.document.clone(),
        set: arguments.set.clone(),
        reason: arguments.reason.clone(),
        ..NewException::default()
    };
    let new = if arguments.findings.is_empty() {
        vec![base]
    } else {
        let found = described(arguments)?;
        let unknown: Vec<String> =
            arguments.findings.iter().filter(|id| !found.contains_key(id)).map(ToString::to_string).collect();
        if !unknown.is_empty() {
            terminal::message(&format!(
                "there is no finding {}; nothing is accepted; `bitext check --min-severity info` lists all, and --in PATH says where they were \
                 found",
                unknown.join(", ")
            ));
            return Ok(Outcome::NothingFound);
        }
        let is_known =
            |id: &FindingId| arguments.document.is_none() && known.findings().any(|known| known == *id);
        let named: std::collections::BTreeSet<&FindingId> = arguments.findings.iter().collect();
        let wanted = named.into_iter().filter(|id| !is_known(id));
        wanted
            .map(|id| NewException {
                finding: Some(*id),
                comment: found.get(id).cloned().unwrap_or_default(),
                ..base.clone()
            })
            .collect()
    };
    if !new.is_empty() {
        exceptions::append(&file, &new)?;
    }
    terminal::message(&format!("{} added to {}", counted(new.len() as u64, "exception"), shown(&file)));
    Ok(Outcome::Done)
}

/// The characters of each text that a comment has.
const IN_COMMENT: usize = 120;

/// The named findings, with lines that say what they are.
fn described(arguments: &Arguments) -> anyhow::Result<BTreeMap<FindingId, Vec<String>>> {
    let mut described = BTreeMap::new();
    for segment in checked(arguments)?.found() {
        for finding in segment.findings.iter() {
            let id = FindingId::new(finding.check, &segment.pair());
            if arguments.findings.contains(&id) {
                let document = segment.document;
                described.entry(id).or_insert_with(|| {
                    vec![
                        format!("{}: {}", finding.check.id, finding.reason),
                        format!("{}/{} {}", document.set, document.document, segment.id),
                        format!("{}: {}", document.source_locale, shortened(segment.source, IN_COMMENT)),
                        format!("{}: {}", document.target_locale, shortened(segment.target, IN_COMMENT)),
                    ]
                });
            }
        }
    }
    Ok(described)
}

fn checked(arguments: &Arguments) -> anyhow::Result<Checked> {
    let selection = Selection::everything();
    if arguments.paths.is_empty() {
        let memory = Memory::open(&arguments.memory.path())?;
        return Ok(check_memory(&memory, &[], &selection, available_threads())?);
    }
    let plan = CheckPlan {
        sources: arguments.locales.sources(&arguments.files, (&arguments.paths, None), None)?,
        to: Vec::new(),
        selection,
    };
    Ok(check_documents(&plan, &mut terminal::Stderr(terminal::Verbosity::All))?.0)
}
