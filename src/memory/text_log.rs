//! The translations of one source text over time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::Row;

use super::documents::{object_id, segment_id, workflow};
use super::error::Fault;
use super::interner::{digest_of_text, unit_hash};
use super::{Memory, MemoryError};
use crate::model::{Commit, Locale, Place, Superseded, Workflow, compare_workflows, midnight};

/// A translation of a text by one workflow, current or superseded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedTranslation {
    /// The locale of the source text.
    pub source_locale: Locale,
    /// The locale of the translation.
    pub target_locale: Locale,
    /// The translation, as written.
    pub target: String,
    /// Who translated.
    pub workflow: Option<Workflow>,
    /// What superseded it last; `None`: the current version of a document has it.
    pub superseded: Option<Superseded>,
    /// The commit of the newest version that has it, if known.
    pub commit: Option<Commit>,
    /// The newest hand-off of these versions, in seconds since 1970.
    pub handoff: Option<i64>,
    /// The number of segments with it, of current versions or else of earlier ones.
    pub segments: u64,
    /// The place in the newest version, the first in order of set, document and position.
    pub place: Place,
}

/// What one segment tells.
struct Segment {
    variant: i64,
    found: LoggedTranslation,
}

impl Memory {
    /// The translations of a source text, each once for each workflow, in the order of target locale and time: superseded ones
    /// by the time when they were superseded, then current ones by their commit or hand-off.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn text_log(&self, source: &str) -> Result<Vec<LoggedTranslation>, MemoryError> {
        self.at(self.read_text_log(source))
    }

    fn read_text_log(&self, source: &str) -> Result<Vec<LoggedTranslation>, Fault> {
        let sql = "select variant.id, source.name, target.name, variant.text,
                          iif(origin.position is null, document.workflow, origin.workflow),
                          coalesce(document.superseded, origin.superseded),
                          coalesce(document.commit_id, origin.commit_id), document.committed,
                          document.handoff, coalesce(origin.changed, origin.created),
                          coalesce(origin.usage, 1), document_set.name, document.path, document.id_prefix,
                          segment.number, segment.kind, segment.id
                   from unit
                   join locale as source on source.id = unit.locale_id
                   join variant on variant.unit_id = unit.id
                   join locale as target on target.id = variant.locale_id
                   join segment on segment.variant_id = variant.id
                   join document on document.id = segment.document_id
                   join document_set on document_set.id = document.set_id
                   left join origin on origin.document_id = segment.document_id and origin.position = segment.position
                   where unit.hash = ?1 and unit.text = ?2
                   order by document_set.name, document.path, document.superseded, document.commit_id, document.id,
                            segment.position";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((unit_hash(digest_of_text(source)), source))?;
        let mut found: HashMap<(i64, Option<Workflow>), LoggedTranslation> = HashMap::new();
        while let Some(row) = rows.next()? {
            let Segment { variant, found: segment } = self.segment(row)?;
            match found.entry((variant, segment.workflow)) {
                Entry::Vacant(new) => drop(new.insert(segment)),
                Entry::Occupied(mut known) => known.get_mut().add(segment),
            }
        }
        let mut log: Vec<LoggedTranslation> = found.into_values().collect();
        log.sort_by(|a, b| {
            let key = |translation: &LoggedTranslation| {
                let superseded = translation.superseded.map_or(i64::MAX, |superseded| superseded.at);
                (superseded, translation.time())
            };
            let locales = (&a.source_locale, &a.target_locale).cmp(&(&b.source_locale, &b.target_locale));
            locales
                .then_with(|| key(a).cmp(&key(b)))
                .then_with(|| a.target.cmp(&b.target))
                .then_with(|| compare_workflows(a.workflow, b.workflow))
        });
        Ok(log)
    }

    fn segment(&self, row: &Row<'_>) -> Result<Segment, Fault> {
        let locale = |column: usize| -> Result<Locale, Fault> {
            let name = row.get_ref(column)?.as_str()?;
            name.parse().map_err(|_| Fault::Foreign(format!("the locale {name:?}")))
        };
        let commit = object_id(row, 6)?;
        let time: Option<i64> = row.get(7)?;
        let of_document = super::documents::handoff(row, 8)?.map(midnight);
        let superseded: Option<i64> = row.get(5)?;
        let found = LoggedTranslation {
            source_locale: locale(1)?,
            target_locale: locale(2)?,
            target: row.get(3)?,
            workflow: workflow(row, 4)?,
            superseded: superseded.map(|at| Superseded { at, commit }),
            commit: commit.zip(time).map(|(id, time)| Commit { id, time }),
            handoff: row.get::<_, Option<i64>>(9)?.or(of_document),
            segments: row.get(10)?,
            place: Place {
                set: row.get(11)?,
                document: row.get(12)?,
                segment: segment_id(row.get_ref(13)?.as_str()?, row.get(14)?, row.get(15)?, row.get(16)?),
            },
        };
        Ok(Segment { variant: row.get(0)?, found })
    }
}

impl LoggedTranslation {
    /// When the newest version that has it was committed, or else handed off.
    fn time(&self) -> Option<i64> {
        self.commit.map(|commit| commit.time).or(self.handoff)
    }

    /// Adds another place of the same translation. A current place counts, else the one that was superseded last.
    fn add(&mut self, other: LoggedTranslation) {
        let rank = |translation: &LoggedTranslation| match translation.superseded {
            None => (1, translation.time()),
            Some(superseded) => (0, Some(superseded.at)),
        };
        let is_same_kind = self.superseded.is_some() == other.superseded.is_some();
        let segments = match (is_same_kind, rank(&other) > rank(self)) {
            (true, _) => self.segments.saturating_add(other.segments),
            (false, true) => other.segments,
            (false, false) => self.segments,
        };
        let handoff = self.handoff.max(other.handoff);
        if rank(&other) > rank(self) {
            *self = other;
        }
        (self.segments, self.handoff) = (segments, handoff);
    }
}
