//! Reads many documents on several threads.

use std::io;

use super::{Content, DocumentSet, Entry, Limits, Reader};
use crate::parallel;

/// The number of documents in a part: sending a document to another thread takes longer than reading it.
const BATCH: usize = 16;
/// The same for versions of documents in a repository, which are read faster together.
const LARGEST_BATCH_OF_OBJECTS: usize = 128;
/// A larger part leaves at least so many parts for each thread.
const PARTS_OF_A_THREAD: usize = 32;

/// The bytes of all documents that are read ahead, with the parts whose results wait for their turn.
const BYTES_AHEAD: u64 = 96 << 20;

/// The result of a document, or a document that is too large to be read ahead.
enum Worked<'e, T> {
    Done(T),
    Large(&'e Entry),
}

/// Reads the `entries` of a set on `threads` threads, makes `work`'s result of each one's bytes, and passes the results to
/// `consume`, on the calling thread and in the order of the entries.
///
/// Memory: a part of the entries has a budget of bytes. A document that exceeds it is read when its turn has come, on the calling
/// thread and alone. So the documents in memory have 96 MiB together, and one more has any size up to the limit, whatever the
/// number of threads.
///
/// # Errors
/// The first error of `consume`; reading stops then.
pub fn read_in_order<'e, T, E>(
    set: &DocumentSet,
    entries: &[&'e Entry],
    threads: usize,
    work: impl Fn(&'e Entry, io::Result<&[u8]>) -> T + Sync,
    consume: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send,
{
    read_in_order_with(set, entries, threads, |run| run(&mut |entry, bytes| work(entry, bytes)), consume)
}

/// Makes a result of a document's bytes.
pub type Work<'w, 'e, T> = dyn FnMut(&'e Entry, io::Result<&[u8]>) -> T + 'w;

/// As [`read_in_order`], where each thread sets up what its work needs: `start` is called on each thread, and must pass the work to the
/// function that it receives, once.
///
/// # Errors
/// As [`read_in_order`].
pub fn read_in_order_with<'e, T, E>(
    set: &DocumentSet,
    entries: &[&'e Entry],
    threads: usize,
    start: impl Fn(&mut dyn FnMut(&mut Work<'_, 'e, T>)) + Sync,
    mut consume: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send,
{
    let threads = threads.min(entries.len().div_ceil(BATCH)).max(1);
    let largest = if set.commit.is_some() { LARGEST_BATCH_OF_OBJECTS } else { BATCH };
    let size = (entries.len() / (threads * PARTS_OF_A_THREAD)).clamp(BATCH, largest);
    let budget = BYTES_AHEAD / (threads * parallel::PARTS_PER_THREAD) as u64;
    let limits = set.limits;
    let limit = limits.document.0;
    let mut consume = |worked: Worked<'e, T>| match worked {
        Worked::Done(result) => consume(result),
        Worked::Large(entry) => {
            let mut result = None;
            start(&mut |work| {
                result = Some(work(entry, whole(read(&mut set.reader(), entry, limit), &limits)));
            });
            result.map_or(Ok(()), &mut consume)
        }
    };
    parallel::in_order(
        threads,
        |worker| {
            let mut reader = set.reader();
            let mut worker = Some(worker);
            start(&mut |work| {
                let Some(worker) = worker.take() else { return };
                worker.run(|batch: &[&'e Entry]| {
                    let mut left = budget;
                    if let Ok(reader) = &mut reader {
                        reader.prepare(batch, budget.min(limit));
                    }
                    let mut work_on = |entry: &&'e Entry| match read(&mut reader, entry, left.min(limit)) {
                        Ok(None) if left < limit => Worked::Large(entry),
                        read => {
                            let bytes = whole(read, &limits);
                            left -= bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                            Worked::Done(work(entry, bytes))
                        }
                    };
                    batch.iter().map(&mut work_on).collect::<Vec<Worked<'e, T>>>()
                });
            });
        },
        |pool| {
            for batch in entries.chunks(size) {
                pool.send(batch).into_iter().flatten().try_for_each(&mut consume)?;
            }
            while let Some(results) = pool.receive() {
                results.into_iter().try_for_each(&mut consume)?;
            }
            Ok(())
        },
    )
}

/// The bytes of a document, or the error that it exceeds the limit.
fn whole<'b>(bytes: io::Result<Option<&'b [u8]>>, limits: &Limits) -> io::Result<&'b [u8]> {
    bytes?.ok_or_else(|| io::Error::other(limits.too_large()))
}

/// Reads a document; `None` if it has more than `most` bytes.
fn read<'b>(
    reader: &'b mut io::Result<Box<dyn Reader + '_>>,
    entry: &Entry,
    most: u64,
) -> io::Result<Option<&'b [u8]>> {
    let reader = reader.as_mut().map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
    Ok(match reader.read(entry, most)? {
        Content::Whole(bytes) => Some(bytes),
        Content::Start(_) => None,
    })
}
