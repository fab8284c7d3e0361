//! `bitext log`: how the translation of a text changed over time.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::Style;
use serde::Serialize;

use super::marked::marked;
use super::stdout::Stdout;
use super::terminal::{self, counted, escape};
use super::{MemoryArguments, Outcome};
use crate::json;
use crate::matching::{Change, changes};
use crate::memory::{LoggedTranslation, Memory};
use crate::model::{Locale, date_time, fold_line_breaks, timestamp};

/// Show how the translation of a text changed over time
///
/// TEXT is a source text as written. Each of its translations is shown once for each workflow, the oldest first, with the words that
/// were [-removed-] and {+added+}: superseded ones with the day when they were replaced and the last commit that has them, which the
/// history of a Git branch knows (`bitext import --history`), then the current ones. Exits with 1 if the memory has no such text.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The source text
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    memory: MemoryArguments,
    /// Only source texts in this locale
    #[arg(long, value_name = "LOCALE")]
    from: Option<Locale>,
    /// Only translations into this locale
    #[arg(long, value_name = "LOCALE")]
    to: Option<Locale>,
    /// Print a line of JSON for each translation
    #[arg(long)]
    json: bool,
}

const FAINT: Style = Style::new().dimmed();
const NAME: Style = Style::new().bold();

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let memory = Memory::open(&arguments.memory.path())?;
    let text = fold_line_breaks(arguments.text.trim());
    let mut log = memory.text_log(&text)?;
    log.retain(|translation| {
        let is =
            |wanted: &Option<Locale>, locale: &Locale| wanted.as_ref().is_none_or(|wanted| wanted == locale);
        is(&arguments.from, &translation.source_locale) && is(&arguments.to, &translation.target_locale)
    });
    if log.is_empty() {
        terminal::message(
            "the memory has no translation of exactly this text; `bitext query TEXT` finds similar ones",
        );
        return Ok(Outcome::NothingFound);
    }
    let mut out = if arguments.json { Stdout::plain() } else { Stdout::styled() };
    let mut last: Option<&LoggedTranslation> = None;
    for translation in &log {
        let before = last.filter(|last| {
            (&last.source_locale, &last.target_locale)
                == (&translation.source_locale, &translation.target_locale)
        });
        if arguments.json {
            let line = LogLine::new(&text, before.map(|before| before.target.as_str()), translation);
            writeln!(out, "{}", json::to_string(&line)?)?;
        } else {
            if before.is_none() {
                writeln!(
                    out,
                    "{NAME}{} to {}{NAME:#}",
                    translation.source_locale, translation.target_locale
                )?;
            }
            out.write_all(shown(before.map(|before| before.target.as_str()), translation).as_bytes())?;
        }
        last = Some(translation);
    }
    Ok(Outcome::Done)
}

/// A translation in two lines: when, who, and where; and the text, with what differs from the one before.
fn shown(before: Option<&str>, translation: &LoggedTranslation) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = match (&translation.superseded, &translation.commit) {
        (Some(superseded), _) => write!(out, "{superseded}"),
        (None, Some(commit)) => write!(out, "current, {}", commit.id.short()),
        (None, None) => write!(out, "current"),
    };
    if let Some(workflow) = translation.workflow {
        let _ = write!(out, ", {workflow}");
    }
    let place = &translation.place;
    let _ = writeln!(
        out,
        ", {}  {FAINT}{}/{} {}{FAINT:#}",
        counted(translation.segments, "segment"),
        escape(&place.set),
        escape(&place.document),
        escape(&place.segment),
    );
    out.push_str("    ");
    out.push_str(&marked(before.unwrap_or(&translation.target), &translation.target));
    out.push('\n');
    out
}

/// The output of `log --json`.
#[derive(Debug, Serialize)]
struct LogLine<'a> {
    source: &'a str,
    target: &'a str,
    source_locale: &'a str,
    target_locale: &'a str,
    workflow: Option<&'static str>,
    segments: u64,
    /// The newest hand-off, `YYYY-MM-DD`.
    handoff: Option<String>,
    commit: Option<String>,
    committed: Option<String>,
    superseded: Option<String>,
    set: &'a str,
    document: &'a str,
    id: &'a str,
    /// What differs from the translation before it: pairs of `same`, `removed` or `added`, and the text.
    changes: Vec<(&'static str, &'a str)>,
}

impl<'a> LogLine<'a> {
    fn new(source: &'a str, before: Option<&'a str>, translation: &'a LoggedTranslation) -> Self {
        let change = |change| match change {
            Change::Same(text) => ("same", text),
            Change::QueryOnly(text) => ("removed", text),
            Change::MatchOnly(text) => ("added", text),
        };
        let changed = before.map(|before| changes(before, &translation.target)).unwrap_or_default();
        let superseded_at = translation.superseded.and_then(|superseded| superseded.commit);
        let commit = translation.commit.map(|commit| commit.id).or(superseded_at);
        LogLine {
            source,
            target: &translation.target,
            source_locale: translation.source_locale.as_str(),
            target_locale: translation.target_locale.as_str(),
            workflow: translation.workflow.map(|workflow| workflow.name()),
            segments: translation.segments,
            handoff: translation.handoff.and_then(date_time).map(|time| time.date().to_string()),
            commit: commit.map(|commit| commit.to_string()),
            committed: translation.commit.and_then(|commit| date_time(commit.time)).map(timestamp),
            superseded: translation.superseded.map(|superseded| timestamp(superseded.time())),
            set: &translation.place.set,
            document: &translation.place.document,
            id: &translation.place.segment,
            changes: changed.into_iter().map(change).collect(),
        }
    }
}
