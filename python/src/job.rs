//! What a running operation and the thread that waits for it have in common. The operation never enters the interpreter: its caller may
//! hold the lock while it waits.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bitext::memory::{Memory, MemoryError};
use bitext::model::Problem;
use bitext::operations::{Report, Warning};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The most problems that are kept; further ones are counted.
const MOST: usize = 100_000;

/// The state of an operation.
#[derive(Clone, Default)]
pub struct Job(Arc<State>);

#[derive(Default)]
struct State {
    is_cancelled: AtomicBool,
    documents: AtomicU64,
    problems: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    /// Path, line and reason.
    kept: Vec<(String, Option<u32>, String)>,
    further: u64,
}

impl Job {
    /// Asks the operation to end.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it should end.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Relaxed)
    }

    /// Opens a memory whose reads end when the job is cancelled.
    ///
    /// # Errors
    /// As [`Memory::open`].
    pub fn open(&self, path: &Path) -> Result<Memory, MemoryError> {
        let (mut memory, job) = (Memory::open(path)?, self.clone());
        memory.cancel_when(move || job.is_cancelled())?;
        Ok(memory)
    }

    /// Adds a problem. A warning about a whole set has no path.
    pub fn add_problem(&self, path: &str, line: Option<u32>, reason: String) {
        let mut found = self.0.problems.lock().unwrap_or_else(PoisonError::into_inner);
        if found.kept.len() < MOST {
            found.kept.push((path.to_owned(), line, reason));
        } else {
            found.further += 1;
        }
    }

    /// The problems so far, as a list of dictionaries.
    pub fn problems<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let found = self.0.problems.lock().unwrap_or_else(PoisonError::into_inner);
        let dict = |path: &str, line: Option<u32>, reason: &str| {
            let dict = PyDict::new(py);
            dict.set_item("path", path)?;
            dict.set_item("line", line)?;
            dict.set_item("reason", reason)?;
            Ok(dict)
        };
        let mut list: Vec<_> = found
            .kept
            .iter()
            .map(|(path, line, reason)| dict(path, *line, reason))
            .collect::<PyResult<_>>()?;
        if found.further > 0 {
            list.push(dict("", None, &format!("{} further problems", found.further))?);
        }
        Ok(list)
    }
}

impl Report for Job {
    fn problem(&mut self, path: &str, problem: &Problem) {
        self.add_problem(path, problem.line, problem.reason.clone());
    }

    fn warning(&mut self, warning: &Warning) {
        self.add_problem("", None, warning.to_string());
    }

    fn document_done(&mut self, _: u64) {
        self.0.documents.fetch_add(1, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        Job::is_cancelled(self)
    }
}

/// How often progress is reported.
const INTERVAL: Duration = Duration::from_millis(100);

/// Watches a job from a thread of the interpreter: signals and progress.
pub struct Watch {
    pub job: Job,
    progress: Option<Py<PyAny>>,
    reported: Option<(u64, Instant)>,
}

impl Watch {
    /// `progress` is called with the number of documents that are done.
    pub fn new(job: &Job, progress: Option<Py<PyAny>>) -> Watch {
        Watch { job: job.clone(), progress, reported: None }
    }

    /// Lets the interpreter handle signals, and reports progress.
    ///
    /// # Errors
    /// What a handler or the callback raises. Then the job is cancelled.
    pub fn poll(&mut self, py: Python<'_>) -> PyResult<()> {
        let is_due = self.reported.is_none_or(|(_, at)| at.elapsed() >= INTERVAL);
        let reported = py.check_signals().and_then(|()| if is_due { self.report(py) } else { Ok(()) });
        reported.inspect_err(|_| self.job.cancel())
    }

    /// Reports the number of documents, if it has changed.
    pub fn report(&mut self, py: Python<'_>) -> PyResult<()> {
        let documents = self.job.0.documents.load(Ordering::Relaxed);
        if let Some(progress) = &self.progress
            && self.reported.is_none_or(|(reported, _)| reported != documents)
        {
            self.reported = Some((documents, Instant::now()));
            progress.call1(py, (documents,))?;
        }
        Ok(())
    }
}
