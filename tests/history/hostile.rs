//! Repositories that no `git` made, and paths without a history.

use super::{BEFORE_FIRST, DAY, Repository, assert_sound, doc, history};
use crate::support::git::{FILE, FOLDER};
use crate::support::{Bitext, rows};

#[test]
fn a_date_of_a_commit_can_be_any_number() {
    let bitext = Bitext::new();
    let mut repository = Repository::new();
    let dates = [
        "0",
        "-5",
        "-9223372036854775808",
        "9223372036854775807",
        "99999999999999",
        "-99999999999",
        "no date",
        "1600000000",
    ];
    for (number, date) in dates.iter().enumerate() {
        let parents: Vec<usize> = if number == 0 { vec![] } else { vec![number] };
        repository.commit_at(date, &parents, &[("a.md", &doc("HT", &format!("a{number}")))]);
    }
    repository.write(&bitext);
    let last = repository.at(dates.len());
    history(&bitext, &last, "bitext.db", &[]);
    assert_sound(&bitext.path("bitext.db"));
    let times = "select committed, superseded from document order by id";
    let expected = [
        "1600000000|null",
        "0|1600000000",
        "-99999999999|0",
        "99999999999999|-99999999999",
        "9223372036854775807|99999999999999",
        "-9223372036854775808|9223372036854775807",
        "-5|-9223372036854775808",
        "0|-5",
    ];
    assert_eq!(rows(&bitext.path("bitext.db"), times), expected);
    let json = bitext.run(["query", "a", "--limit", "20", "--json"]).exits(0).says_nothing().json();
    assert_eq!(json["matches"].as_array().unwrap().len(), 8);
    let log = bitext.run(["log", "a"]).printed();
    assert_eq!(log.lines().filter(|line| line.contains("1 segment")).count(), 8, "{log}");
    assert!(log.contains("until 1969-12-31, ") && log.contains("\nsuperseded, "), "{log}");
    for command in [
        &["search", "a", "--json"][..],
        &["log", "a", "--json"],
        &["export", "-f", "jsonl", "-q", "--history"],
    ] {
        assert_eq!(bitext.run(command).printed().lines().count(), 8, "{command:?}");
    }
    for bounds in ["--since=9999-12-31", "--until=-009999-01-01", "--since=0001-01-01"] {
        let memory = format!("{}.db", &bounds[2..]);
        let run = bitext.run(["import", &last, "--history", "--quiet", "--db", &memory, bounds]);
        let code = run.prints_nothing();
        let said = code.stderr().to_owned();
        assert!(code.code() == 0 && said.is_empty() || code.code() == 2 && said.contains("date"), "{said}");
    }
    // A translation whose date cannot be written is superseded all the same after a round trip.
    let export = |db: &str, to: &str| {
        bitext.run(["export", "-q", "--history", "--db", db, "-o", to]).succeeds_silently();
        std::fs::read_to_string(bitext.path(to)).unwrap()
    };
    let first = export("bitext.db", "first.tmx");
    bitext.run(["import", "first.tmx", "-q", "--db", "again.db"]).succeeds_silently();
    let superseded = "select count(*) from extracted where superseded is null";
    assert_eq!(rows(&bitext.path("again.db"), superseded), ["1"], "{first}");
    assert_eq!(export("again.db", "second.tmx"), first);
}

#[test]
fn names_that_lead_out_of_an_old_tree_are_reported_with_their_commit() {
    let bitext = Bitext::new();
    let mut repository = Repository::new();
    let blob = repository.objects.blob(doc("HT", "a1"));
    let inner = repository.objects.tree(&[(FILE, b"x.md", blob)]);
    let tree =
        repository.objects.tree(&[(FOLDER, b"..", inner), (FILE, b"/evil.md", blob), (FILE, b"a.md", blob)]);
    let first = repository.objects.commit_with(tree, &[], &BEFORE_FIRST.to_string());
    repository.commits.push(first);
    repository.then(&[("a.md", &doc("HT", "a2"))]);
    repository.write(&bitext);
    let path = repository.at(2);
    let short = &first.to_string()[..7];
    let reason = format!("in commit {short}: the name leads out of its folder; the entry was left out");
    bitext
        .run(["import", &path, "--history", "--quiet"])
        .exits(0)
        .prints_nothing()
        .says_all(&format!("{path}:..: {reason}\n{path}:/evil.md: {reason}\n"));
    assert_eq!(repository.shown(&bitext.path("bitext.db")).len(), 2);
}

#[test]
fn a_problem_of_an_old_version_names_its_document_and_commit() {
    let bitext = Bitext::new();
    let broken = doc("HT", "a1 b1").replace("<span data-stu-id=\"0a1b2-102\">b</span>", "");
    let repository = Repository::linear(&[
        &[("a.md", &broken), ("u.md", "data-ttu-id")],
        &[("a.md", &broken.replace(">a1<", ">a2<"))],
        &[("a.md", &doc("HT", "a3"))],
    ]);
    repository.write(&bitext);
    let path = repository.at(3);
    let run = bitext.run(["import", &path, "--history", "--quiet"]).exits(0).prints_nothing();
    let short = &repository.commits[1].to_string()[..7];
    let said = run.stderr();
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].starts_with(&format!("{path}:a.md at {short}:8: segment 0a1b2-102 has no source")),
        "{said}"
    );
    // The same problem of an older version is not repeated.
    let first = &repository.commits[0].to_string()[..7];
    assert!(lines[1].starts_with(&format!("{path}:u.md at {first}:1: ")) && lines.len() == 2, "{said}");
}

#[test]
fn what_has_no_history_is_refused() {
    let bitext = Bitext::new();
    bitext.write("folder/a.md", doc("HT", "a1"));
    bitext.write("memory.tmx", "<tmx/>");
    bitext.write("archive.zip", "PK\u{5}\u{6}\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    for path in ["folder", "folder/a.md", "memory.tmx", "archive.zip"] {
        bitext.run(["import", path, "--history"]).exits(2).prints_nothing().says(path).says("history");
        assert!(!bitext.path("bitext.db").exists());
    }
    let repository = Repository::linear(&[&[("a.md", &doc("HT", "a1"))]]);
    repository.write(&bitext);
    let tree = format!("{}^{{tree}}", repository.at(1));
    bitext.run(["import", &tree, "--history"]).exits(2).prints_nothing().says("history");
}

/// Not timed, but a quadratic step would be noticed.
#[test]
fn a_document_can_have_thousands_of_versions() {
    let bitext = Bitext::new();
    let mut repository = Repository::new();
    for number in 0..VERSIONS {
        repository.then(&[("a.md", &doc("HT", &format!("a{number} b1")))]);
    }
    repository.write(&bitext);
    history(&bitext, &repository.at(VERSIONS - 1), "bitext.db", &[]);
    history(&bitext, &repository.at(VERSIONS), "bitext.db", &[]);
    let count = "select count(*), count(distinct committed), max(committed) from document";
    let last = BEFORE_FIRST + VERSIONS as i64 * DAY;
    assert_eq!(rows(&bitext.path("bitext.db"), count), [format!("{VERSIONS}|{VERSIONS}|{last}")]);
    let line = bitext.run(["log", "a"]).printed().lines().count();
    assert_eq!(line, 2 * VERSIONS + 1);
}

const VERSIONS: usize = 2_000;
