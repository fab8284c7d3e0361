//! An ordered worker pool: parts go in, results come out in the order of the parts, whichever thread is done first.
//!
//! Producer and consumer are the same thread, which drives the pool: it sends parts, and receives the oldest result when the
//! pool is full. So the number of parts in memory is bounded. Every thread that works on many things uses this pool.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Parts in the pool for each thread: one in work, and enough waiting that no thread idles while the driver does its own share.
pub const PARTS_PER_THREAD: usize = 3;

/// A part with the channel for its result.
type Task<P, R> = (P, SyncSender<R>);

/// The driver's end of the pool.
pub struct Pool<P, R> {
    tasks: Sender<Task<P, R>>,
    /// One receiver for each part that was sent, the oldest first: this queue is what keeps the order.
    pending: VecDeque<Receiver<R>>,
    capacity: usize,
}

/// A worker's end of the pool.
pub struct Worker<'p, P, R> {
    tasks: &'p Mutex<Receiver<Task<P, R>>>,
}

/// Values that threads pass back, to be used again: large buffers, whose allocation takes longer than the work on them.
pub struct Reused<T>(Mutex<Vec<T>>);

impl<T> Default for Reused<T> {
    fn default() -> Self {
        Reused(Mutex::default())
    }
}

impl<T> Reused<T> {
    /// One of them, as it was given.
    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps a value for the next one who takes it.
    pub fn give(&self, value: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(value);
    }
}

/// Starts `threads` workers (at least one), runs `drive` on the calling thread, and returns what it returns.
///
/// `work` runs once on each worker thread. It sets up what the thread needs, then calls [`Worker::run`]. A worker that panics
/// makes this function panic.
///
/// ```
/// let squares = bitext::parallel::in_order(
///     2,
///     |worker| worker.run(|number: u64| number * number),
///     |pool| {
///         let mut squares: Vec<u64> = (0..100).filter_map(|number| pool.send(number)).collect();
///         squares.extend(std::iter::from_fn(|| pool.receive()));
///         squares
///     },
/// );
/// assert!(squares.into_iter().eq((0..100).map(|number| number * number)));
/// ```
pub fn in_order<P: Send, R: Send, T>(
    threads: usize,
    work: impl Fn(Worker<'_, P, R>) + Sync,
    drive: impl FnOnce(&mut Pool<P, R>) -> T,
) -> T {
    let threads = threads.max(1);
    let (tasks, queue) = channel();
    let queue = Mutex::new(queue);
    std::thread::scope(|scope| {
        // Moved in here, so that the channel closes, and the workers end, however this block is left.
        let mut pool = Pool { tasks, pending: VecDeque::new(), capacity: threads * PARTS_PER_THREAD };
        for _ in 0..threads {
            let (work, worker) = (&work, Worker { tasks: &queue });
            scope.spawn(move || work(worker));
        }
        drive(&mut pool)
    })
}

impl<P, R> Pool<P, R> {
    /// Sends a part to the workers. If the pool is full, waits for the oldest result first, and returns it.
    pub fn send(&mut self, part: P) -> Option<R> {
        let oldest = if self.is_full() { self.receive() } else { None };
        let (result, receiver) = sync_channel(1);
        // An error means that all workers are gone: then `receive` panics.
        let _ = self.tasks.send((part, result));
        self.pending.push_back(receiver);
        oldest
    }

    /// Waits for the oldest result. `None` if all have been received.
    pub fn receive(&mut self) -> Option<R> {
        let oldest = self.pending.pop_front()?;
        Some(oldest.recv().expect("a worker ends before its part is done only if it panics"))
    }

    /// Whether the next [`send`](Pool::send) has to wait for a result.
    pub fn is_full(&self) -> bool {
        self.pending.len() >= self.capacity
    }
}

impl<P, R> Worker<'_, P, R> {
    /// Works on parts until there are no more, or until nobody receives the results.
    pub fn run(self, mut work: impl FnMut(P) -> R) {
        loop {
            // The lock is held only while receiving, which does not panic, so poisoning can be ignored.
            let task = self.tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((part, result)) = task else { return };
            if result.send(work(part)).is_err() {
                return;
            }
        }
    }
}

/// How many threads the machine runs at once.
pub fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_parts() {
        for threads in [0, 1, 2, 7] {
            let received = in_order(
                threads,
                |worker| {
                    worker.run(|part: u64| {
                        std::thread::sleep(Duration::from_micros(part * 7 % 50));
                        part
                    })
                },
                |pool| {
                    let mut received: Vec<u64> = (0..200).filter_map(|part| pool.send(part)).collect();
                    assert!(pool.is_full());
                    received.extend(std::iter::from_fn(|| pool.receive()));
                    assert!(pool.receive().is_none());
                    received
                },
            );
            assert!(received.into_iter().eq(0..200), "{threads} threads");
        }
    }

    #[test]
    fn a_driver_that_stops_early_stops_the_workers() {
        let first = in_order(
            2,
            |worker| worker.run(|part: u32| part),
            |pool| (0..100).find_map(|part| pool.send(part)),
        );
        assert_eq!(first, Some(0));
    }

    #[test]
    #[should_panic(expected = "only if it panics")]
    fn a_panic_in_a_worker_is_not_taken_for_the_end() {
        in_order(
            2,
            |worker| worker.run(|part: u32| assert_ne!(part, 3)),
            |pool| {
                for part in 0..5 {
                    pool.send(part);
                }
                while pool.receive().is_some() {}
            },
        );
    }
}
