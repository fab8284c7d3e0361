//! The first walk: where each unit stands first, whether it stands anywhere else, and between what each segment stands.

use super::route::TEXT_ROOM;
use super::walk::{Occurrence, Spot, WHOLE, Walk};
use crate::memory::error::Fault;
use crate::spill::{Array, Reader};

/// Of a unit that was met: that it was met again.
const AGAIN: u64 = 1 << 63;

/// What the first walk found.
pub(super) struct Tally {
    /// For each unit its first place, and whether there is another one.
    met: Array,
    /// For each document, and after the last one, the number of its first segment.
    begins: Array,
    /// For each segment that counts and is no TMX's what tells its context from others.
    contexts: Array,
}

impl Tally {
    pub fn take(walk: &Walk<'_>) -> Result<Tally, Fault> {
        let array = || Array::new(TEXT_ROOM);
        let mut tally = Tally { met: array(), begins: array(), contexts: array() };
        let own = walk.route.own.clone();
        let mut begin = 0;
        for document in own.clone() {
            tally.begins.put(document.into(), begin)?;
            let mut end = begin;
            if walk.route.facts(document)?.has_origins {
                walk.each_told(document, |spot, unit| {
                    end = begin + u64::from(spot.position) + 1;
                    tally.meet(unit, spot)
                })?;
            } else {
                walk.stretch(document, WHOLE, &mut |occurrence: Occurrence| -> Result<(), Fault> {
                    let segment = begin + u64::from(occurrence.spot().position);
                    end = segment + 1;
                    tally.contexts.put(segment, occurrence.evidence.context)?;
                    tally.meet(occurrence.unit, occurrence.spot())
                })?;
            }
            begin = end;
        }
        tally.begins.put(own.end.into(), begin)?;
        Ok(tally)
    }

    fn meet(&mut self, unit: i64, spot: Spot) -> Result<(), Fault> {
        let unit = unit.cast_unsigned();
        let met = match self.met.get(unit)? {
            0 => u64::from(spot.document) << 32 | (u64::from(spot.position) + 1),
            met if met & AGAIN != 0 => return Ok(()),
            once => once | AGAIN,
        };
        Ok(self.met.put(unit, met)?)
    }

    pub fn reader(&self) -> TallyReader<'_> {
        let Tally { met, begins, contexts } = self;
        TallyReader { met: met.reader(), begins: begins.reader(), contexts: contexts.reader() }
    }
}

/// What was found of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Met {
    pub first: Spot,
    /// Whether it stands in this place alone.
    pub is_lone: bool,
}

/// Reads a [`Tally`] beside others.
pub(super) struct TallyReader<'t> {
    met: Reader<'t>,
    begins: Reader<'t>,
    contexts: Reader<'t>,
}

impl TallyReader<'_> {
    /// Where a unit stands; `None` where no segment of it counts.
    pub fn met(&self, unit: i64) -> Result<Option<Met>, Fault> {
        let met = self.met.get(unit.cast_unsigned())?;
        let document = ((met & !AGAIN) >> 32) as u32;
        Ok((met as u32)
            .checked_sub(1)
            .map(|position| Met { first: Spot { document, position }, is_lone: met & AGAIN == 0 }))
    }

    /// What tells the context of a segment that is no TMX's; `None` where it does not count.
    pub fn context(&self, spot: Spot) -> Result<Option<u64>, Fault> {
        let segment = self.begins.get(spot.document.into())? + u64::from(spot.position);
        Ok(Some(self.contexts.get(segment)?).filter(|&context| context != 0))
    }

    /// The position after the last segment of a document that counts.
    pub fn end(&self, document: u32) -> Result<u32, Fault> {
        let begin = |document: u64| self.begins.get(document);
        Ok((begin(u64::from(document) + 1)? - begin(document.into())?) as u32)
    }
}
