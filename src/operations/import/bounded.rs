//! The bytes of a file that is read unit by unit, within bounds.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::input::{Allowance, Limits};
use crate::model::strip_ending;

/// The bytes of a file, decompressed by its extension. `packed` is the length of the compressed bytes.
///
/// The file may have any length, because it is read unit by unit. Its bounds are the bytes of one unit, and how much a compressed
/// one unpacks to.
pub(super) fn unpacked<'f>(
    path: &str,
    packed_bytes: impl Read + Send + 'f,
    packed: u64,
    limits: &Limits,
) -> io::Result<Bounded<Box<dyn Read + Send + 'f>>> {
    let allowance = Some(limits.allowance(packed));
    let (bytes, allowance): (Box<dyn Read + Send + 'f>, _) = if strip_ending(path, ".gz").is_some() {
        (Box::new(MultiGzDecoder::new(packed_bytes)), allowance)
    } else if strip_ending(path, ".zst").is_some() {
        (Box::new(zstd::Decoder::new(packed_bytes)?), allowance)
    } else {
        (Box::new(packed_bytes), None)
    };
    Ok(Bounded { bytes, limits: *limits, allowance, read: 0, unit: UnitBytes::default() })
}

/// Reads a file until a unit is too large, or the whole.
pub(super) struct Bounded<R> {
    bytes: R,
    limits: Limits,
    allowance: Option<Allowance>,
    read: u64,
    unit: UnitBytes,
}

/// The bytes that were read since the last unit. The reader of units resets it, the reader of bytes counts.
#[derive(Clone, Default)]
pub(super) struct UnitBytes(Arc<AtomicU64>);

impl UnitBytes {
    /// A unit was read to its end.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl<R> Bounded<R> {
    pub fn unit_bytes(&self) -> UnitBytes {
        self.unit.clone()
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(bytes)?;
        self.read += read as u64;
        let unit = self.unit.0.fetch_add(read as u64, Ordering::Relaxed) + read as u64;
        if let Some(allowance) = self.allowance.filter(|allowance| self.read > allowance.bytes) {
            return Err(io::Error::other(allowance.exceeded(&self.limits)));
        }
        if unit > self.limits.document.0 {
            let most = self.limits.document;
            let reason = format!("a unit of more than {most}; --max-document SIZE reads larger ones");
            return Err(io::Error::other(reason));
        }
        Ok(read)
    }
}
