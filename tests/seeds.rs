//! The five documents that this program was asked for, where they are beside the project: imported as they are, every segment
//! found, every segment in the TMX. They are not part of the project, so these tests are skipped elsewhere, and say so.

use std::path::PathBuf;

use crate::support::{Bitext, seeds};
use serde_json::Value;

/// A memory of the seeds, and their segments as `extract` shows them.
fn imported() -> Option<(Bitext, Vec<Value>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(seeds()?)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let bitext = Bitext::new();
    let arguments = |command: &str| -> Vec<std::ffi::OsString> {
        [command.into()].into_iter().chain(files.iter().map(|path| path.as_os_str().to_owned())).collect()
    };
    let run = bitext
        .run([arguments("import"), vec!["--strict".into(), "--json".into()]].concat())
        .exits(0)
        .says_nothing();
    let summary = run.json();
    assert_eq!(
        (&summary["documents_new"], &summary["segments"], &summary["problems"]),
        (&5.into(), &119.into(), &0.into())
    );
    let lines = bitext.run(arguments("extract")).exits(0).says_nothing().json_lines();
    assert_eq!(lines.len(), 119);
    Some((bitext, lines))
}

#[test]
fn the_seeds_are_119_segments_in_five_documents_and_three_locales() {
    let Some((bitext, _)) = imported() else { return };
    let stats = bitext.run(["stats", "--json"]).exits(0).says_nothing().json();
    assert_eq!((&stats["documents"], &stats["segments"]), (&5.into(), &119.into()));
    assert_eq!(bitext.sql("select count(distinct target_locale) from extracted"), ["3"]);
    assert_eq!(bitext.sql("select count(*) from document where problems is not null"), ["0"]);
}

#[test]
fn each_segment_of_the_seeds_is_found_by_query_with_its_translation() {
    let Some((bitext, lines)) = imported() else { return };
    let queries: String =
        lines.iter().map(|line| serde_json::json!({"text": line["source"]}).to_string() + "\n").collect();
    for locale in ["ko-KR", "ja-JP", "zh-CN"] {
        let run = bitext
            .run_with_input(["query", "--batch", "-", "--to", locale, "--limit", "20"], &queries)
            .exits(0)
            .says_nothing();
        let answers = run.json_lines();
        assert_eq!(answers.len(), lines.len());
        for (line, answer) in lines.iter().zip(&answers).filter(|(line, _)| line["target_locale"] == locale) {
            let found = answer["matches"].as_array().unwrap().iter().any(|found| {
                found["score"] == 100
                    && found["source"] == line["source"]
                    && found["target"] == line["target"]
            });
            assert!(found, "{line}: {answer}");
        }
    }
}

#[test]
fn each_segment_of_the_seeds_stands_in_the_tmx() {
    let Some((bitext, lines)) = imported() else { return };
    for locale in ["ko-KR", "ja-JP", "zh-CN"] {
        let options = ["export", "--to", locale, "--all-variants", "--untranslated", "keep"];
        let run = bitext.run(options).exits(0).says_all("… units, … variants in … s\n");
        let pairs = pairs(run.stdout());
        for line in lines.iter().filter(|line| line["target_locale"] == locale) {
            let pair =
                (line["source"].as_str().unwrap().to_owned(), line["target"].as_str().unwrap().to_owned());
            assert!(pairs.contains(&pair), "{pair:?}");
        }
    }
}

/// The texts of the two `seg`s of each `tu`, source first.
fn pairs(tmx: &str) -> Vec<(String, String)> {
    let text = |seg: &str| {
        let seg = seg.split_once('>').map_or("", |(_, rest)| rest);
        let seg = seg.split_once("</seg>").map_or("", |(text, _)| text);
        let seg =
            seg.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
        seg.replace("&amp;", "&")
    };
    tmx.split("<tu ")
        .skip(1)
        .map(|unit| {
            let mut segs = unit.split("<seg").skip(1).map(text);
            (segs.next().expect("a source"), segs.next().expect("a target"))
        })
        .collect()
}
