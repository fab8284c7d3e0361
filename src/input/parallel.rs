//! Reads many documents on several threads.

use std::io;

use super::{DocumentSet, Entry};
use crate::parallel;

/// The number of documents in a part: sending a document to another thread takes longer than reading it.
const BATCH: usize = 16;

/// A buffer larger than this is not kept for the next document.
const LARGE_BUFFER: usize = 16 << 20;

/// Reads the `entries` of a set on `threads` threads, makes `work`'s result of each one's bytes, and passes the results to
/// `consume`, on the calling thread and in the order of the entries.
///
/// # Errors
/// The first error of `consume`; reading stops then.
pub fn read_in_order<'e, T, E>(
    set: &DocumentSet,
    entries: &[&'e Entry],
    threads: usize,
    work: impl Fn(&'e Entry, io::Result<&[u8]>) -> T + Sync,
    mut consume: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send,
{
    parallel::in_order(
        threads.min(entries.len().div_ceil(BATCH)),
        |worker| {
            let mut reader = set.reader();
            let mut bytes = Vec::new();
            let mut read = |entry: &&'e Entry| {
                let read = match &mut reader {
                    Ok(reader) => reader.read(entry, &mut bytes),
                    Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
                };
                let result = work(entry, read.map(|()| bytes.as_slice()));
                if bytes.capacity() > LARGE_BUFFER {
                    bytes = Vec::new();
                }
                result
            };
            worker.run(|batch: &[&'e Entry]| batch.iter().map(&mut read).collect::<Vec<T>>());
        },
        |pool| {
            for batch in entries.chunks(BATCH) {
                pool.send(batch).into_iter().flatten().try_for_each(&mut consume)?;
            }
            while let Some(results) = pool.receive() {
                results.into_iter().try_for_each(&mut consume)?;
            }
            Ok(())
        },
    )
}
