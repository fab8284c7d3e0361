//! Import of files of segments: JSON lines, tables, Moses text, XLIFF, PO and Parquet.
//!
//! A file is read twice. The first time finds its documents, their hashes and what is wrong, and stores nothing: so a document that
//! has not changed is not written, and a damaged one replaces nothing. The second time stores the segments of the others as they
//! are read. So a file and its documents may be larger than the memory, and the rows of a document may lie apart.

mod dataset;
mod file;
mod positions;
mod scan;
mod store;

use super::problems::FileProblems;
use super::{DamagedTmx, ImportPlan, KEPT_EARLIER};
use crate::exchange::reading::ReadError;
use crate::input::shown;
use crate::memory::Import;
use crate::model::{FingerprintSet, Problem};
use crate::operations::numbers::counted;
use crate::operations::report::Problems;
use crate::operations::{LeftOut, OperationError};

pub(super) use dataset::{parts_among, parts_of};
pub(super) use file::SegmentFile;
use scan::{Found, Scan, Unusable};

/// The revision of these readers: another one makes other segments of the same bytes.
const REVISION: u32 = 1;

/// The names of documents that earlier files of the same import have stored.
#[derive(Default)]
pub(super) struct StoredNames(FingerprintSet);

/// The result of importing a file.
#[derive(Default)]
pub(super) struct Counts {
    pub unchanged: u64,
    pub without_segments: u64,
    /// Damaged documents that did not replace their earlier versions.
    pub kept: u64,
    pub left_out: u64,
    pub has_segments: bool,
}

/// Imports a file of segments.
pub(super) fn import(
    file: &SegmentFile,
    plan: &ImportPlan,
    import: &mut Import<'_>,
    stored: &mut StoredNames,
    problems: &mut Problems<'_>,
) -> Result<Counts, OperationError> {
    let path = shown(file.path());
    let bytes = file.length()?;
    let mut found = FileProblems::default();
    let scan = scan::scan(file, plan, &mut found)?;
    let mut run = Run { file, plan, import, found, counts: Counts::default() };
    let chosen = run.choose(&scan, stored)?;
    run.found.report(&path, problems);
    run.counts.left_out = scan.left_out.count();
    if scan.left_out != LeftOut::default() {
        problems.report.left_out(&path, &scan.left_out);
    }
    if chosen.contains(&true) {
        store::store(file, plan, &scan.documents, &chosen, run.import, problems.report)?;
    }
    problems.report.document_done(bytes);
    Ok(run.counts)
}

struct Run<'r, 'm> {
    file: &'r SegmentFile,
    plan: &'r ImportPlan,
    import: &'r mut Import<'m>,
    found: FileProblems,
    counts: Counts,
}

impl Run<'_, '_> {
    /// Which documents of the file are to be stored.
    fn choose(&mut self, scan: &Scan, stored: &mut StoredNames) -> Result<Vec<bool>, OperationError> {
        let documents = scan.documents.found();
        let is_damaged = scan.is_damaged;
        let keeps_nothing = is_damaged && self.plan.damaged_tmx == DamagedTmx::KeepNothing;
        let rows: u64 = documents.iter().map(|document| document.rows).sum();
        if let Some(unusable) = &scan.unusable {
            self.counts.without_segments += 1;
            self.found.add_always(unusable.problem());
            return Ok(vec![false; documents.len()]);
        }
        match &scan.end {
            Some(ReadError { line, reason }) => {
                let line = line.and_then(|line| u32::try_from(line).ok());
                let kept = match rows {
                    _ if keeps_nothing => "; nothing of the file is kept".to_owned(),
                    0 => String::new(),
                    rows => format!("; the {} before it are read", counted(rows, "segment")),
                };
                self.found.add_always(Problem { line, reason: format!("{reason}{kept}") });
            }
            None if keeps_nothing => {
                let reason = "the file is damaged; nothing of it is kept".to_owned();
                self.found.add_always(Problem { line: None, reason });
            }
            None => {}
        }
        if documents.is_empty() {
            self.without_segments(is_damaged)?;
            return Ok(Vec::new());
        }
        self.counts.has_segments = true;
        let mut chosen = Vec::with_capacity(documents.len());
        for document in documents {
            chosen.push(!keeps_nothing && self.is_chosen(document, stored)?);
        }
        Ok(chosen)
    }

    /// Whether a document of the file is to be stored.
    fn is_chosen(&mut self, document: &Found, stored: &mut StoredNames) -> Result<bool, OperationError> {
        let Found { set, path, .. } = document;
        if !stored.0.insert(document.fingerprint()) {
            let reason = format!("{set}/{path} is in an earlier file of this import; that one counts");
            self.found.add(Problem { line: None, reason });
            return Ok(false);
        }
        let Some(earlier) = self.import.stored(set, path, &document.target_locale, &document.version)? else {
            return Ok(true);
        };
        if document.is_damaged {
            self.counts.kept += 1;
            let reason = format!("{set}/{path} is damaged; {KEPT_EARLIER}");
            self.found.add(Problem { line: None, reason });
            return Ok(false);
        }
        let is_same = earlier.hash == document.hash && earlier.source_locale == document.source_locale;
        self.counts.unchanged += u64::from(is_same);
        Ok(!is_same)
    }

    /// A file of which no segment can be read. It removes an earlier version of the document that has its name, unless it is
    /// damaged.
    fn without_segments(&mut self, is_damaged: bool) -> Result<(), OperationError> {
        let SegmentFile { set, document, .. } = self.file;
        let set = self.plan.set.as_ref().unwrap_or(set);
        let is_known = self.import.known_documents(set)?.get(document).is_some();
        match (is_known, is_damaged) {
            (true, true) => {
                self.counts.kept += 1;
                let reason = format!("the file is damaged; {KEPT_EARLIER}");
                self.found.add_always(Problem { line: None, reason });
            }
            (true, false) => {
                self.counts.without_segments += 1;
                self.import.withdraw(set, document, None)?;
            }
            (false, _) => self.counts.without_segments += 1,
        }
        Ok(())
    }
}

impl Unusable {
    fn problem(&self) -> Problem {
        let (line, reason) = match self {
            Unusable::NoLocale { line } => (
                Some(*line),
                "the file does not state the locale of the translations; name it with --target-locale; nothing of \
                 the file is kept"
                    .to_owned(),
            ),
            Unusable::TooManyDocuments { line, reason } => {
                (Some(*line), format!("{reason}; nothing of the file is kept"))
            }
        };
        Problem { line, reason }
    }
}
