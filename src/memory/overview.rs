//! Counts for an overview: segments by month and workflow, the most repeated segments, and texts with several translations.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::documents::{IS_TMX, handoff, workflow};
use super::error::Fault;
use super::{Memory, MemoryError};
use crate::model::{Locale, Workflow, date_time};

/// The counts of an overview. All are of current versions of documents.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// The number of segments for each month of the hand-off, in order; those without a hand-off are not counted.
    pub months: Vec<Month>,
    /// The pairs of texts in the most segments, the most frequent first.
    pub repeated: Vec<RepeatedPair>,
    /// The source texts with several translations into one locale, those in the most segments first.
    pub inconsistent: Vec<InconsistentText>,
    /// The number of such source texts.
    pub inconsistent_texts: u64,
}

/// The segments that were handed off in one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// The month, from 1.
    pub month: i8,
    /// Segments that a person translated.
    pub human: u64,
    /// Segments that a machine translated.
    pub machine: u64,
    /// Segments of which it is not known.
    pub unknown: u64,
}

/// A pair of texts and the number of its segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatedPair {
    /// The source text.
    pub source: String,
    /// Its locale.
    pub source_locale: Locale,
    /// The target text.
    pub target: String,
    /// Its locale.
    pub target_locale: Locale,
    /// The number of segments.
    pub segments: u64,
}

/// A source text with several translations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InconsistentText {
    /// The source text.
    pub source: String,
    /// Its locale.
    pub source_locale: Locale,
    /// The locale of the translations.
    pub target_locale: Locale,
    /// The translations with the numbers of their segments, the most frequent first.
    pub targets: Vec<(String, u64)>,
}

impl Memory {
    /// Reads the counts, and the first `limit` texts of each list. Reads each segment once, and needs four bytes of memory for
    /// each pair of texts.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn overview(&self, limit: usize) -> Result<Overview, MemoryError> {
        let _transaction = self.begin_read()?;
        self.at(self.read_overview(limit))
    }

    fn read_overview(&self, limit: usize) -> Result<Overview, Fault> {
        let (segments, months) = self.count_segments_by_variant()?;
        let repeated = self.most_repeated(&segments, limit)?;
        let (inconsistent_texts, inconsistent) = self.most_inconsistent(&segments, limit)?;
        Ok(Overview { months, repeated, inconsistent, inconsistent_texts })
    }

    /// The number of segments of each variant, by its id, and of each month.
    fn count_segments_by_variant(&self) -> Result<(Vec<u32>, Vec<Month>), Fault> {
        let largest: i64 =
            self.connection.query_row("select coalesce(max(id), 0) from variant", [], |row| row.get(0))?;
        let mut counts = vec![0_u32; usize::try_from(largest).unwrap_or(0) + 1];
        let mut months: BTreeMap<(i16, i8), Month> = BTreeMap::new();
        let mut add = |year: i16, month: i8, by: Option<Workflow>, segments: u64| {
            let counts = months.entry((year, month)).or_insert(Month {
                year,
                month,
                human: 0,
                machine: 0,
                unknown: 0,
            });
            *match by {
                Some(Workflow::Human) => &mut counts.human,
                Some(Workflow::Machine) => &mut counts.machine,
                None => &mut counts.unknown,
            } += segments;
        };
        let documents = format!(
            "select id, workflow, handoff, {IS_TMX} from document where superseded is null order by id"
        );
        let mut documents = self.connection.prepare(&documents)?;
        let mut documents = documents.query([])?;
        let mut variants = self
            .connection
            .prepare("select variant_id from segment where document_id = ?1 order by position")?;
        let mut stated = self.connection.prepare(
            "select segment.variant_id, origin.workflow, coalesce(origin.changed, origin.created)
             from segment join origin on origin.document_id = segment.document_id and origin.position = segment.position
             where segment.document_id = ?1 and origin.superseded is null order by segment.position",
        )?;
        while let Some(document) = documents.next()? {
            let id: i64 = document.get(0)?;
            let mut count = |variant: i64| {
                let count = usize::try_from(variant).ok().and_then(|variant| counts.get_mut(variant));
                count.into_iter().for_each(|count| *count = count.saturating_add(1));
            };
            if document.get(3)? {
                let mut rows = stated.query([id])?;
                while let Some(row) = rows.next()? {
                    count(row.get(0)?);
                    let time: Option<i64> = row.get(2)?;
                    if let Some(time) = time.and_then(date_time) {
                        add(time.year(), time.month(), workflow(row, 1)?, 1);
                    }
                }
                continue;
            }
            let mut segments = 0;
            let mut rows = variants.query([id])?;
            while let Some(row) = rows.next()? {
                count(row.get(0)?);
                segments += 1;
            }
            if let Some(day) = handoff(document, 2)? {
                add(day.year(), day.month(), workflow(document, 1)?, segments);
            }
        }
        Ok((counts, months.into_values().collect()))
    }

    fn most_repeated(&self, segments: &[u32], limit: usize) -> Result<Vec<RepeatedPair>, Fault> {
        // Of pairs in as many segments, the first ids are kept.
        let mut most: BinaryHeap<Reverse<(u32, Reverse<usize>)>> = BinaryHeap::with_capacity(limit + 1);
        for (variant, &count) in segments.iter().enumerate().filter(|(_, count)| **count > 1) {
            if most.len() < limit || most.peek().is_some_and(|least| count > least.0.0) {
                most.push(Reverse((count, Reverse(variant))));
            }
            if most.len() > limit {
                most.pop();
            }
        }
        let sql = "select unit.text, source.name, variant.text, target.name
                   from variant join unit on unit.id = variant.unit_id
                   join locale as source on source.id = unit.locale_id
                   join locale as target on target.id = variant.locale_id
                   where variant.id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut found = Vec::new();
        for Reverse((count, Reverse(variant))) in most.into_sorted_vec() {
            let mut rows = statement.query([variant as i64])?;
            let Some(row) = rows.next()? else { continue };
            found.push(RepeatedPair {
                source: row.get(0)?,
                source_locale: locale(row.get_ref(1)?.as_str()?)?,
                target: row.get(2)?,
                target_locale: locale(row.get_ref(3)?.as_str()?)?,
                segments: count.into(),
            });
        }
        Ok(found)
    }

    /// The number of source texts with several translations into one locale, and those in the most segments.
    fn most_inconsistent(
        &self,
        segments: &[u32],
        limit: usize,
    ) -> Result<(u64, Vec<InconsistentText>), Fault> {
        type Text = (i64, i64);
        let mut number = 0;
        let mut most: BinaryHeap<Reverse<(u64, Reverse<Text>)>> = BinaryHeap::with_capacity(limit + 1);
        let mut end = |text: Text, translations: usize, total: u64| {
            if translations < 2 {
                return;
            }
            number += 1;
            if most.len() < limit || most.peek().is_some_and(|least| total > least.0.0) {
                most.push(Reverse((total, Reverse(text))));
            }
            if most.len() > limit {
                most.pop();
            }
        };
        let count = |variant: i64| {
            usize::try_from(variant).ok().and_then(|at| segments.get(at)).copied().unwrap_or(0)
        };
        // From the index `variant_by_unit` alone.
        let mut statement = self
            .connection
            .prepare("select unit_id, locale_id, id from variant order by unit_id, locale_id, id")?;
        let mut rows = statement.query([])?;
        let mut last: (Text, usize, u64) = ((0, 0), 0, 0);
        while let Some(row) = rows.next()? {
            let text = (row.get(0)?, row.get(1)?);
            if text != last.0 {
                end(last.0, last.1, last.2);
                last = (text, 0, 0);
            }
            let count = count(row.get(2)?);
            // One that only superseded documents have is no translation of today.
            last.1 += usize::from(count > 0);
            last.2 += u64::from(count);
        }
        end(last.0, last.1, last.2);
        let mut found = Vec::new();
        for Reverse((_, Reverse((unit, target)))) in most.into_sorted_vec() {
            found.extend(self.inconsistent(unit, target, count)?);
        }
        Ok((number, found))
    }

    fn inconsistent(
        &self,
        unit: i64,
        target: i64,
        count: impl Fn(i64) -> u32,
    ) -> Result<Option<InconsistentText>, Fault> {
        let sql = "select unit.text, source.name, target.name, variant.id, variant.text
                   from variant join unit on unit.id = variant.unit_id
                   join locale as source on source.id = unit.locale_id
                   join locale as target on target.id = variant.locale_id
                   where variant.unit_id = ?1 and variant.locale_id = ?2 order by variant.id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((unit, target))?;
        let mut found: Option<InconsistentText> = None;
        while let Some(row) = rows.next()? {
            let text = match &mut found {
                Some(text) => text,
                none => none.insert(InconsistentText {
                    source: row.get(0)?,
                    source_locale: locale(row.get_ref(1)?.as_str()?)?,
                    target_locale: locale(row.get_ref(2)?.as_str()?)?,
                    targets: Vec::new(),
                }),
            };
            let segments = count(row.get(3)?);
            if segments > 0 {
                text.targets.push((row.get(4)?, segments.into()));
            }
        }
        if let Some(text) = &mut found {
            text.targets.sort_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
        }
        Ok(found)
    }
}

fn locale(name: &str) -> Result<Locale, Fault> {
    name.parse().map_err(|_| Fault::Foreign(format!("the locale {name:?}")))
}
