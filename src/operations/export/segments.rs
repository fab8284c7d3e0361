//! Export of segments: each segment of the selected documents, in order.

use std::path::Path;

use super::choice::{Duplicates, LeftOut, Rules};
use super::error::ExportError;
use super::output::{OutputFiles, SingleOutput, below, beside, holds_files};
use super::quality::QualityTable;
use super::selection::SelectedDocuments;
use super::{ExportCounts, Progress, SegmentOutput, SegmentPlan, Written};
use crate::exchange::segments::SegmentWriter;
use crate::input::shown;
use crate::markup;
use crate::memory::{DocumentName, Memory, for_each_segment};
use crate::model::{PlacedSegment, Segment};

pub(super) fn export(
    memory: &Memory,
    plan: &SegmentPlan,
    rules: &Rules,
    selected: &SelectedDocuments<'_>,
    files: &dyn OutputFiles,
    progress: Progress<'_>,
) -> Result<ExportCounts, ExportError> {
    if selected.between.is_some() {
        return Err(ExportError::OnlyTmxJoins { format: plan.format.name });
    }
    let writer = || open(&plan.output, selected, files);
    let output = plan.output.to_string();
    write_segments(memory, rules, selected, (writer, &output, plan.strip_markup), progress)
}

/// Passes the segments to the writer that `open` makes. `output` names it in messages.
pub(super) fn write_segments<'w>(
    memory: &Memory,
    rules: &Rules,
    selected: &SelectedDocuments<'_>,
    (open, output, strip_markup): (
        impl FnOnce() -> Result<Box<dyn SegmentWriter + 'w>, ExportError>,
        &str,
        bool,
    ),
    progress: Progress<'_>,
) -> Result<ExportCounts, ExportError> {
    let failed = |error| ExportError::of_output(output, error);
    let mut quality = QualityTable::new(memory, &rules.quality, rules.filter.versions, selected)?;
    let mut labels: Vec<&'static str> = Vec::new();
    let mut writer = open()?;
    let mut duplicates = rules.dedupe.then(Duplicates::default);
    let mut left_out = LeftOut::default();
    let (mut segments, mut superseded) = (0, 0);
    let has = |name: &DocumentName| selected.has(name);
    for_each_segment(
        memory,
        &has,
        rules.filter.versions,
        |placed: PlacedSegment<'_>| -> Result<(), ExportError> {
            let PlacedSegment { segment, metadata, .. } = placed;
            if !rules.has_segment(
                (segment.id.kind(), segment.confidence),
                metadata.workflow,
                metadata.handoff,
            ) {
                return Ok(());
            }
            if let Some(reason) = rules.reason_against(&segment.source, &segment.target, metadata.workflow) {
                left_out.count(reason);
                return Ok(());
            }
            let locales = (placed.source_locale, placed.target_locale);
            if let Some(quality) = &mut quality {
                let found = quality.labels(locales, (&segment.source, &segment.target), metadata.workflow);
                if quality.leaves_out(found, false) {
                    return Ok(());
                }
                labels.clear();
                labels.extend(found.ids());
            }
            let labels = quality.as_ref().filter(|quality| quality.labels).map(|_| labels.as_slice());
            let placed = PlacedSegment { labels, ..placed };
            if let Some(duplicates) = &mut duplicates
                && !duplicates.is_new(locales, &segment.source, &segment.target)
            {
                left_out.duplicates += 1;
                return Ok(());
            }
            let written = if strip_markup {
                let (source, target) = (markup::plain(&segment.source), markup::plain(&segment.target));
                let segment = Segment {
                    id: segment.id,
                    line: segment.line,
                    source,
                    target,
                    written: None,
                    confidence: segment.confidence,
                };
                writer.write(PlacedSegment { segment: &segment, ..placed })
            } else {
                writer.write(placed)
            };
            if written.map_err(failed)? {
                segments += 1;
                superseded += u64::from(placed.version.superseded.is_some());
                progress(1);
            } else {
                left_out.empty += 1;
            }
            Ok(())
        },
    )?;
    let dropped_characters = writer.finish().map_err(failed)?;
    let left_out_by_check = quality.map(|quality| quality.left_out());
    let written = Written::Segments(segments);
    Ok(ExportCounts { written, superseded, left_out, left_out_by_check, dropped_characters })
}

fn open<'a>(
    output: &'a SegmentOutput,
    selected: &SelectedDocuments<'_>,
    files: &'a dyn OutputFiles,
) -> Result<Box<dyn SegmentWriter + 'a>, ExportError> {
    let failed = |error| ExportError::of_output(&output.to_string(), error);
    let in_folder =
        |folder: &'a Path| Box::new(move |names: &str| Ok(files.open_with_folders(&below(folder, names))?));
    match output {
        SegmentOutput::File { output, open } => open(files.open(output)?).map_err(failed),
        SegmentOutput::FileOfOnePair { output, what, open } => {
            let (source, target) = selected.one_pair(what)?;
            open(files.open(output)?, source, target).map_err(failed)
        }
        SegmentOutput::Files { stem, open } => {
            Ok(open(Box::new(|suffix| Ok(files.open(&SingleOutput::File(beside(stem, suffix)))?))))
        }
        SegmentOutput::Folder { folder, open } => Ok(open(in_folder(folder))),
        SegmentOutput::Partitions { folder, .. } if holds_files(folder) => {
            Err(ExportError::NotEmpty { folder: shown(folder) })
        }
        SegmentOutput::Partitions { folder, by, open } => {
            // The names are percent-encoded already. A name that is shortened would be another value.
            let names = |names: &str| Ok(files.open_with_folders(&folder.join(names))?);
            open(Box::new(names), by).map_err(failed)
        }
    }
}
