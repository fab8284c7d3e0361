//! The version of the source that a translation is of: not today's, if the source is in a Git repository.
//!
//! That of the commit that the target's front matter names. Else there are candidates: the newest version of the source from before the
//! last change of the target, those from before earlier changes, since the last ones can be of a link alone, and from before its first ones,
//! and a few before the newest, since a translation takes time. Of these, `choice` takes one.

use std::collections::HashMap;

use super::clean::clean;
use super::pairing::Pair;
use super::{AlignSources, read_whole};
use crate::input::Entry;
use crate::model::{Commit, FileVersion};
use crate::operations::OperationError;
use crate::side_by_side;

/// Keys of front matter that name the commit of the source, of Microsoft's and of Hugo's documentation.
pub const COMMIT_KEYS: [&str; 2] = ["ms.sourcegitcommit", "default_lang_commit"];

/// The most candidates of a document. They are from before so many changes of the target, the newest ones and the first ones, and so many
/// others are from before the newest change.
const CANDIDATES: usize = 14;
const CHANGES: usize = 8;
const FIRST: usize = 2;
const EARLIER: usize = 5;

/// The version of a source document.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub entry: Entry,
    pub commit: Commit,
}

/// What the version of a source is chosen from.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    /// Versions of the source that the target may be of; the newest first.
    pub of_source: Vec<Version>,
    /// Versions of the target; the newest first. Empty if the version of the source is stated.
    pub of_target: Vec<Version>,
}

/// How many documents have a version of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VersionCounts {
    /// That of the commit in the front matter.
    pub stated: u64,
    /// From before a change of the target.
    pub by_date: u64,
}

impl AlignSources {
    /// Finds the version of each source document whose version is known.
    pub(super) fn find_versions(&mut self) -> Result<(), OperationError> {
        if self.source.commit.is_none() || self.plan.only_this_version {
            return Ok(());
        }
        let (versions, counts) = self.versions()?;
        (self.versions, self.version_counts) = (versions, counts);
        Ok(())
    }

    /// The candidates, by the common path of the pair; the most likely one first, which is the newest.
    fn versions(&self) -> Result<(HashMap<String, Versions>, VersionCounts), OperationError> {
        let (mut versions, mut counts) = (HashMap::new(), VersionCounts::default());
        let mut others: Vec<&Pair> = Vec::new();
        let mut reader = self.target().reader();
        let most = self.plan.files.limits.document.0;
        for pair in &self.pairing.pairs {
            let bytes = read_whole(&mut reader, self.target_entry_of(pair), most);
            // What cannot be read is reported when it is aligned.
            let Ok(text) = clean(&bytes) else { continue };
            let commit = self.stated_commit(&text);
            let found = match commit {
                Some(commit) => self.source.entry_at(&commit, &self.entry_of(pair).path)?,
                None => None,
            };
            match found {
                Some((entry, commit)) => {
                    counts.stated += 1;
                    let of_source = vec![Version { entry, commit }];
                    versions.insert(pair.path.clone(), Versions { of_source, ..Versions::default() });
                }
                None => others.push(pair),
            }
        }
        counts.by_date = self.by_date(&others, &mut versions)?;
        Ok((versions, counts))
    }

    /// The commit that a front matter names.
    fn stated_commit(&self, text: &str) -> Option<String> {
        let front = &text[..text.len() - side_by_side::body(text).len()];
        let keys = self.plan.commit_keys.iter().map(String::as_str).chain(COMMIT_KEYS);
        let values = keys.filter_map(|key| {
            front.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix(':'))
        });
        // Hugo's documents have a comment behind it: `default_lang_commit: 1a2b3c # patched`.
        let mut ids = values.map(|value| {
            let value = value.trim().trim_matches(['"', '\'']);
            value.split([' ', '#', '"', '\'']).next().unwrap_or_default().to_owned()
        });
        ids.find(|id| !id.is_empty())
    }

    /// Adds versions from before the changes of the targets. Returns for how many documents.
    fn by_date(
        &self,
        pairs: &[&Pair],
        versions: &mut HashMap<String, Versions>,
    ) -> Result<u64, OperationError> {
        if pairs.is_empty() || self.target().commit.is_none() {
            return Ok(0);
        }
        let no_identity = |_: &[u8]| Vec::new();
        let wanted = |path: &str| self.plan.files.reads(path);
        let Some(sources) = self.source.history(wanted, &no_identity)? else { return Ok(0) };
        let targets = match &self.target {
            Some(target) => target.history(wanted, &no_identity)?,
            None => None,
        };
        let targets = targets.as_ref().unwrap_or(&sources);
        let by_name = |history: &'_ crate::input::History| -> HashMap<std::sync::Arc<str>, usize> {
            let named = history.documents.iter().enumerate();
            named.map(|(at, document)| (document.name.clone(), at)).collect()
        };
        let (source_names, target_names) = (by_name(&sources), by_name(targets));
        let mut count = 0;
        for pair in pairs {
            let source = source_names.get(self.entry_of(pair).path.as_str());
            let target = target_names.get(self.target_entry_of(pair).path.as_str());
            let (Some(&source), Some(&target)) = (source, target) else { continue };
            let sources = &sources.documents[source].versions;
            let targets = &targets.documents[target].versions;
            let changes: Vec<i64> = targets.iter().map(|version| version.commit.time).collect();
            let of_source = candidates(sources, &changes).into_iter().filter_map(|at| {
                // It may have had another name then.
                version(&sources[at], &self.entry_of(pair).path)
            });
            let of_target = newest_and_first(targets, CHANGES + 1);
            let of_target = of_target.filter_map(|target| version(target, &target.path));
            let versions_of_pair =
                Versions { of_source: of_source.collect(), of_target: of_target.collect() };
            if !versions_of_pair.of_source.is_empty() {
                count += 1;
                versions.insert(pair.path.clone(), versions_of_pair);
            }
        }
        Ok(count)
    }
}

/// So many of the newest changes, and the first ones; the newest first.
fn newest_and_first<T>(changes: &[T], newest: usize) -> impl Iterator<Item = &T> {
    let newest = newest.min(changes.len());
    let first = newest.max(changes.len().saturating_sub(FIRST));
    changes[..newest].iter().chain(&changes[first..])
}

/// The indexes of versions of the source that a target can be of that was changed at these times, the newest first in both.
fn candidates(sources: &[FileVersion], changes: &[i64]) -> Vec<usize> {
    let before = |&time: &i64| {
        let is_before = |version: &FileVersion| version.object.is_some() && version.commit.time <= time;
        sources.iter().position(is_before)
    };
    let mut found: Vec<usize> = newest_and_first(changes, CHANGES).filter_map(before).collect();
    if let Some(&newest) = found.first() {
        found.extend((newest + 1..sources.len()).filter(|&at| sources[at].object.is_some()).take(EARLIER));
    }
    let mut candidates: Vec<usize> = Vec::new();
    for at in found {
        if candidates.len() < CANDIDATES && !candidates.contains(&at) {
            candidates.push(at);
        }
    }
    candidates.sort_unstable();
    candidates
}

/// A version of a document, which is read as if it had this path.
fn version(version: &FileVersion, path: &str) -> Option<Version> {
    let mut entry = Entry::of_version(version)?;
    path.clone_into(&mut entry.path);
    Some(Version { entry, commit: version.commit })
}
