//! The buffer of a reader.

use std::io::{self, Read};

/// The bytes of a document, or its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'b> {
    /// All bytes.
    Whole(&'b [u8]),
    /// The first bytes: the document has more than asked for.
    Start(&'b [u8]),
}

impl<'b> Content<'b> {
    /// At most the first `most` of these bytes.
    pub(super) fn first(bytes: &'b [u8], most: u64) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        match bytes.get(..most) {
            Some(start) if start.len() < bytes.len() => Content::Start(start),
            _ => Content::Whole(bytes),
        }
    }
}

/// A buffer for one document after another. Its bytes stay initialized, so a document is read with one call and its end with a second one.
/// `Read::read_to_end` would begin with a call for 8 KiB.
#[derive(Debug, Default)]
pub(super) struct Buffer(Vec<u8>);

/// The bytes of the first call: most documents are shorter.
const FIRST: usize = 64 << 10;

impl Buffer {
    /// Reads a source to its end, or to `most` bytes. The buffer grows as bytes arrive.
    pub fn read(&mut self, mut source: impl Read, most: u64) -> io::Result<Content<'_>> {
        let limit = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(1);
        let mut length = 0;
        while length < limit {
            if length == self.0.len() {
                self.0.resize(length.saturating_mul(2).clamp(FIRST, limit.max(FIRST)), 0);
            }
            let end = self.0.len().min(limit);
            match source.read(&mut self.0[length..end]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Content::first(&self.0[..length], most))
    }

    /// The first `length` bytes, to be written.
    pub fn space(&mut self, length: usize) -> &mut [u8] {
        if self.0.len() < length {
            self.0.resize(length, 0);
        }
        &mut self.0[..length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns one byte at a time, after an interruption.
    struct Slow<'a>(&'a [u8], bool);

    impl Read for Slow<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            (&mut self.0).take(1).read(bytes)
        }
    }

    #[test]
    fn the_buffer_grows_with_the_bytes_and_not_with_the_limit() {
        for length in [0, FIRST, 5 * FIRST] {
            let mut buffer = Buffer::default();
            buffer.read(io::repeat(b'x').take(length as u64), u64::MAX).unwrap();
            assert!(buffer.0.len() <= (2 * length).max(FIRST), "{} for {length}", buffer.0.len());
        }
        let mut buffer = Buffer::default();
        buffer.read(io::repeat(b'x'), 10 * FIRST as u64).unwrap();
        assert_eq!(buffer.0.len(), 10 * FIRST + 1);
    }

    #[test]
    fn a_source_is_read_to_its_end_or_to_the_limit() {
        let long: Vec<u8> = (0..3 * FIRST).map(|at| at as u8).collect();
        let mut buffer = Buffer::default();
        for length in [3 * FIRST, 0, 1, FIRST - 1, FIRST, FIRST + 1, 2 * FIRST, 2 * FIRST + 1] {
            let bytes = &long[..length];
            for most in [length, length + 1, 4 * FIRST] {
                assert_eq!(buffer.read(bytes, most as u64).unwrap(), Content::Whole(bytes), "{length}");
            }
            assert_eq!(buffer.read(bytes, u64::MAX).unwrap(), Content::Whole(bytes));
            for most in (0..length).step_by(FIRST / 2) {
                assert_eq!(buffer.read(bytes, most as u64).unwrap(), Content::Start(&long[..most]));
            }
        }
        assert!(buffer.0.len() <= 4 * FIRST, "{}", buffer.0.len());
        assert_eq!(buffer.read(Slow(b"abc", false), 3).unwrap(), Content::Whole(b"abc"));
        assert_eq!(buffer.read(Slow(b"abc", false), 2).unwrap(), Content::Start(b"ab"));
    }
}
