//! The version of the source that a translation is of: not today's, if the source is in a Git repository.
//!
//! The commit that the target's front matter names, else the newest version of the source from before the last change of the target.

use std::collections::HashMap;

use super::document::clean;
use super::pairing::Pair;
use super::{AlignSources, read_whole};
use crate::input::Entry;
use crate::model::Commit;
use crate::operations::OperationError;
use crate::side_by_side;

/// Keys of front matter that name the commit of the source, of Microsoft's and of Hugo's documentation.
pub const COMMIT_KEYS: [&str; 2] = ["ms.sourcegitcommit", "default_lang_commit"];

/// The version of a source document.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub entry: Entry,
    pub commit: Commit,
}

/// How many documents have a version of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VersionCounts {
    /// That of the commit in the front matter.
    pub stated: u64,
    /// The newest one before the last change of the target.
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

    /// The versions, by the common path of the pair.
    fn versions(&self) -> Result<(HashMap<String, Version>, VersionCounts), OperationError> {
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
                    versions.insert(pair.path.clone(), Version { entry, commit });
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

    /// Adds the newest versions from before the last changes of the targets. Returns how many.
    fn by_date(
        &self,
        pairs: &[&Pair],
        versions: &mut HashMap<String, Version>,
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
            let Some(changed) = targets.documents[target].versions.first() else { continue };
            let before = sources.documents[source]
                .versions
                .iter()
                .find(|version| version.object.is_some() && version.commit.time <= changed.commit.time);
            let Some(version) = before else { continue };
            if let Some(mut entry) = Entry::of_version(version) {
                // It may have had another name then.
                entry.path.clone_from(&self.entry_of(pair).path);
                count += 1;
                versions.insert(pair.path.clone(), Version { entry, commit: version.commit });
            }
        }
        Ok(count)
    }
}
