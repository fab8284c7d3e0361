//! Work in parts on several threads, whose results are kept in the order of the parts.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Parts that may be under way for each thread, so that one that is slow does not let the others fill the memory.
const AHEAD: usize = 2;

/// The parts, and how far they have come.
struct Line<P> {
    queue: Mutex<Queue<P>>,
    moved: Condvar,
    ahead: usize,
}

struct Queue<P> {
    parts: P,
    /// How many parts were given out, and how many were kept.
    given: usize,
    kept: usize,
    stopped: bool,
}

impl<P> Line<P> {
    fn queue(&self) -> MutexGuard<'_, Queue<P>> {
        // Nobody panics with the lock held; if somebody did, the queue would be as good as before.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        self.queue().stopped = true;
        self.moved.notify_all();
    }
}

/// What became of a part: its number, what was made of it, and whether that is the last of it; or why nothing was.
type Outcome<M, E> = Result<(usize, M, bool), E>;

/// The end of the line at which a thread works.
pub(super) struct Worker<'l, P, M, E> {
    line: &'l Line<P>,
    outcomes: SyncSender<Outcome<M, E>>,
}

impl<P: Iterator, M, E> Worker<'_, P, M, E> {
    /// The next part, with its number; `None` where there is no more to do.
    pub fn next(&self) -> Option<(usize, P::Item)> {
        let mut queue = self.line.queue();
        loop {
            if queue.stopped {
                return None;
            }
            if queue.given < queue.kept + self.line.ahead {
                let part = queue.parts.next()?;
                queue.given += 1;
                return Some((queue.given - 1, part));
            }
            queue = self.line.moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Gives what was made of a part. Where nobody wants it any more, no next part comes either.
    pub fn done(&self, number: usize, made: M) {
        let _ = self.outcomes.send(Ok((number, made, true)));
    }

    /// Gives a piece of what is made of a part, where all of it at once would take too much room. Waits for the part's turn.
    pub fn piece(&self, number: usize, made: M) {
        let mut queue = self.line.queue();
        while queue.kept < number && !queue.stopped {
            queue = self.line.moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        drop(queue);
        let _ = self.outcomes.send(Ok((number, made, false)));
    }

    /// Ends all the work for this reason.
    pub fn fail(&self, error: E) {
        let _ = self.outcomes.send(Err(error));
    }
}

impl<P, M, E> Clone for Worker<'_, P, M, E> {
    fn clone(&self) -> Self {
        Worker { line: self.line, outcomes: self.outcomes.clone() }
    }
}

impl<P, M, E> Drop for Worker<'_, P, M, E> {
    fn drop(&mut self) {
        // The others would wait for its part for ever.
        if std::thread::panicking() {
            self.line.stop();
        }
    }
}

/// Lets `work` go through the parts, on as many threads as it likes, while another one gives what is made of them to `keep`.
///
/// # Errors
/// The first that comes from either.
pub(super) fn work_in_line<P: Iterator + Send, M: Send, E: Send>(
    threads: usize,
    parts: P,
    keep: impl FnMut(M) -> Result<(), E> + Send,
    work: impl FnOnce(Worker<'_, P, M, E>),
) -> Result<(), E> {
    let queue = Mutex::new(Queue { parts, given: 0, kept: 0, stopped: false });
    let line = Line { queue, moved: Condvar::new(), ahead: AHEAD * threads };
    let (outcomes, made) = sync_channel(threads);
    std::thread::scope(|scope| {
        let keeper = scope.spawn(|| keep_in_order(&line, made, keep));
        work(Worker { line: &line, outcomes });
        keeper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn keep_in_order<P, M, E>(
    line: &Line<P>,
    made: Receiver<Outcome<M, E>>,
    mut keep: impl FnMut(M) -> Result<(), E>,
) -> Result<(), E> {
    struct Stop<'l, P>(&'l Line<P>);
    impl<P> Drop for Stop<'_, P> {
        fn drop(&mut self) {
            self.0.stop();
        }
    }
    // However this ends, nobody waits for it afterwards.
    let _stop = Stop(line);
    let mut early = BTreeMap::new();
    let mut kept = 0;
    for outcome in made {
        let (number, made, is_last) = outcome?;
        if !is_last {
            // It is its turn.
            keep(made)?;
            continue;
        }
        early.insert(number, made);
        while let Some(made) = early.remove(&kept) {
            keep(made)?;
            kept += 1;
            line.queue().kept = kept;
            line.moved.notify_all();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Squares on so many threads, which find the error at a part where one is.
    fn squares(
        threads: usize,
        parts: u32,
        wrong: Option<u32>,
        refused: Option<u32>,
    ) -> (Vec<u32>, Result<(), String>) {
        let mut kept = Vec::new();
        let keep = |square: u32| {
            if Some(square) == refused {
                return Err("refused".to_string());
            }
            kept.push(square);
            Ok(())
        };
        let ended = work_in_line(threads, 0..parts, keep, |worker| {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    let worker = worker.clone();
                    scope.spawn(move || {
                        while let Some((number, part)) = worker.next() {
                            if Some(part) == wrong {
                                return worker.fail("wrong".to_string());
                            }
                            if part % 7 == 0 {
                                std::thread::yield_now();
                            }
                            // Before some squares, what is no square, in two pieces.
                            if part % 50 == 3 {
                                worker.piece(number, 2);
                                worker.piece(number, 3);
                            }
                            worker.done(number, part * part);
                        }
                    });
                }
            });
        });
        (kept, ended)
    }

    #[test]
    fn what_is_made_is_kept_in_order() {
        for threads in 1..5 {
            let (kept, ended) = squares(threads, 500, None, None);
            assert_eq!(ended, Ok(()));
            let pieces = |part: u32| if part % 50 == 3 { vec![2, 3, part * part] } else { vec![part * part] };
            assert_eq!(kept, (0..500).flat_map(pieces).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn an_error_ends_all_of_it() {
        for threads in 1..5 {
            let (kept, ended) = squares(threads, 500, Some(200), None);
            assert_eq!(ended, Err("wrong".to_string()));
            assert!(kept.len() <= 200 + 8);
            let (kept, ended) = squares(threads, 500, None, Some(100));
            assert_eq!(ended, Err("refused".to_string()));
            assert_eq!(kept.len(), 10 + 2);
        }
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_leaves_nobody_waiting() {
        let _ = work_in_line(
            2,
            0..,
            |_: u32| Ok::<(), ()>(()),
            |worker| {
                std::thread::scope(|scope| {
                    for _ in 0..2 {
                        let worker = worker.clone();
                        scope.spawn(move || {
                            while let Some((number, part)) = worker.next() {
                                assert_ne!(part, 3);
                                worker.done(number, part);
                            }
                        });
                    }
                });
            },
        );
    }
}
