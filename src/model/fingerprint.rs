//! Sets of 64-bit fingerprints.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// A set of numbers that are the first 64 bits of a cryptographic hash. They are random already, so they are not hashed again.
pub type FingerprintSet = HashSet<u64, BuildHasherDefault<Identity>>;

/// Returns the number itself as its hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity(u64);

impl Hasher for Identity {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
