//! Import of the history of a Git branch: plans for each document which versions are read, and passes them to the memory.

use std::collections::{HashMap, HashSet};
use std::io;

use super::document::{ReadDocument, Reader, Reading};
use super::{HistoryPlan, Run};
use crate::input::{self, DocumentHistory, DocumentSet, Entry};
use crate::memory::{GitVersion, History, KnownDocuments, KnownHistory, KnownVersion, NewDocument};
use crate::model::{Date, FileVersion, Locale, ObjectId, Problem, midnight};
use crate::operations::OperationError;
use crate::operations::report::Warning;
use crate::side_by_side::{self, REVISION, Syntax};

/// A version of a document in the plan of an import.
struct Step<'h> {
    version: &'h FileVersion,
    /// When the next newer version was committed.
    superseded: i64,
    /// What the memory has of it.
    known: Option<&'h KnownVersion>,
    /// The entry to read; `None` if it is not read.
    entry: Option<Entry>,
}

/// The import of the history of one document.
struct DocumentPlan<'h> {
    name: &'h str,
    /// The names by which the memory knows versions of it.
    replaced: Vec<(&'h str, &'h [KnownVersion])>,
    /// Those of them that are read again.
    removed: Vec<&'h KnownVersion>,
    /// Whether the commit that is read has the document.
    is_in_tip: bool,
    steps: Vec<Step<'h>>,
}

impl Run<'_> {
    /// Imports the earlier versions of the documents of a set, whose current versions are in the memory. Returns whether any
    /// version has segments.
    pub(super) fn import_history(
        &mut self,
        set: &DocumentSet,
        plan: HistoryPlan,
        fallback: Option<&Locale>,
    ) -> Result<bool, OperationError> {
        let history = set.history(|path| self.plan.files.reads(path), &identity)?;
        let Some(history) = history else { return Ok(false) };
        for problem in &history.problems {
            self.problems.add_in(set, &problem.path, &Problem { line: None, reason: problem.reason.clone() });
        }
        if history.is_shallow {
            self.problems.warn(&Warning::ShallowHistory { path: set.path.clone() });
        }
        let mut found = false;
        // Another import can change the history of a document while its versions are read. Such documents are planned again.
        let mut left: HashSet<String> =
            history.documents.iter().map(|document| document.name.to_string()).collect();
        let prunes = self.plan.prune && !history.is_shallow;
        let mut names_known = self.import.known_history(&set.name)?;
        if prunes {
            let names = names_known.keys().filter(|name| !left.contains(*name));
            let in_walk: HashSet<&str> = history
                .documents
                .iter()
                .flat_map(|document| document.versions.iter())
                .map(|version| &*version.path)
                .collect();
            let gone: Vec<String> = names.filter(|name| !in_walk.contains(name.as_str())).cloned().collect();
            for name in &gone {
                self.import.remove_history(&set.name, name)?;
            }
        }
        while !left.is_empty() {
            let known = std::mem::take(&mut names_known);
            let plans = plans(&history.documents, &known, plan, prunes, &left);
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
                    self.problems.report.document_done(length);
                    walk.advance(self)
                },
            )?;
            left = walk.changed;
            names_known = self.import.known_history(&set.name)?;
        }
        Ok(found)
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
        if is_candidate && run.import.add_current_version(history, step.version, REVISION)? {
            running.has_current = true;
            return Ok(());
        }
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
        if is_candidate && run.import.add_current_version(history, step.version, REVISION)? {
            running.has_current = true;
            return Ok(());
        }
        let problems = match reading {
            Reading::Unreadable(problem) => {
                run.import.add_empty_version(history, step.version, REVISION)?;
                vec![problem]
            }
            Reading::WithoutLocale => {
                run.import.add_empty_version(history, step.version, REVISION)?;
                vec![Problem { line: None, reason: side_by_side::NO_LOCALE.to_owned() }]
            }
            Reading::Read(document) if document.segments().len() > 0 => {
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
    run.import.add_version(history, &new, document.segments(), step.superseded)?;
    run.problems.report.segments_stored(run.import.superseded() - before);
    Ok(())
}

/// The plans of the documents in `wanted` of which the memory does not have all versions already.
fn plans<'h>(
    documents: &'h [DocumentHistory],
    known: &'h KnownHistory,
    plan: HistoryPlan,
    prunes: bool,
    wanted: &HashSet<String>,
) -> Vec<DocumentPlan<'h>> {
    let names: HashSet<&str> = documents.iter().map(|document| &*document.name).collect();
    let mut taken: HashSet<&str> = HashSet::new();
    let mut plans = Vec::new();
    for document in documents.iter().filter(|document| wanted.contains(&*document.name)) {
        // A renamed document is known by the path that was its newest.
        let mut replaced: Vec<(&str, &[KnownVersion])> = Vec::new();
        let earlier = document.versions.iter().map(|version| &*version.path);
        for path in std::iter::once(&*document.name).chain(earlier) {
            let is_own = *path == *document.name || !names.contains(path);
            if let (true, Some((name, versions))) = (is_own, known.get_key_value(path))
                && taken.insert(name)
            {
                replaced.push((name, versions));
            }
        }
        plans.extend(DocumentPlan::new(document, replaced, plan, prunes));
    }
    plans
}

impl<'h> DocumentPlan<'h> {
    /// The plan of a document; `None` if the memory has all its versions.
    fn new(
        document: &'h DocumentHistory,
        replaced: Vec<(&'h str, &'h [KnownVersion])>,
        plan: HistoryPlan,
        prunes: bool,
    ) -> Option<Self> {
        type Key<'k> = (&'k str, Option<ObjectId>);
        fn key(version: &FileVersion) -> Key<'_> {
            (&version.path, version.object)
        }
        let is_in_tip = document.versions.first().is_some_and(|first| first.object.is_some());
        let stored = || replaced.iter().flat_map(|(_, versions)| versions.iter());
        let by_key: HashMap<Key<'_>, &KnownVersion> = stored()
            .filter(|known| known.version.object.is_some())
            .map(|known| (key(&known.version), known))
            .collect();
        let walked: HashSet<Key<'_>> = document.versions.iter().map(key).collect();
        // Versions that the branch does not have any more, because it was replaced.
        let gone: Vec<&KnownVersion> = stored()
            .filter(|known| known.version.object.is_some() && !walked.contains(&key(&known.version)))
            .collect();
        // What a version does not store is in a newer one, so without this one it would have to be read again.
        let is_rebuilt = stored().any(|known| !known.is_stored() || known.reader != REVISION)
            || prunes && !gone.is_empty();
        let is_gone = |known: &KnownVersion| gone.iter().any(|gone| std::ptr::eq(*gone, known));
        let is_removed = |known: &&KnownVersion| is_rebuilt && (prunes || !is_gone(known));
        let removed: Vec<&KnownVersion> = stored().filter(is_removed).collect();
        let mut all: Vec<(&FileVersion, Option<&KnownVersion>)> = document
            .versions
            .iter()
            .map(|version| (version, by_key.get(&key(version)).copied().filter(|_| !is_rebuilt)))
            .collect();
        for &known in gone.iter().filter(|known| !prunes && known.is_stored()) {
            let older = |(version, _): &(&FileVersion, _)| version.commit.time < known.version.commit.time;
            let at = all.iter().skip(1).position(older).map_or(all.len(), |at| at + 1);
            all.insert(at, (&known.version, Some(known)));
        }
        let mut steps = Vec::with_capacity(all.len());
        let mut newer: Option<i64> = None;
        for (at, (version, known)) in all.into_iter().enumerate() {
            let superseded = newer.replace(version.commit.time).unwrap_or(version.commit.time);
            let is_tip = at == 0 && is_in_tip;
            let is_read = !is_tip && known.is_none() && version.object.is_some();
            if is_read && !plan.has(version.commit.time) {
                continue;
            }
            let entry = if is_read { Entry::of_version(version) } else { None };
            steps.push(Step { version, superseded, known, entry });
        }
        let plan = DocumentPlan { name: &document.name, replaced, removed, is_in_tip, steps };
        (!plan.is_known()).then_some(plan)
    }

    /// Whether the memory has these versions in this order.
    fn is_known(&self) -> bool {
        let [(name, known)] = self.replaced.as_slice() else { return false };
        let is_same = |(number, (step, known)): (usize, (&Step<'_>, &KnownVersion))| {
            *step.version == known.version
                && known.is_current() == (number == 0 && self.is_in_tip && known.has_document())
        };
        *name == self.name
            && self.removed.is_empty()
            && self.steps.len() == known.len()
            && self.steps.iter().zip(*known).enumerate().all(is_same)
    }
}

impl HistoryPlan {
    /// Whether a version that was committed at this time is read.
    fn has(&self, time: i64) -> bool {
        const DAY: i64 = 86_400;
        let begin = |day: Date| midnight(day);
        self.since.is_none_or(|day| time >= begin(day))
            && self.until.is_none_or(|day| time < begin(day) + DAY)
    }
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
