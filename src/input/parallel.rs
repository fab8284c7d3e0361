//! Many documents read on many threads, their results in order.

use std::io;
use std::sync::mpsc::sync_channel;

use super::{DocumentSet, Entry};

/// Documents that go from thread to thread at once: handing over each one alone costs more than reading it.
const BATCH: usize = 16;

/// Batches that may wait for their turn, per thread. Bounds what a fast reader holds while a slow consumer works.
const AHEAD: usize = 3;

/// Reads the `entries` of a set on `threads` threads, makes `work`'s result of each one's bytes, and hands the results to
/// `consume`, on the calling thread and in the order of the entries.
///
/// # Errors
/// The first that `consume` gives; reading stops then.
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
    let batches = entries.len().div_ceil(BATCH);
    let threads = threads.clamp(1, batches.max(1));
    let work = &work;
    std::thread::scope(|scope| {
        // Thread k reads each batch whose position is k modulo the number of threads, so taking turns gives the order.
        let lanes: Vec<_> = (0..threads)
            .map(|lane| {
                let (send, receive) = sync_channel(AHEAD);
                scope.spawn(move || {
                    let mut reader = set.reader();
                    let mut bytes = Vec::new();
                    for batch in entries.chunks(BATCH).skip(lane).step_by(threads) {
                        let results = batch.iter().map(|entry| {
                            let read = match &mut reader {
                                Ok(reader) => reader.read(entry, &mut bytes),
                                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
                            };
                            let result = work(entry, read.map(|()| bytes.as_slice()));
                            // One document of a hundred megabytes must not cost that much for all the rest.
                            if bytes.capacity() > 16 << 20 {
                                bytes = Vec::new();
                            }
                            result
                        });
                        if send.send(results.collect::<Vec<T>>()).is_err() {
                            return;
                        }
                    }
                });
                receive
            })
            .collect();
        for position in 0..batches {
            // A lane ends early only when its thread panicked; the scope passes that on.
            let Ok(results) = lanes[position % threads].recv() else { break };
            results.into_iter().try_for_each(&mut consume)?;
        }
        Ok(())
    })
}

/// How many threads the machine has for this.
pub fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
