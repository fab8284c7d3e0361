//! `bitext serve`, through the binary and a real socket.

mod access;
mod api;
#[cfg(unix)]
mod browser;
mod changes;
mod harness;
mod hostile;
mod openapi;
mod oracle;
mod page;
mod replay;
mod store;
mod tmserver;
