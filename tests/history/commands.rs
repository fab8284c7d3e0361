//! What queries, searches, exports, statistics and the log say of a memory with a history.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Repository, assert_same, content, doc, history};
use crate::support::{Bitext, rows};

/// Translations whose order is a judgement: current and superseded, human and machine.
fn memory() -> (Bitext, Repository) {
    let bitext = Bitext::new();
    let repository = Repository::linear(&[
        &[("a.md", &doc("HT", "a1 b1 c1 d1")), ("b.md", &doc("HT", "a1 c9"))],
        &[("a.md", &doc("HT", "a2 b1 c1 d1")), ("b.md", &doc("HT", "c9"))],
        &[("a.md", &doc("MT", "a3 b3 c3 d1")), ("b.md", &doc("HT", "c9")), ("m.md", &doc("MT", "b3 e1"))],
        &[("a.md", &doc("MT", "a3 b3 c3 d1")), ("b.md", &doc("HT", "c9")), ("m.md", &doc("MT", "b4 e2 e2"))],
    ]);
    repository.write(&bitext);
    history(&bitext, &repository.at(4), "bitext.db", &[]);
    (bitext, repository)
}

/// The targets of a query, with the workflow and the day until which each was current.
#[track_caller]
fn query(bitext: &Bitext, text: &str, options: &[&str]) -> Vec<String> {
    let query = ["query", text, "--min", "100", "--limit", "9", "--json"];
    let answer = bitext.run(query.iter().chain(options)).exits(0).says_nothing().json();
    let show = |found: &Value| {
        let until = found["superseded"].as_str().map_or("now", |time| &time[8..10]);
        let score = found["score"].as_u64().unwrap();
        format!(
            "{score} {} {} {until}",
            found["target"].as_str().unwrap(),
            found["workflow"].as_str().unwrap_or("-")
        )
    };
    answer["matches"].as_array().unwrap().iter().map(show).collect()
}

#[test]
fn a_current_translation_comes_first_among_those_of_its_workflow() {
    let (bitext, repository) = memory();
    assert_eq!(query(&bitext, "a", &[]), ["100 a1 human 02", "100 a2 human 03", "100 a3 machine now"]);
    assert_eq!(query(&bitext, "c", &[]), ["100 c9 human now", "100 c1 human 03", "100 c3 machine now"]);
    assert_eq!(query(&bitext, "b", &[]), ["100 b1 human 03", "100 b3 machine now", "100 b4 machine now"]);
    // Of the same pair, a current place counts; that a person translated it once counts too.
    assert_eq!(query(&bitext, "d", &[]), ["100 d1 human now"]);
    assert_eq!(query(&bitext, "a", &["--current"]), ["100 a3 machine now"]);
    assert_eq!(query(&bitext, "d", &["--current"]), ["100 d1 machine now"]);
    let short = |commit: usize| repository.commits[commit - 1].to_string()[..7].to_owned();
    let run = bitext.run(["query", "a", "--limit", "2"]).exits(0).says_nothing();
    let run = run.prints(&format!("human, until 2020-01-02, {}, 2 segments in 2 documents", short(1)));
    drop(run.prints(&format!("human, until 2020-01-03, {}, 1 segment in 1 document", short(2))));
}

#[test]
fn a_superseded_translation_is_found_in_its_context() {
    let bitext = Bitext::new();
    let mut repository = Repository::linear(&[
        &[("a.md", &doc("HT", "a1 b1 c1 d1 e1"))],
        // The neighbours of b1 and d1 stay, so that they are stored with the newer version alone.
        &[("a.md", &doc("HT", "a1 b2 c1 d2 e1"))],
    ]);
    let found = |memory: &str, before: &str, text: &str, after: &str, options: &[&str]| {
        let context = ["--before", before, "--after", after, "--db", memory];
        query(&bitext, text, &[&context[..], options].concat())
    };
    repository.write(&bitext);
    history(&bitext, &repository.at(1), "grown.db", &[]);
    history(&bitext, &repository.at(2), "grown.db", &[]);
    history(&bitext, &repository.at(2), "fresh.db", &[]);
    for memory in ["grown.db", "fresh.db"] {
        assert_eq!(found(memory, "a", "b", "c", &[]), ["101 b2 human now", "101 b1 human 02"]);
        assert_eq!(found(memory, "c", "d", "e", &["--current"]), ["101 d2 human now"]);
    }
    // Now the context occurs in the old version alone.
    repository.then(&[("a.md", &doc("HT", "b2 a1 d2 c1"))]);
    repository.write(&bitext);
    for memory in ["grown.db", "fresh.db", "new.db"] {
        history(&bitext, &repository.at(3), memory, &[]);
        assert_eq!(found(memory, "a", "b", "c", &[]), ["101 b1 human 02", "100 b2 human now"], "{memory}");
        assert_eq!(found(memory, "a", "b", "c", &["--current"]), ["100 b2 human now"], "{memory}");
        assert_eq!(found(memory, "c", "d", "e", &[]), ["101 d1 human 02", "100 d2 human now"], "{memory}");
        let e = found(memory, "d", "e", "", &[]);
        assert_eq!(e.len(), 1, "{e:?}");
    }
    assert_same(&content(&bitext, "grown.db"), &content(&bitext, "new.db"), "");
    assert_same(&content(&bitext, "fresh.db"), &content(&bitext, "new.db"), "");
}

#[test]
fn a_tmx_has_what_nothing_current_says_better_or_current_ones_or_all() {
    let (bitext, repository) = memory();
    let tmx = |options: &[&str]| bitext.run(["export", "-q"].iter().chain(options)).printed();
    let targets = |tmx: &str| -> Vec<String> {
        let document = roxmltree::Document::parse(tmx).unwrap();
        let units = document.descendants().filter(|node| node.has_tag_name("tu"));
        let show = |unit: roxmltree::Node<'_, '_>| {
            let target = unit.descendants().filter(|node| node.has_tag_name("seg")).nth(1).unwrap();
            let props: Vec<_> = unit
                .descendants()
                .filter(|node| node.has_tag_name("prop"))
                .filter(|node| ["x-superseded", "x-commit"].contains(&node.attribute("type").unwrap()))
                .map(|node| node.text().unwrap().to_owned())
                .collect();
            format!("{} {}", target.text().unwrap(), props.join(" ")).trim().to_owned()
        };
        units.map(show).collect()
    };
    let id = |commit: usize| repository.commits[commit - 1];
    let until =
        |text: &str, day: u8, commit: usize| format!("{text} 2020-01-0{day}T00:00:00Z {}", id(commit));
    let mut best = targets(&tmx(&["--all-variants"]));
    best.sort();
    let expected = [
        until("a1", 2, 1),
        until("a2", 3, 2),
        "a3".into(),
        until("b1", 3, 2),
        "b3".into(),
        "b4".into(),
        "c3".into(),
        "c9".into(),
        "d1".into(),
        "e2".into(),
    ];
    assert_eq!(best, expected);
    let mut current = targets(&tmx(&["--all-variants", "--current"]));
    current.sort();
    assert_eq!(current, ["a3", "b3", "b4", "c3", "c9", "d1", "e2"]);
    let all = targets(&tmx(&["--history"]));
    assert_eq!(all.len(), 12, "{all:?}");
    let mut one = targets(&tmx(&[]));
    one.sort();
    one.dedup_by_key(|text| text[..1].to_owned());
    assert_eq!(one.len(), 5, "{one:?}");
}

#[test]
fn a_tmx_with_superseded_translations_survives_its_own_import() {
    let (bitext, _) = memory();
    for options in [&["--history"][..], &["--all-variants"], &["--current"], &[]] {
        let again = format!("again{}.db", options.join(""));
        let export = |db: &str, tmx: &str| {
            let export = ["export", "-q", "--db", db, "-o", tmx];
            bitext.run(export.iter().chain(options)).succeeds_silently();
            std::fs::read_to_string(bitext.path(tmx)).unwrap()
        };
        let first = export("bitext.db", "first.tmx");
        bitext.run(["import", "first.tmx", "-q", "--db", &again]).succeeds_silently();
        assert_eq!(export(&again, "second.tmx"), first, "{options:?}");
    }
    let sql = "select source, target, \"commit\", superseded from extracted where superseded is not null";
    let pairs = |db: &str| rows(&bitext.path(db), sql).into_iter().collect::<BTreeSet<_>>();
    let (before, after) = (pairs("bitext.db"), pairs("again--history.db"));
    assert!(!after.is_empty() && after.is_subset(&before), "{after:?}");
    assert_eq!(query(&bitext, "a", &["--db", "again--history.db"]), query(&bitext, "a", &[]));
}

#[test]
fn queries_searches_and_exports_agree_about_a_history() {
    let (bitext, _) = memory();
    for options in
        [&[][..], &["--current"], &["--workflow", "human"], &["--current", "--workflow", "machine"]]
    {
        let search = ["search", ".", "--regex", "--limit", "0", "--json"];
        let lines = bitext.run(search.iter().chain(options)).exits(0).says_nothing().json_lines();
        let segments: u64 = lines.iter().map(|line| line["segments"].as_u64().unwrap()).sum();
        let count = bitext.run(["search", ".", "--regex", "--count"].iter().chain(options)).printed();
        assert_eq!(count.trim(), segments.to_string(), "{options:?}");
        let facts = |value: &Value| {
            let names = ["segments", "documents", "workflow", "handoff", "superseded", "commit"];
            names.map(|name| value[name].to_string())
        };
        let found: BTreeMap<(String, String), _> = lines
            .iter()
            .map(|line| ((line["source"].to_string(), line["target"].to_string()), facts(line)))
            .collect();
        let mut asked = BTreeMap::new();
        for source in ["a", "b", "c", "d", "e"] {
            let query = ["query", source, "--min", "100", "--limit", "99", "--json"];
            let run = bitext.run(query.iter().chain(options)).says_nothing();
            let answer = run.json();
            assert!(run.code() <= 1);
            for line in answer["matches"].as_array().unwrap() {
                asked.insert((format!("{source:?}"), line["target"].to_string()), facts(line));
            }
        }
        assert_eq!(found, asked, "{options:?}");
    }
    // An export has each segment of the current versions, and of the superseded ones with --history.
    let stats = bitext.run(["stats", "--json"]).exits(0).says_nothing().json();
    for (option, expected) in [
        ("--current", stats["segments"].as_u64().unwrap()),
        ("--history", stats["segments"].as_u64().unwrap() + stats["superseded"].as_u64().unwrap()),
    ] {
        let export = ["export", "-f", "jsonl", "--untranslated", "keep", "-q", option];
        let lines = bitext.run(export).exits(0).says_nothing().json_lines();
        assert_eq!(lines.len() as u64, expected, "{option}");
    }
}

#[test]
fn statistics_count_what_only_the_history_has() {
    let (bitext, _) = memory();
    let mut superseded = 0;
    let mut workflows: BTreeMap<String, Vec<(bool, String)>> = BTreeMap::new();
    for row in rows(&bitext.path("bitext.db"), "select source, workflow, superseded is null from extracted") {
        let cells: Vec<&str> = row.split('|').collect();
        let is_current = cells[2] == "1";
        superseded += u64::from(!is_current);
        workflows.entry(cells[0].to_owned()).or_default().push((is_current, cells[1].to_owned()));
    }
    let lost = |places: &&Vec<(bool, String)>| {
        places.iter().any(|(is_current, by)| !is_current && by == "human")
            && !places.iter().any(|(is_current, by)| *is_current && by == "human")
    };
    let lost: Vec<_> = workflows.values().filter(lost).collect();
    let translated = lost.iter().filter(|places| places.iter().any(|(is_current, _)| *is_current)).count();
    let stats = bitext.run(["stats", "--json"]).exits(0).says_nothing().json();
    for counts in [&stats, &stats["sets"][0]] {
        assert_eq!(counts["superseded"], superseded);
        assert_eq!(counts["human_in_history"], lost.len());
        assert_eq!(counts["human_in_history_translated_now"], translated);
    }
    assert_eq!((superseded, lost.len(), translated), (8, 3, 3));
    let run = bitext.run(["stats"]).exits(0).says_nothing();
    drop(run.prints("in the history: 8 superseded segments; 3 source texts have a human translation only there, 3 of them another translation now"));
}

#[test]
fn the_log_shows_each_translation_once_for_each_workflow_the_oldest_first() {
    let (bitext, repository) = memory();
    let short = |commit: usize| repository.commits[commit - 1].to_string()[..7].to_owned();
    let expected = format!(
        "en-US to ko-KR\n\
         until 2020-01-02, {}, human, 2 segments  docs/a.md 0a1b2-101\n    a1\n\
         until 2020-01-03, {}, human, 1 segment  docs/a.md 0a1b2-101\n    [-a1-]{{+a2+}}\n\
         current, {}, machine, 1 segment  docs/a.md 0a1b2-101\n    [-a2-]{{+a3+}}\n",
        short(1),
        short(2),
        short(3)
    );
    let printed = bitext.run(["log", "a"]).printed();
    assert_eq!(printed, expected);
    let log = |options: &[&str]| {
        let lines =
            bitext.run(["log"].iter().chain(options).chain(&["--json"])).exits(0).says_nothing().json_lines();
        let show = |line: &Value| {
            let text = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
            let number = repository.number(&text("commit"));
            format!(
                "{} {} @{number} {} {}",
                text("target"),
                text("workflow"),
                text("committed").get(..10).unwrap_or("-"),
                text("superseded").get(..10).unwrap_or("-")
            )
        };
        lines.iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(log(&["d"]), ["d1 human @2 2020-01-02 2020-01-03", "d1 machine @3 2020-01-03 -"]);
    assert_eq!(
        log(&["c", "--to", "ko-KR", "--from", "en-US"]),
        ["c1 human @2 2020-01-02 2020-01-03", "c9 human @2 2020-01-02 -", "c3 machine @3 2020-01-03 -"]
    );
    let lines = bitext.run(["log", "a", "--json"]).exits(0).says_nothing().json_lines();
    assert_eq!(lines[0]["changes"], serde_json::json!([]));
    assert_eq!(lines[1]["changes"], serde_json::json!([["removed", "a1"], ["added", "a2"]]));
    let none = "bitext: the memory has no translation of exactly this text; `bitext query TEXT` finds similar ones\n";
    for arguments in
        [&["log", "zzz"][..], &["log", "a", "--to", "ja-JP"], &["log", "a", "--json", "--from", "en-GB"]]
    {
        bitext.run(arguments).exits(1).prints_nothing().says_all(none);
    }
}

#[test]
fn the_log_of_one_commit_has_the_same_order_each_time() {
    let bitext = Bitext::new();
    let documents = ["HT", "MT", ""].map(|workflow| doc(workflow, "a1"));
    let files = [("a.md", &documents[2]), ("b.md", &documents[1]), ("c.md", &documents[0])];
    let files = files.map(|(path, text)| (path, text.as_str()));
    let repository = Repository::linear(&[&files]);
    repository.write(&bitext);
    history(&bitext, &repository.at(1), "bitext.db", &[]);
    for _ in 0..6 {
        let lines = bitext.run(["log", "a", "--json"]).exits(0).says_nothing().json_lines();
        let workflows: Vec<_> = lines.iter().map(|line| line["workflow"].as_str()).collect();
        assert_eq!(workflows, [Some("human"), None, Some("machine")]);
    }
}

#[test]
fn the_log_has_a_part_for_each_locale_and_escapes_what_it_shows() {
    let bitext = Bitext::new();
    let evil = "a\u{1b}[31m\u{202e}red";
    let japanese = doc("HT", "a7").replace("ko-KR", "ja-JP");
    let hostile = doc("HT", "a1").replace(">a1<", &format!(">{evil}<"));
    let repository = Repository::linear(&[
        &[("a.md", &doc("HT", "a1")), ("j.md", &japanese)],
        &[("a.md", &hostile), ("j.md", &japanese), ("\u{1b}[2Jx.md", &doc("MT", "a9"))],
    ]);
    repository.write(&bitext);
    history(&bitext, &repository.at(2), "bitext.db", &[]);
    let printed = bitext.run(["log", "a"]).printed();
    assert!(printed.starts_with("en-US to ja-JP\ncurrent, "), "{printed}");
    assert!(printed.contains("en-US to ko-KR\nuntil 2020-01-02, "), "{printed}");
    assert!(!printed.contains(['\u{1b}', '\u{202e}']), "{printed:?}");
    let lines = bitext.run(["log", "a", "--json"]).exits(0).says_nothing();
    assert!(!lines.stdout().contains('\u{1b}'));
    assert!(lines.json_lines().iter().any(|line| line["target"] == evil));
}
