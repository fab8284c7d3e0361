//! Quality checks of documents, or of a memory.
//!
//! First all segments are read, and each different pair of texts is kept once (`pairs`). Then the pool learns what is usual in
//! each set, checks each pair once, and keeps what it found ([`Checked`]). So the time does not depend on how often a pair occurs.

mod conflicts;
pub mod exceptions;
mod label_table;
mod labels;
mod mark;
mod pairs;

use super::documents::DocumentCounts;
use super::segments::SegmentSources;
use super::{OperationError, Report};
use crate::check::{Selection, check_of_id};
use crate::memory::{DocumentName, Memory, MemoryError, for_each_segment};
use crate::model::{Locale, Versions, Workflow};

pub use conflicts::{Conflict, INCONSISTENT, Translation, Vote};
pub(crate) use label_table::bits;
pub use label_table::{LabelTable, Labels};
pub use labels::{Checked, CheckedDocument, CheckedSegment, CheckedSet, Tally};
pub use mark::{Mark, Marker};

use pairs::{DocumentSegments, Pairs};

/// The check that needs the earlier versions of documents.
const REPLACED: &str = "replaced_human";

/// A plan of the checks of documents.
#[derive(Clone, Debug)]
pub struct CheckPlan {
    /// The documents. Their threads check, too.
    pub sources: SegmentSources,
    /// The target locales that are checked; empty: all.
    pub to: Vec<Locale>,
    /// Which checks are made.
    pub selection: Selection,
}

/// Checks the segments of documents. Holds all different texts in memory.
///
/// # Errors
/// If a path of the plan cannot be listed. Unreadable parts below a path are reported as problems.
pub fn check_documents(
    plan: &CheckPlan,
    report: &mut dyn Report,
) -> Result<(Checked, DocumentCounts), OperationError> {
    let mut pairs = Pairs::default();
    let counts = plan.sources.read(
        "check",
        report,
        |document| {
            let is_chosen = plan.to.is_empty() || plan.to.contains(document.target_locale);
            is_chosen.then(|| {
                let locales = (document.source_locale, document.target_locale);
                let mut segments = DocumentSegments::new((document.set, document.path), locales);
                document.segments().for_each(|segment| segments.add(segment));
                segments
            })
        },
        |segments| {
            pairs.add(&segments);
            Ok(())
        },
    )?;
    let checked = Checked::new(pairs, &plan.selection, plan.sources.threads, &mut || report.proceed())?;
    Ok((checked, counts))
}

/// Checks the current segments of a memory whose target locale is one of `to`, or all. Holds all different texts in memory.
///
/// # Errors
/// If the memory cannot be read.
pub fn check_memory(
    memory: &Memory,
    to: &[Locale],
    selection: &Selection,
    threads: usize,
) -> Result<Checked, MemoryError> {
    let chosen = |name: &DocumentName| to.is_empty() || to.contains(&name.target_locale);
    check_chosen(memory, (&chosen, Versions::Current), selection, threads)
}

/// Checks the segments of the chosen documents of a memory, in these versions. Otherwise as [`check_memory`].
///
/// # Errors
/// If the memory cannot be read.
pub fn check_chosen(
    memory: &Memory,
    (chosen, versions): (&(dyn Fn(&DocumentName) -> bool + Sync), Versions),
    selection: &Selection,
    threads: usize,
) -> Result<Checked, MemoryError> {
    let mut pairs = Pairs::default();
    let mut document: Option<DocumentSegments> = None;
    for_each_segment(memory, chosen, versions, |placed| -> Result<(), MemoryError> {
        if let Some(other) = document.take_if(|document| !document.is_of(&placed)) {
            pairs.add(&other);
        }
        document
            .get_or_insert_with(|| {
                let locales = (placed.source_locale, placed.target_locale);
                DocumentSegments::new((placed.set, placed.document), locales)
            })
            .add(placed);
        Ok(())
    })?;
    document.iter().for_each(|document| pairs.add(document));
    let is_wanted = check_of_id(REPLACED).is_some_and(|check| selection.has(check, Some(Workflow::Machine)));
    if is_wanted && memory.has_earlier_versions()? {
        for_each_segment(memory, chosen, Versions::All, |placed| -> Result<(), MemoryError> {
            if placed.version.superseded.is_some() && placed.metadata.workflow == Some(Workflow::Human) {
                pairs.add_human_before(&placed);
            }
            Ok(())
        })?;
    }
    Checked::new(pairs, selection, threads, &mut || memory.proceed())
}
