//! Bounds on what is read, so that no input fills the memory or the disk.

use crate::model::Size;

/// Bounds on what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest document, which is read into memory whole. Larger ones are reported as problems.
    pub document: Size,
    /// The most that one compressed archive may unpack to: in a zip, its documents; else the whole archive.
    pub unpacked: Size,
}

impl Default for Limits {
    /// Far more than people write, and less than the memory and the disk of a small machine.
    fn default() -> Self {
        Limits { document: Size(256 << 20), unpacked: Size(4 << 30) }
    }
}

/// The largest ratio of unpacked to packed size. Documents that repeat each other compress to a fiftieth. gzip itself has no
/// ratio above 1,032, Zstandard has none at all.
const MOST_GROWN: u64 = 200;
/// An archive of any size may unpack to this.
const ALWAYS_ALLOWED: Size = Size(1 << 30);

/// How much may be unpacked from a compressed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The bytes.
    pub bytes: u64,
    packed: u64,
}

impl Limits {
    /// How much may be unpacked from a file of this size.
    pub fn allowance(&self, packed: u64) -> Allowance {
        let most = packed.saturating_mul(MOST_GROWN).max(ALWAYS_ALLOWED.0);
        Allowance { bytes: self.unpacked.0.min(most), packed }
    }

    /// The reason why a document was not read.
    pub(super) fn too_large(&self) -> String {
        format!(
            "larger than {}; --max-document SIZE reads larger ones; the document was left out",
            self.document
        )
    }
}

impl Allowance {
    /// The reason why a file was not unpacked.
    pub fn exceeded(&self, limits: &Limits) -> String {
        match self.bytes == limits.unpacked.0 {
            true => format!("it unpacks to more than {}; --max-unpacked SIZE unpacks more", limits.unpacked),
            false => format!(
                "it unpacks to more than {}, over {MOST_GROWN} times its {}; if that is right, unpack it first",
                Size(self.bytes >> 20 << 20),
                Size(self.packed)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_may_grow_more_than_a_large_one_and_none_beyond_the_limit() {
        let limits = Limits::default();
        for (packed, bytes, reason) in [
            (1 << 10, 1 << 30, "more than 1 GiB, over 200 times its 1 KiB"),
            (10 << 20, 200 * (10 << 20), "over 200 times its 10 MiB"),
            (1 << 30, 4 << 30, "more than 4 GiB; --max-unpacked SIZE"),
        ] {
            let allowance = limits.allowance(packed);
            assert_eq!(allowance.bytes, bytes);
            let shown = allowance.exceeded(&limits);
            assert!(shown.contains(reason), "{shown}");
        }
    }
}
