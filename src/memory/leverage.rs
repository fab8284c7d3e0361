//! Which source texts a memory translates into a locale, and between which neighbours: two hash tables that are read at once.
//!
//! An analysis asks for every segment of a document set. A look-up of each one reads the places of its text, so those of a frequent text
//! again and again. One pass over the segments of the memory answers all of them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::documents::{Listed, Order, for_each_document};
use super::error::Fault;
use super::interner::text_hash;
use super::{Memory, MemoryError};
use crate::matching::fit;
use crate::model::{Locale, Workflow, compare_workflows, fold_line_breaks};

/// The hash of a source text with folded line breaks: 64 bits of BLAKE3, as in `unit.hash`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextHash(u64);

impl TextHash {
    /// The hash of a text.
    pub fn of(text: &str) -> TextHash {
        TextHash(text_hash(&fold_line_breaks(text)))
    }
}

/// A path of documents below their sets. Documents of one path in several sets are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathId(u32);

/// A translation that exists: who translated, the best of all documents that have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Translated {
    /// Human if a person translated it in any document; `None`: not known.
    pub workflow: Option<Workflow>,
}

/// The source texts that a memory translates into one locale.
#[derive(Debug)]
pub struct Leverage {
    texts: HashMap<u64, Documents, FixedState>,
    contexts: HashMap<u64, Documents, FixedState>,
    paths: HashMap<Box<str>, u32>,
    source_locale: Option<Locale>,
}

/// The documents that have a text: the workflow of the best translation, the path of one that has it, and the workflow of the best
/// translation in documents of other paths. So one document can be left out.
#[derive(Clone, Copy, Debug)]
struct Documents {
    path: u32,
    best: Option<Workflow>,
    elsewhere: Option<Option<Workflow>>,
}

impl Documents {
    fn add(&mut self, path: u32, workflow: Option<Workflow>) {
        let is_better = |one, other| compare_workflows(one, other).is_lt();
        if path == self.path {
            if is_better(workflow, self.best) {
                self.best = workflow;
            }
        } else if is_better(workflow, self.best) {
            *self = Documents { path, best: workflow, elsewhere: Some(self.best) };
        } else if self.elsewhere.is_none_or(|known| is_better(workflow, known)) {
            self.elsewhere = Some(workflow);
        }
    }

    fn without(&self, left_out: Option<PathId>) -> Option<Translated> {
        match left_out {
            Some(PathId(path)) if path == self.path => self.elsewhere.map(|workflow| Translated { workflow }),
            _ => Some(Translated { workflow: self.best }),
        }
    }
}

fn add(documents: &mut HashMap<u64, Documents, FixedState>, key: u64, path: u32, workflow: Option<Workflow>) {
    match documents.entry(key) {
        Entry::Occupied(mut known) => known.get_mut().add(path, workflow),
        Entry::Vacant(new) => {
            new.insert(Documents { path, best: workflow, elsewhere: None });
        }
    }
}

/// The hash of a text between two neighbours; `None` for the start and the end of a document.
fn context_hash(previous: Option<u64>, text: u64, next: Option<u64>) -> u64 {
    let mut bytes = [0; 26];
    for (at, hash) in [(0, previous), (9, next)] {
        bytes[at] = u8::from(hash.is_some());
        bytes[at + 1..at + 9].copy_from_slice(&hash.unwrap_or(0).to_le_bytes());
    }
    bytes[18..].copy_from_slice(&text.to_le_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(&bytes).as_bytes()[..8]);
    u64::from_le_bytes(first)
}

impl Leverage {
    /// Reads which texts a memory translates into `to`, or another region of it, from `from`; `None`: from all locales of its source
    /// texts.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn read(memory: &Memory, from: Option<&Locale>, to: &Locale) -> Result<Leverage, MemoryError> {
        let _transaction = memory.begin_read()?;
        let mut leverage = Leverage {
            texts: HashMap::default(),
            contexts: HashMap::default(),
            paths: HashMap::new(),
            source_locale: from.cloned(),
        };
        let mut sources: HashMap<Locale, u64> = HashMap::new();
        let mut read = || -> Result<(), Fault> {
            let units = Units::read(memory)?;
            for_each_document(&memory.connection, Order::Targets, |listed: Listed| {
                let name = &listed.name;
                let is_wanted = fit(to, &name.target_locale).is_some()
                    && fit(to, &name.source_locale).is_none()
                    && from.is_none_or(|from| fit(from, &name.source_locale).is_some());
                if is_wanted {
                    *sources.entry(name.source_locale.clone()).or_default() += 1;
                    leverage.add_document(memory, &units, &listed)?;
                }
                Ok::<_, Fault>(())
            })
        };
        memory.at(read())?;
        let most = sources.into_iter().max_by(|one, other| one.1.cmp(&other.1).then(other.0.cmp(&one.0)));
        leverage.source_locale = leverage.source_locale.or(most.map(|(locale, _)| locale));
        Ok(leverage)
    }

    fn add_document(&mut self, memory: &Memory, units: &Units, listed: &Listed) -> Result<(), Fault> {
        let next = self.paths.len() as u32;
        let path = *self.paths.entry(listed.name.document.as_str().into()).or_insert(next);
        if listed.is_tmx {
            return self.add_tmx(memory, units, (listed.id, path));
        }
        // A superseded version has the texts beside its segments in a table of their own.
        let sql = "select position, variant_id, 1 from segment where document_id = ?1
                   union all
                   select position, variant_id, 0 from neighbour where document_id = ?1
                   order by position";
        let mut statement = memory.connection.prepare_cached(sql)?;
        let mut rows = statement.query([listed.id])?;
        let mut segments: Vec<(i64, u64, bool)> = Vec::new();
        while let Some(row) = rows.next()? {
            // The variant of a neighbour may have been deleted.
            let hash = units.hash_of_variant(row.get(1)?).unwrap_or_default();
            segments.push((row.get(0)?, hash, row.get(2)?));
        }
        for (at, &(position, text, is_segment)) in segments.iter().enumerate() {
            if !is_segment {
                continue;
            }
            let beside = |found: Option<&(i64, u64, bool)>, distance: i64| {
                found.filter(|(other, ..)| *other == position + distance).map(|(_, hash, _)| *hash)
            };
            let previous = beside(at.checked_sub(1).map(|at| &segments[at]), -1);
            let next = beside(segments.get(at + 1), 1);
            add(&mut self.texts, text, path, listed.workflow);
            add(&mut self.contexts, context_hash(previous, text, next), path, listed.workflow);
        }
        Ok(())
    }

    /// The units of a TMX state their neighbours. Those before and after them in the file mean nothing.
    fn add_tmx(&mut self, memory: &Memory, units: &Units, (id, path): (i64, u32)) -> Result<(), Fault> {
        let sql = "select segment.variant_id, origin.workflow, origin.previous, origin.next from segment
                   left join origin on origin.document_id = segment.document_id
                                   and origin.position = segment.position
                   where segment.document_id = ?1 order by segment.position";
        let mut statement = memory.connection.prepare_cached(sql)?;
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            let Some(text) = units.hash_of_variant(row.get(0)?) else { continue };
            let workflow = row.get_ref(1)?.as_str_or_null()?.and_then(Workflow::of_name);
            add(&mut self.texts, text, path, workflow);
            let neighbour = |column| -> Result<Option<u64>, Fault> {
                Ok(row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?.map(text_hash))
            };
            if let (Some(previous), Some(next)) = (neighbour(2)?, neighbour(3)?) {
                let context = context_hash(Some(previous), text, Some(next));
                add(&mut self.contexts, context, path, workflow);
            }
        }
        Ok(())
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The locale of the source texts: the one that was asked for, else that of most documents.
    pub fn source_locale(&self) -> Option<&Locale> {
        self.source_locale.as_ref()
    }

    /// The documents with this path below their set, if there are any.
    pub fn path(&self, document: &str) -> Option<PathId> {
        self.paths.get(document).copied().map(PathId)
    }

    /// Whether there is a translation of a text, in other documents than `left_out`.
    pub fn exact(&self, text: TextHash, left_out: Option<PathId>) -> Option<Translated> {
        self.texts.get(&text.0)?.without(left_out)
    }

    /// Whether there is one between these neighbours; `None` is the start or the end of a document.
    pub fn in_context(
        &self,
        [previous, next]: [Option<TextHash>; 2],
        text: TextHash,
        left_out: Option<PathId>,
    ) -> Option<Translated> {
        let hash = |text: Option<TextHash>| text.map(|text| text.0);
        self.contexts.get(&context_hash(hash(previous), text.0, hash(next)))?.without(left_out)
    }

    /// The only path of documents that have a text; `None` if there are several, or none.
    pub fn only_path(&self, text: TextHash) -> Option<PathId> {
        let documents = self.texts.get(&text.0)?;
        documents.elsewhere.is_none().then_some(PathId(documents.path))
    }
}

impl Memory {
    /// The locale of the source texts of most documents that are translated into a locale, or another region of it.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn source_locale(&self, to: &Locale) -> Result<Option<Locale>, MemoryError> {
        let sql = "select source.name, target.name, count(*) from document
                   join locale as source on source.id = document.source_locale_id
                   join locale as target on target.id = document.target_locale_id
                   group by source.name, target.name order by source.name, target.name";
        let read = || -> rusqlite::Result<Vec<(String, String, u64)>> {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        };
        let mut documents: BTreeMap<String, u64> = BTreeMap::new();
        for (source, target, count) in self.at(read())? {
            if fit(to, &self.locale(&target)?).is_some() && fit(to, &self.locale(&source)?).is_none() {
                *documents.entry(source).or_default() += count;
            }
        }
        let most = documents.iter().rev().max_by_key(|(_, count)| **count);
        most.map(|(name, _)| self.locale(name)).transpose()
    }
}

/// The hash of the source text of each variant.
struct Units(HashMap<i64, u64, FixedState>);

impl Units {
    fn read(memory: &Memory) -> rusqlite::Result<Units> {
        let sql = "select variant.id, unit.hash from variant join unit on unit.id = variant.unit_id
                   order by variant.id";
        let mut statement = memory.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut hashes = HashMap::default();
        while let Some(row) = rows.next()? {
            hashes.insert(row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned());
        }
        Ok(Units(hashes))
    }

    fn hash_of_variant(&self, variant: i64) -> Option<u64> {
        self.0.get(&variant).copied()
    }
}
