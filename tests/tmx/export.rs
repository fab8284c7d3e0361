//! `bitext export` with TMX, through the binary.

use std::io::Read;
use std::path::Path;

use super::rules;
use crate::support::documents::{document, segment, write_set};
use crate::support::{Bitext, fixture, tree};

const PROFILES: [&str; 6] = ["generic", "omegat", "memoq", "trados", "okapi", "xtm"];

/// A memory with the fixtures in it.
fn fixtures() -> Bitext {
    let bitext = Bitext::new();
    bitext.import(fixture("docs"));
    bitext
}

/// Exports to standard output.
#[track_caller]
fn export(bitext: &Bitext, options: &[&str]) -> String {
    let tmx = bitext.run([&["export", "--quiet"], options].concat()).printed();
    rules::check(tmx.as_bytes()).unwrap_or_else(|error| panic!("{options:?}: {error}\n{tmx}"));
    tmx
}

/// Source, target and the properties asked for of each unit.
fn units(tmx: &str, properties: &[&str]) -> Vec<Vec<String>> {
    let between = |text: &str, from: &str, to: &str| -> Vec<String> {
        text.split(from).skip(1).map(|rest| rest.split(to).next().unwrap_or_default().to_owned()).collect()
    };
    let bodies = between(tmx, "<tu ", "</tu>");
    bodies
        .iter()
        .map(|body| {
            let mut row = between(body, "<seg>", "</seg>");
            for property in properties {
                row.push(between(body, &format!("<prop type=\"{property}\">"), "</prop>").join("|"));
            }
            row
        })
        .collect()
}

#[test]
fn every_profile_and_form_of_the_fixtures_is_valid_and_the_same_twice() {
    let bitext = fixtures();
    for profile in PROFILES {
        for inline in ["text", "codes", "strip"] {
            let options = ["--profile", profile, "--inline", inline, "--to", "ko-KR"];
            let tmx = export(&bitext, &options);
            assert!(tmx.matches("<tu").count() > 30, "{profile} {inline}");
            assert_eq!(tmx, export(&bitext, &options), "{profile} {inline}");
        }
    }
}

#[test]
fn exported_imported_and_exported_again_is_the_same() {
    let bitext = fixtures();
    let forms: [&[&str]; 5] =
        [&[], &["--inline", "codes"], &["--multilingual"], &["--all-variants"], &["--untranslated", "keep"]];
    for profile in PROFILES {
        for form in if profile == "generic" { &forms[..] } else { &forms[..2] } {
            let options = [&["--profile", profile], *form].concat();
            let first = export(&bitext, &options);
            let other = Bitext::new();
            other.write("memory.tmx", &first);
            other.import("memory.tmx");
            assert_eq!(first, export(&other, &options), "{options:?}");
        }
    }
}

#[test]
fn any_number_of_threads_makes_the_same_file() {
    // Parts of several documents and several parts of one, with texts that come back in other contexts.
    let bitext = Bitext::new();
    write_set(&bitext, "many", 900);
    let texts: Vec<(String, String)> = (0..4500)
        .map(|number| match number % 9 {
            4 => (format!("저장 {}", number % 2), "Save".to_owned()),
            rest => (format!("선석 {rest} {}", number / 3), format!("Berth {rest} {}", number / 3)),
        })
        .collect();
    let texts: Vec<_> = texts.iter().map(|(target, source)| (target.as_str(), source.as_str())).collect();
    bitext.write("one/long.md", document("0a", &texts));
    bitext.import("many").import("one");
    let first = bitext.run(["export", "--quiet", "--threads", "1"]).printed();
    assert!(first.matches("<tu ").count() > 4096);
    let other = Bitext::new();
    other.write("long.tmx", &first);
    other.import("long.tmx");
    let unchecked = |memory: &Bitext, options: &[&str], threads: &str| {
        memory.run([&["export", "--quiet", "--threads", threads], options].concat()).printed()
    };
    for memory in [&bitext, &other] {
        for options in [&[][..], &["--profile", "omegat"], &["--profile", "xtm"], &["--kind", "sentence"]] {
            let one = unchecked(memory, options, "1");
            for threads in ["2", "5"] {
                assert!(one == unchecked(memory, options, threads), "{options:?} {threads}");
            }
        }
    }
    assert!(first == unchecked(&other, &[], "3"));
}

#[test]
fn a_memory_that_an_import_left_without_its_last_indexes_gives_the_same() {
    let bitext = fixtures();
    let options: [&[&str]; 3] =
        [&["--to", "ko-KR"], &["--multilingual"], &["--from", "ko-KR", "--to", "ja-JP", "--loose"]];
    let before = options.map(|options| export(&bitext, options));
    bitext.sql("drop index segment_by_variant");
    bitext.sql("drop index unit_by_hash");
    assert_eq!(options.map(|options| export(&bitext, options)), before);
}

#[test]
fn the_order_of_imports_leaves_no_trace() {
    let one = Bitext::new();
    let other = Bitext::new();
    for (bitext, names) in [(&one, ["a", "b"]), (&other, ["b", "a"])] {
        for name in names {
            let text = document("0a", &[(&format!("{name} 대상"), "Same source"), ("다음", "Next")]);
            bitext.write(format!("{name}/index.md"), text);
            bitext.import(name);
        }
    }
    assert_eq!(export(&one, &[]), export(&other, &[]));
}

/// Three documents of which two, by machines, have another translation of `Save`, one of them between other neighbours.
fn rivals() -> Bitext {
    let bitext = Bitext::new();
    let machine = |text: String| text.replace("ms.translationtype: HT", "ms.translationtype: MT");
    bitext.write(
        "set/a.md",
        machine(document("0a", &[("열기", "Open"), ("세이브", "Save"), ("닫기", "Close")])),
    );
    bitext.write("set/b.md", document("0b", &[("열기", "Open"), ("저장", "Save"), ("닫기", "Close")]));
    bitext.write("set/c.md", machine(document("0c", &[("파일", "File"), ("세이브", "Save")])));
    bitext.import("set");
    bitext
}

#[test]
fn the_best_translation_goes_out_and_another_only_where_it_is_better() {
    let bitext = rivals();
    let of_save = |tmx: &str| -> Vec<Vec<String>> {
        let all = units(tmx, &["x-workflow", "x-scope", "x-previous-source-text"]);
        all.into_iter().filter(|unit| unit[0] == "Save").collect()
    };
    // By a person, so best; between Open and Close too, where a machine said otherwise. After File only the machine's stands.
    let tmx = export(&bitext, &[]);
    assert_eq!(
        of_save(&tmx),
        [["Save", "저장", "human", "", "Open"], ["Save", "세이브", "machine", "context", "File"]]
    );
    let tmx = export(&bitext, &["--all-variants"]);
    assert_eq!(of_save(&tmx), [["Save", "저장", "human", "", "Open"], ["Save", "세이브", "machine", "", ""]]);
    let tmx = export(&bitext, &["--workflow", "machine"]);
    assert_eq!(of_save(&tmx), [["Save", "세이브", "machine", "", ""]]);
}

#[test]
fn a_tool_that_asks_for_it_gets_a_unit_for_each_context() {
    let bitext = rivals();
    let tmx = export(&bitext, &["--profile", "xtm"]);
    let rows = units(&tmx, &["x-previous-source-text", "x-next-source-text"]);
    let saves: Vec<_> = rows.into_iter().filter(|unit| unit[0] == "Save").collect();
    assert_eq!(saves, [["Save", "저장", "Open", "Close"], ["Save", "세이브", "File", ""]]);
}

#[test]
fn omegat_gets_an_alternative_with_its_keys() {
    let tmx = export(&rivals(), &["--profile", "omegat"]);
    let rows = units(&tmx, &["file", "prev", "next"]);
    let saves: Vec<_> = rows.into_iter().filter(|unit| unit[0] == "Save").collect();
    assert_eq!(saves, [["Save", "저장", "", "", ""], ["Save", "세이브", "c.md", "File", ""]]);
}

#[test]
fn an_omegat_project_gets_a_folder_for_each_kind_of_trust() {
    let bitext = rivals();
    bitext.run(["export", "--profile", "omegat", "-o", "project/", "--quiet"]).succeeds_silently();
    bitext
        .run(["export", "--profile", "omegat", "-o", "project/", "--quiet", "--penalty", "20"])
        .succeeds_silently();
    let files = tree(&bitext.path("project"));
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = ["tm/auto/bitext.tmx", "tm/bitext.tmx", "tm/mt/bitext.tmx", "tm/penalty-020/bitext.tmx"];
    assert_eq!(names, expected);
    for (name, bytes) in &files {
        rules::check(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let tmx = String::from_utf8_lossy(bytes);
        assert_eq!(
            tmx.contains("<seg>저장</seg>"),
            !name.contains("mt/") && !name.contains("penalty"),
            "{name}"
        );
        assert_eq!(
            tmx.contains("<seg>파일</seg>"),
            name.contains("mt/") || name.contains("penalty"),
            "{name}"
        );
    }
}

#[test]
fn what_is_left_out_is_counted_with_its_reason() {
    let bitext = Bitext::new();
    let machine = document(
        "0a",
        &[
            ("저장", "Save"),
            ("contoso.com", "contoso.com"),
            ("42", "42"),
            ("저장 단추", "**Save** button"),
            ("", "Empty"),
        ],
    );
    bitext.write("set/a.md", machine.replace("ms.translationtype: HT", "ms.translationtype: MT"));
    bitext.write("set/b.md", document("0b", &[("PowerShell", "PowerShell"), ("저장 단추", "Save button")]));
    let run = bitext.run(["import", "set", "--quiet"]).exits(0).prints_nothing();
    run.says_all("set/a.md:18: segment 0a-105 has an empty target; exports leave it out\n");
    for (options, units, left_out) in [
        (&["--json"][..], 5, ("untranslated", 1)),
        (&["--json", "--untranslated", "keep"], 6, ("untranslated", 0)),
        (&["--json", "--untranslated", "drop"], 3, ("untranslated", 3)),
        (&["--json", "--dedupe"], 4, ("duplicates", 1)),
        (&["--json", "--min-words", "2"], 2, ("length", 3)),
        (&["--json", "--max-words", "1"], 3, ("length", 2)),
        (&["--json", "--match", "단추$"], 2, ("unmatched", 3)),
    ] {
        let run = bitext.run([&["export", "-o", "out.tmx"], options].concat()).exits(0).prints_nothing();
        let summary: serde_json::Value = serde_json::from_str(run.stderr()).unwrap();
        assert_eq!(summary["units"], units, "{options:?}: {summary}");
        assert_eq!(summary["left_out"][left_out.0], left_out.1, "{options:?}: {summary}");
        let tmx = std::fs::read(bitext.path("out.tmx")).unwrap();
        rules::check(&tmx).unwrap();
        assert_eq!(String::from_utf8_lossy(&tmx).matches("<tu ").count(), units);
    }
}

#[test]
fn documents_are_chosen_by_set_name_date_and_kind() {
    let bitext = Bitext::new();
    bitext.write("one/articles/a.md", document("0a", &[("가", "A sentence")]));
    bitext.write("one/b.md", document("0b", &[("나", "B sentence")]).replace("04/23/2019", "01/31/2021"));
    let paragraph =
        format!("{}{}", crate::support::documents::FRONT_MATTER, segment("0c-p101", "다", "C paragraph"));
    bitext.write("two/c.md", paragraph);
    bitext.import("one").import("two");
    for (options, sources) in [
        (&["--set", "one"][..], &["A sentence", "B sentence"][..]),
        (&["--set", "two", "--set", "one", "--document", "*.md"], &["B sentence", "C paragraph"]),
        (&["--document", "articles/**"], &["A sentence"]),
        (&["--since", "2021-01-31"], &["B sentence"]),
        (&["--until", "2019-04-23"], &["A sentence", "C paragraph"]),
        (&["--kind", "paragraph"], &["C paragraph"]),
        (&["--kind", "sentence", "--since", "2020-01-01"], &["B sentence"]),
    ] {
        let rows = units(&export(&bitext, options), &[]);
        assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), sources, "{options:?}");
    }
}

/// One English document in two locales, and another in each of them alone.
fn two_locales() -> Bitext {
    let bitext = Bitext::new();
    let japanese = |text: String| text.replace("ms.contentlocale: ko-KR", "ms.contentlocale: ja-JP");
    bitext.write("ko/a.md", document("0a", &[("저장", "Save"), ("열기", "Open")]));
    bitext.write("ja/a.md", japanese(document("0b", &[("保存", "Save"), ("開く", "Open")])));
    let other_source = |text: String| text.replace("0e0dc8401b29", "ffffffffffff");
    bitext.write("ko/b.md", other_source(document("0c", &[("닫기", "Close")])));
    bitext.write(
        "ja/c.md",
        japanese(document("0d", &[("閉じる", "Close")]).replace("0e0dc8401b29", "eeeeeeeeeeee")),
    );
    bitext.import("ko").import("ja");
    bitext
}

#[test]
fn all_locales_of_a_text_come_into_one_unit() {
    let rows = units(&export(&two_locales(), &["--multilingual"]), &[]);
    assert_eq!(rows, [["Save", "保存", "저장"], ["Open", "開く", "열기"], ["Close", "閉じる", "닫기"]]);
}

#[test]
fn the_units_of_a_locale_stand_together_whatever_was_left_out_of_others() {
    let bitext = two_locales();
    // `Save` is met first, and what is left of it is Korean.
    let options = ["--multilingual", "--match", "開く|저장|닫기"];
    let rows = units(&export(&bitext, &options), &[]);
    assert_eq!(rows, [["Open", "開く"], ["Save", "저장"], ["Close", "닫기"]]);
    let run = bitext.run([&["export", "--json"], &options[..]].concat()).exits(0).prints("<seg>開く</seg>");
    assert!(run.stderr().contains(r#""unmatched":3,"#), "{}", run.stderr());
}

#[test]
fn two_target_locales_are_joined_by_the_segment_they_translate() {
    let bitext = two_locales();
    let rows = units(&export(&bitext, &["--from", "ko-KR", "--to", "ja-JP"]), &[]);
    assert_eq!(rows, [["저장", "保存"], ["열기", "開く"]]);
    let rows = units(&export(&bitext, &["--from", "ko-KR", "--to", "ja-JP", "--loose"]), &[]);
    assert_eq!(rows, [["저장", "保存"], ["열기", "開く"], ["닫기", "閉じる"]]);
}

#[test]
fn the_fixtures_join_across_locales() {
    let bitext = fixtures();
    let rows = units(&export(&bitext, &["--from", "ko-KR", "--to", "ja-JP"]), &[]);
    assert!(!rows.is_empty());
    let tmx = export(&bitext, &["--multilingual"]);
    assert!(units(&tmx, &[]).iter().any(|row| row.len() == 4), "{tmx}");
}

#[test]
fn a_name_says_how_a_file_is_compressed() {
    let bitext = rivals();
    let plain = export(&bitext, &[]);
    for name in ["out.tmx", "out.tmx.gz", "out.tmx.zst"] {
        bitext.run(["export", "-q", "-o", name]).succeeds_silently();
        let bytes = std::fs::read(bitext.path(name)).unwrap();
        let mut text = String::new();
        match Path::new(name).extension().unwrap().to_str().unwrap() {
            "gz" => drop(flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap()),
            "zst" => drop(zstd::Decoder::new(&bytes[..]).unwrap().read_to_string(&mut text).unwrap()),
            _ => text = String::from_utf8(bytes).unwrap(),
        }
        assert_eq!(text, plain, "{name}");
    }
    let left = tree(&bitext.path("")).into_iter().filter(|(name, _)| name.starts_with('.')).count();
    assert_eq!(left, 0, "a temporary file is left");
}

#[test]
fn what_means_nothing_is_refused_with_a_sentence_and_writes_nothing() {
    let bitext = rivals();
    bitext.write("old.tmx", "old");
    for (options, says) in [
        (&["--to", "fr-FR", "-o", "old.tmx"][..], "the memory has no translation into fr-FR: it has ko-KR"),
        (&["--to", "en-US"], "an export goes from source to target"),
        (&["--from", "fr-FR"], "the memory has no texts in fr-FR"),
        (&["--from", "ko-KR"], "name one other with --to"),
        (&["--loose"], "--from and --to"),
        (&["--profile", "okapi", "-f", "po"], "--profile is for TMX"),
        (&["--inline", "codes", "-f", "jsonl"], "--inline codes is for TMX"),
        (&["--partition-by", "set"], "--partition-by is for Parquet"),
        (&["--partition-by", "set", "-f", "parquet"], "name one that ends in /"),
        (&["-f", "moses"], "moses is two files"),
        (&["-o", "set/"], "is a folder"),
        (&["-o", "no/such/folder.tmx"], "folder.tmx cannot be written"),
        (&["--match", "("], "regex"),
        (&["--since", "yesterday"], "--since"),
        (&["--penalty", "5"], "OmegaT project"),
        (&["--db", "none.db"], "there is no translation memory"),
    ] {
        bitext.run([&["export"], options].concat()).exits(2).prints_nothing().says(says);
    }
    assert_eq!(std::fs::read(bitext.path("old.tmx")).unwrap(), b"old");
}

#[test]
fn nothing_to_export_is_told_by_the_exit_code() {
    let bitext = rivals();
    bitext.run(["export", "--set", "none"]).exits(1).prints_nothing().says("nothing to export");
    bitext.run(["export", "--match", "zzz", "-o", "out.tmx"]).exits(1).prints_nothing().says("0 units");
}

#[test]
fn hostile_text_breaks_neither_the_file_nor_the_name_of_a_document() {
    let bitext = Bitext::new();
    bitext.write(
        "se\"t/a<b>&.md",
        document("0a", &[("]]><!-- 가", "\u{1b}[31m]]>&quot;<tu>"), ("\u{7}", "bell")]),
    );
    bitext.run(["import", "se\"t", "--quiet"]).succeeds_silently();
    for profile in PROFILES {
        let tmx = export(&bitext, &["--profile", profile]);
        assert!(tmx.contains("<seg>[31m]]&gt;&amp;quot;&lt;tu&gt;</seg>"), "{tmx}");
        assert!(!tmx.contains("<seg>bell"), "{tmx}");
    }
    let run = bitext.run(["export", "-o", "out.tmx"]).exits(0).prints_nothing();
    assert!(run.stderr().contains("characters that XML cannot hold left out"), "{}", run.stderr());
}
