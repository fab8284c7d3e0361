//! Standard output. All commands write to it here, so a full disk, a closed pipe and a terminal are handled in one place.

use std::fmt;
use std::io::{self, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};

use super::terminal::escape_lines;
use crate::exchange::segments::OutputFile;
use crate::operations::OperationError;

/// Standard output. Its errors are [`StdoutError`]s, so that they can be told from errors of other files.
pub(super) struct Stdout(Box<dyn Write + Send>);

impl Stdout {
    /// For JSON and other text in which imported text is escaped already.
    pub fn plain() -> Stdout {
        Stdout(Box::new(stdout()))
    }

    /// For text with styles, which are removed where the reader does not show them. Imported text in it is escaped already.
    pub fn styled() -> Stdout {
        Stdout(Box::new(AutoStream::auto(stdout())))
    }

    /// For a format that holds imported text as it is. On a terminal the text is escaped; a file or a pipe receives its bytes.
    pub fn of_format() -> Stdout {
        match is_terminal() {
            true => Stdout(Box::new(Escaping { out: stdout(), partial: Vec::new() })),
            false => Stdout::plain(),
        }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(StdoutError::of)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(StdoutError::of)
    }
}

impl OutputFile for Stdout {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.flush()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that opens standard output")]
fn stdout() -> io::Stdout {
    io::stdout()
}

pub(super) fn is_terminal() -> bool {
    stdout().is_terminal()
}

/// Whether styles reach the reader.
pub(super) fn is_styled() -> bool {
    AutoStream::choice(&stdout()) != ColorChoice::Never
}

/// Standard output could not be written.
#[derive(Debug)]
pub(super) struct StdoutError(io::Error);

impl StdoutError {
    fn of(error: io::Error) -> io::Error {
        // The kind is kept: writers repeat a write that was interrupted.
        io::Error::new(error.kind(), StdoutError(error))
    }

    /// The error of standard output that made a command fail, if that was the reason.
    pub fn in_chain(error: &anyhow::Error) -> Option<&StdoutError> {
        error.chain().filter_map(as_io_error).find_map(|error| error.get_ref()?.downcast_ref())
    }
}

impl fmt::Display for StdoutError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "standard output cannot be written: {}", self.0)
    }
}

impl std::error::Error for StdoutError {}

/// Whether the reader of an output closed its pipe.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(as_io_error).any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn as_io_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a io::Error> {
    match cause.downcast_ref() {
        Some(OperationError::Output(error)) => Some(error),
        _ => cause.downcast_ref(),
    }
}

/// A terminal that receives a text format: its line feeds and tabs are kept, all other controls are escaped.
struct Escaping<W: Write> {
    out: W,
    /// The beginning of a character whose other bytes come with the next write.
    partial: Vec<u8>,
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.partial.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.partial) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.partial.len(),
        };
        let text = String::from_utf8_lossy(&self.partial[..whole]);
        self.out.write_all(escape_lines(&text).as_bytes())?;
        self.partial.drain(..whole);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_receives_escapes_also_of_a_character_that_is_cut_between_two_writes() {
        let text = "저\u{9b}2J\tb\u{1b}]0;x\u{7}\r\n\u{202e}\n";
        for size in 1..8 {
            let mut escaping = Escaping { out: Vec::new(), partial: Vec::new() };
            text.as_bytes().chunks(size).for_each(|part| escaping.write_all(part).unwrap());
            let shown = String::from_utf8(escaping.out).unwrap();
            assert_eq!(shown, "저\\u{9b}2J\tb\\u{1b}]0;x\\u{7}\\u{d}\n\\u{202e}\n", "{size}");
        }
    }
}
