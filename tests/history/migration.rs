//! Memories of the first revision of the schema: they are read as they are, and migrated by the first import.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use rusqlite::Connection;

use super::{Repository, assert_same, content, doc, history};
use crate::support::{Bitext, dump, fixture, integrity, rows};

/// What makes a memory one of revision 1: the tables that later ones changed, as they were, and without those that they added.
const EARLIER: &str = "
    drop view extracted;
    drop index document_by_path;
    drop index superseded_by_path;
    drop table version;
    drop table neighbour;
    drop table aligned;
    drop table as_written;
    drop table clean_object;
    create table earlier (
        id integer primary key autoincrement,
        set_id integer not null references document_set (id),
        path text not null,
        hash blob not null,
        source_locale_id integer not null references locale (id),
        target_locale_id integer not null references locale (id),
        locale_stated integer not null check (locale_stated in (0, 1)),
        id_prefix text not null,
        workflow text check (workflow in ('human', 'machine')),
        source_hash text, source_commit text, handoff text, file_id text, title text, description text, no_loc text, problems text,
        unique (set_id, path, target_locale_id)
    ) strict;
    insert into earlier select id, set_id, path, hash, source_locale_id, target_locale_id, locale_stated, id_prefix, workflow,
        source_hash, source_commit, handoff, file_id, title, description, no_loc, problems from document;
    drop table document;
    alter table earlier rename to document;
    alter table origin drop column superseded;
    alter table origin drop column commit_id;
    create view extracted as
        select document_set.name as \"set\", document.path as document, segment.position,
               coalesce(segment.id, document.id_prefix || '-' || iif(segment.kind = 1, 'p', '') || segment.number) as id,
               segment.number, iif(segment.kind = 1, 'paragraph', 'sentence') as kind, segment.line,
               source_locale.name as source_locale, target_locale.name as target_locale, unit.text as source,
               variant.text as target, document.workflow, document.source_hash, document.source_commit, document.handoff,
               document.file_id
        from segment
        join document on document.id = segment.document_id
        join document_set on document_set.id = document.set_id
        join locale as source_locale on source_locale.id = document.source_locale_id
        join locale as target_locale on target_locale.id = document.target_locale_id
        join variant on variant.id = segment.variant_id
        join unit on unit.id = variant.unit_id;
    pragma user_version = 1;
    vacuum";

/// Rewrites a memory to revision 1.
fn make_earlier(memory: &Path) {
    let connection = Connection::open(memory).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.pragma_update(None, "legacy_alter_table", true).unwrap();
    connection.execute_batch(EARLIER).unwrap();
}

const TMX: &str = r#"<?xml version="1.0"?>
<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" adminlang="en" srclang="en-US" datatype="plaintext"/><body>
<tu changedate="20210505T000000Z"><prop type="x-workflow">human</prop><tuv xml:lang="en-US"><seg>Open the harbour.</seg></tuv><tuv xml:lang="ko-KR"><seg>항구를 엽니다.</seg></tuv></tu>
</body></tmx>
"#;

/// A memory of the fixtures and a TMX.
fn memory() -> Bitext {
    let bitext = Bitext::new();
    let tmx = bitext.write("more.tmx", TMX);
    bitext.import(fixture("docs")).import(tmx);
    bitext
}

/// What makes a memory one of revision 2.
const SECOND: &str =
    "drop view extracted; drop table aligned; drop table as_written; pragma user_version = 2; vacuum";

#[test]
fn a_memory_of_the_second_revision_is_read_and_the_next_import_reads_its_documents_again() {
    let bitext = memory();
    let rows_of = |name: &str| rows(&bitext.path("bitext.db"), &format!("select count(*) from {name}"));
    bitext.write("set/a.md", doc("HT", "a1").replace("</span><span class", " </span><span class"));
    bitext.import("set");
    assert_ne!(rows_of("as_written"), ["0"]);
    let expected = printed(&bitext);
    let connection = Connection::open(bitext.path("bitext.db")).unwrap();
    connection.execute_batch(SECOND).unwrap();
    // As the earlier reader keyed the hashes of documents.
    connection.execute("update document set hash = zeroblob(32) where path = 'a.md'", []).unwrap();
    drop(connection);
    assert_eq!(printed(&bitext), expected);
    bitext
        .run(["query", "Book a berth", "--to", "ko-KR", "--document", "index.md"])
        .exits(0)
        .says_nothing()
        .prints("선석 예약");
    assert_eq!(rows(&bitext.path("bitext.db"), "pragma user_version"), ["2"]);
    bitext.import("set");
    assert_eq!(rows(&bitext.path("bitext.db"), "pragma user_version"), ["4"]);
    assert_ne!(rows_of("as_written"), ["0"]);
    assert_eq!(printed(&bitext), expected);
}

const READING: [&[&str]; 9] = [
    &["query", "Open the harbour.", "--json"],
    &["query", "Book a berth", "--json", "--to", "ko-KR", "--before", "x", "--after", "y"],
    &["query", "Book a ship", "--current", "--min", "50"],
    &["search", "berth", "--json", "--limit", "0"],
    &["search", "berth", "--count", "--current"],
    &["export", "-q", "--history", "--to", "ko-KR"],
    &["export", "-q", "-f", "jsonl"],
    &["log", "Open the harbour.", "--json"],
    &["stats", "--json"],
];

/// What the commands print, but for the size of the file.
fn printed(bitext: &Bitext) -> Vec<String> {
    let print = |command: &&[&str]| {
        let printed = bitext.run(*command).printed();
        printed.split("\"bytes\"").next().unwrap_or_default().to_owned()
    };
    READING.iter().map(print).collect()
}

#[test]
fn a_memory_of_the_first_revision_is_read_without_being_changed() {
    let bitext = memory();
    let expected = printed(&bitext);
    make_earlier(&bitext.path("bitext.db"));
    let before = fs::read(bitext.path("bitext.db")).unwrap();
    assert_eq!(printed(&bitext), expected);
    assert!(fs::read(bitext.path("bitext.db")).unwrap() == before, "the memory was written to");
    let files: Vec<_> =
        fs::read_dir(bitext.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(bitext.path("bitext.db"), fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(printed(&bitext), expected);
    }
}

#[test]
fn an_import_migrates_a_memory_of_the_first_revision() {
    let bitext = memory();
    fs::copy(bitext.path("bitext.db"), bitext.path("new.db")).unwrap();
    make_earlier(&bitext.path("bitext.db"));
    let repository = Repository::linear(&[&[("a.md", &doc("HT", "a1"))], &[("a.md", &doc("MT", "a2"))]]);
    repository.write(&bitext);
    for memory in ["bitext.db", "new.db"] {
        history(&bitext, &repository.at(2), memory, &[]);
    }
    assert_same(&content(&bitext, "bitext.db"), &content(&bitext, "new.db"), "");
    assert_eq!(rows(&bitext.path("bitext.db"), "pragma user_version"), ["4"]);
    assert_eq!(rows(&bitext.path("bitext.db"), "pragma foreign_key_check"), [""; 0]);
}

#[test]
fn a_dry_run_and_a_refused_import_leave_the_first_revision_as_it_is() {
    let bitext = memory();
    make_earlier(&bitext.path("bitext.db"));
    let before = fs::read(bitext.path("bitext.db")).unwrap();
    let docs = fixture("docs");
    let docs = docs.to_str().unwrap();
    let run = bitext.run(["import", docs, "--dry-run", "--json"]).exits(0).says_nothing();
    assert_eq!(run.json()["documents_unchanged"], 10);
    bitext.run(["import", docs, "--history"]).exits(2).prints_nothing().says("history");
    bitext.run(["remove", "--document", "**", "--dry-run"]).exits(0).prints_nothing().says("dry run");
    assert!(fs::read(bitext.path("bitext.db")).unwrap() == before, "the memory was written to");
}

#[test]
fn a_migration_that_is_killed_or_fails_leaves_the_memory_as_it_was() {
    let bitext = Bitext::new();
    crate::support::documents::write_set(&bitext, "set", 1500);
    bitext.import("set");
    let expected = dump(&bitext.path("bitext.db"));
    make_earlier(&bitext.path("bitext.db"));
    bitext.write("one/a.md", doc("HT", "a1"));
    for milliseconds in [8, 20, 35, 60] {
        fs::copy(bitext.path("bitext.db"), bitext.path("killed.db")).unwrap();
        let mut command = bitext.command(["import", "set", "--quiet", "--db", "killed.db"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        bitext
            .run(["query", "Berth 7 is free.", "--db", "killed.db"])
            .exits(0)
            .says_nothing()
            .prints("7번 선석");
        bitext.run(["import", "set", "--quiet", "--db", "killed.db"]).succeeds_silently();
        assert_eq!(integrity(&bitext.path("killed.db")), "ok");
        assert_eq!(dump(&bitext.path("killed.db")), expected);
    }
    // A table in the way of the last statements.
    fs::copy(bitext.path("bitext.db"), bitext.path("failed.db")).unwrap();
    Connection::open(bitext.path("failed.db"))
        .unwrap()
        .execute_batch("create table clean_object (x)")
        .unwrap();
    let before = fs::read(bitext.path("failed.db")).unwrap();
    bitext.run(["import", "set", "--quiet", "--db", "failed.db"]).exits(2).prints_nothing().says("failed.db");
    assert!(fs::read(bitext.path("failed.db")).unwrap() == before, "the memory was written to");
    bitext.run(["query", "Berth 7 is free.", "--db", "failed.db"]).exits(0).says_nothing().prints("7번 선석");
}
