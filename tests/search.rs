//! `bitext search`, through the binary.

use crate::support::Bitext;
use crate::support::documents::{FRONT_MATTER, document, segment};
use serde_json::Value;

/// Sentences of a small handbook, target and source.
const HANDBOOK: [(&str, &str); 8] = [
    ("저장", "Save"),
    ("파일을 **저장**합니다.", "**Save** [the file](save.md)."),
    ("résumé를 씁니다.", "Write a résumé."),
    ("Straße로 갑니다.", "Go to the STRASSE."),
    ("`List<string>`을 씁니다.", "Use a `List<string>`."),
    ("<xref:Harbor.Pier>를 봅니다.", "See <xref:Harbor.Pier>."),
    ("재설정합니다.", "Reset the set."),
    ("A &gt; B입니다.", "A &gt; B holds."),
];

fn handbook() -> Bitext {
    let bitext = Bitext::new();
    bitext.write("handbook/all.md", document("aaaaa", &HANDBOOK));
    bitext.import("handbook");
    bitext
}

fn lines(bitext: &Bitext, arguments: &[&str]) -> Vec<Value> {
    let mut all = vec!["search", "--json"];
    all.extend(arguments);
    let run = bitext.run(all);
    let lines = run.json_lines();
    let said = if arguments.contains(&"--limit") { "bitext: the first 1 are shown; …\n" } else { "" };
    run.exits(i32::from(lines.is_empty())).says_all(said);
    lines
}

fn sources(bitext: &Bitext, arguments: &[&str]) -> Vec<String> {
    lines(bitext, arguments).iter().map(|line| line["source"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_phrase_is_found_anywhere_in_any_script() {
    let bitext = handbook();
    for (pattern, expected, why) in [
        ("저장", &["Save", "**Save** [the file](save.md)."][..], "two syllables, within a word, in markup"),
        ("장", &["Save", "**Save** [the file](save.md)."], "one syllable"),
        ("save the file", &["**Save** [the file](save.md)."], "a phrase across markup, in other case"),
        ("save.md", &["**Save** [the file](save.md)."], "an address"),
        ("**save**", &["**Save** [the file](save.md)."], "as it is written"),
        ("resume", &["Write a résumé."], "without its accents"),
        ("RÉSUMÉ", &["Write a résumé."], "with them"),
        ("straße", &["Go to the STRASSE."], "the sharp s"),
        ("list<str", &["Use a `List<string>`."], "generics"),
        ("xref:harbor", &["See <xref:Harbor.Pier>."], "within a code"),
        ("a > b", &["A &gt; B holds."], "an entity as what it stands for"),
        ("&gt;", &["A &gt; B holds."], "and as it is written"),
        ("set", &["Reset the set."], "a part of a word"),
    ] {
        assert_eq!(sources(&bitext, &[pattern]), expected, "{pattern}: {why}");
    }
}

#[test]
fn the_side_the_case_and_the_word_narrow_a_search() {
    let bitext = handbook();
    assert_eq!(sources(&bitext, &["--in", "source", "저장"]), [""; 0]);
    assert_eq!(sources(&bitext, &["--in", "target", "straße"]), ["Go to the STRASSE."]);
    assert_eq!(sources(&bitext, &["--case", "straße", "--in", "source"]), [""; 0]);
    assert_eq!(sources(&bitext, &["--case", "STRASSE"]), ["Go to the STRASSE."]);
    assert_eq!(sources(&bitext, &["--word", "res"]), [""; 0]);
    assert_eq!(sources(&bitext, &["--word", "reset"]), ["Reset the set."]);
    assert_eq!(sources(&bitext, &["--word", "저장", "--in", "target"]), ["Save"]);
    assert_eq!(sources(&bitext, &["--regex", "^Go .* STR"]), ["Go to the STRASSE."]);
    assert_eq!(sources(&bitext, &["--regex", "--case", "^go"]), [""; 0]);
    assert_eq!(sources(&bitext, &["--locale", "ja-JP", "save"]), [""; 0]);
    assert_eq!(sources(&bitext, &["--locale", "ko", "--limit", "1", "save"]), ["Save"]);
}

#[test]
fn places_narrow_a_search_and_are_counted() {
    let bitext = handbook();
    let machine = FRONT_MATTER.replace("HT", "MT").replace("04/23/2019", "05/01/2021");
    for name in ["a", "b"] {
        let text = machine.clone() + &segment("bbbbb-101", "저장", "Save");
        bitext.write(format!("more/docs/{name}.md"), text);
    }
    bitext.import("more");
    let count = |arguments: &[&str]| {
        let all = [&["search", "--count", "--in", "source", "save"], arguments].concat();
        let run = bitext.run(all);
        let nothing = run.stdout() == "0\n";
        run.exits(i32::from(nothing)).says_nothing().stdout().to_owned()
    };
    assert_eq!(count(&[]), "4\n");
    assert_eq!(count(&["--json"]), "{\"segments\":4,\"pairs\":2}\n");
    assert_eq!(count(&["--document", "docs/*"]), "2\n");
    assert_eq!(count(&["--document", "*.md"]), "2\n", "a star stays within a folder");
    assert_eq!(count(&["--document", "**/*.md"]), "4\n");
    assert_eq!(count(&["--workflow", "human"]), "2\n");
    assert_eq!(count(&["--since", "2020-01-01"]), "2\n");
    assert_eq!(count(&["--since", "2022-01-01"]), "0\n");
    let line = &lines(&bitext, &["--workflow", "machine", "save"])[0];
    assert_eq!(
        (&line["segments"], &line["documents"], &line["handoff"]),
        (&2.into(), &2.into(), &"2021-05-01".into())
    );
    assert_eq!((&line["set"], &line["document"]), (&"more".into(), &"docs/a.md".into()));
}

#[test]
fn people_see_the_hits_marked_without_colour_too() {
    let bitext = handbook();
    let run = bitext.run(["search", "the file"]).exits(0);
    let expected = "en-US  **Save** [«the file»](save.md).
ko-KR  파일을 **저장**합니다.
       error link: the link `save.md` is missing  28cb216cab7e
       1 segment in 1 document, human  handbook/all.md aaaaa-102
";
    assert_eq!((run.stdout(), run.stderr()), (expected, ""));
    let run = bitext.run(["search", "--limit", "1", "save"]).exits(0);
    assert_eq!(run.stdout().lines().count(), 3);
    assert!(run.stderr().contains("the first 1 are shown"), "{}", run.stderr());
}

#[test]
fn hits_are_given_in_characters() {
    let bitext = handbook();
    let line = &lines(&bitext, &["저장합"])[0];
    assert_eq!(line["target_hits"], serde_json::json!([[6, 11]]), "the code between is within the hit");
    assert_eq!(line["source_hits"], serde_json::json!([]));
}

#[test]
fn the_order_does_not_depend_on_the_order_of_imports() {
    let (one, other) = (Bitext::new(), Bitext::new());
    let first = document("aaaaa", &HANDBOOK[..4]);
    let second = document("bbbbb", &HANDBOOK[2..]);
    for (bitext, order) in [(&one, ["x", "y"]), (&other, ["y", "x"])] {
        bitext.write("x/a.md", &first);
        bitext.write("y/b.md", &second);
        order.iter().for_each(|set| {
            bitext.import(set);
        });
    }
    let all = |bitext: &Bitext| bitext.run(["search", "--json", "--limit", "0", "s"]).printed();
    assert_eq!(all(&one), all(&other));
    assert!(all(&one).lines().count() >= 5);
}

#[test]
fn nothing_found_is_exit_one_and_mistakes_are_told() {
    let bitext = handbook();
    bitext.run(["search", "nowhere to be found"]).exits(1).prints_nothing().says_nothing();
    for (arguments, part) in [
        (&["search", " "][..], "empty"),
        (&["search", "--regex", "("], "regular expression"),
        (&["search", "--document", "[", "x"], "glob"),
        (&["search", "--since", "yesterday", "x"], "--since"),
        (&["search", "--db", "nowhere.db", "x"], "nowhere.db"),
    ] {
        bitext.run(arguments).exits(2).prints_nothing().says(part);
    }
}

#[test]
fn counts_are_those_of_a_plain_scan_of_all_segments() {
    // Words of every frequency, in texts that repeat: so counts are taken by ranges of ids, by single ones and by whole passes. Many texts
    // are in the memory twice with different translations, and some are superfluous: their document is removed again.
    let word = |number: usize, every: usize, word: &'static str| {
        if number.is_multiple_of(every) { word } else { "a" }
    };
    let texts = |from: usize, to: usize| -> Vec<(String, String)> {
        let pair = |number: usize| {
            let shared = number % 4000;
            let [the, gate, pier] =
                [(2, "the"), (9, "gate"), (611, "pier")].map(|(every, rare)| word(shared, every, rare));
            (
                format!("{} {shared} {}", word(number, 3, "값"), word(number, 1201, "부두")),
                format!("{the} {gate} {pier} {}", shared * shared % 3001),
            )
        };
        (from..to).map(pair).collect()
    };
    let bitext = Bitext::new();
    let write = |name: &str, texts: &[(String, String)]| {
        let pairs: Vec<(&str, &str)> = texts.iter().map(|(target, source)| (&**target, &**source)).collect();
        bitext.write(name, document("ccccc", &pairs));
    };
    write("plain/one.md", &texts(0, 5000));
    write("plain/two.md", &texts(3000, 9000));
    write("plain/gone.md", &texts(8000, 12_000));
    bitext.import("plain");
    std::fs::remove_file(bitext.path("plain/gone.md")).unwrap();
    bitext.run(["import", "plain", "--prune", "--quiet"]).succeeds_silently();

    let segments = bitext.run(["extract", "plain"]).exits(0).says_nothing().json_lines();
    let text = |segment: &Value, field: &str| segment[field].as_str().unwrap().to_owned();
    let segments: Vec<[String; 2]> =
        segments.iter().map(|s| [text(s, "source"), text(s, "target")]).collect();
    for pattern in ["the", "gate", "pier", "값", "부두", "a", "1", "77", "absent"] {
        for (side, sides) in [("source", 0..1), ("target", 1..2), ("both", 0..2)] {
            let matches =
                |segment: &&[String; 2]| segment[sides.clone()].iter().any(|text| text.contains(pattern));
            let found: Vec<&[String; 2]> = segments.iter().filter(matches).collect();
            let pairs: std::collections::HashSet<&[String; 2]> = found.iter().copied().collect();
            let json = format!("{{\"segments\":{},\"pairs\":{}}}\n", found.len(), pairs.len());
            let code = i32::from(found.is_empty());
            for options in [
                &[][..],
                &["--regex"],
                &["--case", "--regex"],
                &["--locale", "en-US"],
                &["--locale", "ko-KR"],
            ] {
                let count = |more: &[&str]| {
                    let run =
                        bitext.run([&["search", "--count", "--in", side, pattern], options, more].concat());
                    run.exits(code).says_nothing().stdout().to_owned()
                };
                assert_eq!(count(&[]), format!("{}\n", found.len()), "{pattern} {side} {options:?}");
                assert_eq!(count(&["--json"]), json, "{pattern} {side} {options:?}");
            }
        }
    }
}
