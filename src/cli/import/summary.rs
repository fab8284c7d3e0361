//! How far an import has come, and what it did in the end.

use std::fmt;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::cli::terminal::{counted, grouped};
use crate::memory::Tally;

/// What an import did, as `--json` prints it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    pub documents_new: u64,
    pub documents_changed: u64,
    pub documents_unchanged: u64,
    pub documents_removed: u64,
    pub documents_without_segments: u64,
    /// Of the new and changed documents.
    pub segments: u64,
    pub units_new: u64,
    pub units_removed: u64,
    pub problems: u64,
    pub seconds: f64,
    pub dry_run: bool,
}

impl Summary {
    /// Takes what the memory counted.
    pub fn set(&mut self, tally: &Tally, problems: u64, elapsed: Duration) {
        self.documents_new = tally.documents_new;
        self.documents_changed = tally.documents_changed;
        self.documents_removed = tally.documents_removed;
        self.segments = tally.segments;
        self.units_new = tally.units_new;
        self.units_removed = tally.units_removed;
        self.problems = problems;
        self.seconds = (elapsed.as_secs_f64() * 1000.0).round() / 1000.0;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dry_run {
            writeln!(out, "dry run, nothing was written:")?;
        }
        writeln!(
            out,
            "documents: {} new, {} changed, {} unchanged, {} removed, {} without segments",
            grouped(self.documents_new),
            grouped(self.documents_changed),
            grouped(self.documents_unchanged),
            grouped(self.documents_removed),
            grouped(self.documents_without_segments)
        )?;
        write!(
            out,
            "{}, {} new, {} removed, {} in {:.2} s",
            counted(self.segments, "segment"),
            counted(self.units_new, "unit"),
            grouped(self.units_removed),
            counted(self.problems, "problem"),
            self.seconds
        )
    }
}

/// A line on a terminal that tells how far an import has come; nothing elsewhere.
pub(super) struct Progress {
    bar: ProgressBar,
    began: Instant,
    bytes: u64,
    segments: u64,
}

impl Progress {
    pub fn new(documents: u64, shown: bool) -> Self {
        let bar = if shown { ProgressBar::new(documents) } else { ProgressBar::hidden() };
        let style =
            ProgressStyle::with_template("{bar:24} {human_pos}/{human_len} documents, {msg}, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(counted(0, "segment"));
        Progress { bar, began: Instant::now(), bytes: 0, segments: 0 }
    }

    /// Counts a document of so many bytes.
    pub fn document(&mut self, bytes: u64) {
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

    /// Counts units of a file that holds so many that its end is far.
    pub fn units(&mut self, units: u64) {
        self.segments += units;
        if !self.bar.is_hidden() {
            self.bar.set_message(counted(self.segments, "unit"));
        }
    }

    /// Counts segments that were written.
    pub fn segments(&mut self, segments: u64) {
        self.segments += segments;
    }

    /// Says something without tearing the line.
    pub fn suspend(&self, say: impl FnOnce()) {
        self.bar.suspend(say);
    }

    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
