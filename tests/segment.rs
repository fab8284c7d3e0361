//! `bitext segment`: where the segments of clean documents begin and end.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::support::{Bitext, fixture};

/// The English documents of the fixtures, as `split` writes them.
fn english(bitext: &Bitext) -> std::path::PathBuf {
    let (english, korean) = (bitext.path("en"), bitext.path("ko"));
    bitext
        .run([
            "split".as_ref(),
            fixture("docs").as_os_str(),
            "--source-dir".as_ref(),
            english.as_os_str(),
            "--target-dir".as_ref(),
            korean.as_os_str(),
        ])
        .exits(0)
        .prints_nothing()
        .says("11 documents written twice");
    english
}

/// The values of a field by the document they are of.
fn by_document(lines: Vec<Value>, field: &str) -> BTreeMap<String, Vec<String>> {
    let mut documents = BTreeMap::<String, Vec<String>>::new();
    for line in lines {
        let text = line[field].as_str().expect("a text").to_owned();
        documents.entry(line["document"].as_str().expect("a path").to_owned()).or_default().push(text);
    }
    documents
}

#[test]
fn the_segments_of_the_english_documents_are_those_of_the_side_by_side_ones() {
    let bitext = Bitext::new();
    let english = english(&bitext);
    let docs = fixture("docs");
    let extract = ["extract".as_ref(), docs.as_os_str(), "--exclude".as_ref(), "reference/**".as_ref()];
    let extracted = bitext.run(extract).exits(0).says_nothing().json_lines();
    let segmented =
        bitext.run(["segment".as_ref(), english.as_os_str()]).exits(0).says_nothing().json_lines();
    let (expected, mut found) = (by_document(extracted, "source"), by_document(segmented, "text"));
    // The tables there have a list in a cell, and numbers that nobody translated.
    let is_compared = |document: &String| !document.starts_with("reference/");
    found.retain(|document, _| is_compared(document));
    for (document, segments) in expected.into_iter().filter(|(document, _)| is_compared(document)) {
        assert_eq!(found.remove(&document).unwrap_or_default(), segments, "{document}");
    }
    assert_eq!(found, BTreeMap::new());
}

#[test]
fn offsets_and_lines_lead_to_the_text() {
    let bitext = Bitext::new();
    let english = english(&bitext);
    let lines = bitext.run(["segment".as_ref(), english.as_os_str()]).exits(0).says_nothing().json_lines();
    assert!(lines.len() > 80, "{}", lines.len());
    for line in &lines {
        let document = line["document"].as_str().unwrap();
        let text = fs::read_to_string(english.join(document)).unwrap();
        let offset = |field: &str| line[field].as_u64().unwrap() as usize;
        let written = &text[offset("start")..offset("end")];
        let is_quoted = document.ends_with(".yml");
        let folded = bitext::model::fold_line_breaks(written);
        assert!(is_quoted || folded == line["text"].as_str().unwrap(), "{line}");
        let breaks = text[..offset("start")].matches('\n').count() as u64;
        assert_eq!(line["line"], breaks + 1, "{line}");
    }
    let fields: Vec<_> = lines[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = ["document", "line", "start", "end", "kind", "text"];
    expected.sort_unstable();
    assert_eq!(fields, expected);
}

#[test]
fn the_output_does_not_depend_on_the_number_of_threads() {
    let bitext = Bitext::new();
    let english = english(&bitext);
    let run = |threads: &str| {
        let run =
            bitext.run(["segment".as_ref(), english.as_os_str(), "--threads".as_ref(), threads.as_ref()]);
        run.exits(0).says_nothing().stdout().to_owned()
    };
    assert_eq!(run("1"), run("4"));
}

#[cfg(feature = "git")]
#[test]
fn documents_of_a_branch_are_read_without_a_checkout() {
    let bitext = Bitext::new();
    let branch = format!("{}@main", fixture("history.bundle").display());
    let lines = bitext.run(["segment", branch.as_str()]).exits(0).says_nothing().json_lines();
    assert!(lines.iter().any(|line| line["kind"] == "heading"), "{lines:?}");
}

#[test]
fn side_by_side_documents_are_left_out_with_one_warning() {
    let bitext = Bitext::new();
    let run = bitext.run(["segment".as_ref(), fixture("docs/berths").as_os_str()]).exits(1).prints_nothing();
    run.says("2 documents of ").says("`bitext extract`").says("1 problem");
}

#[test]
fn a_folder_without_texts_is_told_and_a_document_that_cannot_be_read_is_a_problem() {
    let bitext = Bitext::new();
    let folder = bitext.write("docs/a.md", "```\ncode\n```\n");
    bitext
        .run(["segment".as_ref(), folder.as_os_str()])
        .exits(1)
        .prints_nothing()
        .says("nothing to segment in");
    bitext.write("docs/b.md", b"Text \xff\n");
    bitext.write("docs/c.md", "Text\n");
    let run = bitext.run(["segment", "docs"]).exits(0).says("b.md:1: not UTF-8");
    assert_eq!(run.json_lines().len(), 1);
    let strict = bitext.run(["segment", "docs", "--strict"]).exits(2).says("b.md:1: not UTF-8");
    assert_eq!(strict.json_lines().len(), 1);
    bitext.run(["segment", "missing"]).exits(2).prints_nothing().says("missing");
    bitext.run(["segment"]).exits(2).prints_nothing().says("PATH");
}

#[test]
fn a_segment_of_more_than_a_mebibyte_is_left_out_and_reported() {
    let bitext = Bitext::new();
    bitext.write("docs/a.md", "word ".repeat(300_000) + "\n\nText\n");
    let run = bitext.run(["segment", "docs"]).exits(0).says("a.md:1: a segment of 1499999 bytes");
    assert_eq!(run.json_lines().len(), 1);
}

#[test]
fn the_printed_rules_are_those_that_cut_and_others_can_take_their_place() {
    let bitext = Bitext::new();
    let rules = bitext.run(["segment", "--format", "srx"]).exits(0).says_nothing().stdout().to_owned();
    assert!(rules.starts_with("<?xml") && rules.contains("http://www.lisa.org/srx20"), "{rules}");
    bitext.write("rules.srx", &rules);
    bitext.write("docs/a.md", "Ask Mr. Smith; he knows. Then go on.\n");
    let texts = |options: &[&str]| -> Vec<String> {
        let run = bitext.run([&["segment", "docs"], options].concat()).exits(0).says_nothing();
        run.json_lines().iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&[]), ["Ask Mr. Smith; he knows.", "Then go on."]);
    assert_eq!(texts(&["--srx", "rules.srx"]), texts(&[]));
    let rule = "<rule><beforebreak>;</beforebreak><afterbreak>\\s</afterbreak></rule>";
    bitext.write("own.srx", format!("<srx><body><languagerule>{rule}</languagerule></body></srx>"));
    assert_eq!(texts(&["--srx", "own.srx"]), ["Ask Mr. Smith;", "he knows. Then go on."]);
}

#[test]
fn rules_that_cannot_be_used_are_refused_with_the_reason() {
    let bitext = Bitext::new();
    bitext.write("docs/a.md", "Text.\n");
    bitext.write("no.srx", "<srx/>");
    bitext.write("bad.srx", "<srx><rule><beforebreak>(</beforebreak><afterbreak/></rule></srx>");
    let run = |file: &str| bitext.run(["segment", "docs", "--srx", file]).exits(2).prints_nothing();
    run("no.srx").says("no.srx cannot be used").says("no rule in it");
    run("bad.srx").says("bad.srx cannot be used").says("a rule cannot be used");
    run("missing.srx").says("cannot read missing.srx");
    let run = bitext.run(["segment", "docs", "--format", "srx"]).exits(2).prints_nothing();
    run.says("reads no PATH");
}
