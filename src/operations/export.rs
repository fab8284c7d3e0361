//! Export from a memory: units as TMX, segments in the other formats.
//!
//! An [`ExportPlan`] can represent valid combinations only: each constructor of a segment format comes with the kind of output
//! that it needs.

mod choice;
mod error;
mod output;
mod quality;
mod segments;
mod selection;
mod tmx;
pub(super) mod unfinished;
mod units;

use std::fmt;
use std::path::PathBuf;

pub use choice::{LeftOut, Rules, Untranslated};
pub use error::ExportError;
#[cfg(feature = "parquet")]
pub(super) use output::holds_files;
pub use output::{Disk, OutputFiles, SingleOutput};
pub use quality::{Consumer, LeaveOut, LeftOutByCheck, MISALIGNED, Quality};
pub use selection::{DocumentFilter, Selection};

#[cfg(feature = "parquet")]
use crate::exchange::arrow::BatchWriter;
use crate::exchange::partition::Partition;
#[cfg(feature = "parquet")]
use crate::exchange::segments::SegmentWriter;
use crate::exchange::segments::{
    Layout, OpenFile, OpenFileOfOnePair, OpenFiles, OpenPartitions, SegmentFormat,
};
use crate::exchange::tmx::{Inline, Profile};
use crate::input::shown;
use crate::memory::Memory;
use crate::parallel::available_threads;

use selection::SelectedDocuments;

/// A plan of an export.
#[derive(Clone, Debug)]
pub struct ExportPlan {
    /// The documents and locales.
    pub selection: Selection,
    /// The rules for their segments and translations.
    pub rules: Rules,
    /// The format and the output.
    pub format: FormatPlan,
}

/// The format of an export, with the options of that format.
#[derive(Clone, Debug)]
pub enum FormatPlan {
    /// Units as TMX.
    Tmx(TmxPlan),
    /// Segments in a format of [`FORMATS`](crate::exchange::formats::FORMATS).
    Segments(SegmentPlan),
}

/// An export as TMX.
#[derive(Clone, Debug)]
pub struct TmxPlan {
    /// The output, and the tool that it is for.
    pub output: TmxOutput,
    /// How inline markup is written.
    pub inline: Inline,
    /// Whether a unit holds the translations into all locales.
    pub multilingual: bool,
    /// Whether each translation of a text gets a unit, not only the best one.
    pub all_variants: bool,
    /// The number of threads. The result does not depend on it.
    pub threads: usize,
}

impl TmxPlan {
    /// One file for every tool: the best translation of each text, markup as text.
    pub fn file(path: PathBuf) -> TmxPlan {
        let output = TmxOutput::File { output: SingleOutput::File(path), profile: Profile::Generic };
        let threads = available_threads();
        TmxPlan { output, inline: Inline::Text, multilingual: false, all_variants: false, threads }
    }
}

/// The output of an export as TMX.
#[derive(Clone, Debug)]
pub enum TmxOutput {
    /// One file.
    File {
        /// The file.
        output: SingleOutput,
        /// The tool that it is for.
        profile: Profile,
    },
    /// The folders `tm/auto`, `tm` and `tm/mt` of an OmegaT project.
    OmegaTProject {
        /// The project's folder.
        folder: PathBuf,
        /// The penalty of machine translations: they go to `tm/penalty-N`, not to `tm/mt`.
        penalty: Option<u8>,
    },
}

/// The name for messages.
impl fmt::Display for TmxOutput {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TmxOutput::File { output, .. } => output.fmt(out),
            TmxOutput::OmegaTProject { folder, .. } => out.write_str(&shown(folder)),
        }
    }
}

/// An export of segments.
#[derive(Clone, Debug)]
pub struct SegmentPlan {
    /// The format.
    pub format: &'static SegmentFormat,
    /// The output, and the constructor of the writer.
    pub output: SegmentOutput,
    /// Whether inline markup is removed.
    pub strip_markup: bool,
}

/// The output of an export of segments, with the constructor of a writer for it.
#[derive(Clone, Debug)]
pub enum SegmentOutput {
    /// One file.
    File {
        /// The file.
        output: SingleOutput,
        /// The constructor.
        open: OpenFile,
    },
    /// One file for one pair of locales.
    FileOfOnePair {
        /// The file.
        output: SingleOutput,
        /// The name of such a file in messages.
        what: &'static str,
        /// The constructor.
        open: OpenFileOfOnePair,
    },
    /// Several files.
    Files {
        /// The beginning of their names.
        stem: PathBuf,
        /// The constructor.
        open: OpenFiles,
    },
    /// A folder of files.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The constructor.
        open: OpenFiles,
    },
    /// A folder of folders named after values of columns.
    Partitions {
        /// The folder, which must be empty or missing.
        folder: PathBuf,
        /// The columns.
        by: Vec<Partition>,
        /// The constructor.
        open: OpenPartitions,
    },
}

impl SegmentOutput {
    /// The layout of the format that fits the destination. `by` are the columns to partition by. `None` if the format cannot be
    /// written there.
    pub fn new(format: &SegmentFormat, destination: &Destination, by: &[Partition]) -> Option<SegmentOutput> {
        format.layouts.iter().find_map(|&layout| {
            let output = match (layout, destination) {
                (Layout::Partitions(open), Destination::Folder(folder)) if !by.is_empty() => {
                    SegmentOutput::Partitions { folder: folder.clone(), by: by.to_vec(), open }
                }
                _ if !by.is_empty() => return None,
                (Layout::File(open), Destination::Single(output)) => {
                    SegmentOutput::File { output: output.clone(), open }
                }
                (Layout::FileOfOnePair { what, open }, Destination::Single(output)) => {
                    SegmentOutput::FileOfOnePair { output: output.clone(), what, open }
                }
                (Layout::Files(open), Destination::Single(SingleOutput::File(stem))) => {
                    SegmentOutput::Files { stem: stem.clone(), open }
                }
                (Layout::Folder(open), Destination::Folder(folder)) => {
                    SegmentOutput::Folder { folder: folder.clone(), open }
                }
                _ => return None,
            };
            Some(output)
        })
    }
}

/// The name for messages.
impl fmt::Display for SegmentOutput {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SegmentOutput::File { output, .. } | SegmentOutput::FileOfOnePair { output, .. } => {
                output.fmt(out)
            }
            SegmentOutput::Files { stem: path, .. }
            | SegmentOutput::Folder { folder: path, .. }
            | SegmentOutput::Partitions { folder: path, .. } => out.write_str(&shown(path)),
        }
    }
}

/// The destination of an export.
#[derive(Clone, Debug)]
pub enum Destination {
    /// One file or standard output. For a format of several files, the beginning of their names.
    Single(SingleOutput),
    /// A folder.
    Folder(PathBuf),
}

/// The counts of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportCounts {
    /// Units or segments that were written.
    pub written: Written,
    /// The segments, or the translations in units, that are superseded.
    pub superseded: u64,
    /// Translations and segments that were left out.
    pub left_out: LeftOut,
    /// Translations and segments that were left out for what a quality check found, by the check's id. `None` if none was asked for.
    pub left_out_by_check: Option<LeftOutByCheck>,
    /// Characters that were left out because the format cannot hold them.
    pub dropped_characters: u64,
}

/// The number of units or segments that an export wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// To a TMX.
    Units {
        /// Units.
        units: u64,
        /// The translations in them.
        variants: u64,
    },
    /// To another format.
    Segments(u64),
}

impl ExportCounts {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        matches!(self.written, Written::Units { units: 0, .. } | Written::Segments(0))
    }
}

/// Receives the number of units or segments that were written since the last call.
pub type Progress<'a> = &'a mut (dyn FnMut(u64) + Send);

/// Exports from a memory to files that `files` opens. `None` if no document is selected; then no file is opened.
///
/// # Errors
/// If the memory cannot be read, the output cannot be written, or the memory does not have the locales of the plan.
pub fn export(
    memory: &Memory,
    plan: &ExportPlan,
    files: &dyn OutputFiles,
    progress: Progress<'_>,
) -> Result<Option<ExportCounts>, ExportError> {
    // Documents are listed first and read later, from one state of the memory.
    let _snapshot = memory.snapshot()?;
    let selected = SelectedDocuments::new(memory, &plan.selection)?;
    if selected.pairs.is_empty() {
        return Ok(None);
    }
    match &plan.format {
        FormatPlan::Tmx(tmx) => tmx::export(memory, tmx, &plan.rules, &selected, files, progress),
        FormatPlan::Segments(segments) => {
            segments::export(memory, segments, &plan.rules, &selected, files, progress)
        }
    }
    .map(Some)
}

/// Passes the selected segments to `sink` as record batches of the [schema](crate::exchange::arrow), in the order of an export. `None` if
/// no document is selected.
///
/// # Errors
/// As [`export`], and those of `sink`.
#[cfg(feature = "parquet")]
pub fn export_batches(
    memory: &Memory,
    selection: &Selection,
    rules: &Rules,
    sink: impl FnMut(arrow_array::RecordBatch) -> std::io::Result<()>,
) -> Result<Option<ExportCounts>, ExportError> {
    let _snapshot = memory.snapshot()?;
    let selected = SelectedDocuments::new(memory, selection)?;
    if selected.pairs.is_empty() {
        return Ok(None);
    }
    if selected.between.is_some() {
        return Err(ExportError::OnlyTmxJoins { format: "a stream" });
    }
    let writer = || Ok(Box::new(BatchWriter::new(sink)) as Box<dyn SegmentWriter + '_>);
    segments::write_segments(memory, rules, &selected, (writer, "the stream", false), &mut |_| ()).map(Some)
}
