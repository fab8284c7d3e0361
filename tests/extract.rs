//! `bitext extract`: segments of documents, straight to standard output.

use std::collections::BTreeMap;
use std::fs;

use crate::support::documents::{FRONT_MATTER, document, segment};
use crate::support::{Bitext, COLUMNS, DIFFICULT_PROBLEM, fixture};
use proptest::prelude::*;

/// Lines of `stdout` by the document they name.
fn by_document(stdout: &str) -> BTreeMap<String, Vec<String>> {
    let mut documents = BTreeMap::<String, Vec<String>>::new();
    for line in stdout.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("a JSON line");
        documents.entry(value["document"].as_str().expect("a path").into()).or_default().push(line.into());
    }
    documents
}

#[test]
fn every_difficult_document_gives_the_lines_beside_it() {
    let run = Bitext::new().run(["extract".as_ref(), fixture("difficult").as_os_str()]).exits(0);
    let run = run.says(DIFFICULT_PROBLEM);
    let mut found = by_document(run.stdout());
    let mut documents = 0;
    for entry in fs::read_dir(fixture("difficult")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(document) = name.strip_suffix(".expected.jsonl") else { continue };
        documents += 1;
        let expected: Vec<_> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(found.remove(document).unwrap_or_default(), expected, "{document}");
    }
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "documents without an expected result"
    );
    assert!(documents > 30, "{documents}");
}

#[test]
fn what_cannot_be_read_is_a_problem_with_path_line_and_reason() {
    let run = Bitext::new().run(["extract".as_ref(), fixture("difficult").as_os_str()]).exits(0);
    assert!(run.json_lines().len() > 90, "the rest is read all the same");
    let mut expected = Vec::new();
    for entry in fs::read_dir(fixture("difficult")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(document) = name.strip_suffix(".expected.txt") else { continue };
        for line in fs::read_to_string(&path).unwrap().lines() {
            let (number, phrase) = line.split_once(": ").unwrap_or((line.trim_end_matches(": "), ""));
            expected.push((format!("{document}:{}: ", number.trim_end_matches(':')), phrase.to_owned()));
        }
    }
    for (place, phrase) in &expected {
        let said = |line: &str| line.contains(place.as_str()) && line.contains(phrase.as_str());
        assert!(run.stderr().lines().any(said), "no {place}…{phrase} in {}", run.stderr());
    }
    let problems =
        run.stderr().lines().filter(|line| line.contains(".md:") || line.contains(".html:")).count();
    assert_eq!(problems, expected.len(), "{}", run.stderr());
}

#[test]
fn documents_come_in_path_order_and_segments_in_document_order() {
    let bitext = Bitext::new();
    let run = bitext.run(["extract".as_ref(), fixture("docs").as_os_str()]).exits(0).says_nothing();
    let lines = run.json_lines();
    let places: Vec<_> =
        lines.iter().map(|l| (l["document"].to_string(), l["number"].as_u64().unwrap())).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(lines.len(), 130);
    assert!(lines.iter().all(|line| line["set"] == "docs" && line["source_locale"] == "en-US"));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let bitext = Bitext::new();
    crate::support::documents::write_set(&bitext, "set", 300);
    let with = |threads: &str| bitext.run(["extract", "set", "--threads", threads]).printed();
    let one = with("1");
    assert_eq!(one.lines().count(), 1200);
    assert_eq!(with("2"), one);
    assert_eq!(with("7"), one);
}

#[test]
fn the_same_document_in_three_locales_has_one_source_hash_and_the_same_numbers() {
    let bitext = Bitext::new();
    let lines =
        bitext.run(["extract".as_ref(), fixture("docs").as_os_str()]).exits(0).says_nothing().json_lines();
    let of = |locale: &str| -> Vec<_> {
        let book = |l: &&serde_json::Value| {
            l["document"].as_str().unwrap().ends_with("book-a-berth.md") && l["target_locale"] == locale
        };
        lines
            .iter()
            .filter(book)
            .map(|l| (l["number"].clone(), l["source"].clone(), l["source_hash"].clone()))
            .collect()
    };
    assert_eq!(of("ko-KR").len(), 20);
    assert_eq!(of("ko-KR"), of("ja-JP"));
    assert_eq!(of("ko-KR"), of("zh-CN"));
}

#[test]
fn a_document_without_a_locale_has_that_of_most_of_its_set() {
    let bitext = Bitext::new();
    let of_include = |arguments: &[&str]| {
        let docs = fixture("docs");
        let run =
            bitext.run(["extract", docs.to_str().unwrap()].iter().chain(arguments)).exits(0).says_nothing();
        let lines = run.json_lines();
        let line = lines.iter().find(|l| l["document"] == "includes/contact-the-office.md").unwrap();
        (line["target_locale"].clone(), line["source_locale"].clone())
    };
    assert_eq!(of_include(&[]), ("ko-KR".into(), "en-US".into()));
    assert_eq!(of_include(&["--target-locale", "DE_de"]), ("de-DE".into(), "en-US".into()));
    assert_eq!(of_include(&["--source-locale", "en-gb"]), ("ko-KR".into(), "en-GB".into()));
}

#[test]
fn a_locale_that_is_none_is_refused() {
    let docs = fixture("docs");
    let run = Bitext::new().run(["extract", docs.to_str().unwrap(), "--target-locale", "Korean!"]);
    run.exits(2).prints_nothing().says("is not a locale");
}

#[test]
fn a_file_that_is_named_is_read_whatever_its_ending() {
    let bitext = Bitext::new();
    bitext.write("notes.txt", document("0a1b2", &[("저장", "Save")]));
    let lines = bitext.run(["extract", "notes.txt"]).exits(0).says_nothing().json_lines();
    assert_eq!((&lines[0]["document"], &lines[0]["source"]), (&"notes.txt".into(), &"Save".into()));
}

#[test]
fn in_a_folder_only_documents_are_read_and_hidden_files_are_left_alone() {
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save")]);
    for name in [
        "a.md",
        "b.YML",
        "c.yaml",
        "d.html",
        "e.htm",
        "f.txt",
        ".hidden.md",
        ".git/g.md",
        "node/.x/h.md",
        "i.MD",
        "j",
    ] {
        bitext.write(format!("set/{name}"), &text);
    }
    // A clone's ignore rules are for its build, not for its documents.
    bitext.write("set/.gitignore", "*.md\nset/\n");
    let lines = bitext.run(["extract", "set"]).exits(0).says_nothing().json_lines();
    let names: Vec<_> = lines.iter().map(|line| line["document"].as_str().unwrap()).collect();
    assert_eq!(names, ["a.md", "b.YML", "c.yaml", "d.html", "e.htm", "i.MD"]);
}

#[test]
fn tsv_and_csv_hold_the_same_as_json_lines() {
    let bitext = Bitext::new();
    let difficult = fixture("difficult");
    let path = difficult.to_str().unwrap();
    // A table has the confidence of aligned pairs in all of its rows.
    let columns = [&COLUMNS[..10], &["confidence"], &COLUMNS[10..]].concat();
    let json: Vec<Vec<String>> = {
        let cell = |value: &serde_json::Value| match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let run = bitext.run(["extract", path]).exits(0).says(DIFFICULT_PROBLEM);
        run.stdout()
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|line| columns.iter().map(|column| cell(&line[*column])).collect())
            .collect()
    };
    for (format, delimiter) in [("csv", b','), ("tsv", b'\t')] {
        let run = bitext.run(["extract", path, "--format", format]).exits(0).says(DIFFICULT_PROBLEM);
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(run.stdout().as_bytes());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), columns, "{format}");
        let rows: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(rows, json, "{format}");
    }
}

#[test]
fn a_path_that_is_not_there_is_named_and_fails() {
    let bitext = Bitext::new();
    bitext.run(["extract", "nowhere"]).exits(2).prints_nothing().says("nowhere");
}

#[test]
fn a_clean_folder_says_where_to_look_instead() {
    let bitext = Bitext::new();
    bitext.write("clean/a.md", "# Save\n");
    bitext
        .run(["extract", "clean"])
        .exits(1)
        .prints_nothing()
        .says("no file with side-by-side spans")
        .says("live-sxs");
}

#[test]
fn a_document_without_an_opening_that_can_be_recognized_is_named_and_not_passed_over() {
    let bitext = Bitext::new();
    let whole = segment("0a1b2-101", "저장", "Save");
    let cases = [
        ("element.md", whole.replace("<span data-ttu", "<spam data-ttu"), "data-ttu-id is not in a tag"),
        ("spaces.md", whole.replace("<span data-ttu", "<span  data-ttu"), "data-ttu-id is not in a tag"),
        ("escaped.md", whole.replace('<', "&lt;"), "data-ttu-id is not in a tag"),
        ("sentence.md", "Find `data-ttu-id` in it.".to_owned(), "data-ttu-id is not in a tag"),
        ("source.md", whole.replace("data-ttu-id", "data-tu-id"), "data-stu-id without any data-ttu-id"),
        ("scalar.yml", whole.replace("<span data-ttu", "<sp data-ttu"), "data-ttu-id is not in a tag"),
        ("page.html", "<p data-ttu-id=\"0a1b2-101\">저장</p>".to_owned(), "data-ttu-id is not in a tag"),
    ];
    for (name, text, reason) in cases {
        bitext.write(name, format!("\n\n{text}\n"));
        let problem = format!("{name}:3: {reason}");
        let (target, source) = (format!("{name}.target"), format!("{name}.source"));
        bitext.run(["extract", name]).exits(0).prints_nothing().says(&problem);
        bitext.run(["import", name]).exits(1).prints_nothing().says(&problem);
        bitext.run(["import", name, "--target-locale", "ko-KR"]).exits(0).prints_nothing().says(&problem);
        bitext.run(["import", name, "--strict"]).exits(2).prints_nothing().says(&problem);
        let split = ["split", name, "--target-dir", &target, "--source-dir", &source];
        bitext.run(split).exits(0).prints_nothing().says(&problem);
    }
    // A document beside segments may speak of the attribute.
    bitext.write("both.md", format!("{FRONT_MATTER}Find `data-ttu-id` in it.\n{whole}\n"));
    bitext.run(["extract", "both.md"]).exits(0).prints("Save").says_nothing();
}

/// A segment's text: Markdown, spans of the author's own that are closed, line breaks, entities, any script.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z가-힣ぁ-ん一-十 .,*_`|&<>\\\\\"\u{301}\u{202e}]{1,12}",
        Just("<span class=\"own\">x</span>".to_owned()),
        Just("`List<T>`".to_owned()),
        Just("<br>\r\n   - ".to_owned()),
        Just("&quot;".to_owned()),
        Just("😀".to_owned()),
    ];
    let no_half_tags =
        |text: &String| !text.contains("<s") && !text.contains("</") || text.contains("<span class");
    prop::collection::vec(piece, 1..5)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("half a tag", no_half_tags)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_document_cut_anywhere_gives_every_segment_before_the_cut_whole(
        texts in prop::collection::vec((text(), "( |\n|\r\n|<br>|- |\\| )"), 1..6),
        cut in any::<prop::sample::Index>(),
        syntax in prop::sample::select(vec![bitext::side_by_side::Syntax::Markdown, bitext::side_by_side::Syntax::Yaml]),
    ) {
        let mut whole = FRONT_MATTER.to_owned();
        let mut ends = Vec::new();
        for (number, (text, between)) in (101..).zip(&texts) {
            whole += &segment(&format!("0a1b2-{number}"), text, &format!("{text} source"));
            ends.push(whole.len());
            whole += between;
        }
        let all = bitext::side_by_side::read(&whole, syntax);
        prop_assert_eq!(all.segments.len(), texts.len(), "{:?}", all.problems);
        let cut = (0..=cut.index(whole.len())).rev().find(|&at| whole.is_char_boundary(at)).unwrap_or_default();
        let part = bitext::side_by_side::read(&whole[..cut], syntax);
        let before = ends.iter().filter(|&&end| end <= cut).count();
        prop_assert_eq!(&part.segments[..], &all.segments[..before]);
        // What was cut through is a problem, from where it can be told to be one.
        let opened = whole[..cut].matches("<span data-ttu-id=").count();
        // A document with the attribute and nothing else is named too.
        let only_the_name = opened == 0 && whole[..cut].contains("data-ttu-id");
        prop_assert_eq!(part.problems.len(), opened - before + usize::from(only_the_name));
    }

    #[test]
    fn no_bytes_make_reading_panic(
        text in "(<span data-ttu-id=(\"|&quot;|\\\\\")0a1b2-p?10[0-9](\"|&quot;|\\\\\")>|</span>|<span class=\"sxs-lookup\">|\
                 <span data-stu-id=\"0a1b2-10[0-9]\">|---\n|no-loc: \\[|ms.contentlocale: |[^<]|\n){0,40}"
    ) {
        for syntax in
            [bitext::side_by_side::Syntax::Markdown, bitext::side_by_side::Syntax::Yaml, bitext::side_by_side::Syntax::Html]
        {
            bitext::side_by_side::read(&text, syntax);
        }
        bitext::side_by_side::halves(&text);
    }
}
