//! `bitext query`, through the binary.

use bitext::matching::Query;
use bitext::model::Score;
use bitext::side_by_side::{self, Syntax};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::documents::{FRONT_MATTER, document, segment};
use crate::support::{Bitext, rows};

/// Sentences of a small handbook, target and source.
const HANDBOOK: [(&str, &str); 8] = [
    ("배를 묶습니다.", "Moor the boat."),
    ("**밧줄** 두 개를 씁니다.", "Use **two** ropes."),
    ("배를 부두에 묶습니다.", "Moor the boat at the pier."),
    ("`List<string>`을 반환합니다.", "Returns a `List<string>`."),
    ("밧줄 세 개를 씁니다.", "Use three ropes."),
    ("저장", "Save"),
    ("[저장](save.md)을 선택합니다.", "Select [Save](save.md)."),
    ("<xref:Harbor.Pier>", "<xref:Harbor.Pier>"),
];

fn handbook() -> Bitext {
    let bitext = Bitext::new();
    bitext.write("handbook/moor.md", document("aaaaa", &HANDBOOK));
    bitext.import("handbook");
    bitext
}

/// The answer to one query: score, source and target of each match.
fn matches(bitext: &Bitext, arguments: &[&str]) -> Vec<(u64, String, String)> {
    let mut all = vec!["query", "--json"];
    all.extend(arguments);
    let run = bitext.run(all).says_nothing();
    let answer = run.json();
    let matches = answer["matches"].as_array().unwrap();
    run.exits(i32::from(matches.is_empty()));
    matches
        .iter()
        .map(|found| {
            let text = |key: &str| found[key].as_str().unwrap().to_owned();
            (found["score"].as_u64().unwrap(), text("source"), text("target"))
        })
        .collect()
}

fn scores(bitext: &Bitext, arguments: &[&str]) -> Vec<u64> {
    matches(bitext, arguments).into_iter().map(|(score, ..)| score).collect()
}

#[test]
fn a_translator_sees_the_scores_that_she_expects() {
    let bitext = handbook();
    for (query, expected, why) in [
        ("Moor the boat.", vec![100], "the same, and the longer sentence has only 4 of 7 tokens"),
        ("moor  the **boat**.", vec![99], "the same tokens in other case, spacing and markup"),
        ("Moor a boat.", vec![75], "one of four tokens"),
        ("Use two ropes.", vec![99, 75], "markup alone; and one of four"),
        ("Returns a List<string>.", vec![99], "generics are text, the marks of code are none"),
        ("<xref:Harbor.Pier>", vec![100], "a code alone is its own text"),
        ("Nothing like it at all.", vec![], "nothing"),
    ] {
        assert_eq!(scores(&bitext, &[query]), expected, "{query}: {why}");
    }
    assert_eq!(scores(&bitext, &["--min", "50", "Moor the boat."]), [100, 57]);
    assert_eq!(scores(&bitext, &["--limit", "1", "Use two ropes."]), [99]);
    assert_eq!(scores(&bitext, &["--min", "100", "Use two ropes."]), [0; 0]);
    assert_eq!(scores(&bitext, &["--min", "100", "Use **two** ropes."]), [100]);
}

#[test]
fn nothing_found_is_exit_one_and_says_so() {
    let bitext = handbook();
    let run = bitext.run(["query", "Nothing like it at all."]).exits(1).prints_nothing();
    run.says_all("bitext: no match of 70 or more\n");
    let run = bitext.run(["query", "--from", "fr-FR", "Bonjour"]).exits(1).prints_nothing();
    run.says("fr-FR");
}

#[test]
fn both_directions_are_answered() {
    let bitext = handbook();
    let expected = [(100, "배를 묶습니다.".to_owned(), "Moor the boat.".to_owned())];
    for locales in [&["--from", "ko-KR"][..], &["--to", "en-US"], &["--from", "ko", "--to", "en"]] {
        let arguments = [locales, &["--min", "100", "배를 묶습니다."]].concat();
        assert_eq!(matches(&bitext, &arguments), expected);
    }
    assert_eq!(scores(&bitext, &["--to", "en-US", "배를 묶습니다."]), [100, 75]);
}

#[test]
fn any_two_locales_meet_through_their_source_text() {
    let bitext = handbook();
    let japanese = FRONT_MATTER.replace("ko-KR", "ja-JP")
        + &segment("bbbbb-101", "ボートを係留します。", "Moor the boat.");
    bitext.write("ja/moor.md", japanese);
    bitext.import("ja");
    let expected = [(100, "배를 묶습니다.".to_owned(), "ボートを係留します。".to_owned())];
    assert_eq!(matches(&bitext, &["--from", "ko-KR", "--to", "ja-JP", "배를 묶습니다."]), expected);
    // Each ideograph and each kana is a token, so one more is a small difference.
    assert_eq!(scores(&bitext, &["--from", "ja-JP", "--to", "ko-KR", "ボートを係留しますか。"]), [90]);
}

#[test]
fn another_region_answers_but_not_another_script() {
    let bitext = Bitext::new();
    for (set, locale, target) in
        [("pt", "pt-PT", "Guardar ficheiro"), ("tw", "zh-TW", "儲存檔案"), ("sg", "zh-SG", "保存文件")]
    {
        let text = FRONT_MATTER.replace("ko-KR", locale) + &segment("ccccc-101", target, "Save file");
        bitext.write(format!("{set}/a.md"), text);
        bitext.import(set);
    }
    let pair = |score, target: &str| vec![(score, "Save file".to_owned(), target.to_owned())];
    assert_eq!(matches(&bitext, &["--to", "pt-BR", "Save file"]), pair(100, "Guardar ficheiro"));
    assert_eq!(
        matches(&bitext, &["--to", "pt-BR", "--locale-penalty", "3", "Save file"]),
        pair(97, "Guardar ficheiro")
    );
    assert_eq!(matches(&bitext, &["--to", "zh-CN", "Save file"]), pair(100, "保存文件"));
}

#[test]
fn the_same_neighbours_make_a_context_match() {
    let bitext = handbook();
    let ask = |before: &str, after: &str| {
        scores(&bitext, &["--before", before, "--after", after, "Use **two** ropes."])
    };
    assert_eq!(ask("Moor the boat.", "Moor the boat at the pier.")[0], 101);
    assert_eq!(ask("Moor the boat.", "Save")[0], 100);
    let context = ["--min", "101", "--after", "Moor the boat at the pier.", "Use **two** ropes."];
    assert_eq!(scores(&bitext, &context), [101]);
    assert_eq!(scores(&bitext, &["--before", "Moor the boat.", "Use **two** ropes."])[0], 101);
    assert_eq!(
        scores(&bitext, &["--before", "Moor the boat.", "Use two ropes."])[0],
        99,
        "not the same text"
    );
    // From the target's side the neighbours are target texts.
    let found = scores(&bitext, &["--from", "ko-KR", "--after", "저장", "밧줄 세 개를 씁니다."]);
    assert_eq!(found[0], 101);
}

/// The place of a frequent text in context is the first one with this context, from both sides.
#[test]
fn a_heading_of_many_documents_matches_in_context() {
    let bitext = Bitext::new();
    for number in 0..90 {
        let own = (format!("{number}번 선석"), format!("Berth {number}"));
        let last = if number % 10 == 7 { ("없음", "None") } else { ("예", "Yes") };
        let texts = [("개요", "Overview"), (own.0.as_str(), own.1.as_str()), ("참고", "Notes"), last, last];
        bitext.write(format!("docs/berth-{number:02}.md"), document(&format!("{number:05x}"), &texts));
    }
    bitext.import("docs");
    for (arguments, score, id) in [
        (&["--before", "Berth 33", "Notes"][..], 101, "00021-103"),
        (&["--after", "None", "Notes"], 101, "00007-103"),
        (&["--before", "Berth 17", "--after", "None", "Notes"], 101, "00011-103"),
        (&["--before", "Berth 18", "--after", "None", "Notes"], 100, "00000-103"),
        (&["--before", "Overview", "Notes"], 100, "00000-103"),
        (&["--before", "Nowhere", "Notes"], 100, "00000-103"),
        (&["--before", "Notes", "--after", "Yes", "Yes"], 101, "00000-104"),
        (&["--before", "Yes", "Yes"], 101, "00000-105"),
        (&["--after", "Yes", "Notes"], 101, "00000-103"),
        (&["--workflow", "machine", "--after", "Yes", "Notes"], 0, ""),
        (&["--from", "ko-KR", "--before", "33번 선석", "참고"], 101, "00021-103"),
        (&["--from", "ko-KR", "--after", "없음", "참고"], 101, "00007-103"),
        (&["--from", "ko-KR", "--before", "참고", "--after", "없음", "예"], 100, "00000-104"),
    ] {
        let mut all = vec!["query", "--json", "--limit", "1"];
        all.extend(arguments);
        let answer = bitext.run(all).exits(i32::from(score == 0)).says_nothing().json();
        let first = &answer["matches"][0];
        assert_eq!(first["score"].as_u64().unwrap_or(0), score, "{arguments:?}");
        assert_eq!(first["id"].as_str().unwrap_or(""), id, "{arguments:?}");
    }
}

#[test]
fn translations_of_one_text_come_by_the_policy() {
    let bitext = handbook();
    let machine = FRONT_MATTER.replace("HT", "MT");
    for (name, front, target) in [
        ("a", FRONT_MATTER.to_owned(), "배를 계류합니다."),
        ("b", FRONT_MATTER.to_owned(), "배를 계류합니다."),
        ("c", machine.clone(), "보트를 묶습니다."),
        ("d", machine.clone(), "보트를 묶습니다."),
        ("e", machine, "보트를 묶습니다."),
    ] {
        bitext.write(format!("more/{name}.md"), front + &segment("ddddd-101", target, "Moor the boat."));
    }
    bitext.import("more");
    let targets = |arguments: &[&str]| -> Vec<String> {
        matches(&bitext, arguments).into_iter().map(|(_, _, target)| target).collect()
    };
    let all = ["배를 계류합니다.", "배를 묶습니다.", "보트를 묶습니다."];
    assert_eq!(targets(&["Moor the boat."]), all, "human before machine, then more documents");
    assert_eq!(targets(&["--workflow", "human", "Moor the boat."]), all[..2]);
    assert_eq!(targets(&["--workflow", "machine", "Moor the boat."]), all[2..]);
    assert_eq!(scores(&bitext, &["--machine-penalty", "10", "Moor the boat."]), [100, 100, 90]);
    let penalised = ["--machine-penalty", "40", "Moor the boat."];
    assert_eq!(scores(&bitext, &penalised), [100, 100], "60 is below the floor");
}

#[test]
fn people_see_what_differs_without_colour_too() {
    let bitext = handbook();
    let run = bitext.run(["query", "--explain", "Moor a boat."]).exits(0).says_nothing();
    let expected = " 75 fuzzy, en-US to ko-KR, human, 1 segment in 1 document  handbook/moor.md aaaaa-101
    Moor [-a-] {+the+} boat.
    배를 묶습니다.
    4 and 4 tokens, 1 to change: floor(100 × (1 − 1 / 4)) = 75; 78.57 % of the characters alike
";
    assert_eq!(run.stdout(), expected);
    let run = bitext
        .run(["query", "--markup-penalty", "5", "use two ropes.", "--limit", "1"])
        .exits(0)
        .says_nothing();
    assert!(
        run.stdout().starts_with(" 94 fuzzy (other case, markup) (-5 markup), en-US"),
        "{}",
        run.stdout()
    );
}

#[test]
fn imported_text_cannot_forge_a_line() {
    let bitext = Bitext::new();
    bitext.write("evil/a.md", document("eeeee", &[("나\u{1b}[2J\u{202e}쁜", "Bad \u{1b}]0;x\u{7} text")]));
    bitext.import("evil");
    let run = bitext.run(["query", "--min", "1", "Bad text"]).exits(0).says_nothing();
    assert!(!run.stdout().contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", run.stdout());
    assert_eq!(run.stdout().lines().count(), 3);
}

#[test]
fn a_batch_is_answered_in_the_order_asked() {
    let bitext = handbook();
    let texts: Vec<String> = (0..200)
        .map(|number| if number % 3 == 0 { "Moor the boat.".into() } else { format!("Use {number} ropes.") })
        .collect();
    let input = texts.join("\r\n") + "\n";
    let run = bitext.run_with_input(["query", "--batch", "-", "--threads", "2"], &input);
    let run = run.exits(0).says_nothing();
    let queries = run.json_lines();
    let asked: Vec<&str> = queries.iter().map(|answer| answer["query"].as_str().unwrap()).collect();
    assert_eq!(asked, texts);
    let alone = bitext.run_with_input(["query", "--batch", "-", "--threads", "1"], &input);
    assert_eq!(alone.printed(), run.stdout());
}

#[test]
fn a_batch_in_json_lines_knows_the_neighbours() {
    let bitext = handbook();
    let input = "{\"text\": \"Save\", \"before\": \"Use three ropes.\", \"after\": \"Select [Save](save.md).\"}\n\
                 {\"text\": \"Save\", \"before\": null}\n\n";
    let run = bitext.run_with_input(["query", "--batch", "-"], input);
    let answers = run.exits(2).says("line 3 of the batch").json_lines();
    let scores: Vec<u64> =
        answers.iter().map(|answer| answer["matches"][0]["score"].as_u64().unwrap()).collect();
    assert_eq!(scores, [101, 100], "what was asked before the bad line is answered");
}

#[test]
fn json_lines_without_a_text_or_broken_in_the_first_line_are_an_error_and_not_searched_as_text() {
    let bitext = handbook();
    let ask = |input: &str, more: &[&str]| {
        bitext.run_with_input(["query", "--batch", "-"].iter().chain(more), input)
    };
    for (input, line, reason) in [
        ("{\"source\": \"Save\"}\n", 1, "a JSON object without \"text\""),
        ("{\"text\": \"Save\n", 1, "not a JSON object"),
        ("\n{'text': 'Save'}\n", 2, "not a JSON object"),
        ("{\n  \"text\": \"Save\"\n}\n", 1, "not a JSON object"),
        ("{\"text\": \"Save\"}\n{\"txt\": \"Save\"}\n", 2, "a JSON object without \"text\""),
        ("{\"text\": \"Save\"}\nSave\n", 2, "not a JSON object"),
        ("Save\n{\"text\": \"Save\"}\n", 2, "the lines before it are texts"),
    ] {
        let run = ask(input, &[]).exits(2).says(&format!("cannot read line {line} of the batch: it is"));
        let run = run.says(reason).says("--batch-format");
        assert_eq!(run.stdout().lines().count(), line - 1, "{input:?}: {}", run.stdout());
    }
    // A text may begin with a brace, and any text may be a line if the format is named.
    for (input, more) in
        [("{0} files\n", &[][..]), ("{\"text\": \"Save\"}\n{\n", &["--batch-format", "text"])]
    {
        let run = ask(input, more).exits(1).says_nothing();
        let asked: Vec<_> = run.json_lines().iter().map(|answer| answer["query"].clone()).collect();
        assert_eq!(asked, input.lines().collect::<Vec<_>>());
    }
    ask("Save\n", &["--batch-format", "json"]).exits(2).prints_nothing().says("line 1 of the batch");
}

#[test]
fn a_batch_without_line_breaks_is_refused_before_it_fills_the_memory() {
    let bitext = handbook();
    let long = "long ".repeat(4 << 20);
    let run = bitext.run_with_input(["query", "--batch", "-"], &format!("Save\n{long}"));
    let run = run.exits(2).says("cannot read line 2 of the batch: it is longer than 16 MB");
    assert_eq!(run.stdout().lines().count(), 1);
}

#[test]
fn a_text_with_a_lone_cr_queried_as_extract_printed_it_is_a_full_match() {
    let bitext = Bitext::new();
    // A lone CR is no line break in a document; a no-break space beside a line break is text.
    let texts = [("가", "Cast\roff."), ("나", "Heave\u{a0}\n to."), ("다", "Let\n\u{3000}go.")];
    bitext.write("handbook/sail.md", document("aaaaa", &texts));
    bitext.import("handbook");
    let extracted = bitext.run(["extract", "handbook"]).exits(0).says_nothing().json_lines();
    let printed: Vec<String> =
        extracted.iter().map(|line| line["source"].as_str().unwrap().to_owned()).collect();
    assert_eq!(printed, ["Cast\roff.", "Heave\u{a0} to.", "Let \u{3000}go."]);
    for query in printed.iter().map(String::as_str).chain(texts.map(|(_, written)| written)) {
        assert_eq!(scores(&bitext, &[query]), [100], "{query:?}");
    }
}

#[test]
fn texts_that_no_index_holds_yet_are_found_all_the_same() {
    let bitext = handbook();
    let memory = rusqlite::Connection::open(bitext.path("bitext.db")).unwrap();
    // What an import leaves that died before it came to the indexes.
    memory
        .execute_batch("delete from fuzzy_part; delete from fuzzy_lists; delete from fuzzy_frequent; delete from fuzzy_order; delete from fuzzy_generation; delete from concordance_block; delete from text_generation;")
        .unwrap();
    drop(memory);
    assert_eq!(scores(&bitext, &["Moor the boat."]), [100]);
    bitext.run(["search", "boat"]).exits(0).says_nothing().prints("the «boat» at the pier");
    bitext.write("handbook/new.md", document("fffff", &[("닻을 올립니다.", "Weigh the anchor.")]));
    bitext.import("handbook");
    assert_eq!(scores(&bitext, &["Weigh the anchor."]), [100]);
    assert_eq!(scores(&bitext, &["Moor the boat."]), [100]);
}

#[test]
fn a_memory_with_the_indexes_of_an_earlier_version_is_answered_and_indexed_by_the_next_import() {
    let bitext = handbook();
    let memory = rusqlite::Connection::open(bitext.path("bitext.db")).unwrap();
    memory
        .execute_batch(
            "drop table fuzzy_part; drop table fuzzy_lists; drop table fuzzy_frequent; drop table fuzzy_order; drop table fuzzy_generation;
             create table fuzzy_block (generation_id integer, locale_id integer, length integer, texts integer, block blob);
             create table fuzzy_lists (generation_id integer, locale_id integer, length integer, lists blob);",
        )
        .unwrap();
    drop(memory);
    bitext.run(["query", "Moor the boat."]).exits(0).says_nothing().prints("100 exact");
    bitext.run(["search", "boat"]).exits(0).says_nothing().prints("the «boat» at the pier");
    bitext.write("handbook/new.md", document("fffff", &[("닻을 올립니다.", "Weigh the anchor.")]));
    bitext.import("handbook");
    for text in ["Moor the boat.", "Weigh the anchor."] {
        bitext.run(["query", text]).exits(0).says_nothing().prints("100 exact");
    }
    assert!(
        rows(&bitext.path("bitext.db"), "select name from sqlite_schema where name = 'fuzzy_block'")
            .is_empty()
    );
}

#[test]
fn imports_in_parts_make_one_index_that_misses_nothing() {
    let bitext = Bitext::new();
    let write = |part: usize, count: usize| {
        for file in 0..count {
            let sources: Vec<String> = (0..60)
                .map(|line| {
                    let (ship, berth) = (file * 7 + line % 11, part * 31 + line);
                    format!("Ship {ship} of part {part} moors at berth {berth} until {}.", line % 24)
                })
                .collect();
            let pairs: Vec<(&str, &str)> = sources.iter().map(|source| ("배", source.as_str())).collect();
            bitext
                .write(format!("port/{part}-{file}.md"), document(&format!("{part:02x}{file:03x}"), &pairs));
        }
    };
    for (part, count) in [(1, 20), (2, 12), (3, 1), (4, 30)] {
        write(part, count);
        bitext.import("port");
        bitext
            .run(["verify", "--min", "50", "--sample", "40"])
            .exits(0)
            .says_nothing()
            .prints("recall 100.000 %");
    }
    assert_eq!(
        rows(&bitext.path("bitext.db"), "select count(*) from fuzzy_generation where role = 0"),
        ["1"]
    );
    let texts =
        |table| rows(&bitext.path("bitext.db"), &format!("select coalesce(sum(texts), 0) from {table}"));
    assert_eq!(texts("fuzzy_generation"), texts("fuzzy_part"));
    // Two thirds are deleted: the index is built again.
    for part in [1, 4] {
        for file in 0..30 {
            let _ = std::fs::remove_file(bitext.path(format!("port/{part}-{file}.md")));
        }
    }
    bitext.run(["import", "port", "--prune", "--quiet"]).exits(0).says_nothing().prints_nothing();
    bitext
        .run(["verify", "--min", "50", "--sample", "40"])
        .exits(0)
        .says_nothing()
        .prints("recall 100.000 %");
    let sources = |table| rows(&bitext.path("bitext.db"), &format!("select count(*) from {table}"));
    assert_eq!(
        rows(&bitext.path("bitext.db"), "select texts from fuzzy_generation where role = 0"),
        sources("unit")
    );
}

#[test]
fn what_is_gone_from_the_memory_is_no_match() {
    let bitext = handbook();
    bitext.write("handbook/moor.md", document("aaaaa", &HANDBOOK[1..]));
    bitext.import("handbook");
    assert_eq!(scores(&bitext, &["Moor the boat."]), [0; 0]);
    assert_eq!(scores(&bitext, &["Use **two** ropes."]), [100, 75]);
}

#[test]
fn mistakes_are_told_in_a_sentence() {
    let bitext = handbook();
    for (arguments, part) in [
        (&["query"][..], "TEXT"),
        (&["query", "--min", "0", "x"], "at least 1"),
        (&["query", "--min", "102", "x"], "0 to 101"),
        (&["query", "--limit", "0", "x"], "from 1"),
        (&["query", "--to", "korean!", "x"], "not a locale"),
        (&["query", "--workflow", "robot", "x"], "human or machine"),
        (&["query", "--before", "x", "y", "z"], "JSON lines"),
        (&["query", "--batch", "nowhere.txt"], "nowhere.txt"),
        (&["query", "--db", "nowhere.db", "x"], "nowhere.db"),
    ] {
        bitext.run(arguments).exits(2).prints_nothing().says(part);
    }
}

proptest! {
    #[test]
    fn whatever_extract_prints_is_an_exact_match(
        source in r"([a-c .*`\t\r\n\x{1c}\x{85}\x{a0}\x{2028}\x{3000}\x{200b}가&;]|<[a-z]>|&#13;){1,12}"
    ) {
        let text = segment("0a1b2-101", "가", &source);
        let document = side_by_side::read(&text, Syntax::Markdown);
        for segment in document.segments.iter().filter(|segment| !segment.source.is_empty()) {
            let found = Query::new(&segment.source).compare(&segment.source, Score::EXACT);
            prop_assert_eq!(found.map(|found| found.score), Some(Score::EXACT), "{:?}", &segment.source);
        }
    }
}

/// Three documents with one text between the same neighbours, and one elsewhere.
fn berths() -> Bitext {
    let bitext = Bitext::new();
    let write = |path: &str, prefix: &str, target: &str| {
        bitext.write(path, document(prefix, &[("시작", "Start"), (target, "Berth"), ("끝", "End")]));
    };
    write("docs/a.md", "aaaaa", "선석");
    write("docs/b.md", "bbbbb", "선석");
    write("docs/deep/c.md", "ccccc", "정박지");
    bitext.write(
        "docs/d.md",
        document("ddddd", &[("계류장", "Berth"), ("다른 글", "Other"), ("시작", "Start")]),
    );
    bitext.import("docs");
    bitext
}

#[test]
fn matches_in_the_same_document_come_first() {
    let bitext = berths();
    let found = |more: &[&str]| -> Vec<(String, u64, bool)> {
        let answer =
            bitext.run(["query", "Berth", "--json"].iter().chain(more)).exits(0).says_nothing().json();
        let matches = answer["matches"].as_array().unwrap().iter();
        let text = |found: &Value| found["target"].as_str().unwrap().to_owned();
        matches
            .map(|found| (text(found), found["score"].as_u64().unwrap(), found["same_document"] == true))
            .collect()
    };
    let expected = |all: &[(&str, u64, bool)]| {
        all.iter().map(|&(text, score, same)| (text.to_owned(), score, same)).collect::<Vec<_>>()
    };
    let between = ["--before", "Start", "--after", "End"];
    // By the usual policy, the one in more documents; then the one in this document with these neighbours.
    assert_eq!(
        found(&between),
        expected(&[("선석", 101, false), ("정박지", 101, false), ("계류장", 100, false)])
    );
    let here = [&between[..], &["--document", "deep/c.md"]].concat();
    assert_eq!(
        found(&here),
        expected(&[("정박지", 101, true), ("선석", 101, false), ("계류장", 100, false)])
    );
    // In this document between other neighbours: after the matches between these.
    let there = [&between[..], &["--document", "d.md"]].concat();
    assert_eq!(
        found(&there),
        expected(&[("선석", 101, false), ("정박지", 101, false), ("계류장", 100, true)])
    );
    assert_eq!(found(&["--document", "d.md"])[0], ("계류장".to_owned(), 100, true));
    let line =
        "{\"text\": \"Berth\", \"before\": \"Start\", \"after\": \"End\", \"document\": \"deep/c.md\"}";
    let answers = bitext.run_with_input(["query", "--batch", "-"], line).exits(0).says_nothing().json_lines();
    assert_eq!(answers[0]["matches"][0]["target"], "정박지");
    assert_eq!(answers[0]["matches"][0]["document"], "deep/c.md");
    bitext.run(["query", "a", "b", "--document", "d.md"]).exits(2).prints_nothing().says("--document");
}

#[test]
fn the_end_of_a_document_is_context_and_an_unknown_neighbour_is_none() {
    let bitext = berths();
    let best = |more: &[&str]| -> (u64, String) {
        let answer = bitext.run(["query", "--json"].iter().chain(more)).exits(0).says_nothing().json();
        let best = &answer["matches"][0];
        (best["score"].as_u64().unwrap(), best["id"].as_str().unwrap().to_owned())
    };
    for (query, score, id) in [
        (&["Berth", "--before", ""][..], 101, "ddddd-101"),
        (&["Berth", "--before", "", "--after", "End"], 100, "aaaaa-102"),
        (&["Start", "--before", "", "--after", "Berth"], 101, "aaaaa-101"),
        (&["Start", "--after", ""], 101, "ddddd-103"),
        (&["Start", "--before", "Other", "--after", ""], 101, "ddddd-103"),
        (&["Start", "--before", "", "--after", ""], 100, "aaaaa-101"),
        (&["Start", "--before", "Other"], 101, "ddddd-103"),
    ] {
        assert_eq!(best(query), (score, id.to_owned()), "{query:?}");
    }
}

#[test]
fn a_match_shows_its_texts_as_written_where_they_differ() {
    let bitext = Bitext::new();
    let texts = [("**긴** 줄의\n  끝 ", "The end of\n  a line"), ("같음", "Same")];
    bitext.write("docs/a.md", document("aaaaa", &texts));
    bitext.import("docs");
    let best = |text: &str| {
        let mut answer = bitext.run(["query", text, "--json"]).exits(0).says_nothing().json();
        answer["matches"][0].take()
    };
    let found = best("The end of a line");
    assert_eq!(found["target"], "**긴** 줄의 끝");
    assert_eq!(found["target_as_written"], "**긴** 줄의\n  끝 ");
    assert_eq!(found["source_as_written"], "The end of\n  a line");
    assert_eq!(best("Same").get("target_as_written"), None);
    let rows = bitext.sql("select position, source is not null, target is not null from as_written");
    assert_eq!(rows, ["0|1|1"]);
    bitext.write("docs/a.md", document("aaaaa", &[("같음", "Same")]));
    bitext.import("docs");
    assert_eq!(bitext.sql("select count(*) from as_written"), ["0"]);
}
