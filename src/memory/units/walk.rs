//! The segments of the chosen documents, one after the other, each with its neighbours.

use std::cell::RefCell;
use std::ops::Range;

use rusqlite::{Connection, Row, Statement};

use super::SegmentFilter;
use super::route::{Facts, RouteReader};
use crate::memory::error::Fault;
use crate::memory::origin::Origin;
use crate::memory::{digest_of_text, unit_hash};
use crate::model::{Context, Kind, Scope, Workflow};
use crate::spill::{Array, Reader};

/// Where a segment stands: the rank of its document, and its position there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub document: u32,
    pub position: u32,
}

/// What a segment tells of its translation, and of who translated it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    pub spot: Spot,
    /// What tells its context from others, or [`NOTHING_AROUND`].
    pub context: u64,
    pub workflow: Option<Workflow>,
    pub created: Option<i64>,
    pub changed: Option<i64>,
    pub usage: u32,
    pub documents: u32,
    pub scope: Scope,
    /// Whether it is a TMX's.
    pub is_told: bool,
}

impl Evidence {
    /// What a segment that is no TMX's adds.
    pub fn plain(spot: Spot, facts: Facts, context: u64) -> Evidence {
        Evidence {
            spot,
            context,
            workflow: facts.workflow,
            created: facts.handoff,
            changed: facts.handoff,
            usage: 1,
            documents: 1,
            scope: Scope::Everywhere,
            is_told: false,
        }
    }
}

/// A segment that counts.
pub(super) struct Occurrence {
    pub evidence: Evidence,
    pub variant: i64,
    pub unit: i64,
    /// The units before and after, where the document has them.
    pub neighbours: [Option<i64>; 2],
    pub number: u32,
    pub kind: Kind,
    pub id: Option<String>,
    /// Of a segment of a TMX: the neighbours' texts, and what the column `rest` holds.
    pub told: Option<Box<(Context, Option<String>)>>,
}

impl Occurrence {
    pub fn spot(&self) -> Spot {
        self.evidence.spot
    }
}

/// All positions of a document.
pub(super) const WHOLE: Range<u32> = 0..u32::MAX;

/// Goes over the segments.
pub(super) struct Walk<'w> {
    pub route: RouteReader<'w>,
    units: Reader<'w>,
    spots: RefCell<Statement<'w>>,
    plain: RefCell<Statement<'w>>,
    told: RefCell<Statement<'w>>,
    /// For a look at another place in the middle of a walk.
    plain_there: RefCell<Statement<'w>>,
    told_there: RefCell<Statement<'w>>,
}

impl<'w> Walk<'w> {
    /// `units` has each variant's unit.
    pub fn new(memory: &'w Connection, units: &'w Array, route: RouteReader<'w>) -> rusqlite::Result<Self> {
        const COLUMNS: &str =
            "select segment.position, segment.number, segment.kind, segment.id, segment.variant_id";
        const WHERE: &str =
            "where segment.document_id = ?1 and segment.position >= ?2 and segment.position < ?3
             order by segment.position";
        let spots = format!("select segment.position, segment.variant_id from segment {WHERE}");
        let plain = format!("{COLUMNS} from segment {WHERE}");
        let told = format!(
            "{COLUMNS}, origin.workflow, origin.created, origin.changed, origin.usage, origin.documents,
                    origin.in_context, origin.previous, origin.next, origin.rest
             from segment join origin on origin.document_id = segment.document_id and origin.position = segment.position
             {WHERE}"
        );
        let prepare = |sql: &str| memory.prepare(sql).map(RefCell::new);
        Ok(Walk {
            route,
            units: units.reader(),
            spots: prepare(&spots)?,
            plain: prepare(&plain)?,
            told: prepare(&told)?,
            plain_there: prepare(&plain)?,
            told_there: prepare(&told)?,
        })
    }

    fn filter(&self) -> &SegmentFilter {
        &self.route.route.filter
    }

    /// Gives every segment that counts to `visit`.
    pub fn each<E: From<Fault>>(&self, mut visit: impl FnMut(Occurrence) -> Result<(), E>) -> Result<(), E> {
        self.route.own.clone().try_for_each(|document| self.stretch(document, WHOLE, &mut visit))
    }

    /// Gives the segments of a part of a document that count.
    pub fn stretch<E: From<Fault>>(
        &self,
        document: u32,
        positions: Range<u32>,
        visit: &mut impl FnMut(Occurrence) -> Result<(), E>,
    ) -> Result<(), E> {
        let facts = self.route.facts(document)?;
        let statement = if facts.has_origins { &self.told } else { &self.plain };
        self.stretch_by(&mut statement.borrow_mut(), (document, facts), positions, visit)
    }

    /// Gives where each segment of a TMX stands that counts, and its unit.
    pub fn each_told(
        &self,
        document: u32,
        mut visit: impl FnMut(Spot, i64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if *self.filter() != SegmentFilter::default() {
            // What is to be judged by is to be read first.
            return self.stretch(document, WHOLE, &mut |it: Occurrence| visit(it.spot(), it.unit));
        }
        let mut spots = self.spots.borrow_mut();
        let mut rows = spots.query((self.route.key(document)?, WHOLE.start, WHOLE.end))?;
        while let Some(row) = rows.next()? {
            if let Some(unit) = self.unit_of(row.get(1)?)? {
                visit(Spot { document, position: row.get(0)? }, unit)?;
            }
        }
        Ok(())
    }

    /// What stands at a place, where that counts.
    pub fn at(&self, spot: Spot) -> Result<Option<Occurrence>, Fault> {
        let facts = self.route.facts(spot.document)?;
        let statement = if facts.has_origins { &self.told_there } else { &self.plain_there };
        let mut found = None;
        let positions = spot.position..spot.position + 1;
        self.stretch_by(
            &mut statement.borrow_mut(),
            (spot.document, facts),
            positions,
            &mut |occurrence| -> Result<(), Fault> {
                found = Some(occurrence);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// The unit of a variant; `None` where there is no such variant.
    pub fn unit_of(&self, variant: i64) -> Result<Option<i64>, Fault> {
        let unit = self.units.get(variant.cast_unsigned())?;
        Ok((unit != 0).then_some(unit.cast_signed()))
    }

    fn stretch_by<E: From<Fault>>(
        &self,
        statement: &mut Statement<'_>,
        (rank, facts): (u32, Facts),
        positions: Range<u32>,
        visit: &mut impl FnMut(Occurrence) -> Result<(), E>,
    ) -> Result<(), E> {
        let key = self.route.key(rank)?;
        if facts.has_origins {
            let mut rows = statement.query((key, positions.start, positions.end)).map_err(Fault::from)?;
            while let Some(row) = rows.next().map_err(Fault::from)? {
                if let Some(occurrence) = self.told((rank, facts), row)? {
                    visit(occurrence)?;
                }
            }
            return Ok(());
        }
        // One segment more at both ends, for the neighbours.
        let (from, to) = (positions.start.saturating_sub(1), positions.end.saturating_add(1));
        let mut rows = statement.query((key, from, to)).map_err(Fault::from)?;
        let mut settle = |held: Option<Occurrence>| match held {
            Some(held) if positions.contains(&held.spot().position) => self.settle(held, visit),
            _ => Ok(()),
        };
        // One segment late: a segment is given when the one after it is known.
        let mut held: Option<Occurrence> = None;
        while let Some(row) = rows.next().map_err(Fault::from)? {
            let Some(mut next) = self.occurrence((rank, facts), row)? else { continue };
            if let Some(held) = &mut held {
                next.neighbours[0] = Some(held.unit);
                held.neighbours[1] = Some(next.unit);
            }
            settle(held.replace(next))?;
        }
        settle(held)
    }

    fn settle<E: From<Fault>>(
        &self,
        mut occurrence: Occurrence,
        visit: &mut impl FnMut(Occurrence) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.filter().kind.is_some_and(|kind| kind != occurrence.kind) {
            return Ok(());
        }
        let key = |unit: Option<i64>| unit.map_or(Ok(0), |unit| self.route.text_key(unit));
        let [before, after] = occurrence.neighbours;
        occurrence.evidence.context = context_key(key(before)?, key(after)?);
        visit(occurrence)
    }

    fn occurrence(&self, (rank, facts): (u32, Facts), row: &Row<'_>) -> Result<Option<Occurrence>, Fault> {
        let variant = row.get(4)?;
        let Some(unit) = self.unit_of(variant)? else { return Ok(None) };
        let spot = Spot { document: rank, position: row.get(0)? };
        Ok(Some(Occurrence {
            evidence: Evidence::plain(spot, facts, NOTHING_AROUND),
            variant,
            unit,
            neighbours: [None, None],
            number: row.get(1)?,
            kind: if row.get(2)? { Kind::Paragraph } else { Kind::Sentence },
            id: row.get(3)?,
            told: None,
        }))
    }

    /// A segment of a TMX, where it counts.
    fn told(&self, document: (u32, Facts), row: &Row<'_>) -> Result<Option<Occurrence>, Fault> {
        let Some(mut occurrence) = self.occurrence(document, row)? else { return Ok(None) };
        let told = Origin::read(row, 5)?;
        if !self.filter().counts(told.workflow, told.changed.or(told.created))
            || self.filter().kind.is_some_and(|kind| kind != occurrence.kind)
        {
            return Ok(None);
        }
        occurrence.evidence = Evidence {
            spot: occurrence.spot(),
            context: key_of(&told.context),
            workflow: told.workflow,
            created: told.created,
            changed: told.changed,
            usage: u32::try_from(told.usage).unwrap_or(u32::MAX),
            documents: u32::try_from(told.documents).unwrap_or(u32::MAX),
            scope: told.scope,
            is_told: true,
        };
        occurrence.told = Some(Box::new((told.context, row.get(13)?)));
        Ok(Some(occurrence))
    }
}

/// The context of a segment of whose neighbours nothing is known.
pub(super) const NOTHING_AROUND: u64 = 1;

/// What tells a context from others, from its texts.
fn key_of(context: &Context) -> u64 {
    let hash = |text: &Option<String>| {
        text.as_deref().map_or(0, |text| unit_hash(digest_of_text(text)).cast_unsigned())
    };
    context_key(hash(&context.previous), hash(&context.next))
}

/// One number of two, never 0; [`NOTHING_AROUND`] for two zeros alone.
fn context_key(before: u64, after: u64) -> u64 {
    if before == 0 && after == 0 {
        return NOTHING_AROUND;
    }
    // Two odd constants (from splitmix64) and a fold: what differs in either half differs in the result.
    let product = u128::from(before ^ 0x9E37_79B9_7F4A_7C15) * u128::from(after.rotate_left(32) | 1);
    let mixed = product ^ (u128::from(after.wrapping_mul(0xBF58_476D_1CE4_E5B9)) << 32);
    ((mixed >> 64) as u64 ^ mixed as u64).max(NOTHING_AROUND + 1)
}
