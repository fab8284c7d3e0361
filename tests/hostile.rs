//! Documents and names made to do harm. Archives: see `archives.rs`.

use std::fs;

use crate::support::documents::{FRONT_MATTER, document, segment};
use crate::support::{Bitext, DIFFICULT_PROBLEM, fixture};

/// Characters that move the cursor, colour, hide or turn what stands around them. Line breaks and tabs are layout.
fn harmful(text: &str) -> Vec<char> {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|&c| (c.is_control() && c != '\n' && c != '\t') || turns(c)).collect()
}

#[test]
fn imported_text_reaches_a_terminal_without_its_controls() {
    let bitext = Bitext::new();
    let evil = "Berth \u{1b}[31mred\u{1b}]0;title\u{7} \u{202e}gnp.pam\u{202c} \u{9b}2J map";
    bitext
        .write("set/a.md", document("0a1b2", &[("선석 \u{1b}[2J\u{202e}지도\u{7}", evil), ("둘", "Second")]));
    bitext.run(["import", "set", "--set", "na\u{1b}[31mme\u{202e}", "-q"]).succeeds_silently();
    for (code, arguments) in [
        (0, &["search", "Berth"][..]),
        (0, &["search", "Second"]),
        (2, &["search", "--regex", "\u{1b}[31m("]),
        (1, &["search", "\u{1b}[31mnothing like it"]),
        (0, &["query", evil, "--to", "ko-KR", "--explain"]),
        (1, &["query", "Berth red title map", "--to", "ko-KR", "--min", "30"]),
        (1, &["query", "\u{1b}[31mnothing like it"]),
        (2, &["query", "x", "--db", "no\u{1b}[31mwhere.db"]),
        (0, &["stats"]),
        (2, &["import", "no\u{1b}[31mwhere"]),
    ] {
        let run = bitext.run(arguments).exits(code);
        assert!(harmful(run.stdout()).is_empty(), "{arguments:?}: {:?}", run.stdout());
        assert!(harmful(run.stderr()).is_empty(), "{arguments:?}: {:?}", run.stderr());
    }
    // JSON is data: escaped as JSON does, and whole.
    let run = bitext.run(["query", evil, "--to", "ko-KR", "--json"]).exits(0).says_nothing();
    assert!(run.stdout().contains("\\u001b[31mred"), "{}", run.stdout());
}

#[cfg(unix)]
#[test]
fn names_of_files_reach_a_terminal_without_their_controls() {
    let bitext = Bitext::new();
    let broken = format!("{FRONT_MATTER}<span data-ttu-id=\"0a1b2-101\">혼자</span>\n");
    let line = "b\nforged.md:1: everything is fine.md";
    for name in ["a\u{1b}[31m.md", line, "c\u{202e}dm.md"] {
        bitext.write(format!("set/{name}"), &broken);
    }
    bitext.write("set/good.md", document("0a1b2", &[("저장", "Save")]));
    for (command, printed) in [("extract", "\"document\":\"good.md\""), ("import", "")] {
        let run = bitext.run([command, "set"]).exits(0).prints(printed);
        assert!(harmful(run.stderr()).is_empty(), "{command}: {:?}", run.stderr());
        assert!(!run.stderr().lines().any(|line| line.starts_with("forged")), "{command}: {}", run.stderr());
    }
}

#[test]
fn text_is_never_sql() {
    let bitext = Bitext::new();
    let text = "'; drop table unit; -- \" ` [x] %_\\ \u{0} end";
    bitext.write("set/a.md", document("0a1b2", &[(text, text), ("따옴표", "quote ' quote")]));
    bitext.import("set");
    bitext.run(["search", "'; drop table"]).exits(0).says_nothing().prints("«'; drop table» unit; -- ");
    bitext.run(["search", "%_\\"]).exits(0).says_nothing().prints("«%_\\»");
    bitext.run(["query", "quote ' quote", "--json"]).exits(0).says_nothing().prints("따옴표");
    assert_eq!(bitext.sql("select count(*) from unit"), ["2"]);
    assert_eq!(
        bitext
            .sql("select count(*) from extracted where source = target and length(cast(source as blob)) = 38")
            .len(),
        1
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_tree_only_and_a_loop_is_named() {
    use std::os::unix::fs::symlink;
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save")]);
    bitext.write("set/deep/a.md", &text);
    bitext.write("outside/secret.md", &text);
    symlink(bitext.path("outside"), bitext.path("set/out")).unwrap();
    symlink(bitext.path("outside/secret.md"), bitext.path("set/secret.md")).unwrap();
    symlink("../..", bitext.path("set/deep/up")).unwrap();
    symlink("..", bitext.path("set/deep/loop")).unwrap();
    symlink("nowhere", bitext.path("set/broken.md")).unwrap();
    let run = bitext.run(["extract", "set"]).exits(0).says("loop");
    let documents: Vec<_> =
        run.json_lines().iter().map(|line| line["document"].as_str().unwrap().to_owned()).collect();
    assert_eq!(documents, ["deep/a.md"], "{}", run.stderr());
    bitext.run(["import", "set", "--strict"]).exits(2).prints_nothing().says("loop");
    bitext.run(["import", "set"]).exits(0).prints_nothing().says("set/deep/loop: a link loop");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_a_problem_and_the_rest_is_imported() {
    use std::os::unix::fs::PermissionsExt;
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save")]);
    bitext.write("set/open/a.md", &text);
    bitext.write("set/closed/b.md", &text);
    let closed = bitext.path("set/closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&closed).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let run = bitext.run(["import", "set"]).exits(0).says("set/closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(run.stderr().contains("problem"), "{}", run.stderr());
    assert_eq!(bitext.sql("select path from document"), ["open/a.md"]);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_only_long() {
    let bitext = Bitext::new();
    let mut text = document("0a1b2", &[("저장", "Save")]);
    let long = "so long ".repeat(100 << 17);
    text += &long;
    text += &segment("0a1b2-102", "끝", "End");
    bitext.write("set/long.md", &text);
    bitext.write("set/next.md", document("0a1b3", &[("다음", "Next")]));
    let run = bitext.run(["extract", "set"]).exits(0).says_nothing();
    let sources: Vec<_> = run.json_lines().iter().map(|line| line["source"].clone()).collect();
    assert_eq!(sources, ["Save", "End", "Next"]);
    bitext.run(["import", "set", "--quiet"]).succeeds_silently();
    assert_eq!(bitext.sql("select count(*) from segment"), ["3"]);
}

/// Each would take hours where the work grows with the square of the length.
#[test]
fn a_hundred_thousand_openings_are_read_in_no_time() {
    let bitext = Bitext::new();
    let times = 100_000;
    for (segments, problems, name, text) in [
        (0, times + 1, "opened.md", "<span data-ttu-id=\"0a1b2-101\">".repeat(times)),
        (
            0,
            times + 1,
            "half.md",
            "<span data-ttu-id=\"0a1b2-101\">가</span><span class=\"sxs-lookup\">".repeat(times),
        ),
        (1, 0, "spans.md", segment("0a1b2-101", &"<span>".repeat(times), &"<span>".repeat(times))),
        (1, 0, "closed.md", segment("0a1b2-101", "가", &"</span></span>".repeat(times))),
        (0, 2, "sources.md", {
            let other = "</span><span class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-102\">".repeat(times);
            format!("<span data-ttu-id=\"0a1b2-101\">{other}")
        }),
        (
            1,
            0,
            "list.md",
            format!("---\nno-loc: [{}\n---\n", "[\"a".repeat(times)) + &segment("0a1b2-101", "가", "A"),
        ),
        (
            1,
            0,
            "keys.yml",
            format!("no-loc:\n{}", "title: \"\n".repeat(times)) + &segment("0a1b2-101", "가", "A"),
        ),
    ] {
        let began = std::time::Instant::now();
        bitext.write(format!("set/{name}"), text);
        let run = bitext.run(["extract", &format!("set/{name}"), "--target-locale", "ko-KR"]).exits(0);
        assert!(began.elapsed().as_secs() < 20, "{name}: {:?}", began.elapsed());
        // A segment that is whole is printed; what is not is a problem. The last line says that there is no segment.
        let found = (run.json_lines().len(), run.stderr().lines().count());
        assert_eq!(found, (segments, problems), "{name}");
    }
}

#[test]
fn a_set_with_nothing_to_import_says_where_to_look_instead() {
    let bitext = Bitext::new();
    bitext.write("clean/a.md", "# Save\n");
    fs::create_dir(bitext.path("empty")).unwrap();
    for set in ["clean", "empty"] {
        let run = bitext.run(["import", set]).exits(1).prints_nothing();
        run.says(&format!(
            "nothing to import in {set}: no file with side-by-side spans; is this a clean branch? the side-by-side one is \
             usually called live-sxs"
        ));
    }
}

#[test]
fn the_difficult_fixtures_pass_through_everything() {
    let bitext = Bitext::new();
    bitext
        .run(["import".as_ref(), fixture("difficult").as_os_str()])
        .exits(0)
        .prints_nothing()
        .says(DIFFICULT_PROBLEM);
    let export = bitext.run(["export", "--to", "ko-KR"]).exits(0);
    let export = export.says("characters that XML cannot hold left out");
    // XML 1.0 has no room for the controls below U+0020 but these, not even written as references.
    let forbidden = |c: &char| matches!(*c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert_eq!(export.stdout().chars().filter(forbidden).collect::<String>(), "");
    assert!(!export.stdout().contains("&#"), "a reference would be refused as well");
    bitext.run(["stats"]).exits(0).says_nothing().prints("difficult  en-US > ko-KR ");
}
