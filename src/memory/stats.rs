//! Counts the content of a memory.

use rusqlite::Connection;

use super::{Memory, MemoryError};
use crate::model::Locale;

/// The counts of a memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Each set in each target locale, in the order of set and locale.
    pub sets: Vec<SetStats>,
    /// Different source texts.
    pub units: u64,
    /// Different pairs of source and target text.
    pub variants: u64,
    /// The file's length in bytes.
    pub bytes: u64,
}

/// The counts of one set in one target locale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetStats {
    /// The set's name.
    pub set: String,
    /// The locale of the source texts.
    pub source_locale: String,
    /// The locale of the target texts.
    pub target_locale: String,
    /// The number of documents.
    pub documents: u64,
    /// The number of segments.
    pub segments: u64,
    /// Different source texts.
    pub units: u64,
    /// Segments that a person translated.
    pub human: u64,
    /// Segments that a machine translated.
    pub machine: u64,
    /// Segments whose target is their source.
    pub untranslated: u64,
    /// Pairs that an alignment of clean documents found.
    pub aligned: AlignedStats,
    /// What only the history has. The other counts are of current versions of documents.
    pub history: HistoryStats,
}

/// Pairs that an alignment of clean documents found, in the versions of documents that are current.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlignedStats {
    /// All of them.
    pub all: u64,
    /// Those with a confidence of at least 50, 80 and 95 percent.
    pub confident: [u64; 3],
}

/// The counts of what only earlier versions of documents have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryStats {
    /// Superseded segments.
    pub superseded: u64,
    /// Source texts whose human translations are all superseded.
    pub human_units: u64,
    /// Of these, those that have another translation now.
    pub human_units_translated_now: u64,
}

impl Memory {
    /// The names of the locales of all texts, also of deleted ones, in order.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn locale_names(&self) -> Result<Vec<String>, MemoryError> {
        let names = || -> rusqlite::Result<Vec<String>> {
            let mut names = self.connection.prepare("select name from locale order by name")?;
            names.query_map([], |row| row.get(0))?.collect()
        };
        self.at(names())
    }

    /// Whether the memory has translations of texts in the language of a locale.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn is_translated_from(&self, locale: &Locale) -> Result<bool, MemoryError> {
        // The first document answers for the locale of all sources, which is what is mostly asked for.
        let sql = "select exists (select 1 from document where source_locale_id in
                   (select id from locale where name = ?1 or name like ?1 || '-%'))";
        self.at(self.connection.query_row(sql, [locale.language()], |row| row.get(0)))
    }

    /// Counts sets, units and variants.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn stats(&self) -> Result<Stats, MemoryError> {
        let count = || -> rusqlite::Result<Stats> {
            let sql = format!("select document_set.name, source.name, target.name,
                              count(distinct iif(document.superseded is null, document.id, null)), count(*) filter (where {CURRENT}),
                              count(distinct iif({CURRENT}, variant.unit_id, null)),
                              count(*) filter (where iif(origin.position is null, document.workflow, origin.workflow) = 'human' and {CURRENT}),
                              count(*) filter (where iif(origin.position is null, document.workflow, origin.workflow) = 'machine' and {CURRENT}),
                              count(*) filter (where variant.text = unit.text and {CURRENT}),
                              count(*) filter (where not {CURRENT}),
                              count(aligned.position),
                              count(*) filter (where aligned.confidence >= 50),
                              count(*) filter (where aligned.confidence >= 80),
                              count(*) filter (where aligned.confidence >= 95)
                       from segment
                       left join origin on origin.document_id = segment.document_id
                                       and origin.position = segment.position
                       left join aligned on aligned.document_id = segment.document_id
                                        and aligned.position = segment.position
                       join document on document.id = segment.document_id
                       join document_set on document_set.id = document.set_id
                       join locale as source on source.id = document.source_locale_id
                       join locale as target on target.id = document.target_locale_id
                       join variant on variant.id = segment.variant_id
                       join unit on unit.id = variant.unit_id
                       group by document_set.name, source.name, target.name
                       order by document_set.name, source.name, target.name");
            let mut statement = self.connection.prepare(&sql)?;
            let sets = statement.query_map([], |row| {
                Ok(SetStats {
                    set: row.get(0)?,
                    source_locale: row.get(1)?,
                    target_locale: row.get(2)?,
                    documents: row.get(3)?,
                    segments: row.get(4)?,
                    units: row.get(5)?,
                    human: row.get(6)?,
                    machine: row.get(7)?,
                    untranslated: row.get(8)?,
                    aligned: AlignedStats {
                        all: row.get(10)?,
                        confident: [row.get(11)?, row.get(12)?, row.get(13)?],
                    },
                    history: HistoryStats { superseded: row.get(9)?, ..HistoryStats::default() },
                })
            })?;
            let mut sets: Vec<SetStats> = sets.collect::<Result<_, _>>()?;
            if sets.iter().any(|set| set.history.superseded > 0) {
                add_history(&self.connection, &mut sets)?;
            }
            let number =
                |sql: &str| -> rusqlite::Result<u64> { self.connection.query_row(sql, [], |row| row.get(0)) };
            Ok(Stats {
                sets,
                units: number("select count(*) from unit")?,
                variants: number("select count(*) from variant")?,
                bytes: number("select page_count * page_size from pragma_page_count, pragma_page_size")?,
            })
        };
        self.at(count())
    }
}

/// SQL: whether a segment is in the current version of its document.
const CURRENT: &str = "coalesce(document.superseded, origin.superseded) is null";

/// Counts source texts whose human translations only the history has, for sets in the order of the query.
fn add_history(memory: &Connection, sets: &mut [SetStats]) -> rusqlite::Result<()> {
    let sql = format!(
        "with place as (
             select document_set.name as name, source.name as source, target.name as target, variant.unit_id as unit_id,
                    {CURRENT} as is_current,
                    coalesce(iif(origin.position is null, document.workflow, origin.workflow) = 'human', 0) as is_human
             from segment
             left join origin on origin.document_id = segment.document_id and origin.position = segment.position
             join document on document.id = segment.document_id
             join document_set on document_set.id = document.set_id
             join locale as source on source.id = document.source_locale_id
             join locale as target on target.id = document.target_locale_id
             join variant on variant.id = segment.variant_id
         ), text as (
             select name, source, target,
                    max(is_current) as is_current,
                    max(is_current and is_human) as is_human_now,
                    max(not is_current and is_human) as was_human
             from place group by name, source, target, unit_id
         )
         select sum(was_human and not is_human_now), sum(was_human and not is_human_now and is_current)
         from text group by name, source, target order by name, source, target"
    );
    let mut statement = memory.prepare(&sql)?;
    let mut rows = statement.query([])?;
    for set in sets {
        let Some(row) = rows.next()? else { break };
        (set.history.human_units, set.history.human_units_translated_now) = (row.get(0)?, row.get(1)?);
    }
    Ok(())
}
