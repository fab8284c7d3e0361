//! Paths that are pipes, sockets or devices: to open a pipe waits for another process, which may never come.

use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::support::documents::document;
use crate::support::{Bitext, Run};

fn make_pipe(bitext: &Bitext, name: &str) {
    let path = bitext.path(name);
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
}

fn with_a_set() -> Bitext {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("저장", "Save")]));
    bitext
}

#[track_caller]
fn in_time(bitext: &Bitext, arguments: &str) -> Run {
    bitext.run_within(20, arguments.split(' '))
}

#[test]
fn a_memory_that_is_a_pipe_hangs_no_command() {
    let bitext = with_a_set();
    make_pipe(&bitext, "pipe.db");
    let _socket = UnixListener::bind(bitext.path("socket.db")).unwrap();
    for command in
        ["import set", "import set --dry-run", "export", "query Save", "search Save", "stats", "verify"]
    {
        for (path, kind) in [("pipe.db", "a pipe"), ("socket.db", "a socket"), ("/dev/null", "a device")] {
            let run = in_time(&bitext, &format!("{command} --db {path}")).exits(2).prints_nothing();
            run.says(&format!("{path} is {kind}, and a translation memory is a file; name a file with --db"));
        }
    }
}

#[test]
fn a_journal_that_is_a_pipe_hangs_no_command() {
    let bitext = with_a_set();
    make_pipe(&bitext, "new.db-journal");
    in_time(&bitext, "import set --db new.db").exits(2).prints_nothing().says("new.db-journal is a pipe");
    bitext.import("set");
    make_pipe(&bitext, "bitext.db-wal");
    in_time(&bitext, "stats").exits(2).prints_nothing().says("bitext.db-wal is a pipe");
}

#[test]
fn a_memory_behind_a_link_is_a_memory() {
    let bitext = with_a_set();
    bitext.import("set");
    std::os::unix::fs::symlink("bitext.db", bitext.path("link.db")).unwrap();
    bitext.run(["query", "Save", "--db", "link.db"]).exits(0).says_nothing().prints("저장");
}

#[test]
fn a_document_that_is_a_pipe_hangs_no_command() {
    let bitext = with_a_set();
    for name in ["pipe.md", "pipe.tmx", "pipe.zip", "pipe.tar.gz"] {
        make_pipe(&bitext, name);
        for command in ["import", "extract", "split --target-dir target --source-dir source"] {
            let run = in_time(&bitext, &format!("{command} {name}")).exits(2).prints_nothing();
            run.says(&format!("{name} is a pipe; write its content to a file, and name that"));
        }
    }
    let run = in_time(&bitext, "import /dev/null").exits(2).prints_nothing();
    run.says("/dev/null is a device; write its content to a file");
}

#[test]
fn a_pipe_in_a_folder_is_named_and_the_rest_is_read() {
    let bitext = with_a_set();
    make_pipe(&bitext, "set/pipe.md");
    make_pipe(&bitext, "set/pipe");
    std::os::unix::fs::symlink("pipe.md", bitext.path("set/link.md")).unwrap();
    let run = in_time(&bitext, "extract set").exits(0).prints("a.md");
    run.says_all(
        "set/link.md: it is a pipe, not a file; it was left out\nset/pipe.md: it is a pipe, not a file; it was left out\n\
         bitext: 2 problems\n",
    );
}

#[test]
fn split_writes_no_pipe() {
    let bitext = with_a_set();
    std::fs::create_dir(bitext.path("source")).unwrap();
    make_pipe(&bitext, "source/a.md");
    let run = in_time(&bitext, "split set --target-dir target --source-dir source --force").exits(2);
    run.prints_nothing().says("source/a.md is a pipe, not a file; remove it, or name another folder");
}

/// A batch is read once, line by line, as it comes.
#[test]
fn a_batch_may_be_a_pipe() {
    let bitext = with_a_set();
    bitext.import("set");
    make_pipe(&bitext, "queries");
    let queries = bitext.path("queries");
    let writer = std::thread::spawn(move || std::fs::write(queries, "Save\n"));
    in_time(&bitext, "query --batch queries").exits(0).says_nothing().prints("저장");
    writer.join().unwrap().unwrap();
    in_time(&bitext, "query --batch set").exits(2).prints_nothing().says("set is a folder; name a file");
}
