//! Texts of units and variants, read when they are asked for.

use std::cell::RefCell;
use std::rc::Rc;

use rusqlite::{CachedStatement, Connection};

/// How many units' texts are kept at hand: a text is asked for as its neighbour's neighbour first and last.
const KEPT: i64 = 1 << 10;

/// A unit and its text, where the slot is taken.
type Kept = Option<(i64, Rc<str>)>;

pub(super) struct Texts<'a> {
    units: RefCell<CachedStatement<'a>>,
    variants: RefCell<CachedStatement<'a>>,
    kept: RefCell<Vec<Kept>>,
}

impl<'a> Texts<'a> {
    pub fn new(memory: &'a Connection) -> rusqlite::Result<Texts<'a>> {
        Ok(Texts {
            units: RefCell::new(memory.prepare_cached("select text from unit where id = ?1")?),
            variants: RefCell::new(memory.prepare_cached("select text from variant where id = ?1")?),
            kept: RefCell::new(vec![None; KEPT as usize]),
        })
    }

    /// The source text of a unit.
    pub fn unit(&self, unit: i64) -> rusqlite::Result<Rc<str>> {
        let slot = unit.rem_euclid(KEPT) as usize;
        if let Some((kept, text)) = &self.kept.borrow()[slot]
            && *kept == unit
        {
            return Ok(text.clone());
        }
        let text: Rc<str> =
            self.units.borrow_mut().query_row([unit], |row| Ok(row.get_ref(0)?.as_str()?.into()))?;
        self.kept.borrow_mut()[slot] = Some((unit, text.clone()));
        Ok(text)
    }

    /// The target text of a variant.
    pub fn variant(&self, variant: i64) -> rusqlite::Result<String> {
        self.variants.borrow_mut().query_row([variant], |row| row.get(0))
    }
}
