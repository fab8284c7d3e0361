//! Ends the write-ahead log that an import or a store leaves, so that the memory is one file again, which can be copied.
//!
//! SQLite removes the log with the last connection that may write. The connections of a server stay open and only read, so it closes
//! them for a moment.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::log_of;
use super::state::State;
use crate::memory::Memory;

/// How often a log is looked for.
const INTERVAL: Duration = Duration::from_secs(2);
/// How long to wait after a log could not be ended, because an import is under way: connections take time to warm up.
const PATIENCE: Duration = Duration::from_secs(20);

/// The thread that ends logs.
pub(super) struct LogEnd {
    end: Sender<()>,
    thread: JoinHandle<()>,
}

/// Starts the thread.
pub(super) fn start(state: Arc<State>) -> io::Result<LogEnd> {
    let (end, ended) = channel();
    let work = move || {
        let mut wait = INTERVAL;
        while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            let has_log = log_of(&state.plan.memory).exists();
            // An error of the memory is that of the next request too, which logs it.
            let is_ended =
                has_log.then(|| state.while_closed(|| Memory::end_log(&state.plan.memory).unwrap_or(true)));
            wait = if is_ended == Some(Some(false)) { PATIENCE } else { INTERVAL };
        }
        // The server ends: nobody reads.
        drop(state);
    };
    Ok(LogEnd { end, thread: std::thread::Builder::new().name("log".to_owned()).spawn(work)? })
}

impl LogEnd {
    /// Ends the thread.
    pub fn stop(self) {
        drop(self.end);
        // A panic has been printed.
        drop(self.thread.join());
    }
}
