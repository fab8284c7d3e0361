//! `bitext analyze`: how much of clean documents the memory covers.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Bitext, fixture};

/// A side-by-side document: its path, its workflow, and the pairs of its segments.
type Document<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// A memory of these documents.
fn memory(documents: &[Document<'_>]) -> Bitext {
    let bitext = Bitext::new();
    for (path, workflow, pairs) in documents {
        let mut text = format!("---\nms.contentlocale: ko-KR\nms.translationtype: {workflow}\n---\n\n");
        for (number, (source, target)) in (101..).zip(*pairs) {
            text += &format!(
                "<span data-ttu-id=\"0a1b2-{number}\">{target}</span><span class=\"sxs-lookup\"><span \
                 data-stu-id=\"0a1b2-{number}\">{source}</span></span>\n\n"
            );
        }
        bitext.write(format!("harbor/{path}"), text);
    }
    let folder = bitext.path("harbor");
    bitext.import(&folder);
    bitext
}

fn harbor() -> Bitext {
    memory(&[
        (
            "berths.md",
            "HT",
            &[
                ("Berths", "선석"),
                ("Select the berth that you want to book today.", "오늘 예약할 선석을 선택합니다."),
                ("Pay the fee.", "요금을 냅니다."),
            ],
        ),
        ("fees.md", "MT", &[("Fees", "요금"), ("The fee is due at noon.", "요금은 정오까지입니다.")]),
    ])
}

fn bands(counts: &Value) -> Vec<(String, u64)> {
    let band = |band: &Value| (band["band"].as_str().unwrap().to_owned(), band["segments"].as_u64().unwrap());
    counts["bands"].as_array().unwrap().iter().map(band).collect()
}

fn owned(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(band, segments)| ((*band).to_owned(), *segments)).collect()
}

/// Documents in which each band occurs.
fn new_documents(bitext: &Bitext) -> PathBuf {
    bitext.write(
        "new/a.md",
        "# Berths\n\nSelect the berth that you want to book today.\n\nPay the fee.\n\nMoor the ship at once.\n\nMoor the \
         ship at once.\n\nSelect the berth that you want to book.\n\n| 12 | `a` `b` |\n|---|---|\n| 3 | x |\n",
    );
    bitext.write("new/b.md", "The fee is due at noon.\n\nMoor the ship at once.\n\nMoor the boat at once.\n");
    bitext.path("new")
}

#[test]
fn each_segment_is_in_one_band() {
    let bitext = harbor();
    let new = new_documents(&bitext);
    let run = bitext.run([
        "analyze".as_ref(),
        new.as_os_str(),
        "--to".as_ref(),
        "ko-KR".as_ref(),
        "--json".as_ref(),
    ]);
    let analysis = run.exits(0).says_nothing().json();
    let of = |document: usize| bands(&analysis["by_document"][document]);
    assert_eq!(
        of(0),
        owned(&[
            ("context", 2),
            ("exact", 1),
            ("repetition", 1),
            ("85-94", 1),
            ("no-match", 2),
            ("numbers", 2),
            ("code", 1),
        ])
    );
    assert_eq!(of(1), owned(&[("exact", 1), ("cross-repetition", 1), ("no-match", 1)]));
    let total = &analysis["total"];
    assert_eq!(total["segments"], 13);
    let sum: u64 = bands(total).iter().map(|(_, segments)| segments).sum();
    assert_eq!(sum, 13);
    let exact = &total["bands"].as_array().unwrap()[1];
    assert_eq!((&exact["human"]["segments"], &exact["machine"]["segments"]), (&1.into(), &1.into()));
    assert_eq!((&exact["human"]["words"], &exact["machine"]["words"]), (&3.into(), &6.into()));
    assert_eq!(
        (analysis["source_locale"].as_str(), analysis["target_locale"].as_str()),
        (Some("en-US"), Some("ko-KR"))
    );
}

#[test]
fn internal_matches_are_those_of_earlier_segments() {
    let bitext = harbor();
    let new = new_documents(&bitext);
    let run = bitext.run([
        "analyze".as_ref(),
        new.as_os_str(),
        "--to".as_ref(),
        "ko-KR".as_ref(),
        "--json".as_ref(),
        "--internal".as_ref(),
    ]);
    let analysis = run.exits(0).says_nothing().json();
    assert_eq!(
        bands(&analysis["by_document"][1]),
        owned(&[("exact", 1), ("cross-repetition", 1), ("internal-75-84", 1)])
    );
}

#[test]
fn a_document_that_the_memory_has_is_all_context_and_nothing_without_itself() {
    let bitext = harbor();
    let (english, korean) = (bitext.path("en"), bitext.path("ko"));
    bitext
        .run([
            "split",
            "harbor",
            "--source-dir",
            english.to_str().unwrap(),
            "--target-dir",
            korean.to_str().unwrap(),
        ])
        .exits(0)
        .prints_nothing()
        .says("written twice");
    let analyze = |more: &[&str]| {
        let arguments = ["analyze", "en", "--to", "ko-KR", "--json"].into_iter().chain(more.iter().copied());
        bands(&bitext.run(arguments).exits(0).says_nothing().json()["total"])
    };
    assert_eq!(analyze(&[]), owned(&[("context", 5)]));
    assert_eq!(analyze(&["--without-document"]), owned(&[("no-match", 5)]));
}

#[test]
fn a_human_translation_elsewhere_counts_when_the_document_itself_is_left_out() {
    let bitext = memory(&[
        ("a.md", "HT", &[("Moor the ship.", "배를 댑니다.")]),
        ("b.md", "MT", &[("Moor the ship.", "배를 정박합니다.")]),
    ]);
    bitext.write("new/a.md", "Moor the ship.\n");
    let who = |more: &[&str]| {
        let arguments = ["analyze", "new", "--to", "ko-KR", "--json"].into_iter().chain(more.iter().copied());
        let analysis = bitext.run(arguments).exits(0).says_nothing().json();
        let band = &analysis["total"]["bands"][0];
        ["human", "machine"].map(|who| band[who]["segments"].as_u64().unwrap())
    };
    assert_eq!(who(&[]), [1, 0]);
    assert_eq!(who(&["--without-document"]), [0, 1]);
}

#[test]
fn words_are_weighted_by_a_file_of_rates() {
    let bitext = harbor();
    new_documents(&bitext);
    bitext.write(
        "rates.toml",
        "context = 0\nexact = 0.1\nrepetition = 0.2\n95-99 = 0.3\n85-94 = 0.5\n75-84 = 0.7\n50-74 = 0.9\nno-match = 1\n",
    );
    let arguments = ["analyze", "new", "--to", "ko-KR", "--rates", "rates.toml"];
    let table = bitext.run(arguments).exits(0).says_nothing().printed();
    // Exact 3 and 6 words, repetitions 5 and 5, 85 to 94 8, no match 5, 1 and 5.
    assert!(table.contains("2 documents, 17.9 weighted words"), "{table}");
    bitext.write("rates.toml", "exact = 1\n");
    bitext
        .run(arguments)
        .exits(2)
        .prints_nothing()
        .says("rates.toml is no file of rates: it has no rate for context");
}

#[test]
fn the_tables_are_for_people_and_spreadsheets_and_browsers() {
    let bitext = harbor();
    new_documents(&bitext);
    bitext.write("new/=1+1.md", "Moor <b>it</b>.\n");
    let arguments = ["analyze", "new", "--to", "ko-KR"];
    let with = |more: &[&'static str]| {
        bitext.run(arguments.into_iter().chain(more.iter().copied())).exits(0).says_nothing()
    };
    let table = with(&["--documents"]).printed();
    for words in
        ["segments", "words", "context (101)", "95 to 99", "no match", "numbers only", "a.md", "3 documents"]
    {
        assert!(table.contains(words), "{words}: {table}");
    }
    let csv = with(&["--csv"]).printed();
    assert!(csv.starts_with("set,document,band,translated_by,segments,words,characters\n"), "{csv}");
    assert!(csv.contains("\nnew,'=1+1.md,no-match,,1,2,7\n"), "{csv}");
    assert!(csv.contains("\nnew,a.md,exact,human,1,3,10\n"), "{csv}");
    with(&["--html", "-o", "page.html"]).succeeds_silently();
    let page = fs::read_to_string(bitext.path("page.html")).unwrap();
    for words in ["<!DOCTYPE html>", "<svg", "context (101)", "new/a.md", "Analysis, en-US to ko-KR"] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let bitext = Bitext::new();
    bitext.import(fixture("docs"));
    let (english, korean) = (bitext.path("en"), bitext.path("ko"));
    let docs = fixture("docs");
    bitext
        .run([
            "split".as_ref(),
            docs.as_os_str(),
            "--source-dir".as_ref(),
            english.as_os_str(),
            "--target-dir".as_ref(),
            korean.as_os_str(),
        ])
        .exits(0)
        .prints_nothing()
        .says("written twice");
    let run = |threads: &str| {
        bitext
            .run([
                "analyze",
                "en",
                "--to",
                "ko-KR",
                "--json",
                "--internal",
                "--without-document",
                "--threads",
                threads,
            ])
            .exits(0)
            .printed()
    };
    assert_eq!(run("1"), run("4"));
}

#[test]
fn what_cannot_be_analysed_is_told() {
    let bitext = harbor();
    bitext.write("new/a.md", "Text\n");
    bitext
        .run(["analyze", "new", "--to", "ja-JP"])
        .exits(0)
        .prints("no match")
        .says("the memory holds no texts in ja-JP: it has en-US, ko-KR");
    bitext.run(["analyze", "none", "--to", "ko-KR"]).exits(2).prints_nothing().says("cannot read none");
    bitext
        .run(["analyze", "new", "--to", "ko-KR", "--db", "none.db"])
        .exits(2)
        .prints_nothing()
        .says("none.db");
    bitext.run(["analyze", "harbor", "--to", "ko-KR"]).exits(1).prints("0 documents").says("side-by-side");
    bitext
        .run(["analyze", "new", "--to", "ko-KR", "--changed-since", "main"])
        .exits(2)
        .prints_nothing()
        .says("new has no revisions");
}

#[cfg(feature = "git")]
#[test]
fn only_what_changed_since_a_revision_is_analysed() {
    use crate::support::git::Objects;

    let bitext = harbor();
    let mut objects = Objects::new();
    let files = |first: &str, second: &str| {
        vec![("a.md".to_owned(), first.as_bytes().to_vec()), (second.to_owned(), b"Keep it.\n".to_vec())]
    };
    let old = objects.files(&files("Moor the ship.\n\nPay the fee.\n", "b.md"));
    let old = objects.commit(old);
    let new = objects.files(&files("Moor the ship.\n\nPay the fee.\n\nPay the fee.\n", "c.md"));
    let new = objects.commit_with(new, &[old], "1700000000");
    let analysis = analysis_of_changes(&bitext, &mut objects, (old, new));
    assert_eq!(bands(&analysis["total"]), owned(&[("unchanged", 2), ("exact", 1)]));
    let arguments = ["analyze", "repository@main", "--to", "ko-KR", "--changed-since", "main"];
    bitext.run(arguments).exits(0).says_nothing().prints("0 documents");
}

/// Writes a repository, and analyses what changed from one commit to another.
#[cfg(feature = "git")]
fn analysis_of_changes(
    bitext: &Bitext,
    objects: &mut crate::support::git::Objects,
    (old, new): (gix::ObjectId, gix::ObjectId),
) -> Value {
    objects.name("refs/heads/main", new);
    objects.name("refs/tags/v1", old);
    objects.write(&bitext.path("repository"));
    let arguments = ["analyze", "repository@main", "--to", "ko-KR", "--json", "--changed-since", "v1"];
    bitext.run(arguments).exits(0).says_nothing().json()
}

#[cfg(feature = "git")]
#[test]
fn a_document_that_was_renamed_and_changed_has_an_earlier_version() {
    use crate::support::git::Objects;

    let bitext = harbor();
    let mut objects = Objects::new();
    let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
    let lines = "Moor the ship.\n\nLeave the pier.\n\nKeep the rope.\n";
    let old = objects.files(&[
        file("a/one.md", &format!("# One\n\n{lines}")),
        file("a/two.md", "# Two\n\nRing the bell.\n"),
        file("kept.md", "# Kept\n\nRing the bell.\n"),
    ]);
    let old = objects.commit(old);
    let new = objects.files(&[
        file("b/first.md", &format!("# First\n\n{lines}\nPay the fee.\n")),
        file("b/two.md", "# Another\n\nSound the horn.\n"),
        file("kept.md", "# Kept\n\nRing the bell.\n"),
    ]);
    let new = objects.commit_with(new, &[old], "1700000000");
    let analysis = analysis_of_changes(&bitext, &mut objects, (old, new));
    // Three lines of five are those of the deleted document. Nothing is of the other one.
    let unchanged = |document: usize| {
        let bands = bands(&analysis["by_document"][document]);
        bands.iter().find(|(band, _)| band == "unchanged").map(|(_, segments)| *segments)
    };
    assert_eq!((unchanged(0), unchanged(1)), (Some(3), None), "{analysis}");
}
