//! Variants and units by consecutive numbers instead of their keys, so that what is known of them lies in arrays.

use std::collections::HashMap;

use rusqlite::Connection;

use super::keys::Keys;

/// Which variants there are, and of which unit and locale each is.
pub(super) struct Ids {
    pub variants: Keys,
    pub units: Keys,
    /// For each variant its unit's number.
    unit_of: Vec<u32>,
    /// For each variant the index of its locale among `locales`.
    locale_of: Vec<u8>,
    /// The variants, unit by unit, in the order of locale and key, and where each unit's begin.
    by_unit: Vec<u32>,
    begin: Vec<u32>,
    locales: HashMap<String, u8>,
}

impl Ids {
    /// Reads which variants there are.
    pub fn read(memory: &Connection) -> rusqlite::Result<Ids> {
        let mut locales = HashMap::new();
        let mut index_of = HashMap::new();
        let mut names = memory.prepare("select id, name from locale order by name")?;
        let mut rows = names.query([])?;
        while let Some(row) = rows.next()? {
            // 255 locales and more share the last number; they are still told apart by their documents.
            let index = u8::try_from(index_of.len()).unwrap_or(u8::MAX);
            index_of.insert(row.get::<_, i64>(0)?, index);
            locales.insert(row.get::<_, String>(1)?, index);
        }
        let variants = Keys::read(memory, "variant")?;
        let units = Keys::read(memory, "unit")?;
        let mut ids = Ids {
            unit_of: vec![0; variants.len()],
            locale_of: vec![0; variants.len()],
            by_unit: Vec::with_capacity(variants.len()),
            begin: Vec::with_capacity(units.len() + 1),
            variants,
            units,
            locales,
        };
        // All three columns lie in one index: the texts are not read.
        let mut all =
            memory.prepare("select id, unit_id, locale_id from variant order by unit_id, locale_id, id")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let (Some(variant), Some(unit)) =
                (ids.variants.number(row.get(0)?), ids.units.number(row.get(1)?))
            else {
                continue;
            };
            while ids.begin.len() <= unit as usize {
                ids.begin.push(ids.by_unit.len() as u32);
            }
            ids.unit_of[variant as usize] = unit;
            ids.locale_of[variant as usize] = index_of.get(&row.get(2)?).copied().unwrap_or(u8::MAX);
            ids.by_unit.push(variant);
        }
        ids.begin.resize(ids.units.len() + 1, ids.by_unit.len() as u32);
        Ok(ids)
    }

    pub fn unit_of(&self, variant: u32) -> u32 {
        self.unit_of[variant as usize]
    }

    pub fn locale_of(&self, variant: u32) -> u8 {
        self.locale_of[variant as usize]
    }

    /// The index by which `locale_of` knows a locale.
    pub fn locale(&self, name: &str) -> Option<u8> {
        self.locales.get(name).copied()
    }

    /// A unit's variants, those of one locale one after the other.
    pub fn variants_of(&self, unit: u32) -> &[u32] {
        let (from, to) = (self.begin[unit as usize], self.begin[unit as usize + 1]);
        &self.by_unit[from as usize..to as usize]
    }

    /// Whether the unit has several variants in one locale.
    pub fn is_ambiguous(&self, unit: u32) -> bool {
        self.variants_of(unit).windows(2).any(|pair| self.locale_of(pair[0]) == self.locale_of(pair[1]))
    }
}
