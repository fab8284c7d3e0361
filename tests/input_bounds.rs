//! The bounds of documents and archives: what a header states is not allocated, large documents are read one at a time, and what is
//! left out is named.

use std::fs::File;

use crate::support::Bitext;
use crate::support::documents::{document, segment};

/// A document of so many bytes: one segment, then spaces.
fn write_long(bitext: &Bitext, name: &str, bytes: u64) {
    let mut document = document("0a1b2", &[("저장", "Save")]).into_bytes();
    document.resize(bytes as usize, b' ');
    bitext.write(name, document);
}

#[test]
fn a_document_larger_than_the_limit_is_named_with_the_option_that_reads_it() {
    let bitext = Bitext::new();
    write_long(&bitext, "set/long.md", (1 << 20) + 1);
    write_long(&bitext, "set/fits.md", 1 << 20);
    let reason = "set/long.md: cannot be read: larger than 1 MiB; --max-document SIZE reads larger ones; the document was left out";
    for (command, lines) in [
        ("import set", 0),
        ("extract set", 1),
        ("split set --force --target-dir target --source-dir source", 0),
    ] {
        for (strict, code) in [("", 0), (" --strict", 2)] {
            let arguments = format!("{command} --max-document 1MiB{strict}");
            let run = bitext.run(arguments.split(' ')).exits(code).says(reason).says("1 problem");
            assert!(!run.stderr().contains("fits.md"), "{}", run.stderr());
            assert_eq!(run.stdout().lines().count(), lines);
        }
    }
    bitext.run(["extract", "set", "--max-document", "2MiB"]).exits(0).prints("long.md").says_nothing();
    bitext
        .run(["extract", "set", "--max-document", "much"])
        .exits(2)
        .prints_nothing()
        .says("is not a size; give a");
}

#[test]
fn a_unit_of_a_tmx_larger_than_the_limit_is_named_and_the_units_before_are_kept() {
    let bitext = Bitext::new();
    let unit = |text: &str| {
        format!(
            "<tu><tuv xml:lang=\"en-US\"><seg>{text}</seg></tuv><tuv xml:lang=\"ko-KR\"><seg>저장</seg></tuv></tu>"
        )
    };
    let note = "<note>x</note>".repeat(200_000);
    let long = unit("Long").replace("<tu>", &format!("<tu>{note}"));
    let tmx =
        format!("<tmx version=\"1.4\"><header srclang=\"en-US\"/><body>{}{long}</body></tmx>", unit("Save"));
    bitext.write("a.tmx", &tmx);
    let run = bitext.run(["import", "a.tmx", "--max-document", "1MiB", "-q"]).exits(0).prints_nothing();
    run.says("a unit of more than 1 MiB; --max-document SIZE reads larger ones").says("are kept");
    assert_eq!(bitext.sql("select text from unit"), ["Save"]);
    bitext.write("b.tmx.zst", zstd::encode_all(tmx.as_bytes(), 1).unwrap());
    let run = bitext.run(["import", "b.tmx.zst", "--max-unpacked", "1MiB", "-q"]).exits(0).prints_nothing();
    run.says("it unpacks to more than 1 MiB; --max-unpacked SIZE unpacks more").says("are kept");
}

#[test]
fn a_folder_whose_side_by_side_files_have_another_ending_says_how_to_read_them() {
    let bitext = Bitext::new();
    bitext.write("set/clean.md", "# Clean\n");
    bitext.write("set/clean.txt", "Clean\n");
    let text = segment("0a1b2-101", "저장", "Save");
    for name in ["a.txt", "deep/b.txt", "deep/.c.txt"] {
        bitext.write(format!("set/{name}"), &text);
    }
    let split = "split set --target-dir target --source-dir source";
    for command in ["import set", "extract set", split] {
        let run = bitext.run(command.split(' ')).exits(1).prints_nothing();
        run.says(
            "in set: no .md, .yml, .yaml, .html or .htm file with side-by-side spans; 2 files with other endings have spans; \
             read them with --include '**/*.txt'\n",
        );
        let more = ["--include", "**/*.txt", "--force", "--target-locale", "ko-KR"];
        let more = more.into_iter().filter(|word| *word != "--force" || command == split);
        let more: Vec<_> = if command == split { more.take(3).collect() } else { more.collect() };
        let run = bitext.run(command.split(' ').chain(more)).exits(0);
        assert!(!run.stderr().contains("--include"), "{}", run.stderr());
        assert_eq!(run.stdout().lines().count(), if command == "extract set" { 2 } else { 0 });
    }
    assert_eq!(bitext.sql("select path from document order by 1"), ["a.txt", "deep/b.txt"]);
    bitext.write("other/README", &text);
    let run = bitext.run(["extract", "other"]).exits(1).prints_nothing();
    run.says("1 file with another ending has spans; read it with --include '**/README'");
    bitext.write("memories/a.tmx", "<tmx/>");
    bitext.write("memories/b.tmx.gz", "");
    let run = bitext.run(["import", "memories"]).exits(1).prints_nothing();
    run.says("2 TMX among the files, which import reads if they are named themselves");
    let run = bitext.run(["extract", "memories"]).exits(1).prints_nothing();
    run.says("it has TMX files, which only import reads");
    bitext.run(["extract", "other", "--include", "a[b"]).exits(2).prints_nothing().says("a[b");
}

/// Else the output would have the length of the value times the number of segments.
#[test]
fn a_long_value_in_the_front_matter_is_not_printed_with_each_segment() {
    let bitext = Bitext::new();
    let texts: Vec<_> = (0..200).map(|number| format!("Text {number}")).collect();
    let texts: Vec<_> = texts.iter().map(|text| ("저장", text.as_str())).collect();
    let text = document("0a1b2", &texts).replace("b1ab80345b4e", &"b".repeat(100_000));
    bitext.write("a.md", &text);
    let run = bitext.run(["extract", "a.md"]).exits(0);
    let run = run.says("a.md: the value of ms.sourcegitcommit has 100000 bytes, and was left out");
    assert_eq!(run.json_lines().len(), 200);
    assert!(run.stdout().len() < text.len(), "{}", run.stdout().len());
}

#[cfg(target_os = "linux")]
mod memory {
    use super::*;

    #[test]
    fn a_tar_that_claims_a_gigabyte_has_it_not_allocated() {
        let bitext = Bitext::new();
        let mut header = tar::Header::new_ustar();
        header.set_path("a.md").unwrap();
        header.set_size(1_000_000_000);
        header.set_cksum();
        bitext.write("set.tar", [header.as_bytes().as_slice(), &[0; 1024]].concat());
        let reason = "set.tar is not a tar archive that can be read: it is cut off in entry 1, a.md";
        for more in [&[][..], &["--max-document", "2GiB"]] {
            let run = bitext.limited_memory(500, ["extract", "set.tar"].iter().chain(more));
            run.exits(2).prints_nothing().says(reason);
        }
    }

    #[test]
    fn a_long_path_in_a_tar_is_not_allocated() {
        let bitext = Bitext::new();
        let mut header = tar::Header::new_gnu();
        header.set_path("././@LongLink").unwrap();
        header.set_entry_type(tar::EntryType::GNULongName);
        header.set_size(600 << 20);
        header.set_cksum();
        let path = bitext.write("set.tar", header.as_bytes());
        File::options().append(true).open(path).unwrap().set_len(601 << 20).unwrap();
        let run = bitext.limited_memory(500, ["extract", "set.tar"]).exits(2).prints_nothing();
        run.says("the header of an entry has more than 1 MiB");
    }

    #[test]
    fn large_documents_are_in_memory_one_at_a_time() {
        let bitext = Bitext::new();
        for name in 0..24 {
            write_long(&bitext, &format!("set/{name}.md"), 17 << 20);
        }
        let arguments = ["import", "set", "--quiet", "--threads", "4", "--dry-run"];
        bitext.limited_memory(300, arguments).exits(0).prints_nothing().says_nothing();
    }
}
