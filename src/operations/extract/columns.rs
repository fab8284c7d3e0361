//! Extraction into columns: Arrow record batches, and Parquet files.

use std::path::PathBuf;

use arrow_array::RecordBatch;

use crate::exchange::arrow::{Labels, SegmentRows, record_batch, schema};
use crate::exchange::parquet::{Group, GroupEncoder, Groups, ParquetFiles};
use crate::exchange::partition::Partition;
use crate::input::shown;
use crate::model::{DocumentVersion, Locale, PlacedSegment, Problem};
use crate::operations::documents::{self, DocumentCounts};
use crate::operations::export::{ExportError, OutputFiles, SingleOutput, holds_files};
use crate::operations::segments::{LocatedDocument, SegmentSources};
use crate::operations::{OperationError, Report};
use crate::parallel::{self, Reused};
use crate::side_by_side::{self, NO_LOCALE, Syntax};

/// Where Parquet is written.
#[derive(Clone, Debug)]
pub enum ParquetOutput {
    /// To one file.
    File(SingleOutput),
    /// To a folder of folders, one for each combination of values of some columns. It must be empty or missing.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The columns; none: one file in the folder.
        by: Vec<Partition>,
    },
}

/// Writes the segments of documents as Parquet, in the order of the paths and of the documents' paths below them. The bytes do not
/// depend on the number of threads.
///
/// # Errors
/// As [`extract`](super::extract).
pub fn extract_parquet(
    sources: &SegmentSources,
    output: &ParquetOutput,
    files: &dyn OutputFiles,
    report: &mut dyn Report,
) -> Result<DocumentCounts, OperationError> {
    let failed = OperationError::Output;
    let by: &[Partition] = match output {
        ParquetOutput::File(_) => &[],
        ParquetOutput::Folder { folder, .. } if holds_files(folder) => {
            return Err(ExportError::NotEmpty { folder: shown(folder) }.into());
        }
        ParquetOutput::Folder { by, .. } => by,
    };
    let encoder = GroupEncoder::new(Labels::Left, by).map_err(failed)?;
    let mut written = match output {
        ParquetOutput::File(output) => {
            ParquetFiles::One(Box::new(encoder.file(files.open(output)?).map_err(failed)?))
        }
        ParquetOutput::Folder { folder, .. } => {
            // The names are percent-encoded already.
            ParquetFiles::opened_by(Box::new(|names| Ok(files.open_with_folders(&folder.join(names))?)))
        }
    };
    let counts = in_groups(
        sources,
        by,
        report,
        |rows| encoder.encode(rows),
        |group, folder| written.append(&encoder, folder, group),
    )?;
    written.finish().map_err(failed)?;
    Ok(counts)
}

/// Calls `sink` with the segments of documents as record batches of the [schema](crate::exchange::arrow), in the order of the paths and
/// of the documents' paths below them. Their rows do not depend on the number of threads.
///
/// # Errors
/// As [`extract`](super::extract), and those of `sink`.
pub fn extract_batches(
    sources: &SegmentSources,
    report: &mut dyn Report,
    mut sink: impl FnMut(RecordBatch) -> std::io::Result<()>,
) -> Result<DocumentCounts, OperationError> {
    let schema = schema(Labels::Left, &[]);
    let batch = |rows: &SegmentRows| record_batch(rows, &schema).map_err(std::io::Error::other);
    in_groups(sources, &[], report, batch, |batch, _| sink(batch))
}

/// A document that does not come from a path.
#[derive(Clone, Debug)]
pub struct DocumentBytes<'a> {
    /// The name of its set.
    pub set: &'a str,
    /// Its path below the set. The ending decides how it is read: Markdown, if it is not known.
    pub path: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The locale of the source texts.
    pub source_locale: &'a Locale,
    /// The target locale, if it states none.
    pub target_locale: Option<Locale>,
}

/// The segments of a document as record batches, and what could not be read of it.
///
/// # Errors
/// If a column would have more than 2 GiB of texts.
pub fn extract_document(
    document: &DocumentBytes<'_>,
) -> Result<(Vec<RecordBatch>, Vec<Problem>), OperationError> {
    let DocumentBytes { set, path, bytes, source_locale, ref target_locale } = *document;
    let read = |use_segments: &mut dyn FnMut(&LocatedDocument<'_>)| -> Result<Vec<Problem>, Problem> {
        let Some(bytes) = documents::with_spans(Ok(bytes))? else { return Ok(Vec::new()) };
        let text = side_by_side::decode(bytes)?;
        let mut read = side_by_side::read(&text, Syntax::of_path(path).unwrap_or(Syntax::Markdown));
        let mut problems = std::mem::take(&mut read.problems);
        match read.metadata.target_locale.clone().or_else(|| target_locale.clone()) {
            _ if read.segments.is_empty() => {}
            None => problems.push(Problem { line: None, reason: NO_LOCALE.to_owned() }),
            Some(target_locale) => {
                let version = DocumentVersion::default();
                let names = (set, path);
                use_segments(&LocatedDocument::new(names, (source_locale, &target_locale), version, &read));
            }
        }
        Ok(problems)
    };
    let mut rows = Vec::new();
    let problems = read(&mut |located| rows = rows_of(located, &[], SegmentRows::default()).1);
    let schema = schema(Labels::Left, &[]);
    let batch = |rows| record_batch(&rows, &schema).map_err(std::io::Error::other);
    let batches =
        rows.into_iter().map(batch).collect::<std::io::Result<_>>().map_err(OperationError::Output)?;
    Ok((batches, problems.unwrap_or_else(|problem| vec![problem])))
}

/// Reads the documents on several threads, and works on their row groups on as many. `sink` also gets the folder of the group.
fn in_groups<T: Send>(
    sources: &SegmentSources,
    by: &[Partition],
    report: &mut dyn Report,
    work: impl Fn(&SegmentRows) -> std::io::Result<T> + Sync,
    mut sink: impl FnMut(T, &str) -> std::io::Result<()>,
) -> Result<DocumentCounts, OperationError> {
    // Few values are in use at a time: those of documents are moved into the groups at once.
    let (of_documents, of_groups) = (Reused::default(), Reused::default());
    let work = |Group { folder, mut rows }| {
        let done = work(&rows);
        rows.clear();
        of_groups.give(rows);
        done.map(|done| (done, folder))
    };
    let mut sink = |done: std::io::Result<(T, String)>| {
        done.and_then(|(done, folder)| sink(done, &folder)).map_err(OperationError::Output)
    };
    parallel::in_order(
        sources.threads,
        |worker| worker.run(&work),
        |pool| {
            let mut groups = Groups::default();
            let mut send = |group| match pool.send(group) {
                Some(done) => sink(done),
                None => Ok(()),
            };
            let counts = sources.read(
                "extract",
                report,
                |document| Some(rows_of(document, by, of_documents.take().unwrap_or_default())),
                |(folder, mut all): (String, Vec<SegmentRows>)| {
                    let room = || of_groups.take().unwrap_or_default();
                    all.iter_mut().try_for_each(|rows| groups.push(&folder, rows, &room, &mut send))?;
                    // Those of a large document are too many to keep.
                    all.truncate(1);
                    all.into_iter().for_each(|rows| of_documents.give(rows));
                    Ok(())
                },
            )?;
            groups.into_rest().try_for_each(send)?;
            while let Some(done) = pool.receive() {
                sink(done)?;
            }
            Ok(counts)
        },
    )
}

/// The rows of a document, the first ones in `rows`, which are empty, and the folder of its partition.
fn rows_of(
    document: &LocatedDocument<'_>,
    by: &[Partition],
    mut rows: SegmentRows,
) -> (String, Vec<SegmentRows>) {
    let (mut folder, mut all) = (String::new(), Vec::new());
    rows.reserve(document.segments().map(|placed| placed.segment));
    for (position, placed) in (0..).zip(document.segments()) {
        if position == 0 || rows.is_full() {
            let placed = PlacedSegment { version: document.version, ..placed };
            if position == 0 {
                folder = Partition::folders(by, &placed);
            } else {
                all.push(std::mem::take(&mut rows));
            }
            rows.begin(&placed);
        }
        rows.push(placed.segment, placed.labels, position);
    }
    all.push(rows);
    (folder, all)
}

#[cfg(test)]
mod tests;
