//! Stores single units that a translation tool sends, in a document of their own for each store and pair of locales.
//!
//! Unlike an import, each call is one transaction that is on the disk when it returns, and it does not read what it does not replace.

use rusqlite::{OptionalExtension, params};

use super::{Batch, Import, SENTENCE, file, segment_bulk};
use crate::memory::interner::{
    Interner, LocalePair, NewTexts, Pair, digest_of_pair, digest_of_text, id_prefix, unit_hash,
};
use crate::memory::origin::{self, Columns, Rest};
use crate::memory::{Memory, MemoryError, schema, text_index};
use crate::model::{Locale, Scope, Variant, date_time};

/// The units of a store, and where they go.
#[derive(Clone, Copy, Debug)]
pub struct NewStore<'a> {
    /// The name of the set.
    pub set: &'a str,
    /// The name of the store: the path of its document below the set.
    pub name: &'a str,
    /// The locale of the source texts.
    pub source_locale: &'a Locale,
    /// The locale of the target texts.
    pub target_locale: &'a Locale,
    /// When the units were sent, in seconds since 1970.
    pub time: i64,
    /// Who sent them, if known: the name of a program.
    pub creator: Option<&'a str>,
    /// The units. Of several with the same source and context the last counts.
    pub units: &'a [NewStoredUnit<'a>],
    /// Whether they replace all units of the store, or only those with the same source and context.
    pub replaces_all: bool,
}

/// A unit to store. Texts are folded (`fold_line_breaks`), and not empty.
#[derive(Clone, Copy, Debug)]
pub struct NewStoredUnit<'a> {
    /// The source text.
    pub source: &'a str,
    /// The target text.
    pub target: &'a str,
    /// What distinguishes equal source texts, such as `msgctxt`.
    pub context: Option<&'a str>,
}

/// The property of a stored unit that has its context.
const CONTEXT: &str = "tmserver-context";

/// So many texts may be without an index: a look-up scans them in a fraction of a millisecond.
const MOST_UNINDEXED: u64 = 256;

impl Memory {
    /// Stores units in one transaction. They are on the disk when this returns, whatever happens to the process or the machine.
    ///
    /// # Errors
    /// If the memory cannot be written to; nothing is stored then.
    pub fn store(&mut self, store: &NewStore<'_>) -> Result<(), MemoryError> {
        let mut import = Import {
            memory: self,
            interner: Interner::new(false),
            sets: Default::default(),
            locales: Default::default(),
            batch: Batch::new(),
            data_version_seen: 0,
            dry_run: false,
            counts: Default::default(),
            segments_removed: 0,
            keeps_history: false,
            indexed_meanwhile: None,
        };
        let stored = import.try_store(store);
        import.memory.at(stored)?;
        drop(import);
        // The units are stored. Without the index, look-ups scan their texts, and the next store or import indexes them: so an error
        // here is none of this store.
        if self.texts_not_indexed().is_ok_and(|texts| texts > MOST_UNINDEXED) {
            let _ = text_index::refresh(&self.connection);
        }
        Ok(())
    }
}

impl Import<'_> {
    fn try_store(&mut self, store: &NewStore<'_>) -> rusqlite::Result<()> {
        file::begin_durable(&self.memory.connection)?;
        schema::migrate_earlier(&self.memory.connection)?;
        schema::create_deferred_indexes(&self.memory.connection)?;
        let set = self.set_id(store.set)?;
        let locales = self.locale_pair(store.source_locale, store.target_locale)?;
        let document = self.document_of(store, set, locales)?;
        if store.replaces_all {
            self.clear(document)?;
        }
        for unit in store.units {
            self.put_unit(document, locales, store, unit)?;
        }
        // A store that was emptied is no document.
        let empty = "delete from document where id = ?1
                     and not exists (select 1 from segment where segment.document_id = document.id)";
        self.memory.connection.prepare_cached(empty)?.execute([document])?;
        self.end_batch()
    }

    /// The document of a store; a new one if there is none.
    fn document_of(&mut self, store: &NewStore<'_>, set: i64, locales: LocalePair) -> rusqlite::Result<i64> {
        let find = "select id, source_locale_id from document
                    where set_id = ?1 and path = ?2 and target_locale_id = ?3 and superseded is null";
        // A set has one document for a path and a target locale. One with another source locale gets another path, as in a TMX.
        let mut path = store.name.to_owned();
        for _ in 0..2 {
            let found: Option<(i64, i64)> = self
                .memory
                .connection
                .prepare_cached(find)?
                .query_row((set, &path, locales.target), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            match found {
                Some((id, source)) if source == locales.source => return Ok(id),
                Some(_) => path = format!("{}#{}", store.name, store.source_locale),
                None => break,
            }
        }
        let name = format!("{}/{path}", store.set);
        let insert = "insert into document (set_id, path, hash, source_locale_id, target_locale_id, locale_stated, id_prefix)
                      values (?1, ?2, ?3, ?4, ?5, 1, ?6)";
        self.memory.connection.prepare_cached(insert)?.insert(params![
            set,
            path,
            blake3::hash(name.as_bytes()).as_bytes(),
            locales.source,
            locales.target,
            id_prefix(&name)
        ])
    }

    /// Removes all segments of a document.
    fn clear(&mut self, document: i64) -> rusqlite::Result<()> {
        let memory = &self.memory.connection;
        let mut variants = memory.prepare_cached("select variant_id from segment where document_id = ?1")?;
        for variant in variants.query_map([document], |row| row.get(0))? {
            self.batch.orphans.insert(variant?);
        }
        memory.prepare_cached("delete from segment where document_id = ?1")?.execute([document])?;
        memory.prepare_cached("delete from origin where document_id = ?1")?.execute([document])?;
        Ok(())
    }

    fn put_unit(
        &mut self,
        document: i64,
        locales: LocalePair,
        store: &NewStore<'_>,
        unit: &NewStoredUnit<'_>,
    ) -> rusqlite::Result<()> {
        let created = self.remove_unit(document, locales, unit)?;
        let memory = &self.memory.connection;
        let pair = Pair {
            source: unit.source,
            target: unit.target,
            digest: digest_of_pair(unit.source, unit.target),
            source_digest: None,
        };
        let mut texts = NewTexts::new(memory)?;
        let variant_id = self.interner.variant(&mut texts, locales, pair)?;
        texts.finish()?;
        let next = "select coalesce(max(position), -1) + 1 from segment where document_id = ?1";
        let position: i64 = memory.prepare_cached(next)?.query_row([document], |row| row.get(0))?;
        let mut segments = segment_bulk(memory);
        segments.put([
            document.into(),
            position.into(),
            (position + 1).into(),
            SENTENCE.into(),
            (position + 1).into(),
            variant_id.into(),
            None::<&str>.into(),
        ])?;
        segments.finish()?;
        let variant = Variant {
            locale: store.target_locale.clone(),
            text: unit.target.into(),
            workflow: None,
            usage: 1,
            created: date_time(created.unwrap_or(store.time)),
            changed: date_time(store.time),
            superseded: None,
            last_used: None,
            creator: store.creator.map(str::to_owned),
            changer: None,
            places: Vec::new(),
            documents: 1,
            source_commit: None,
            no_loc: Vec::new(),
            confidence: None,
            labels: Vec::new(),
            properties: unit
                .context
                .map(|context| (CONTEXT.to_owned(), context.to_owned()))
                .into_iter()
                .collect(),
            notes: Vec::new(),
            shared: None,
        };
        let rest = origin::rest_of(&variant, None);
        let columns = Columns::of(&variant, Scope::Everywhere);
        let mut origins = origin::bulk(memory);
        origins.put(columns.row((document, position), [None, None], rest.as_deref()))?;
        origins.finish()
    }

    /// Removes the unit with the same source and context from a document. Returns when it was created.
    fn remove_unit(
        &mut self,
        document: i64,
        locales: LocalePair,
        unit: &NewStoredUnit<'_>,
    ) -> rusqlite::Result<Option<i64>> {
        let memory = &self.memory.connection;
        let sql = "select segment.position, segment.variant_id, origin.created, origin.rest
                   from unit
                   join variant on variant.unit_id = unit.id and variant.locale_id = ?4
                   join segment on segment.variant_id = variant.id and segment.document_id = ?5
                   left join origin on origin.document_id = segment.document_id and origin.position = segment.position
                   where unit.hash = ?1 and unit.text = ?2 and unit.locale_id = ?3
                   order by segment.position";
        let hash = unit_hash(digest_of_text(unit.source));
        let mut found: Vec<(i64, i64, Option<i64>)> = Vec::new();
        let mut statement = memory.prepare_cached(sql)?;
        let mut rows = statement.query((hash, unit.source, locales.source, locales.target, document))?;
        while let Some(row) = rows.next()? {
            let rest: Option<String> = row.get(3)?;
            if context_of(rest.as_deref()).as_deref() == unit.context {
                found.push((row.get(0)?, row.get(1)?, row.get(2)?));
            }
        }
        drop(rows);
        let mut created = None;
        for (position, variant, time) in found {
            self.batch.orphans.insert(variant);
            let place = (document, position);
            memory
                .prepare_cached("delete from segment where document_id = ?1 and position = ?2")?
                .execute(place)?;
            memory
                .prepare_cached("delete from origin where document_id = ?1 and position = ?2")?
                .execute(place)?;
            created = created.or(time);
        }
        Ok(created)
    }
}

/// The context of a stored unit, from the column `origin.rest`.
fn context_of(rest: Option<&str>) -> Option<String> {
    let rest: Rest<'_> = serde_json::from_str(rest?).ok()?;
    rest.properties.into_iter().find(|(name, _)| name == CONTEXT).map(|(_, value)| value.into_owned())
}
