//! `bitext check`: findings of documents and of a memory.

use std::fs;

use crate::support::{Bitext, fixture};

/// The golden file of the findings in `fixtures/faults`. `.ci/run` compares the release build with it too.
const FINDINGS: &str = "tests/snapshots/check-faults.jsonl";

fn golden() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(FINDINGS);
    fs::read_to_string(path).expect("the golden file").replace("\r\n", "\n")
}

fn check_faults(options: &[&str]) -> Vec<String> {
    let faults = fixture("faults");
    let path = faults.to_str().expect("a path");
    ["check", path].iter().chain(options).map(|option| (*option).to_owned()).collect()
}

#[test]
fn every_fault_of_the_fixtures_is_found_to_the_letter() {
    let bitext = Bitext::new();
    let all = ["--json", "--min-severity", "info", "--fail-on", "error"];
    let run = bitext.run(check_faults(&all)).exits(1).says_nothing();
    assert_eq!(run.stdout(), golden());
    let alone = bitext.run(check_faults(&[&all[..], &["--threads", "1"]].concat())).exits(1).says_nothing();
    assert_eq!(alone.stdout(), golden(), "the number of threads changes nothing");
    // Each check is found at least once, but those that need more pairs than a fixture has, or earlier versions.
    let list = bitext.run(["check", "--list"]).exits(0).says_nothing();
    for line in list.stdout().lines().filter(|line| !line.starts_with(' ') && !line.contains("a class")) {
        let id = line.split(' ').next().unwrap_or_default();
        let is_found = golden().contains(&format!("{{\"check\":\"{id}\""));
        assert!(is_found || ["length", "replaced_human"].contains(&id), "{id} is not in the golden file");
    }
}

#[test]
fn a_machine_translation_that_replaced_a_human_one_is_found_if_the_history_is_there() {
    let bitext = Bitext::new();
    let bundle = fixture("history.bundle");
    let only = ["check", "--only", "replaced_human", "--json"];
    bitext.run(["import", bundle.to_str().expect("a path"), "--quiet"]).succeeds_silently();
    bitext.run(only).exits(0).says_nothing().prints_nothing();
    bitext.run(["import", bundle.to_str().expect("a path"), "--history", "--quiet"]).succeeds_silently();
    let run = bitext.run(only).exits(0).says_nothing();
    let reasons: Vec<String> = run
        .stdout()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["reason"].to_string())
        .collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(
        reasons[1].contains("a person had translated `선박을 선택한 다음 **취소**를 선택합니다.`"),
        "{reasons:?}"
    );
}

#[test]
fn a_memory_has_the_findings_of_its_documents() {
    let bitext = Bitext::new();
    bitext.import(fixture("faults"));
    let from_memory = bitext.run(["check", "--json"]).exits(1).says_nothing();
    let from_documents = bitext.run(check_faults(&["--json"])).exits(1).says_nothing();
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    // A memory lists its documents by locale.
    assert_eq!(sorted(from_memory.stdout()), sorted(from_documents.stdout()));
}

#[test]
fn the_exit_code_says_whether_there_are_faults() {
    let bitext = Bitext::new();
    let docs = fixture("docs");
    let docs = docs.to_str().expect("a path");
    let exits = |arguments: Vec<String>, code: i32| {
        let run = bitext.run(arguments).exits(code).says_nothing();
        assert!(run.stdout().ends_with(" different pairs\n"), "{}", run.stdout());
    };
    exits(["check", docs, "--only", "link"].map(str::to_owned).into(), 0);
    exits(check_faults(&["--only", "brackets"]), 0);
    exits(check_faults(&["--only", "brackets", "--fail-on", "warning"]), 1);
    exits(check_faults(&["--skip", "brackets", "--only", "brackets", "--fail-on", "info"]), 0);
    let wrong = bitext.run(["check", docs, "--only", "lnk"]).exits(2).prints_nothing();
    assert!(wrong.stderr().contains("link"), "the ids are listed: {}", wrong.stderr());
    let none = Bitext::new();
    let missing = none.run(["check"]).exits(2).prints_nothing();
    assert!(missing.stderr().contains("bitext.db"), "{}", missing.stderr());
}

#[test]
fn people_read_the_place_the_reason_and_a_table() {
    let bitext = Bitext::new();
    let run = bitext.run(check_faults(&["--only", "link,number", "--to", "ko-KR"])).exits(1).says_nothing();
    let text = run.stdout();
    for part in [
        "faults/ko-KR.md\n",
        "    error link: the address `../berths.md` became `../birth.md`  36c608c27483\n",
        "    en-US  See [Berths](«../berths.md»).\n",
        "    ko-KR  [선석](«../birth.md»)을 참조하세요.\n",
        "    info number: the number `1042` became `104`  9be79e0b6069\n",
        "check   severity  set     locale  segments  different pairs\n",
        "7 findings in 54 segments, 54 different pairs\n",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    let table = bitext.run(check_faults(&["--only", "link", "--summary"])).exits(1).says_nothing();
    assert_eq!(table.stdout().lines().count(), 3, "{}", table.stdout());
}

#[test]
fn places_are_counted_in_characters() {
    let bitext = Bitext::new();
    let run = bitext.run(check_faults(&["--only", "brackets", "--json"])).exits(0).says_nothing();
    let line: serde_json::Value =
        serde_json::from_str(run.stdout().lines().next().expect("a finding")).unwrap();
    let (target, range) = (line["target"].as_str().unwrap(), &line["target_ranges"][0]);
    let at = range[0].as_u64().unwrap() as usize;
    assert_eq!(target.chars().nth(at), Some('('), "{line}");
    let fields: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    for field in [
        "check",
        "severity",
        "set",
        "document",
        "id",
        "line",
        "source",
        "target",
        "source_ranges",
        "target_ranges",
        "reason",
        "workflow",
        "finding",
    ] {
        assert!(fields.contains(&field), "{field}");
    }
    assert_eq!(fields.len(), 13);
}
