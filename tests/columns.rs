//! `bitext extract --format parquet`, and the import of such files and folders: the memory is that of the documents.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use crate::support::documents::document;
use crate::support::{Bitext, dump, fixture, rows, tree};

/// Exports of a memory in some formats.
fn exports(bitext: &Bitext, memory: &str) -> Vec<Vec<u8>> {
    let formats = ["tmx", "jsonl", "csv", "parquet"];
    let export = |format: &str| {
        let out = format!("{memory}.{format}");
        let options = ["export", "-f", format, "-o", &out, "-q", "--db", memory];
        bitext.run(options).succeeds_silently();
        fs::read(bitext.path(out)).expect("an export")
    };
    formats.map(export).into()
}

/// What a memory holds, but for what only the import knows of: hashes, and where the locale was stated.
fn content(bitext: &Bitext, memory: &str) -> Vec<String> {
    let sql = "select s.name, d.path, a.name, b.name, d.id_prefix, d.workflow, d.source_hash, d.source_commit, d.handoff,
                      d.file_id, d.title, d.description, d.no_loc, hex(d.commit_id), d.committed, d.superseded,
                      segment.position, segment.number, segment.kind, segment.line, segment.id, unit.text, variant.text,
                      as_written.source, as_written.target, aligned.confidence
               from document d join document_set s on s.id = d.set_id
               join locale a on a.id = d.source_locale_id join locale b on b.id = d.target_locale_id
               join segment on segment.document_id = d.id
               join variant on variant.id = segment.variant_id join unit on unit.id = variant.unit_id
               left join as_written on as_written.document_id = d.id and as_written.position = segment.position
               left join aligned on aligned.document_id = d.id and aligned.position = segment.position
               order by s.name, d.path, b.name, segment.position";
    rows(&bitext.path(memory), sql)
}

/// Documents with all that a column can hold: texts as written, empty texts, terms, dates, and names that are hard.
fn documents(bitext: &Bitext) {
    let missing = document("0c", &[("", "No target"), ("셋", "Three"), ("넷", "Four")]);
    bitext.write("hard/missing.md", missing.replace("ms.translationtype: HT\n", ""));
    bitext.write("hard/a b=c/%41 \"é\".md", document("0a", &[("  가\n나 ", "A\nb"), ("둘", "Two")]));
    bitext.write(
        "hard/twice.md",
        document("0b", &[("하나", "One"), ("둘", "Two")]).replace("0b-102", "0b-101"),
    );
    bitext
        .write("hard/ja.md", document("0d", &[("一", "One")]).replace("ko-KR", "ja-JP").replace("HT", "MT"));
}

fn extract(bitext: &Bitext, options: &[&str]) {
    let docs = fixture("docs");
    let all = ["extract", docs.to_str().expect("a path"), "hard", "--exclude", "**/*.html"];
    bitext.run(all.iter().chain(options)).exits(0).prints_nothing().says("hard/twice.md:12: segment 0b-101");
}

fn import_documents(bitext: &Bitext) {
    let docs = fixture("docs");
    let import = ["import", docs.to_str().expect("a path"), "hard", "--exclude", "**/*.html", "-q"];
    bitext
        .run(import.iter().chain(&["--db", "documents.db"]))
        .exits(0)
        .prints_nothing()
        .says("hard/twice.md:12");
}

#[track_caller]
fn makes_the_memory_of_the_documents(bitext: &Bitext, path: &str) {
    let memory = format!("{}.db", path.replace('/', "_"));
    bitext.run(["import", path, "-q", "--db", &memory]).succeeds_silently();
    assert_eq!(content(bitext, &memory), content(bitext, "documents.db"));
    assert!(exports(bitext, &memory) == exports(bitext, "documents.db"), "{path}");
    let again = bitext.run(["import", path, "--json", "--db", &memory]).exits(0).says_nothing().json();
    assert_eq!((&again["segments"], &again["documents_changed"]), (&0.into(), &0.into()), "{path}");
}

#[test]
fn a_file_or_a_folder_makes_the_memory_that_its_documents_make() {
    let bitext = Bitext::new();
    documents(&bitext);
    import_documents(&bitext);
    extract(&bitext, &["-o", "one.parquet"]);
    extract(&bitext, &["--format", "parquet", "-o", "hive/", "--partition-by", "target_locale,workflow,set"]);
    bitext.write("hive/_SUCCESS", "");
    bitext.write("hive/.part.crc", "x");
    for path in ["one.parquet", "hive"] {
        makes_the_memory_of_the_documents(&bitext, path);
    }
    assert!(bitext.path("hive/target_locale=ja-JP/workflow=machine/set=hard/segments.parquet").exists());
}

fn batches(path: &Path) -> Vec<RecordBatch> {
    let file = fs::File::open(path).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file").with_batch_size(3);
    reader.build().expect("a reader").collect::<Result<_, _>>().expect("rows")
}

/// Spark writes parts in no order of the documents, and a document can be in several parts.
#[test]
fn rows_in_any_order_and_in_any_part_make_the_same_memory() {
    let bitext = Bitext::new();
    documents(&bitext);
    import_documents(&bitext);
    extract(&bitext, &["-o", "one.parquet"]);
    let parts = batches(&bitext.path("one.parquet"));
    assert!(parts.len() > 10);
    fs::create_dir(bitext.path("parts")).expect("a folder");
    for (part, start) in (0..3).rev().enumerate() {
        let path = bitext.path(format!("parts/part-0000{part}.snappy.parquet"));
        let file = fs::File::create(path).expect("a file");
        let mut writer = ArrowWriter::try_new(file, parts[0].schema(), None).expect("a writer");
        for batch in parts.iter().skip(start).step_by(3).rev() {
            writer.write(batch).expect("rows");
        }
        writer.close().expect("a file");
    }
    bitext.write("parts/_SUCCESS", "");
    makes_the_memory_of_the_documents(&bitext, "parts");
}

#[test]
fn the_bytes_are_those_of_any_number_of_threads_and_the_version_is_in_the_file() {
    let bitext = Bitext::new();
    documents(&bitext);
    extract(&bitext, &["-o", "one.parquet", "--threads", "1"]);
    extract(&bitext, &["-o", "more.parquet", "--threads", "5"]);
    let bytes = fs::read(bitext.path("one.parquet")).expect("a file");
    assert!(bytes == fs::read(bitext.path("more.parquet")).expect("a file"));
    let docs = fixture("docs");
    let to_stdout =
        ["extract", docs.to_str().expect("a path"), "hard", "--exclude", "**/*.html", "--format", "parquet"];
    let printed = bitext.command(to_stdout).output().expect("the program starts");
    assert!(printed.stdout == bytes);
    let file = SerializedFileReader::new(fs::File::open(bitext.path("one.parquet")).expect("a file"));
    let file = file.expect("a Parquet file");
    let metadata = file.metadata().file_metadata().key_value_metadata().expect("metadata");
    let version =
        metadata.iter().find(|pair| pair.key == "bitext.schema").and_then(|pair| pair.value.as_deref());
    assert_eq!(version, Some("1"));
    // The statistics by which readers skip row groups.
    let group = file.metadata().row_group(0);
    for name in ["target_locale", "workflow", "document", "handoff"] {
        let column = group.columns().iter().find(|column| column.column_path().string() == name);
        let statistics = column.and_then(|column| column.statistics());
        assert!(statistics.is_some_and(|found| found.min_bytes_opt().is_some()), "{name}");
    }
}

#[test]
fn each_row_is_the_line_of_json_of_its_segment() {
    let bitext = Bitext::new();
    documents(&bitext);
    extract(&bitext, &["-o", "one.parquet"]);
    extract(&bitext, &["-o", "one.jsonl.gz"]);
    extract(&bitext, &["-o", "one.jsonl"]);
    let lines = fs::read_to_string(bitext.path("one.jsonl")).expect("JSON lines");
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let column = |name: &str| -> Vec<String> {
        let text = |batch: &RecordBatch| {
            let column = Arc::clone(batch.column_by_name(name).expect("a column"));
            let formatted = |row| arrow_text(&column, row);
            (0..batch.num_rows()).map(formatted).collect::<Vec<_>>()
        };
        batches(&bitext.path("one.parquet")).iter().flat_map(text).collect()
    };
    for name in ["document", "set", "id", "kind", "source", "target", "workflow", "source_hash", "file_id"] {
        let expected: Vec<&str> = lines.iter().map(|line| line[name].as_str().unwrap_or("null")).collect();
        assert_eq!(column(name), expected, "{name}");
    }
}

fn arrow_text(column: &Arc<dyn arrow_array::Array>, row: usize) -> String {
    use arrow_array::cast::AsArray as _;
    let texts = column.as_string::<i32>();
    if column.is_null(row) { "null".to_owned() } else { texts.value(row).to_owned() }
}

#[test]
fn what_cannot_be_read_is_named_and_replaces_nothing() {
    let bitext = Bitext::new();
    documents(&bitext);
    extract(&bitext, &["-o", "one.parquet"]);
    extract(&bitext, &["--format", "parquet", "-o", "hive/", "--partition-by", "target_locale"]);
    bitext.run(["import", "hive", "-q"]).succeeds_silently();
    let before = dump(&bitext.path("bitext.db"));
    let part = bitext.path("hive/target_locale=ko-KR/segments.parquet");
    let bytes = fs::read(&part).expect("a part");
    fs::write(&part, &bytes[..bytes.len() / 2]).expect("a part");
    let run = bitext.run(["import", "hive", "-q"]).exits(2).prints_nothing();
    run.says("hive: target_locale=ko-KR/segments.parquet: ");
    assert_eq!(dump(&bitext.path("bitext.db")), before);

    bitext.write("empty/readme.md", "");
    bitext
        .run(["import", "empty", "-f", "parquet"])
        .exits(2)
        .prints_nothing()
        .says("empty has no files of Apache Parquet");
    bitext.write("bad.parquet", "PAR1");
    bitext.run(["import", "bad.parquet"]).exits(1).prints_nothing().says("bad.parquet: ");
    bitext
        .run(["extract", "hard", "--partition-by", "set", "-o", "hive/", "--format", "parquet"])
        .exits(2)
        .prints_nothing()
        .says("hive/ is not empty");
    bitext
        .run(["extract", "hard", "--partition-by", "set", "-o", "a.parquet"])
        .exits(2)
        .prints_nothing()
        .says("name one that ends in / with -o");
    bitext
        .run(["extract", "hard", "--partition-by", "set"])
        .exits(2)
        .prints_nothing()
        .says("--partition-by is for Parquet");
    bitext.run(["extract", "hard", "-o", "missing/a.parquet"]).exits(2).prints_nothing().says("missing");
    bitext.run(["extract", "none", "-o", "a.parquet"]).exits(2).prints_nothing().says("none");
    assert!(!bitext.path("a.parquet").exists());
    assert_eq!(tree(&bitext.path("hive")).len(), 3, "nothing was written beside the parts");
}

/// A set's name comes from outside: it must not lead out of the folder.
#[test]
fn a_partition_stays_in_its_folder() {
    let bitext = Bitext::new();
    documents(&bitext);
    let options = ["--format", "parquet", "-o", "hive/", "--partition-by", "set", "--set", "../../up:x"];
    bitext.run(["extract", "hard"].iter().chain(&options)).exits(0).prints_nothing().says("hard/twice.md:12");
    assert!(bitext.path("hive/set=%2E.%2F..%2Fup%3Ax/segments.parquet").exists());
    bitext.run(["import", "hive", "-q"]).succeeds_silently();
    assert_eq!(bitext.sql("select name from document_set"), ["../../up:x"]);
}

/// One value many times is small in a file, and must not be large in memory.
#[cfg(target_os = "linux")]
#[test]
fn a_long_text_in_many_rows_needs_the_memory_of_one() {
    use arrow_array::{DictionaryArray, StringArray, types::Int32Type};
    use arrow_schema::{DataType, Field, Schema};

    let bitext = Bitext::new();
    let long = "x".repeat(1 << 20);
    let rows = 512;
    let texts = Arc::new(StringArray::from(vec![long.as_str()]));
    let keys = arrow_array::Int32Array::from(vec![0; rows]);
    let column = Arc::new(DictionaryArray::<Int32Type>::new(keys, texts));
    let field = |name: &str| Field::new(name, column.data_type().clone(), false);
    let schema = Arc::new(Schema::new(vec![
        field("source"),
        field("target"),
        field("description"),
        Field::new("target_locale", DataType::Utf8, false),
    ]));
    use arrow_array::Array as _;
    let locale = Arc::new(StringArray::from(vec!["ko-KR"; rows]));
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![column.clone(), column.clone(), column.clone(), locale],
    );
    let properties = WriterProperties::builder().set_dictionary_page_size_limit(1 << 24).build();
    let file = fs::File::create(bitext.path("long.parquet")).expect("a file");
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).expect("a writer");
    writer.write(&batch.expect("a batch")).expect("rows");
    writer.close().expect("a file");
    let import = ["import", "long.parquet", "--dry-run", "--quiet", "--threads", "1"];
    bitext.limited_memory(700, import).succeeds_silently();
}
