//! Counts the content of a memory.

use super::{Memory, MemoryError};

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

    /// Counts sets, units and variants.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn stats(&self) -> Result<Stats, MemoryError> {
        let count = || -> rusqlite::Result<Stats> {
            let sql = "select document_set.name, source.name, target.name,
                              count(distinct document.id), count(*), count(distinct variant.unit_id),
                              count(*) filter (where iif(origin.position is null, document.workflow, origin.workflow) = 'human'),
                              count(*) filter (where iif(origin.position is null, document.workflow, origin.workflow) = 'machine'),
                              count(*) filter (where variant.text = unit.text)
                       from segment
                       left join origin on origin.document_id = segment.document_id
                                       and origin.position = segment.position
                       join document on document.id = segment.document_id
                       join document_set on document_set.id = document.set_id
                       join locale as source on source.id = document.source_locale_id
                       join locale as target on target.id = document.target_locale_id
                       join variant on variant.id = segment.variant_id
                       join unit on unit.id = variant.unit_id
                       group by document_set.name, source.name, target.name
                       order by document_set.name, source.name, target.name";
            let mut statement = self.connection.prepare(sql)?;
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
                })
            })?;
            let number =
                |sql: &str| -> rusqlite::Result<u64> { self.connection.query_row(sql, [], |row| row.get(0)) };
            Ok(Stats {
                sets: sets.collect::<Result<_, _>>()?,
                units: number("select count(*) from unit")?,
                variants: number("select count(*) from variant")?,
                bytes: number("select page_count * page_size from pragma_page_count, pragma_page_size")?,
            })
        };
        self.at(count())
    }
}
