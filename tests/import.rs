//! `bitext import`: documents into a memory, again and again, with the result of a fresh import each time.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::support::documents::{FRONT_MATTER, document, segment, write_set};
use crate::support::{Bitext, COLUMNS, DIFFICULT_PROBLEM, dump, fixture, integrity};
use proptest::prelude::*;

fn docs() -> String {
    fixture("docs").to_str().expect("a path in UTF-8").to_owned()
}

/// What the memory says, and the TMX made from it.
fn all_of(bitext: &Bitext, memory: &str) -> (String, String) {
    let export = bitext.run(["export", "--db", memory, "--all-variants", "--quiet"]).printed();
    (dump(&bitext.path(memory)), export)
}

#[test]
fn what_extract_shows_can_be_had_back_from_the_memory() {
    for set in ["docs", "difficult"] {
        let bitext = Bitext::new();
        let path = fixture(set);
        let problem = if set == "difficult" { DIFFICULT_PROBLEM } else { "" };
        let run = bitext.run(["import".as_ref(), path.as_os_str(), "--quiet".as_ref()]);
        run.exits(0).prints_nothing().says(problem);
        let shown = bitext.run(["extract".as_ref(), path.as_os_str()]).exits(0).says(problem).json_lines();
        let columns: Vec<_> = COLUMNS.iter().map(|column| format!("'{column}', \"{column}\"")).collect();
        let query = format!("select json_object({}) from extracted", columns.join(", "));
        let mut kept: Vec<String> = bitext
            .sql(&query)
            .iter()
            .map(|row| serde_json::from_str::<serde_json::Value>(row).expect("an object").to_string())
            .collect();
        let mut shown: Vec<String> = shown.iter().map(ToString::to_string).collect();
        kept.sort();
        shown.sort();
        assert_eq!(kept.len(), shown.len(), "{set}");
        for (kept, shown) in kept.iter().zip(&shown) {
            assert_eq!(kept, shown, "{set}");
        }
    }
}

#[test]
fn the_metadata_of_a_document_is_kept() {
    let bitext = Bitext::new();
    bitext.import(docs());
    let row = bitext.sql(
        "select title, description, workflow, handoff, file_id, no_loc, target.name, locale_stated, lower(hex(hash))
         from document join locale as target on target.id = target_locale_id where path = 'berths/book-a-berth.md'",
    );
    let bytes = fs::read(fixture("docs/berths/book-a-berth.md")).unwrap();
    let hash = row[0].rsplit('|').next().unwrap().to_owned();
    assert_eq!(hash.len(), 64);
    assert_eq!(
        row[0].strip_suffix(&hash).unwrap(),
        "선석 예약 | Tidewell|방문 선박을 위해 선석을 예약합니다.|human|2021-05-17|70418802|\
         [\"Tidewell\",\"Harbor View\",\"Anchor: Pro\"]|ko-KR|1|"
    );
    assert!(!bytes.is_empty());
    let flow = bitext.sql("select no_loc from document where path = 'reference/fees.md'");
    assert_eq!(flow, ["[\"Tidewell\",\"Anchor: Pro\",\"Harbor View\"]"]);
    let unstated = bitext.sql("select path from document where locale_stated = 0");
    assert_eq!(unstated, ["includes/contact-the-office.md"]);
}

#[test]
fn texts_are_stored_once_however_often_they_occur() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 50);
    bitext.import("set");
    assert_eq!(bitext.sql("select count(*) from segment"), ["200"]);
    assert_eq!(bitext.sql("select count(*) from unit where text = 'Select Save.'"), ["1"]);
    assert_eq!(bitext.sql("select count(*) from variant"), [(50 + 50 + 7 + 1).to_string()]);
}

#[test]
fn the_summary_counts_what_happened() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("저장", "Save"), ("열기", "Open")]));
    bitext.write("set/b.md", document("0a1b3", &[("저장", "Save")]));
    bitext.write("set/clean.md", "# Save\n");
    let summary = |arguments: &[&str]| {
        let run = bitext.run(["import", "set", "--json"].iter().chain(arguments)).exits(0).says_nothing();
        let json = run.json();
        let figures = ["new", "changed", "unchanged", "removed", "without_segments"].map(|name| {
            json[format!("documents_{name}")].as_u64().unwrap_or_else(|| panic!("{name} in {json}"))
        });
        (
            figures,
            json["segments"].as_u64().unwrap(),
            json["units_new"].as_u64().unwrap(),
            json["problems"].as_u64().unwrap(),
        )
    };
    assert_eq!(summary(&[]), ([2, 0, 0, 0, 1], 3, 2, 0));
    assert_eq!(summary(&[]), ([0, 0, 2, 0, 1], 0, 0, 0));
    bitext.write("set/b.md", document("0a1b3", &[("닫기", "Close")]));
    fs::remove_file(bitext.path("set/a.md")).unwrap();
    assert_eq!(summary(&[]), ([0, 1, 0, 0, 1], 1, 1, 0));
    assert_eq!(summary(&["--prune"]), ([0, 0, 1, 1, 1], 0, 0, 0));
    assert_eq!(bitext.sql("select text from unit order by 1"), ["Close"]);
}

#[test]
fn the_summary_for_people_is_on_standard_error_and_can_be_turned_off() {
    let bitext = Bitext::new();
    let run = bitext.run(["import", &docs()]).exits(0).prints_nothing();
    assert!(run.stderr().contains("130 segments"), "{}", run.stderr());
    assert!(
        !run.stderr().contains('\r') && !run.stderr().contains('\u{1b}'),
        "progress without a terminal: {}",
        run.stderr()
    );
    bitext.run(["import", &docs(), "--quiet"]).succeeds_silently();
}

#[test]
fn import_twice_is_import_once() {
    let bitext = Bitext::new();
    bitext.run(["import", &docs(), "--db", "once.db", "--quiet"]).succeeds_silently();
    for _ in 0..3 {
        bitext.run(["import", &docs(), "--db", "often.db", "--quiet"]).succeeds_silently();
    }
    assert_eq!(all_of(&bitext, "often.db"), all_of(&bitext, "once.db"));
}

#[test]
fn the_order_of_sets_and_the_number_of_threads_change_nothing() {
    let bitext = Bitext::new();
    write_set(&bitext, "one", 60);
    write_set(&bitext, "two", 30);
    bitext
        .run(["import", "one", "two", &docs(), "--db", "a.db", "--quiet", "--threads", "1"])
        .succeeds_silently();
    bitext
        .run(["import", &docs(), "two", "one", "--db", "b.db", "--quiet", "--threads", "5"])
        .succeeds_silently();
    for path in ["two", &docs(), "one"] {
        bitext.run(["import", path, "--db", "c.db", "--quiet"]).succeeds_silently();
    }
    let expected = all_of(&bitext, "a.db");
    assert_eq!(all_of(&bitext, "b.db"), expected);
    assert_eq!(all_of(&bitext, "c.db"), expected);
}

#[test]
fn one_thread_and_many_give_the_same_file() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 200);
    bitext.run(["import", "set", "--db", "one.db", "--quiet", "--threads", "1"]).succeeds_silently();
    bitext.run(["import", "set", "--db", "many.db", "--quiet", "--threads", "6"]).succeeds_silently();
    assert_eq!(fs::read(bitext.path("one.db")).unwrap(), fs::read(bitext.path("many.db")).unwrap());
}

/// A set's documents by path: which sentences each holds, as numbers.
type SetState = std::collections::BTreeMap<u8, Vec<u8>>;

fn write_state(bitext: &Bitext, state: &SetState) {
    let _ = fs::remove_dir_all(bitext.path("set"));
    for (name, sentences) in state {
        let texts: Vec<_> = sentences
            .iter()
            .map(|sentence| (format!("문장 {}", sentence / 2), format!("Sentence {}", sentence / 3)))
            .collect();
        let texts: Vec<_> = texts.iter().map(|(target, source)| (target.as_str(), source.as_str())).collect();
        bitext.write(format!("set/{name}.md"), document("0a1b2", &texts));
    }
    // So that the set is there, and is one, where it has no documents left.
    bitext.write("set/kept.md", document("0a1b2", &[("유지", "Kept")]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn after_any_changes_the_memory_is_that_of_a_fresh_import(
        states in prop::collection::vec(
            prop::collection::btree_map(0u8..6, prop::collection::vec(0u8..12, 1..5), 0..5),
            2..4,
        )
    ) {
        let bitext = Bitext::new();
        for state in &states {
            write_state(&bitext, state);
            bitext.run(["import", "set", "--prune", "--quiet"]).succeeds_silently();
        }
        bitext.run(["import", "set", "--db", "fresh.db", "--quiet"]).succeeds_silently();
        prop_assert_eq!(all_of(&bitext, "bitext.db"), all_of(&bitext, "fresh.db"));
        prop_assert_eq!(integrity(&bitext.path("bitext.db")), "ok");
    }
}

#[test]
fn without_prune_what_is_gone_from_the_set_stays_in_the_memory() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 3);
    bitext.import("set");
    fs::remove_file(bitext.path("set/part-01/berth-00001.md")).unwrap();
    bitext.import("set");
    assert_eq!(bitext.sql("select count(*) from document"), ["3"]);
    bitext.run(["import", "set", "--prune", "--quiet"]).succeeds_silently();
    assert_eq!(
        bitext.sql("select path from document order by path"),
        ["part-00/berth-00000.md", "part-02/berth-00002.md"]
    );
    assert_eq!(bitext.sql("select count(*) from unit where text = 'Berth 1 is free.'"), ["0"]);
}

#[test]
fn a_document_that_lost_its_segments_leaves_the_memory() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 2);
    bitext.import("set");
    bitext.write("set/part-01/berth-00001.md", "# Clean\n");
    bitext.run(["import", "set", "--prune", "--quiet"]).succeeds_silently();
    assert_eq!(bitext.sql("select path from document"), ["part-00/berth-00000.md"]);
}

#[test]
fn the_memory_is_db_else_the_variable_else_bitext_db_here() {
    let bitext = Bitext::new();
    let run = |arguments: &[&str], variable: Option<&str>| {
        let mut command = bitext.command(arguments);
        variable.map(|value| command.env("BITEXT_DB", value));
        assert!(command.output().unwrap().status.success());
    };
    let docs = docs();
    run(&["import", &docs, "--db", "named.db"], Some("variable.db"));
    assert!(bitext.path("named.db").exists() && !bitext.path("variable.db").exists());
    run(&["import", &docs], Some("variable.db"));
    assert!(bitext.path("variable.db").exists() && !bitext.path("bitext.db").exists());
    run(&["import", &docs], None);
    assert!(bitext.path("bitext.db").exists());
}

#[test]
fn the_file_says_what_it_is() {
    let bitext = Bitext::new();
    bitext.import(docs());
    assert_eq!(bitext.sql("pragma application_id"), [0x6269_7478.to_string()]);
    assert_eq!(
        bitext.sql("pragma user_version")[0].parse::<u32>().unwrap().clamp(1, 99).to_string(),
        bitext.sql("pragma user_version")[0]
    );
    assert_eq!(integrity(&bitext.path("bitext.db")), "ok");
    assert!(!bitext.path("bitext.db-wal").exists(), "one file, when nobody is at work");
}

#[test]
fn a_locale_comes_from_the_document_else_the_argument_else_the_set() {
    let bitext = Bitext::new();
    let bare = segment("0a1b2-101", "저장", "Save");
    bitext.write("bare/a.md", &bare);
    let run = bitext.run(["import", "bare"]).exits(0).prints_nothing();
    assert!(
        run.stderr().contains("bare/a.md: ") && run.stderr().contains("--target-locale"),
        "{}",
        run.stderr()
    );
    bitext.run(["import", "bare", "--strict"]).exits(2).prints_nothing().says("--target-locale");

    bitext.run(["import", "bare", "--target-locale", "KO_kr", "--quiet"]).succeeds_silently();
    assert_eq!(bitext.sql("select distinct target_locale from extracted"), ["ko-KR"]);

    bitext.write("set/a.md", &bare);
    for (name, locale) in [("b.md", "ja-JP"), ("c.md", "ja-jp"), ("d.md", "ko-KR")] {
        let text = FRONT_MATTER.replace("ko-KR", locale) + &segment("0a1b2-101", "x", "Save");
        bitext.write(format!("set/{name}"), text);
    }
    bitext.run(["import", "set", "--quiet", "--source-locale", "en-gb"]).succeeds_silently();
    let rows = bitext
        .sql("select document, source_locale, target_locale from extracted where \"set\" = 'set' order by 1");
    assert_eq!(rows, ["a.md|en-GB|ja-JP", "b.md|en-GB|ja-JP", "c.md|en-GB|ja-JP", "d.md|en-GB|ko-KR"]);
}

#[test]
fn a_set_is_named_after_its_folder_or_as_asked() {
    let bitext = Bitext::new();
    write_set(&bitext, "below/docs.ko-KR", 1);
    bitext.run(["import", "below/docs.ko-KR/", "--quiet"]).succeeds_silently();
    bitext.run(["import", "below/docs.ko-KR", "--set", "other name", "--quiet"]).succeeds_silently();
    assert_eq!(bitext.sql("select name from document_set order by 1"), ["docs.ko-KR", "other name"]);
}

/// Packs a folder as a code host serves a branch: one folder at the top.
fn pack(folder: &Path, top: &str, archive: &Path) {
    let files = crate::support::tree(folder);
    let name = archive.file_name().unwrap().to_str().unwrap();
    if name.ends_with(".zip") {
        let mut zip = zip::ZipWriter::new(fs::File::create(archive).unwrap());
        for (path, bytes) in files {
            zip.start_file(format!("{top}/{path}"), zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(&bytes).unwrap();
        }
        zip.finish().unwrap();
        return;
    }
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("{top}/{path}"), bytes.as_slice()).unwrap();
    }
    let tar = tar.into_inner().unwrap();
    let packed = match name.rsplit('.').next().unwrap() {
        "gz" => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(&tar).unwrap();
            gzip.finish().unwrap()
        }
        "zst" => zstd::encode_all(tar.as_slice(), 1).unwrap(),
        _ => tar,
    };
    fs::write(archive, packed).unwrap();
}

#[test]
fn an_archive_is_the_folder_that_was_packed() {
    let bitext = Bitext::new();
    bitext.run(["import", &docs(), "--db", "folder.db", "--quiet"]).succeeds_silently();
    let expected = dump(&bitext.path("folder.db"));
    for archive in ["docs.zip", "docs.tar", "docs.tar.gz", "docs.tar.zst"] {
        pack(&fixture("docs"), "docs-live-sxs", &bitext.path(archive));
        let memory = format!("{archive}.db");
        bitext.run(["import", archive, "--db", &memory, "--quiet"]).succeeds_silently();
        assert_eq!(dump(&bitext.path(&memory)), expected, "{archive}");
    }
}

#[test]
fn a_dry_run_tells_all_and_writes_nothing() {
    let bitext = Bitext::new();
    let run = bitext.run(["import", &docs(), "--dry-run", "--json"]).exits(0).says_nothing();
    assert_eq!(
        (run.json()["documents_new"].as_u64(), run.json()["segments"].as_u64()),
        (Some(10), Some(130))
    );
    assert!(!bitext.path("bitext.db").exists());
    bitext.import(docs());
    let before = fs::read(bitext.path("bitext.db")).unwrap();
    write_set(&bitext, "set", 2);
    let json = bitext.run(["import", "set", "--dry-run", "--json"]).exits(0).says_nothing().json();
    assert_eq!(json["documents_new"], 2);
    assert_eq!(fs::read(bitext.path("bitext.db")).unwrap(), before);
}

#[test]
fn problems_are_told_and_counted_and_do_not_stop_the_rest() {
    let bitext = Bitext::new();
    let difficult = fixture("difficult");
    let run = bitext.run(["import".as_ref(), difficult.as_os_str(), "--json".as_ref()]).exits(0);
    let expected: usize = fs::read_dir(&difficult)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(".expected.txt"))
        .map(|path| fs::read_to_string(path).unwrap().lines().count())
        .sum();
    assert_eq!(run.json()["problems"], expected);
    assert!(
        run.stderr().contains("difficult/no_source.md:13: segment 1a019-102 has no source"),
        "{}",
        run.stderr()
    );
    assert!(bitext.sql("select count(*) from segment")[0].parse::<u32>().unwrap() > 90);
    bitext
        .run(["import".as_ref(), difficult.as_os_str(), "--strict".as_ref(), "--quiet".as_ref()])
        .exits(2)
        .prints_nothing()
        .says(DIFFICULT_PROBLEM);
}

#[test]
fn an_unchanged_document_keeps_its_problems() {
    let bitext = Bitext::new();
    let difficult = fixture("difficult");
    let problems = || {
        let run = bitext.run(["import".as_ref(), difficult.as_os_str(), "--json".as_ref()]).exits(0);
        let run = run.says(DIFFICULT_PROBLEM);
        run.json()["problems"].as_u64()
    };
    let first = problems();
    assert_eq!(problems(), first);
}

#[test]
fn the_locale_of_a_document_without_one_follows_its_set() {
    let bitext = Bitext::new();
    bitext.write("set/bare.md", segment("0a1b2-101", "저장", "Save"));
    bitext.write("set/a.md", document("0a1b3", &[("열기", "Open")]));
    bitext.import("set");
    for name in ["b.md", "c.md"] {
        bitext.write(format!("set/{name}"), document("0a1b4", &[("x", "Open")]).replace("ko-KR", "ja-JP"));
    }
    bitext.import("set");
    bitext.run(["import", "set", "--db", "fresh.db", "--quiet"]).succeeds_silently();
    assert_eq!(bitext.sql("select target_locale from extracted where document = 'bare.md'"), ["ja-JP"]);
    assert_eq!(dump(&bitext.path("bitext.db")), dump(&bitext.path("fresh.db")));
}

#[test]
fn a_dry_run_of_many_segments_needs_no_memory() {
    let bitext = Bitext::new();
    write_set(&bitext, "many", 60);
    let texts: Vec<(String, String)> = (0..300).map(|n| (format!("문장 {n}"), format!("Text {n}"))).collect();
    let texts: Vec<_> = texts.iter().map(|(target, source)| (target.as_str(), source.as_str())).collect();
    bitext.write("one/long.md", document("0a", &texts));
    for (set, documents, segments, units) in [("many", 60, 240, 128), ("one", 1, 300, 300)] {
        bitext.run(["import", set, "--dry-run", "--db", "none.db"]).exits(0).prints_nothing().says_all(
            &format!(
                "dry run, nothing was written:\n\
             documents: {documents} new, 0 changed, 0 unchanged, 0 removed, 0 without segments\n\
             {segments} segments, {units} units new, 0 removed, 0 problems in … s\n"
            ),
        );
    }
    assert!(!bitext.path("none.db").exists());
}

/// Imports a set, then damages its document. Returns the run of the second import.
fn reimport(bitext: &Bitext, document: impl AsRef<[u8]>) -> crate::support::Run {
    bitext.write("set/a.md", document);
    bitext.run(["import", "set", "--prune", "--json"])
}

#[test]
fn a_damaged_document_does_not_replace_the_whole_one() {
    let bitext = Bitext::new();
    let whole = document("0a1b2", &[("저장", "Save"), ("열기", "Open"), ("닫기", "Close")]);
    bitext.write("set/a.md", &whole);
    bitext.write("set/b.md", document("0a1b3", &[("확인", "OK")]));
    bitext.import("set");
    let before = dump(&bitext.path("bitext.db"));
    let at = |text: &str| whole.find(text).unwrap();
    let mut zeros = whole.clone().into_bytes();
    zeros[at("열기")..at("닫기")].fill(0);
    let not_text = [&whole.as_bytes()[..at("열기")], &b"\xff"[..], &whole.as_bytes()[at("열기")..]].concat();
    for (damaged, what) in [
        (whole.as_bytes()[..at("Open") + 2].to_vec(), "segment 0a1b2-102 is cut off"),
        (whole.as_bytes()[..at("열기")].to_vec(), "segment 0a1b2-102 has no source"),
        (whole.as_bytes()[..at("열기") - 5].to_vec(), "without an id"),
        (zeros, "a block of zero bytes, where a part of the document was overwritten"),
        (vec![0; whole.len()], "a block of zero bytes, where a part of the document was overwritten"),
        (not_text, "not UTF-8: byte 0xff"),
        (Vec::new(), "the document is empty"),
        (whole.replace("sxs-lookup", "lookup").into_bytes(), "segment 0a1b2-101 has no source"),
    ] {
        let run = reimport(&bitext, damaged).exits(2).says("set/a.md").says(what);
        let run = run.says(
            "set/a.md: the document is damaged; the memory keeps the earlier version; repair the file and import it again\n",
        );
        assert_eq!(run.json()["documents_kept"], 1, "{what}");
        assert_eq!(dump(&bitext.path("bitext.db")), before, "{what}");
    }
    // A whole one does, also with a segment that cannot be read.
    let fault = whole.replacen("data-stu-id=\"0a1b2-102\"", "data-stu-id=\"0a1b2-999\"", 1);
    let run = reimport(&bitext, fault).exits(0).says("set/a.md:").says("the ids differ");
    assert_eq!((&run.json()["documents_changed"], &run.json()["documents_kept"]), (&1.into(), &0.into()));
    assert_eq!(
        bitext.sql("select source from extracted where document = 'a.md' order by 1"),
        ["Close", "Save"]
    );
}

#[test]
fn a_damaged_document_that_is_new_is_read_as_far_as_it_goes() {
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save"), ("열기", "Open"), ("닫기", "Close")]);
    let text = text.replace("Open", &"\0".repeat(100));
    let line = 1 + text.lines().position(|line| line.contains('\0')).unwrap();
    let run =
        reimport(&bitext, text).exits(0).says(&format!("set/a.md:{line}: a block of zero bytes, where"));
    assert_eq!((&run.json()["segments"], &run.json()["documents_kept"]), (&3.into(), &0.into()));
}

#[test]
fn a_segment_without_a_text_is_a_problem_at_the_import() {
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save"), ("", "Open"), ("닫기", " \u{a0}"), ("", "")]);
    bitext.write("set/a.md", &text);
    let line = |id: &str| 1 + text.lines().position(|line| line.contains(id)).unwrap();
    let expected: String = [
        ("102", "an empty target"),
        ("103", "an empty source"),
        ("104", "an empty source and an empty target"),
    ]
    .iter()
    .map(|(number, what)| {
        let id = format!("0a1b2-{number}");
        format!("set/a.md:{}: segment {id} has {what}; exports leave it out\n", line(&id))
    })
    .collect();
    for _ in 0..2 {
        bitext.run(["import", "set", "-q"]).exits(0).prints_nothing().says_all(&expected);
    }
    bitext.run(["import", "set", "-q", "--strict"]).exits(2).prints_nothing().says_all(&expected);
    assert_eq!(bitext.sql("select count(*) from segment"), ["4"]);
}
