//! `bitext verify`, through the binary.

use crate::support::Bitext;
use crate::support::documents::write_set;
use serde_json::Value;

fn harbour() -> Bitext {
    let bitext = Bitext::new();
    write_set(&bitext, "harbour", 80);
    bitext.import("harbour");
    bitext
}

#[test]
fn the_index_finds_what_a_scan_finds() {
    let bitext = harbour();
    for from in ["en-US", "ko-KR"] {
        let run = bitext.run(["verify", "--sample", "30", "--min", "50", "--from", from, "--json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["queries"], 30);
        assert_eq!(report["recall"], 100.0);
        assert!(report["expected"].as_u64().unwrap() > 30, "{report}");
    }
    let run = bitext.run(["verify", "--sample", "5"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("recall 100.000 %"), "{}", run.stdout);
}

#[test]
fn an_index_that_misses_something_is_found_out() {
    let bitext = harbour();
    let memory = rusqlite::Connection::open(bitext.path("bitext.db")).unwrap();
    // Not what a crash leaves, which is noticed: a block gone from the middle of an index.
    memory.execute_batch("delete from fuzzy_block where length between 4 and 6").unwrap();
    drop(memory);
    let run = bitext.run(["verify", "--sample", "40"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("index and scan differ for:"), "{}", run.stderr);
}

#[test]
fn an_empty_memory_has_nothing_to_verify() {
    let bitext = Bitext::new();
    bitext.write("empty/a.md", "no segments here");
    bitext.run(["import", "empty", "--quiet"]);
    let run = bitext.run(["verify"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
}
