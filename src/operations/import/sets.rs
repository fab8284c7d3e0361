//! Import of document sets: what the memory has is read only if it has changed.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use super::document::{Reader, Reading};
use super::{KEPT_EARLIER, Run};
use crate::input::{self, DocumentSet, Entry};
use crate::memory::{GitVersion, KnownDocument, KnownDocuments, MemoryError, NewDocument};
use crate::model::{Locale, Problem};
use crate::operations::OperationError;
use crate::operations::fallback_locale::FallbackLocale;
use crate::operations::report::Warning;
use crate::side_by_side::{self, NO_LOCALE};

impl<'a> Run<'a> {
    /// Imports the documents under one path. Returns whether any of them has segments.
    pub(super) fn import_set(&mut self, set: &'a DocumentSet, path: &Path) -> Result<bool, OperationError> {
        self.problems.add_listing(set);
        if self.plan.history.is_some() {
            self.import.keep_history();
        }
        let known = self.import.known_documents(&set.name)?;
        let fallback = FallbackLocale::new(self.plan.target_locale.as_ref());
        let entries = self.entries_not_seen(set);
        let (unread, entries) = self.known_objects(set, entries, &known)?;
        let mut found = !unread.is_empty();
        for (path, document) in unread {
            fallback.count(&document.target_locale);
            let problems = document.problems.clone();
            self.store(set, path, Reading::Unchanged { problems }, &known)?;
            self.problems.document_done(0)?;
        }
        let mut waiting = HashSet::new();
        self.read(set, &entries, &known, fallback.named(), |run, entry, reading| {
            found |= !matches!(reading, Reading::WithoutSpans | Reading::Unreadable(_));
            if let Reading::WithoutLocale = reading {
                waiting.insert(entry.path.as_str());
                return Ok(());
            }
            let stated = reading.stated_locale(known.get(&entry.path));
            stated.into_iter().for_each(|stated| fallback.count(stated));
            run.store(set, entry, reading, &known)
        })?;
        // Documents without a locale get that of most of the others, which is known only now.
        let entries: Vec<_> =
            entries.into_iter().filter(|entry| waiting.contains(entry.path.as_str())).collect();
        self.read(set, &entries, &known, fallback.after_all(), |run, entry, reading| match reading {
            Reading::WithoutLocale => {
                run.problems.add_in(set, &entry.path, &Problem { line: None, reason: NO_LOCALE.to_owned() });
                run.unread.insert(entry.path.clone());
                Ok(())
            }
            reading => run.store(set, entry, reading, &known),
        })?;
        if let Some(plan) = self.plan.history {
            found = self.import_history(set, plan, fallback.after_all(), found)?;
        }
        if !found {
            self.problems.warn(&self.plan.files.no_spans("import", set, path));
        }
        self.seen.entry(&set.name).or_default().found |= found;
        Ok(found)
    }

    /// Separates the documents of a revision that the memory has by the ids of their objects from those that have to be read.
    /// Objects without segments are counted.
    fn known_objects<'k>(
        &mut self,
        set: &DocumentSet,
        mut entries: Vec<&'a Entry>,
        known: &'k KnownDocuments,
    ) -> Result<KnownEntries<'a, 'k>, MemoryError> {
        let mut unread = Vec::new();
        if set.commit.is_none() {
            return Ok((unread, entries));
        }
        let clean = self.import.clean_objects(&set.name, side_by_side::REVISION)?;
        entries.retain(|&entry| match (known.get(&entry.path), entry.object) {
            (Some(document), Some(object))
                if document.object == Some((object, side_by_side::REVISION))
                    && document.locale_stated
                    && document.source_locale == self.plan.source_locale =>
            {
                unread.push((entry, document));
                false
            }
            (None, Some(object)) if clean.contains(&object) => {
                self.without_segments += 1;
                self.problems.report.document_done(0);
                false
            }
            _ => true,
        });
        Ok((unread, entries))
    }

    /// The documents of a set, without those under an earlier path of the plan.
    fn entries_not_seen(&mut self, set: &'a DocumentSet) -> Vec<&'a Entry> {
        let seen = self.seen.entry(&set.name).or_default();
        seen.incomplete |= !set.problems.is_empty();
        let mut entries = Vec::with_capacity(set.entries.len());
        for entry in &set.entries {
            if seen.paths.insert(&entry.path) {
                entries.push(entry);
            } else {
                let reason =
                    format!("the set {:?} has this document already; the first one counts", set.name);
                self.problems.add_in(set, &entry.path, &Problem { line: None, reason });
            }
        }
        entries
    }

    /// Reads documents on several threads, and calls `store` with each in the order of the entries.
    fn read(
        &mut self,
        set: &DocumentSet,
        entries: &[&'a Entry],
        known: &KnownDocuments,
        fallback: Option<&Locale>,
        mut store: impl FnMut(&mut Self, &'a Entry, Reading) -> Result<(), OperationError>,
    ) -> Result<(), OperationError> {
        let reader = Reader { known, source_locale: &self.plan.source_locale, fallback };
        input::read_in_order(
            set,
            entries,
            self.plan.threads,
            |entry, bytes| {
                let length = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                (entry, length, reader.read(entry, bytes))
            },
            |(entry, length, reading)| {
                let waits = matches!(reading, Reading::WithoutLocale);
                store(self, entry, reading)?;
                if !waits {
                    self.problems.document_done(length)?;
                }
                Ok(())
            },
        )
    }

    fn store(
        &mut self,
        set: &DocumentSet,
        entry: &Entry,
        reading: Reading,
        known: &KnownDocuments,
    ) -> Result<(), OperationError> {
        let path = entry.path.as_str();
        let superseded = set.commit.map(|commit| commit.time);
        let mut without_segments = || -> Result<(), MemoryError> {
            self.without_segments += 1;
            known.get(path).map_or(Ok(()), |_| self.import.withdraw(&set.name, path, superseded).map(|_| ()))
        };
        if self.plan.history.is_some() && matches!(reading, Reading::Unreadable(_) | Reading::Damaged { .. })
        {
            self.unread.insert(path.to_owned());
        }
        let problems = match reading {
            Reading::WithoutLocale => Vec::new(),
            Reading::Unreadable(problem) => vec![problem],
            Reading::Damaged { mut problems } => {
                self.kept += 1;
                let reason = format!("the document is damaged; {KEPT_EARLIER}");
                problems.push(Problem { line: None, reason });
                problems
            }
            Reading::WithoutSpans => {
                without_segments()?;
                if let Some(object) = entry.object {
                    self.import.add_clean_object(&set.name, object, side_by_side::REVISION)?;
                }
                Vec::new()
            }
            Reading::Unchanged { problems } => {
                self.unchanged += 1;
                let known = known.get(path).and_then(|known| known.object);
                if let Some(git) = git_version(set, entry)
                    && known != Some((git.object, git.reader))
                {
                    self.import.set_git_version(&set.name, path, &git)?;
                }
                problems
            }
            Reading::Read(document) if document.segments.len() == 0 => {
                without_segments()?;
                document.problems
            }
            Reading::Read(document) => {
                let new = NewDocument {
                    set: &set.name,
                    path,
                    hash: &document.hash,
                    source_locale: &self.plan.source_locale,
                    target_locale: &document.target_locale,
                    locale_stated: document.metadata.target_locale.is_some(),
                    git: git_version(set, entry),
                    metadata: &document.metadata,
                    problems: &document.problems,
                };
                self.import.put(&new, document.segments.iter())?;
                self.problems.report.segments_stored(document.segments.len() as u64);
                document.problems
            }
        };
        for problem in problems {
            self.problems.add_in(set, path, &problem);
            if self.plan.history.is_some() {
                self.reported.insert((path.to_owned(), problem.reason));
            }
        }
        Ok(())
    }

    /// Removes documents that are no longer in their set, if the whole set could be listed. Excluded documents stay as they are,
    /// as in `rsync --delete`: they are not listed, so whether they still exist is not known.
    pub(super) fn prune(&mut self) -> Result<(), OperationError> {
        if !self.plan.prune {
            return Ok(());
        }
        let names: BTreeSet<&str> = self.seen.keys().copied().collect();
        for name in names {
            let seen = &self.seen[name];
            if seen.incomplete || !seen.found {
                self.problems.warn(&Warning::NotPruned { set: name.to_owned(), found: seen.found });
                continue;
            }
            let known = self.import.known_documents(name)?;
            let is_gone = |path: &&str| !seen.paths.contains(path) && !self.plan.files.excludes(path);
            for path in known.paths().filter(is_gone) {
                // After the history of a shallow clone, the versions of a document of the branch stay, as those of all documents that
                // were deleted.
                self.import.withdraw(name, path, seen.shallow_at)?;
            }
        }
        Ok(())
    }
}

/// Entries whose documents the memory has, and the others.
type KnownEntries<'a, 'k> = (Vec<(&'a Entry, &'k KnownDocument)>, Vec<&'a Entry>);

/// The version of an entry of a Git revision.
fn git_version(set: &DocumentSet, entry: &Entry) -> Option<GitVersion> {
    let object = entry.object?;
    Some(GitVersion { object, reader: side_by_side::REVISION, commit: set.commit })
}
