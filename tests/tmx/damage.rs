//! TMX files that are damaged or not well-formed: what is lost is named, and an earlier version is never lost by it.

use std::io::Write;

use super::unit;
use super::write::{settings, written};
use crate::support::{Bitext, dump, integrity};
use bitext::exchange::tmx::{Inline, Profile};

/// A TMX of so many units, one line for each element.
fn tmx(units: usize) -> String {
    let units: Vec<_> =
        (0..units).map(|number| unit(&format!("Save {number}."), &format!("저장 {number}."))).collect();
    written(&units, settings(Profile::Generic, Inline::Text)).0
}

/// The bytes from the start of one unit to the start of another are overwritten by zeros, as after a crash or a broken download.
fn zero_filled(units: usize, from: usize, to: usize) -> Vec<u8> {
    let text = tmx(units);
    let starts: Vec<usize> = text.match_indices("<tu ").map(|(at, _)| at).collect();
    let mut bytes = text.into_bytes();
    bytes[starts[from]..starts[to]].fill(0);
    bytes
}

fn count(bitext: &Bitext) -> String {
    bitext.sql("select count(*) from segment").remove(0)
}

#[test]
fn a_zero_filled_block_that_swallows_units_is_a_problem() {
    let bitext = Bitext::new();
    bitext.write("m.tmx", zero_filled(100, 20, 80));
    let run = bitext.run(["import", "m.tmx", "--json"]).exits(0);
    let line = tmx(20).lines().count() - 1;
    let run = run
        .says(&format!("m.tmx:{line}: zero bytes, where a part of the file was overwritten"))
        .says("m.tmx: the file is damaged, and units of it may be missing\n");
    assert_eq!((&run.json()["segments"], &run.json()["problems"]), (&40.into(), &2.into()));
    bitext
        .run(["import", "m.tmx", "--db", "strict.db", "--strict", "--quiet"])
        .exits(2)
        .prints_nothing()
        .says("units of it may be missing; nothing of the file is kept");
}

#[test]
fn a_few_zeros_inside_a_text_take_that_text_alone() {
    let bitext = Bitext::new();
    bitext.write("m.tmx", tmx(10));
    bitext.import("m.tmx");
    bitext.write("m.tmx", tmx(3).replace("Save 1.", "Sa\0\0\0."));
    let run = bitext.run(["import", "m.tmx", "-q"]).exits(0).prints_nothing().says("zero bytes");
    assert!(!run.stderr().contains("may be missing"), "{}", run.stderr());
    assert_eq!(bitext.sql("select source from extracted order by position"), ["Save 0.", "Save 2."]);
}

#[test]
fn zeros_after_the_end_hide_no_unit() {
    let bitext = Bitext::new();
    bitext.write("m.tmx", tmx(3));
    bitext.import("m.tmx");
    bitext.write("m.tmx", tmx(2) + &"\0".repeat(5000));
    let run = bitext.run(["import", "m.tmx", "--json"]).exits(0).says("zero bytes");
    assert_eq!((&run.json()["problems"], &run.json()["units_removed"]), (&1.into(), &1.into()));
    bitext
        .run(["import", "m.tmx", "--db", "strict.db", "--strict", "-q"])
        .exits(2)
        .prints_nothing()
        .says("m.tmx: the XML has faults; nothing of the file is kept\n");
}

#[test]
fn a_file_that_is_cut_off_does_not_replace_the_whole_one() {
    let bitext = Bitext::new();
    let whole = tmx(100);
    bitext.write("m.tmx", &whole);
    bitext.import("m.tmx");
    let before = dump(&bitext.path("bitext.db"));
    let cut = &whole.as_bytes()[..whole.find("Save 21.").unwrap()];
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(whole.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    for (damaged, what) in [
        (cut.to_vec(), "the file ends inside the element that begins here"),
        (zero_filled(100, 20, 80), "the file is damaged, and units of it may be missing"),
        (whole.replacen("</tu>\n", "</tu>\nte 21.</seg>\n", 1).into_bytes(), "the XML is damaged"),
        (whole.replacen("</tu>\n", "</tu>\n e 21.\n", 1).into_bytes(), "units of it may be missing"),
        (whole.replace("UTF-8", "UTF-7").into_bytes(), "the encoding \"UTF-7\", which cannot be read"),
        (Vec::new(), "it ends before <tmx>"),
        (b"<html></html>".to_vec(), "<html> where a TMX has <tmx>"),
    ] {
        bitext.write("m.tmx", damaged);
        let run = bitext.run(["import", "m.tmx", "--json"]).exits(2).says(what);
        let run = run.says("; the memory keeps the earlier version; repair the file and import it again\n");
        let json = run.json();
        assert_eq!((&json["documents_kept"], &json["units_removed"]), (&1.into(), &0.into()), "{what}");
        assert_eq!(dump(&bitext.path("bitext.db")), before, "{what}");
    }
    assert_eq!(integrity(&bitext.path("bitext.db")), "ok");

    bitext.write("m.tmx.gz", &packed);
    bitext.import("m.tmx.gz");
    bitext.write("m.tmx.gz", &packed[..packed.len() / 2]);
    bitext.run(["import", "m.tmx.gz", "-q"]).exits(2).prints_nothing().says("keeps the earlier version");
    assert_eq!(count(&bitext), "200");
    // A whole one does.
    bitext.write("m.tmx", tmx(5));
    bitext.import("m.tmx");
    assert_eq!(count(&bitext), "105");
}

#[test]
fn a_cut_file_of_an_archive_keeps_its_own_version_alone() {
    let bitext = Bitext::new();
    let archive = |texts: [String; 2]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in ["one.tmx", "two.tmx"].into_iter().zip(texts) {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    bitext.write("a.zip", archive([tmx(10), tmx(10)]));
    bitext.import("a.zip");
    let mut cut = tmx(10);
    cut.truncate(cut.len() / 2);
    bitext.write("a.zip", archive([cut, tmx(3)]));
    bitext
        .run(["import", "a.zip", "-q"])
        .exits(2)
        .prints_nothing()
        .says("a.zip/one.tmx: line ")
        .says("keeps the earlier version");
    assert_eq!(
        bitext.sql("select document, count(*) from extracted group by 1 order by 1"),
        ["one.tmx|10", "two.tmx|3"]
    );
}

#[test]
fn a_fault_in_one_unit_does_not_stop_a_new_version() {
    let bitext = Bitext::new();
    bitext.write("m.tmx", tmx(10));
    bitext.import("m.tmx");
    for (from, to, reason, kept) in [
        ("Save 3.", "Save &nbsp; 3.", "&nbsp; is not defined; the text that has it is left out", 4),
        ("Save 3.", "Save & 3.", "& without the name of an entity", 5),
        ("Save 3.", "Save &#x1b; 3.", "&#x1b; refers to no character that XML allows", 5),
        ("Save 3.", "Save \u{b} 3.", "the character U+000B, which XML forbids", 5),
        ("Save 3.", "Save ]]> 3.", "]]> in a text", 5),
        ("<seg>Save 3.", "<!-- a -- b --><seg>Save 3.", "-- inside a comment", 5),
        ("<seg>Save 3.", "a<seg>Save 3.", "text between the elements of a unit: \"a\"", 5),
        (
            "xml:lang=\"en-US\"><seg>Save 3.",
            "xml:lang=\"en-US\" xml:lang=\"fr\"><seg>Save 3.",
            "xml:lang twice",
            4,
        ),
    ] {
        let text = tmx(5).replace(from, to);
        assert_ne!(text, tmx(5), "{to}");
        let line = text.lines().position(|line| line.contains(to)).unwrap() + 1;
        bitext.write("m.tmx", &text);
        let run = bitext.run(["import", "m.tmx", "-q"]).exits(0).prints_nothing();
        run.says(&format!("m.tmx:{line}: ")).says(reason);
        assert_eq!(count(&bitext), kept.to_string(), "{to}");
        bitext
            .run(["import", "m.tmx", "-q", "--strict", "--db", "strict.db"])
            .exits(2)
            .prints_nothing()
            .says("the XML has faults; nothing of the file is kept");
        assert_eq!(crate::support::rows(&bitext.path("strict.db"), "select * from document"), [""; 0]);
    }
}

#[test]
fn a_flood_of_faults_is_counted_and_not_printed() {
    let bitext = Bitext::new();
    bitext.write("one.tmx", tmx(3).replace("Save 1.", &"a&#x1b;".repeat(3000)));
    let run = bitext.run(["import", "one.tmx", "--quiet"]).exits(0).prints_nothing();
    assert_eq!(run.stderr().lines().count(), 21, "{}", run.stderr());
    assert!(run.stderr().contains("and 2980 more in the same unit"), "{}", run.stderr());
    bitext.write("many.tmx", tmx(3000).replace("저장", "&bogus;"));
    let run = bitext.run(["import", "many.tmx", "--quiet"]).exits(1).prints_nothing();
    assert!((100..=110).contains(&run.stderr().lines().count()), "{}", run.stderr());
    assert!(run.stderr().contains("more like these"), "{}", run.stderr());
}

#[test]
fn the_encoding_that_a_file_states_is_not_ignored() {
    let bitext = Bitext::new();
    let text = tmx(3);
    for label in ["UTF-7", "x-unknown", "UTF-32"] {
        bitext.write("m.tmx", text.replace("UTF-8", label));
        bitext.run(["import", "m.tmx", "-q"]).exits(1).prints_nothing().says_all(&format!(
            "m.tmx: line 1: the file is in the encoding \"{label}\", which cannot be read; convert it to UTF-8\n"
        ));
    }
    let utf32: Vec<u8> = format!("\u{feff}{text}").chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    bitext.write("m.tmx", utf32);
    bitext.run(["import", "m.tmx", "-q"]).exits(1).prints_nothing().says("\"UTF-32\", which cannot be read");

    bitext.write("m.tmx", text.replace("UTF-8", "UTF-16"));
    bitext
        .run(["import", "m.tmx", "-q"])
        .exits(0)
        .prints_nothing()
        .says_all("m.tmx:1: the file states the encoding \"UTF-16\" and is read as UTF-8\n");
    bitext.write("m.tmx", format!("\u{feff}{text}"));
    bitext.run(["import", "m.tmx", "-q"]).succeeds_silently();
    bitext.write("m.tmx", format!("\u{feff}\u{feff}{text}"));
    let run = bitext.run(["import", "m.tmx", "-q"]).exits(0).prints_nothing();
    run.says_all("m.tmx:1: text before <tmx>: a second byte-order mark\n");
    bitext.write("m.tmx", text.replace("UTF-8", "us-ascii"));
    bitext
        .run(["import", "m.tmx", "-q"])
        .exits(0)
        .prints_nothing()
        .says("has other characters; it is read as UTF-8");
    assert_eq!(bitext.sql("select target from extracted where position = 0"), ["저장 0."]);
}

#[test]
fn damage_in_utf_16_is_named_by_its_line_and_the_units_before_it_are_read() {
    let bitext = Bitext::new();
    let text = tmx(3).replace("UTF-8", "UTF-16");
    let at = text.find("Save 2.").unwrap();
    let line = 1 + text[..at].matches('\n').count();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    bitext
        .write("m.tmx", [utf16("\u{feff}"), utf16(&text[..at]), vec![0, 0xdc], utf16(&text[at..])].concat());
    bitext.run(["import", "m.tmx", "-q"]).exits(0).prints_nothing().says_all(&format!(
        "m.tmx: line {line}: bytes that are no text in UTF-16LE; 2 translations before it are kept\n"
    ));
    assert_eq!(count(&bitext), "2");
}
