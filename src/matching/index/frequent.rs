//! Which of the frequent elements of a generation each text of a container has. A file format, as the block.
//!
//! The frequent elements are the last in the order, so most texts have them beyond their prefixes, in no list. A bit for each of 32
//! tells whether a text has it: a bitmap index (O'Neil and Quass, "Improved Query Performance with Variant Indexes", 1997), stored row
//! by row, because few texts of a container are candidates. Four bytes a text, little-endian, in the order of places.

/// The bytes are not those of so many texts.
#[derive(Debug, thiserror::Error)]
#[error("the bits of frequent tokens in the index are damaged")]
pub struct BitsError;

/// The bits of the texts of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrequentBits(Vec<u32>);

impl FrequentBits {
    /// The bits of texts, in the order of their places.
    pub(super) fn new(bits: Vec<u32>) -> FrequentBits {
        FrequentBits(bits)
    }

    /// The bits of `texts` texts with the bytes of [`FrequentBits::to_bytes`].
    ///
    /// # Errors
    /// If they are not of so many texts.
    pub fn from_bytes(texts: usize, bytes: &[u8]) -> Result<FrequentBits, BitsError> {
        let (bits, rest) = bytes.as_chunks();
        match rest.is_empty() && bits.len() == texts {
            true => Ok(FrequentBits(bits.iter().map(|&bits| u32::from_le_bytes(bits)).collect())),
            false => Err(BitsError),
        }
    }

    /// The format of the module's documentation.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|bits| bits.to_le_bytes()).collect()
    }

    pub(super) fn as_slice(&self) -> &[u32] {
        &self.0
    }
}

/// How many bits two numbers have, each.
pub(super) fn count_bits(one: u32, other: u32) -> (usize, usize) {
    // Both at once, because the processors that this program is built for need not have an instruction for it.
    let bits = u64::from(one) | u64::from(other) << 32;
    let pairs = bits - (bits >> 1 & 0x5555_5555_5555_5555);
    let fours = (pairs & 0x3333_3333_3333_3333) + (pairs >> 2 & 0x3333_3333_3333_3333);
    let bytes = (fours + (fours >> 4)) & 0x0f0f_0f0f_0f0f_0f0f;
    let sum = |bytes: u32| (bytes.wrapping_mul(0x0101_0101) >> 24) as usize;
    (sum(bytes as u32), sum((bytes >> 32) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted() {
        for (one, other) in [(0, u32::MAX), (u32::MAX, 0), (0x8000_0001, 0x1234_5678), (7, 0xffff)] {
            let counts = (one.count_ones() as usize, other.count_ones() as usize);
            assert_eq!(count_bits(one, other), counts);
        }
    }

    #[test]
    fn bits_come_back_from_their_bytes() {
        let bits = FrequentBits::new(vec![1, u32::MAX, 0]);
        assert_eq!(FrequentBits::from_bytes(3, &bits.to_bytes()).unwrap(), bits);
        assert!(FrequentBits::from_bytes(2, &bits.to_bytes()).is_err());
        assert!(FrequentBits::from_bytes(3, &bits.to_bytes()[1..]).is_err());
    }
}
