//! What a segment format implements.
//!
//! A segment format is one file of this folder with a constant [`SegmentFormat`], and one line in the table
//! [`FORMATS`](super::formats::FORMATS). The file has the writer; the reader is `read.rs` in the folder of the same name, and
//! implements what [`reading`](super::reading) describes.

use std::io::{self, BufWriter};

use crate::model::{Locale, PlacedSegment};

use super::partition::Partition;
use super::reading::Input;

/// A format that holds segments.
#[derive(Debug)]
pub struct SegmentFormat {
    /// The name on the command line and in JSON.
    pub name: &'static str,
    /// One line for the help.
    pub help: &'static str,
    /// The file name extensions that select the format.
    pub extensions: &'static [&'static str],
    /// Whether the output is binary, so that it is not for a terminal.
    pub is_binary: bool,
    /// The same format with cells that no spreadsheet runs as formulas; `None` if the format is no table.
    pub spreadsheet_safe: Option<&'static SegmentFormat>,
    /// How the labels of quality checks are written.
    pub labelled: Labelled,
    /// The outputs that the format can be written to.
    pub layouts: &'static [Layout],
    /// What the format is read from.
    pub input: Input,
}

/// How a format holds the labels of quality checks.
#[derive(Clone, Copy, Debug)]
pub enum Labelled {
    /// Not at all.
    Not,
    /// As part of each segment that has them.
    Same,
    /// In a column: this is the format with that column.
    With(&'static SegmentFormat),
}

/// One way to write segments to files, and the constructor of its writer.
#[derive(Clone, Copy, Debug)]
pub enum Layout {
    /// One file with segments of any locales.
    File(OpenFile),
    /// One file with segments of one pair of locales.
    FileOfOnePair {
        /// The name of such a file in messages, with its article.
        what: &'static str,
        /// The constructor.
        open: OpenFileOfOnePair,
    },
    /// Several files whose names have a common beginning; the opener receives the rest of a name.
    Files(OpenFiles),
    /// A folder of files; the opener receives a path below the folder.
    Folder(OpenFiles),
    /// A folder of folders, one for each combination of values of some columns; the opener receives a path below the folder.
    Partitions(OpenPartitions),
}

/// Makes the writer of one file.
pub type OpenFile = fn(Box<dyn OutputFile>) -> io::Result<Box<dyn SegmentWriter>>;

/// Makes the writer of one file for a source and a target locale.
pub type OpenFileOfOnePair = fn(Box<dyn OutputFile>, &Locale, &Locale) -> io::Result<Box<dyn SegmentWriter>>;

/// Makes a writer that opens its files itself.
pub type OpenFiles = for<'a> fn(Opener<'a>) -> Box<dyn SegmentWriter + 'a>;

/// Makes a writer that opens a file for each combination of values of some columns.
pub type OpenPartitions = for<'a> fn(Opener<'a>, &'a [Partition]) -> io::Result<Box<dyn SegmentWriter + 'a>>;

/// Opens an output file by the part of its name that the format decides on.
pub type Opener<'a> = Box<dyn Fn(&str) -> io::Result<Box<dyn OutputFile>> + 'a>;

/// An output file that counts as written after [`finish`](OutputFile::finish) only.
pub trait OutputFile: io::Write + Send {
    /// Writes what is buffered and completes the file.
    ///
    /// # Errors
    /// Errors of the output.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

impl OutputFile for Box<dyn OutputFile> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        (*self).finish()
    }
}

impl<W: OutputFile> OutputFile for BufWriter<W> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        Box::new(self.into_inner().map_err(|error| error.into_error())?).finish()
    }
}

/// Writes segments in one format.
pub trait SegmentWriter {
    /// Writes one segment. Segments of one document follow one another. `false`: nothing was written, because the format has
    /// no way to write a segment without text.
    ///
    /// # Errors
    /// Errors of the output.
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool>;

    /// Writes the end and completes all files. Returns the number of characters that were left out because the format cannot
    /// hold them.
    ///
    /// # Errors
    /// Errors of the output.
    fn finish(self: Box<Self>) -> io::Result<u64>;
}

/// Size of the buffers before output files.
pub(super) const BUFFER: usize = 1 << 16;

/// An output file with a buffer, for formats that write in small pieces.
pub(super) type Buffered = BufWriter<Box<dyn OutputFile>>;

/// Puts a buffer before an output file.
pub(super) fn buffered(out: Box<dyn OutputFile>) -> Buffered {
    BufWriter::with_capacity(BUFFER, out)
}
