//! `--exclude GLOB` of `import`, `extract` and `split`: which documents are not read, and what becomes of them in the memory.

use std::fs::{self, File};
use std::io::Write as _;

use crate::support::documents::document;
use crate::support::{Bitext, tree};

#[test]
fn excluded_documents_are_not_read_whatever_else_would_read_them() {
    let bitext = Bitext::new();
    for name in ["a.md", "old/b.md", "old/deep/c.yml", "notes/d.txt", "notes/e.txt"] {
        bitext.write(format!("set/{name}"), document("0a1b2", &[(name, "Save")]));
    }
    let mut archive = tar::Builder::new(File::create(bitext.path("archive.tar")).unwrap());
    archive.append_dir_all("archive", bitext.path("set")).unwrap();
    archive.finish().unwrap();
    let globs =
        ["--include", "**/*.txt", "--exclude", "old/**", "--exclude", "**/e.txt", "--exclude", "none/*.md"];
    for path in ["set", "archive.tar"] {
        let run = bitext.run(["extract", path].iter().chain(&globs)).exits(0).says_nothing();
        let targets: Vec<_> = run.json_lines().iter().map(|line| line["target"].clone()).collect();
        assert_eq!(targets, ["a.md", "notes/d.txt"]);
        let import = ["import", path, "--quiet"];
        bitext.run(import.iter().chain(&globs)).succeeds_silently();
        let split = ["split", path, "--target-dir", "target", "--source-dir", "source", "--force", "-q"];
        bitext.run(split.iter().chain(&globs)).succeeds_silently();
    }
    let paths = ["archive|a.md", "archive|notes/d.txt", "set|a.md", "set|notes/d.txt"];
    let documents =
        "select name, path from document join document_set on document_set.id = set_id order by 1, 2";
    assert_eq!(bitext.sql(documents), paths);
    let written = tree(&bitext.path("target"));
    assert_eq!(written.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a.md", "notes/d.txt"]);
    bitext.run(["extract", "set", "--exclude", "a[b"]).exits(2).prints_nothing().says("a[b");
}

#[test]
fn a_file_that_is_named_itself_is_read_although_a_glob_excludes_it() {
    let bitext = Bitext::new();
    bitext.write("set/old/a.md", document("0a1b2", &[("저장", "Save")]));
    let run = bitext.run(["extract", "set/old/a.md", "--exclude", "**"]).exits(0).says_nothing();
    assert_eq!(run.json_lines().len(), 1);
}

#[test]
fn a_warning_does_not_advise_to_include_what_is_excluded() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("저장", "Save")]));
    let run = bitext.run(["extract", "set", "--exclude", "**/*.md"]).exits(1).prints_nothing();
    run.says("nothing to extract in set: 1 file with side-by-side spans, excluded with --exclude\n");
    bitext.write("set/b.txt", document("0a1b2", &[("저장", "Save")]));
    let run = bitext.run(["extract", "set", "--exclude", "**/*.md"]).exits(1).prints_nothing();
    run.says("1 file with another ending has spans; read it with --include '**/*.txt'\n");
}

#[test]
fn prune_keeps_what_is_excluded() {
    let bitext = Bitext::new();
    for name in ["a.md", "b.md", "old/c.md", "old/d.md"] {
        bitext.write(format!("set/{name}"), document("0a1b2", &[(name, "Save")]));
    }
    bitext.import("set");
    for name in ["b.md", "old/d.md"] {
        fs::remove_file(bitext.path("set").join(name)).unwrap();
    }
    bitext.write("set/old/c.md", document("0a1b2", &[("changed", "Save")]));
    let prune = ["import", "set", "--prune", "--exclude", "old/**", "--json"];
    let run = bitext.run(prune).exits(0).says_nothing();
    assert_eq!(
        (&run.json()["documents_unchanged"], &run.json()["documents_removed"]),
        (&1.into(), &1.into())
    );
    let documents = "select document, target from extracted order by 1";
    assert_eq!(bitext.sql(documents), ["a.md|a.md", "old/c.md|old/c.md", "old/d.md|old/d.md"]);
    bitext.run(["import", "set", "--prune", "-q"]).succeeds_silently();
    assert_eq!(bitext.sql(documents), ["a.md|a.md", "old/c.md|changed"]);
}

#[test]
fn a_tmx_of_an_archive_is_excluded_by_its_path_in_it() {
    let bitext = Bitext::new();
    let tmx = |text: &str| {
        let variant = |locale: &str| format!("<tuv xml:lang=\"{locale}\"><seg>{text}</seg></tuv>");
        let unit = format!("<tu>{}{}</tu>", variant("en-US"), variant("ko-KR"));
        format!("<tmx version=\"1.4\"><header srclang=\"en-US\"/><body>{unit}</body></tmx>")
    };
    let mut archive = zip::ZipWriter::new(File::create(bitext.path("all.zip")).unwrap());
    for name in ["new/a.tmx", "old/b.tmx"] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(tmx(name).as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    bitext.run(["import", "all.zip", "-q", "--exclude", "old/*"]).succeeds_silently();
    assert_eq!(bitext.sql("select text from unit"), ["new/a.tmx"]);
}
