//! `bitext serve`, through the binary and a real socket.

mod access;
mod api;
mod browser;
mod changes;
mod harness;
mod hostile;
mod openapi;
mod page;
mod store;
mod tmserver;
