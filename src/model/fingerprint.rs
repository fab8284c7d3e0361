//! Sets and maps of numbers that are random already.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// A set of numbers that are the first 64 bits of a cryptographic hash.
pub type FingerprintSet = HashSet<u64, BuildHasherDefault<FirstBytes>>;

/// A hasher for digests and their parts: their first 8 bytes, which are random already.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirstBytes(u64);

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
