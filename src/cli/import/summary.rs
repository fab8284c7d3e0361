//! The progress of an import, and its summary.

use std::fmt;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::cli::terminal::{self, Verbosity, counted, grouped};
use crate::memory::ImportCounts;
use crate::model::Problem;
use crate::operations::import::Imported;
use crate::operations::{LeftOut, Report, Warning};

/// The summary of an import; the output of `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    #[serde(flatten)]
    pub counts: ImportCounts,
    pub documents_kept: u64,
    pub segments_left_out: u64,
    pub problems: u64,
    pub seconds: f64,
    pub dry_run: bool,
}

impl Summary {
    pub fn of(imported: &Imported, elapsed: Duration, dry_run: bool) -> Self {
        let seconds = (elapsed.as_secs_f64() * 1000.0).round() / 1000.0;
        Summary {
            counts: imported.counts,
            documents_kept: imported.documents_kept,
            segments_left_out: imported.segments_left_out,
            problems: imported.problems,
            seconds,
            dry_run,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        terminal::dry_run(out, self.dry_run)?;
        writeln!(
            out,
            "documents: {} new, {} changed, {} unchanged, {} removed, {} without segments",
            grouped(self.counts.documents_new),
            grouped(self.counts.documents_changed),
            grouped(self.counts.documents_unchanged),
            grouped(self.counts.documents_removed),
            grouped(self.counts.documents_without_segments)
        )?;
        if self.counts.versions > 0 || self.counts.superseded > 0 {
            writeln!(
                out,
                "history: {} read, {} new",
                counted(self.counts.versions, "earlier version"),
                counted(self.counts.superseded, "superseded segment")
            )?;
        }
        write!(
            out,
            "{}, {} new, {} removed, {} in {:.2} s",
            counted(self.counts.segments, "segment"),
            counted(self.counts.units_new, "unit"),
            grouped(self.counts.units_removed),
            counted(self.problems, "problem"),
            self.seconds
        )
    }
}

/// Prints the problems of an import on standard error; on a terminal, its progress too.
pub(in crate::cli) struct Progress {
    bar: ProgressBar,
    verbosity: Verbosity,
    began: Instant,
    bytes: u64,
    segments: u64,
}

impl Progress {
    pub fn new(documents: u64, verbosity: Verbosity) -> Self {
        let shown = verbosity == Verbosity::All && std::io::stderr().is_terminal();
        let bar = if shown { ProgressBar::new(documents) } else { ProgressBar::hidden() };
        let style =
            ProgressStyle::with_template("{bar:24} {human_pos}/{human_len} documents, {msg}, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(counted(0, "segment"));
        Progress { bar, verbosity, began: Instant::now(), bytes: 0, segments: 0 }
    }

    pub fn finish(self) {
        self.bar.finish_and_clear();
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

    fn left_out(&mut self, path: &str, left_out: &LeftOut) {
        if self.verbosity == Verbosity::All {
            self.bar.suspend(|| terminal::message(&format!("{path}: {left_out}")));
        }
    }

    fn branch_selected(&mut self, path: &str) {
        if self.verbosity == Verbosity::All {
            self.bar.suspend(|| terminal::branch_selected(path));
        }
    }

    fn documents_found(&mut self, documents: u64) {
        self.bar.inc_length(documents);
    }

    fn document_done(&mut self, bytes: u64) {
        self.bytes += bytes;
        if self.bar.is_hidden() {
            return;
        }
        self.bar.inc(1);
        if self.bar.position().is_multiple_of(64) {
            let rate = self.bytes as f64 / 1e6 / self.began.elapsed().as_secs_f64().max(0.001);
            self.bar.set_message(format!("{rate:.0} MB/s, {}", counted(self.segments, "segment")));
        }
    }

    fn segments_stored(&mut self, segments: u64) {
        self.segments += segments;
    }

    /// The number of units of a TMX is not known before its end, so the progress shows a count.
    fn units_stored(&mut self, units: u64) {
        self.segments += units;
        if !self.bar.is_hidden() {
            self.bar.set_message(counted(self.segments, "unit"));
        }
    }
}
