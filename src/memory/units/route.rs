//! What is walked over: the chosen documents in their order, each by its rank.

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::Connection;

use super::SegmentFilter;
use crate::memory::documents::{ChosenDocuments, Listed, Order, for_each_document};
use crate::memory::error::Fault;
use crate::memory::origin;
use crate::model::{Locale, Workflow};
use crate::spill::{Array, Reader};

/// Bytes that each table of documents may take.
const ROOM: usize = 1 << 20;
/// Bytes that each table of units or variants may take.
pub(super) const TEXT_ROOM: usize = 2 << 20;

/// The documents, and which of their segments count.
pub(super) struct Route {
    /// How many documents there are.
    length: u32,
    /// Their target locales, in the order of the documents.
    pub locales: Vec<Locale>,
    /// The first rank of each locale.
    begins: Vec<u32>,
    pub filter: SegmentFilter,
    /// For each rank the document's key, and for each key the rank after its own.
    keys: Array,
    ranks: Array,
    /// For each rank what is asked for often.
    facts: Array,
    /// For each unit what `unit.hash` holds, where documents stand beside a TMX, whose neighbours are known by text alone.
    hashes: Option<Array>,
}

/// What is known of a document without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub workflow: Option<Workflow>,
    /// The hand-off in seconds since 1970.
    pub handoff: Option<i64>,
    /// Whether it is a TMX.
    pub has_origins: bool,
    /// The index of its target locale in [`Route::locales`].
    pub locale: u16,
}

const DAY: i64 = 86_400;

impl Facts {
    fn pack(self) -> u64 {
        let workflow = match self.workflow {
            None => 0,
            Some(Workflow::Human) => 1,
            Some(Workflow::Machine) => 2,
        };
        let origins = u64::from(self.has_origins) << 2;
        let day = self.handoff.and_then(|seconds| i32::try_from(seconds / DAY).ok());
        let day = day.map_or(0, |day| 1 << 3 | u64::from(day.cast_unsigned()) << 32);
        workflow | origins | day | u64::from(self.locale) << 16
    }

    fn unpack(packed: u64) -> Facts {
        let bit = |at: u32| packed >> at & 1 == 1;
        Facts {
            workflow: match packed & 3 {
                1 => Some(Workflow::Human),
                2 => Some(Workflow::Machine),
                _ => None,
            },
            has_origins: bit(2),
            handoff: bit(3).then(|| i64::from(((packed >> 32) as u32).cast_signed()) * DAY),
            locale: (packed >> 16) as u16,
        }
    }
}

impl Route {
    /// The chosen documents in the order of the walk; none of those of which no segment counts, whatever it says.
    pub fn new(
        memory: &Connection,
        order: Order,
        chosen: ChosenDocuments<'_>,
        filter: SegmentFilter,
    ) -> Result<Route, Fault> {
        let array = || Array::new(ROOM);
        let mut route = Route {
            length: 0,
            locales: Vec::new(),
            begins: Vec::new(),
            filter,
            keys: array(),
            ranks: array(),
            facts: array(),
            hashes: None,
        };
        let mut indexes: BTreeMap<Locale, u16> = BTreeMap::new();
        let (mut plain, mut told) = (false, false);
        for_each_document(memory, order, |listed: Listed| -> Result<(), Fault> {
            let handoff = listed.handoff.map(|day| origin::seconds(day.at(0, 0, 0, 0)));
            let counts = listed.has_origins || filter.counts(listed.workflow, handoff);
            if !counts || !chosen(&listed.name) {
                return Ok(());
            }
            plain |= !listed.has_origins;
            told |= listed.has_origins;
            let locale = match indexes.get(&listed.name.target_locale) {
                Some(&locale) => locale,
                None => {
                    let many = || Fault::Foreign(format!("{} target locales", indexes.len() + 1));
                    let locale = u16::try_from(indexes.len()).map_err(|_| many())?;
                    route.locales.push(listed.name.target_locale.clone());
                    route.begins.push(route.length);
                    indexes.insert(listed.name.target_locale, locale);
                    locale
                }
            };
            let facts = Facts { workflow: listed.workflow, handoff, has_origins: listed.has_origins, locale };
            let rank = u64::from(route.length);
            route.keys.put(rank, listed.id.cast_unsigned())?;
            route.facts.put(rank, facts.pack())?;
            route.length += 1;
            route.ranks.put(listed.id.cast_unsigned(), u64::from(route.length))?;
            Ok(())
        })?;
        if plain && told {
            route.hashes = Some(numbers(memory, "select id, hash from unit not indexed order by id")?);
        }
        Ok(route)
    }

    /// The ranks of all documents.
    pub fn whole(&self) -> Range<u32> {
        0..self.length
    }

    /// The ranks of the documents of each locale.
    pub fn by_locale(&self) -> impl Iterator<Item = Range<u32>> {
        let ends = self.begins.iter().skip(1).chain([&self.length]);
        self.begins.iter().zip(ends).map(|(&begin, &end)| begin..end)
    }

    /// Reads the documents of these ranks, and knows no others.
    pub fn reader(&self, ranks: Range<u32>) -> RouteReader<'_> {
        RouteReader {
            route: self,
            own: ranks,
            keys: self.keys.reader(),
            ranks: self.ranks.reader(),
            facts: self.facts.reader(),
            hashes: self.hashes.as_ref().map(Array::reader),
        }
    }
}

/// Each variant's unit.
pub(super) fn units(memory: &Connection) -> Result<Array, Fault> {
    // Both columns lie in the index: the texts are not read.
    numbers(
        memory,
        "select id, unit_id from variant indexed by variant_by_unit order by unit_id, locale_id, id",
    )
}

/// A number for each key, of a statement that gives both.
fn numbers(memory: &Connection, sql: &str) -> Result<Array, Fault> {
    let mut numbers = Array::new(TEXT_ROOM);
    let mut statement = memory.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        numbers.put(row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned())?;
    }
    Ok(numbers)
}

/// Reads a [`Route`] beside others.
pub(super) struct RouteReader<'r> {
    pub route: &'r Route,
    /// The ranks that it is about.
    pub own: Range<u32>,
    keys: Reader<'r>,
    ranks: Reader<'r>,
    facts: Reader<'r>,
    hashes: Option<Reader<'r>>,
}

impl RouteReader<'_> {
    /// The key of a document in the memory.
    pub fn key(&self, rank: u32) -> Result<i64, Fault> {
        Ok(self.keys.get(rank.into())?.cast_signed())
    }

    /// The rank of a document; `None` where it is not among those meant.
    pub fn rank(&self, key: i64) -> Result<Option<u32>, Fault> {
        let rank =
            u32::try_from(self.ranks.get(key.cast_unsigned())?).ok().and_then(|after| after.checked_sub(1));
        Ok(rank.filter(|rank| self.own.contains(rank)))
    }

    pub fn facts(&self, rank: u32) -> Result<Facts, Fault> {
        Ok(Facts::unpack(self.facts.get(rank.into())?))
    }

    /// What tells a unit's text from others: the hash of the text where that must be, else the unit's key.
    pub fn text_key(&self, unit: i64) -> Result<u64, Fault> {
        match &self.hashes {
            Some(hashes) => Ok(hashes.get(unit.cast_unsigned())?),
            None => Ok(unit.cast_unsigned()),
        }
    }
}

impl SegmentFilter {
    /// Whether a translation by this workflow counts, with a hand-off in seconds since 1970.
    pub(super) fn counts(&self, workflow: Option<Workflow>, date: Option<i64>) -> bool {
        let since = self.since.map(|day| origin::seconds(day.at(0, 0, 0, 0)));
        let until = self.until.map(|day| origin::seconds(day.at(23, 59, 59, 0)));
        self.workflow.is_none_or(|wanted| workflow == Some(wanted))
            && since.is_none_or(|since| date.is_some_and(|date| date >= since))
            && until.is_none_or(|until| date.is_some_and(|date| date <= until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Date;

    #[test]
    fn facts_come_back_as_they_were() {
        let days = [Date::MIN, Date::constant(1969, 12, 31), Date::constant(2021, 4, 5), Date::MAX];
        let handoffs = days.map(|day| Some(origin::seconds(day.at(0, 0, 0, 0))));
        for handoff in handoffs.into_iter().chain([None]) {
            for workflow in [None, Some(Workflow::Human), Some(Workflow::Machine)] {
                for (has_origins, locale) in [(true, 0), (false, u16::MAX), (false, 1)] {
                    let facts = Facts { workflow, handoff, has_origins, locale };
                    assert_eq!(Facts::unpack(facts.pack()), facts);
                }
            }
        }
    }
}
