//! Streams what a thread writes to a client that may read slowly: through a temporary file.
//!
//! The writer holds a state of the memory, and others cannot end the memory's log meanwhile. So it never waits for the client: what the
//! client has not read yet is on the disk, in a file without a name, which the system removes with the process.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;

use crate::exchange::segments::OutputFile;

/// The number of bytes that are sent together.
const PART: usize = 64 << 10;

#[derive(Default)]
struct Progress {
    written: u64,
    end: End,
    /// Of the client's task, which waits for more.
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum End {
    #[default]
    NotYet,
    Complete,
    /// The writer failed, or was dropped.
    Failed,
    /// The client is gone.
    Abandoned,
}

/// The writing end.
pub(super) struct SpoolWriter {
    file: io::BufWriter<File>,
    progress: Arc<Mutex<Progress>>,
    unreported: u64,
}

/// The reading end: the bytes in order, or an error if the writer failed.
pub(super) struct SpoolReader {
    file: File,
    read: u64,
    progress: Arc<Mutex<Progress>>,
}

/// Makes both ends.
pub(super) fn spool() -> io::Result<(SpoolWriter, SpoolReader)> {
    let file = tempfile::NamedTempFile::new()?;
    // A second opening, because the two ends have positions of their own.
    let reader = file.reopen()?;
    let progress = Arc::new(Mutex::new(Progress::default()));
    let writer = SpoolWriter {
        file: io::BufWriter::with_capacity(PART, file.into_file()),
        progress: Arc::clone(&progress),
        unreported: 0,
    };
    Ok((writer, SpoolReader { file: reader, read: 0, progress }))
}

impl SpoolWriter {
    fn report(&mut self, end: End) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.written += std::mem::take(&mut self.unreported);
        if progress.end == End::NotYet {
            progress.end = end;
        }
        progress.waker.take().into_iter().for_each(Waker::wake);
    }

    fn flushed(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.progress.lock().unwrap_or_else(PoisonError::into_inner).end == End::Abandoned {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the client is gone"));
        }
        let written = self.file.write(bytes)?;
        self.unreported += written as u64;
        if self.unreported >= PART as u64 {
            self.flushed()?;
            self.report(End::NotYet);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushed()?;
        self.report(End::NotYet);
        Ok(())
    }
}

impl OutputFile for SpoolWriter {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.flushed()?;
        self.report(End::Complete);
        Ok(())
    }
}

impl Drop for SpoolWriter {
    fn drop(&mut self) {
        self.report(End::Failed);
    }
}

impl Stream for SpoolReader {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let (available, end) = {
            let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
            let available = progress.written - self.read;
            if available == 0 && progress.end == End::NotYet {
                progress.waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            (available, progress.end)
        };
        if available == 0 {
            return Poll::Ready(match end {
                End::Complete => None,
                _ => Some(Err(io::Error::other("the export could not be finished"))),
            });
        }
        // From the cache of the system: it was written a moment ago, or is read ahead.
        let mut part = vec![0; available.min(PART as u64) as usize];
        let at = self.read;
        let read = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.read_exact(&mut part));
        self.read += part.len() as u64;
        Poll::Ready(Some(read.map(|()| part.into())))
    }
}

impl Drop for SpoolReader {
    fn drop(&mut self) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if progress.end == End::NotYet {
            progress.end = End::Abandoned;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(reader: &mut SpoolReader) -> Poll<Option<io::Result<Bytes>>> {
        Pin::new(reader).poll_next(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_client_reads_what_was_written_and_then_the_end() {
        let (mut writer, mut reader) = spool().unwrap();
        assert!(next(&mut reader).is_pending());
        writer.write_all(b"one ").unwrap();
        writer.flush().unwrap();
        assert!(matches!(next(&mut reader), Poll::Ready(Some(Ok(bytes))) if bytes == "one "));
        assert!(next(&mut reader).is_pending());
        let long = vec![b'x'; 3 * PART];
        writer.write_all(&long).unwrap();
        Box::new(writer).finish().unwrap();
        let mut read = Vec::new();
        while let Poll::Ready(Some(bytes)) = next(&mut reader) {
            read.extend(bytes.unwrap());
        }
        assert_eq!(read, long);
        assert!(matches!(next(&mut reader), Poll::Ready(None)));
    }

    #[test]
    fn a_client_learns_that_the_end_is_missing_and_the_writer_that_nobody_reads() {
        let (mut writer, mut reader) = spool().unwrap();
        writer.write_all(b"half").unwrap();
        drop(writer);
        let parts: Vec<_> = std::iter::from_fn(|| match next(&mut reader) {
            Poll::Ready(part) => part,
            Poll::Pending => panic!("it waits for ever"),
        })
        .take(2)
        .collect();
        assert!(parts.iter().any(Result::is_err), "{parts:?}");
        let (mut writer, reader) = spool().unwrap();
        drop(reader);
        assert_eq!(writer.write(b"more").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
