//! Runs an operation without the interpreter's lock, so that Ctrl-C can end it.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use pyo3::prelude::*;

use crate::errors::Failure;
use crate::job::Watch;

/// How often the interpreter is asked for signals. A result is returned at once.
pub const POLL: Duration = Duration::from_millis(50);

/// Runs `work` on a thread of its own, and waits for it. After a signal whose handler raises, the job is cancelled, and the exception is
/// raised when the work has ended.
///
/// # Errors
/// The failure of the work, or what a signal handler or the callback for progress raised.
pub fn run<T: Send>(
    py: Python<'_>,
    mut watch: Watch,
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> PyResult<T> {
    std::thread::scope(|scope| {
        let (done, mut results) = sync_channel(1);
        // The receiver is there until the work has ended.
        let worker = scope.spawn(move || drop(done.send(work())));
        let mut raised = None;
        loop {
            let receiver = &mut results;
            match py.detach(move || receiver.recv_timeout(POLL)) {
                Ok(result) => {
                    raised.map_or(Ok(()), Err)?;
                    let result = result?;
                    watch.report(py)?;
                    return Ok(result);
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(error) = watch.poll(py) {
                        raised = raised.or(Some(error));
                    }
                }
                // It panicked.
                Err(RecvTimeoutError::Disconnected) => {
                    let ended = py.detach(move || worker.join());
                    std::panic::resume_unwind(ended.err().unwrap_or_else(|| Box::new("no result")));
                }
            }
        }
    })
}
