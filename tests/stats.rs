//! `bitext stats`: what a memory holds.

use crate::support::{Bitext, fixture};

#[test]
fn the_numbers_are_those_of_the_fixtures() {
    let bitext = Bitext::new();
    let run = bitext.import(fixture("docs")).run(["stats", "--json"]).exits(0).says_nothing();
    let stats = run.json();
    let extracted =
        bitext.run(["extract".as_ref(), fixture("docs").as_os_str()]).exits(0).says_nothing().json_lines();
    assert_eq!(stats["documents"], 10);
    assert_eq!(stats["segments"], extracted.len());
    let mut sources: Vec<_> = extracted.iter().map(|line| line["source"].to_string()).collect();
    sources.sort();
    sources.dedup();
    assert_eq!(stats["units"], sources.len());
    let untranslated = extracted.iter().filter(|line| line["source"] == line["target"]).count();
    assert_eq!(stats["untranslated"], untranslated);
    for (workflow, name) in [("human", "human"), ("machine", "machine")] {
        assert_eq!(
            stats[workflow],
            extracted.iter().filter(|line| line["workflow"] == name).count(),
            "{workflow}"
        );
    }
    let locales: Vec<_> =
        stats["sets"].as_array().unwrap().iter().map(|set| (&set["set"], &set["target_locale"])).collect();
    assert_eq!(locales.len(), 3);
    for ((set, locale), expected) in locales.iter().zip(["ja-JP", "ko-KR", "zh-CN"]) {
        assert_eq!((set.as_str(), locale.as_str()), (Some("docs"), Some(expected)));
    }
    assert!(stats["bytes"].as_u64().unwrap() > 0);
}

#[test]
fn the_table_is_for_people() {
    let bitext = Bitext::new();
    let run = bitext.import(fixture("docs")).run(["stats"]).exits(0).says_nothing();
    for words in ["docs", "ko-KR", "ja-JP", "zh-CN", "documents", "segments", "units"] {
        assert!(run.stdout().contains(words), "{words} in {}", run.stdout());
    }
}

#[test]
fn without_a_memory_there_are_none_and_none_is_made() {
    let bitext = Bitext::new();
    bitext.run(["stats"]).exits(2).prints_nothing().says("bitext.db");
    assert!(!bitext.path("bitext.db").exists());
}
