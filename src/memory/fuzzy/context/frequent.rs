//! What a lookup caches of frequent texts: places, usage and answers. Knows nothing of SQL.

use std::collections::HashMap;
use std::rc::Rc;

use crate::memory::usage::PlaceRef;
use crate::model::Usage;

/// The capacity in places, of 8 bytes each. A full cache is cleared.
const CAPACITY: usize = 1 << 22;

/// The share of the capacity that an entry without places takes.
const ENTRY: usize = 32;

/// The digest of a text. Collisions do not occur in practice.
pub(super) type Digest = [u8; 16];

/// The document in the upper 32 bits, the position in the lower ones: sorted by document, then by position.
pub(super) type PackedPlace = u64;

/// A variant, and the number of the index that has the query's text: its role decides which texts are the neighbours.
pub(super) type TranslationKey = (i64, usize);

/// The translation, and the texts before and after; `None` if any text will do.
pub(super) type AnswerKey = (i64, usize, [Option<Digest>; 2]);

/// The number of the index, the target locale if it is one of source texts, and the text.
pub(super) type TextKey = (usize, i64, Digest);

/// An error if a number has more than 32 bits, which no memory reaches.
pub(super) fn packed((document, position): (i64, i64)) -> rusqlite::Result<PackedPlace> {
    let small =
        |number| u32::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, number));
    Ok(u64::from(small(document)?) << 32 | u64::from(small(position)?))
}

pub(super) fn unpacked(place: PackedPlace) -> (i64, i64) {
    (i64::from((place >> 32) as u32), i64::from(place as u32))
}

/// Those of the places that have one of the others at a distance of so many positions. Both lists are sorted.
pub(super) fn beside(places: &[PackedPlace], others: &[PackedPlace], distance: i64) -> Vec<PackedPlace> {
    let swapped = others.len() < places.len();
    let (small, mut large, distance) =
        if swapped { (others, places, -distance) } else { (places, others, distance) };
    let mut found = Vec::new();
    for &place in small {
        let sought = place.wrapping_add_signed(distance);
        large = &large[count_below(large, sought)..];
        if large.first() == Some(&sought) {
            found.push(if swapped { sought } else { place });
        }
    }
    found
}

/// The number of places below a bound, by galloping search: first in steps that double, then by halves.
fn count_below(places: &[PackedPlace], bound: PackedPlace) -> usize {
    let mut end = 1;
    while places.get(end - 1).is_some_and(|&place| place < bound) {
        end *= 2;
    }
    let start = end / 2;
    let end = end.min(places.len());
    start + places[start..end].partition_point(|&place| place < bound)
}

/// The places of a translation that pass the filter.
#[derive(Default)]
pub(in crate::memory::fuzzy) struct Translation {
    /// Those whose neighbours are the segments before and after, which the index has.
    pub places: Vec<PackedPlace>,
    /// The others, such as those in a TMX, with the texts beside them.
    pub stated: Stated,
}

/// Places with the texts beside them.
#[derive(Default)]
pub(in crate::memory::fuzzy) struct Stated {
    /// The number of each text, from 1.
    numbers: HashMap<Digest, u32>,
    /// The numbers of the texts before and after; 0 for none. Then document and position.
    rows: Vec<([u32; 2], (i64, i64))>,
}

impl Stated {
    pub fn add(&mut self, place: (i64, i64), neighbours: [Option<Digest>; 2]) {
        let numbers = neighbours.map(|digest| {
            let next = self.numbers.len() as u32 + 1;
            digest.map_or(0, |digest| *self.numbers.entry(digest).or_insert(next))
        });
        self.rows.push((numbers, place));
    }

    /// The places between two texts, in the order in which they were added.
    pub fn between(&self, neighbours: [Option<Digest>; 2]) -> impl Iterator<Item = (i64, i64)> {
        // `None` if no place has the text, and `Some(0)` if any text will do.
        let [before, after] =
            neighbours.map(|digest| digest.map_or(Some(0), |digest| self.numbers.get(&digest).copied()));
        let is = |wanted: Option<u32>, number: u32| wanted == Some(0) || wanted == Some(number);
        let are = move |row: &&([u32; 2], (i64, i64))| is(before, row.0[0]) && is(after, row.0[1]);
        self.rows.iter().filter(are).map(|row| row.1)
    }
}

/// The caches of a lookup. They are valid for one state of the memory and one filter.
#[derive(Default)]
pub(in crate::memory::fuzzy) struct FrequentTexts {
    usage: HashMap<Vec<i64>, Option<(Usage, PlaceRef)>>,
    translations: HashMap<TranslationKey, Rc<Translation>>,
    texts: HashMap<TextKey, Rc<[PackedPlace]>>,
    answers: HashMap<AnswerKey, Option<PlaceRef>>,
    /// The sum of all entries, in places.
    size: usize,
    /// Whether the memory has places whose neighbours must be read one by one, if it is known.
    pub has_stated: Option<bool>,
}

impl FrequentTexts {
    /// Clears a full cache, before an entry of so many places is added.
    fn reserve(&mut self, places: usize) {
        let size = places.saturating_add(ENTRY);
        if self.size.saturating_add(size) > CAPACITY {
            *self = FrequentTexts::default();
        }
        self.size = self.size.saturating_add(size);
    }

    /// The usage of the variants of a translation, if it is known.
    pub fn usage(&self, variants: &[i64]) -> Option<Option<(Usage, PlaceRef)>> {
        self.usage.get(variants).cloned()
    }

    pub fn keep_usage(&mut self, variants: &[i64], usage: Option<(Usage, PlaceRef)>) {
        self.reserve(variants.len());
        self.usage.insert(variants.to_vec(), usage);
    }

    pub fn has_translation(&self, key: &TranslationKey) -> bool {
        self.translations.contains_key(key)
    }

    pub fn translation(&self, key: &TranslationKey) -> Option<Rc<Translation>> {
        self.translations.get(key).cloned()
    }

    pub fn keep_translation(&mut self, key: TranslationKey, translation: &Rc<Translation>) {
        self.reserve(translation.places.len() + 8 * translation.stated.rows.len());
        self.translations.insert(key, Rc::clone(translation));
    }

    pub fn text(&self, key: &TextKey) -> Option<Rc<[PackedPlace]>> {
        self.texts.get(key).cloned()
    }

    pub fn keep_text(&mut self, key: TextKey, places: &Rc<[PackedPlace]>) {
        self.reserve(places.len());
        self.texts.insert(key, Rc::clone(places));
    }

    pub fn answer(&self, key: &AnswerKey) -> Option<Option<PlaceRef>> {
        self.answers.get(key).cloned()
    }

    pub fn keep_answer(&mut self, key: AnswerKey, answer: Option<PlaceRef>) {
        self.reserve(0);
        self.answers.insert(key, answer);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl FrequentTexts {
        /// Makes the cache full, so that the next entry clears it.
        pub(in crate::memory::fuzzy) fn fill(&mut self) {
            self.size = CAPACITY;
        }
    }

    #[test]
    fn a_place_survives_packing_and_one_of_more_than_32_bits_is_an_error() {
        for place in [(0, 0), (1, 0), (7, 9), (i64::from(u32::MAX), i64::from(u32::MAX))] {
            assert_eq!(unpacked(packed(place).unwrap()), place);
        }
        assert!(packed((1 << 32, 0)).is_err());
        assert!(packed((1, -1)).is_err());
    }

    #[test]
    fn the_ends_of_two_documents_are_no_neighbours() {
        let place = |document, position| packed((document, position)).unwrap();
        assert_eq!(beside(&[place(2, 0)], &[place(1, 0), place(1, 9)], -1), [0; 0]);
        assert_eq!(beside(&[place(1, 9)], &[place(2, 0), place(2, 10)], 1), [0; 0]);
        assert_eq!(beside(&[place(1, 9)], &[place(1, 8), place(1, 9)], -1), [place(1, 9)]);
    }

    proptest! {
        #[test]
        fn intersection_is_that_of_sets(
            places in prop::collection::btree_set(1_u64..300, 0..200),
            others in prop::collection::btree_set(1_u64..300, 0..20),
            distance in prop::sample::select(vec![-1_i64, 1]),
        ) {
            let list = |set: &std::collections::BTreeSet<u64>| set.iter().copied().collect::<Vec<_>>();
            for (places, others) in [(&places, &others), (&others, &places)] {
                let is_beside = |place: &u64| others.contains(&place.wrapping_add_signed(distance));
                let expected: Vec<u64> = places.iter().copied().filter(is_beside).collect();
                prop_assert_eq!(beside(&list(places), &list(others), distance), expected);
            }
        }
    }
}
