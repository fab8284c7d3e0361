//! The plan of an import of a history: which versions of each document are read, which ones the memory has, and which ones it loses.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::input::{DocumentHistory, Entry, History};
use crate::memory::{KnownHistory, KnownVersion};
use crate::model::{Date, FileVersion, ObjectId, midnight};
use crate::operations::documents::Files;
use crate::operations::import::{HistoryPlan, ImportPlan};
use crate::side_by_side::REVISION;

/// A version of a document in the plan of an import.
pub(super) struct Step<'h> {
    pub version: &'h FileVersion,
    /// When the next newer version was committed.
    pub superseded: i64,
    /// What the memory has of it.
    pub known: Option<&'h KnownVersion>,
    /// The entry to read; `None` if it is not read.
    pub entry: Option<Entry>,
    /// Whether the commit that is read has a document at its path.
    pub is_path_left: bool,
}

/// The import of the history of one document.
pub(super) struct DocumentPlan<'h> {
    pub name: &'h str,
    /// The names by which the memory knows versions of it.
    pub replaced: Vec<(&'h str, &'h [KnownVersion])>,
    /// Those of them that are read again, or not kept.
    pub removed: Vec<&'h KnownVersion>,
    /// Whether the commit that is read has the document.
    pub is_in_tip: bool,
    pub steps: Vec<Step<'h>>,
}

/// A content of a path.
pub(super) type Key<'k> = (&'k str, Option<ObjectId>);

pub(super) fn key(version: &FileVersion) -> Key<'_> {
    (&version.path, version.object)
}

/// What the plans of all documents depend on.
pub(super) struct Planner<'h> {
    pub history: &'h History,
    /// All contents in the history, and all paths.
    pub walked: HashSet<Key<'h>>,
    pub paths: HashSet<&'h str>,
    /// The names of all documents, and of those that the commit has.
    pub names: HashSet<&'h str>,
    pub tip: HashSet<&'h str>,
    pub bounds: HistoryPlan,
    /// Whether versions are removed that the branch no longer has, unless they are excluded.
    pub prunes: bool,
    pub files: &'h Files,
    /// The documents of the commit that could not be read.
    pub unread: &'h HashSet<String>,
}

impl<'h> Planner<'h> {
    pub fn new(
        history: &'h History,
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
    pub fn prunes(&self, path: &str) -> bool {
        self.prunes && !self.files.excludes(path)
    }
}

/// Whether the commit that is read has a document.
pub(super) fn is_in_tip(document: &DocumentHistory) -> bool {
    document.versions.first().is_some_and(|first| first.object.is_some())
}

/// The plans of the documents in `wanted` of which the memory does not have all versions already.
pub(super) fn plans<'h>(
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
