//! `bitext import` of TMX files, through the binary.

use std::io::Write;

use super::write::{settings, written};
use super::{full_unit, unit, variant};
use crate::support::{Bitext, integrity, rows};
use bitext::exchange::tmx::{Inline, Profile};
use bitext::model::Scope;

fn tmx(texts: &[(&str, &str)]) -> String {
    let units: Vec<_> = texts.iter().map(|(source, target)| unit(source, target)).collect();
    written(&units, settings(Profile::Generic, Inline::Text)).0
}

fn sources(bitext: &Bitext) -> Vec<String> {
    bitext.sql("select source || '=' || target from extracted order by \"set\", document, position")
}

#[test]
fn a_tmx_is_a_document_set_of_its_own() {
    let bitext = Bitext::new();
    let mut two = unit("Save", "저장");
    two.variants.push(variant("ja-JP", "保存"));
    let mut multilingual = settings(Profile::Generic, Inline::Text);
    multilingual.multilingual = true;
    bitext.write("old memory.tmx", written(&[two, unit("Open", "열기")], multilingual).0);
    bitext.import("old memory.tmx");
    assert_eq!(
        bitext.sql("select \"set\", document, position, target_locale, target from extracted order by target_locale, position"),
        [
            "old memory|old memory.tmx|0|ja-JP|保存",
            "old memory|old memory.tmx|0|ko-KR|저장",
            "old memory|old memory.tmx|1|ko-KR|열기",
        ]
    );
    assert_eq!(integrity(&bitext.path("bitext.db")), "ok");
}

#[test]
fn compressed_files_and_archives_of_them_are_read() {
    let bitext = Bitext::new();
    let text = tmx(&[("Save", "저장")]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    bitext.write("a.tmx.gz", gzip.finish().unwrap());
    bitext.write("b.TMX.zst", zstd::encode_all(text.as_bytes(), 1).unwrap());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["x/one.tmx", "x/two.tmx"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    bitext.write("c.zip", zip.finish().unwrap().into_inner());
    bitext.run(["import", "a.tmx.gz", "b.TMX.zst", "c.zip", "-q"]).succeeds_silently();
    let documents = bitext.sql("select distinct \"set\", document from extracted order by 1, 2");
    assert_eq!(documents, ["a|a.tmx.gz", "b|b.TMX.zst", "c|x/one.tmx", "c|x/two.tmx"]);
}

/// A zip of TMX files, not compressed, so that a test can change the bytes of one.
fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in files {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Changes all occurrences of a text in a file's bytes; both have the same length.
fn changed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> =
        (0..bytes.len()).filter(|&at| bytes[at..].starts_with(from.as_bytes())).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to.as_bytes()));
    bytes
}

#[test]
fn a_damaged_tmx_in_a_zip_is_named_and_the_others_are_imported() {
    let bitext = Bitext::new();
    let [one, two, three] = ["One", "Two", "Three"].map(|source| tmx(&[(source, "저장")]));
    let whole = zip_of(&[("1.tmx", &one), ("2.tmx", &two), ("3.tmx", &three)]);
    // The checksum is wrong then.
    let damaged = changed(&whole, "Two", "Too");
    bitext.write("fresh.zip", &damaged);
    let run = bitext.run(["import", "fresh.zip", "--db", "fresh.db", "--json"]).exits(0);
    let run = run.says("fresh.zip/2.tmx: cannot be read: Invalid checksum; nothing of it was imported");
    assert_eq!((&run.json()["problems"], &run.json()["documents_new"]), (&1.into(), &2.into()));
    bitext.run(["import", "fresh.zip", "--strict", "-q"]).exits(2).prints_nothing().says("fresh.zip/2.tmx");

    // A damaged one removes nothing of an earlier import.
    bitext.write("set.zip", whole);
    bitext.run(["import", "set.zip", "--db", "set.db", "-q"]).succeeds_silently();
    bitext.write("set.zip", damaged);
    bitext
        .run(["import", "set.zip", "--db", "set.db", "-q"])
        .exits(0)
        .prints_nothing()
        .says("set.zip/2.tmx: cannot be read");
    let kept = rows(&bitext.path("set.db"), "select source from extracted order by document");
    assert_eq!(kept, ["One", "Two", "Three"]);
}

#[test]
fn two_tmx_of_one_name_in_a_zip_are_named_and_the_last_counts() {
    let bitext = Bitext::new();
    let [one, two] = ["One", "Two"].map(|source| tmx(&[(source, "저장")]));
    bitext.write("set.zip", changed(&zip_of(&[("a.tmx", &one), ("b.tmx", &two)]), "b.tmx", "a.tmx"));
    let run = bitext.run(["import", "set.zip", "-q"]).exits(0).prints_nothing();
    run.says_all("set.zip/a.tmx: this path occurs twice; the last one counts\n");
    assert_eq!(sources(&bitext), ["Two=저장"]);
}

#[test]
fn the_same_file_again_is_skipped_and_a_changed_one_takes_its_place() {
    let bitext = Bitext::new();
    bitext.write("m.tmx", tmx(&[("Save", "저장"), ("Open", "열기")]));
    bitext.import("m.tmx");
    let run = bitext.run(["import", "m.tmx", "--json"]).exits(0).says_nothing();
    assert_eq!((&run.json()["documents_unchanged"], &run.json()["segments"]), (&1.into(), &0.into()));
    bitext.write("m.tmx", tmx(&[("Close", "닫기")]));
    let run = bitext.run(["import", "m.tmx", "--json"]).exits(0).says_nothing();
    assert_eq!((&run.json()["documents_changed"], &run.json()["units_removed"]), (&1.into(), &2.into()));
    assert_eq!(sources(&bitext), ["Close=닫기"]);
    assert_eq!(bitext.sql("select count(*) from origin"), ["1"]);
}

#[test]
fn of_a_damaged_file_the_units_before_the_damage_are_kept() {
    let bitext = Bitext::new();
    let text = tmx(&[("Save", "저장"), ("Open", "열기"), ("Close", "닫기")]);
    let damaged = text.replace("<seg>Close</seg>", "<seg>Close");
    bitext.write("m.tmx", &damaged);
    let line = damaged.lines().position(|line| line.contains("<seg>Close")).unwrap() + 1;
    bitext
        .run(["import", "m.tmx", "-q"])
        .exits(0)
        .prints_nothing()
        .says(&format!("m.tmx: line {line}: the XML is damaged"))
        .says("2 translations before it are kept");
    assert_eq!(sources(&bitext), ["Save=저장", "Open=열기"]);
    // Again: it is known, and known to be damaged.
    bitext.run(["import", "m.tmx", "-q"]).exits(0).prints_nothing().says("the XML is damaged");
}

#[test]
fn with_strict_nothing_of_a_damaged_file_is_kept_and_all_of_the_old_one() {
    let bitext = Bitext::new();
    let text = tmx(&[("Save", "저장"), ("Open", "열기")]);
    bitext.write("m.tmx", &text);
    bitext.import("m.tmx");
    bitext.write("m.tmx", text.replace("저장", "세이브").replace("</body>", "</boby>"));
    bitext
        .run(["import", "m.tmx", "-q", "--strict"])
        .exits(2)
        .prints_nothing()
        .says("nothing of the file is kept");
    assert_eq!(sources(&bitext), ["Save=저장", "Open=열기"]);
    assert_eq!(bitext.sql("select count(*) from variant"), ["2"]);
    assert_eq!(integrity(&bitext.path("bitext.db")), "ok");
}

#[test]
fn what_is_no_tmx_leaves_what_was_there() {
    let bitext = Bitext::new();
    bitext.write("m.tmx", tmx(&[("Save", "저장")]));
    bitext.import("m.tmx");
    for (text, says) in [
        ("<html></html>", "<html> where a TMX has <tmx>"),
        ("<!DOCTYPE tmx [<!ENTITY a \"b\">]><tmx/>", "declares entities of its own"),
        ("", "it ends before <tmx>"),
    ] {
        bitext.write("m.tmx", text);
        bitext.run(["import", "m.tmx", "-q"]).exits(2).prints_nothing().says(says);
        assert_eq!(sources(&bitext), ["Save=저장"]);
    }
}

#[test]
fn units_that_cannot_be_used_are_problems_with_their_lines() {
    let bitext = Bitext::new();
    let text = tmx(&[("Save", "저장"), ("Open", "열기")])
        .replace("xml:lang=\"ko-KR\"><seg>열기", "xml:lang=\"??\"><seg>열기");
    bitext.write("m.tmx", text);
    let run = bitext.run(["import", "m.tmx", "--json"]).exits(0).says("m.tmx:9: \"??\" is not a locale");
    assert_eq!(run.json()["problems"], 2);
    assert_eq!(sources(&bitext), ["Save=저장"]);
}

#[test]
fn a_dry_run_keeps_nothing() {
    let bitext = Bitext::new();
    bitext.write("m.tmx", tmx(&[("Save", "저장")]));
    let run = bitext.run(["import", "m.tmx", "--dry-run", "--json"]).exits(0).says_nothing();
    assert_eq!(run.json()["documents_new"], 1);
    assert!(!bitext.path("bitext.db").exists());
}

#[test]
fn what_a_tmx_said_is_beside_its_segments_and_comes_out_again() {
    let bitext = Bitext::new();
    let (first, _) = written(&[full_unit()], settings(Profile::Generic, Inline::Text));
    bitext.write("m.tmx", &first);
    bitext.import("m.tmx");
    let told = bitext
        .sql("select workflow, usage, documents, previous, next, date(changed, 'unixepoch') from origin");
    assert_eq!(told, ["machine|12|7|Before & <b>|After|2021-12-31"]);
    assert_eq!(bitext.run(["export", "-q"]).printed(), first);
    // Who translated is the segment's own: what people did is asked for, and this is not among it.
    bitext.run(["export", "-q", "--workflow", "human"]).exits(1).says_nothing().prints("<body>\n</body>\n");
    bitext.run(["export", "-q", "--since", "2022-01-01"]).exits(1).says_nothing().prints("<body>\n</body>\n");
}

#[test]
fn another_tools_names_are_kept_as_properties() {
    let bitext = Bitext::new();
    let text = tmx(&[("Save", "저장")]).replace("creationtool=\"bitext\"", "creationtool=\"other\"");
    let named = text.replace("tuid=\"", "tuid=\"their name ");
    bitext.write("m.tmx", named);
    bitext.import("m.tmx");
    let tmx = bitext.run(["export", "-q"]).printed();
    assert!(tmx.contains("<prop type=\"x-tuid\">their name "), "{tmx}");
    assert!(tmx.contains("<prop type=\"x-document\">m/m.tmx</prop>"), "{tmx}");
}

#[test]
fn what_holds_in_one_context_only_comes_out_again_with_nothing_beside_it() {
    let bitext = Bitext::new();
    let mut alternative = full_unit();
    alternative.scope = Scope::Context;
    for profile in [Profile::Generic, Profile::OmegaT, Profile::MemoQ, Profile::Okapi, Profile::Xtm] {
        let made = written(std::slice::from_ref(&alternative), settings(profile, Inline::Text)).0;
        let name = format!("{profile}.tmx");
        bitext.write(&name, &made);
        let memory = format!("{profile}.db");
        bitext.run(["import", &name, "--db", &memory, "--quiet"]).succeeds_silently();
        let run = bitext
            .run(["export", "--db", &memory, "--profile", &profile.to_string(), "--quiet"])
            .exits(0)
            .says_nothing();
        assert_eq!(run.stdout(), made, "{profile}");
    }
}

#[test]
fn what_holds_in_a_context_that_nobody_knows_is_not_lost() {
    let bitext = Bitext::new();
    // OmegaT's key of a document with ids of its own.
    let tmx = written(&[unit("Close", "닫기")], settings(Profile::Generic, Inline::Text)).0;
    let key = "<prop type=\"file\">a.json</prop>\n<prop type=\"id\">7</prop>\n<tuv xml:lang=\"en-US\">";
    bitext.write("alternatives.tmx", tmx.replace("<tuv xml:lang=\"en-US\">", key));
    bitext.import("alternatives.tmx");
    for profile in ["generic", "omegat", "memoq", "trados", "okapi", "xtm"] {
        let run = bitext.run(["export", "--profile", profile, "--quiet"]).exits(0).says_nothing();
        assert!(run.stdout().contains("<seg>닫기</seg>"), "{profile}: {}", run.stdout());
        assert!(!run.stdout().contains("\"file\""), "{profile}: {}", run.stdout());
    }
    // The translation for everywhere is the better one, though it is in one document only.
    bitext
        .write("default.tmx", written(&[unit("Close", "닫아")], settings(Profile::Generic, Inline::Text)).0);
    bitext.import("default.tmx");
    let run = bitext.run(["export", "--quiet"]).exits(0).says_nothing();
    assert!(run.stdout().contains("닫아") && !run.stdout().contains("닫기"), "{}", run.stdout());
}
