//! Documents in UTF-16: the same segments as in UTF-8, and damage that is reported with its line.

use std::path::Path;

use crate::support::documents::{document, segment};
use crate::support::{Bitext, fixture, tree};

/// The two byte orders.
const ORDERS: [fn(u16) -> [u8; 2]; 2] = [u16::to_le_bytes, u16::to_be_bytes];

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn with_mark(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    utf16(&format!("\u{feff}{}", text.trim_start_matches('\u{feff}')), bytes)
}

/// Writes the documents of a folder in UTF-16 with a byte-order mark; a document that is not UTF-8 as it is.
fn write_in_utf16(bitext: &Bitext, from: &Path, to: &str, bytes: fn(u16) -> [u8; 2]) {
    for (name, text) in tree(from) {
        let written = std::str::from_utf8(&text).map(|text| with_mark(text, bytes));
        bitext.write(format!("{to}/{name}"), written.unwrap_or(text));
    }
}

#[test]
fn a_document_in_utf_16_has_the_segments_and_metadata_of_the_same_document_in_utf_8() {
    let extracted = "select * from extracted order by document, target_locale, position";
    let [in_utf8, bitext] = [Bitext::new(), Bitext::new()];
    let docs = fixture("docs");
    in_utf8.import(&docs);
    let expected = in_utf8.run(["extract".as_ref(), docs.as_os_str()]).printed();
    for bytes in ORDERS {
        write_in_utf16(&bitext, &docs, "docs", bytes);
        assert_eq!(bitext.run(["extract", "docs"]).printed(), expected);
        bitext.import("docs");
        assert_eq!(bitext.sql(extracted), in_utf8.sql(extracted));
    }
    let difficult = |bitext: &Bitext, path: &Path| {
        let path = path.to_str().unwrap();
        let run = bitext.run(["extract", path, "--set", "difficult"]).exits(0);
        (run.stdout().to_owned(), run.stderr().replace(path, "difficult"))
    };
    for bytes in ORDERS {
        write_in_utf16(&bitext, &fixture("difficult"), "difficult", bytes);
        let path = fixture("difficult");
        assert_eq!(difficult(&bitext, Path::new("difficult")), difficult(&bitext, &path));
    }
}

#[test]
fn the_hash_of_a_document_in_utf_16_is_that_of_its_bytes() {
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save")]);
    let counts = |bitext: &Bitext| {
        let run = bitext.run(["import", "set", "--json"]).exits(0).says_nothing();
        let json = run.json();
        ["documents_new", "documents_changed", "documents_unchanged"].map(|key| json[key].as_u64().unwrap())
    };
    bitext.write("set/a.md", &text);
    assert_eq!(counts(&bitext), [1, 0, 0]);
    bitext.write("set/a.md", with_mark(&text, u16::to_le_bytes));
    assert_eq!(counts(&bitext), [0, 1, 0]);
    assert_eq!(counts(&bitext), [0, 0, 1]);
    bitext.write("set/a.md", with_mark(&text, u16::to_be_bytes));
    assert_eq!(counts(&bitext), [0, 1, 0]);
}

#[test]
fn split_writes_a_document_in_its_own_encoding() {
    let folders = |bitext: &Bitext| ["target", "source"].map(|folder| tree(&bitext.path(folder)));
    let split = |bitext: &Bitext, path: &str| {
        bitext
            .run(["split", path, "--target-dir", "target", "--source-dir", "source", "--quiet"])
            .succeeds_silently();
        folders(bitext)
    };
    let expected = split(&Bitext::new(), fixture("docs").to_str().unwrap());
    for bytes in ORDERS {
        let bitext = Bitext::new();
        write_in_utf16(&bitext, &fixture("docs"), "docs", bytes);
        for (folder, expected) in split(&bitext, "docs").into_iter().zip(&expected) {
            assert_eq!(folder.len(), expected.len());
            for ((name, written), (_, utf8)) in folder.iter().zip(expected) {
                assert!(*written == with_mark(std::str::from_utf8(utf8).unwrap(), bytes), "{name}");
            }
        }
    }
}

#[test]
fn damage_in_utf_16_is_reported_with_its_line_and_the_earlier_version_is_kept() {
    let text = document("0a1b2", &[("저장", "Save"), ("열기", "Open")]);
    let lines = text.lines().count();
    let (first, second) = text.split_at(text.find("<span data-ttu-id=\"0a1b2-102\"").unwrap());
    let line = 1 + first.lines().count();
    for (name, bytes) in [("little", ORDERS[0]), ("big", ORDERS[1])] {
        let first = with_mark(first, bytes);
        let joined = |parts: [&[u8]; 3]| parts.concat();
        let lone = |unit: u16| joined([&first, &bytes(unit), &utf16(second, bytes)]);
        let swapped: fn(u16) -> [u8; 2] = if name == "big" { ORDERS[0] } else { ORDERS[1] };
        let at_second = format!(":{line}: ");
        for (case, damaged, sentences) in [
            (
                "odd",
                joined([&first, &utf16(second, bytes), b"x"]),
                [&*format!(":{}: ", lines + 1), "not UTF-16: half a character"],
            ),
            ("high", lone(0xd83d), [&at_second, "not UTF-16: half of a surrogate pair at offset "]),
            ("low", lone(0xde00), [&at_second, "not UTF-16: half of a surrogate pair at offset "]),
            ("utf8", joined([&first, second.as_bytes(), b""]), [&at_second, "a part of it is not UTF-16"]),
            (
                "swapped",
                joined([&first, &utf16(second, swapped), b""]),
                [&at_second, "a part of it is not UTF-16"],
            ),
            (
                "without-mark",
                utf16(&text, bytes),
                [":1: ", "UTF-16 without a byte-order mark; save it with one, or as UTF-8"],
            ),
        ] {
            let bitext = Bitext::new();
            let document = format!("set/{name}-{case}.md");
            let [at, sentence] = sentences;
            let sentence = format!("{document}{at}{sentence}");
            bitext.write(&document, &damaged);
            bitext.run(["import", "set", "-q"]).exits(1).prints_nothing().says(&sentence);
            bitext.run(["extract", "set"]).exits(0).prints_nothing().says(&sentence);
            let folders = ["--target-dir", "target", "--source-dir", "source"];
            let run = bitext.run(["split", "set"].iter().chain(&folders)).exits(0).prints_nothing();
            run.says(&sentence).says("0 documents written twice");
            bitext.write(&document, &text);
            bitext.import("set");
            bitext.write(&document, &damaged);
            let run = bitext.run(["import", "set", "-q"]).exits(2).prints_nothing();
            run.says(&sentence).says("the memory keeps the earlier version");
            assert_eq!(bitext.sql("select source from extracted order by 1"), ["Open", "Save"]);
        }
    }
}

#[test]
fn a_block_of_zeros_in_utf_16_is_damage() {
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save"), ("열기", "Open")]);
    bitext.write("set/a.md", with_mark(&text, u16::to_le_bytes));
    bitext.import("set");
    let at = text.find("<span data-ttu-id=\"0a1b2-102\"").unwrap();
    let zeros = "\0".repeat(64);
    bitext.write("set/a.md", with_mark(&format!("{}{zeros}\n", &text[..at]), u16::to_le_bytes));
    let run = bitext.run(["import", "set", "-q"]).exits(2).prints_nothing();
    run.says("a block of zero bytes").says("the memory keeps the earlier version");
    assert_eq!(bitext.sql("select source from extracted order by 1"), ["Open", "Save"]);
}

#[test]
fn a_clean_document_in_utf_16_is_no_problem() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("저장", "Save")]));
    for (name, bytes) in [("little", ORDERS[0]), ("big", ORDERS[1])] {
        bitext.write(format!("set/{name}.md"), with_mark("# Clean, with id=\"tu-id\"\n", bytes));
        bitext.write(format!("set/{name}-without.md"), utf16("# Clean\n", bytes));
    }
    bitext.import("set");
    assert_eq!(bitext.sql("select path from document"), ["a.md"]);
    let split = ["split", "set", "--target-dir", "target", "--source-dir", "source"];
    bitext.run(split).exits(0).prints_nothing().says_all("5 documents written twice, 0 problems\n");
    for name in ["little.md", "big-without.md"] {
        let read = |folder: &str| std::fs::read(bitext.path(folder).join(name)).unwrap();
        assert_eq!([read("target"), read("source")], [read("set"), read("set")]);
    }
}

#[test]
fn a_document_whose_only_readable_attributes_are_those_of_sources_is_reported() {
    let bitext = Bitext::new();
    let text = segment("0a1b2-101", "저장", "Save").replace("data-ttu-id", "data-xtu-id");
    let problem = |name: &str, bytes: Vec<u8>| {
        bitext.write(format!("{name}/a.md"), bytes);
        let run = bitext.run(["extract", name]).exits(0).prints_nothing();
        run.stderr().replace(name, "set")
    };
    let expected = problem("utf8", text.clone().into_bytes());
    assert_eq!(problem("little", with_mark(&text, ORDERS[0])), expected);
    assert_eq!(problem("big", with_mark(&text, ORDERS[1])), expected);
}
