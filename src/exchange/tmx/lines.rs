//! Counts the lines that a reader has taken, and stops one that takes too much at once.

use std::io::{self, BufRead, Read};

/// A stream that knows which line it is in.
pub struct Lines<R> {
    input: R,
    line: u64,
    since: usize,
    most: usize,
}

impl<R> Lines<R> {
    /// Starts in line 1. An event, which is what is taken between two calls of `start_event`, has at most `most` bytes.
    pub fn new(input: R, most: usize) -> Self {
        Lines { input, line: 1, since: 0, most }
    }

    /// The 1-based line of the next byte.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Says that what was taken so far has been dealt with.
    pub fn start_event(&mut self) {
        self.since = 0;
    }
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > self.most {
            let reason = format!("more than {} MiB without an end", self.most >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed was filled before, so this reads nothing.
        if let Ok(buffer) = self.input.fill_buf() {
            let taken = &buffer[..amount.min(buffer.len())];
            self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
        }
        self.since += amount;
        self.input.consume(amount);
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}
