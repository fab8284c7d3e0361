//! The five documents that this program was asked for, where they are beside the project: imported as they are, every segment
//! found, every segment in the TMX. They are not part of the project, so these tests are skipped elsewhere, and say so.

mod support;

use std::path::PathBuf;

use serde_json::Value;
use support::{Bitext, seeds};

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
    let run = bitext.run([arguments("import"), vec!["--strict".into(), "--json".into()]].concat()).exits(0);
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
