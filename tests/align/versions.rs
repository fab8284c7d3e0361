//! Which version of the source a translation is aligned with, where the source is in a Git repository.

use crate::support::Bitext;
use crate::support::git::Objects;

/// A document of paragraphs, each about another thing, so that a version has its own numbers and code.
fn document(version: u32, is_english: bool) -> String {
    let paragraph = |number: u32| {
        let (code, count) = (format!("`berth{}`", number * 10 + version), 100 * version + number);
        match is_english {
            true => format!("Ship {count} is in {code}. It leaves the port at noon.\n\n"),
            false => format!("선박 {count} 은 {code} 에 있습니다. 정오에 항구를 떠납니다.\n\n"),
        }
    };
    (1..12).map(paragraph).collect()
}

/// A document with a title and a quote of at most two lines before it.
fn page(lines: [&str; 2], version: u32, is_english: bool) -> Vec<u8> {
    let title = if is_english { "# Port" } else { "# 항구" };
    let quote: Vec<String> =
        lines.iter().filter(|line| !line.is_empty()).map(|line| format!("> {line}\n")).collect();
    format!("{title}\n\n{}\n{}", quote.concat(), document(version, is_english)).into_bytes()
}

/// Commits files, one version after the other, each with its time, and names the last one `main`. Returns the commits.
fn commit_versions<const N: usize>(
    objects: &mut Objects,
    versions: impl IntoIterator<Item = ([(&'static str, Vec<u8>); N], &'static str)>,
) -> Vec<String> {
    let mut commits = Vec::new();
    for (files, time) in versions {
        let files = files.map(|(path, bytes)| (path.to_owned(), bytes));
        let tree = objects.files(&files);
        let parents: Vec<_> = commits.last().copied().into_iter().collect();
        commits.push(objects.commit_with(tree, &parents, time));
    }
    objects.name("refs/heads/main", *commits.last().expect("a version"));
    commits.iter().map(ToString::to_string).collect()
}

#[test]
fn a_translation_is_aligned_with_the_version_of_the_source_that_it_is_of() {
    let bitext = Bitext::new();
    let mut objects = Objects::new();
    let english = |version| document(version, true).into_bytes();
    let korean = |text: &str| format!("{text}# 항구\n\n{}", document(1, false)).into_bytes();
    let heading = |version: u32| [&b"# Port\n\n"[..], &english(version)].concat();
    let file = |path: &str, bytes: Vec<u8>| (path.to_owned(), bytes);
    let tree = |objects: &mut Objects, version: u32, translations: &[(&str, Vec<u8>)]| {
        let names = ["dated.md", "fixed.md", "stated.md"];
        let mut files: Vec<_> =
            names.iter().map(|name| file(&format!("en/{name}"), heading(version))).collect();
        files.extend(translations.iter().map(|(path, bytes)| file(path, bytes.clone())));
        objects.files(&files)
    };
    let first = tree(&mut objects, 1, &[]);
    let first = objects.commit_with(first, &[], "1000");
    let stated = korean(&format!("---\ndefault_lang_commit: {first} # patched\n---\n"));
    let mut translations = vec![("ko/dated.md", korean("")), ("ko/fixed.md", korean(""))];
    let second = tree(&mut objects, 1, &translations);
    let second = objects.commit_with(second, &[first], "2000");
    let third = tree(&mut objects, 2, &translations);
    let third = objects.commit_with(third, &[second], "3000");
    // A change of a translation that is no new translation, and one that states its commit.
    translations[1].1.extend(b"\n<!-- checked -->\n");
    translations.push(("ko/stated.md", stated));
    let fourth = tree(&mut objects, 2, &translations);
    let fourth = objects.commit_with(fourth, &[third], "4000");
    let fifth = tree(&mut objects, 3, &translations);
    let fifth = objects.commit_with(fifth, &[fourth], "5000");
    objects.name("refs/heads/main", fifth);
    objects.write(&bitext.path("docs.git"));
    let align = ["align", "docs.git@main", "--to", "ko-KR"];
    let run = bitext.run(align).exits(0).prints_nothing();
    run.says("1 source document by the commit in its front matter, 2 by its date")
        .says("1 source document in an earlier version than the newest before its translation");
    let sources =
        "select document, source_commit, count(*), min(confidence) > 50 from extracted group by document";
    let expected = ["dated.md", "fixed.md", "stated.md"].map(|name| format!("{name}|{first}|23|1"));
    assert_eq!(bitext.sql(sources), expected);
    // Each source is of the first version.
    assert_eq!(bitext.sql("select count(*) from extracted where source like '%berth11`%'"), ["3"]);
    let again = bitext.run(align).exits(0).prints_nothing().says("0 new, 0 changed, 3 unchanged");
    assert!(!again.stderr().contains("block"), "{}", again.stderr());
    // As it is today.
    let today = [&align[..], &["--this-version", "--db", "today.db", "--quiet"]].concat();
    bitext.run(&today).succeeds_silently();
    let newest = bitext.run(["export", "--db", "today.db", "-f", "jsonl", "--quiet"]).exits(0).says_nothing();
    assert!(newest.json_lines().iter().all(|line| !line["source"].as_str().unwrap().contains("`berth11`")));
}

/// Two translations of a source that got another word in one sentence: one was touched after that, one was translated again.
#[test]
fn a_sentence_that_the_source_got_later_than_its_translation_tells_the_version() {
    let bitext = Bitext::new();
    let mut objects = Objects::new();
    let text = |first: &str, is_english: bool| {
        let rest = document(1, is_english);
        let title = if is_english { "# Port" } else { "# 항구" };
        format!("{title}\n\n{first}\n\n{rest}").into_bytes()
    };
    let old = text("The harbour opens at dawn for all ships.", true);
    let new = text("The harbour opens at noon for all ships.", true);
    let translated = text("항구는 모든 선박을 위해 새벽에 열립니다.", false);
    let again = text("항구는 모든 선박을 위해 정오에 열립니다.", false);
    let touched = [&translated[..], b"\n<!-- checked -->\n"].concat();
    let versions = [
        (&old, &translated, &translated, "1000"),
        (&new, &translated, &translated, "2000"),
        (&new, &touched, &again, "3000"),
    ];
    let files = |(source, one, other, time): (&Vec<u8>, &Vec<u8>, &Vec<u8>, _)| {
        let paths = ["en/again.md", "en/touched.md", "ko/again.md", "ko/touched.md"];
        let texts = [source, source, other, one];
        (std::array::from_fn::<_, 4, _>(|at| (paths[at], texts[at].clone())), time)
    };
    let commits = commit_versions(&mut objects, versions.map(files));
    objects.write(&bitext.path("docs.git"));
    let run = bitext.run(["align", "docs.git@main", "--to", "ko-KR"]).exits(0).prints_nothing();
    run.says("1 source document in an earlier version than the newest before its translation");
    let sources =
        "select document, source_commit, source from extracted where target like '%열립니다%' order by 1";
    let expected = [
        format!("again.md|{}|The harbour opens at noon for all ships.", commits[1]),
        format!("touched.md|{}|The harbour opens at dawn for all ships.", commits[0]),
    ];
    assert_eq!(bitext.sql(sources), expected);
}

/// A translation of an old version, of which one line was updated together with the newest source, and one was added.
#[test]
fn a_sentence_that_was_updated_later_has_the_source_of_its_own_version() {
    let bitext = Bitext::new();
    let mut objects = Objects::new();
    let address = |name: &str, is_english: bool| match is_english {
        true => format!("More information: <https://{name}.example/port>."),
        false => format!("더 많은 정보: <https://{name}.example/port>."),
    };
    let english = |version, name: &str, note| page([note, &address(name, true)], version, true);
    let korean = |name: &str, note| page([note, &address(name, false)], 1, false);
    // The body of the translation stays that of the first version.
    let versions = [
        (english(1, "old", ""), korean("old", ""), "1000"),
        (english(2, "old", ""), korean("old", ""), "2000"),
        (english(2, "new", "See also: `harbour`."), korean("old", ""), "3000"),
        (english(2, "new", "See also: `harbour`."), korean("new", "참고 항목: `harbour`."), "4000"),
    ];
    let files = |(source, target, time)| ([("en/page.md", source), ("ko/page.md", target)], time);
    let commits = commit_versions(&mut objects, versions.map(files));
    objects.write(&bitext.path("docs.git"));
    let align =
        ["align", "docs.git@main", "--to", "ko-KR", "--explain", "rows.jsonl", "--review", "page.html"];
    bitext.run(align).exits(0).prints_nothing().says("1 source document in an earlier version");
    let pairs = "select source || '|' || target from extracted where target glob '*정보*' or target glob '*참고*' order by line";
    let expected = ["See also: `harbour`.|참고 항목: `harbour`.".to_owned(), {
        let both = [true, false].map(|is_english| address("new", is_english));
        both.join("|")
    }];
    assert_eq!(bitext.sql(pairs), expected);
    // The others are of the first version, which is that of the document.
    assert_eq!(bitext.sql("select count(*) from extracted where source like '%berth11`%'"), ["1"]);
    assert_eq!(bitext.sql("select distinct source_commit from extracted"), [commits[0].clone()]);
    // What is written beside the memory has the same pairs.
    let read = |name: &str| std::fs::read_to_string(bitext.path(name)).unwrap();
    let rows = read("rows.jsonl");
    assert_eq!(rows.lines().count().to_string(), bitext.sql("select count(*) from extracted")[0]);
    assert_eq!(rows.matches("new.example").count(), 2);
    assert!(!read("page.html").contains("old.example"));
}

/// A translation that follows the source, but for a sentence that is still that of the first version, and for an address that nobody shortened.
#[test]
fn a_sentence_that_was_not_updated_has_the_source_of_its_own_version() {
    let bitext = Bitext::new();
    let mut objects = Objects::new();
    let early = "The quay opens early for all ships.";
    let long = "Read more: <https://port.example/times#summer>.";
    let first = page([early, long], 1, true);
    let second = page(["The quay opens for all ships.", "Read more: <https://port.example/times>."], 2, true);
    let quay = "부두는 모든 선박을 위해 일찍 열립니다.";
    let korean = page([quay, "더 많은 정보: <https://port.example/times#summer>."], 1, false);
    let updated = page([quay, "더 읽기: <https://port.example/times#summer>."], 2, false);
    let versions = [(&first, &korean, "1000"), (&second, &korean, "2000"), (&second, &updated, "3000")];
    let files = |(source, target, time): (&Vec<u8>, &Vec<u8>, _)| {
        ([("en/page.md", source.clone()), ("ko/page.md", target.clone())], time)
    };
    let commits = commit_versions(&mut objects, versions.map(files));
    objects.write(&bitext.path("docs.git"));
    bitext
        .run(["align", "docs.git@main", "--to", "ko-KR"])
        .exits(0)
        .prints_nothing()
        .says("25 pairs of 25 sentences");
    let pairs = "select source from extracted where line in (3, 4) order by line";
    assert_eq!(bitext.sql(pairs), [early, long]);
    assert_eq!(bitext.sql("select distinct source_commit from extracted"), [commits[1].clone()]);
    assert_eq!(bitext.sql("select count(*) from extracted where source like '%berth12`%'"), ["1"]);
}
