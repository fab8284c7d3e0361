//! A Bloom filter (Bloom, 1970) of the n-grams of a block, with one hash function: a signature file (Faloutsos and
//! Christodoulakis, 1984). A search skips a block that lacks an n-gram of the phrase, without decompressing it.
//!
//! The n-grams are all runs of two and of three bytes, and at each space the eleven bytes around it. Nearly every block has all
//! short runs of a phrase of common words, but few blocks have its pairs of words.

/// A filter has at most so many bytes. A full block has about 20,000 different n-grams, which set a third of the bits.
const MOST_BYTES: usize = 8 << 10;
const FEWEST_BYTES: usize = 8;

/// The bytes on each side of a space that are in its n-gram.
const BESIDE_SPACE: usize = 5;

/// The hashes of the n-grams of a text that a block must have.
#[derive(Clone, Debug)]
pub(super) struct Grams(Vec<u64>);

impl Grams {
    pub(super) fn of(text: &[u8]) -> Grams {
        let mut hashes = Vec::new();
        for_each_gram(text, |hash| hashes.push(hash));
        Grams(hashes)
    }

    /// Whether a text in the block of this filter may have all of them.
    pub(super) fn may_be_in(&self, filter: &[u8]) -> bool {
        self.0.iter().all(|&hash| {
            let (byte, bit) = position(hash, filter.len());
            filter[byte] & bit != 0
        })
    }
}

/// The filter of texts. Its size is a power of two, about one bit for four bytes of text.
pub(super) fn build(texts: &[u8]) -> Vec<u8> {
    let size = (texts.len() / 32).next_power_of_two().clamp(FEWEST_BYTES, MOST_BYTES);
    let mut filter = vec![0; size];
    // This includes the few n-grams across two texts, which no phrase has.
    for_each_gram(texts, |hash| {
        let (byte, bit) = position(hash, size);
        filter[byte] |= bit;
    });
    filter
}

/// Whether a filter can have so many bytes.
pub(super) fn is_size(bytes: usize) -> bool {
    bytes.is_power_of_two() && (FEWEST_BYTES..=MOST_BYTES).contains(&bytes)
}

/// The byte and the bit of a hash in a filter of so many bytes: the highest bits of the hash, which are the best mixed.
fn position(hash: u64, bytes: usize) -> (usize, u8) {
    let number = hash >> (64 - 3 - bytes.trailing_zeros());
    ((number / 8) as usize, 1 << (number % 8))
}

fn for_each_gram(text: &[u8], mut visit: impl FnMut(u64)) {
    for run in text.windows(2) {
        visit(hash(number(run)));
    }
    for run in text.windows(3) {
        visit(hash(number(run)));
    }
    for space in memchr::memchr_iter(b' ', text) {
        let first = space.checked_sub(BESIDE_SPACE).and_then(|start| text[start..].first_chunk::<8>());
        let last = text[..text.len().min(space + BESIDE_SPACE + 1)].last_chunk::<8>();
        if let (Some(first), Some(last)) = (first, last)
            && space + BESIDE_SPACE < text.len()
        {
            visit(hash(hash(number(first)).rotate_left(32) ^ number(last)));
        }
    }
}

/// Up to eight bytes as a number. No folded text has a zero, so texts of different lengths are different numbers.
fn number(bytes: &[u8]) -> u64 {
    let mut padded = [0; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(padded)
}

/// Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4). It is part of the file format.
fn hash(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_word_and_a_rare_pair_of_words_are_not_in_a_block_of_common_ones() {
        let words = ["open", "the", "folder", "file", "with", "settings", "저장", "파일을", "여십시오"];
        let mut texts = String::new();
        for (first, second) in words.iter().flat_map(|first| words.map(|second| (first, second))) {
            // These two words are never beside each other.
            if (*first, second) != ("folder", "settings") {
                texts += &format!("{first} {second}\n");
            }
        }
        let filter = build(texts.repeat(100).as_bytes());
        assert!(is_size(filter.len()));
        for (phrase, expected) in [
            ("folder file", true),
            ("ettings op", true),
            ("e", true),
            ("zqxj", false),
            ("folder settings", false),
        ] {
            assert_eq!(Grams::of(phrase.as_bytes()).may_be_in(&filter), expected, "{phrase}");
        }
    }

    proptest::proptest! {
        #[test]
        fn each_part_of_a_text_passes_the_filter(
            texts in proptest::collection::vec("[a-c 저장é]{0,40}", 1..20),
            picked in 0..1000_usize,
            cut in (0..1000_usize, 0..1000_usize),
        ) {
            let text = texts[picked % texts.len()].as_bytes();
            let (a, b) = (cut.0 % (text.len() + 1), cut.1 % (text.len() + 1));
            let part = &text[a.min(b)..a.max(b)];
            let filter = build(texts.join("\n").as_bytes());
            proptest::prop_assert!(Grams::of(part).may_be_in(&filter));
        }
    }
}
