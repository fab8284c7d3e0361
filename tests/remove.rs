//! `bitext remove`: documents leave the memory, with the texts that no other document has.

use std::fs;

use crate::support::documents::{document, write_set};
use crate::support::{Bitext, dump, fixture, integrity};

/// A memory with the sets `one` and `two`, and one text that both have.
fn two_sets() -> Bitext {
    let bitext = Bitext::new();
    bitext.write("one/a.md", document("0a1b2", &[("저장", "Save"), ("열기", "Open")]));
    bitext.write("one/old/b.md", document("0a1b3", &[("닫기", "Close")]));
    bitext.write("two/old/c.md", document("0a1b4", &[("저장", "Save"), ("인쇄", "Print")]));
    bitext.import("one").import("two");
    bitext
}

const DOCUMENTS: &str = "select distinct \"set\", document from extracted order by 1, 2";

#[test]
fn documents_of_a_set_or_a_glob_or_both_are_removed() {
    for (arguments, summary, left) in [
        (
            ["--set", "one"].as_slice(),
            "removed 2 documents, 3 segments, 2 units",
            ["two|old/c.md"].as_slice(),
        ),
        (&["--document", "old/*"], "removed 2 documents, 3 segments, 2 units", &["one|a.md"]),
        (
            &["--set", "two", "--document", "old/**", "--document", "a.md"],
            "removed 1 document, 2 segments, 1 unit",
            &["one|a.md", "one|old/b.md"],
        ),
        (&["--document", "**"], "removed 3 documents, 5 segments, 4 units", &[]),
    ] {
        let bitext = two_sets();
        let run = bitext.run(["remove"].iter().chain(arguments)).exits(0).prints_nothing();
        assert!(run.stderr().starts_with(summary), "{arguments:?}: {}", run.stderr());
        assert_eq!(bitext.sql(DOCUMENTS), left, "{arguments:?}");
        assert_eq!(integrity(&bitext.path("bitext.db")), "ok");
        let unused = "select text from unit where id not in (select unit_id from variant)";
        assert!(bitext.sql(unused).is_empty());
    }
}

#[test]
fn what_was_removed_is_not_found_and_can_be_imported_again() {
    let bitext = two_sets();
    let before = dump(&bitext.path("bitext.db"));
    bitext.run(["remove", "--set", "one"]).exits(0).prints_nothing().says("removed 2 documents");
    let run = bitext.run(["query", "Open", "--to", "ko-KR"]).exits(1).prints_nothing();
    run.says_all("…");
    bitext.run(["search", "Save"]).exits(0).prints("1 segment in 1 document").says_nothing();
    bitext.run(["verify"]).exits(0).prints("against 2 texts").prints("recall 100.000 %").says_nothing();
    bitext.import("one");
    assert_eq!(dump(&bitext.path("bitext.db")), before);
}

#[test]
fn a_dry_run_counts_and_changes_nothing() {
    let bitext = two_sets();
    let before = fs::read(bitext.path("bitext.db")).unwrap();
    let run = bitext.run(["remove", "--set", "one", "--dry-run"]).exits(0).prints_nothing();
    run.says_all("dry run, nothing was written:\nremoved 2 documents, 3 segments, 2 units\n");
    let run = bitext.run(["remove", "--set", "one", "--dry-run", "--json"]).exits(0).says_nothing();
    let expected = "{\"documents_removed\":2,\"segments_removed\":3,\"units_removed\":2,\"bytes_freed\":0,\"dry_run\":true}\n";
    assert_eq!(run.stdout(), expected);
    assert!(fs::read(bitext.path("bitext.db")).unwrap() == before);
}

#[test]
fn where_nothing_matches_the_exit_code_is_1() {
    let bitext = two_sets();
    let before = dump(&bitext.path("bitext.db"));
    for arguments in [["--set", "One"], ["--document", "*.md.bak"]] {
        let run = bitext.run(["remove"].iter().chain(&arguments)).exits(1).prints_nothing();
        run.says_all("bitext: the memory has no such document; `bitext stats` lists its sets\n");
    }
    assert_eq!(dump(&bitext.path("bitext.db")), before);
}

#[test]
fn what_to_remove_has_to_be_named_and_a_memory_has_to_exist() {
    let bitext = Bitext::new();
    bitext.run(["remove"]).exits(2).prints_nothing().says("--set").says("--document");
    let run = bitext.run(["remove", "--set", "one"]).exits(2).prints_nothing();
    run.says("there is no translation memory at bitext.db");
    assert!(!bitext.path("bitext.db").exists());
    bitext.run(["remove", "--document", "a[b"]).exits(2).prints_nothing().says("a[b");
}

#[test]
fn the_file_becomes_shorter_if_a_large_part_of_it_is_free() {
    let bitext = Bitext::new();
    write_set(&bitext, "large", 800);
    bitext.import("large").import(fixture("docs"));
    let length = || fs::metadata(bitext.path("bitext.db")).unwrap().len();
    let before = length();
    let run = bitext.run(["remove", "--set", "large", "--json"]).exits(0).says_nothing();
    assert_eq!(run.json()["documents_removed"], 800);
    assert_eq!(run.json()["bytes_freed"], before - length());
    assert!(length() < before / 2, "{before} {}", length());
    assert_eq!(integrity(&bitext.path("bitext.db")), "ok");
    let before = length();
    let run = bitext.run(["remove", "--document", "berths/cancel-a-booking.md", "--json"]).exits(0);
    assert_eq!(run.says_nothing().json()["bytes_freed"], 0);
    assert_eq!(length(), before, "the free part is small, and is used by the next import");
}

#[test]
fn a_tmx_is_one_document_whatever_its_locales() {
    let bitext = two_sets();
    let variant =
        |(locale, text): (&str, &str)| format!("<tuv xml:lang=\"{locale}\"><seg>{text}</seg></tuv>");
    let unit = [("en-US", "Save"), ("ko-KR", "저장"), ("ja-JP", "保存")].map(variant).concat();
    bitext.write(
        "m.tmx",
        format!("<tmx version=\"1.4\"><header srclang=\"en-US\"/><body><tu>{unit}</tu></body></tmx>"),
    );
    let before = dump(&bitext.path("bitext.db"));
    bitext.import("m.tmx");
    let run = bitext.run(["remove", "--document", "m.tmx"]).exits(0).prints_nothing();
    run.says("removed 1 document, 2 segments, 0 units");
    assert_eq!(dump(&bitext.path("bitext.db")), before);
    assert_eq!(bitext.sql("select count(*) from origin"), ["0"]);
}
