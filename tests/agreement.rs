//! `query`, `search`, `export` and `stats` agree about one memory: segments, documents, dates and workflow of each translation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::{Bitext, fixture};

/// A TMX in which one pair occurs twice, one knows only when it was created, one only when it was changed, and one is as in the
/// documents.
const TMX: &str = r#"<?xml version="1.0"?>
<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" adminlang="en" srclang="en-US" datatype="plaintext"/><body>
<tu><tuv xml:lang="en-US"><seg>Open the harbour.</seg></tuv><tuv xml:lang="ko-KR"><seg>항구를 엽니다.</seg></tuv></tu>
<tu changedate="20210505T000000Z"><tuv xml:lang="en-US"><seg>Open the harbour.</seg></tuv><tuv xml:lang="ko-KR"><seg>항구를 엽니다.</seg></tuv></tu>
<tu creationdate="20200101T000000Z"><prop type="x-workflow">human</prop><tuv xml:lang="en-US"><seg>Close the harbour.</seg></tuv><tuv xml:lang="ko-KR"><seg>항구를 닫습니다.</seg></tuv></tu>
<tu creationdate="20180101T000000Z"><prop type="x-workflow">machine</prop><tuv xml:lang="en-US"><seg>Close the harbour.</seg></tuv><tuv xml:lang="ko-KR"><seg>항구를 닫습니다.</seg></tuv></tu>
<tu changedate="20190101T000000Z"><tuv xml:lang="en-US"><seg>Book a berth</seg></tuv><tuv xml:lang="ko-KR"><seg>선석 예약</seg></tuv></tu>
</body></tmx>
"#;

/// Source, target and target locale.
type Pair = (String, String, String);

/// What a command says of a pair: segments, documents, workflow, hand-off.
type Facts = (u64, u64, Value, Value);

fn memory() -> Bitext {
    let bitext = Bitext::new();
    let tmx = bitext.write("more.tmx", TMX);
    bitext.import(fixture("docs")).import(tmx);
    bitext
}

/// All segments that an export writes with these options.
fn segments(bitext: &Bitext, options: &[&str]) -> Vec<Value> {
    let export = ["export", "-f", "jsonl", "--untranslated", "keep", "-q"];
    bitext.run(export.iter().chain(options)).exits(0).says_nothing().json_lines()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn pair(line: &Value) -> Pair {
    (text(&line["source"]), text(&line["target"]), text(&line["target_locale"]))
}

fn facts(line: &Value) -> Facts {
    let count = |name: &str| line[name].as_u64().expect("a count");
    (count("segments"), count("documents"), line["workflow"].clone(), line["handoff"].clone())
}

/// From the segments of an export: each segment of a document is one of its document; each unit of a TMX counts by itself.
fn expected(lines: &[Value]) -> BTreeMap<Pair, Facts> {
    let mut expected = BTreeMap::new();
    let mut documents: BTreeMap<Pair, BTreeSet<String>> = BTreeMap::new();
    for line in lines {
        let (set, workflow, handoff) = (&line["set"], &line["workflow"], &line["handoff"]);
        let first = || (0, 0, workflow.clone(), handoff.clone());
        let known: &mut Facts = expected.entry(pair(line)).or_insert_with(first);
        let document =
            format!("{set}/{}/{}", line["document"], if set == "more" { &line["id"] } else { set });
        known.0 += 1;
        known.1 += u64::from(documents.entry(pair(line)).or_default().insert(document));
        let trust = |workflow: &Value| match workflow.as_str() {
            Some("human") => 0,
            None => 1,
            _ => 2,
        };
        if trust(workflow) < trust(&known.2) {
            known.2 = workflow.clone();
        }
        if handoff.as_str() > known.3.as_str() {
            known.3 = handoff.clone();
        }
    }
    expected
}

#[test]
fn every_command_says_the_same_of_a_translation() {
    let bitext = memory();
    let lines = segments(&bitext, &[]);
    let expected = expected(&lines);
    let harbour =
        |source: &str, target: &str| &expected[&(source.to_owned(), target.to_owned(), "ko-KR".to_owned())];
    assert_eq!(*harbour("Open the harbour.", "항구를 엽니다."), (2, 2, Value::Null, "2021-05-05".into()));
    assert_eq!(
        *harbour("Close the harbour.", "항구를 닫습니다."),
        (2, 2, "human".into(), "2020-01-01".into())
    );
    for (pair, expected) in &expected {
        let (source, target, locale) = pair;
        let options = ["query", source, "--to", locale, "--min", "100", "--limit", "100", "--json"];
        let answer = bitext.run(options).exits(0).says_nothing().json();
        let found = answer["matches"].as_array().unwrap().iter().find(|found| found["target"] == **target);
        assert_eq!(facts(found.expect("a match")), *expected, "query: {pair:?}");
        let found = bitext
            .run(["search", source, "--case", "--locale", locale, "--limit", "0", "--json"])
            .exits(0)
            .says_nothing();
        let found = found.json_lines().into_iter().find(|line| self::pair(line) == *pair);
        assert_eq!(facts(&found.expect("a line")), *expected, "search: {pair:?}");
    }
}

#[test]
fn a_filter_finds_the_same_segments_with_every_command() {
    let bitext = memory();
    for filter in [
        ["--since", "2020-01-01"],
        ["--since", "2020-01-02"],
        ["--since", "2021-05-05"],
        ["--workflow", "human"],
        ["--workflow", "machine"],
    ] {
        let exported = expected(&segments(&bitext, &filter));
        let search = ["search", ".", "--regex", "--limit", "0", "--json"].into_iter().chain(filter);
        let found = bitext.run(search).exits(0).says_nothing().json_lines();
        let found: BTreeMap<Pair, Facts> = found.iter().map(|line| (pair(line), facts(line))).collect();
        assert_eq!(found, exported, "{filter:?}");
        let count = ["search", ".", "--regex", "--count"].into_iter().chain(filter);
        let count = bitext.run(count).printed();
        assert_eq!(
            count.trim(),
            exported.values().map(|facts| facts.0).sum::<u64>().to_string(),
            "{filter:?}"
        );
    }
}

#[test]
fn the_statistics_are_those_of_the_segments() {
    let bitext = memory();
    let lines = segments(&bitext, &[]);
    let stats = bitext.run(["stats", "--json"]).exits(0).says_nothing().json();
    let count = |matches: &dyn Fn(&Value) -> bool| lines.iter().filter(|line| matches(line)).count();
    assert_eq!(stats["segments"], count(&|_| true));
    assert_eq!(stats["variants"], expected(&lines).len());
    for workflow in ["human", "machine"] {
        assert_eq!(stats[workflow], count(&|line| line["workflow"] == workflow), "{workflow}");
    }
}

#[test]
fn a_tmx_says_what_query_says() {
    let bitext = memory();
    bitext
        .run(["export", "--all-variants", "--untranslated", "keep", "-q", "-o", "all.tmx"])
        .succeeds_silently();
    bitext.run(["import", "all.tmx", "--db", "again.db", "-q"]).succeeds_silently();
    let lines = |db: &str| {
        let search = ["search", ".", "--regex", "--limit", "0", "--json", "--db", db];
        let found = bitext.run(search).exits(0).says_nothing().json_lines();
        found.iter().map(|line| (pair(line), facts(line))).collect::<BTreeMap<Pair, Facts>>()
    };
    let (again, first) = (lines("again.db"), lines("bitext.db"));
    assert_eq!(again.len(), first.len());
    for (pair, facts) in &first {
        assert_eq!(again.get(pair), Some(facts), "{pair:?}");
    }
}
