//! `bitext split`: the two clean document trees inside a side-by-side one.

use crate::support::documents::{FRONT_MATTER, document, segment};
use crate::support::{Bitext, fixture, tree};

#[track_caller]
fn split(bitext: &Bitext, path: &str, more: &[&str]) -> crate::support::Run {
    bitext
        .run(["split", path, "--target-dir", "target", "--source-dir", "source"].iter().chain(more))
        .prints_nothing()
}

#[test]
fn each_segment_becomes_its_target_and_its_source_and_nothing_else_changes() {
    let bitext = Bitext::new();
    let text = |first: &str, second: &str| {
        format!(
            "{FRONT_MATTER}# <a name=\"save\"></a>{first}\r\n\r\n* [{second}](a.md)\u{a0}\n\n```\n\t{first}\n"
        )
    };
    let original = text(
        &segment("0a1b2-101", "**저장** ", "**Save** "),
        &segment("0a1b2-102", "열기\n   지금", "Open\n   now"),
    );
    bitext.write("set/deep/a.md", original);
    split(&bitext, "set", &[]).exits(0).says_all("1 document written twice, 0 problems\n");
    let one = |folder: &str| tree(&bitext.path(folder)).into_iter().next().unwrap();
    assert_eq!(one("target"), ("deep/a.md".into(), text("**저장** ", "열기\n   지금").into_bytes()));
    assert_eq!(one("source"), ("deep/a.md".into(), text("**Save** ", "Open\n   now").into_bytes()));
}

#[test]
fn the_fixtures_come_out_without_spans_and_with_their_line_ends() {
    let bitext = Bitext::new();
    let run = split(&bitext, fixture("docs").to_str().unwrap(), &[]);
    run.exits(0).says_all("11 documents written twice, 0 problems\n");
    let targets = tree(&bitext.path("target"));
    let names: Vec<_> = targets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 11, "{names:?}");
    for (name, bytes) in targets.iter().chain(&tree(&bitext.path("source"))) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(!text.contains("data-ttu-id") && !text.contains("sxs-lookup"), "{name}: {text}");
        if name == "toc.yml" {
            assert_eq!(
                *bytes,
                std::fs::read(fixture("docs/toc.yml")).unwrap(),
                "no segments, so nothing to change"
            );
        }
        if name == "reference/fees.md" {
            assert_eq!(text.matches("\r\n").count(), text.matches('\n').count(), "{name}");
        }
    }
    let yaml = targets.iter().find(|(name, _)| name == "tutorial/first-season.yml").unwrap();
    let yaml = std::str::from_utf8(&yaml.1).unwrap();
    assert!(yaml.contains(r#"content: "**요금** 탭에서 \"여름\"을 선택합니다.\n\n- "#), "{yaml}");
}

#[test]
fn a_file_that_is_there_is_not_written_over_unless_asked() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("저장", "Save")]));
    bitext.write("target/a.md", "mine");
    split(&bitext, "set", &[]).exits(2).says("target/a.md").says("--force");
    assert_eq!(std::fs::read_to_string(bitext.path("target/a.md")).unwrap(), "mine");
    split(&bitext, "set", &["--force"]).exits(0).says_all("1 document written twice, 0 problems\n");
    assert!(std::fs::read_to_string(bitext.path("target/a.md")).unwrap().contains("저장"));
}

#[test]
fn one_folder_for_both_halves_is_refused() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("저장", "Save")]));
    bitext
        .run(["split", "set", "--target-dir", "out", "--source-dir", "out"])
        .exits(2)
        .prints_nothing()
        .says("the same folder");
    assert!(!bitext.path("out/a.md").exists());
}

#[test]
fn a_segment_that_cannot_be_read_stays_as_it_is_and_is_a_problem() {
    let bitext = Bitext::new();
    let broken = "<span data-ttu-id=\"0a1b2-102\">혼자</span>";
    bitext.write("set/a.md", format!("{}{broken}\n", document("0a1b2", &[("저장", "Save")])));
    split(&bitext, "set", &[]).exits(0).says("set/a.md:").says("0a1b2-102 has no source");
    for half in ["target", "source"] {
        assert!(std::fs::read_to_string(bitext.path(half).join("a.md")).unwrap().contains(broken));
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_the_named_folders_leads_nothing_out_of_them() {
    let bitext = Bitext::new();
    bitext.write("set/deep/a.md", document("0a1b2", &[("저장", "Save")]));
    bitext.write("elsewhere/kept.md", "kept");
    std::fs::create_dir(bitext.path("target")).unwrap();
    std::os::unix::fs::symlink(bitext.path("elsewhere"), bitext.path("target/deep")).unwrap();
    split(&bitext, "set", &["--force"]).exits(2).says("target/deep");
    assert_eq!(tree(&bitext.path("elsewhere")), [("kept.md".to_owned(), b"kept".to_vec())]);
}

/// An archive of documents with these paths, each with a segment.
fn archive(bitext: &Bitext, name: &str, paths: &[&str]) {
    let mut archive = tar::Builder::new(Vec::new());
    for path in paths {
        let text = document("0a1b2", &[("저장", "Save")]);
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    bitext.write(name, archive.into_inner().unwrap());
}

fn names(bitext: &Bitext, folder: &str) -> Vec<String> {
    tree(&bitext.path(folder)).into_iter().map(|(name, _)| name).collect()
}

#[cfg(unix)]
#[test]
fn a_name_that_is_too_long_or_both_file_and_folder_is_named_and_the_rest_is_written() {
    let bitext = Bitext::new();
    let long = format!("b/{}.md", "long".repeat(70));
    archive(&bitext, "set.tar", &["a.md", &long, "c.md", "c.md/under.md", "d/e.md"]);
    let run = split(&bitext, "set.tar", &[]).exits(2);
    let run = run.says(&format!("target/{long}: cannot be written: File name too long"));
    let run = run.says("target/c.md/under.md: cannot be written: ");
    run.says("3 documents written twice, 2 not written, 2 problems\n");
    assert_eq!(names(&bitext, "target"), ["a.md", "c.md", "d/e.md"]);
    assert_eq!(names(&bitext, "source"), ["a.md", "c.md", "d/e.md"]);
}

#[test]
fn a_second_set_that_cannot_be_split_is_refused_before_the_first_is_written() {
    let bitext = Bitext::new();
    bitext.write("first/a.md", document("0a1b2", &[("저장", "Save")]));
    bitext.write("second/a.md", document("0a1b3", &[("열기", "Open")]));
    bitext.write("third/b.md", document("0a1b4", &[("닫기", "Close")]));
    bitext.write("source/b.md", "mine");
    for (paths, sentence) in [
        (["first", "nowhere"], "cannot read nowhere"),
        (["first", "third"], "source/b.md is there already; --force writes over it"),
        (["first", "second"], "a.md is in first and in second; split them into folders of their own"),
    ] {
        let more = ["--target-dir", "target", "--source-dir", "source"];
        bitext.run(["split"].iter().chain(&paths).chain(&more)).exits(2).prints_nothing().says(sentence);
        assert_eq!(names(&bitext, "target"), [""; 0], "{paths:?}");
        assert_eq!(names(&bitext, "source"), ["b.md"], "{paths:?}");
    }
    let forced = ["split", "first", "second", "--force", "--target-dir", "target", "--source-dir", "source"];
    bitext.run(forced).exits(2).prints_nothing().says("a.md is in first and in second");
}

#[test]
fn a_clean_tree_says_so() {
    let bitext = Bitext::new();
    bitext.write("clean/a.md", "# Save\n");
    split(&bitext, "clean", &[]).exits(1).says("nothing to split in clean: no file with");
}
