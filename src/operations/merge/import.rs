//! Import of merged translations into the memory.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::{Merged, MergedSegment};
use crate::exchange::formats::Format;
use crate::json::{self, SegmentLine};
use crate::model::Date;
use crate::operations::import::{ImportPlan, Imported, open_memory};
use crate::operations::{OperationError, Report};

/// Puts the translated segments of merged documents into a memory, which is made if it does not exist: as human translations, which
/// take the place of what the memory has of the documents in their sets. `handoff` is the day on which they were delivered.
///
/// # Errors
/// If the memory or a temporary file cannot be written.
pub fn import_merged(
    merged: &Merged,
    (memory, handoff): (&Path, Date),
    report: &mut dyn Report,
) -> Result<Imported, OperationError> {
    let Some(first) = merged.segments.first() else { return Ok(Imported::default()) };
    let folder = tempfile::tempdir()
        .map_err(OperationError::file("make a folder in", "the folder for temporary files"))?;
    let path = folder.path().join("merged.jsonl");
    let handoff = handoff.to_string();
    let write = || -> std::io::Result<()> {
        let mut out = BufWriter::new(std::fs::File::create(&path)?);
        for segment in &merged.segments {
            let line = json::to_string(&line_of(segment, &handoff)).map_err(std::io::Error::other)?;
            writeln!(out, "{line}")?;
        }
        out.flush()
    };
    write().map_err(OperationError::file("write", crate::input::shown(&path)))?;
    let plan = ImportPlan {
        format: Format::of_name("jsonl"),
        ..ImportPlan::new([path], first.source_locale.clone())
    };
    let mut memory = open_memory(memory, false)?;
    plan.list()?.import(&mut memory, report)
}

fn line_of<'s>(segment: &'s MergedSegment, handoff: &'s str) -> SegmentLine<'s> {
    SegmentLine {
        document: &segment.document,
        set: &segment.set,
        id: "",
        number: segment.position,
        kind: "sentence",
        line: segment.line,
        source_locale: segment.source_locale.as_str(),
        target_locale: segment.target_locale.as_str(),
        source: &segment.source,
        target: &segment.target,
        confidence: None,
        workflow: Some("human"),
        source_hash: None,
        source_commit: None,
        handoff: Some(handoff.to_owned()),
        file_id: None,
        commit: None,
        committed: None,
        superseded: None,
    }
}
