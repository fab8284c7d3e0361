//! The summary of an alignment.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::cli::terminal::{self, counted, grouped};
use crate::memory::ImportCounts;
use crate::operations::align::{AlignSources, Aligned};

/// The summary; the output of `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    set: String,
    layout: String,
    documents: u64,
    source_only: u64,
    target_only: u64,
    #[serde(flatten)]
    counts: ImportCounts,
    blocks_source: u64,
    blocks_target: u64,
    blocks_aligned: u64,
    sentences: u64,
    sentences_without_translation: u64,
    labels: u64,
    older_versions: u64,
    confidence_50: u64,
    confidence_80: u64,
    confidence_95: u64,
    problems: u64,
    seconds: f64,
    dry_run: bool,
}

impl Summary {
    pub fn of(sources: &AlignSources, aligned: &Aligned, elapsed: Duration, dry_run: bool) -> Summary {
        Summary {
            set: sources.set().to_owned(),
            layout: sources.layout().to_string(),
            documents: sources.documents(),
            source_only: sources.source_only().len() as u64,
            target_only: sources.target_only().len() as u64,
            counts: aligned.counts,
            blocks_source: aligned.blocks.source,
            blocks_target: aligned.blocks.target,
            blocks_aligned: aligned.blocks.aligned,
            sentences: aligned.sentences.0,
            sentences_without_translation: aligned.sentences.1,
            labels: aligned.labels,
            older_versions: aligned.older_versions,
            confidence_50: aligned.confident[0],
            confidence_80: aligned.confident[1],
            confidence_95: aligned.confident[2],
            problems: aligned.problems,
            seconds: (elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
            dry_run,
        }
    }

    /// How well the documents that are new or changed are aligned.
    fn pairs(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |part: u64, all: u64| 100.0 * part as f64 / all.max(1) as f64;
        writeln!(
            out,
            "{} and {} with text, {} aligned ({:.1} %)",
            counted(self.blocks_source, "block"),
            grouped(self.blocks_target),
            grouped(self.blocks_aligned),
            share(2 * self.blocks_aligned, self.blocks_source + self.blocks_target),
        )?;
        writeln!(
            out,
            "{} of {}, {} of titles, descriptions and images; confidence 0.95 and more: {:.1} %, 0.8: {:.1} %, 0.5: {:.1} %",
            counted(self.counts.segments - self.labels.min(self.counts.segments), "pair"),
            counted(self.sentences, "sentence"),
            grouped(self.labels),
            share(self.confidence_95, self.counts.segments),
            share(self.confidence_80, self.counts.segments),
            share(self.confidence_50, self.counts.segments),
        )
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        terminal::dry_run(out, self.dry_run)?;
        writeln!(
            out,
            "documents of the set {}: {} new, {} changed, {} unchanged, {} without segments",
            terminal::escape(&self.set),
            grouped(self.counts.documents_new),
            grouped(self.counts.documents_changed),
            grouped(self.counts.documents_unchanged),
            grouped(self.counts.documents_without_segments),
        )?;
        if self.counts.segments > 0 {
            self.pairs(out)?;
        }
        if self.older_versions > 0 {
            writeln!(
                out,
                "{} in an earlier version than the newest before its translation, because that one aligns better",
                counted(self.older_versions, "source document"),
            )?;
        }
        write!(
            out,
            "{} new, {} removed, {} in {:.2} s",
            counted(self.counts.units_new, "unit"),
            grouped(self.counts.units_removed),
            counted(self.problems, "problem"),
            self.seconds
        )
    }
}
