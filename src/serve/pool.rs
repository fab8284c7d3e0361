//! A bounded pool of threads that read the memory, each with a connection of its own.
//!
//! A thread opens the memory for its first job, and again when the file at its path is another one, or could not be read. Jobs
//! wait in a queue of bounded length; a job whose client is gone is not begun.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::oneshot;

use super::failure::Failure;
use super::file_id::FileId;
use super::reader::Reader;
use crate::memory::{BlockCache, Memory, MemoryError, TextBlockCache};

/// The size of the page cache of a connection, in KiB.
const PAGE_CACHE: u32 = 8 << 10;

/// Work that a thread does with a reader, or with the reason why there is none. It runs again if the memory failed.
type Job = Box<dyn FnMut(Result<&mut Reader<'_>, MemoryError>) -> JobEnd + Send>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JobEnd {
    Done,
    /// The memory could not be read: again, on a new connection.
    Again,
}

/// The pool. When it is dropped, its threads do the jobs that wait, and end.
pub(super) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    path: PathBuf,
    blocks: Blocks,
    state: Mutex<State>,
    /// Something of the state has changed.
    changed: Condvar,
    /// The most jobs that wait.
    capacity: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// The number of open connections.
    open: usize,
    /// Whether connections are to be closed, and not to be opened.
    is_paused: bool,
    is_ending: bool,
}

/// What is kept of the indexes, for all threads. Another file has other indexes.
#[derive(Clone, Default)]
pub(super) struct Blocks(Arc<Mutex<Option<(FileId, Caches)>>>);

#[derive(Clone, Default)]
struct Caches {
    fuzzy: BlockCache,
    concordance: TextBlockCache,
}

impl Blocks {
    fn of(&self, id: &FileId) -> Caches {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((file, blocks)) if file == id => blocks.clone(),
            _ => known.insert((id.clone(), Caches::default())).1.clone(),
        }
    }
}

impl Pool {
    /// Starts so many threads, for at most `capacity` jobs that wait.
    pub fn start(path: &Path, blocks: Blocks, threads: usize, capacity: usize) -> std::io::Result<Pool> {
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            blocks,
            state: Mutex::default(),
            changed: Condvar::new(),
            capacity,
        });
        let start = |_| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name("reader".to_owned()).spawn(move || shared.work())
        };
        let threads = (0..threads).map(start).collect::<Result<_, _>>()?;
        Ok(Pool { shared, threads })
    }

    /// Does some work with a reader, on a thread of the pool.
    pub async fn run<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Reader<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (sender, receiver) = oneshot::channel();
        let mut sender = Some(sender);
        let mut is_first = true;
        let job = move |reader: Result<&mut Reader<'_>, MemoryError>| {
            if sender.as_ref().is_none_or(oneshot::Sender::is_closed) {
                return JobEnd::Done;
            }
            let result = match reader {
                Ok(reader) => match work(reader) {
                    Err(failure) if failure.is_of_memory && std::mem::take(&mut is_first) => {
                        return JobEnd::Again;
                    }
                    result => result,
                },
                Err(error) => Err(error.into()),
            };
            // A client that is gone needs no answer.
            if let Some(sender) = sender.take() {
                drop(sender.send(result));
            }
            JobEnd::Done
        };
        self.shared.push(Box::new(job))?;
        // After a panic there is no answer.
        receiver.await.unwrap_or_else(|_| Err(Failure::internal()))
    }

    /// Closes all connections, calls `act`, and lets the threads go on. `None` if a job has not ended within `patience`.
    pub fn while_closed<T>(&self, patience: Duration, act: impl FnOnce() -> T) -> Option<T> {
        let until = Instant::now() + patience;
        let mut state = self.shared.lock();
        state.is_paused = true;
        self.shared.changed.notify_all();
        while state.open > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let is_closed = state.open == 0;
        drop(state);
        let result = is_closed.then(act);
        self.shared.lock().is_paused = false;
        self.shared.changed.notify_all();
        result
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().is_ending = true;
        self.shared.changed.notify_all();
        // A thread that panicked has said so.
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

/// When the file was written last, and which version of it a connection has seen.
///
/// SQLite takes pages that it has read for those of the file if a counter in the file is the same. In a copy that is put back over the file,
/// and then written to, it can be.
struct FileState {
    modified: Option<SystemTime>,
    version: Option<i64>,
}

impl FileState {
    fn of(memory: &Memory) -> FileState {
        // The time first: a change after it is found the next time.
        let modified = modified(memory.path());
        FileState { modified, version: memory.data_version().ok() }
    }

    /// Whether the file was written to, and SQLite has not found a change.
    fn was_overwritten(&mut self, memory: &Memory) -> bool {
        if modified(memory.path()) == self.modified {
            return false;
        }
        let before = std::mem::replace(self, FileState::of(memory));
        before.version == self.version
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// What a thread with an open connection is to do.
enum Next {
    Job(Job),
    /// Close the connection.
    Close,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) -> Result<(), Failure> {
        let mut state = self.lock();
        if state.jobs.len() >= self.capacity {
            return Err(Failure::busy());
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The work of a thread, until the pool ends.
    fn work(&self) {
        let mut waiting = None;
        while let Some(job) = waiting.take().or_else(|| self.first_job()) {
            waiting = self.work_with_connection(job);
            let mut state = self.lock();
            state.open -= 1;
            drop(state);
            self.changed.notify_all();
            if waiting.is_some() {
                // It counts as open again, once the connections may be opened.
                self.wait_to_open();
            }
        }
    }

    /// The next job, for a thread without a connection. Its connection counts as open from here on. `None` at the end.
    fn first_job(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if !state.is_paused
                && let Some(job) = state.jobs.pop_front()
            {
                state.open += 1;
                return Some(job);
            }
            if state.is_ending && state.jobs.is_empty() {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn wait_to_open(&self) {
        let mut state = self.lock();
        while state.is_paused {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.open += 1;
    }

    fn next(&self) -> Next {
        let mut state = self.lock();
        loop {
            if state.is_paused {
                return Next::Close;
            }
            if let Some(job) = state.jobs.pop_front() {
                return Next::Job(job);
            }
            if state.is_ending {
                return Next::Close;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Opens the memory and does jobs, until the connection is to be closed. Returns a job that needs a new one.
    fn work_with_connection(&self, mut job: Job) -> Option<Job> {
        let id = FileId::of(&self.path);
        let opened =
            Memory::open(&self.path).and_then(|memory| memory.limit_cache(PAGE_CACHE).map(|()| memory));
        let mut memory = match opened {
            Ok(memory) => memory,
            Err(error) => {
                job(Err(error));
                return None;
            }
        };
        let caches = id.as_ref().map_or_else(Caches::default, |id| self.blocks.of(id));
        memory.share_text_blocks(caches.concordance);
        let mut reader = Reader::new(&memory, caches.fuzzy);
        let mut state = FileState::of(&memory);
        loop {
            if FileId::of(&self.path) != id || state.was_overwritten(&memory) {
                return Some(job);
            }
            match catch_unwind(AssertUnwindSafe(|| job(Ok(&mut reader)))) {
                Ok(JobEnd::Done) => {}
                Ok(JobEnd::Again) => return Some(job),
                // The panic has been printed, and the client receives an error. The connection may be in any state.
                Err(_) => return None,
            }
            match self.next() {
                Next::Job(next) => job = next,
                Next::Close => return None,
            }
        }
    }
}
