//! Import of the history of a Git branch: reads versions of documents as planned, and passes them to the memory.

mod plan;

use std::collections::HashSet;
use std::io;

use super::document::{ReadDocument, Reader, Reading};
use super::{HistoryPlan, Run};
use crate::input::{self, DocumentSet, Entry};
use crate::memory::{
    GitVersion, History, KnownDocuments, KnownHistory, KnownVersion, MemoryError, NewDocument,
};
use crate::model::{Locale, Problem};
use crate::operations::OperationError;
use crate::operations::report::Warning;
use crate::side_by_side::{self, REVISION, Syntax};

use plan::{DocumentPlan, Planner, Step, key, plans};

impl Step<'_> {
    /// Removes the version from the current documents, if an import without the history stored it there and the commit that is read
    /// does not have the document any more.
    fn remove_current(
        &self,
        run: &mut Run<'_>,
        history: &History,
        hash: Option<&[u8; 32]>,
    ) -> Result<(), MemoryError> {
        match self.is_path_left {
            true => Ok(()),
            false => run.import.remove_current(history, self.version, (self.known, hash)),
        }
    }
}

impl<'a> Run<'a> {
    /// Imports the earlier versions of the documents of a set, whose current versions are in the memory. `found` states whether
    /// one of these has segments. Returns whether any version has.
    pub(super) fn import_history(
        &mut self,
        set: &'a DocumentSet,
        bounds: HistoryPlan,
        fallback: Option<&Locale>,
        mut found: bool,
    ) -> Result<bool, OperationError> {
        let history = set.history(|path| self.plan.files.reads(path), &identity)?;
        let Some(history) = history else { return Ok(found) };
        for problem in &history.problems {
            self.problems.add_in(set, &problem.path, &Problem { line: None, reason: problem.reason.clone() });
        }
        if history.is_shallow {
            self.problems.warn(&Warning::ShallowHistory { path: set.path.clone() });
            self.seen.entry(&set.name).or_default().shallow_at = set.commit.map(|commit| commit.time);
        }
        let unread = std::mem::take(&mut self.unread);
        let mut planner = Planner::new(&history, self.plan, bounds, &unread);
        // As for current documents: not if a part could not be listed, or if it is the wrong branch.
        planner.prunes &= found && set.problems.is_empty();
        let mut known = self.known_history(set, fallback)?;
        for name in known.keys().filter(|name| planner.prunes(name) && !planner.paths.contains(name.as_str()))
        {
            self.import.remove_history(&set.name, name)?;
        }
        let is_found =
            |known: &KnownVersion| known.has_document() && planner.walked.contains(&key(&known.version));
        found |= known.values().flatten().any(is_found);
        // Another import can change the history of a document while its versions are read. Such documents are planned again.
        let mut left: HashSet<String> = planner.names.iter().map(|&name| name.to_owned()).collect();
        while !left.is_empty() {
            let plans = plans(&planner, &known, &left);
            let entries: Vec<&Entry> =
                plans.iter().flat_map(|plan| &plan.steps).filter_map(|step| step.entry.as_ref()).collect();
            self.problems.report.documents_found(entries.len() as u64);
            let no_documents = KnownDocuments::default();
            let reader = Reader { known: &no_documents, source_locale: &self.plan.source_locale, fallback };
            let threads = self.plan.threads;
            let mut walk =
                Walk { set, plans: &plans, document: 0, step: 0, running: None, changed: HashSet::new() };
            walk.advance(self)?;
            input::read_in_order(
                set,
                &entries,
                threads,
                |entry, bytes: io::Result<&[u8]>| {
                    let length = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                    (length, reader.read(entry, bytes))
                },
                |(length, reading)| -> Result<(), OperationError> {
                    found |= matches!(reading, Reading::Read(_));
                    walk.read(self, reading)?;
                    self.problems.document_done(length)?;
                    walk.advance(self)
                },
            )?;
            left = walk.changed;
            if !left.is_empty() {
                known = self.known_history(set, fallback)?;
            }
        }
        Ok(found)
    }

    fn known_history(
        &self,
        set: &DocumentSet,
        fallback: Option<&Locale>,
    ) -> Result<KnownHistory, MemoryError> {
        self.import.known_history(&set.name, &self.plan.source_locale, fallback)
    }
}

/// Passes the versions of the plans to the memory, in order.
struct Walk<'w, 'h> {
    set: &'w DocumentSet,
    plans: &'w [DocumentPlan<'h>],
    /// The next step.
    document: usize,
    step: usize,
    /// The document of this step.
    running: Option<Running>,
    /// Documents that another import changed meanwhile.
    changed: HashSet<String>,
}

/// A document whose import has begun.
struct Running {
    /// `None` if another import has changed it.
    history: Option<History>,
    /// Whether its current version was found.
    has_current: bool,
    /// The problems that were reported of a newer version.
    reported: HashSet<String>,
}

impl Running {
    /// Whether a version can be the current one in the memory.
    fn is_candidate(&self, plan: &DocumentPlan<'_>, step: &Step<'_>) -> bool {
        !self.has_current && step.version.object.is_some() && *step.version.path == *plan.name
    }
}

impl<'h> Walk<'_, 'h> {
    /// Performs the steps before the next version that has to be read.
    fn advance(&mut self, run: &mut Run<'_>) -> Result<(), OperationError> {
        while let Some(plan) = self.plans.get(self.document) {
            let Some(step) = plan.steps.get(self.step) else {
                if let Some(Running { history: Some(history), .. }) = self.running.take() {
                    run.import.end_history(history)?;
                }
                (self.document, self.step) = (self.document + 1, 0);
                continue;
            };
            self.begin(run, plan)?;
            if step.entry.is_some() {
                break;
            }
            self.add(run, plan, step)?;
            self.step += 1;
        }
        Ok(())
    }

    /// Begins the import of a document, unless it has begun.
    fn begin(&mut self, run: &mut Run<'_>, plan: &DocumentPlan<'h>) -> Result<(), OperationError> {
        if self.running.is_some() {
            return Ok(());
        }
        let set = &self.set.name;
        let history = run.import.begin_history(set, plan.name, &plan.replaced, &plan.removed)?;
        if history.is_none() {
            self.changed.insert(plan.name.to_owned());
        }
        self.running = Some(Running { history, has_current: !plan.is_in_tip, reported: HashSet::new() });
        Ok(())
    }

    /// Adds a version that is not read.
    fn add(
        &mut self,
        run: &mut Run<'_>,
        plan: &DocumentPlan<'h>,
        step: &Step<'h>,
    ) -> Result<(), OperationError> {
        let Some(running) = &mut self.running else { return Ok(()) };
        let is_candidate = running.is_candidate(plan, step);
        let Some(history) = &mut running.history else { return Ok(()) };
        if is_candidate && run.import.add_current_version(history, step.version, (REVISION, step.known))? {
            running.has_current = true;
            return Ok(());
        }
        step.remove_current(run, history, None)?;
        match step.known {
            Some(known) => {
                run.import.add_known_version(history, (known, step.version), step.superseded)?;
            }
            None => run.import.add_empty_version(history, step.version, REVISION)?,
        }
        Ok(())
    }

    /// Adds the version that was read.
    fn read(&mut self, run: &mut Run<'_>, reading: Reading) -> Result<(), OperationError> {
        let (Some(plan), Some(running)) = (self.plans.get(self.document), &mut self.running) else {
            return Ok(());
        };
        let step = &plan.steps[self.step];
        self.step += 1;
        let is_candidate = running.is_candidate(plan, step);
        let Some(history) = &mut running.history else { return Ok(()) };
        run.import.count_version();
        // The current version is an earlier one if that of the commit is damaged.
        if is_candidate && run.import.add_current_version(history, step.version, (REVISION, None))? {
            running.has_current = true;
            return Ok(());
        }
        let hash = match &reading {
            Reading::Read(document) => Some(&document.hash),
            _ => None,
        };
        if !matches!(reading, Reading::Unreadable(_) | Reading::WithoutLocale) {
            step.remove_current(run, history, hash)?;
        }
        let problems = match reading {
            // Without a record of it, the next import reads it again.
            Reading::Unreadable(problem) => vec![problem],
            Reading::WithoutLocale => {
                vec![Problem { line: None, reason: side_by_side::NO_LOCALE.to_owned() }]
            }
            Reading::Read(document) if document.segments.len() > 0 => {
                store(run, history, self.set, step, &document)?;
                document.problems
            }
            Reading::Read(document) => {
                run.import.add_empty_version(history, step.version, REVISION)?;
                document.problems
            }
            Reading::WithoutSpans | Reading::Unchanged { .. } | Reading::Damaged { .. } => {
                run.import.add_empty_version(history, step.version, REVISION)?;
                Vec::new()
            }
        };
        for problem in problems {
            let path = &*step.version.path;
            let is_new = running.reported.insert(problem.reason.clone());
            // The same problem is usually in many versions. It is reported for the newest.
            if is_new && !run.reported.contains(&(path.to_owned(), problem.reason.clone())) {
                let shown = format!("{} at {}", self.set.shown(path), step.version.commit.id.short());
                run.problems.add(&shown, &problem);
            }
        }
        Ok(())
    }
}

/// Stores a version that was read.
fn store(
    run: &mut Run<'_>,
    history: &mut History,
    set: &DocumentSet,
    step: &Step<'_>,
    document: &ReadDocument,
) -> Result<(), OperationError> {
    let version = step.version;
    let Some(object) = version.object else { return Ok(()) };
    let new = NewDocument {
        set: &set.name,
        path: &version.path,
        hash: &document.hash,
        source_locale: &run.plan.source_locale,
        target_locale: &document.target_locale,
        locale_stated: document.metadata.target_locale.is_some(),
        git: Some(GitVersion { object, reader: REVISION, commit: Some(version.commit) }),
        metadata: &document.metadata,
        problems: &document.problems,
    };
    let before = run.import.superseded();
    run.import.add_version(history, &new, document.segments.iter(), step.superseded)?;
    run.problems.report.segments_stored(run.import.superseded() - before);
    Ok(())
}

/// What a document states of its identity: the ids of the localized file and of its source, the more reliable first.
fn identity(bytes: &[u8]) -> Vec<String> {
    let Ok(text) = side_by_side::decode(bytes) else { return Vec::new() };
    let read = |syntax| side_by_side::read_metadata(&text, syntax);
    let metadata = match read(Syntax::Markdown) {
        found if found.file_id.is_none() && found.source_hash.is_none() => read(Syntax::Yaml),
        found => found,
    };
    let file = metadata.file_id.map(|id| format!("file {id}"));
    let source = metadata.source_hash.map(|hash| format!("source {hash}"));
    file.into_iter().chain(source).collect()
}
