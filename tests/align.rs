//! `bitext align`: a memory from two clean trees.

#[cfg(feature = "git")]
mod versions;

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::support::{Bitext, fixture};

/// The two clean trees of the Korean fixtures: `en` and `ko`.
fn trees(bitext: &Bitext) {
    let docs = fixture("docs");
    let split = ["split", docs.to_str().unwrap(), "--source-dir", "en", "--target-dir", "ko", "--quiet"];
    let others = ["--exclude", "ja-JP/**", "--exclude", "zh-CN/**", "--exclude", "reference/**"];
    bitext.run(split.into_iter().chain(others)).succeeds_silently();
}

fn by_document(lines: Vec<Value>) -> BTreeMap<String, Vec<(String, String)>> {
    let mut documents = BTreeMap::<String, Vec<_>>::new();
    for line in lines {
        let text = |field: &str| line[field].as_str().expect("a text").to_owned();
        documents.entry(text("document")).or_default().push((text("source"), text("target")));
    }
    documents
}

const ALIGN: [&str; 6] = ["align", "en", "ko", "--to", "ko-KR", "--quiet"];

#[test]
fn the_pairs_of_two_clean_trees_are_those_of_the_side_by_side_documents() {
    let bitext = Bitext::new();
    trees(&bitext);
    let found = bitext.run(ALIGN.into_iter().chain(["-o", "-"])).exits(0).says_nothing().json_lines();
    let kinds = found.iter().all(|line| line["kind"] == "aligned" && line["confidence"].is_number());
    assert!(kinds, "{}", found[0]);
    let docs = fixture("docs");
    let extract = [
        "extract",
        docs.to_str().unwrap(),
        "--exclude",
        "ja-JP/**",
        "--exclude",
        "zh-CN/**",
        "--exclude",
        "reference/**",
    ];
    let expected = by_document(bitext.run(extract).exits(0).says_nothing().json_lines());
    let found = by_document(found);
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let (mut right, mut all) = (0, 0);
    for (document, pairs) in &expected {
        all += pairs.len();
        right += pairs.iter().filter(|pair| found[document].contains(pair)).count();
    }
    assert!(right * 100 >= all * 97, "{right} of {all}");
}

#[test]
fn the_memory_has_an_aligned_set_and_a_second_run_changes_nothing() {
    let bitext = Bitext::new();
    trees(&bitext);
    let first = bitext.run(["align", "en", "ko", "--to", "ko-KR"]).exits(0).prints_nothing();
    first.says("documents in both trees (the same path in both)");
    let before = bitext.sql("select * from extracted order by document, position");
    assert!(before.len() > 30);
    assert_eq!(
        bitext.sql("select distinct \"set\", kind, confidence is null from extracted"),
        ["ko-KR|aligned|0"]
    );
    bitext.run(["align", "en", "ko", "--to", "ko-KR"]).exits(0).prints_nothing().says("0 new, 0 changed");
    assert_eq!(bitext.sql("select * from extracted order by document, position"), before);
    // One document changes.
    let path = bitext.path("ko/index.md");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + "\n한 문장이 더 있습니다.\n").unwrap();
    bitext.run(["align", "en", "ko", "--to", "ko-KR"]).exits(0).prints_nothing().says("0 new, 1 changed");
    bitext.run(["stats"]).exits(0).says_nothing().prints("found by alignment");
    bitext.run(["search", "선석", "--limit", "1"]).exits(0).says("are shown").prints(", aligned 0.");
}

#[test]
fn an_aligned_pair_comes_after_one_that_a_document_states() {
    let bitext = Bitext::new();
    trees(&bitext);
    bitext.run(ALIGN).succeeds_silently();
    let query = ["query", "Book a berth", "--to", "ko-KR", "--limit", "1"];
    bitext.run(query).exits(0).says_nothing().prints(" 99 exact (-1 aligned), en-US to ko-KR, ");
    let penalty = ["--aligned-penalty", "0"];
    bitext
        .run(query.into_iter().chain(penalty))
        .exits(0)
        .says_nothing()
        .prints("100 exact, en-US to ko-KR, ");
    // The same pair, stated by a document: no penalty.
    bitext.import(fixture("docs"));
    bitext.run(query).exits(0).says_nothing().prints("100 exact, en-US to ko-KR, ");
}

#[test]
fn exports_leave_doubtful_pairs_out() {
    let bitext = Bitext::new();
    trees(&bitext);
    bitext.run(ALIGN).succeeds_silently();
    let count = |least: &str| {
        let export = ["export", "-f", "jsonl", "--quiet", "--min-confidence", least];
        let lines = bitext.run(export).exits(0).says_nothing().json_lines();
        assert!(lines.iter().all(|line| line["confidence"].as_f64() >= least.parse::<f64>().ok()));
        lines.len()
    };
    let (all, most) = (count("0"), count("0.99"));
    assert!(most <= all, "{most} of {all}");
    // No pair is certain.
    bitext
        .run(["export", "-f", "jsonl", "--quiet", "--min-confidence", "1"])
        .exits(1)
        .prints_nothing()
        .says_nothing();
    bitext.run(["export", "--min-confidence", "2"]).exits(2).prints_nothing().says("from 0 to 1");
    bitext.run(["export", "-o", "a.tmx", "--kind", "aligned", "--quiet"]).succeeds_silently();
    // What is exported is imported again, with its confidence.
    bitext.run(["export", "-f", "jsonl", "-o", "a.jsonl", "--quiet"]).succeeds_silently();
    bitext.run(["import", "a.jsonl", "--db", "again.db", "--quiet"]).succeeds_silently();
    bitext.run(["export", "-f", "jsonl", "-o", "b.jsonl", "--db", "again.db", "--quiet"]).succeeds_silently();
    assert_eq!(fs::read(bitext.path("a.jsonl")).unwrap(), fs::read(bitext.path("b.jsonl")).unwrap());
}

#[test]
fn one_tree_with_both_sides_is_enough() {
    let bitext = Bitext::new();
    trees(&bitext);
    for (from, to) in [("en", "content/en"), ("ko", "content/ko")] {
        fs::create_dir_all(bitext.path("content")).unwrap();
        fs::rename(bitext.path(from), bitext.path(to)).unwrap();
    }
    let align = ["align", ".", "--to", "ko-KR", "--dry-run"];
    bitext.run(align).exits(0).prints_nothing().says("(en/ and ko/)");
    let map = ["--map", "content/{locale}/**"];
    bitext.run(align.into_iter().chain(map)).exits(0).prints_nothing().says("content/{locale}/**");
    bitext
        .run(align.into_iter().chain(["--map", "content/**"]))
        .exits(2)
        .prints_nothing()
        .says("{locale} once");
}

#[test]
fn trees_that_do_not_fit_give_one_sentence_and_no_memory() {
    let bitext = Bitext::new();
    trees(&bitext);
    let refused = |arguments: &[&str], reason: &str| {
        let run = bitext.run(["align"].iter().chain(arguments)).exits(2).prints_nothing();
        run.says(reason);
    };
    refused(&["en", "en", "--to", "ko-KR"], "both source and target");
    refused(&["en", "ko", "--to", "en-US"], "both en-US");
    refused(&["en", "ko", "--to", "ja-JP"], "written in Korean letters");
    refused(&["en", "ko", "--to", "de-DE"], "written in Korean letters");
    bitext.write("copy/index.md", fs::read(bitext.path("en/index.md")).unwrap());
    bitext.write("other/page.md", "# 港\n");
    refused(&["en", "other", "--to", "ko-KR"], "no document of other has the path of one of en");
    refused(&["en", "copy", "--to", "ko-KR"], "has the same text as en");
    // Another document altogether.
    let words: String =
        (0..40).map(|at| format!("- {} 항구의 선박 `c{at}` 는 느립니다\n\n", at * 7)).collect();
    bitext.write("wrong/index.md", format!("> 다른 문서\n\n{words}"));
    refused(&["en", "wrong", "--to", "ko-KR"], "belong together");
    let force = ["align", "en", "wrong", "--to", "ko-KR", "--force", "--dry-run", "--quiet"];
    assert!([0, 1].contains(&bitext.run(force).prints_nothing().says_nothing().code()));
    assert!(!bitext.path("bitext.db").exists() || bitext.sql("select * from segment").is_empty());
}

#[test]
fn a_document_that_cannot_be_read_is_reported_and_the_others_are_aligned() {
    let bitext = Bitext::new();
    trees(&bitext);
    bitext.write("en/binary.md", b"a\0b");
    bitext.write("ko/binary.md", b"\x89PNG\0\0");
    let run = bitext.run(["align", "en", "ko", "--to", "ko-KR"]).exits(0).prints_nothing();
    run.says("ko/binary.md:1: ");
    let strict = bitext.run(["align", "en", "ko", "--to", "ko-KR", "--strict", "--quiet"]).exits(2);
    strict.prints_nothing().says("binary.md");
}

#[test]
fn a_set_that_was_imported_is_not_replaced() {
    let bitext = Bitext::new();
    trees(&bitext);
    bitext.import(fixture("docs"));
    let before = bitext.sql("select count(*) from segment");
    let run = bitext.run(["align", "en", "ko", "--to", "ko-KR", "--set", "docs", "--quiet"]).exits(2);
    run.prints_nothing().says("not of an alignment");
    assert_eq!(bitext.sql("select count(*) from segment"), before);
}

#[test]
fn titles_descriptions_and_texts_of_images_are_pairs_too() {
    let bitext = Bitext::new();
    bitext.write(
        "en/a.md",
        "---\ntitle: The port\nms.date: 2020\ndescription: \"Berths: a list\"\n---\n# Port\n\n![The map](map.png)\n\n\
         The port is open.\n\n:::image type=\"content\" source=\"media/quay.png\" alt-text=\"The quay.\":::\n",
    );
    bitext.write(
        "ko/a.md",
        "---\ntitle: 항구 안내\nms.date: 2021\ndescription: '선석: 목록'\n---\n# 항구\n\n![지도](map.png)\n\n\
         항구가 열려 있습니다.\n\n:::image type=\"content\" source=\"media/quay.png\" alt-text=\"부두.\":::\n",
    );
    let align = ["align", "en", "ko", "--to", "ko-KR", "--set", "docs", "--review", "review.html"];
    bitext
        .run(align)
        .exits(0)
        .prints_nothing()
        .says("2 pairs of 2 sentences, 4 of titles, descriptions and images");
    assert_eq!(
        bitext.sql("select number, line, source, target from extracted order by position"),
        [
            "101|6|Port|항구",
            "102|10|The port is open.|항구가 열려 있습니다.",
            "103|2|The port|항구 안내",
            "104|4|Berths: a list|선석: 목록",
            "105|8|The map|지도",
            "106|12|The quay.|부두.",
        ]
    );
    let page = fs::read_to_string(bitext.path("review.html")).unwrap();
    assert!(page.contains(" description") && page.contains("The quay."), "{page}");
}

#[test]
fn each_format_leaves_doubtful_pairs_out() {
    let bitext = Bitext::new();
    trees(&bitext);
    bitext.run(ALIGN).succeeds_silently();
    // Half of the pairs become doubtful.
    let lines = bitext.run(["export", "-f", "jsonl", "--quiet"]).exits(0).says_nothing().json_lines();
    let doubtful = |line: &Value| line["number"].as_u64().is_some_and(|number| number % 2 == 0);
    let changed: String = lines
        .iter()
        .map(|line| {
            let mut line = line.clone();
            line["confidence"] = if doubtful(&line) { 0.3.into() } else { 0.97.into() };
            let text = |field: &str| format!("{} {}", line["document"], line[field].as_str().unwrap());
            (line["source"], line["target"]) = (text("source").into(), text("target").into());
            format!("{line}\n")
        })
        .collect();
    bitext.write("half.jsonl", changed);
    bitext.run(["import", "half.jsonl", "--db", "half.db", "--quiet"]).succeeds_silently();
    let sure = lines.iter().filter(|line| !doubtful(line)).count() as u64;
    assert!(sure > 20 && sure < lines.len() as u64);
    bitext.run(["stats", "--db", "half.db"]).exits(0).says_nothing().prints("confidence 0.95 and more: 5");
    for format in ["jsonl", "tsv", "csv", "po", "xliff", "moses", "parquet"] {
        if format == "parquet" && !cfg!(feature = "parquet") {
            continue;
        }
        let export = ["export", "--db", "half.db", "-f", format, "--to", "ko-KR", "-o", "out", "--json"];
        let choice = ["--min-confidence", "0.9", "--untranslated", "keep"];
        let run = bitext.run(export.into_iter().chain(choice)).exits(0).prints_nothing();
        let summary: Value = serde_json::from_str(run.stderr()).unwrap();
        assert_eq!(summary["segments"], sure, "{format}: {summary}");
    }
    let tmx = [
        "export",
        "--db",
        "half.db",
        "-o",
        "half.tmx",
        "--all-variants",
        "--untranslated",
        "keep",
        "--quiet",
    ];
    bitext.run(tmx.into_iter().chain(["--min-confidence", "0.9"])).succeeds_silently();
    let tmx = fs::read_to_string(bitext.path("half.tmx")).unwrap();
    for line in &lines {
        let id = format!(">{}<", line["id"].as_str().unwrap());
        assert_eq!(tmx.contains(&id), !doubtful(line), "{id}");
    }
}

#[test]
fn a_table_holds_the_confidence_and_is_read_again() {
    let bitext = Bitext::new();
    trees(&bitext);
    bitext.run(ALIGN).succeeds_silently();
    for format in ["tsv", "csv"] {
        let file = format!("a.{format}");
        bitext.run(["export", "-o", &file, "--quiet"]).succeeds_silently();
        let text = fs::read_to_string(bitext.path(&file)).unwrap();
        let mark = if format == "tsv" { '\t' } else { ',' };
        let header = text.lines().next().unwrap().replace(mark, " ");
        assert!(header.contains("source target confidence workflow"), "{header}");
        let db = format!("{format}.db");
        bitext.run(["import", &file, "--db", &db, "--quiet"]).succeeds_silently();
        let again = bitext.run(["export", "-f", format, "--db", &db, "--quiet"]).exits(0).says_nothing();
        assert_eq!(again.stdout(), text);
        let without = bitext.run(ALIGN.into_iter().chain(["-f", format])).exits(0).says_nothing();
        assert_eq!(without.stdout(), text);
    }
}

#[test]
fn tmx_xliff_and_po_hold_the_confidence_and_are_read_again() {
    let bitext = Bitext::new();
    trees(&bitext);
    bitext.run(ALIGN).succeeds_silently();
    let lines = bitext.run(["export", "-f", "jsonl", "--quiet"]).exits(0).says_nothing().json_lines();
    let shares = |lines: &[Value]| -> Vec<String> {
        lines.iter().map(|line| format!("{} {}", line["id"], line["confidence"])).collect()
    };
    for format in ["xlf", "po"] {
        let (file, db) = (format!("a.{format}"), format!("{format}.db"));
        bitext.run(["export", "-o", &file, "--quiet"]).succeeds_silently();
        bitext.run(["import", &file, "--db", &db, "--quiet"]).succeeds_silently();
        let again = bitext.run(["export", "-f", "jsonl", "--db", &db, "--quiet"]).exits(0).says_nothing();
        assert_eq!(shares(&again.json_lines()), shares(&lines), "{format}");
    }
    bitext.run(["export", "-o", "a.tmx", "--quiet"]).succeeds_silently();
    let tmx = fs::read_to_string(bitext.path("a.tmx")).unwrap();
    let units = tmx.matches("<tu ").count();
    assert!(units > 0 && tmx.matches("<prop type=\"x-confidence\">0.").count() == units, "{tmx}");
    bitext.run(["import", "a.tmx", "--db", "tmx.db", "--quiet"]).succeeds_silently();
    let again = bitext.run(["export", "-f", "tmx", "--db", "tmx.db", "--quiet"]).exits(0).says_nothing();
    assert_eq!(again.stdout().matches("<prop type=\"x-confidence\">0.").count(), units);
    // A pair that a document states is certain.
    bitext.import(fixture("docs"));
    let both = bitext.run(["export", "-f", "tmx", "--quiet"]).exits(0).says_nothing();
    assert!(both.stdout().matches("x-confidence").count() < both.stdout().matches("<tu ").count() / 2);
}

#[test]
fn a_finding_shows_how_sure_its_pair_is() {
    let bitext = Bitext::new();
    bitext.write("en/a.md", "# Ship\n\nSee [the map](map.md) of `port`.\n\nIt has 20 berths.\n");
    bitext.write("ko/a.md", "# 선박\n\n`harbor` 의 [지도](plan.md)를 참조하세요.\n\n선석이 30개 있습니다.\n");
    bitext.run(["align", "en", "ko", "--to", "ko-KR", "--quiet"]).succeeds_silently();
    bitext.run(["check"]).exits(1).says_nothing().prints(", aligned 0.");
    let found = bitext.run(["check", "--json"]).exits(1).says_nothing();
    let lines = found.json_lines();
    assert!(!lines.is_empty() && lines.iter().all(|line| line["confidence"].is_number()), "{lines:?}");
}

#[test]
fn paragraphs_are_exported_with_their_sentences() {
    let bitext = Bitext::new();
    bitext.import(fixture("difficult/paragraph_ids.md"));
    let before = bitext.sql("select count(*) from segment");
    let export = ["export", "-f", "jsonl", "--sentences", "--set", "paragraph_ids"];
    let set = bitext.sql("select name from document_set").remove(0);
    let run = bitext.run([&export[..5], &[&set]].concat()).exits(0).says("3 sentences of paragraphs");
    let lines = run.json_lines();
    let of_kind = |kind: &str| -> Vec<String> {
        let lines = lines.iter().filter(|line| line["kind"] == kind);
        lines
            .map(|line| {
                format!("{} | {}", line["source"].as_str().unwrap(), line["target"].as_str().unwrap())
            })
            .collect()
    };
    assert_eq!(
        of_kind("aligned"),
        [
            "The harbor is open every day. | 항구는 매일 엽니다.",
            "Arrive at noon. | 정오에 도착하세요.",
            "Call if you are late. | 늦으면 전화하세요."
        ]
    );
    let paragraph = "The harbor is open every day. Arrive at noon. Call if you are late. | 항구는 매일 엽니다. 정오에 도착하세요. 늦으면 전화하세요.";
    assert!(of_kind("paragraph").iter().any(|text| text == paragraph));
    let sentence = lines.iter().find(|line| line["kind"] == "aligned").unwrap();
    assert!(
        sentence["confidence"].is_number() && sentence["set"] == format!("{set}.sentences"),
        "{sentence}"
    );
    assert!(sentence["id"].as_str().unwrap().ends_with("-a102001"), "{sentence}");
    // In a TMX, too; the memory is as it was.
    bitext.run(["export", "-o", "a.tmx", "--sentences", "--quiet"]).succeeds_silently();
    let tmx = fs::read_to_string(bitext.path("a.tmx")).unwrap();
    assert!(
        tmx.contains("<seg>Arrive at noon.</seg>")
            && tmx.contains("Arrive at noon. Call if you are late.</seg>"),
        "{tmx}"
    );
    assert_eq!(bitext.sql("select count(*) from segment"), before);
}
