//! Removal of documents from the memory.

use std::path::Path;

use globset::GlobSet;

use super::Report;
use crate::memory::{Import, Memory, MemoryError};

/// A plan of a removal. A document is removed if both conditions select it.
#[derive(Clone, Debug)]
pub struct RemovalPlan {
    /// The name of its set; `None`: any.
    pub set: Option<String>,
    /// Its path below the set; `None`: any.
    pub documents: Option<GlobSet>,
    /// Whether the removal is rolled back at the end, so that only the counts remain.
    pub dry_run: bool,
}

/// The result of a removal.
#[derive(Debug, Default)]
pub struct Removed {
    /// Documents that were removed. A TMX is one, whatever its locales.
    pub documents: u64,
    /// Their segments.
    pub segments: u64,
    /// Source texts that no segment uses any more.
    pub units: u64,
    /// How many bytes the file became shorter.
    pub bytes_freed: u64,
    /// Why the file could not be made shorter, although a large part of it is free. The documents are removed all the same.
    pub not_shortened: Option<MemoryError>,
}

/// Opens an existing memory to remove documents from it.
///
/// # Errors
/// As [`Memory::open`] and [`Memory::open_or_create`].
pub fn open_memory(path: &Path, dry_run: bool) -> Result<Memory, MemoryError> {
    // An import creates a memory that is missing; here it is a mistake.
    Memory::open(path)?;
    match dry_run {
        true => Memory::open_for_dry_run(path),
        false => Memory::open_or_create(path),
    }
}

/// Removes documents, with the variants and units that no segment uses any more, in one transaction. Reports its progress.
///
/// # Errors
/// If the memory cannot be written.
pub fn remove(
    plan: &RemovalPlan,
    memory: &mut Memory,
    report: &mut dyn Report,
) -> Result<Removed, MemoryError> {
    let mut import = Import::begin(memory, plan.dry_run)?;
    let mut sets = import.set_names()?;
    sets.retain(|set| plan.set.as_ref().is_none_or(|wanted| wanted == set));
    // Listed before the first is removed, because the progress needs their number.
    let mut selected: Vec<(&str, String)> = Vec::new();
    for set in &sets {
        let is_selected = |path: &str| plan.documents.as_ref().is_none_or(|globs| globs.is_match(path));
        let paths = import.paths(set)?;
        selected.extend(paths.into_iter().filter(|path| is_selected(path)).map(|path| (set.as_str(), path)));
    }
    for (set, path) in &selected {
        import.remove(set, path)?;
        report.document_removed(selected.len() as u64);
    }
    let segments = import.segments_removed();
    let counts = import.finish()?;
    let mut removed = Removed {
        documents: counts.documents_removed,
        segments,
        units: counts.units_removed,
        ..Removed::default()
    };
    if !plan.dry_run && removed.documents > 0 && memory.free_share()? >= LARGE_SHARE {
        report.file_rewritten();
        match memory.vacuum() {
            Ok(bytes) => removed.bytes_freed = bytes,
            Err(error) => removed.not_shortened = Some(error),
        }
    }
    Ok(removed)
}

/// The free part of the file from which it is written anew. The next imports use a smaller part.
const LARGE_SHARE: f64 = 0.25;
