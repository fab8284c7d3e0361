//! `bitext export` in the formats that hold segments, each read back by a program that was not written here: Python's own
//! library, gettext, and, where they are installed, the readers of Parquet and XLIFF that people use. What is not installed
//! is said, and skipped. `BITEXT_PYTHON` names a Python that has them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::support::documents::document;
use crate::support::{Bitext, fixture};
use serde_json::Value;

fn fixtures() -> Bitext {
    let bitext = Bitext::new();
    bitext.import(fixture("docs"));
    bitext
}

/// The rows that `extract` prints for the fixtures, in an order of their own.
fn extracted(bitext: &Bitext) -> Vec<Value> {
    sorted(bitext.run(["extract".as_ref(), fixture("docs").as_os_str()]).exits(0).says_nothing().json_lines())
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(|row| (row["document"].to_string(), row["line"].as_u64(), row["id"].to_string()));
    rows
}

/// Runs a Python program with arguments. `None`, and says so, where there is no Python or a module it needs is missing.
fn python(bitext: &Bitext, modules: &[&str], program: &str, arguments: &[&str]) -> Option<Value> {
    let python = std::env::var("BITEXT_PYTHON").unwrap_or_else(|_| "python3".into());
    let imports: String = modules.iter().map(|module| format!("import {module}\n")).collect();
    let run = |program: &str| {
        Command::new(&python)
            .arg("-c")
            .arg(program)
            .args(arguments)
            .current_dir(bitext.path(""))
            .output()
            .ok()
    };
    if !run(&imports).is_some_and(|output| output.status.success()) {
        eprintln!("skipped: {python} has no {}", modules.join(", "));
        return None;
    }
    let output = run(&format!("import json, sys\n{imports}{program}"))?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn json_lines_are_what_extract_prints() {
    let bitext = fixtures();
    let run = bitext.run(["export", "-f", "jsonl", "--untranslated", "keep", "-q"]).exits(0).says_nothing();
    assert_eq!(sorted(run.json_lines()), extracted(&bitext));
}

#[test]
fn tables_are_read_by_pythons_csv() {
    let bitext = fixtures();
    for (format, delimiter) in [("csv", ","), ("tsv", "\t")] {
        let name = format!("out.{format}");
        bitext.run(["export", "-q", "--untranslated", "keep", "-o", &name]).succeeds_silently();
        let program = "rows = list(csv.DictReader(open(sys.argv[1], encoding='utf-8', newline=''), delimiter=sys.argv[2]))\n\
                       json.dump(rows, sys.stdout)";
        let Some(rows) = python(&bitext, &["csv"], program, &[&name, delimiter]) else { return };
        let texts = |rows: Vec<Value>| -> Vec<[Value; 4]> {
            rows.into_iter()
                .map(|row| ["document", "id", "source", "target"].map(|key| row[key].clone()))
                .collect()
        };
        let mut read = texts(rows.as_array().unwrap().clone());
        let mut expected = texts(extracted(&bitext));
        read.sort_by_key(|row| format!("{row:?}"));
        expected.sort_by_key(|row| format!("{row:?}"));
        assert_eq!(read, expected, "{format}");
    }
}

#[test]
fn moses_files_are_aligned_line_by_line_for_each_pair_of_locales() {
    let bitext = fixtures();
    let run = bitext.run(["export", "-f", "moses", "-o", "corpus", "--json"]).exits(0).prints_nothing();
    let summary: Value = serde_json::from_str(run.stderr()).unwrap();
    let mut lines = 0;
    for target in ["ko-KR", "ja-JP", "zh-CN"] {
        let side = |locale: &str| {
            let text =
                std::fs::read_to_string(bitext.path(format!("corpus.en-US-{target}.{locale}"))).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let (source, translated) = (side("en-US"), side(target));
        assert_eq!(source.len(), translated.len());
        assert!(source.iter().chain(&translated).all(|line| !line.trim().is_empty()));
        lines += source.len();
    }
    assert_eq!(summary["segments"], lines);
    // The pairs are those of the JSON lines.
    let pairs =
        bitext.run(["export", "-f", "jsonl", "-q", "--to", "ja-JP"]).exits(0).says_nothing().json_lines();
    let source = std::fs::read_to_string(bitext.path("corpus.en-US-ja-JP.en-US")).unwrap();
    assert!(pairs.iter().zip(source.lines()).all(|(pair, line)| pair["source"] == line));
}

#[test]
fn markup_can_be_left_out_of_a_corpus() {
    let bitext = Bitext::new();
    bitext.write(
        "set/a.md",
        document("0a", &[("**저장** `x`", "**Save** `x`"), ("[열기](a.md)", "[Open](a.md)")]),
    );
    bitext.import("set");
    bitext.run(["export", "-f", "moses", "-o", "c.gz", "--inline", "strip", "-q"]).succeeds_silently();
    let bytes = std::fs::read(bitext.path("c.en-US-ko-KR.en-US.gz")).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
    assert_eq!(text, "Save x\nOpen\n");
}

#[test]
fn a_cell_that_a_spreadsheet_would_run_is_as_written_unless_it_is_to_be_guarded() {
    let bitext = Bitext::new();
    let texts = [
        ("=cmd|' /C calc'!A0", "=1+1"),
        ("+저장", "-2"),
        ("@SUM(1)", "\u{ff1d}1"),
        ("'x'", "a=b"),
        ("저장, \"x\"", "Save"),
    ];
    bitext.write("set/-a.md", document("0a", &texts));
    bitext.import("set");
    let cells = |arguments: &[&str], delimiter| {
        let run = bitext.run(arguments).exits(0);
        assert!(!run.stderr().contains("problem"), "{}", run.stderr());
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(run.stdout().as_bytes());
        let rows = reader.records().map(|row| row.unwrap());
        rows.map(|row| (row[0].to_owned(), row[8].to_owned(), row[9].to_owned())).collect::<Vec<_>>()
    };
    let whole: Vec<_> = texts
        .iter()
        .map(|(target, source)| ("-a.md".into(), source.to_string(), target.to_string()))
        .collect();
    let guard = |text: &str| format!("'{text}");
    let mut guarded = whole.clone();
    guarded.iter_mut().for_each(|row| row.0 = guard("-a.md"));
    for row in &mut guarded[..3] {
        (row.1, row.2) = (guard(&row.1), guard(&row.2));
    }
    for (format, delimiter) in [("csv", b','), ("tsv", b'\t')] {
        for command in [&["export", "-f", format][..], &["extract", "set", "--format", format]] {
            assert_eq!(cells(command, delimiter), whole, "{command:?}");
            let safe: Vec<&str> = command.iter().copied().chain(["--excel-safe"]).collect();
            assert_eq!(cells(&safe, delimiter), guarded, "{command:?}");
        }
    }
    for command in ["export --excel-safe", "export -f po --excel-safe", "extract set --excel-safe"] {
        bitext.run(command.split(' ')).exits(2).prints_nothing().says("--excel-safe is for tables");
    }
}

#[test]
fn a_character_that_xml_cannot_hold_in_the_metadata_of_xliff_is_counted() {
    let bitext = Bitext::new();
    let text = document("0a", &[("저장 \u{1b}", "Save")]).replace("제목", "\"\u{1}제목\u{2}\"");
    bitext.write("set/a.md", text);
    bitext.import("set");
    for output in ["out.xlf", "out/"] {
        let run = bitext.run(["export", "-f", "xliff", "-o", output]).exits(0).prints_nothing();
        run.says("2 characters that XML cannot hold left out");
    }
}

#[test]
fn a_po_file_is_compiled_and_read_by_gettext() {
    let bitext = Bitext::new();
    let texts = [("저장 \"x\"\\n", "Save \"x\" \\n"), ("열기", "Open"), ("\u{b}닫기", "Close\u{7f}\t!")];
    bitext.write("my set/a b.md", document("0a", &texts));
    bitext.write("my set/c.md", document("0b", &[("저장하기", "Open")]));
    bitext.import("my set");
    bitext.run(["export", "-o", "out.po", "-q"]).succeeds_silently();
    let checked = Command::new("msgfmt")
        .args(["--check", "--verbose", "-o", "out.mo", "out.po"])
        .env("LC_ALL", "C")
        .current_dir(bitext.path(""))
        .output();
    let Ok(checked) = checked else {
        eprintln!("skipped: no msgfmt");
        return;
    };
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success() && said.contains("4 translated messages"), "{said}");
    let program = "t = gettext.GNUTranslations(open('out.mo', 'rb'))\n\
                   json.dump([t.pgettext('my set/a b.md#0a-102', 'Open'), t.pgettext('my set/c.md#0b-101', 'Open'), \
                   t.pgettext('my set/a b.md#0a-101', 'Save \"x\" \\\\n'), t.pgettext('my set/a b.md#0a-103', 'Close\\x7f\\t!')], sys.stdout)";
    let Some(read) = python(&bitext, &["gettext"], program, &[]) else { return };
    assert_eq!(read, serde_json::json!(["열기", "저장하기", "저장 \"x\"\\n", "닫기"]));
}

#[test]
fn a_control_character_in_a_po_file_is_read_by_gettext_and_by_polib_and_what_neither_holds_is_counted() {
    let bitext = Bitext::new();
    let characters = ('\0'..='\u{9f}').chain(['\u{2028}', '\u{202e}', '\u{feff}']);
    // Line feeds are folded in documents.
    let characters: Vec<char> =
        characters.filter(|c| c.is_control() && *c != '\n' || *c > '\u{9f}').collect();
    let texts: Vec<(String, String)> =
        characters.iter().map(|c| (format!("저{c}장\\{c}033"), format!("Sa{c}ve\\{c}033"))).collect();
    let texts: Vec<_> = texts.iter().map(|(target, source)| (target.as_str(), source.as_str())).collect();
    bitext.write("set/a.md", document("0a", &texts));
    bitext.import("set");
    let run = bitext.run(["export", "-o", "out.po"]).exits(0).prints_nothing();
    // NUL and U+0004, twice in a source and twice in its translation.
    run.says("8 characters that PO cannot hold left out");
    let kept = |text: &str| text.replace(['\0', '\u{4}'], "");
    let expected: Vec<String> = texts.iter().map(|(target, _)| kept(target)).collect();

    let program = "json.dump([e.msgstr for e in polib.pofile('out.po')], sys.stdout)";
    if let Some(read) = python(&bitext, &["polib"], program, &[]) {
        assert_eq!(read, serde_json::json!(expected));
    }
    let compiled =
        Command::new("msgfmt").args(["-o", "out.mo", "out.po"]).current_dir(bitext.path("")).output();
    let Ok(compiled) = compiled else {
        eprintln!("skipped: no msgfmt");
        return;
    };
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let program = "t = gettext.GNUTranslations(open('out.mo', 'rb'))\n\
                   json.dump([v for k, v in sorted(t._catalog.items()) if k], sys.stdout)";
    let Some(read) = python(&bitext, &["gettext"], program, &[]) else { return };
    assert_eq!(read, serde_json::json!(expected));
}

#[test]
fn xliff_has_a_file_for_each_document_and_its_segments_in_order() {
    let bitext = fixtures();
    bitext
        .run(["export", "-o", "out.xlf", "--to", "ko-KR", "-q", "--untranslated", "keep"])
        .succeeds_silently();
    let program = "import xml.etree.ElementTree as E\n\
        n = '{urn:oasis:names:tc:xliff:document:2.0}'\nroot = E.parse('out.xlf').getroot()\n\
        assert root.tag == n + 'xliff' and root.get('version') == '2.1', root.attrib\n\
        rows = []\n\
        for f in root:\n\
        \x20 assert f.tag == n + 'file' and f[0].tag == n + 'notes'\n\
        \x20 for u in f[1:]:\n\
        \x20   assert [c.tag for c in u] == [n + 'notes', n + 'segment'], u\n\
        \x20   rows.append({'document': f.get('original'), 'id': u.get('id'), 'state': u[1].get('state'),\n\
        \x20     'source': u[1].find(n + 'source').text, 'target': u[1].find(n + 'target').text})\n\
        json.dump([root.get('srcLang'), root.get('trgLang'), rows], sys.stdout)";
    let Some(read) = python(&bitext, &["xml.etree.ElementTree"], program, &[]) else { return };
    assert_eq!((&read[0], &read[1]), (&"en-US".into(), &"ko-KR".into()));
    let expected: Vec<Value> = bitext
        .run(["export", "-f", "jsonl", "--to", "ko-KR", "-q", "--untranslated", "keep"])
        .exits(0)
        .says_nothing()
        .json_lines();
    let rows = read[2].as_array().unwrap();
    assert_eq!(rows.len(), expected.len());
    for (row, line) in rows.iter().zip(&expected) {
        for key in ["document", "id", "source", "target"] {
            assert_eq!(row[key], line[key]);
        }
        assert_eq!(row["state"], if line["workflow"] == "human" { "final" } else { "translated" });
    }
    bitext.run(["export", "-f", "xliff", "-q"]).exits(2).prints_nothing().says("one pair of locales");
}

#[test]
fn xliff_is_read_by_translate_toolkit() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a", &[("저장 \u{1}<b>", "Save &amp; <b>"), ("열기", "Open")]));
    bitext.import("set");
    bitext.run(["export", "-o", "out.xlf", "-q"]).succeeds_silently();
    let program = "s = translate.storage.xliff2.Xliff2File.parsefile('out.xlf')\n\
                   json.dump([[u.source, u.target] for u in s.units], sys.stdout)";
    let Some(read) = python(&bitext, &["translate.storage.xliff2"], program, &[]) else { return };
    assert_eq!(read[1], serde_json::json!(["Open", "열기"]));
    assert_eq!(read[0][0], "Save &amp; <b>");
}

#[test]
fn into_a_folder_xliff_goes_document_by_document_and_never_out_of_it() {
    let bitext = fixtures();
    bitext.run(["export", "-f", "xliff", "-o", "out/", "-q"]).succeeds_silently();
    let files = crate::support::tree(&bitext.path("out"));
    let documents = bitext.sql("select distinct target_locale || '/' || \"set\" || '/' || document || '.xlf' from extracted order by 1");
    assert_eq!(files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), documents);
    let hostile = Bitext::new();
    hostile.write("set/a.md", document("0a", &[("저장", "Save")]));
    hostile.run(["import", "set", "--set", "../../up", "-q"]).succeeds_silently();
    hostile.run(["export", "-f", "xliff", "-o", "out/", "-q"]).succeeds_silently();
    let names: Vec<_> =
        crate::support::tree(&hostile.path("out")).into_iter().map(|(name, _)| name).collect();
    let up = "_~ee7fc388";
    assert_eq!(names, [format!("ko-KR/{up}/{up}/up/a.md.xlf")]);
}

#[test]
fn a_name_that_turns_the_reading_direction_is_replaced_in_a_folder_and_no_two_documents_become_one_file() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a", &[("저장", "Save")]));
    bitext.import("set");
    // Names that a file system refuses come from archives and TMX; here they are written into the memory.
    for (number, path) in ["c\u{202e}dm.md", "c_dm.md", "d?.md", "d*.md"].iter().enumerate() {
        bitext.write(format!("set/b{number}.md"), document(&format!("0b{number}"), &[("열기", path)]));
    }
    bitext.import("set");
    let connection = rusqlite::Connection::open(bitext.path("bitext.db")).unwrap();
    for (number, path) in ["c\u{202e}dm.md", "c_dm.md", "d?.md", "d*.md"].iter().enumerate() {
        let changed = connection
            .execute("update document set path = ?1 where path = ?2", [path, &*format!("b{number}.md")])
            .unwrap();
        assert_eq!(changed, 1);
    }
    drop(connection);
    bitext.run(["export", "-f", "xliff", "-o", "out/", "-q"]).succeeds_silently();
    let files = crate::support::tree(&bitext.path("out"));
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(names.contains(&"ko-KR/set/c_dm.md.xlf"), "{names:?}");
    assert!(names.iter().all(|name| !name.contains(['\u{202e}', '?', '*'])), "{names:?}");
}

/// Reads a Parquet file or a folder of them as one table, with each reader that is there.
fn parquet(bitext: &Bitext, place: &str) -> Vec<(&'static str, Vec<Value>)> {
    let pattern = if place.ends_with('/') { format!("{place}**/*.parquet") } else { place.to_owned() };
    let readers = [
        (
            "duckdb",
            "t = duckdb.sql(f\"select * exclude handoff, handoff::varchar as handoff from read_parquet('{sys.argv[2]}', hive_partitioning = true)\")\n\
                    json.dump([dict(zip(t.columns, row)) for row in t.fetchall()], sys.stdout)",
        ),
        (
            "polars",
            "t = polars.read_parquet(sys.argv[2], hive_partitioning='*' in sys.argv[2])\n\
                    json.dump(t.with_columns(polars.col('handoff').cast(str)).to_dicts(), sys.stdout)",
        ),
        (
            "pyarrow.parquet",
            "import pyarrow.dataset as d\n\
                    t = d.dataset(sys.argv[1], format='parquet', partitioning='hive').to_table()\n\
                    json.dump(t.to_pylist(), sys.stdout, default=str)",
        ),
    ];
    readers
        .into_iter()
        .filter_map(|(module, program)| {
            let rows = python(bitext, &[module], program, &[place, &pattern])?;
            Some((module, rows.as_array().unwrap().clone()))
        })
        .collect()
}

#[test]
fn parquet_is_read_as_one_table_whole_or_in_partitions() {
    let bitext = fixtures();
    bitext.run(["export", "-o", "out.parquet", "-q", "--untranslated", "keep"]).succeeds_silently();
    bitext
        .run([
            "export",
            "-f",
            "parquet",
            "--partition-by",
            "target_locale,workflow",
            "-o",
            "hive/",
            "-q",
            "--untranslated",
            "keep",
        ])
        .succeeds_silently();
    assert!(bitext.path("hive/target_locale=ja-JP/workflow=machine/segments.parquet").exists());
    let expected = extracted(&bitext);
    for (reader, rows) in ["out.parquet", "hive/"].into_iter().flat_map(|place| parquet(&bitext, place)) {
        let rows = sorted(rows);
        assert_eq!(rows.len(), expected.len(), "{reader}");
        for (row, line) in rows.iter().zip(&expected) {
            for (key, value) in line.as_object().unwrap() {
                assert_eq!(&row[key], value, "{reader}: {key} of {row}");
            }
        }
        let mut terms: BTreeMap<String, usize> = BTreeMap::new();
        for row in &rows {
            row["no_loc"]
                .as_array()
                .into_iter()
                .flatten()
                .for_each(|term| *terms.entry(term.to_string()).or_default() += 1);
        }
        assert!(!terms.is_empty(), "{reader}: no list of terms came through");
    }
    bitext
        .run(["export", "-f", "parquet", "--partition-by", "set", "-o", "hive/"])
        .exits(2)
        .prints_nothing()
        .says("is not empty");
}

#[test]
fn every_format_is_the_same_twice_and_holds_a_tmxs_segments_too() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a", &[("저장", "Save"), ("열기", "Open")]));
    bitext.import("set");
    bitext.run(["export", "-o", "memory.tmx", "-q"]).succeeds_silently();
    let other = Bitext::new();
    other.write("memory.tmx", std::fs::read(bitext.path("memory.tmx")).unwrap());
    other.import("memory.tmx");
    for name in ["out.jsonl", "out.tsv", "out.csv", "out.xlf", "out.po", "out.parquet"] {
        let bytes = || {
            other.run(["export", "-o", name, "-q"]).succeeds_silently();
            std::fs::read(other.path(name)).unwrap()
        };
        assert_eq!(bytes(), bytes(), "{name}");
    }
    let lines = other.run(["export", "-f", "jsonl", "-q"]).exits(0).says_nothing().json_lines();
    assert_eq!((&lines[0]["workflow"], &lines[0]["handoff"]), (&"human".into(), &"2019-04-23".into()));
    assert_eq!((&lines[0]["document"], lines.len()), (&"memory.tmx".into(), 2));
    assert!(Path::new(&other.path("out.parquet")).exists());
}
