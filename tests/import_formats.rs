//! `bitext import` of what `bitext export` writes, and of what other tools write in the same formats.

use std::fs;
use std::io::Write as _;

use crate::support::documents::document;
use crate::support::{Bitext, dump, fixture, integrity, rows};

/// Texts that a format can lose: what it escapes, what ends a line or a field, and what a terminal or a spreadsheet obeys.
const HARD: [(&str, &str); 12] = [
    ("저장 \"x\"\t'y'", "Save \"x\",\t'y'"),
    ("=cmd|' /C calc'!A0", "=1+1"),
    ("'-2", "-2"),
    ("\u{1b}[31m빨강\u{1b}[0m\u{7}", "\u{1b}[31mred\u{1b}[0m\u{7}"),
    ("שלום \u{202e}abc\u{202c}", "Hello \u{202e}cba\u{202c}"),
    ("😀 𝒳 \u{10ffff}", "😀 𝒳 \u{e0041}"),
    ("a\rb \u{85} \u{2028}c", "a\rb \u{85} \u{2028}c"),
    ("&lt;b&gt; ]]> <x/>", "&amp; ]]> <x/>"),
    ("\\n \\\\ \\\" \\033", "\\n \\\\ \\\" \\033"),
    ("#, fuzzy", "msgid \"x\""),
    ("{\"source\": 1}", "[\"a\", null]"),
    ("같음", "Same"),
];

/// A memory with the fixtures, hard texts, an id that occurs twice, and names of documents that are hard.
fn memory() -> Bitext {
    let bitext = Bitext::new();
    let docs = fixture("docs");
    let docs = docs.to_str().unwrap();
    // A build without `html` reads no rendered pages.
    bitext.run(["import", "-q", docs, "--exclude", "**/*.html"]).succeeds_silently();
    let twice = document("0b", &[("하나", "One"), ("둘", "Two")]).replace("0b-102", "0b-101");
    bitext.write("hard set/a b/c#d, \"e\".md", document("0a1b2", &HARD));
    bitext.write("hard set/twice.md", twice);
    let missing = document("0c", &[("", "No target"), ("셋", "Three"), ("넷", "Four"), ("", "")]);
    bitext.write("hard set/missing.md", missing.replace("ms.translationtype: HT\n", ""));
    let run = bitext.run(["import", "hard set", "-q"]).exits(0).prints_nothing();
    run.says("0b-101").says("0c-101 has an empty target");
    bitext
}

/// Exports the memory `from`, imports that into the memory `to`, and exports it again. Returns both exports.
fn round_trip(bitext: &Bitext, [from, to]: [&str; 2], name: &str, locale: &[&str]) -> [Vec<u8>; 2] {
    let export = |memory: &str, name: &str| {
        let export = ["export", "--untranslated", "keep", "-q", "--db", memory, "-o", name];
        let run = bitext.run(export.iter().chain(locale)).exits(0).prints_nothing();
        assert!(run.stderr().is_empty(), "{}", run.stderr());
        fs::read(bitext.path(name)).unwrap()
    };
    let first = export(from, name);
    bitext.run(["import", "-q", "--db", to, name]).succeeds_silently();
    let again = bitext.run(["import", "--json", "--db", to, name]).exits(0).says_nothing();
    let counts = again.json();
    for count in ["documents_new", "documents_changed", "segments", "units_new", "problems"] {
        assert_eq!(counts[count], 0, "{name}: {count}");
    }
    assert_ne!(counts["documents_unchanged"], 0, "{name}");
    assert_eq!(integrity(&bitext.path(to)), "ok");
    [first, export(to, &format!("again.{name}"))]
}

#[test]
fn a_format_with_all_fields_comes_back_byte_by_byte() {
    let bitext = memory();
    let mut names = vec!["all.jsonl", "all.tsv", "all.csv", "all.jsonl.gz", "all.CSV.zst"];
    if cfg!(feature = "parquet") {
        names.push("all.parquet");
    }
    for name in names {
        let to = format!("{name}.db");
        let [first, second] = round_trip(&bitext, ["bitext.db", &to], name, &[]);
        assert!(first == second, "{name}");
        // What the memory holds is the same too, apart from the hashes of the documents.
        let extracted = |memory: &str| {
            let rows =
                rows(&bitext.path(memory), "select * from extracted where source != '' and target != ''");
            rows.into_iter()
                .map(|row| row.split('|').skip(3).collect::<Vec<_>>().join("|"))
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(extracted("bitext.db"), extracted(&to), "{name}");
    }
}

#[test]
fn xliff_and_po_come_back_byte_by_byte() {
    let bitext = memory();
    for name in ["all.xlf", "all.po"] {
        let to = format!("{name}.db");
        for locale in ["ko-KR", "ja-JP"] {
            let name = format!("{locale}.{name}");
            let [first, second] = round_trip(&bitext, ["bitext.db", &to], &name, &["--to", locale]);
            assert!(first == second, "{name}");
        }
    }
    let stored = |memory: &str| {
        rows(
            &bitext.path(memory),
            "select document_set.name, path, workflow, handoff, source_hash, source_commit, file_id, title, description, no_loc
             from document join document_set on document_set.id = set_id
             where target_locale_id in (select id from locale where name in ('ko-KR', 'ja-JP')) order by 1, 2",
        )
    };
    assert_eq!(stored("all.xlf.db"), stored("bitext.db"), "XLIFF holds the front matter");
}

#[test]
fn each_file_of_a_folder_of_xliff_is_its_document_again() {
    let bitext = memory();
    bitext.run(["export", "-f", "xliff", "-o", "out/", "-q", "--untranslated", "keep"]).succeeds_silently();
    let files = crate::support::tree(&bitext.path("out"));
    let names: Vec<String> = files.iter().map(|(name, _)| format!("out/{name}")).collect();
    let import = ["import", "-q", "--db", "new.db"].map(str::to_owned).into_iter().chain(names);
    bitext.run(import).succeeds_silently();
    let lines = |memory: &str| {
        let export = ["export", "-f", "jsonl", "-q", "--untranslated", "keep", "--db", memory];
        bitext.run(export).exits(0).says_nothing().stdout().to_owned()
    };
    assert_eq!(lines("new.db"), lines("bitext.db"));
}

#[cfg(feature = "parquet")]
#[test]
fn partitions_of_a_parquet_state_their_columns() {
    let bitext = memory();
    let export =
        ["export", "-f", "parquet", "--partition-by", "set,workflow,target_locale", "-o", "hive/", "-q"];
    bitext.run(export.iter().chain(&["--untranslated", "keep"])).succeeds_silently();
    let files = crate::support::tree(&bitext.path("hive"));
    assert!(files.len() > 3);
    let names = files.into_iter().map(|(name, _)| format!("hive/{name}"));
    bitext
        .run(["import", "-q", "--db", "new.db"].map(str::to_owned).into_iter().chain(names))
        .succeeds_silently();
    let lines = |memory: &str| {
        let export = ["export", "-f", "jsonl", "-q", "--untranslated", "keep", "--db", memory];
        bitext.run(export).exits(0).says_nothing().stdout().to_owned()
    };
    assert_eq!(lines("new.db"), lines("bitext.db"));
}

#[test]
fn a_corpus_comes_back_line_by_line() {
    let bitext = memory();
    let export = |memory: &str, name: &str| {
        bitext
            .run(["export", "-f", "moses", "-q", "--untranslated", "keep", "--db", memory, "-o", name])
            .exits(0)
            .prints_nothing()
            .says("");
        ["en-US", "ko-KR"]
            .map(|locale| fs::read_to_string(bitext.path(format!("{name}.en-US-ko-KR.{locale}"))).unwrap())
    };
    let first = export("bitext.db", "one");
    let halves = ["one.en-US-ko-KR.en-US", "one.en-US-ko-KR.ko-KR"];
    bitext.run(["import", "-q", "--db", "new.db", halves[1], halves[0]]).succeeds_silently();
    assert_eq!(export("new.db", "two"), first);
    let named = rows(&bitext.path("new.db"), "select distinct \"set\", document from extracted");
    assert_eq!(named, ["one.en-US-ko-KR|one.en-US-ko-KR"]);
}

#[test]
fn what_a_tmx_states_of_each_segment_comes_back_from_json_lines() {
    let bitext = memory();
    bitext.run(["export", "-o", "all.tmx", "-q", "--untranslated", "keep"]).succeeds_silently();
    bitext.run(["import", "-q", "--db", "tmx.db", "all.tmx"]).succeeds_silently();
    let [first, second] = round_trip(&bitext, ["tmx.db", "lines.db"], "tmx.jsonl", &[]);
    assert!(first == second);
    let text = String::from_utf8(first).unwrap();
    for workflow in ["\"human\"", "\"machine\"", "null"] {
        assert!(text.contains(&format!("\"workflow\":{workflow}")), "{workflow}");
    }
    let both = "select document, workflow from origin join document on document.id = document_id
                group by 1, 2 having count(*) > 0";
    let both =
        both.replace("select document,", "select path,").replace(", workflow from", ", origin.workflow from");
    assert!(rows(&bitext.path("lines.db"), &both).len() > 2);
}

#[test]
fn rows_of_a_document_that_lie_apart_are_one_document() {
    let bitext = memory();
    let run = bitext.run(["export", "-f", "jsonl", "-q", "--untranslated", "keep"]).exits(0).says_nothing();
    let mut lines: Vec<&str> = run.stdout().lines().collect();
    let counted = "select \"set\", document, target_locale, count(*) from extracted where source != '' and target != '' group by 1, 2, 3 order by 1, 2, 3";
    lines.sort_by_key(|line| line.len());
    bitext.write("apart.jsonl", lines.join("\n"));
    bitext.run(["import", "-q", "--db", "apart.db", "apart.jsonl"]).succeeds_silently();
    assert_eq!(rows(&bitext.path("apart.db"), counted), bitext.sql(counted));
    // If one of them is damaged, nobody knows which documents have lost a segment.
    bitext.write("apart.jsonl", lines[1..].join("\n") + "\n{");
    let run = bitext.run(["import", "--db", "apart.db", "apart.jsonl", "--json"]).exits(2);
    let run = run
        .says("the file ends inside this line")
        .says("docs/berths/book-a-berth.md is damaged; the memory keeps");
    assert_eq!((&run.json()["documents_changed"], &run.json()["documents_new"]), (&0.into(), &0.into()));
    assert_eq!(rows(&bitext.path("apart.db"), counted), bitext.sql(counted));
}

#[test]
fn a_set_can_be_named_and_two_documents_of_one_name_stay_two() {
    let bitext = Bitext::new();
    let row = |set: &str, document: &str, source: &str, target: &str| {
        format!(
            "{{\"set\":\"{set}\",\"document\":\"{document}\",\"source_locale\":\"{source}\",\"target_locale\":\"{target}\",\
             \"source\":\"a\",\"target\":\"b\",\"later\":[1],\"superseded\":null}}\n"
        )
    };
    let lines = [
        row("one", "a.md", "en-US", "ko-KR"),
        row("two", "a.md", "en-US", "ko-KR"),
        row("one", "a.md", "en-US", "ja-JP"),
        row("one", "a.md", "fr-FR", "ja-JP"),
        row("one", "b\\\\c.md", "en-US", "ko-KR"),
    ];
    bitext.write("a.jsonl", lines.concat());
    bitext.import("a.jsonl");
    let documents =
        "select \"set\", document, source_locale, target_locale from extracted order by 1, 2, 3, 4";
    assert_eq!(
        bitext.sql(documents),
        [
            "one|a.md|en-US|ja-JP",
            "one|a.md|en-US|ko-KR",
            "one|a.md#fr-FR|fr-FR|ja-JP",
            "one|b/c.md|en-US|ko-KR",
            "two|a.md|en-US|ko-KR"
        ]
    );
    bitext.run(["import", "-q", "a.jsonl", "--set", "all", "--db", "all.db"]).succeeds_silently();
    let named = rows(&bitext.path("all.db"), documents);
    assert_eq!(
        named,
        [
            "all|a.md|en-US|ja-JP",
            "all|a.md|en-US|ko-KR",
            "all|b/c.md|en-US|ko-KR",
            "all|one/a.md|fr-FR|ja-JP",
            "all|two/a.md|en-US|ko-KR"
        ]
    );
}

#[test]
fn a_file_replaces_its_documents_in_their_locale_and_no_others() {
    let bitext = Bitext::new();
    let po = |language: &str, target: &str| {
        format!("msgid \"\"\nmsgstr \"Language: {language}\\n\"\n\nmsgid \"Save\"\nmsgstr \"{target}\"\n")
    };
    bitext.write("ko/app.po", po("ko", "저장"));
    bitext.write("de/app.po", po("de", "Speichern"));
    bitext.run(["import", "-q", "ko/app.po", "de/app.po"]).succeeds_silently();
    bitext.write("de/app.po", po("de", "Sichern"));
    let run = bitext.run(["import", "ko/app.po", "de/app.po", "--json"]).exits(0).says_nothing();
    assert_eq!(
        (&run.json()["documents_changed"], &run.json()["documents_unchanged"]),
        (&1.into(), &1.into())
    );
    let texts = "select document, target_locale, target from extracted order by 2";
    assert_eq!(bitext.sql(texts), ["app.po|de|Sichern", "app.po|ko|저장"]);
    // Two files of one name and locale: the second would replace the first.
    bitext.write("other/app.po", po("de", "Ablegen"));
    let run = bitext.run(["import", "-q", "de/app.po", "other/app.po"]).exits(0).prints_nothing();
    run.says_all("other/app.po: app/app.po is in an earlier file of this import; that one counts\n");
    // A file without a translation any more.
    bitext.write(
        "ko/app.po",
        "msgid \"\"\nmsgstr \"Language: ko\\n\"\n\n#, fuzzy\nmsgid \"Save\"\nmsgstr \"저장\"\n",
    );
    let run = bitext.run(["import", "--json", "ko/app.po", "--set", "ko"]).exits(1);
    let run = run.says_all("bitext: ko/app.po: left out: 1 fuzzy\n");
    assert_eq!(
        (&run.json()["segments_left_out"], &run.json()["documents_without_segments"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn a_po_file_of_another_tool_is_one_document() {
    let bitext = Bitext::new();
    let po = "# Translators\nmsgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: app\\n\"\n\"Language: pt_BR\\n\"\n\
              \"Content-Type: text/plain; charset=ISO-8859-1\\n\"\n\n\
              #. of the menu\n#: src/a.c:7 src/b.c:9\nmsgctxt \"menu\"\nmsgid \"\"\n\"Save\\n\"\n\"all\"\nmsgstr \"Salvar tudo\"\n\n\
              #: src/b.c:10\n#, c-format\nmsgid \"%d apple\"\nmsgid_plural \"%d apples\"\nmsgstr[0] \"%d ma\u{e7}\u{e3}\"\n\
              msgstr[1] \"%d ma\u{e7}\u{e3}s\"\n\n#, fuzzy\n#| msgid \"Opens\"\nmsgid \"Open\"\nmsgstr \"Abrir\"\n\n\
              msgid \"Quit\"\nmsgstr \"\"\n\n#~ msgid \"Old\"\n#~ msgstr \"Velho\"\n";
    bitext.write("app.po", po.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>());
    let run = bitext.run(["import", "app.po"]).exits(0).prints_nothing();
    run.says_all(
        "bitext: app.po: left out: 1 untranslated, 1 fuzzy, 1 obsolete\n\
         documents: 1 new, 0 changed, 0 unchanged, 0 removed, 0 without segments\n\
         3 segments, 3 units new, 0 removed, 0 problems in …",
    );
    let rows = bitext.sql("select \"set\", document, number, source_locale, target_locale, source, target from extracted order by position");
    assert_eq!(
        rows,
        [
            "app|app.po|1|en-US|pt-BR|Save all|Salvar tudo",
            "app|app.po|2|en-US|pt-BR|%d apple|%d maçã",
            "app|app.po|3|en-US|pt-BR|%d apples|%d maçãs"
        ]
    );
}

#[test]
fn an_xliff_file_of_another_tool_names_its_documents() {
    let bitext = Bitext::new();
    let xliff = "<?xml version=\"1.0\"?>\n<xliff version=\"1.2\" xmlns=\"urn:oasis:names:tc:xliff:document:1.2\">\
        <file original=\"src\\ui\\main.html\" source-language=\"en\" target-language=\"de\" datatype=\"html\"><header><note>x</note></header><body>\
        <trans-unit id=\"1\"><source>Press <g id=\"1\">OK</g> <x id=\"2\" equiv-text=\"{{n}}\"/></source>\
        <target state=\"final\"><g id=\"1\">OK</g> drücken <x id=\"2\" equiv-text=\"{{n}}\"/></target>\
        <alt-trans><source>no</source><target>nein</target></alt-trans></trans-unit>\
        <trans-unit id=\"2\"><source>New</source><target state=\"new\">New</target></trans-unit>\
        <trans-unit id=\"3\"><source><x id=\"1\"/></source><target><x id=\"1\"/></target></trans-unit></body></file>\
        <file original=\"b.html\" source-language=\"en\" target-language=\"de\" datatype=\"html\"><body>\
        <trans-unit id=\"1\"><source>Yes</source><target>Ja</target></trans-unit></body></file></xliff>\n";
    bitext.write("kit.xlf", xliff);
    bitext.run(["import", "kit.xlf", "-q"]).succeeds_silently();
    let rows = "select \"set\", document, source_locale, target_locale, source, target from extracted order by document, position";
    assert_eq!(
        bitext.sql(rows),
        ["kit|b.html|en|de|Yes|Ja", "kit|src/ui/main.html|en|de|Press OK {{n}}|OK drücken {{n}}"]
    );
    let run = bitext.run(["import", "kit.xlf", "--json"]).exits(0);
    let run = run.says_all("bitext: kit.xlf: left out: 1 untranslated, 1 without a source text\n");
    assert_eq!(run.json()["documents_unchanged"], 2);
}

#[test]
fn tables_need_a_source_and_a_target() {
    let bitext = Bitext::new();
    let texts = |bitext: &Bitext| {
        bitext.sql("select document, line, source, target from extracted order by document, position")
    };
    bitext.write("named.csv", "\u{feff}note,Target,Source,fuzzy\r\n\"a\nb\",저장,Save,\r\n,열기,\"Open, now\",True\r\n,닫기,Close,False\r\n");
    bitext.write("two.tsv", "\"Save\" it\t\"저장\"\r\nOpen\t\nClose\t닫기");
    let run =
        bitext.run(["import", "named.csv", "two.tsv", "--target-locale", "ko-KR"]).exits(0).prints_nothing();
    run.says("bitext: named.csv: left out: 1 fuzzy\n").says("bitext: two.tsv: left out: 1 untranslated\n");
    assert_eq!(
        texts(&bitext),
        [
            "named.csv|2|Save|저장",
            "named.csv|5|Close|닫기",
            "two.tsv|1|\"Save\" it|\"저장\"",
            "two.tsv|3|Close|닫기"
        ]
    );
    bitext.write("other.csv", "id,text\n1,Save\n");
    bitext.write("wide.csv", "en,ko,note\nSave,저장,x\n");
    bitext.write("empty.csv", "");
    let run = bitext
        .run(["import", "-q", "wide.csv", "empty.csv", "--target-locale", "ko-KR"])
        .exits(1)
        .prints_nothing();
    run.says_all(
        "wide.csv:1: the first line names no columns \"source\" and \"target\", and has 3 columns; name them there, or leave only \
         these two in the table\n",
    );
}

#[test]
fn without_a_target_locale_the_file_is_named_and_nothing_of_it_is_kept() {
    let bitext = Bitext::new();
    for (name, text) in [
        ("a.po", "msgid \"Save\"\nmsgstr \"저장\"\n"),
        ("a.tsv", "Save\t저장\n"),
        ("a.jsonl", "{\"source\": \"Save\", \"target\": \"저장\"}\n"),
    ] {
        bitext.write(name, text);
        let run = bitext.run(["import", "-q", name]).exits(1).prints_nothing();
        run.says_all(&format!(
            "{name}:1: the file does not state the locale of the translations; name it with --target-locale; nothing of the file \
             is kept\n"
        ));
        bitext.run(["import", "-q", name, "--target-locale", "ko-KR"]).succeeds_silently();
    }
    assert_eq!(bitext.sql("select count(*) from extracted where target_locale = 'ko-KR'"), ["3"]);
}

#[test]
fn a_corpus_is_two_files() {
    let bitext = Bitext::new();
    bitext.write("c.en", "Save\r\n\nOpen\n");
    bitext.write("c.ko", "저장\n빈\n열기\n");
    bitext.write("c.de.gz", {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all("Speichern\n\nÖffnen".as_bytes()).unwrap();
        gzip.finish().unwrap()
    });
    let run = bitext
        .run(["import", "c.ko", "c.en", "c.de.gz", "--target-locale", "ko-KR"])
        .exits(0)
        .prints_nothing();
    run.says("bitext: c.en: left out: 1 untranslated\n").says("2 new");
    let rows = "select \"set\", document, source_locale, target_locale, source, target from extracted order by 4, position";
    assert_eq!(
        bitext.sql(rows),
        [
            "c|c|en-US|de|Save|Speichern",
            "c|c|en-US|de|Open|Öffnen",
            "c|c|en-US|ko-KR|Save|저장",
            "c|c|en-US|ko-KR|Open|열기"
        ]
    );
    for paths in [&["c.ko"][..], &["c.ko", "c.de.gz"], &["c.en", "d.ko"]] {
        let run = bitext.run(["import", "--format", "moses"].iter().chain(paths)).exits(2).prints_nothing();
        run.says("is half of a corpus; name two files that differ in their last ending, the locale: NAME.en-US and NAME.TARGET");
    }
    // One half is longer: nobody knows which lines are missing.
    bitext.write("c.ko", "저장\n열기\n");
    let run =
        bitext.run(["import", "c.en", "c.ko", "-q", "--target-locale", "ko-KR"]).exits(2).prints_nothing();
    run.says_all(
        "c.en:3: the file of the target texts ends here, and the other one does not; the 1 segment before it are read\n\
         c.en: c/c is damaged; the memory keeps the earlier version; repair the file and import it again\n",
    );
    assert_eq!(bitext.sql(rows).len(), 4);
}

#[test]
fn of_a_file_that_is_cut_off_the_whole_documents_are_stored_and_the_others_kept() {
    let bitext = Bitext::new();
    let row = |document: &str, number: u32, target: &str| {
        format!(
            "{{\"set\":\"s\",\"document\":\"{document}\",\"id\":\"0a-{number}\",\"target_locale\":\"ko-KR\",\"source\":\"{number}\",\
             \"target\":\"{target}\"}}\n"
        )
    };
    let file = |target: &str| -> String {
        ["a", "b", "c"]
            .iter()
            .flat_map(|document| [row(document, 1, target), row(document, 2, target)])
            .collect()
    };
    let targets = "select document, number, target from extracted order by document, position";
    bitext.write("a.jsonl", file("old"));
    bitext.import("a.jsonl");
    let changed = file("new");
    let at = changed.match_indices('\n').nth(2).unwrap().0 + 30;
    bitext.write("a.jsonl", &changed[..at]);
    let run = bitext.run(["import", "a.jsonl", "-q", "--strict"]).exits(2).prints_nothing();
    run.says("a.jsonl:4: the file ends inside this line")
        .says("a.jsonl: the file is damaged; nothing of it is kept\n");
    assert!(bitext.sql(targets).iter().all(|row| row.ends_with("old")));
    let run = bitext
        .run(["import", "a.jsonl", "--json"])
        .exits(2)
        .says("a.jsonl:4: the file ends inside this line");
    let run = run.says("a.jsonl: s/b is damaged; the memory keeps the earlier version");
    let json = run.json();
    assert_eq!((&json["documents_changed"], &json["documents_kept"]), (&1.into(), &1.into()));
    assert_eq!(bitext.sql(targets), ["a|1|new", "a|2|new", "b|1|old", "b|2|old", "c|1|old", "c|2|old"]);
    // A new document is stored as far as it can be read.
    bitext.run(["import", "a.jsonl", "-q", "--db", "new.db"]).exits(0).prints_nothing().says("a.jsonl:4: ");
    assert_eq!(rows(&bitext.path("new.db"), targets), ["a|1|new", "a|2|new", "b|1|new"]);
    // A line that is no JSON may be what is left of several: of the documents before and after it.
    let bad = file("newer").replacen(&row("b", 2, "newer"), "{\"set\n", 1);
    bitext.write("a.jsonl", bad);
    let run = bitext.run(["import", "a.jsonl", "-q"]).exits(2).prints_nothing();
    run.says("a.jsonl:4: it is not a JSON object").says("s/b is damaged").says("s/c is damaged");
    assert_eq!(bitext.sql(targets)[..2], ["a|1|newer", "a|2|newer"]);
}

#[test]
fn a_fault_is_named_with_its_line() {
    let bitext = Bitext::new();
    let header = "msgid \"\"\nmsgstr \"Language: ko\\n\"\n\n";
    let xliff = |unit: &str| {
        format!(
            "<xliff version=\"2.0\" srcLang=\"en\" trgLang=\"ko\">\n<file id=\"f\">\n{unit}\n</file></xliff>"
        )
    };
    let zeros = "\0".repeat(100);
    for (name, bytes, says) in [
        ("a.jsonl", b"{\"source\": \"\xff\"}\n".to_vec(), "a.jsonl:1: not UTF-8; convert the file to UTF-8"),
        (
            "a.jsonl",
            b"\n{\"source\": 7, \"target\": \"b\"}".to_vec(),
            "a.jsonl:2: it is not the JSON object of a segment: invalid type",
        ),
        (
            "a.jsonl",
            b"{\"target\": \"b\", \"target_locale\": \"ko\"}".to_vec(),
            "a.jsonl:1: a segment without \"source\" and \"target\"",
        ),
        (
            "a.jsonl",
            b"{\"source\": \"a\", \"target\": \"b\", \"target_locale\": \"?\"}".to_vec(),
            "a.jsonl:1: \"?\" is not a locale",
        ),
        (
            "a.csv",
            b"source,target,target_locale\na,b\n".to_vec(),
            "a.csv:2: a row of 2 columns, where the table has 3",
        ),
        ("a.csv", b"source,target\n\"a,b\n".to_vec(), "a.csv:2: a row of 1 column, where the table has 2"),
        ("a.tsv", b"source\ttarget\na\t\xff\n".to_vec(), "a.tsv:2: not UTF-8"),
        (
            "a.po",
            format!("{header}msgid \"a\nmsgstr \"b\"\n").into_bytes(),
            "a.po:4: a string without the quotation mark at its end",
        ),
        (
            "a.po",
            format!("{header}msgid \"a\"\n").into_bytes(),
            "a.po:4: the file ends inside the message that begins here",
        ),
        ("a.po", format!("{header}{zeros}\n").into_bytes(), "a.po:4: a block of zero bytes"),
        (
            "a.po",
            b"msgid \"\"\nmsgstr \"charset=UTF-7\\n\"".to_vec(),
            "a.po:1: the file is in the encoding \"UTF-7\", which cannot be read",
        ),
        (
            "a.xlf",
            xliff("<unit><segment></source></segment></unit>").into_bytes(),
            "a.xlf:3: the XML is damaged",
        ),
        (
            "a.xlf",
            xliff("<unit><segment><source>&x;</source></segment></unit>").into_bytes(),
            "a.xlf:3: &x; is not defined",
        ),
        (
            "a.xlf",
            b"<!DOCTYPE xliff [<!ENTITY x \"y\">]><xliff/>".to_vec(),
            "a.xlf:1: the file declares entities of its own",
        ),
        ("a.xlf", b"<tmx version=\"1.4\"/>".to_vec(), "a.xlf:1: <tmx> where an XLIFF file has <xliff>"),
        #[cfg(feature = "parquet")]
        ("a.parquet", b"PAR1 nothing".to_vec(), "a.parquet: "),
    ] {
        bitext.write(name, bytes);
        let run = bitext.run(["import", "-q", name, "--target-locale", "ko"]).exits(1).prints_nothing();
        run.says(says);
        let run =
            bitext.run(["import", "-q", name, "--target-locale", "ko", "--strict"]).exits(2).prints_nothing();
        run.says(says);
    }
    assert_eq!(bitext.sql("select count(*) from document"), ["0"]);
}

#[test]
fn a_file_that_is_cut_anywhere_replaces_no_document_by_a_part_of_it() {
    let bitext = memory();
    bitext.run(["export", "-o", "all.jsonl", "-q"]).succeeds_silently();
    bitext.run(["import", "-q", "all.jsonl", "--db", "whole.db"]).succeeds_silently();
    let whole = dump(&bitext.path("whole.db"));
    let mut names = vec!["a.jsonl", "a.csv", "a.tsv", "a.po", "a.xlf"];
    if cfg!(feature = "parquet") {
        names.push("a.parquet");
    }
    for name in names {
        bitext.run(["export", "-o", name, "-q", "--to", "ko-KR"]).succeeds_silently();
        let bytes = fs::read(bitext.path(name)).unwrap();
        for part in 1..8 {
            let mut at = bytes.len() * part / 8 + part;
            // A part that ends after a whole line or object does not show that it is one.
            while matches!(bytes[at - 1], b'\n' | b'}') {
                at += 1;
            }
            bitext.write(format!("cut.{name}"), &bytes[..at]);
            // The documents that are whole in the part are the same, so nothing may change but what the format does not hold.
            fs::copy(bitext.path("whole.db"), bitext.path("cut.db")).unwrap();
            let run = bitext.run(["import", "-q", "--db", "cut.db", &format!("cut.{name}")]);
            let (code, said) = (run.code(), run.stderr().to_owned());
            run.prints_nothing();
            assert!(code <= 2 && !said.contains("panicked"), "{name} {at}: {said}");
            let lost = "select count(*) from extracted";
            let [before, after] = ["whole.db", "cut.db"].map(|memory| rows(&bitext.path(memory), lost));
            assert_eq!(before, after, "{name} cut at {at}: {said}");
        }
    }
    assert_eq!(dump(&bitext.path("whole.db")), whole);
}

#[test]
fn the_format_can_be_named_and_folders_are_document_sets() {
    let bitext = Bitext::new();
    bitext.write("a.txt", "{\"source\": \"Save\", \"target\": \"저장\", \"target_locale\": \"ko-KR\"}\n");
    bitext.run(["import", "-q", "--format", "jsonl", "a.txt"]).succeeds_silently();
    assert_eq!(bitext.sql("select \"set\", document from extracted"), ["a|a.txt"]);
    bitext
        .run(["import", "-q", "--format", "tmx", "a.txt", "--db", "tmx.db"])
        .exits(1)
        .prints_nothing()
        .says("a.txt: line 2: ");
    bitext.run(["import", "--format", "docx", "a.txt"]).exits(2).prints_nothing().says("xliff");
    bitext
        .run(["import", "--prune", "--format", "jsonl", "a.txt"])
        .exits(2)
        .prints_nothing()
        .says("--prune is for folders");
    bitext.run(["import", "missing.po"]).exits(2).prints_nothing().says("cannot read missing.po");
    bitext.write("set/a.po", "msgid \"a\"\nmsgstr \"b\"\n");
    bitext.run(["import", "set"]).exits(1).prints_nothing().says("nothing to import in set");
    let run = bitext
        .run(["import", "--dry-run", "--json", "a.txt", "-f", "jsonl", "--db", "no.db"])
        .exits(0)
        .says_nothing();
    assert_eq!(run.json()["documents_new"], 1);
    assert!(!bitext.path("no.db").exists());
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_names_the_feature() {
    let bitext = Bitext::new();
    bitext.write("a.parquet", "PAR1");
    let run = bitext.run(["import", "a.parquet"]).exits(2).prints_nothing();
    run.says("cannot read a.parquet: this build cannot read Parquet; build it with the feature \"parquet\"");
}

#[cfg(target_os = "linux")]
mod bounds {
    use super::*;

    #[test]
    fn a_document_that_is_larger_than_the_memory_is_stored_part_by_part() {
        let bitext = Bitext::new();
        let text = "word ".repeat(150);
        let (mut source, mut target) = (String::new(), String::new());
        for number in 0..60_000 {
            source += &format!("{number} {text}\n");
            target += &format!("{} {text}\n", number % 7);
        }
        bitext.write("c.en-US", source);
        bitext.write("c.ko-KR", target);
        // The index of the texts needs most of it.
        let run = bitext.limited_memory(450, ["import", "c.en-US", "c.ko-KR"]).exits(0).prints_nothing();
        run.says("60,000 segments");
        assert_eq!(bitext.sql("select count(*), max(position) from segment"), ["60000|59999"]);
    }

    #[test]
    fn what_is_too_long_is_left_out_or_ends_the_file() {
        let bitext = Bitext::new();
        let long = "a".repeat((1 << 20) + 1);
        let longer = "a".repeat(40 << 20);
        let row = |source: &str| format!("{{\"source\":\"{source}\",\"target\":\"b\"}}\n");
        bitext.write("a.jsonl", [row(&long), row(&longer), row("Save")].concat());
        bitext.write("a.po", format!("msgid \"{long}\"\nmsgstr \"b\"\n\nmsgid \"Save\"\nmsgstr \"b\"\n"));
        bitext.write(
            "b.po",
            format!("msgid \"a\"\nmsgstr \"\"\n{}", format!("\"{}\"\n", &longer[..1 << 20]).repeat(80)),
        );
        bitext.write("a.csv", format!("source,target\nSave,b\n\"open,c\n{longer}\n{longer}"));
        let import = |name: &str| {
            bitext.limited_memory(330, ["import", "-q", "--target-locale", "ko", name]).prints_nothing()
        };
        import("a.jsonl").exits(0).says_all(
            "a.jsonl:1: a text of 1048577 bytes; a segment with more than 1 MiB is left out\n\
             a.jsonl:2: a line of 41943066 bytes; one of more than 16 MiB is left out\n",
        );
        import("a.po")
            .exits(0)
            .says_all("a.po:1: a text of 1048577 bytes; a segment with more than 1 MiB is left out\n");
        import("b.po").exits(1).says_all("b.po:66: a message of more than 64 MiB\n");
        import("a.csv").exits(0).says_all(
            "a.csv:3: a row of more than 16 MiB; is a quotation mark without its partner in it?; the 1 segment before it are read\n",
        );
        assert_eq!(
            bitext.sql("select document, source from extracted order by 1"),
            ["a.csv|Save", "a.jsonl|Save", "a.po|Save"]
        );
        let unit = format!("<unit><segment><source>{}</source></segment></unit>", &longer[..2 << 20]);
        bitext.write(
            "a.xlf",
            format!(
                "<xliff version=\"2.0\" srcLang=\"en\" trgLang=\"ko\">\n<file id=\"f\">{unit}</file></xliff>"
            ),
        );
        let run = bitext
            .limited_memory(330, ["import", "-q", "a.xlf", "--max-document", "1MiB"])
            .exits(1)
            .prints_nothing();
        run.says("a.xlf:2: a unit of more than 1 MiB; --max-document SIZE reads larger ones");
    }
}

#[test]
fn versions_of_a_document_stay_versions() {
    let bitext = Bitext::new();
    let row = |document: &str, source: &str, version: &str| {
        format!(
            "{{\"document\":\"{document}\",\"set\":\"s\",\"id\":\"0a-1\",\"number\":1,\"kind\":\"sentence\",\"line\":3,\"source_locale\":\"en-US\",\
             \"target_locale\":\"ko-KR\",\"source\":\"{source}\",\"target\":\"가\",\"workflow\":null,\"source_hash\":null,\
             \"source_commit\":null,\"handoff\":null,\"file_id\":null{version}}}\n"
        )
    };
    let version = |digit: &str, day: u32| {
        format!(",\"commit\":\"{}\",\"committed\":\"2024-01-{day:02}T10:11:12Z\"", digit.repeat(40))
    };
    let superseded = ",\"superseded\":\"2024-01-09T00:00:00Z\"";
    let lines = [
        row("a.md", "New", &version("a", 9)),
        row("a.md", "Old", &(version("b", 3) + superseded)),
        row("b.md", "Other", ""),
    ];
    bitext.write("all.jsonl", lines.concat());
    bitext.import("all.jsonl");
    let mut names = vec!["two.jsonl"];
    if cfg!(feature = "parquet") {
        names.push("two.parquet");
    }
    for name in names {
        let [first, second] = round_trip(&bitext, ["bitext.db", &format!("{name}.db")], name, &[]);
        assert!(first == second, "{name}");
        if name.ends_with("jsonl") {
            assert_eq!(String::from_utf8(first).unwrap(), lines.concat());
        }
    }
    // A new current version leaves the superseded one.
    bitext.write("all.jsonl", row("a.md", "Newer", &version("c", 11)));
    bitext.import("all.jsonl");
    let sources = "select source from extracted order by 1";
    assert_eq!(bitext.sql(sources), ["Newer", "Old", "Other"]);
    bitext.write("wrong.jsonl", row("a.md", "New", ",\"commit\":\"xyz\",\"superseded\":\"today\""));
    let run = bitext.run(["import", "-q", "wrong.jsonl"]).exits(0).prints_nothing();
    run.says_all(
        "wrong.jsonl:1: \"today\" is not a time, YYYY-MM-DDThh:mm:ssZ; the segment is without it\n\
         wrong.jsonl:1: \"xyz\" is not the id of a commit; the segment is without it\n",
    );
}

#[cfg(feature = "git")]
#[test]
fn the_history_of_a_branch_replaces_what_an_export_has_of_it() {
    let bitext = Bitext::new();
    let bundle = fixture("history.bundle");
    let bundle = bundle.to_str().unwrap();
    let import = |db: &str| {
        bitext.run(["import", "--history", "--quiet", "--db", db, bundle]).exits(0).succeeds_silently();
    };
    let export = |db: &str| {
        bitext.run(["export", "-f", "jsonl", "--history", "-q", "--db", db]).exits(0).says_nothing().printed()
    };
    import("a.db");
    let segments = export("a.db");
    fs::write(bitext.path("segments.jsonl"), &segments).unwrap();
    bitext.run(["import", "segments.jsonl", "-q", "--db", "b.db"]).succeeds_silently();
    assert_eq!(export("b.db"), segments);
    import("b.db");
    assert_eq!(export("b.db"), segments);
    for (format, name) in [("po", "segments.po"), ("xliff", "segments.xlf")] {
        let export = |db: &str| {
            bitext
                .run(["export", "-f", format, "--history", "-q", "--db", db])
                .exits(0)
                .says_nothing()
                .printed()
        };
        let (segments, copy) = (export("a.db"), format!("{format}.db"));
        bitext.write(name, &segments);
        bitext.run(["import", name, "-q", "--db", &copy]).succeeds_silently();
        assert!(export(&copy) == segments, "{format}");
        let superseded = "select document, source, target, workflow, \"commit\", superseded from extracted
                          where superseded is not null order by 1, 2, 3";
        let [first, second] = ["a.db", &copy].map(|db| rows(&bitext.path(db), superseded));
        assert_eq!(first, second, "{format}");
        assert_eq!(first.len(), 4);
    }
}
