//! Which segments of the versions of a document are kept, by tables of small repositories.

use super::{Files, Repository, assert_same, content, doc, history, identified};
use crate::support::Bitext;

/// What a memory has after the import of a history.
#[track_caller]
fn kept(repository: &Repository) -> Vec<String> {
    let bitext = Bitext::new();
    repository.write(&bitext);
    history(&bitext, "docs.git@live-sxs", "bitext.db", &[]);
    let content = content(&bitext, "bitext.db");
    assert!(!content.0["segments"].is_empty());
    repository.shown(&bitext.path("bitext.db"))
}

#[track_caller]
fn linear(commits: &[Files<'_>]) -> Vec<String> {
    kept(&Repository::linear(commits))
}

#[test]
fn a_pair_that_no_newer_version_has_is_kept_at_the_newest_version_that_has_it() {
    let versions = [doc("HT", "a1 b1 c1"), doc("HT", "a1 b2 c1"), doc("HT", "a1 b3"), doc("HT", "a1 b3 d1")];
    let commits: Vec<[(&str, &str); 1]> = versions.iter().map(|text| [("a.md", text.as_str())]).collect();
    let commits: Vec<Files<'_>> = commits.iter().map(|files| &files[..]).collect();
    assert_eq!(
        linear(&commits),
        [
            "a.md 101 a>a1 human @4 from 4 now",
            "a.md 102 b>b3 human @4 from 4 now",
            "a.md 103 d>d1 human @4 from 4 now",
            "a.md 102 b>b2 human @2 from 2 until 3",
            "a.md 103 c>c1 human @2 from 2 until 3",
            "a.md 102 b>b1 human @1 from 1 until 2",
        ]
    );
}

#[test]
fn the_same_pair_by_another_workflow_is_another_pair() {
    let kept = linear(&[
        &[("a.md", &doc("HT", "a1 b1"))],
        &[("a.md", &doc("", "a1"))],
        &[("a.md", &doc("MT", "a1 b1"))],
    ]);
    assert_eq!(
        kept,
        [
            "a.md 101 a>a1 machine @3 from 3 now",
            "a.md 102 b>b1 machine @3 from 3 now",
            "a.md 101 a>a1 - @2 from 2 until 3",
            "a.md 101 a>a1 human @1 from 1 until 2",
            "a.md 102 b>b1 human @1 from 1 until 2",
        ]
    );
}

#[test]
fn all_places_of_a_pair_in_its_newest_version_are_kept() {
    let kept = linear(&[
        &[("a.md", &doc("HT", "a1 b1 a1 c1 a1"))],
        &[("a.md", &doc("HT", "b1 b1 a1 a1"))],
        &[("a.md", &doc("HT", "c1"))],
    ]);
    assert_eq!(
        kept,
        [
            "a.md 101 c>c1 human @3 from 3 now",
            "a.md 101 b>b1 human @2 from 2 until 3",
            "a.md 102 b>b1 human @2 from 2 until 3",
            "a.md 103 a>a1 human @2 from 2 until 3",
            "a.md 104 a>a1 human @2 from 2 until 3",
        ]
    );
}

#[test]
fn all_versions_of_a_deleted_document_are_superseded() {
    let (one, two, other) = (doc("HT", "a1 b1"), doc("MT", "a2"), doc("HT", "o1"));
    let kept = linear(&[
        &[("a.md", &one), ("o.md", &other)],
        &[("a.md", &two), ("o.md", &other)],
        &[("o.md", &other)],
        &[("o.md", &other), ("p.md", &other)],
    ]);
    assert_eq!(
        kept,
        [
            "a.md 101 a>a2 machine @2 from 2 until 3",
            "a.md 101 a>a1 human @1 from 1 until 2",
            "a.md 102 b>b1 human @1 from 1 until 2",
            "o.md 101 o>o1 human @1 from 1 now",
            "p.md 101 o>o1 human @4 from 4 now",
        ]
    );
}

#[test]
fn a_document_that_was_deleted_and_added_again_has_both_parts_of_its_history() {
    let (one, two) = (doc("HT", "a1"), doc("HT", "a2"));
    let kept =
        linear(&[&[("a.md", &one), ("o.md", &one)], &[("o.md", &one)], &[("a.md", &two), ("o.md", &one)]]);
    assert_eq!(
        kept,
        [
            "a.md 101 a>a2 human @3 from 3 now",
            "a.md 101 a>a1 human @1 from 1 until 2",
            "o.md 101 a>a1 human @1 from 1 now",
        ]
    );
}

#[test]
fn of_a_reverted_change_the_change_alone_is_superseded() {
    let (one, two) = (doc("HT", "a1 b1"), doc("HT", "a2 b1"));
    let kept = linear(&[&[("a.md", &one)], &[("a.md", &two)], &[("a.md", &one)]]);
    assert_eq!(
        kept,
        [
            "a.md 101 a>a1 human @3 from 3 now",
            "a.md 102 b>b1 human @3 from 3 now",
            "a.md 101 a>a2 human @2 from 2 until 3",
        ]
    );
}

#[test]
fn the_versions_of_both_branches_of_a_merge_are_kept() {
    let mut repository = Repository::new();
    repository.commit(&[], &[("a.md", &doc("HT", "a1 b1"))]);
    repository.commit(&[1], &[("a.md", &doc("HT", "a2 b1"))]);
    repository.commit(&[1], &[("a.md", &doc("HT", "a1 b3"))]);
    repository.commit(&[2, 3], &[("a.md", &doc("HT", "a4 b4"))]);
    assert_eq!(
        kept(&repository),
        [
            "a.md 101 a>a4 human @4 from 4 now",
            "a.md 102 b>b4 human @4 from 4 now",
            "a.md 101 a>a1 human @3 from 3 until 4",
            "a.md 102 b>b3 human @3 from 3 until 4",
            "a.md 101 a>a2 human @2 from 2 until 3",
            "a.md 102 b>b1 human @2 from 2 until 3",
        ]
    );
}

#[test]
fn a_renamed_document_keeps_its_history_under_the_paths_of_its_versions() {
    let (one, two) = (doc("HT", "a1 b1"), doc("HT", "a2 b1"));
    let kept_of_content = linear(&[&[("a.md", &one)], &[("x/b.md", &one)], &[("x/b.md", &two)]]);
    assert_eq!(
        kept_of_content,
        [
            "x/b.md 101 a>a2 human @3 from 3 now",
            "x/b.md 102 b>b1 human @3 from 3 now",
            "x/b.md 101 a>a1 human @2 from 2 until 3",
        ]
    );
    let (one, two) = (identified("7", "HT", "a1 b1"), identified("7", "MT", "a2 b1"));
    let kept_of_id = linear(&[&[("a.md", &one)], &[("x/b.md", &two)]]);
    assert_eq!(
        kept_of_id,
        [
            "a.md 101 a>a1 human @1 from 1 until 2",
            "a.md 102 b>b1 human @1 from 1 until 2",
            "x/b.md 101 a>a2 machine @2 from 2 now",
            "x/b.md 102 b>b1 machine @2 from 2 now",
        ]
    );
}

#[test]
fn a_superseded_segment_keeps_the_metadata_of_its_version() {
    let bitext = Bitext::new();
    let old = identified("7", "HT", "a1 b1")
        .replace("ms.locfileid", "title: 옛 제목\nms.openlocfilehash: 0e0dc8401b29\nms.locfileid");
    let new = identified("8", "MT", "b1").replace("04/23/2019", "05/01/2021").replace("b1", "b2");
    let repository = Repository::linear(&[&[("a.md", &old)], &[("a.md", &new)]]);
    history(&bitext, repository.write(&bitext).at(2).as_str(), "bitext.db", &[]);
    let run = bitext.run(["export", "-f", "jsonl", "--history", "-q"]).exits(0).says_nothing();
    let lines = run.json_lines();
    let fields =
        ["id", "line", "workflow", "handoff", "file_id", "source_hash", "commit", "committed", "superseded"];
    let found: Vec<Vec<String>> = lines
        .iter()
        .map(|line| fields.iter().map(|field| line[field].to_string().replace('"', "")).collect())
        .collect();
    let (first, second) = (repository.commits[0].to_string(), repository.commits[1].to_string());
    let old = |id, line| {
        vec![
            id,
            line,
            "human",
            "2019-04-23",
            "7",
            "0e0dc8401b29",
            &first,
            "2020-01-01T00:00:00Z",
            "2020-01-02T00:00:00Z",
        ]
    };
    let new =
        vec!["0a1b2-101", "7", "machine", "2021-05-01", "8", "null", &second, "2020-01-02T00:00:00Z", "null"];
    assert_eq!(found, [new, old("0a1b2-101", "9"), old("0a1b2-102", "11")]);
}

#[test]
fn a_document_without_spans_supersedes_what_it_had() {
    let bitext = Bitext::new();
    let (one, other) = (doc("HT", "a1 b1"), doc("HT", "o1"));
    let mut repository =
        Repository::linear(&[&[("a.md", &one), ("o.md", &other)], &[("a.md", "clean"), ("o.md", &other)]]);
    repository.write(&bitext);
    let gone = ["a.md 101 a>a1 human @1 from 1 until 2", "a.md 102 b>b1 human @1 from 1 until 2"];
    let other_line = "o.md 101 o>o1 human @1 from 1 now";
    for first in [1, 2] {
        let memory = format!("{first}.db");
        history(&bitext, &repository.at(first), &memory, &[]);
        history(&bitext, &repository.at(2), &memory, &[]);
        assert_eq!(repository.shown(&bitext.path(&memory)), [gone[0], gone[1], other_line]);
    }
    // It is translated again.
    repository.then(&[("a.md", &doc("MT", "a1 b2")), ("o.md", &other)]);
    repository.write(&bitext);
    let fresh = repository.fresh(&bitext, 3, &[]);
    for first in [1, 2] {
        let memory = format!("{first}.db");
        history(&bitext, &repository.at(3), &memory, &[]);
        assert_same(&content(&bitext, &memory), &fresh, "");
        let shown = repository.shown(&bitext.path(&memory));
        assert_eq!(
            shown[..2],
            ["a.md 101 a>a1 machine @3 from 3 now", "a.md 102 b>b2 machine @3 from 3 now"]
        );
        assert_eq!(shown[2..], [gone[0], gone[1], other_line]);
    }
}

#[test]
fn a_second_import_reads_new_versions_only_and_counts_them() {
    let bitext = Bitext::new();
    let texts = ["a1 b1", "a2 b1", "a2 b2", "a3"].map(|texts| doc("HT", texts));
    let mut repository = Repository::new();
    let mut found = Vec::new();
    for (number, text) in (1..).zip(&texts) {
        repository.then(&[("a.md", text), ("o.md", &texts[0])]);
        let path = repository.write(&bitext).at(number);
        for _ in 0..2 {
            let run = bitext.run(["import", &path, "--history", "--json"]).exits(0).says_nothing();
            let counts = run.json();
            let names = [
                "documents_new",
                "documents_changed",
                "documents_unchanged",
                "versions",
                "segments",
                "superseded",
            ];
            found.push(names.map(|name| counts[name].as_u64().unwrap()));
        }
    }
    // What was current is superseded without being read.
    let (same, changed) = ([0, 0, 2, 0, 0, 0], |segments| [0, 1, 1, 0, segments, 0]);
    assert_eq!(found, [[2, 0, 0, 0, 4, 0], same, changed(2), same, changed(2), same, changed(1), same]);
    let run = bitext.run(["import", &repository.at(4), "--history", "--json", "--db", "fresh.db"]);
    let counts = run.exits(0).says_nothing().json();
    assert_eq!([&counts["versions"], &counts["superseded"]], [3, 4]);
    assert_same(&content(&bitext, "bitext.db"), &repository.fresh(&bitext, 4, &[]), "");
    bitext
        .run(["import", &repository.at(4), "--history", "--db", "third.db"])
        .exits(0)
        .prints_nothing()
        .says_all(
            "documents: 2 new, 0 changed, 0 unchanged, 0 removed, 0 without segments\n\
             history: 3 earlier versions read, 4 superseded segments new\n\
             3 segments, 2 units new, 0 removed, 0 problems in … s\n",
        );
    let before = std::fs::read(bitext.path("third.db")).unwrap();
    let dry = ["import", &repository.at(3), "--history", "--db", "third.db", "--dry-run", "--quiet"];
    bitext.run(dry).succeeds_silently();
    assert_eq!(std::fs::read(bitext.path("third.db")).unwrap(), before);
}
