//! Interning of texts: returns the unit of a source text and the variant of a pair of texts, and adds new ones. So each text
//! is stored once.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash};

use rusqlite::{Connection, OptionalExtension};

use super::bulk::Bulk;
use crate::model::FirstBytes;

/// The first 16 bytes of BLAKE3. Collisions do not occur in practice, not even by intent.
type Digest = [u8; 16];

/// A source text and its translation, with digests that are computed on any thread beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The source text.
    pub source: &'a str,
    /// The target text.
    pub target: &'a str,
    /// See [`digest_of_pair`].
    pub digest: Digest,
    /// The digest of the source text ([`digest_of_text`]), if it was computed.
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

/// The value of `unit.hash` for a digest of the source text.
pub fn unit_hash(digest: Digest) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_le_bytes(first)
}

/// The hash of a text; the same bits as in `unit.hash`.
pub(super) fn text_hash(text: &str) -> u64 {
    unit_hash(digest_of_text(text)).cast_unsigned()
}

/// The digest of one text.
pub fn digest_of_text(text: &str) -> Digest {
    first_bytes(&blake3::hash(text.as_bytes()))
}

/// The prefix of the ids of segments that state none: five hexadecimal digits of a hash of the name of their document.
pub fn id_prefix(name: &str) -> String {
    blake3::hash(name.as_bytes()).to_hex()[..5].to_owned()
}

fn first_bytes(hash: &blake3::Hash) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(&hash.as_bytes()[..16]);
    digest
}

/// The ids of the locales of a pair of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct LocalePair {
    pub source: i64,
    pub target: i64,
}

/// A look-up compares a text with at most so many variants of its unit. Larger units are read into the cache.
const FEW_VARIANTS: usize = 32;

/// A cache of the ids of texts, with 16 bytes for each different text of the import.
#[derive(Default)]
pub(super) struct Interner {
    variants: Maps<LocalePair>,
    units: Maps<i64>,
    /// Units with more than [`FEW_VARIANTS`], all of which are in the cache.
    large_units: HashSet<(i64, LocalePair)>,
    /// Whether all texts of the memory are here, because it was empty at the start. Then a miss needs no look-up.
    complete: bool,
    /// The number of units added.
    pub units_new: u64,
}

impl Interner {
    pub fn new(memory_is_empty: bool) -> Self {
        Interner { complete: memory_is_empty, ..Interner::default() }
    }

    /// Clears the cache, because its ids may not be valid any more.
    pub fn invalidate(&mut self) {
        *self = Interner { units_new: self.units_new, ..Interner::default() };
    }

    /// The id of the variant of a pair of texts.
    pub fn variant<'t>(
        &mut self,
        new: &mut NewTexts<'_, 't>,
        locales: LocalePair,
        pair: Pair<'t>,
    ) -> rusqlite::Result<i64> {
        if let Some(id) = self.variants.of(locales).get(pair.digest) {
            return Ok(id);
        }
        let (unit, found) = self.unit(new, locales.source, pair)?;
        let existing = match found {
            Found::Old if !self.complete => self.find_variant(new.memory, unit, locales, pair)?,
            _ => None,
        };
        let id = match existing {
            Some(id) => id,
            None => new.variant(unit, locales.target, pair.target)?,
        };
        self.variants.of(locales).insert(pair.digest, id)?;
        Ok(id)
    }

    /// Looks up a variant of a unit in the memory. If the unit has many variants, the cache receives all of them, so that no
    /// further look-up compares texts. Else the import of the translations of one text would take quadratic time.
    fn find_variant(
        &mut self,
        memory: &Connection,
        unit: i64,
        locales: LocalePair,
        pair: Pair<'_>,
    ) -> rusqlite::Result<Option<i64>> {
        if self.large_units.contains(&(unit, locales)) {
            return Ok(None);
        }
        let sql = "select id, text from variant where unit_id = ?1 and locale_id = ?2 order by id";
        let mut statement = memory.prepare_cached(sql)?;
        let mut rows = statement.query((unit, locales.target))?;
        for _ in 0..FEW_VARIANTS {
            let Some(row) = rows.next()? else { return Ok(None) };
            if row.get_ref(1)?.as_str()? == pair.target {
                return row.get(0).map(Some);
            }
        }
        drop(rows);
        let known = self.variants.of(locales);
        let mut rows = statement.query((unit, locales.target))?;
        while let Some(row) = rows.next()? {
            let digest = digest_of_pair(pair.source, row.get_ref(1)?.as_str()?);
            // Of variants with the same text, the first counts.
            if known.get(digest).is_none() {
                known.insert(digest, row.get(0)?)?;
            }
        }
        self.large_units.insert((unit, locales));
        Ok(known.get(pair.digest))
    }

    fn unit<'t>(
        &mut self,
        new: &mut NewTexts<'_, 't>,
        locale: i64,
        pair: Pair<'t>,
    ) -> rusqlite::Result<(i64, Found)> {
        let text = pair.source;
        let digest = pair.source_digest.unwrap_or_else(|| digest_of_text(text));
        if let Some(id) = self.units.of(locale).get(digest) {
            return Ok((id, Found::Old));
        }
        let hash = unit_hash(digest);
        let existing = if self.complete { None } else { find_unit(new.memory, hash, locale, text)? };
        let (id, found) = match existing {
            Some(id) => (id, Found::Old),
            None => {
                self.units_new += 1;
                (new.unit(locale, hash, text)?, Found::New)
            }
        };
        self.units.of(locale).insert(digest, id)?;
        Ok((id, found))
    }
}

/// Buffers new units and variants. It assigns their ids, before they are inserted.
pub(super) struct NewTexts<'m, 't> {
    memory: &'m Connection,
    units: Bulk<'m, 't, 4>,
    variants: Bulk<'m, 't, 4>,
    /// The last ids in use.
    last_unit: i64,
    last_variant: i64,
}

impl<'m, 't> NewTexts<'m, 't> {
    /// An empty buffer. No other writer may add texts before [`finish`](NewTexts::finish).
    pub fn new(memory: &'m Connection) -> rusqlite::Result<Self> {
        let last = |table: &str| -> rusqlite::Result<i64> {
            let sql = "select seq from sqlite_sequence where name = ?1";
            let last = memory.prepare_cached(sql)?.query_row([table], |row| row.get(0)).optional()?;
            Ok(last.unwrap_or(0))
        };
        Ok(NewTexts {
            memory,
            units: Bulk::new(memory, "unit", ["id", "locale_id", "hash", "text"]),
            variants: Bulk::new(memory, "variant", ["id", "unit_id", "locale_id", "text"]),
            last_unit: last("unit")?,
            last_variant: last("variant")?,
        })
    }

    fn unit(&mut self, locale: i64, hash: i64, text: &'t str) -> rusqlite::Result<i64> {
        self.last_unit += 1;
        self.units.put([self.last_unit.into(), locale.into(), hash.into(), text.into()])?;
        Ok(self.last_unit)
    }

    fn variant(&mut self, unit: i64, locale: i64, text: &'t str) -> rusqlite::Result<i64> {
        self.last_variant += 1;
        self.variants.put([self.last_variant.into(), unit.into(), locale.into(), text.into()])?;
        Ok(self.last_variant)
    }

    /// Inserts the buffered rows.
    pub fn finish(mut self) -> rusqlite::Result<()> {
        self.units.finish()?;
        self.variants.finish()
    }
}

enum Found {
    New,
    Old,
}

fn find_unit(memory: &Connection, hash: i64, locale: i64, text: &str) -> rusqlite::Result<Option<i64>> {
    let sql = "select id from unit where hash = ?1 and locale_id = ?2 and text = ?3 order by id limit 1";
    memory.prepare_cached(sql)?.query_row((hash, locale, text), |row| row.get(0)).optional()
}

/// A map for each pair of locales, or for each locale. A real import has few, so the one of the last text is tried first.
struct Maps<K> {
    maps: Vec<DigestMap>,
    indexes: HashMap<K, usize>,
    last: Option<(K, usize)>,
}

impl<K> Default for Maps<K> {
    fn default() -> Self {
        Maps { maps: Vec::new(), indexes: HashMap::new(), last: None }
    }
}

impl<K: Copy + Eq + Hash> Maps<K> {
    fn of(&mut self, key: K) -> &mut DigestMap {
        let index = match self.last {
            Some((last, index)) if last == key => index,
            _ => *self.indexes.entry(key).or_insert_with(|| {
                self.maps.push(DigestMap::default());
                self.maps.len() - 1
            }),
        };
        self.last = Some((key, index));
        &mut self.maps[index]
    }
}

/// Ids by the first 12 bytes of a digest. Among 10⁹ texts, two share them with a probability of 1 in 10¹¹.
#[derive(Default)]
struct DigestMap(HashMap<[u8; 12], u32, BuildHasherDefault<FirstBytes>>);

impl DigestMap {
    fn key(digest: Digest) -> [u8; 12] {
        let mut key = [0; 12];
        key.copy_from_slice(&digest[..12]);
        key
    }

    fn get(&self, digest: Digest) -> Option<i64> {
        self.0.get(&DigestMap::key(digest)).map(|&id| id.into())
    }

    /// An error if the id has more than 32 bits, which the indexes cannot hold either.
    fn insert(&mut self, digest: Digest, id: i64) -> rusqlite::Result<()> {
        let small = u32::try_from(id).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, id))?;
        self.0.insert(DigestMap::key(digest), small);
        Ok(())
    }
}
