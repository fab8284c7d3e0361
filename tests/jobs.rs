//! `bitext translate --format xliff` and `bitext merge`: documents go to translators as XLIFF, and come back.

use std::fs;
use std::path::Path;

use crate::support::documents::document;
use crate::support::{Bitext, fixture, tree};

const DOCUMENT: &str = "---\ntitle: A\n---\n\n# Berths\n\nSelect **Save** in [the map](map.md), then\n  press `F5`.\n\n> [!NOTE]\n> Pay \
                        the fee. Moor the ship.\n";

fn harbor() -> Bitext {
    let bitext = Bitext::new();
    let span = |number: u32, source: &str, target: &str| {
        format!(
            "<span data-ttu-id=\"0a1b2-{number}\">{target}</span><span class=\"sxs-lookup\"><span \
             data-stu-id=\"0a1b2-{number}\">{source}</span></span>\n\n"
        )
    };
    let text = "---\nms.contentlocale: ko-KR\nms.translationtype: HT\n---\n\n".to_owned()
        + &span(101, "Berths", "선석")
        + &span(102, "Pay the fees.", "요금을 냅니다.");
    bitext.write("memory/a.md", text);
    bitext.import(bitext.path("memory"));
    bitext.write("new/a.md", DOCUMENT);
    bitext.write(
        "new/b.yml",
        "### YamlMime:Landing\ntitle: \"Save \\\"it\\\" now\"\r\nsummary: Moor the ship.\r\n",
    );
    bitext
}

/// The options of `translate` for XLIFF files of a version in a folder.
fn to_xliff<'a>(folder: &'a str, version: &'a str) -> [&'a str; 8] {
    ["--format", "xliff", "--to", "ko-KR", "-o", folder, "--xliff", version]
}

fn write_jobs(bitext: &Bitext, version: &str) {
    bitext
        .run([&["translate", "new", "--min", "60"][..], &to_xliff("jobs", version)].concat())
        .exits(0)
        .prints_nothing()
        .says("6 segments: 1 exact, 1 with proposals, 4 untranslated");
}

fn edit(path: &Path, replacements: &[(&str, &str)]) {
    let mut text = fs::read_to_string(path).unwrap();
    for (old, new) in replacements {
        assert!(text.contains(old), "{old} in {text}");
        text = text.replace(old, new);
    }
    fs::write(path, text).unwrap();
}

#[test]
fn a_document_is_translated_and_the_rest_of_it_stays() {
    for (version, source, target) in [
        ("2.1", "state=\"initial\">\n<source>Pay the fee.</source>\n", "<target>요금을 냅니다.</target>\n"),
        ("1.2", "<source>Pay the fee.</source>\n", "<target>요금을 냅니다.</target>\n"),
    ] {
        let bitext = harbor();
        write_jobs(&bitext, version);
        edit(&bitext.path("jobs/a.md.xlf"), &[(source, &format!("{source}{target}"))]);
        bitext
            .run(["merge", "jobs", "-o", "ko", "--import", "--handoff", "2026-03-01"])
            .exits(0)
            .prints_nothing()
            .says("2 documents written: 2 segments translated, 5 as before")
            .says("2 segments imported");
        let expected = DOCUMENT.replace("Berths", "선석").replace("Pay the fee.", "요금을 냅니다.");
        assert_eq!(fs::read_to_string(bitext.path("ko/a.md")).unwrap(), expected);
        assert_eq!(fs::read(bitext.path("ko/b.yml")).unwrap(), fs::read(bitext.path("new/b.yml")).unwrap());
        bitext
            .run(["query", "Pay the fee.", "--to", "ko-KR"])
            .exits(0)
            .says_nothing()
            .prints("100 exact")
            .prints("new/a.md");
        let query = ["query", "Pay the fee.", "--to", "ko-KR", "--json"];
        let json = bitext.run(query).exits(0).says_nothing().json();
        assert!(json.to_string().contains("2026-03-01"), "{json}");
        // A second merge would write over the first.
        bitext.run(["merge", "jobs", "-o", "ko"]).exits(2).prints_nothing().says("cannot be written");
        bitext
            .run(["merge", "jobs", "-o", "ko", "--force", "--json"])
            .exits(0)
            .says_nothing()
            .prints("\"translated\":2");
    }
}

#[test]
fn texts_of_yaml_get_their_escapes() {
    let bitext = harbor();
    write_jobs(&bitext, "1.2");
    edit(
        &bitext.path("jobs/b.yml.xlf"),
        &[(
            "<source>Save \"it\" now</source>\n",
            "<source>Save \"it\" now</source>\n<target>지금 \"저장\" \\</target>\n",
        )],
    );
    bitext.run(["merge", "jobs/b.yml.xlf", "-o", "ko", "-q"]).succeeds_silently();
    let merged = fs::read_to_string(bitext.path("ko/b.yml")).unwrap();
    assert_eq!(
        merged,
        "### YamlMime:Landing\ntitle: \"지금 \\\"저장\\\" \\\\\"\r\nsummary: Moor the ship.\r\n"
    );
}

#[test]
fn what_a_value_or_a_cell_cannot_hold_is_escaped() {
    let bitext = harbor();
    bitext.write(
        "new/a.md",
        "---\ntitle: Book a berth\ndescription: 'It is'\n---\n\n| Ship | `a|b` |\n|---|---|\n",
    );
    bitext.write("new/b.yml", "title: One. Two. # note\nnote: 'Three'\nanswer: |\n  Four\n");
    bitext
        .run(["translate", "new", "--format", "xliff", "--to", "ko-KR", "-o", "jobs", "-q"])
        .succeeds_silently();
    for (path, changes) in [
        ("jobs/a.md.xlf", [("Book a berth", "선석: 예약"), ("It is", "it's # 여기"), ("Ship", "배 | 선박")]),
        ("jobs/b.yml.xlf", [("One.", "하나: \"일\"."), ("Three", "it's: 셋"), ("Four", "넷: # 4")]),
    ] {
        for (source, target) in changes {
            let source = format!("<source>{source}</source>");
            edit(&bitext.path(path), &[(&source, &format!("{source}\n<target>{target}</target>"))]);
        }
    }
    bitext.run(["merge", "jobs", "-o", "ko", "-q"]).succeeds_silently();
    let merged = |path: &str| fs::read_to_string(bitext.path(path)).unwrap();
    let front = "---\ntitle: \"선석: 예약\"\ndescription: 'it''s # 여기'\n---\n";
    assert_eq!(merged("ko/a.md"), format!("{front}\n| 배 \\| 선박 | `a|b` |\n|---|---|\n"));
    assert_eq!(
        merged("ko/b.yml"),
        "title: \"하나: \\\"일\\\". Two.\" # note\nnote: 'it''s: 셋'\nanswer: |\n  넷: # 4\n"
    );
}

#[test]
fn a_title_of_several_lines_comes_back_on_one() {
    for version in ["2.1", "1.2"] {
        let bitext = harbor();
        let document = |title: &str, description: &str| {
            format!(
                "---\ntitle: {title}\nauthor: me\ndescription: {description}\nms.date: x\n---\n\nNever seen.\n"
            )
        };
        bitext.write("new/a.md", document("Book\n  a berth", ">-\n  Pay\n\n  the fee"));
        bitext.write("new/b.yml", "title: One\n");
        bitext
            .run([&["translate", "new"][..], &to_xliff("jobs", version)].concat())
            .exits(0)
            .prints_nothing()
            .says("titles and descriptions: 0 of 2 translated");
        bitext.run(["merge", "jobs", "-o", "same", "-q"]).succeeds_silently();
        let text = |path: &str| fs::read_to_string(bitext.path(path)).unwrap();
        assert_eq!(text("same/a.md"), text("new/a.md"));
        let target = |source: &str, target: &str| {
            (
                format!("<source>{source}</source>"),
                format!("<source>{source}</source>\n<target>{target}</target>"),
            )
        };
        let targets = [target("Book a berth", "선석: 예약"), target("Pay the fee", "요금: # 내기")];
        let targets = targets.each_ref().map(|(old, new)| (old.as_str(), new.as_str()));
        edit(&bitext.path("jobs/a.md.xlf"), &targets);
        bitext.run(["merge", "jobs", "-o", "ko", "-q"]).succeeds_silently();
        assert_eq!(text("ko/a.md"), document("\"선석: 예약\"", ">-\n  요금: # 내기"));
    }
}

#[test]
fn an_adapted_translation_is_filled_in_and_says_so() {
    for (version, state) in [
        ("2.1", "state=\"translated\" subState=\"bitext:adapted\""),
        ("1.2", "<target state=\"needs-review-adaptation\">"),
    ] {
        let bitext = Bitext::new();
        let texts = [("7번 선석은 비어 있습니다.", "Berth 7 is free.")];
        bitext.write("set/a.md", document("0a1b2", &texts));
        bitext.import("set");
        bitext.write("new/b.md", "Berth 8 is free.\n");
        bitext
            .run([&["translate", "new"][..], &to_xliff("jobs", version)].concat())
            .exits(0)
            .prints_nothing()
            .says("1 segment: 1 adapted");
        let xliff = fs::read_to_string(bitext.path("jobs/b.md.xlf")).unwrap();
        for part in
            [state, ">8번 선석은 비어 있습니다.</target>", "<target>7번 선석은 비어 있습니다.</target>"]
        {
            assert!(xliff.contains(part), "{part} in {xliff}");
        }
    }
}

#[test]
fn damaged_codes_are_refused_with_document_line_and_code() {
    let source = "<source>Select <g id=\"1\" ctype=\"bold\">Save</g> in <g id=\"2\" ctype=\"link\">the map</g>, then press <x id=\"3\" \
                  ctype=\"x-code\" equiv-text=\"`F5`\"/>.</source>\n";
    for (target, reason) in [
        (
            "<g id=\"2\">지도</g>에서 <x id=\"3\"/>",
            "the code **…** is lost in the translation of \"Select **Save** in",
        ),
        ("<g id=\"1\"/><g id=\"2\"/><x id=\"3\"/><x id=\"3\"/>", "the code `F5` occurs twice"),
        (
            "<ex id=\"1\"/><bx id=\"1\"/><g id=\"2\"/><x id=\"3\"/>",
            "the two halves of the code **…** are not in order",
        ),
        (
            "<g id=\"1\"/><g id=\"2\"/><x id=\"3\"/><x id=\"4\"/>",
            "the code with the id \"4\" is not in the source",
        ),
    ] {
        let bitext = harbor();
        write_jobs(&bitext, "1.2");
        edit(&bitext.path("jobs/a.md.xlf"), &[(source, &format!("{source}<target>{target}</target>\n"))]);
        bitext
            .run(["merge", "jobs", "-o", "ko"])
            .exits(2)
            .prints_nothing()
            .says(&format!("a.md, line 7: {reason}"))
            .says("1 document written, 1 not written");
        assert!(!bitext.path("ko/a.md").exists() && bitext.path("ko/b.yml").exists());
    }
}

#[test]
fn what_was_not_written_for_this_is_refused_and_nothing_leads_out_of_the_folder() {
    for (old, new, reason) in [
        ("original=\"a.md\"", "original=\"../a.md\"", "leads out of"),
        ("original=\"a.md\"", "original=\"/tmp/a.md\"", "leads out of"),
        ("<skeleton>LS0t", "<skeleton>LS0u", "its hash is another than stated"),
        ("<unit id=\"s20-26\"", "<unit id=\"u1\"", "ids must stay"),
        ("<unit id=\"s20-26\"", "<unit id=\"s20-2600\"", "not in the document"),
        ("<unit id=\"s20-26\"", "<unit id=\"s21-26\"", "the source was changed"),
        ("<source>Berths</source>\n<target>", "<source>Berth</source>\n<target>", "the source was changed"),
        ("trgLang=\"ko-KR\"", "", "the target language is missing"),
        ("</xliff>", "", "ends too early"),
    ] {
        let bitext = harbor();
        write_jobs(&bitext, "2.1");
        edit(&bitext.path("jobs/a.md.xlf"), &[(old, new)]);
        bitext.run(["merge", "jobs/a.md.xlf", "-o", "deep/ko"]).exits(2).prints_nothing().says(reason);
        assert!(!bitext.path("deep/a.md").exists() && !bitext.path("deep/ko/a.md").exists(), "{new}");
    }
    let bitext = Bitext::new();
    bitext.write("x.xlf", "<xliff version=\"1.2\"><file original=\"a.md\"><body/></file></xliff>");
    bitext
        .run(["merge", "x.xlf", "-o", "ko"])
        .exits(2)
        .prints_nothing()
        .says("it has no skeleton; only files that bitext wrote can be merged");
    bitext.run(["merge", "none.xlf", "-o", "ko"]).exits(2).prints_nothing().says("cannot read none.xlf");
}

/// Copies each source to its target, as a tool does that has nothing else.
fn copy_sources(folder: &Path) {
    for (path, bytes) in tree(folder) {
        let text = String::from_utf8(bytes).unwrap();
        let mut copied = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find("<source>") {
            let end = at + rest[at..].find("</source>").unwrap() + "</source>".len();
            let inside = &rest[at + "<source>".len()..end - "</source>".len()];
            copied += &rest[..end];
            copied += &format!("<target>{inside}</target>");
            rest = &rest[end..];
        }
        fs::write(folder.join(path), copied + rest).unwrap();
    }
}

#[test]
fn with_sources_copied_to_targets_every_document_comes_back_byte_for_byte() {
    for version in ["1.2", "2.1"] {
        let bitext = Bitext::new();
        // Without a match nothing is filled in, so each unit has its source alone.
        bitext.write(
            "memory/a.md",
            "---\nms.contentlocale: ko-KR\n---\n\n<span data-ttu-id=\"0a1b2-101\">가</span><span \
            class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-101\">xylophone</span></span>\n",
        );
        bitext.import(bitext.path("memory"));
        let docs = fixture("docs");
        let english = bitext.path("en");
        bitext
            .run([
                "split".as_ref(),
                docs.as_os_str(),
                "--source-dir".as_ref(),
                english.as_os_str(),
                "--target-dir".as_ref(),
                bitext.path("ko").as_os_str(),
            ])
            .exits(0)
            .prints_nothing()
            .says("written twice");
        bitext.write("en/hard.md", "\u{feff}# A\u{1b}B\r\n\r\n> One\r\n> two &nbsp; `x`\r\n\r\n- a <b>c</b> <br>d\r\n\r\n| e | *f* |\r\n|--|--|\r\n");
        let utf16: Vec<u8> = "\u{feff}# Title\n\nText.\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        bitext.write("en/utf16.md", utf16);
        bitext
            .run([&["translate", "en"][..], &to_xliff("jobs", version)].concat())
            .exits(0)
            .prints_nothing()
            .says("complete");
        copy_sources(&bitext.path("jobs"));
        bitext.run(["merge", "jobs", "-o", "merged"]).exits(0).prints_nothing().says("0 as before");
        let documents = |folder: &str| -> Vec<(String, Vec<u8>)> { tree(&bitext.path(folder)) };
        assert_eq!(documents("merged"), documents("en"), "{version}");
    }
}

#[test]
fn the_files_are_valid_by_the_schemas_where_these_are_installed() {
    // A folder with the schemas of OASIS, which are not part of this project, and a Python that has lxml and saxonche.
    let (Some(schemas), Some(python)) =
        (std::env::var_os("BITEXT_XLIFF_SCHEMAS"), std::env::var_os("BITEXT_XLIFF_PYTHON"))
    else {
        eprintln!("skipped: BITEXT_XLIFF_SCHEMAS and BITEXT_XLIFF_PYTHON are not set");
        return;
    };
    let bitext = harbor();
    bitext.import(fixture("docs"));
    bitext.run([
        "split",
        fixture("docs").to_str().unwrap(),
        "--target-dir",
        "ko",
        "--source-dir",
        "en",
        "-q",
    ]);
    bitext.write("en/empty.md", "\n");
    bitext.write(
        "en/codes.md",
        "---\ntitle: \"Book a \\\"berth\\\"\"\nno-loc: [Tidewell]\n---\n# Berths of Tidewell\n\n![*i*](j.png \"t\") <b>a *b* <br></b> [`c`](d \
         \"e\")\n\n| A \u{1}\u{fffe} | &nbsp; |\n|---|---|\n\nPay the fee. <i>One\n\nA berth stays reserved for 20 minutes while you fill in the form.\n",
    );
    for version in ["2.1", "1.2"] {
        bitext
            .run([&["translate", "en", "new"][..], &to_xliff(version, version)].concat())
            .exits(0)
            .prints_nothing();
    }
    let script = fixture("../benches/xliff_schemas.py");
    let run = std::process::Command::new(python)
        .arg(script)
        .arg(schemas)
        .args([bitext.path("2.1"), bitext.path("1.2")])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && printed.contains("also by the Schematron rules"), "{printed}");
}
