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

use std::path::PathBuf;

use super::documents::{self, DocumentCounts, Files, Output, ReadDocument, read_set};
use super::fallback_locale::FallbackLocale;
use super::report::Problems;
use super::{OperationError, Report};
use crate::check::Selection;
use crate::input::Entry;
use crate::memory::{DocumentName, Memory, MemoryError, for_each_segment};
use crate::model::{DocumentVersion, Locale, PlacedSegment, Problem, Versions};
use crate::side_by_side::{self, NO_LOCALE};

pub use conflicts::{Conflict, Translation, Vote};
pub(crate) use label_table::bits;
pub use label_table::{LabelTable, Labels};
pub use labels::{Checked, CheckedDocument, CheckedSegment, CheckedSet, Tally};
pub use mark::{Mark, Marker};

use pairs::{DocumentSegments, Pairs};

/// A plan of the checks of documents.
#[derive(Clone, Debug)]
pub struct CheckPlan {
    /// Folders, archives, Git repositories or single files of side-by-side documents.
    pub paths: Vec<PathBuf>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// The name of the document set; `None`: that of the folder or archive.
    pub set: Option<String>,
    /// The locale of the source texts.
    pub source_locale: Locale,
    /// The target locale of documents that state none; `None`: that of most documents of the set.
    pub target_locale: Option<Locale>,
    /// The target locales that are checked; empty: all.
    pub to: Vec<Locale>,
    /// Which checks are made.
    pub selection: Selection,
    /// How many threads work; at least one does.
    pub threads: usize,
}

/// Checks the segments of documents. Holds all different texts in memory.
///
/// # Errors
/// If a path of the plan cannot be listed. Unreadable parts below a path are reported as problems.
pub fn check_documents(
    plan: &CheckPlan,
    report: &mut dyn Report,
) -> Result<(Checked, DocumentCounts), OperationError> {
    let mut problems = Problems::new(report);
    let mut counts = DocumentCounts::default();
    let mut pairs = Pairs::default();
    for path in &plan.paths {
        let set = plan.files.open(path, plan.set.as_deref())?;
        problems.add_listing(&set);
        let fallback = FallbackLocale::new(plan.target_locale.as_ref());
        let locale_of = |stated: Option<&Locale>| match stated {
            Some(stated) => {
                fallback.count(stated);
                Some(stated.clone())
            }
            None => fallback.at_once(&set, plan.threads).cloned(),
        };
        read_set(
            &set,
            (&plan.files, path, plan.threads),
            ("check", &mut problems, &mut counts),
            |entry, bytes| {
                read_document(plan, &set.name, &locale_of, entry, bytes)
                    .unwrap_or_else(|problem| ReadDocument::nothing(vec![problem]))
            },
            |_, segments: DocumentSegments| {
                pairs.add(&segments);
                Ok(Output::Written)
            },
        )?;
    }
    counts.problems = problems.count;
    Ok((Checked::new(pairs, &plan.selection, plan.threads), counts))
}

fn read_document(
    plan: &CheckPlan,
    set: &str,
    locale_of: &impl Fn(Option<&Locale>) -> Option<Locale>,
    entry: &Entry,
    bytes: std::io::Result<&[u8]>,
) -> Result<ReadDocument<DocumentSegments>, Problem> {
    let Some(bytes) = documents::with_spans(bytes)? else { return Ok(ReadDocument::nothing(Vec::new())) };
    let text = side_by_side::decode(bytes)?;
    let document = side_by_side::read(&text, documents::syntax(entry));
    let mut problems = document.problems;
    if document.segments.is_empty() {
        return Ok(ReadDocument::nothing(problems));
    }
    let Some(target_locale) = locale_of(document.metadata.target_locale.as_ref()) else {
        problems.push(Problem { line: None, reason: NO_LOCALE.to_owned() });
        return Ok(ReadDocument::nothing(problems));
    };
    if !plan.to.is_empty() && !plan.to.contains(&target_locale) {
        return Ok(ReadDocument { output: None, problems, has_segments: true });
    }
    let mut segments = DocumentSegments::new((set, &entry.path), (&plan.source_locale, &target_locale));
    for segment in &document.segments {
        segments.add(PlacedSegment {
            set,
            document: &entry.path,
            source_locale: &plan.source_locale,
            target_locale: &target_locale,
            metadata: &document.metadata,
            version: DocumentVersion::default(),
            segment,
            labels: None,
        });
    }
    Ok(ReadDocument { output: Some(segments), problems, has_segments: true })
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
    Ok(Checked::new(pairs, selection, threads))
}
