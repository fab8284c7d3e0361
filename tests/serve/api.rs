//! The JSON interface: the same objects as `--json`.

use serde_json::{Value, json};

use super::harness::{Server, encoded};
use crate::support::fixture;

const SAVE: &str = "Select a vessel, and then select **Save**.";

/// What a command prints, line by line.
fn printed(server: &Server, arguments: &[&str]) -> Vec<Value> {
    let run = server.bitext.run(arguments);
    let lines = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    run.exits(0).stderr();
    lines
}

#[test]
fn a_query_is_answered_as_on_the_command_line() {
    let server = Server::of_fixtures(&[]);
    let options =
        ["--to", "ko-KR", "--min", "50", "--limit", "7", "--machine-penalty", "5", "--markup-penalty", "2"];
    let command = printed(&server, &[&["query", SAVE, "--json"], &options[..]].concat());
    let query = format!("text={}&to=ko-KR&min=50&limit=7&machine_penalty=5&markup_penalty=2", encoded(SAVE));
    assert_eq!(server.get(&format!("/v1/query?{query}")).json(), command[0]);
    assert!(command[0]["matches"].as_array().unwrap().len() > 2);
    let body = json!({"text": SAVE, "to": "ko-KR", "min": 50, "limit": 7, "machine_penalty": 5, "markup_penalty": 2});
    assert_eq!(server.post("/v1/query", &body.to_string()).json(), command[0]);
    let human = printed(
        &server,
        &[
            "query",
            SAVE,
            "--json",
            "--workflow",
            "human",
            "--current",
            "--locale-penalty",
            "3",
            "--from",
            "en-GB",
        ],
    );
    let query = format!("text={}&workflow=human&current&locale_penalty=3&from=en-GB", encoded(SAVE));
    assert_eq!(server.get(&format!("/v1/query?{query}")).json(), human[0]);
}

#[test]
fn a_batch_has_an_answer_for_each_query_with_its_neighbours() {
    let server = Server::of_fixtures(&[]);
    let neighbours = server.get("/v1/document?set=docs&document=berths%2Fbook-a-berth.md").json();
    let text = |at: usize| neighbours["lines"][at]["source"].clone();
    let body = json!({
        "queries": [
            {"text": text(1), "before": text(0), "after": text(2)},
            {"text": text(1)},
            {"text": "qqq"},
        ],
        "to": "ko-KR", "limit": 1,
    });
    let answers = server.post("/v1/query", &body.to_string()).json();
    let scores: Vec<Vec<u64>> = answers["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| {
            answer["matches"]
                .as_array()
                .unwrap()
                .iter()
                .map(|found| found["score"].as_u64().unwrap())
                .collect()
        })
        .collect();
    assert_eq!(scores, [vec![101], vec![100], vec![]]);
    assert_eq!(answers["answers"][2]["query"], "qqq");
    for body in [
        "",
        "[]",
        "{}",
        "{\"text\": 1}",
        "{\"text\": \"a\", \"colour\": 1}",
        "{\"text\": \"a\", \"queries\": []}",
        "{\"queries\": [], \"before\": \"a\"}",
    ] {
        server.post("/v1/query", body).problem(400);
    }
}

#[test]
fn a_search_is_answered_as_on_the_command_line() {
    let server = Server::of_fixtures(&[]);
    for (options, query) in [
        (&["berth"][..], "pattern=berth"),
        (&["선석", "--in", "target", "--limit", "2"], "pattern=%EC%84%A0%EC%84%9D&in=target&limit=2"),
        (&["B[eo]", "--regex", "--case", "--word"], "pattern=B%5Beo%5D&regex&case&word"),
        (
            &["berth", "--locale", "ja-JP", "--workflow", "machine"],
            "pattern=berth&locale=ja-JP&workflow=machine",
        ),
        (
            &["berth", "--document", "berths/**", "--since", "2019-01-01", "--current"],
            "pattern=berth&document=berths/**&since=2019-01-01&current=true",
        ),
    ] {
        let command = server.bitext.run([&["search", "--json"], options].concat());
        let lines: Vec<Value> =
            command.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (_, _) = (command.stderr(), command.code());
        assert_eq!(server.get(&format!("/v1/search?{query}")).json()["lines"], json!(lines), "{query}");
        let mut counted = vec!["search", "--json", "--count"];
        counted.extend(options.iter().filter(|option| !["--limit", "2"].contains(option)));
        let run = server.bitext.run(counted);
        let count = run.json();
        run.code();
        run.stderr();
        assert_eq!(
            server.get(&format!("/v1/search?count&{}", query.replace("&limit=2", ""))).json(),
            count,
            "{query}"
        );
    }
    assert!(server.get("/v1/search?pattern=(&regex").problem(400).starts_with("pattern: "));
    assert!(server.get("/v1/search").problem(400).contains("pattern"));
    assert!(server.get("/v1/search?pattern=a&colour=red").problem(400).contains("colour"));
}

#[test]
fn documents_are_listed_page_by_page_and_read_whole() {
    let server = Server::of_fixtures(&[]);
    let all = server.get("/v1/documents").json();
    let all = all["documents"].as_array().unwrap();
    assert_eq!(all.len(), 10);
    let (mut listed, mut after) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/v1/documents?limit=3{after}")).json();
        listed.extend(page["documents"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", encoded(next)),
            None => break,
        }
    }
    assert_eq!(&listed, all);
    assert_eq!(server.get("/v1/documents?to=ja-JP").json()["documents"].as_array().unwrap().len(), 1);
    assert_eq!(
        server.get("/v1/documents?path=BOOK").json()["documents"][0]["document"],
        "berths/book-a-berth.md"
    );
    let extracted = printed(&server, &["extract", fixture("docs").to_str().unwrap()]);
    let mut read = 0;
    for document in all {
        let text = |name: &str| encoded(document[name].as_str().unwrap());
        let path = format!(
            "/v1/document?set={}&document={}&to={}",
            text("set"),
            text("document"),
            text("target_locale")
        );
        let whole = server.get(&path).json();
        let lines = whole["lines"].as_array().unwrap();
        assert_eq!(
            (lines.len() as u64, &whole["next"]),
            (document["segments"].as_u64().unwrap(), &Value::Null)
        );
        for line in lines {
            assert!(extracted.contains(line), "{line}");
        }
        read += lines.len();
    }
    assert_eq!(read, extracted.len());
    server.get("/v1/document?set=docs&document=none.md").problem(404);
    server.get("/v1/document?set=docs").problem(400);
}

#[test]
fn statistics_and_exports_are_those_of_the_commands() {
    let server = Server::of_fixtures(&[]);
    assert_eq!(server.get("/v1/stats").json(), printed(&server, &["stats", "--json"])[0]);
    for (options, query) in [
        (&["-f", "tmx"][..], "export.tmx"),
        (
            &["-f", "tmx", "--to", "ko-KR", "--workflow", "human", "--profile", "memoq", "--inline", "codes"],
            "export.tmx?to=ko-KR&workflow=human&profile=memoq&inline=codes",
        ),
        (
            &["-f", "tmx", "--multilingual", "--all-variants", "--min-words", "2", "--match", "(?i)berth"],
            "export.tmx?multilingual&all_variants&min_words=2&match=(%3Fi)berth",
        ),
        (&["-f", "tmx", "--clean", "--labels"], "export.tmx?clean=auto&labels"),
        (&["-f", "jsonl"], "export.jsonl"),
        (
            &["-f", "jsonl", "--clean=translator", "--leave-out", "copied,cut", "--labels"],
            "export.jsonl?clean=translator&leave_out=copied,cut&labels=true",
        ),
        (
            &[
                "-f",
                "jsonl",
                "--to",
                "ja-JP",
                "--to",
                "ko-KR",
                "--document",
                "**/book*",
                "--dedupe",
                "--kind",
                "sentence",
            ],
            "export.jsonl?to=ja-JP&to=ko-KR&document=**/book*&dedupe&kind=sentence",
        ),
    ] {
        let run = server.bitext.run([&["export", "--quiet"], options].concat());
        let expected = run.stdout().to_owned();
        run.exits(0).says_nothing();
        let answer = server.get(&format!("/v1/{query}"));
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        // The date of a TMX's header is the only difference there could be, and there is none.
        assert_eq!(answer.text(), expected, "{query}");
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment"));
    }
    assert!(server.get("/v1/export.tmx?to=fr-FR").problem(404).contains("fr-FR"));
    assert!(server.get("/v1/export.tmx?set=none").problem(404).contains("no document"));
    assert!(server.get("/v1/export.jsonl?profile=memoq").problem(400).contains("profile"));
    assert!(server.get("/v1/export.tmx?leave_out=spelling").problem(400).contains("no check"));
    assert!(server.get("/v1/export.tmx?clean=archive").problem(400).contains("translator"));
    assert!(server.get("/v1/export.tmx?current&history").problem(400).contains("exclude"));
}
