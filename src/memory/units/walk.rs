//! The segments of the chosen documents, one after the other, each with its neighbours.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;

use rusqlite::{Connection, Row, Statement};

use super::SegmentFilter;
use super::ids::Ids;
use crate::memory::origin::{self, Origin};
use crate::memory::segments::Place;
use crate::memory::{digest_of_text, unit_hash};
use crate::model::{Context, Kind, Scope, Workflow};

/// A document as the walks need it.
pub(super) struct Document<'a> {
    pub place: &'a Place,
    /// Whether it is a TMX.
    pub has_origins: bool,
    /// The hand-off in seconds since 1970.
    pub handoff: Option<i64>,
}

/// Where a segment stands: the index of its document among those chosen, and its position there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub document: u32,
    pub position: u32,
}

/// A segment that counts.
pub(super) struct Occurrence {
    pub spot: Spot,
    pub variant: u32,
    pub unit: u32,
    /// The units before and after, where the document has them.
    pub neighbours: [Option<u32>; 2],
    /// What tells the neighbours from others, where this is no segment of a TMX.
    neighbours_key: u64,
    pub number: u32,
    pub kind: Kind,
    pub id: Option<String>,
    pub workflow: Option<Workflow>,
    pub created: Option<i64>,
    pub changed: Option<i64>,
    pub usage: u32,
    pub documents: u32,
    pub scope: Scope,
    /// Of a segment of a TMX: the neighbours' texts, and what the column `rest` holds.
    pub told: Option<Box<(Context, Option<String>)>>,
}

impl Occurrence {
    /// A place of which nothing is known.
    pub fn at(spot: Spot) -> Occurrence {
        Occurrence {
            spot,
            variant: 0,
            unit: 0,
            neighbours: [None, None],
            neighbours_key: 0,
            number: 0,
            kind: Kind::Sentence,
            id: None,
            workflow: None,
            created: None,
            changed: None,
            usage: 1,
            documents: 1,
            scope: Scope::Everywhere,
            told: None,
        }
    }

    /// What tells its context from others; 0 where nothing is known of the neighbours.
    pub fn context(&self) -> u64 {
        self.told.as_ref().map_or(self.neighbours_key, |told| key_of(&told.0))
    }
}

/// What is walked over: the documents, and which of their segments count.
pub(super) struct Route<'a> {
    pub documents: Vec<Document<'a>>,
    filter: SegmentFilter,
    /// For each unit what `unit.hash` holds; empty where no document is a TMX, whose neighbours are known by text alone.
    hashes: Vec<u64>,
}

impl<'a> Route<'a> {
    pub fn new(
        memory: &Connection,
        ids: &Ids,
        places: &'a [Place],
        filter: SegmentFilter,
    ) -> rusqlite::Result<Route<'a>> {
        let sql =
            "select id from document where exists (select 1 from origin where document_id = document.id)";
        let with_origins: HashSet<i64> =
            memory.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let documents: Vec<Document<'_>> = places
            .iter()
            .map(|place| Document {
                place,
                has_origins: with_origins.contains(&place.id),
                handoff: place.metadata.handoff.map(|day| origin::seconds(day.at(0, 0, 0, 0))),
            })
            .collect();
        let mut hashes = Vec::new();
        if documents.iter().any(|document| document.has_origins) {
            hashes = vec![0; ids.units.len()];
            // Both columns lie in one index.
            let mut all = memory.prepare("select id, hash from unit order by hash, id")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                if let Some(unit) = ids.units.number(row.get(0)?) {
                    hashes[unit as usize] = row.get::<_, i64>(1)?.cast_unsigned();
                }
            }
        }
        Ok(Route { documents, filter, hashes })
    }

    pub fn document(&self, spot: Spot) -> &Document<'a> {
        &self.documents[spot.document as usize]
    }

    fn counts(&self, workflow: Option<Workflow>, date: Option<i64>) -> bool {
        let SegmentFilter { workflow: wanted, since, until, .. } = self.filter;
        let since = since.map(|day| origin::seconds(day.at(0, 0, 0, 0)));
        let until = until.map(|day| origin::seconds(day.at(23, 59, 59, 0)));
        wanted.is_none_or(|wanted| workflow == Some(wanted))
            && since.is_none_or(|since| date.is_some_and(|date| date >= since))
            && until.is_none_or(|until| date.is_some_and(|date| date <= until))
    }
}

/// All positions of a document.
pub(super) const WHOLE: Range<u32> = 0..u32::MAX;

/// Goes over the segments.
pub(super) struct Walk<'w, 'a> {
    pub route: &'w Route<'a>,
    ids: &'w Ids,
    spots: RefCell<Statement<'w>>,
    plain: RefCell<Statement<'w>>,
    with_origins: RefCell<Statement<'w>>,
    /// For a look at another place in the middle of a walk.
    plain_there: RefCell<Statement<'w>>,
    with_origins_there: RefCell<Statement<'w>>,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub fn new(memory: &'w Connection, ids: &'w Ids, route: &'w Route<'a>) -> rusqlite::Result<Self> {
        const COLUMNS: &str =
            "select segment.position, segment.number, segment.kind, segment.id, segment.variant_id";
        const WHERE: &str =
            "where segment.document_id = ?1 and segment.position >= ?2 and segment.position < ?3
             order by segment.position";
        let spots = format!("select segment.position, segment.variant_id from segment {WHERE}");
        let plain = format!("{COLUMNS} from segment {WHERE}");
        let with_origins = format!(
            "{COLUMNS}, origin.workflow, origin.created, origin.changed, origin.usage, origin.documents,
                    origin.in_context, origin.previous, origin.next, origin.rest
             from segment join origin on origin.document_id = segment.document_id and origin.position = segment.position
             {WHERE}"
        );
        let prepare = |sql: &str| memory.prepare(sql).map(RefCell::new);
        Ok(Walk {
            route,
            ids,
            spots: prepare(&spots)?,
            plain: prepare(&plain)?,
            with_origins: prepare(&with_origins)?,
            plain_there: prepare(&plain)?,
            with_origins_there: prepare(&with_origins)?,
        })
    }

    /// Gives every segment that counts to `visit`.
    pub fn each<E: From<rusqlite::Error>>(
        &self,
        mut visit: impl FnMut(Occurrence) -> Result<(), E>,
    ) -> Result<(), E> {
        (0..self.route.documents.len() as u32)
            .try_for_each(|document| self.stretch(document, WHOLE, &mut visit))
    }

    /// Gives place and variant of every segment that counts to `visit`, and the rest of it where that had to be read.
    pub fn each_place(
        &self,
        mut visit: impl FnMut(Spot, u32, Option<Occurrence>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        for (number, document) in self.route.documents.iter().enumerate() {
            let number = number as u32;
            if !document.has_origins || self.route.filter != SegmentFilter::default() {
                self.stretch(number, WHOLE, &mut |occurrence: Occurrence| {
                    visit(occurrence.spot, occurrence.variant, Some(occurrence))
                })?;
                continue;
            }
            let mut spots = self.spots.borrow_mut();
            let mut rows = spots.query((document.place.id, WHOLE.start, WHOLE.end))?;
            while let Some(row) = rows.next()? {
                if let Some(variant) = self.ids.variants.number(row.get(1)?) {
                    visit(Spot { document: number, position: row.get(0)? }, variant, None)?;
                }
            }
        }
        Ok(())
    }

    /// Gives the segments of a part of a document that count.
    pub fn stretch<E: From<rusqlite::Error>>(
        &self,
        document: u32,
        positions: Range<u32>,
        visit: &mut impl FnMut(Occurrence) -> Result<(), E>,
    ) -> Result<(), E> {
        let has_origins = self.route.documents[document as usize].has_origins;
        let statement = if has_origins { &self.with_origins } else { &self.plain };
        self.stretch_by(&mut statement.borrow_mut(), document, positions, visit)
    }

    /// What stands at a place that a walk has given; an unknown thing where nothing stands there.
    pub fn at(&self, spot: Spot) -> rusqlite::Result<Occurrence> {
        let has_origins = self.route.document(spot).has_origins;
        let statement = if has_origins { &self.with_origins_there } else { &self.plain_there };
        let mut found = Occurrence::at(spot);
        let positions = spot.position..spot.position + 1;
        self.stretch_by::<rusqlite::Error>(
            &mut statement.borrow_mut(),
            spot.document,
            positions,
            &mut |occurrence| {
                found = occurrence;
                Ok(())
            },
        )?;
        Ok(found)
    }

    fn stretch_by<E: From<rusqlite::Error>>(
        &self,
        statement: &mut Statement<'_>,
        number: u32,
        positions: Range<u32>,
        visit: &mut impl FnMut(Occurrence) -> Result<(), E>,
    ) -> Result<(), E> {
        let document = &self.route.documents[number as usize];
        if document.has_origins {
            let mut rows = statement.query((document.place.id, positions.start, positions.end))?;
            while let Some(row) = rows.next()? {
                if let Some(occurrence) = self.told(number, row)? {
                    visit(occurrence)?;
                }
            }
            return Ok(());
        }
        if !self.route.counts(document.place.metadata.workflow, document.handoff) {
            return Ok(());
        }
        // One segment more at both ends, for the neighbours.
        let (from, to) = (positions.start.saturating_sub(1), positions.end.saturating_add(1));
        let mut rows = statement.query((document.place.id, from, to))?;
        let mut settle = |held: Option<Occurrence>| match held {
            Some(held) if positions.contains(&held.spot.position) => self.settle(held, visit),
            _ => Ok(()),
        };
        // One segment late: a segment is given when the one after it is known.
        let mut held: Option<Occurrence> = None;
        while let Some(row) = rows.next()? {
            let Some(mut next) = self.occurrence(number, row)? else { continue };
            if let Some(held) = &mut held {
                next.neighbours[0] = Some(held.unit);
                held.neighbours[1] = Some(next.unit);
            }
            settle(held.replace(next))?;
        }
        settle(held)
    }

    fn settle<E>(
        &self,
        mut occurrence: Occurrence,
        visit: &mut impl FnMut(Occurrence) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.route.filter.kind.is_some_and(|kind| kind != occurrence.kind) {
            return Ok(());
        }
        let [before, after] = occurrence.neighbours.map(|unit| {
            // Any number that tells units apart does, where no TMX's neighbours are to be compared with them.
            let hash = |unit: u32| self.route.hashes.get(unit as usize).copied();
            unit.map_or(0, |unit| hash(unit).unwrap_or(u64::from(unit) + 1))
        });
        occurrence.neighbours_key = context_key(before, after);
        visit(occurrence)
    }

    fn occurrence(&self, number: u32, row: &Row<'_>) -> rusqlite::Result<Option<Occurrence>> {
        let Some(variant) = self.ids.variants.number(row.get(4)?) else { return Ok(None) };
        let document = &self.route.documents[number as usize];
        let spot = Spot { document: number, position: row.get(0)? };
        Ok(Some(Occurrence {
            variant,
            unit: self.ids.unit_of(variant),
            number: row.get(1)?,
            kind: if row.get(2)? { Kind::Paragraph } else { Kind::Sentence },
            id: row.get(3)?,
            workflow: document.place.metadata.workflow,
            created: document.handoff,
            changed: document.handoff,
            ..Occurrence::at(spot)
        }))
    }

    /// A segment of a TMX, where it counts.
    fn told(&self, number: u32, row: &Row<'_>) -> rusqlite::Result<Option<Occurrence>> {
        let Some(mut occurrence) = self.occurrence(number, row)? else { return Ok(None) };
        let told = Origin::read(row, 5)?;
        if !self.route.counts(told.workflow, told.changed.or(told.created))
            || self.route.filter.kind.is_some_and(|kind| kind != occurrence.kind)
        {
            return Ok(None);
        }
        occurrence.workflow = told.workflow;
        occurrence.created = told.created;
        occurrence.changed = told.changed;
        occurrence.usage = u32::try_from(told.usage).unwrap_or(u32::MAX);
        occurrence.documents = u32::try_from(told.documents).unwrap_or(u32::MAX);
        occurrence.scope = told.scope;
        occurrence.told = Some(Box::new((told.context, row.get(13)?)));
        Ok(Some(occurrence))
    }
}

/// What tells a context from others, from its texts.
fn key_of(context: &Context) -> u64 {
    let hash = |text: &Option<String>| {
        text.as_deref().map_or(0, |text| unit_hash(digest_of_text(text)).cast_unsigned())
    };
    context_key(hash(&context.previous), hash(&context.next))
}

/// One number of two; 0 for two zeros alone.
fn context_key(before: u64, after: u64) -> u64 {
    if before == 0 && after == 0 {
        return 0;
    }
    // Two odd constants (from splitmix64) and a fold: what differs in either half differs in the result.
    let product = u128::from(before ^ 0x9E37_79B9_7F4A_7C15) * u128::from(after.rotate_left(32) | 1);
    let mixed = product ^ (u128::from(after.wrapping_mul(0xBF58_476D_1CE4_E5B9)) << 32);
    ((mixed >> 64) as u64 ^ mixed as u64).max(1)
}
