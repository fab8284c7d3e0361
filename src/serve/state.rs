//! What all requests share.

use std::fs;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{Mutex, Semaphore};

use super::ServePlan;
use super::failure::Failure;
use super::log_of;
use super::metrics::Metrics;
use super::pool::{Blocks, Pool};
use super::reader::Counts;

/// The most look-ups that wait for a thread.
const WAITING: usize = 512;
/// The number of threads for searches, counts and lists, and the most requests that wait for one.
const SLOW_THREADS: usize = 2;
const SLOW_WAITING: usize = 64;
/// The most exports at the same time. Each needs a thread, and disk for what its client has not read yet.
const EXPORTS: usize = 4;

/// What all requests share.
pub(super) struct State {
    pub plan: ServePlan,
    /// For look-ups.
    pub quick: Pool,
    /// For what can take longer than a look-up.
    pub slow: Pool,
    pub exports: Arc<Semaphore>,
    pub metrics: Metrics,
    /// Held while the memory is written to, or its log is ended.
    pub writing: Arc<Mutex<()>>,
    /// For the overview, which reads the whole memory: one thread, which counts again when the memory has changed.
    counting: Pool,
}

impl State {
    pub fn start(plan: ServePlan) -> io::Result<State> {
        let blocks = Blocks::default();
        let start = |threads, waiting| Pool::start(&plan.memory, blocks.clone(), threads, waiting);
        Ok(State {
            quick: start(plan.threads, WAITING)?,
            slow: start(SLOW_THREADS, SLOW_WAITING)?,
            counting: start(1, SLOW_WAITING)?,
            exports: Arc::new(Semaphore::new(EXPORTS)),
            metrics: Metrics::default(),
            writing: Arc::default(),
            plan,
        })
    }

    /// Prepares the threads for searches, in the background. Each is busy with it while the next one begins.
    pub fn warm_up(self: &Arc<State>) {
        for _ in 0..SLOW_THREADS {
            let state = Arc::clone(self);
            // A failure is that of the next search too, which reports it.
            tokio::spawn(async move { drop(state.slow.run(|reader| Ok(reader.memory.warm_up()?)).await) });
        }
    }

    /// The counts of the memory as it is now.
    pub async fn counts(&self) -> Result<Arc<Counts>, Failure> {
        self.counting.run(|reader| reader.counts()).await
    }

    /// Closes all connections to the memory that are idle or about to be, and calls `act`. `None` if one is not closed in time.
    pub fn while_closed<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let _writing = self.writing.blocking_lock();
        // Slow work first: it is not waited for, and look-ups go on meanwhile.
        let briefly = Duration::from_millis(50);
        self.counting
            .while_closed(briefly, || {
                self.slow.while_closed(briefly, || self.quick.while_closed(4 * briefly, act)).flatten()
            })
            .flatten()
    }

    /// Since when the memory has not changed, and the length of its file.
    pub fn age_and_bytes(&self) -> Option<(Duration, u64)> {
        let log = log_of(&self.plan.memory);
        let metadata = fs::metadata(&self.plan.memory).ok()?;
        let modified = |metadata: &fs::Metadata| metadata.modified().ok();
        let newest = fs::metadata(log).ok().and_then(|log| modified(&log)).max(modified(&metadata))?;
        Some((SystemTime::now().duration_since(newest).unwrap_or_default(), metadata.len()))
    }
}
