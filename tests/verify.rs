//! `bitext verify`, through the binary.

use crate::support::Bitext;
use crate::support::documents::write_set;

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
        let report = run.exits(0).says_nothing().json();
        assert_eq!(report["queries"], 30);
        assert_eq!(report["recall"], 100.0);
        assert!(report["expected"].as_u64().unwrap() > 30, "{report}");
    }
    bitext.run(["verify", "--sample", "5"]).exits(0).says_nothing().prints("recall 100.000 %");
}

#[test]
fn an_index_that_misses_something_is_found_out() {
    let bitext = harbour();
    let memory = rusqlite::Connection::open(bitext.path("bitext.db")).unwrap();
    // Not what a crash leaves, which is noticed: a block gone from the middle of an index.
    memory.execute_batch("delete from fuzzy_part where length between 4 and 6").unwrap();
    drop(memory);
    let run = bitext.run(["verify", "--sample", "40"]).exits(2);
    run.says("index and scan differ for:").prints("recall");
}

#[test]
fn an_empty_memory_has_nothing_to_verify() {
    let bitext = Bitext::new();
    bitext.write("empty/a.md", "no segments here");
    bitext.run(["import", "empty", "--quiet"]).exits(1).prints_nothing().says("nothing to import in empty");
    bitext.run(["verify"]).exits(1).prints_nothing().says_all(
        "bitext: the memory holds no texts to draw queries from; `bitext stats` shows what it holds\n",
    );
}
