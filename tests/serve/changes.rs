//! A memory that changes while it is served: by an import, by another file in its place, by a copy that is put back.

#[cfg(unix)]
use std::fs;

use super::harness::Server;
use crate::support::documents::document;
use crate::support::{Bitext, fixture};

/// The number of exact matches of a text.
fn matches(server: &Server, text: &str) -> usize {
    let answer = server.get(&format!("/tmserver/en/ko/unit/{text}?min_similarity=100"));
    answer.json().as_array().unwrap().len()
}

/// The number of lines that a search finds; the second time from what the server has kept.
fn found(server: &Server, pattern: &str) -> usize {
    let search = || server.get(&format!("/v1/search?pattern={pattern}")).json()["lines"].clone();
    let lines = search();
    assert_eq!(search(), lines);
    lines.as_array().unwrap().len()
}

#[test]
fn a_memory_that_is_not_there_is_a_sentence() {
    let bitext = Bitext::new();
    let run = bitext.run(["serve", "--listen", "127.0.0.1:0"]);
    run.exits(2).prints_nothing().says("there is no translation memory at bitext.db");
    bitext.write("bitext.db", "not a memory");
    let run = bitext.run(["serve", "--listen", "127.0.0.1:0", "--writable"]);
    run.exits(2).prints_nothing().says("is not a translation memory");
}

#[test]
fn an_empty_memory_answers_with_nothing_and_an_import_fills_it() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("aaaaa", &[("돛", "Sail")]));
    bitext.import("set");
    bitext.run(["remove", "--set", "set"]).exits(0).prints_nothing().says("removed 1 document");
    let server = Server::start(bitext, &[]);
    assert_eq!(matches(&server, "Sail"), 0);
    assert_eq!(server.get("/tmserver/languages/").json()["sourceLanguages"].as_array().unwrap().len(), 0);
    assert_eq!(server.get("/v1/stats").json()["segments"], 0);
    assert!(server.get("/overview").text().contains("The memory is empty"));
    assert!(server.get("/").text().contains("The memory is empty"));
    server.get("/v1/export.tmx").problem(404);
    // The next request sees the new state.
    server.bitext.import("set");
    assert_eq!(matches(&server, "Sail"), 1);
    assert_eq!((found(&server, "sail"), found(&server, "anchor")), (1, 0));
    server.bitext.write("set/b.md", document("bbbbb", &[("닻", "Anchor")]));
    server.bitext.import("set");
    assert_eq!(matches(&server, "Anchor"), 1);
    assert_eq!((found(&server, "sail"), found(&server, "anchor")), (1, 1));
    assert_eq!(server.get("/v1/stats").json()["segments"], 2);
}

// Windows does not replace a file that is in use.
#[cfg(unix)]
#[test]
fn another_file_in_its_place_is_served_and_none_is_told() {
    let server = Server::of_pairs(&[("돛", "Sail")], &[]);
    assert_eq!((matches(&server, "Sail"), matches(&server, "Anchor")), (1, 0));
    let other = Bitext::new();
    other.write("set/a.md", document("aaaaa", &[("닻", "Anchor")]));
    other.import("set");
    fs::rename(other.path("bitext.db"), server.bitext.path("bitext.db")).unwrap();
    assert_eq!((matches(&server, "Sail"), matches(&server, "Anchor")), (0, 1));
    fs::rename(server.bitext.path("bitext.db"), server.bitext.path("away.db")).unwrap();
    assert!(server.get("/healthz").problem(503).contains("not there"));
    let refused = server.get("/tmserver/en/ko/unit/Anchor");
    assert!(refused.problem(503).contains("not there"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(server.get("/?q=Anchor").text().contains("not there"));
    fs::rename(server.bitext.path("away.db"), server.bitext.path("bitext.db")).unwrap();
    assert_eq!(matches(&server, "Anchor"), 1);
    assert_eq!(server.get("/healthz").status, 200);
}

/// A copy that is put back has lower ids than the server has seen, and gives them to other texts.
// Windows does not replace a file that is in use.
#[cfg(unix)]
#[test]
fn a_copy_that_is_put_back_over_the_file_is_served() {
    let server = Server::of_pairs(&[("돛", "Sail")], &[]);
    let memory = server.bitext.path("bitext.db");
    let copy = fs::read(&memory).unwrap();
    let import = |name: &str, pair: (&str, &str)| {
        server.bitext.write(format!("{name}/{name}.md"), document("bbbbb", &[pair]));
        server.bitext.import(name);
    };
    import("first", ("닻", "Anchor"));
    assert_eq!((matches(&server, "Sail"), matches(&server, "Anchor")), (1, 1));
    assert_eq!((found(&server, "sail"), found(&server, "anchor")), (1, 1));
    // Each thread of the server has a connection of its own, and keeps what it has read.
    let each = |text: &str| {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..5).for_each(|_| assert_eq!(matches(&server, text), 1)));
            }
        });
    };
    // The log that the import could not end is ended by the server; a copy beside a log would be damaged by it.
    let log = server.bitext.path("bitext.db-wal");
    server.until("/healthz", |_| !log.exists());
    each("Anchor");
    fs::write(&memory, &copy).unwrap();
    assert_eq!(server.until("/healthz", |answer| answer.status == 200).status, 200);
    assert_eq!((matches(&server, "Sail"), matches(&server, "Anchor")), (1, 0));
    assert_eq!((found(&server, "sail"), found(&server, "anchor")), (1, 0));
    import("second", ("키", "Rudder"));
    each("Rudder");
    assert_eq!((matches(&server, "Sail"), matches(&server, "Anchor"), matches(&server, "Rudder")), (1, 0, 1));
    assert_eq!((found(&server, "sail"), found(&server, "anchor"), found(&server, "rudder")), (1, 0, 1));
}

#[test]
fn answers_during_an_import_are_right() {
    let bitext = Bitext::new();
    bitext.import(fixture("docs"));
    // Large enough for several batches of an import.
    let pairs: Vec<(String, String)> =
        (0..20_000).map(|number| (format!("대상 {number}"), format!("Text {number}"))).collect();
    for (at, part) in pairs.chunks(100).enumerate() {
        let part: Vec<(&str, &str)> =
            part.iter().map(|(target, source)| (target.as_str(), source.as_str())).collect();
        bitext.write(format!("big/{at}.md"), document("ccccc", &part));
    }
    let server = Server::start(bitext, &[]);
    std::thread::scope(|scope| {
        let import = scope.spawn(|| server.bitext.run(["import", "big", "--quiet"]).succeeds_silently());
        let mut asked = 0;
        while !import.is_finished() || asked < 50 {
            assert!(matches(&server, "Book%20a%20berth") > 0);
            // Whole or not at all.
            let (one, other) = (matches(&server, "Text%200"), matches(&server, "Text%2099"));
            assert!(one <= other, "{one} {other}");
            assert!(found(&server, "berth") > 0);
            asked += 1;
        }
        import.join().unwrap();
    });
    for text in ["Text%200", "Text%209999", "Text%2019999"] {
        assert_eq!(matches(&server, text), 1, "{text}");
    }
    // The memory is one file again.
    let log = server.bitext.path("bitext.db-wal");
    server.until("/healthz", |_| !log.exists());
}
