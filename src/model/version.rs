//! Versions of documents in the history of a Git branch.

use std::fmt;
use std::sync::Arc;

use super::{Commit, DateTime, ObjectId, date_time, of_timestamp, seconds, timestamp};

/// What a commit made of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileVersion {
    /// The path below the set, `/` separated, in this commit.
    pub path: Arc<str>,
    /// The id of the content; `None` if the commit deleted the document.
    pub object: Option<ObjectId>,
    /// The commit. None of its parents has this content at this path.
    pub commit: Commit,
}

/// What superseded a translation: an earlier version of its document has it, and no newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Superseded {
    /// When the next version of the document was committed, in seconds since 1970.
    pub at: i64,
    /// The commit of the version that has the translation, if known.
    pub commit: Option<ObjectId>,
}

impl Superseded {
    /// When, in UTC. Beyond the years -9999 to 9999 it is the first or last time within them: without a time, the translation would
    /// be current.
    pub fn time(&self) -> DateTime {
        let nearest =
            if self.at < 0 { DateTime::MIN } else { DateTime::constant(9999, 12, 31, 23, 59, 59, 0) };
        date_time(self.at).unwrap_or(nearest)
    }
}

/// For people, as in `until 2019-04-23, abc1234`.
impl fmt::Display for Superseded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match date_time(self.at) {
            Some(time) => write!(out, "until {}", time.date())?,
            None => out.write_str("superseded")?,
        }
        self.commit.map_or(Ok(()), |commit| write!(out, ", {}", commit.short()))
    }
}

/// The version of a document that a segment comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DocumentVersion {
    /// The commit that made it, or if the history was not read one that has it. `None` if it did not come from a Git repository.
    pub commit: Option<Commit>,
    /// When a newer version replaced it, in seconds since 1970; `None`: it is the current version.
    pub superseded: Option<i64>,
}

impl DocumentVersion {
    /// For a translation in this version: what superseded it, if anything.
    pub fn superseded(&self) -> Option<Superseded> {
        self.superseded.map(|at| Superseded { at, commit: self.commit.map(|commit| commit.id) })
    }

    /// The fields `commit`, `committed` and `superseded` of an export: an id in hexadecimal, and times as in `2019-04-23T10:11:12Z`.
    pub fn fields(&self) -> [Option<String>; 3] {
        let committed = self.commit.and_then(|commit| date_time(commit.time));
        [
            self.commit.map(|commit| commit.id.to_string()),
            committed.map(timestamp),
            self.superseded().map(|superseded| timestamp(superseded.time())),
        ]
    }

    /// The version that such fields state. A field that cannot be read is ignored.
    pub fn of_fields([commit, committed, superseded]: [Option<&str>; 3]) -> DocumentVersion {
        let time = |field: Option<&str>| field.and_then(of_timestamp).map(seconds);
        let commit = commit.and_then(ObjectId::from_hex);
        DocumentVersion {
            commit: commit.map(|id| Commit { id, time: time(committed).unwrap_or(0) }),
            superseded: time(superseded),
        }
    }
}

/// Which translations are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// Current ones, and superseded ones of source texts without a current translation of the same or a better workflow.
    #[default]
    Best,
    /// Current ones.
    Current,
    /// All, also superseded ones.
    All,
}
