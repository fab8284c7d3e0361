//! `bitext check`: findings for people, as JSON lines, as SARIF and as a page; exceptions.

use serde_json::Value;

use crate::support::Bitext;
use crate::support::documents::segment;

/// A machine translation with a lost link, one with lost code, and a sound one.
fn documents(bitext: &Bitext) {
    let head = "---\nms.translationtype: MT\nms.contentlocale: ko-KR\n---\n";
    let segments = [
        segment("1a2b3-101", "[선석](b.md)을 참조하세요.", "See [Berths](a.md)."),
        segment("1a2b3-102", "코드를 사용합니다.", "Use the `berth` code."),
        segment("1a2b3-103", "선석이 비어 있습니다.", "The berth is free."),
    ];
    bitext.write("docs/berths/a.md", format!("{head}{}\n", segments.join("\n\n")));
}

fn findings(json: &str) -> Vec<Value> {
    json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_finding_has_a_name_that_depends_on_the_pair_alone() {
    let bitext = Bitext::new();
    documents(&bitext);
    let run = bitext.run(["check", "docs", "--json"]).exits(1).says_nothing();
    let found = findings(run.stdout());
    let [link, code] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (&link["check"], &link["id"], &link["line"]),
        (&"link".into(), &"1a2b3-101".into(), &5.into())
    );
    assert_eq!((&code["check"], &code["workflow"]), (&"code".into(), &"machine".into()));
    assert_eq!(link["finding"].as_str().map(str::len), Some(12));
    // The same from the memory, and under another set and another path.
    bitext.import("docs");
    let again = bitext.run(["check", "--format", "json"]).exits(1).says_nothing();
    assert_eq!(again.stdout(), run.stdout());
    bitext.write("other/z.md", std::fs::read(bitext.path("docs/berths/a.md")).expect("a file"));
    let elsewhere = findings(bitext.run(["check", "other", "--json"]).exits(1).says_nothing().stdout());
    assert_eq!(elsewhere[0]["finding"], link["finding"]);
    assert!(
        bitext
            .run(["check", "docs"])
            .exits(1)
            .says_nothing()
            .stdout()
            .contains(link["finding"].as_str().expect("a text"))
    );
}

#[test]
fn sarif_has_rules_with_help_and_a_place_for_each_finding() {
    let bitext = Bitext::new();
    documents(&bitext);
    let run = bitext.run(["check", "docs", "--format", "sarif"]).exits(1).says_nothing();
    let log: Value = serde_json::from_str(run.stdout()).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for rule in rules {
        assert!(rule["help"]["text"].is_string() && rule["help"]["markdown"].is_string(), "{rule}");
        let level = rule["defaultConfiguration"]["level"].as_str();
        assert!(matches!(level, Some("error" | "warning" | "note")), "{rule}");
    }
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "docs/berths/a.md");
    assert_eq!(place["region"]["startLine"], 5);
    assert_eq!(rules[results[0]["ruleIndex"].as_u64().expect("a number") as usize]["id"], "link");
    let message = results[0]["message"]["text"].as_str().expect("a text");
    assert!(message.starts_with("the address `a.md` became `b.md`.\n"), "{message}");
    // The worst ones only, and how many were left out.
    let bounded = ["check", "docs", "--format", "sarif", "--min-severity", "info", "--limit", "1"];
    let run = bitext.run(bounded).exits(1).says("1 further finding");
    let log: Value = serde_json::from_str(run.stdout()).expect("JSON");
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    let notification = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert!(
        notification["message"]["text"].as_str().is_some_and(|text| text.starts_with("1 further")),
        "{log}"
    );
    bitext.run(["check", "docs", "--limit", "1"]).exits(2).prints_nothing().says("--format sarif");
    // A file that is named itself, and one that only the memory has.
    let uri = |run: &str| -> Value {
        let log: Value = serde_json::from_str(run).expect("JSON");
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone()
    };
    let file = bitext.run(["check", "docs/berths/a.md", "--format", "sarif"]).exits(1).says_nothing();
    assert_eq!(uri(file.stdout()), "docs/berths/a.md");
    bitext.import("docs");
    assert_eq!(
        uri(bitext.run(["check", "--format", "sarif"]).exits(1).says_nothing().stdout()),
        "berths/a.md"
    );
    // Nothing is found: a log all the same, so that a code host closes what it showed.
    let none = bitext.run(["check", "docs", "--only", "guid", "--format", "sarif"]).exits(0).says_nothing();
    let none: Value = serde_json::from_str(none.stdout()).expect("JSON");
    assert_eq!(none["runs"][0]["results"], Value::Array(Vec::new()));
}

#[test]
fn the_page_holds_hostile_texts_as_texts_and_needs_nothing_else() {
    let bitext = Bitext::new();
    let head = "---\nms.translationtype: MT\nms.contentlocale: ar-SA\n---\n";
    let target = "[</script><img src=x onerror=alert(1)>\u{202e}](b.md)";
    let hostile =
        segment("1a2b3-101", &target.replace('<', "&lt;").replace('>', "&gt;"), "See [Berths](a.md).");
    bitext.write("<em>docs/\"><i>.md", format!("{head}{hostile}\n"));
    bitext
        .run(["check", "<em>docs", "--format", "html", "-o", "report.html"])
        .exits(1)
        .prints_nothing()
        .says_nothing();
    let page = std::fs::read_to_string(bitext.path("report.html")).expect("the page");
    assert!(page.contains("<bdi class=\"text\" lang=\"ar-SA\" dir=\"rtl\">"), "{page}");
    assert!(page.contains("<svg class=\"plot\"") && page.contains("U+202E"), "{page}");
    for tag in ["<img", "<em>", "<i>", "\u{202e}", "src=\"", "href=", "http://", "https://", "url(http"] {
        assert!(!page.contains(tag), "{tag} in {page}");
    }
    assert_eq!(page.matches("</script>").count(), 1);
}

#[test]
fn a_file_holds_text_without_styles_and_a_folder_is_no_file() {
    let bitext = Bitext::new();
    documents(&bitext);
    bitext.run(["check", "docs", "-o", "findings.txt"]).exits(1).prints_nothing().says_nothing();
    let text = std::fs::read_to_string(bitext.path("findings.txt")).expect("the file");
    assert!(text.contains("error link: the address") && !text.contains('\u{1b}'), "{text}");
    bitext.run(["check", "docs", "--format", "html", "-o", "docs"]).exits(2).prints_nothing().says("docs");
    bitext.run(["check", "docs", "--format", "pdf"]).exits(2).prints_nothing().says("sarif");
    bitext
        .run(["check", "docs", "--format", "sarif", "--summary"])
        .exits(2)
        .prints_nothing()
        .says("--summary");
}

/// The same source twice with a lost link, in two documents, and once right in a third; all by machines.
fn link_twice_lost(bitext: &Bitext) {
    let head = "---\nms.translationtype: MT\nms.contentlocale: ko-KR\nms.lasthandoff: 04/23/2019\n---\n";
    let source = "See [Berths](a.md).";
    for (name, target) in [
        ("a", "[선석](b.md)을 참조하세요."),
        ("b", "[선석](b.md)을 참조하세요."),
        ("c", "[정박지](a.md)를 참조하세요."),
    ] {
        let text = segment("1a2b3-101", target, source);
        bitext.write(format!("docs/{name}.md"), format!("{head}{text}\n"));
    }
}

#[test]
fn a_clean_export_has_the_next_best_translation_and_counts_each_reason() {
    let bitext = Bitext::new();
    link_twice_lost(&bitext);
    documents(&bitext);
    bitext.import("docs");
    let dirty = bitext.run(["export", "--quiet"]).exits(0).says_nothing();
    assert!(dirty.stdout().contains("(b.md)") && !dirty.stdout().contains("x-quality-label"));
    let clean = bitext.run(["export", "--clean"]).exits(0);
    assert!(
        !clean.stdout().contains("(b.md)") && clean.stdout().contains("[정박지](a.md)"),
        "{}",
        clean.stdout()
    );
    assert!(clean.stderr().contains("1 (link), 1 (code)"), "{}", clean.stderr());
    // In segments, each one is counted.
    let lines = bitext.run(["export", "-f", "jsonl", "--clean", "--json"]).exits(0);
    let summary: Value = serde_json::from_str(lines.stderr()).expect("JSON");
    assert_eq!(summary["left_out_by_check"], serde_json::json!({ "link": 3, "code": 1 }));
    assert_eq!((lines.stdout().lines().count() as u64, &summary["segments"]), (2, &2.into()));
    // Chosen checks only; the summary of an export without these options is as it was.
    let chosen = bitext.run(["export", "-f", "jsonl", "--leave-out", "code"]).exits(0);
    assert!(chosen.stdout().contains("b.md") && !chosen.stdout().contains("코드"), "{}", chosen.stdout());
    assert!(chosen.stderr().contains("left out: 1 (code)"), "{}", chosen.stderr());
    let plain = bitext.run(["export", "-f", "jsonl", "--json"]).exits(0);
    assert!(!plain.stderr().contains("by_check") && !plain.stdout().contains("labels"));
}

#[test]
fn a_training_corpus_leaves_out_copies_and_a_translators_memory_does_not() {
    let bitext = Bitext::new();
    let head = "---\nms.translationtype: HT\nms.contentlocale: ko-KR\n---\n";
    bitext.write("docs/a.md", format!("{head}{}\n", segment("1a2b3-101", "Berth", "Berth")));
    bitext.import("docs");
    let has = |options: &[&str]| {
        let run = bitext.run(["export", "-f", "tsv", "--quiet"].iter().chain(options));
        let code = run.code();
        assert!(run.stderr().is_empty());
        (code, run.stdout().contains("Berth"))
    };
    assert_eq!(has(&[]), (0, true));
    assert_eq!(has(&["--clean"]), (1, false));
    assert_eq!(has(&["--clean=training"]), (1, false));
    assert_eq!(has(&["--clean=translator"]), (0, true));
}

#[test]
fn labels_are_written_and_read_back_without_a_trace() {
    let bitext = Bitext::new();
    documents(&bitext);
    bitext.import("docs");
    let export = |options: &[&str]| bitext.run(["export", "--quiet"].iter().chain(options)).printed();
    let plain = export(&["-f", "jsonl"]);
    let labelled = export(&["-f", "jsonl", "--labels"]);
    let labels: Vec<Value> = findings(&labelled).into_iter().map(|line| line["labels"].clone()).collect();
    assert_eq!(labels, [serde_json::json!(["link"]), serde_json::json!(["code"]), serde_json::json!([])]);
    let tmx = export(&["--labels"]);
    assert!(tmx.contains("<prop type=\"x-quality-label\">link</prop>"), "{tmx}");
    let trados = export(&["--labels", "--profile", "trados"]);
    assert!(trados.contains("<prop type=\"x-QualityLabel:MultipleString\">link</prop>"), "{trados}");
    let xliff = export(&["-f", "xliff", "--labels"]);
    assert!(xliff.contains("<note category=\"quality-label\">link</note>"), "{xliff}");
    for (name, text) in [("l.jsonl", &labelled), ("l.tmx", &tmx), ("l.xlf", &xliff)] {
        bitext.write(name, text);
        let db = format!("{name}.db");
        bitext.run(["import", name, "--db", &db, "--quiet"]).succeeds_silently();
        let again = bitext.run(["export", "--db", &db, "-f", "jsonl", "--quiet"]).printed();
        assert_eq!(again.lines().count(), plain.lines().count(), "{name}");
        assert!(!again.contains("label"), "{name}: {again}");
        let tmx = bitext.run(["export", "--db", &db, "--quiet"]).printed();
        assert!(!tmx.contains("label"), "{name}: {tmx}");
        if name == "l.jsonl" {
            assert_eq!(again, plain);
        }
    }
    for format in ["po", "tsv", "csv"] {
        bitext.run(["export", "-f", format, "--labels"]).exits(2).prints_nothing().says("holds no labels");
    }
    bitext.run(["export", "--leave-out", "lnk"]).exits(2).prints_nothing().says("lnk");
    bitext.run(["export", "--clean=archive"]).exits(2).prints_nothing().says("training");
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_has_a_column_of_labels_only_if_it_is_asked_for() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let bitext = Bitext::new();
    documents(&bitext);
    bitext.import("docs");
    let rows = |options: &[&str]| -> Vec<String> {
        bitext.run(["export", "-o", "a.parquet", "--quiet"].iter().chain(options)).succeeds_silently();
        let file = std::fs::File::open(bitext.path("a.parquet")).expect("a file");
        let reader = SerializedFileReader::new(file).expect("a Parquet file");
        reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row").to_string()).collect()
    };
    assert!(rows(&[]).iter().all(|row| !row.contains("labels")));
    let labelled = rows(&["--labels"]);
    assert!(
        labelled[0].contains("labels: [\"link\"]") && labelled[2].contains("labels: null"),
        "{labelled:?}"
    );
    bitext.run(["import", "a.parquet", "--db", "b.db", "--quiet"]).succeeds_silently();
    let again = bitext.run(["export", "--db", "b.db", "-f", "jsonl", "--quiet"]).printed();
    assert_eq!(again, bitext.run(["export", "-f", "jsonl", "--quiet"]).printed());
}

#[test]
fn a_join_of_two_target_locales_is_not_checked() {
    let bitext = Bitext::new();
    for (locale, target) in [("ko-KR", "[선석](b.md)"), ("ja-JP", "[バース](a.md)")] {
        let head = format!("---\nms.translationtype: MT\nms.contentlocale: {locale}\n---\n");
        bitext.write(
            format!("docs/{locale}.md"),
            format!("{head}{}\n", segment("1-101", target, "[Berth](a.md)")),
        );
    }
    bitext.import("docs");
    bitext
        .run(["export", "--from", "ko-KR", "--to", "ja-JP", "--clean"])
        .exits(2)
        .prints_nothing()
        .says("--clean");
    let joined =
        bitext.run(["query", "[선석](b.md)", "--from", "ko-KR", "--to", "ja-JP"]).exits(0).says_nothing();
    assert!(!joined.stdout().contains("error"), "{}", joined.stdout());
    assert!(bitext.run(["query", "[Berth](a.md)"]).exits(0).says_nothing().stdout().contains("error link: "));
}

#[test]
fn a_match_with_an_error_is_marked_and_comes_last_of_its_score() {
    let bitext = Bitext::new();
    link_twice_lost(&bitext);
    bitext.import("docs");
    let text = "See [Berths](a.md).";
    let run = bitext.run(["query", text]).exits(0).says_nothing();
    let (first, second) = run.stdout().split_once("\n100 ").expect("two matches");
    assert!(first.contains("정박지") && !first.contains("error"), "{first}");
    assert!(second.contains("error link: the address `a.md` became `b.md`"), "{second}");
    bitext.write("queries.txt", format!("{text}\n"));
    for options in [&["query", text, "--json"][..], &["query", "--batch", "queries.txt"]] {
        let answer: Value = serde_json::from_str(&bitext.run(options).printed()).expect("JSON");
        let matches = answer["matches"].as_array().expect("matches");
        assert_eq!(matches.len(), 2);
        assert!(matches[0].get("error").is_none(), "{answer}");
        assert_eq!(matches[1]["error"]["check"], "link");
        assert_eq!(matches[1]["documents"], 2);
    }
    // It is also the first one to be left out: of the same text, and of two texts that are equally similar by the percent.
    for (text, score) in [(text, 100), ("See [Berths](a.md) and more.", 40)] {
        let floor = score.to_string();
        let printed = bitext.run(["query", text, "--limit", "1", "--min", &floor, "--json"]).printed();
        let answer: Value = serde_json::from_str(&printed).expect("JSON");
        assert_eq!(answer["matches"][0]["target"], "[정박지](a.md)를 참조하세요.", "{answer}");
        assert_eq!(answer["matches"].as_array().map(Vec::len), Some(1));
    }
    let lines = findings(&bitext.run(["search", "Berths", "--json"]).printed());
    let errors: Vec<_> = lines.iter().filter_map(|line| line["error"]["reason"].as_str()).collect();
    assert_eq!(errors, ["the address `a.md` became `b.md`"]);
    assert!(bitext.run(["search", "Berths"]).printed().contains("error link: "));
}

#[test]
fn each_of_several_translations_has_the_vote_in_json() {
    let bitext = Bitext::new();
    link_twice_lost(&bitext);
    let found = findings(
        bitext.run(["check", "docs", "--only", "inconsistent", "--json"]).exits(0).says_nothing().stdout(),
    );
    let votes: Vec<&Value> = found.iter().map(|finding| &finding["vote"]).collect();
    assert_eq!(votes.len(), 3);
    for (vote, is_chosen, documents) in [(votes[0], true, 2), (votes[2], false, 1)] {
        assert_eq!(vote["chosen"], "[선석](b.md)을 참조하세요.");
        assert_eq!((&vote["is_chosen"], &vote["documents"]), (&is_chosen.into(), &documents.into()));
        assert_eq!((&vote["decided_by"], &vote["handoff"]), (&"documents".into(), &"2019-04-23".into()));
        assert_eq!((&vote["workflow"], &vote["translations"]), (&"machine".into(), &2.into()));
    }
    let others = findings(bitext.run(["check", "docs", "--json"]).exits(1).says_nothing().stdout());
    assert!(others.iter().all(|finding| finding.get("vote").is_none()), "{others:?}");
}

#[test]
fn an_accepted_finding_stays_silent_everywhere_and_after_the_next_import() {
    let bitext = Bitext::new();
    documents(&bitext);
    bitext.import("docs");
    let found = findings(bitext.run(["check", "--json"]).exits(1).says_nothing().stdout());
    let id = found[0]["finding"].as_str().expect("a text");
    bitext
        .run(["accept", id, "--reason", "The page was \"renamed\"."])
        .exits(0)
        .prints_nothing()
        .says_all("bitext: 1 exception added to bitext-ignore.toml\n");
    let file = std::fs::read_to_string(bitext.path("bitext-ignore.toml")).expect("the file");
    assert!(file.contains("# link: the address `a.md` became `b.md`"), "{file}");
    // Another document of the same pair, and another import.
    bitext.write("docs/z.md", std::fs::read(bitext.path("docs/berths/a.md")).expect("a file"));
    bitext.import("docs");
    let ids = |options: &[&str]| -> Vec<String> {
        let run = bitext.run(["check", "--json"].iter().chain(options));
        assert!(run.stderr().is_empty());
        let _ = run.code();
        findings(run.stdout()).iter().map(|line| line["check"].as_str().expect("a text").to_owned()).collect()
    };
    assert_eq!(ids(&[]), ["code", "code"]);
    assert_eq!(ids(&["docs"]), ["code", "code"]);
    assert_eq!(ids(&["--no-ignore-file"]), ["link", "code", "link", "code"]);
    let shown = bitext.run(["check"]).exits(1).says_nothing();
    assert!(shown.stdout().contains("; 2 accepted"), "{}", shown.stdout());
    assert!(!bitext.run(["query", "See [Berths](a.md)."]).printed().contains("error"));
    assert!(bitext.run(["export", "--clean", "--quiet"]).printed().contains("(b.md)"));
    // A check in documents, then a check.
    let accept = |options: &[&str]| bitext.run(["accept", "--reason", "ours"].iter().chain(options));
    accept(&["--check", "code", "--document", "z.*"]).exits(0).prints_nothing().says("1 exception");
    assert_eq!(ids(&[]), ["code"]);
    accept(&["--check", "code"]).exits(0).prints_nothing().says("1 exception");
    assert_eq!(ids(&[]), Vec::<String>::new());
    bitext
        .run(["check", "--summary"])
        .exits(0)
        .says_nothing()
        .prints("0 findings in 6 segments, 3 different pairs; 4 accepted");
}

#[test]
fn a_mistake_in_accept_changes_nothing() {
    let bitext = Bitext::new();
    documents(&bitext);
    let accept = |options: &[&str]| bitext.run(["accept"].iter().chain(options));
    let unknown = "0123456789ab";
    accept(&[unknown, "--reason", "x", "--in", "docs"])
        .exits(1)
        .prints_nothing()
        .says("no finding 0123456789ab");
    accept(&[unknown, "--reason", "x"]).exits(2).prints_nothing().says("bitext.db");
    accept(&["12", "--reason", "x"]).exits(2).prints_nothing().says("12 hexadecimal digits");
    accept(&[unknown]).exits(2).prints_nothing().says("--reason");
    accept(&["--reason", "x"]).exits(2).prints_nothing().says("FINDING");
    accept(&["--check", "lnk", "--reason", "x"]).exits(2).prints_nothing().says("lnk");
    accept(&["--check", "link", "--reason", " "]).exits(2).prints_nothing().says("--reason is empty");
    accept(&["--document", "a[", "--reason", "x"]).exits(2).prints_nothing().says("--document");
    assert!(!bitext.path("bitext-ignore.toml").exists());
    bitext.write("bitext-ignore.toml", "[[ignore]]\ncheck = \"lnk\"\nreason = \"x\"\n");
    accept(&["--check", "link", "--reason", "x"])
        .exits(2)
        .prints_nothing()
        .says("bitext-ignore.toml:1: there is no check lnk");
    bitext.run(["check", "docs"]).exits(2).prints_nothing().says("bitext-ignore.toml:1: ");
    bitext.run(["check", "docs", "--ignore-file", "none.toml"]).exits(2).prints_nothing().says("none.toml");
    bitext
        .run(["check", "docs", "--ignore-file", "x", "--no-ignore-file"])
        .exits(2)
        .prints_nothing()
        .says("--no-ignore-file");
}

#[test]
fn each_translation_of_a_source_is_shown_with_the_vote() {
    let bitext = Bitext::new();
    link_twice_lost(&bitext);
    let run = bitext.run(["check", "docs", "--only", "inconsistent"]).exits(0).says_nothing();
    let (conflict, _) = run.stdout().split_once("check ").expect("a table");
    assert_eq!(
        conflict,
        "See [Berths](a.md).  en-US to ko-KR\n\
         \x20 + [선석](b.md)을 참조하세요.\n\
         \x20     machine, 2 segments in 2 documents, 2019-04-23; chosen: more documents\n\
         \x20     docs/a.md:6\n\
         \x20     docs/b.md:6\n\
         \x20 - [정박지](a.md)를 참조하세요.\n\
         \x20     machine, 1 segment in 1 document, 2019-04-23\n\
         \x20     docs/c.md:6\n"
    );
    bitext.import("docs");
    let tmx = bitext.run(["export", "--quiet"]).printed();
    assert!(tmx.contains("[선석](b.md)"), "the export takes the one that is shown first");
    assert_eq!(
        bitext.run(["check", "--only", "inconsistent"]).exits(0).says_nothing().stdout(),
        run.stdout()
    );
}
