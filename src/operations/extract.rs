//! Extraction of segments from documents, without a memory.

#[cfg(feature = "parquet")]
mod columns;

#[cfg(feature = "parquet")]
pub use columns::{DocumentBytes, ParquetOutput, extract_batches, extract_document, extract_parquet};

use std::io::{self, Write};

use super::documents::DocumentCounts;
use super::segments::SegmentSources;
use super::{OperationError, Report};
use crate::exchange::delimited::{self, Dialect};
use crate::exchange::jsonl::DocumentLines;
use crate::model::PlacedSegment;
use crate::parallel::Reused;

/// A plan of an extraction.
#[derive(Clone, Debug)]
pub struct ExtractPlan {
    /// The documents.
    pub sources: SegmentSources,
    /// How a segment is written.
    pub format: SegmentFormat,
}

/// How a segment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentFormat {
    /// A JSON object a line.
    JsonLines,
    /// A table with a header.
    Table(Dialect),
}

/// Writes the segments of documents to `out`, in the order of the plan's paths and of the documents' paths below them. The
/// bytes do not depend on the number of threads.
///
/// # Errors
/// If a path of the plan cannot be listed, or the output cannot be written. Unreadable parts below a path are reported as
/// problems.
pub fn extract(
    plan: &ExtractPlan,
    out: &mut impl Write,
    report: &mut dyn Report,
) -> Result<DocumentCounts, OperationError> {
    if let SegmentFormat::Table(dialect) = plan.format {
        let mut table = delimited::Writer::new(&mut *out, dialect);
        table.write_header().and_then(|()| table.finish()).map_err(OperationError::Output)?;
    }
    let buffers = Reused::default();
    let counts = plan.sources.read(
        "extract",
        report,
        |document| Some(write_lines(plan.format, document.segments(), buffers.take().unwrap_or_default())),
        |lines: io::Result<Vec<u8>>| {
            let mut lines = lines.map_err(OperationError::Output)?;
            out.write_all(&lines).map_err(OperationError::Output)?;
            if lines.capacity() <= LARGEST_REUSED {
                lines.clear();
                buffers.give(lines);
            }
            Ok(())
        },
    )?;
    out.flush().map_err(OperationError::Output)?;
    Ok(counts)
}

/// The largest buffer that is used again, in bytes.
const LARGEST_REUSED: usize = 1 << 20;

fn write_lines<'a>(
    format: SegmentFormat,
    mut segments: impl Iterator<Item = PlacedSegment<'a>> + Clone,
    mut lines: Vec<u8>,
) -> io::Result<Vec<u8>> {
    match format {
        SegmentFormat::JsonLines => {
            if let Some(first) = segments.clone().next() {
                let document = DocumentLines::of(first)?;
                segments.try_for_each(|placed| document.write(placed.segment, &mut lines))?;
            }
        }
        SegmentFormat::Table(dialect) => {
            let mut table = delimited::Writer::new(&mut lines, dialect);
            segments.try_for_each(|segment| table.write_segment(segment))?;
            table.finish()?;
        }
    }
    Ok(lines)
}
