//! Answers over HTTP: the protocol of tmserver and amaGama for translation tools, a JSON interface, and a page for people.
//!
//! A caller of the operations beside the command line. Requests are read on an asynchronous runtime; the memory is read on pools of
//! threads (`pool`), one for quick look-ups and one for searches and counts, which take longer.

mod access;
mod answer;
mod api;
mod connections;
mod export;
mod failure;
mod file_id;
mod log_end;
mod metrics;
mod page;
mod parameters;
mod pool;
mod reader;
mod router;
mod spool;
mod state;
mod tmserver;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::memory::{Memory, MemoryError};

pub use access::{Access, LOOPBACK, SHORTEST_TOKEN, Token};
use state::State;

/// What is served, where, and to whom.
#[derive(Clone, Debug)]
pub struct ServePlan {
    /// The memory's file.
    pub memory: PathBuf,
    /// The addresses to listen on; the first that is free is used.
    pub addresses: Vec<SocketAddr>,
    /// Who may ask.
    pub access: Access,
    /// Whether translation tools may store units.
    pub is_writable: bool,
    /// The number of threads that look up.
    pub threads: usize,
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The memory cannot be read.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The address is in use, or not of this machine.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// The cause.
        source: io::Error,
    },
    /// The system refused a thread or a signal handler.
    #[error("the server cannot start")]
    Start(#[source] io::Error),
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All requests that were under way were finished.
    Finished,
    /// Some took too long, and were cut off.
    CutOff,
}

/// Serves until the process is asked to end: by Ctrl-C, or SIGTERM where there is such a signal. Calls `ready` with the address as soon
/// as connections are accepted.
///
/// # Errors
/// If the memory cannot be read, or the address cannot be listened on.
pub fn serve(plan: ServePlan, ready: impl FnOnce(SocketAddr)) -> Result<Ended, ServeError> {
    let memory = plan.memory.clone();
    Memory::open(&memory)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        .enable_all()
        .build()
        .map_err(ServeError::Start)?;
    let ended = runtime.block_on(async {
        let listener = listen(&plan.addresses).await?;
        let end = asked_to_end().map_err(ServeError::Start)?;
        let address = listener.local_addr().map_err(ServeError::Start)?;
        let state = Arc::new(State::start(plan).map_err(ServeError::Start)?);
        let router = router::router(Arc::clone(&state));
        let log_end = log_end::start(Arc::clone(&state)).map_err(ServeError::Start)?;
        ready(address);
        state.warm_up();
        let is_finished = connections::serve(listener, router, end).await;
        log_end.stop();
        Ok(if is_finished { Ended::Finished } else { Ended::CutOff })
    });
    // Threads that still answer somebody who was cut off are not waited for.
    runtime.shutdown_background();
    if ended.is_ok() && log_of(&memory).exists() {
        // If another process uses the memory, that one ends the log, or the next import.
        drop(Memory::end_log(&memory));
    }
    ended
}

/// The path of a memory's write-ahead log.
fn log_of(memory: &Path) -> PathBuf {
    let mut log = memory.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

async fn listen(addresses: &[SocketAddr]) -> Result<TcpListener, ServeError> {
    let address = addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ");
    TcpListener::bind(addresses).await.map_err(|source| ServeError::Listen { address, source })
}

/// Completes when the process is asked to end.
fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler, the system ends the process at once.
            std::future::pending::<()>().await;
        }
    })
}
