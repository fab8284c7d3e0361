//! Keeps each text once: gives the unit of a source text and the variant of a pair of texts, new ones where there are none.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use rusqlite::{CachedStatement, Connection, OptionalExtension};

/// 16 bytes of BLAKE3: no two texts that anybody has or makes share them.
type Digest = [u8; 16];

/// A source text and its translation, with the digests that any thread can make beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The source text.
    pub source: &'a str,
    /// The target text.
    pub target: &'a str,
    /// See [`digest_of_pair`].
    pub digest: Digest,
    /// That of the source text alone ([`digest_of_text`]), where it was made.
    pub source_digest: Option<Digest>,
}

/// The digest of a pair of texts.
pub fn digest_of_pair(source: &str, target: &str) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(source.len() as u64).to_le_bytes());
    hasher.update(source.as_bytes());
    hasher.update(target.as_bytes());
    first_bytes(&hasher.finalize())
}

/// What `unit.hash` holds of a source text.
pub fn unit_hash(digest: Digest) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_le_bytes(first)
}

/// The digest of one text.
pub fn digest_of_text(text: &str) -> Digest {
    first_bytes(&blake3::hash(text.as_bytes()))
}

fn first_bytes(hash: &blake3::Hash) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(&hash.as_bytes()[..16]);
    digest
}

/// The locales that a pair's texts are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct LocalePair {
    pub source: i64,
    pub target: i64,
}

/// What is known of the texts in the memory. Grows with the number of different texts that were met, 24 bytes each.
#[derive(Default)]
pub(super) struct Interner {
    /// One map for each pair of locales: there are few.
    variants: Vec<(LocalePair, DigestMap)>,
    units: Vec<(i64, DigestMap)>,
    /// Whether the memory was empty when this began, so that what is not here is nowhere.
    complete: bool,
    /// Units that were made.
    pub units_new: u64,
}

impl Interner {
    pub fn new(memory_is_empty: bool) -> Self {
        Interner { complete: memory_is_empty, ..Interner::default() }
    }

    /// Forgets all it knew, since somebody else has changed the memory.
    pub fn forget(&mut self) {
        *self = Interner { units_new: self.units_new, ..Interner::default() };
    }

    /// The id of the variant that a pair of texts is.
    pub fn variant(
        &mut self,
        inserts: &mut Inserts<'_>,
        locales: LocalePair,
        pair: Pair<'_>,
    ) -> rusqlite::Result<i64> {
        let slot = slot_of(&mut self.variants, locales);
        if let Some(&id) = self.variants[slot].1.get(&pair.digest) {
            return Ok(id);
        }
        let (unit, found) = self.unit(inserts, locales.source, pair)?;
        let existing = match found {
            Found::New => None,
            Found::Old => find_variant(inserts.memory, unit, locales.target, pair.target)?,
        };
        let id = match existing {
            Some(id) => id,
            None => inserts.variant.insert((unit, locales.target, pair.target))?,
        };
        self.variants[slot].1.insert(pair.digest, id);
        Ok(id)
    }

    fn unit(
        &mut self,
        inserts: &mut Inserts<'_>,
        locale: i64,
        pair: Pair<'_>,
    ) -> rusqlite::Result<(i64, Found)> {
        let text = pair.source;
        let digest = pair.source_digest.unwrap_or_else(|| digest_of_text(text));
        let slot = slot_of(&mut self.units, locale);
        if let Some(&id) = self.units[slot].1.get(&digest) {
            return Ok((id, Found::Old));
        }
        let hash = unit_hash(digest);
        let existing = if self.complete { None } else { find_unit(inserts.memory, hash, locale, text)? };
        let (id, found) = match existing {
            Some(id) => (id, Found::Old),
            None => {
                self.units_new += 1;
                (inserts.unit.insert((locale, hash, text))?, Found::New)
            }
        };
        self.units[slot].1.insert(digest, id);
        Ok((id, found))
    }
}

/// The statements that new texts are written with.
pub(super) struct Inserts<'m> {
    memory: &'m Connection,
    unit: CachedStatement<'m>,
    variant: CachedStatement<'m>,
}

impl<'m> Inserts<'m> {
    pub fn new(memory: &'m Connection) -> rusqlite::Result<Inserts<'m>> {
        let unit = "insert into unit (locale_id, hash, text) values (?1, ?2, ?3)";
        let variant = "insert into variant (unit_id, locale_id, text) values (?1, ?2, ?3)";
        Ok(Inserts { memory, unit: memory.prepare_cached(unit)?, variant: memory.prepare_cached(variant)? })
    }
}

enum Found {
    New,
    Old,
}

fn find_unit(memory: &Connection, hash: i64, locale: i64, text: &str) -> rusqlite::Result<Option<i64>> {
    let sql = "select id from unit where hash = ?1 and locale_id = ?2 and text = ?3 order by id limit 1";
    first_id(memory.prepare_cached(sql)?, (hash, locale, text))
}

fn find_variant(memory: &Connection, unit: i64, locale: i64, text: &str) -> rusqlite::Result<Option<i64>> {
    let sql =
        "select id from variant where unit_id = ?1 and locale_id = ?2 and text = ?3 order by id limit 1";
    first_id(memory.prepare_cached(sql)?, (unit, locale, text))
}

fn first_id(
    mut statement: CachedStatement<'_>,
    parameters: (i64, i64, &str),
) -> rusqlite::Result<Option<i64>> {
    statement.query_row(parameters, |row| row.get(0)).optional()
}

fn slot_of<K: PartialEq>(maps: &mut Vec<(K, DigestMap)>, key: K) -> usize {
    match maps.iter().position(|(known, _)| *known == key) {
        Some(slot) => slot,
        None => {
            maps.push((key, DigestMap::default()));
            maps.len() - 1
        }
    }
}

type DigestMap = HashMap<Digest, i64, BuildHasherDefault<FirstBytes>>;

/// A digest is as good as random already.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        let mut first = [0; 8];
        let length = bytes.len().min(8);
        first[..length].copy_from_slice(&bytes[..length]);
        self.0 ^= u64::from_le_bytes(first);
    }

    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
