//! Texts of units and variants, read when they are asked for.

use std::cell::RefCell;
use std::rc::Rc;

use rusqlite::{CachedStatement, Connection};

use super::ids::Ids;

/// How many units' texts are kept at hand: a text is asked for as its neighbour's neighbour first and last.
const KEPT: usize = 1 << 10;

/// A unit and its text, where the slot is taken.
type Kept = Option<(u32, Rc<str>)>;

pub(super) struct Texts<'a> {
    ids: &'a Ids,
    units: RefCell<CachedStatement<'a>>,
    variants: RefCell<CachedStatement<'a>>,
    kept: RefCell<Vec<Kept>>,
}

impl<'a> Texts<'a> {
    pub fn new(memory: &'a Connection, ids: &'a Ids) -> rusqlite::Result<Texts<'a>> {
        Ok(Texts {
            ids,
            units: RefCell::new(memory.prepare_cached("select text from unit where id = ?1")?),
            variants: RefCell::new(memory.prepare_cached("select text from variant where id = ?1")?),
            kept: RefCell::new(vec![None; KEPT]),
        })
    }

    /// The source text of a unit.
    pub fn unit(&self, unit: u32) -> rusqlite::Result<Rc<str>> {
        let slot = unit as usize % KEPT;
        if let Some((kept, text)) = &self.kept.borrow()[slot]
            && *kept == unit
        {
            return Ok(text.clone());
        }
        let key = self.ids.units.key(unit);
        let text: Rc<str> =
            self.units.borrow_mut().query_row([key], |row| Ok(row.get_ref(0)?.as_str()?.into()))?;
        self.kept.borrow_mut()[slot] = Some((unit, text.clone()));
        Ok(text)
    }

    /// The target text of a variant.
    pub fn variant(&self, variant: u32) -> rusqlite::Result<String> {
        let key = self.ids.variants.key(variant);
        self.variants.borrow_mut().query_row([key], |row| row.get(0))
    }
}
