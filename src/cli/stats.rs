//! `bitext stats`: counts the content of the memory.

use std::io::Write as _;

use super::stdout::Stdout;
use super::terminal::{counted, escape, grouped};
use super::{MemoryArguments, Outcome, table};
use crate::json::{self, AlignedObject, HistoryObject};
use crate::memory::{Memory, Stats};
use crate::operations::stats::stats_object;

/// Show what the memory holds: sets, locales, documents, segments, units
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    memory: MemoryArguments,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let memory = Memory::open(&arguments.memory.path())?;
    let stats = memory.stats()?;
    let mut out = Stdout::plain();
    if arguments.json {
        writeln!(out, "{}", json::to_string(&stats_object(&stats))?)?;
    } else {
        out.write_all(table(&stats).as_bytes())?;
    }
    Ok(Outcome::Done)
}

fn table(stats: &Stats) -> String {
    let total = stats_object(stats);
    let mut rows = vec![
        ["set", "locales", "documents", "segments", "units", "human", "machine", "untranslated"]
            .map(str::to_owned),
    ];
    for set in &stats.sets {
        rows.push([
            escape(&set.set).into_owned(),
            format!("{} > {}", set.source_locale, set.target_locale),
            grouped(set.documents),
            grouped(set.segments),
            grouped(set.units),
            grouped(set.human),
            grouped(set.machine),
            grouped(set.untranslated),
        ]);
    }
    rows.push([
        "all".to_owned(),
        String::new(),
        grouped(total.documents),
        grouped(total.segments),
        grouped(total.units),
        grouped(total.human),
        grouped(total.machine),
        grouped(total.untranslated),
    ]);
    let mut table = table::table(&rows, 2);
    if let Some(AlignedObject { aligned, confidence_50, confidence_80, confidence_95 }) = total.aligned {
        let share = |part: u64| 100.0 * part as f64 / aligned as f64;
        table += &format!(
            "{} found by alignment; confidence 0.95 and more: {:.1} %, 0.8: {:.1} %, 0.5: {:.1} %\n",
            counted(aligned, "segment"),
            share(confidence_95),
            share(confidence_80),
            share(confidence_50),
        );
    }
    table += &history(&total.history);
    table
        + &format!(
            "{} of {} in a file of {:.1} MB\n",
            counted(stats.variants, "different pair"),
            counted(stats.units, "source text"),
            stats.bytes as f64 / 1e6
        )
}

/// A line about the history; nothing if no segment is superseded.
fn history(history: &HistoryObject) -> String {
    if history.superseded == 0 {
        return String::new();
    }
    format!(
        "in the history: {}; {} a human translation only there, {} of them another translation now\n",
        counted(history.superseded, "superseded segment"),
        match history.human_in_history {
            1 => "1 source text has".to_owned(),
            texts => format!("{} source texts have", grouped(texts)),
        },
        grouped(history.human_in_history_translated_now),
    )
}
