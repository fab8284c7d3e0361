//! What is left when an import is killed, runs out of disk, or is not alone: tried by doing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::documents::{document, write_set};
use crate::support::{Bitext, dump, fixture, integrity, rows};

/// Enough for several processes to be at work at once, few enough for a debug build.
const DOCUMENTS: usize = 3000;

fn start(bitext: &Bitext, arguments: &[&str]) -> Child {
    let mut command = bitext.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// The segments of each document that a memory holds.
fn documents(memory: &Path) -> BTreeMap<String, Vec<String>> {
    let mut documents: BTreeMap<String, Vec<String>> =
        rows(memory, "select path from document").into_iter().map(|path| (path, Vec::new())).collect();
    for row in rows(memory, "select document, * from extracted order by document, position") {
        let (document, row) = row.split_once('|').expect("two columns");
        documents.get_mut(document).expect("a segment's document").push(row.to_owned());
    }
    documents
}

/// The memory at `memory` is sound and holds each document as `whole` does, or not at all. Gives how many it holds.
fn assert_whole_or_absent(memory: &Path, whole: &BTreeMap<String, Vec<String>>) -> usize {
    if !memory.exists() {
        return 0;
    }
    assert_eq!(integrity(memory), "ok");
    if rows(memory, "select count(*) from sqlite_master") == ["0"] {
        return 0;
    }
    let found = documents(memory);
    for (path, segments) in &found {
        assert_eq!(segments, &whole[path], "{path} is not whole");
    }
    found.len()
}

/// A set of fewer but longer documents, with hardly a text twice: it takes a debug build several seconds, and import commits
/// about once a second.
fn write_long_set(bitext: &Bitext, folder: &str, documents: usize) {
    for number in 0..documents {
        let texts: Vec<_> = (0..60)
            .map(|part| (format!("{number}번 선석의 {part}번 줄"), format!("Line {part} of berth {number}")))
            .collect();
        let texts: Vec<_> = texts.iter().map(|(target, source)| (target.as_str(), source.as_str())).collect();
        bitext.write(format!("{folder}/berth-{number:05}.md"), document(&format!("{number:05x}"), &texts));
    }
}

#[test]
fn an_import_killed_at_any_moment_leaves_whole_documents_and_the_next_one_finishes() {
    let bitext = Bitext::new();
    write_long_set(&bitext, "set", DOCUMENTS / 5);
    let began = Instant::now();
    bitext.run(["import", "set", "--db", "fresh.db", "--quiet"]).succeeds_silently();
    let taken = began.elapsed();
    let whole = documents(&bitext.path("fresh.db"));
    let fresh = dump(&bitext.path("fresh.db"));
    assert_eq!(whole.len(), DOCUMENTS / 5);

    for percent in [4, 55, 85] {
        let memory = format!("killed-{percent}.db");
        let mut child = start(&bitext, &["import", "set", "--db", &memory, "--quiet"]);
        sleep(taken * percent / 100);
        // SIGKILL, and its like on Windows: the program cannot tidy up.
        child.kill().expect("a process to kill");
        child.wait().expect("a process");
        let kept = assert_whole_or_absent(&bitext.path(&memory), &whole);
        eprintln!("killed after {percent} % of {taken:?}: {kept} of {} documents", whole.len());
        bitext.run(["import", "set", "--db", &memory, "--quiet"]).succeeds_silently();
        assert_eq!(dump(&bitext.path(&memory)), fresh, "killed after {percent} %");
        // The indexes too: nothing is missed, and nothing found that is not there.
        let verified = bitext.run(["verify", "--sample", "3", "--min", "95", "--db", &memory]).says_nothing();
        verified.exits(0).prints("recall 100.000 %");
        bitext.run(["search", "599번", "--count", "--db", &memory]).exits(0).says_nothing().prints("60");
        assert_eq!(integrity(&bitext.path(&memory)), "ok");
    }
}

/// The state that a first import leaves that dies between its last commit and the indexes.
#[test]
fn a_query_of_a_memory_without_indexes_is_answered_says_so_and_writes_nothing() {
    let bitext = Bitext::new();
    write_long_set(&bitext, "set", 20);
    bitext.import("set");
    bitext.write("batch.txt", "Line 7 of berth 3\nLine 7 of ship 3\n");
    let commands = [
        &["query", "Line 7 of berth 3", "--json", "--before", "Line 6 of berth 3"][..],
        &["query", "Line 7 of ship 3", "--json"],
        &["query", "--batch", "batch.txt"],
        &["search", "line 7 of", "--json", "--limit", "0"],
        &["search", "7번 줄", "--count"],
        &["search", "[a-z] berth", "--regex", "--count", "--document", "**/berth-0000[1-3].md"],
    ];
    let expected = commands.map(|command| bitext.run(command).printed());
    rusqlite::Connection::open(bitext.path("bitext.db"))
        .unwrap()
        .execute_batch(
            "delete from fuzzy_part; delete from fuzzy_lists; delete from fuzzy_frequent; delete from fuzzy_order; delete from fuzzy_generation; delete from concordance_block; delete from text_generation;
             drop index segment_by_variant; drop index unit_by_hash",
        )
        .unwrap();
    let before = fs::read(bitext.path("bitext.db")).unwrap();
    for (command, expected) in commands.iter().zip(&expected) {
        let run = bitext.run(*command).exits(0).says("2,400 texts of bitext.db are not indexed");
        let run = run.says("bitext verify");
        assert_eq!(run.stdout(), expected, "{command:?}");
        assert!(fs::read(bitext.path("bitext.db")).unwrap() == before, "{command:?} wrote to the memory");
    }
    bitext.run(["verify", "--sample", "3"]).exits(0).says_nothing().prints("recall 100.000 %");
    for (command, expected) in commands.iter().zip(&expected) {
        assert_eq!(&bitext.run(*command).printed(), expected, "{command:?}");
    }
    let indexes = rows(&bitext.path("bitext.db"), "select name from sqlite_schema where type = 'index'");
    assert!(indexes.iter().any(|name| name == "segment_by_variant"), "{indexes:?}");
}

#[test]
fn an_import_killed_again_and_again_still_gets_there() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", DOCUMENTS / 2);
    bitext.run(["import", "set", "--db", "fresh.db", "--quiet"]).succeeds_silently();
    for milliseconds in [20, 60, 90, 120, 200, 300] {
        let mut child = start(&bitext, &["import", "set", "--quiet"]);
        sleep(Duration::from_millis(milliseconds));
        child.kill().expect("a process to kill");
        child.wait().expect("a process");
    }
    bitext.run(["import", "set", "--quiet"]).succeeds_silently();
    assert_eq!(dump(&bitext.path("bitext.db")), dump(&bitext.path("fresh.db")));
}

/// A process that dies while it writes without a write-ahead log leaves a journal that the next one to open the file has to
/// roll back, be it a reader. The state is made by copying the files in the middle of a transaction.
#[test]
fn a_memory_whose_writer_died_is_rolled_back_by_whoever_opens_it_next() {
    let bitext = Bitext::new();
    let docs = fixture("docs");
    bitext.import(&docs);
    let expected = dump(&bitext.path("bitext.db"));
    let writer = rusqlite::Connection::open(bitext.path("bitext.db")).unwrap();
    // With no cache to speak of, changed pages go to the file before the commit.
    writer
        .execute_batch("pragma journal_mode = delete; pragma cache_size = 1; begin exclusive; update variant set text = 'torn'")
        .unwrap();
    let torn = |name: &str| {
        fs::copy(bitext.path("bitext.db"), bitext.path(name)).unwrap();
        fs::copy(bitext.path("bitext.db-journal"), bitext.path(format!("{name}-journal"))).unwrap();
    };
    ["query.db", "import.db", "stats.db"].iter().for_each(|name| torn(name));
    drop(writer);
    bitext
        .run(["query", "Book a berth", "--to", "ko-KR", "--db", "query.db"])
        .exits(0)
        .says_nothing()
        .prints("선석 예약");
    bitext
        .run(["stats", "--db", "stats.db"])
        .exits(0)
        .says_nothing()
        .prints("docs  en-US > ko-KR          8 ");
    bitext.run(["import", docs.to_str().unwrap(), "--db", "import.db", "--quiet"]).succeeds_silently();
    for name in ["query.db", "import.db", "stats.db"] {
        assert_eq!(dump(&bitext.path(name)), expected, "{name}");
    }
}

#[test]
fn a_replacement_that_is_killed_leaves_the_old_document_or_the_new_one() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", DOCUMENTS / 2);
    bitext.import("set");
    let old = documents(&bitext.path("bitext.db"));
    for number in 0..DOCUMENTS / 2 {
        let text = document(&format!("{number:05x}"), &[("닫힘", "Closed"), ("더 없음", "No more")]);
        bitext.write(format!("set/part-{:02}/berth-{number:05}.md", number % 40), text);
    }
    bitext.run(["import", "set", "--db", "fresh.db", "--quiet"]).succeeds_silently();
    let new = documents(&bitext.path("fresh.db"));
    for milliseconds in [30, 100, 200] {
        let mut child = start(&bitext, &["import", "set", "--quiet"]);
        sleep(Duration::from_millis(milliseconds));
        child.kill().expect("a process to kill");
        child.wait().expect("a process");
        assert_eq!(integrity(&bitext.path("bitext.db")), "ok");
        let found = documents(&bitext.path("bitext.db"));
        assert_eq!(found.len(), old.len());
        for (path, segments) in &found {
            assert!(segments == &old[path] || segments == &new[path], "{path} is neither: {segments:?}");
        }
    }
    bitext.import("set");
    assert_eq!(dump(&bitext.path("bitext.db")), dump(&bitext.path("fresh.db")));
}

#[test]
fn two_imports_at_once_both_succeed() {
    let bitext = Bitext::new();
    write_set(&bitext, "one", DOCUMENTS / 3);
    write_set(&bitext, "two", DOCUMENTS / 3);
    bitext.run(["import", "one", "two", "--db", "fresh.db", "--quiet"]).succeeds_silently();
    let children = [["import", "one", "--quiet"], ["import", "two", "--quiet"], ["import", "one", "--quiet"]]
        .map(|a| start(&bitext, &a));
    for child in children {
        let output = child.wait_with_output().expect("a process");
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    }
    assert_eq!(integrity(&bitext.path("bitext.db")), "ok");
    assert_eq!(dump(&bitext.path("bitext.db")), dump(&bitext.path("fresh.db")));
}

#[test]
fn a_reader_meanwhile_is_answered_and_sees_whole_documents() {
    let bitext = Bitext::new();
    bitext.import(fixture("docs"));
    write_set(&bitext, "set", DOCUMENTS);
    bitext.run(["import", "set", "--db", "fresh.db", "--quiet"]).succeeds_silently();
    let whole = documents(&bitext.path("fresh.db"));
    let mut child = start(&bitext, &["import", "set", "--quiet"]);
    let mut readings = 0;
    while child.try_wait().expect("a process").is_none() {
        let run =
            bitext.run(["query", "Book a berth", "--to", "ko-KR", "--json"]).exits(0).prints("선석 예약");
        // What the import has committed is indexed when it ends.
        assert!(
            run.stderr().is_empty() || run.stderr().contains("texts of bitext.db are not indexed"),
            "{}",
            run.stderr()
        );
        let part = rows(
            &bitext.path("bitext.db"),
            "select document.path, count(*) from document join document_set on document_set.id = set_id
             join segment on document_id = document.id where name = 'set' group by document.id",
        );
        for row in part {
            let (path, segments) = row.split_once('|').expect("two columns");
            assert_eq!(segments, whole[path].len().to_string(), "{path}");
        }
        readings += 1;
    }
    assert_eq!(child.wait().expect("a process").code(), Some(0));
    eprintln!("{readings} readings during one import");
}

/// A limit on the size of files stands for the full disk: the write fails in the same place, and needs no disk of its own.
/// `sh` sets it, and has the signal ignored that would otherwise kill at once.
#[cfg(unix)]
#[test]
fn a_full_disk_fails_with_a_sentence_and_the_next_import_finishes() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", DOCUMENTS);
    bitext.run(["import", "set", "--db", "fresh.db", "--quiet"]).succeeds_silently();
    let whole = documents(&bitext.path("fresh.db"));
    for blocks in [8, 700] {
        let memory = format!("full-{blocks}.db");
        let output = std::process::Command::new("sh")
            .args([
                "-c",
                &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""),
                "sh",
                env!("CARGO_BIN_EXE_bitext"),
            ])
            .args(["import", "set", "--quiet", "--db", &memory])
            .current_dir(bitext.path(""))
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{blocks}: {said}");
        assert!(said.contains(&memory), "{blocks}: {said}");
        assert!(!said.contains("panicked"), "{blocks}: {said}");
        assert_whole_or_absent(&bitext.path(&memory), &whole);
        bitext.run(["import", "set", "--db", &memory, "--quiet"]).succeeds_silently();
        assert_eq!(dump(&bitext.path(&memory)), dump(&bitext.path("fresh.db")), "{blocks}");
    }
}

#[test]
fn a_file_that_is_no_memory_is_refused_and_not_touched() {
    let bitext = Bitext::new();
    rusqlite::Connection::open(bitext.path("other.db"))
        .unwrap()
        .execute_batch("create table notes (text)")
        .unwrap();
    bitext.write("text.db", "dear diary\n".repeat(1000));
    bitext.write("short.db", "hello");
    for name in ["other.db", "text.db", "short.db"] {
        let before = fs::read(bitext.path(name)).unwrap();
        let docs = fixture("docs");
        let docs = docs.to_str().unwrap();
        for arguments in [vec!["import", docs], vec!["query", "Save"], vec!["export"], vec!["stats"]] {
            let run = bitext.run(arguments.iter().chain(&["--db", name]));
            run.exits(2).prints_nothing().says(name).says("not a translation memory");
        }
        assert_eq!(fs::read(bitext.path(name)).unwrap(), before, "{name}");
        assert!(!bitext.path(format!("{name}-wal")).exists(), "{name}");
    }
}

#[test]
fn a_memory_of_another_revision_is_refused_with_what_to_do_and_not_touched() {
    let bitext = Bitext::new();
    bitext.import(fixture("docs"));
    let docs = fixture("docs");
    for (revision, advice, untrue) in [
        (9999, "use a newer bitext", "an older bitext made it"),
        (0, "an older bitext made it: import its documents into a new file", "use a newer bitext"),
    ] {
        let connection = rusqlite::Connection::open(bitext.path("bitext.db")).unwrap();
        connection.pragma_update(None, "user_version", revision).unwrap();
        connection.pragma_update(None, "journal_mode", "delete").unwrap();
        drop(connection);
        let before = fs::read(bitext.path("bitext.db")).unwrap();
        for arguments in
            [vec!["import", docs.to_str().unwrap()], vec!["query", "Save"], vec!["export"], vec!["stats"]]
        {
            let run = bitext.run(&arguments).exits(2).prints_nothing().says("bitext.db").says(advice);
            assert!(!run.stderr().contains(untrue), "{}", run.stderr());
        }
        assert_eq!(fs::read(bitext.path("bitext.db")).unwrap(), before);
    }
}
