//! Mistakes that people make, and what they are told: what failed, on what, and what to do.

use crate::support::Bitext;
use crate::support::documents::{document, segment};

#[test]
fn a_mistake_is_answered_with_a_sentence_that_helps_and_exit_code_2() {
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save")]);
    bitext.write("set/a.md", &text);
    bitext.write("other/set/a.md", &text);
    bitext.write("taken/a.md", "mine");
    bitext.write("notes.db", "dear diary\n".repeat(100));
    bitext.write("none.zip", "no archive");
    bitext.run(["import", "set", "--quiet", "--db", "memory.db"]).succeeds_silently();
    let whole = std::fs::read(bitext.path("memory.db")).unwrap();
    bitext.write("cut.db", &whole[..whole.len() / 2]);
    for (arguments, sentence) in [
        ("import nowhere", "cannot read nowhere"),
        ("extract nowhere", "cannot read nowhere"),
        (
            "stats",
            "there is no translation memory at bitext.db; `bitext import` makes one, --db names another",
        ),
        ("import set --db notes.db", "notes.db is not a translation memory; name another file with --db"),
        ("import set --db set", "set is a folder; name a file with --db"),
        ("import set --db nowhere/memory.db", "there is no folder nowhere to keep nowhere/memory.db in"),
        ("import set --target-locale Korean!", "is not a locale; name one as in ko-KR"),
        (
            "import set/a.md --prune --db memory.db",
            "--prune needs the whole set, and set/a.md is one file of it",
        ),
        ("import set other/set --db memory.db", "import one of them with --set NAME"),
        ("import none.zip", "none.zip is not a zip archive that can be read"),
        ("split set --target-dir taken --source-dir source", "--force"),
        ("split set --target-dir out --source-dir out", "are the same folder; name two"),
        ("split set --target-dir set/out --source-dir source", "set/out"),
        ("export --db memory.db --to fr-FR", "the memory has no translation into fr-FR: it has ko-KR"),
        ("export --db memory.db --from ko-KR --to ko-KR", "--from and --to are both ko-KR; name two locales"),
        (
            "export --db memory.db -o nowhere/memory.tmx",
            "nowhere/memory.tmx cannot be written: there is no folder nowhere; make it first",
        ),
        (
            "stats --db cut.db",
            "cut.db is damaged; put a copy back in its place, or import into a new file: database disk image is malformed",
        ),
        ("export --db memory.db --since 2020", "'--since <YYYY-MM-DD>'"),
        ("query --db memory.db --min 200 Save", "--min"),
        ("query --db memory.db --batch nowhere", "cannot read nowhere"),
        ("search --db memory.db --regex (", "the pattern is no regular expression: unclosed group"),
        ("man exprot", "there is no command \"exprot\""),
        ("extract set --format xml", "[possible values: jsonl, tsv, csv"),
    ] {
        let run = bitext.run(arguments.split(' ')).exits(2).prints_nothing().says(sentence);
        assert!(!run.stderr().contains("panicked"), "{arguments}: {}", run.stderr());
    }
    assert!(!bitext.path("bitext.db").exists() && !bitext.path("out").join("a.md").exists());
}

#[test]
fn a_locale_that_the_memory_has_not_is_named_where_nothing_is_found() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("저장", "Save")]));
    bitext.import("set");
    let run = bitext.run(["query", "Save", "--to", "fr-FR"]).exits(1).prints_nothing();
    run.says("the memory holds no texts in fr-FR: it has en-US, ko-KR");
    let run = bitext.run(["query", "Nothing like it", "--to", "ko-KR"]).exits(1).prints_nothing();
    assert!(!run.stderr().contains("holds no texts"), "{}", run.stderr());
}

#[test]
fn an_import_of_a_document_of_another_kind_names_what_is_wrong_in_it() {
    let bitext = Bitext::new();
    let good = segment("0a1b2-101", "저장", "Save");
    for (name, text, reason) in [
        ("utf16.md", utf16(&good), "UTF-16 without a byte-order mark; save it with one, or as UTF-8"),
        ("latin.md", [good.as_bytes(), b"\n\xe9"].concat(), "not UTF-8: byte 0xe9"),
        ("bare.md", good.clone().into_bytes(), "name the locale with --target-locale"),
    ] {
        bitext.write(name, text);
        bitext.run(["extract", name]).exits(0).prints_nothing().says(name).says(reason);
        bitext.run(["extract", name, "--strict"]).exits(2).prints_nothing().says(reason);
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_with_the_file_that_did_not_fit() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("저장", "Save")]));
    bitext.import("set");
    for format in ["tmx", "jsonl", "csv", "po", "xliff", "parquet"] {
        let run = bitext.run(["export", "-f", format, "-o", "/dev/full"]).exits(2).prints_nothing();
        run.says("/dev/full cannot be written: No space left on device");
    }
}
