//! Import of the history of a Git branch: plans for each document which versions are read, and passes them to the memory.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::io;

use super::document::{ReadDocument, Reader, Reading};
use super::{Files, HistoryPlan, ImportPlan, Run};
use crate::input::{self, DocumentHistory, DocumentSet, Entry};
use crate::memory::{
    GitVersion, History, KnownDocuments, KnownHistory, KnownVersion, MemoryError, NewDocument,
};
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
    /// Whether the commit that is read has a document at its path.
    is_path_left: bool,
}

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

/// The import of the history of one document.
struct DocumentPlan<'h> {
    name: &'h str,
    /// The names by which the memory knows versions of it.
    replaced: Vec<(&'h str, &'h [KnownVersion])>,
    /// Those of them that are read again, or not kept.
    removed: Vec<&'h KnownVersion>,
    /// Whether the commit that is read has the document.
    is_in_tip: bool,
    steps: Vec<Step<'h>>,
}

/// A content of a path.
type Key<'k> = (&'k str, Option<ObjectId>);

fn key(version: &FileVersion) -> Key<'_> {
    (&version.path, version.object)
}

/// What the plans of all documents depend on.
struct Planner<'h> {
    history: &'h input::History,
    /// All contents in the history, and all paths.
    walked: HashSet<Key<'h>>,
    paths: HashSet<&'h str>,
    /// The names of all documents, and of those that the commit has.
    names: HashSet<&'h str>,
    tip: HashSet<&'h str>,
    bounds: HistoryPlan,
    /// Whether versions are removed that the branch no longer has, unless they are excluded.
    prunes: bool,
    files: &'h Files,
    /// The documents of the commit that could not be read.
    unread: &'h HashSet<String>,
}

impl<'h> Planner<'h> {
    fn new(
        history: &'h input::History,
        plan: &'h ImportPlan,
        bounds: HistoryPlan,
        unread: &'h HashSet<String>,
    ) -> Self {
        let documents = &history.documents;
        let versions = || documents.iter().flat_map(|document| &document.versions);
        let is_in_tip = |document: &&DocumentHistory| is_in_tip(document);
        Planner {
            history,
            walked: versions().map(key).collect(),
            paths: versions().map(|version| &*version.path).collect(),
            names: documents.iter().map(|document| &*document.name).collect(),
            tip: documents.iter().filter(is_in_tip).map(|document| &*document.name).collect(),
            bounds,
            prunes: plan.prune && !history.is_shallow,
            files: &plan.files,
            unread,
        }
    }

    /// Whether what the memory knows of a path is removed if the branch does not have it.
    fn prunes(&self, path: &str) -> bool {
        self.prunes && !self.files.excludes(path)
    }
}

/// Whether the commit that is read has a document.
fn is_in_tip(document: &DocumentHistory) -> bool {
    document.versions.first().is_some_and(|first| first.object.is_some())
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
                    self.problems.report.document_done(length);
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
    planner: &Planner<'h>,
    known: &'h KnownHistory,
    wanted: &HashSet<String>,
) -> Vec<DocumentPlan<'h>> {
    let mut taken: HashSet<&str> = HashSet::new();
    let mut plans = Vec::new();
    for document in planner.history.documents.iter().filter(|document| wanted.contains(&*document.name)) {
        // A renamed document is known by the path that was its newest.
        let mut replaced: Vec<(&str, &[KnownVersion])> = Vec::new();
        let earlier = document.versions.iter().map(|version| &*version.path);
        for path in std::iter::once(&*document.name).chain(earlier) {
            let is_own = *path == *document.name || !planner.names.contains(path);
            if let (true, Some((name, versions))) = (is_own, known.get_key_value(path))
                && taken.insert(name)
            {
                replaced.push((name, versions));
            }
        }
        plans.extend(DocumentPlan::new(planner, document, replaced));
    }
    plans
}

/// A version of a document, and what the memory has of it.
type Planned<'h> = (&'h FileVersion, Option<&'h KnownVersion>);

impl<'h> DocumentPlan<'h> {
    /// The plan of a document; `None` if the memory has all its versions.
    fn new(
        planner: &Planner<'h>,
        document: &'h DocumentHistory,
        replaced: Vec<(&'h str, &'h [KnownVersion])>,
    ) -> Option<Self> {
        let mut by_key: HashMap<Key<'_>, &KnownVersion> = HashMap::new();
        for known in replaced.iter().flat_map(|(_, versions)| versions.iter()) {
            if known.version.object.is_some() {
                by_key.entry(key(&known.version)).or_insert(known);
            }
        }
        let planned = |version: &'h FileVersion| (version, by_key.get(&key(version)).copied());
        let walked = document.versions.iter().map(planned).collect();
        let mut all = with_gone(walked, gone(planner, document, &replaced));
        let was_known: Vec<bool> = all.iter().map(|(_, known)| known.is_some()).collect();
        forget_incomplete(&mut all, &replaced, |known| planner.walked.contains(&key(&known.version)));
        let used: HashSet<*const KnownVersion> =
            all.iter().filter_map(|(_, known)| known.map(std::ptr::from_ref)).collect();
        let stored = replaced.iter().flat_map(|(_, versions)| versions.iter());
        let removed = stored
            .filter(|known| known.has_document() && !used.contains(&std::ptr::from_ref(*known)))
            .collect();
        let is_in_tip = is_in_tip(document);
        let mut steps = Vec::with_capacity(all.len());
        let mut newer: Option<i64> = None;
        for (at, ((version, known), was_known)) in all.into_iter().zip(was_known).enumerate() {
            // A shallow clone states its oldest commits for all that is older.
            let version =
                known.filter(|_| planner.history.is_shallow).map_or(version, |known| &known.version);
            let superseded = newer.replace(version.commit.time).unwrap_or(version.commit.time);
            let is_tip = at == 0 && is_in_tip;
            let is_read = !is_tip && known.is_none() && version.object.is_some();
            let is_left_out = match is_tip {
                // It is read as an earlier version when there is a newer one.
                true => known.is_none() && planner.unread.contains(&*version.path),
                false => is_read && !was_known && !planner.bounds.has(version.commit.time),
            };
            if is_left_out {
                continue;
            }
            let entry = if is_read { Entry::of_version(version) } else { None };
            let is_path_left = planner.tip.contains(&*version.path);
            steps.push(Step { version, superseded, known, entry, is_path_left });
        }
        let plan = DocumentPlan { name: &document.name, replaced, removed, is_in_tip, steps };
        (!plan.is_known()).then_some(plan)
    }

    /// Whether the memory has these versions in this order.
    fn is_known(&self) -> bool {
        let [(name, known)] = self.replaced.as_slice() else { return false };
        let is_same = |(number, (step, known)): (usize, (&Step<'_>, &KnownVersion))| {
            let is_current = number == 0 && self.is_in_tip;
            let superseded = (!is_current).then_some(step.superseded);
            *step.version == known.version
                && (!known.has_document() || known.superseded() == superseded)
                && (step.is_path_left || !known.is_current_again())
        };
        *name == self.name
            && self.removed.is_empty()
            && self.steps.iter().all(|step| step.entry.is_none())
            && self.steps.len() == known.len()
            && self.steps.iter().zip(*known).enumerate().all(is_same)
    }
}

/// The known versions that the branch does not have any more because it was replaced, and that stay, with their dates. A deletion
/// has the date of the version that it deleted. Those that are versions of another document now are not among them: they are read
/// again there.
fn gone<'h>(
    planner: &Planner<'h>,
    document: &DocumentHistory,
    replaced: &[(&'h str, &'h [KnownVersion])],
) -> Vec<(&'h KnownVersion, i64)> {
    let deletions: HashSet<ObjectId> = document
        .versions
        .iter()
        .filter(|version| version.object.is_none())
        .map(|version| version.commit.id)
        .collect();
    let is_gone = |known: &KnownVersion| {
        let version = &known.version;
        version.object.is_some()
            && known.is_stored()
            && !planner.walked.contains(&key(version))
            && !planner.prunes(&version.path)
    };
    let mut gone = Vec::new();
    for (_, versions) in replaced {
        for (at, known) in versions.iter().enumerate().filter(|(_, known)| is_gone(known)) {
            let time = known.version.commit.time;
            let deletion = at.checked_sub(1).map(|at| &versions[at]).filter(|deletion| {
                deletion.version.object.is_none() && !deletions.contains(&deletion.version.commit.id)
            });
            gone.extend(deletion.map(|deletion| (deletion, time)));
            gone.push((known, time));
        }
    }
    gone
}

/// Inserts the versions that the branch does not have any more by their dates, after the first version.
fn with_gone<'h>(walked: Vec<Planned<'h>>, gone: Vec<(&'h KnownVersion, i64)>) -> Vec<Planned<'h>> {
    if gone.is_empty() {
        return walked;
    }
    // The oldest date up to each version. The versions are in the order of commits, which is not always that of dates.
    let mut oldest: Vec<i64> = walked.iter().skip(1).map(|(version, _)| version.commit.time).collect();
    for at in 1..oldest.len() {
        oldest[at] = oldest[at].min(oldest[at - 1]);
    }
    let mut gone = gone;
    gone.sort_by_key(|(_, time)| Reverse(*time));
    let place = |time: i64| 1 + oldest.partition_point(|&oldest| oldest >= time);
    let mut gone = gone.into_iter().map(|(known, time)| (place(time), known)).peekable();
    let mut all = Vec::with_capacity(walked.len() + gone.len());
    for (at, planned) in walked.into_iter().enumerate() {
        while let Some((_, known)) = gone.next_if(|(place, _)| *place <= at) {
            all.push((&known.version, Some(known)));
        }
        all.push(planned);
    }
    all.extend(gone.map(|(_, known)| (&known.version, Some(known))));
    all
}

/// Forgets what the memory has of versions of which it may lack segments, so that they are read again. What a version does not store
/// is stored with a version that was newer when it was imported. So it is complete if all of these are still newer, and there.
fn forget_incomplete<'h>(
    all: &mut [Planned<'h>],
    replaced: &[(&'h str, &'h [KnownVersion])],
    can_be_read: impl Fn(&KnownVersion) -> bool,
) {
    let places: HashMap<*const KnownVersion, usize> = all
        .iter()
        .enumerate()
        .filter_map(|(at, (_, known))| Some((std::ptr::from_ref((*known)?), at)))
        .collect();
    for (_, versions) in replaced {
        let mut is_complete = true;
        let mut last = 0;
        for known in versions.iter().filter(|known| known.version.object.is_some()) {
            let place = places.get(&std::ptr::from_ref(known)).copied();
            let is_usable = known.is_stored() && known.reader == REVISION && !known.is_in_other_locale();
            if let Some(place) = place
                && can_be_read(known)
                && !(is_usable && (known.is_current() || is_complete && place >= last))
            {
                all[place].1 = None;
            }
            if known.has_document() {
                is_complete &= known.is_stored() && place.is_some();
                last = last.max(place.unwrap_or(0));
            }
        }
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
