//! `bitext serve`: answers over HTTP.

use std::fs;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::values::at_least_one;
use super::{MemoryArguments, Outcome, terminal};
use crate::input::shown;
use crate::parallel::available_threads;
use crate::serve::{Access, Ended, LOOPBACK, SHORTEST_TOKEN, ServePlan, Token, serve};

/// Answer translation tools over HTTP, and show a page to look things up
///
/// The page is at the address that is printed. Weblate, Virtaal and Okapi look up at /tmserver or /api/v1 (the protocol of tmserver
/// and amaGama), other programs at /v1 (JSON, described by /v1/openapi.json). /healthz and /metrics are for whoever runs the server.
///
/// Each request sees the memory as it is then, also while an import runs. Ctrl-C or SIGTERM ends the server, after the requests that
/// are under way. Without other options it answers programs and pages of this machine only.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    memory: MemoryArguments,
    /// The address and port to listen on; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8017")]
    listen: String,
    /// Let translation tools store units, in a set of their own
    ///
    /// Each store is on the disk before it is answered. The set is called "stored"; each store of a tool is a document of it.
    #[arg(long)]
    writable: bool,
    /// Answer only those who know the token: the first line of FILE, 16 characters or more
    ///
    /// Programs send it as a bearer token; browsers and Weblate as the password of any user: http://any:TOKEN@host:8017/tmserver
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Answer everybody who can reach the address
    #[arg(long, conflicts_with = "token_file")]
    public: bool,
    /// Also answer requests that name this host, which a proxy on this machine passes on (repeatable)
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Also answer scripts of pages from this origin: https://example.org (repeatable)
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// The number of threads that look up [default: one a processor, at least 2]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    threads: Option<usize>,
    /// What is logged on standard error: info has a line for each request, without the texts of users; debug has these too
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = Level::Info)]
    log: Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Level {
    /// What went wrong
    Error,
    /// A line for each request
    Info,
    /// The addresses of requests, with what users look up
    Debug,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let plan = plan(arguments)?;
    let level = match arguments.log {
        Level::Error => tracing::Level::ERROR,
        Level::Info => tracing::Level::INFO,
        Level::Debug => tracing::Level::DEBUG,
    };
    let log = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    log.with_ansi(false).init();
    let memory = shown(&plan.memory);
    let ended = serve(plan, |address| {
        terminal::message(&format!("{memory} at http://{address}/ (Ctrl-C ends)"));
    })?;
    if ended == Ended::CutOff {
        terminal::message("some requests took too long and were cut off");
    }
    Ok(Outcome::Done)
}

fn plan(arguments: &Arguments) -> anyhow::Result<ServePlan> {
    let listen = &arguments.listen;
    let addresses: Vec<SocketAddr> = listen
        .to_socket_addrs()
        .with_context(|| format!("{listen:?} is no address and port, as in 127.0.0.1:8017"))?
        .collect();
    let is_local = addresses.iter().all(|address| address.ip().is_loopback());
    let token = arguments.token_file.as_deref().map(|file| {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", shown(file)))?;
        Token::of_file(&text).with_context(|| {
            format!("{} has no token: one line of {SHORTEST_TOKEN} or more letters and digits", shown(file))
        })
    });
    let token = token.transpose()?;
    if !is_local && token.is_none() && !arguments.public {
        bail!(
            "{listen} can be reached from other machines: name a token with --token-file, or allow everybody with --public"
        );
    }
    let hosts = is_local.then(|| {
        let named = listen.rsplit_once(':').map(|(host, _)| host.to_owned());
        LOOPBACK.map(str::to_owned).into_iter().chain(named).chain(arguments.allow_host.clone()).collect()
    });
    Ok(ServePlan {
        memory: arguments.memory.path(),
        addresses,
        access: Access { token, hosts, origins: arguments.allow_origin.clone() },
        is_writable: arguments.writable,
        threads: arguments.threads.unwrap_or_else(|| available_threads().max(2)),
    })
}
