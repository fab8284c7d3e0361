//! A buffered reader that counts lines and limits the size of one XML event.

use std::io::{self, BufRead, Read};

use super::well_formed;

/// The size of the buffer.
const BUFFER: usize = 1 << 16;

/// A stream that knows its line number. Lines are counted on demand, in bulk: counting at each small read would take longer than
/// all other work.
pub struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// The bytes of the buffer that were consumed.
    consumed: usize,
    /// The bytes of these whose line breaks were counted, and the line after them.
    counted: usize,
    line: u64,
    /// The position in the buffer where the event began, or its line if the buffer has been refilled since.
    began: Result<usize, u64>,
    since: usize,
    most: usize,
    /// Whether the buffer, or any since the event began, may have characters that XML forbids.
    suspicious: bool,
    suspicious_event: bool,
}

impl<R> Lines<R> {
    /// Starts in line 1. An event is what is consumed between two calls of `start_event`; it has at most `most` bytes.
    pub fn new(input: R, most: usize) -> Self {
        Lines {
            input,
            buffer: Vec::new(),
            consumed: 0,
            counted: 0,
            line: 1,
            began: Ok(0),
            since: 0,
            most,
            suspicious: false,
            suspicious_event: false,
        }
    }

    /// The 1-based line of the next byte.
    pub fn line(&mut self) -> u64 {
        self.began = Err(self.event_line());
        self.count_to(self.consumed)
    }

    /// The 1-based line where the event began.
    pub fn event_line(&mut self) -> u64 {
        self.began.map_or_else(|line| line, |at| self.count_to(at))
    }

    /// The bytes of the event so far. `None` if it began in a part of the file that the buffer no longer has.
    pub fn event_bytes(&self) -> Option<&[u8]> {
        self.began.ok().map(|at| &self.buffer[at..self.consumed])
    }

    /// Starts the next event at the current position.
    pub fn start_event(&mut self) {
        self.since = 0;
        self.began = Ok(self.consumed);
        self.suspicious_event = self.suspicious;
    }

    /// Whether the event may have characters that XML forbids. `false` is certain.
    pub fn is_suspicious(&self) -> bool {
        self.suspicious_event
    }

    fn count_to(&mut self, to: usize) -> u64 {
        if to > self.counted {
            self.line += memchr::memchr_iter(b'\n', &self.buffer[self.counted..to]).count() as u64;
            self.counted = to;
        }
        self.line
    }
}

impl<R: Read> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > self.most {
            let reason = format!("more than {} MiB without an end", self.most >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        if self.consumed == self.buffer.len() {
            self.line();
            self.buffer.resize(BUFFER, 0);
            (self.consumed, self.counted) = (0, 0);
            let read = loop {
                match self.input.read(&mut self.buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => break read,
                }
            };
            self.buffer.truncate(*read.as_ref().unwrap_or(&0));
            read?;
            self.suspicious = well_formed::may_have_forbidden_characters(&self.buffer);
            self.suspicious_event |= self.suspicious;
        }
        Ok(&self.buffer[self.consumed..])
    }

    fn consume(&mut self, amount: usize) {
        self.since += amount;
        self.consumed = self.buffer.len().min(self.consumed + amount);
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_known_wherever_buffers_end() {
        let text = "ab\n\ncd\n".repeat(30_000);
        let mut lines = Lines::new(text.as_bytes(), usize::MAX);
        let (mut at, mut step) = (0, 1);
        while at < text.len() {
            let there = lines.fill_buf().unwrap().len();
            lines.start_event();
            let began = at;
            // Events cross the end of the buffer here.
            for amount in [step.min(there), 7] {
                let amount = amount.min(lines.fill_buf().unwrap().len());
                lines.consume(amount);
                at += amount;
            }
            let line = |at: usize| 1 + text[..at].matches('\n').count() as u64;
            if step % 3 == 0 {
                assert_eq!(lines.line(), line(at), "byte {at}");
            }
            if step % 2 == 0 {
                assert_eq!(lines.event_line(), line(began), "byte {began}");
            }
            step = step * 5 % 9973 + 1;
        }
        assert_eq!(lines.line(), 1 + 90_000);
    }
}
