//! Segments as Apache Parquet: one row for each segment, with the metadata of its document. Compressed with Zstandard.

mod read;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::partition::Partition;
use super::reading::Input;
use super::segments::{Labelled, Layout, Opener, OutputFile, SegmentFormat, SegmentWriter};
use crate::json::SegmentLine;
use crate::model::{Date, PlacedSegment};

/// Apache Parquet.
pub const FORMAT: SegmentFormat = SegmentFormat {
    name: "parquet",
    help: "Apache Parquet",
    extensions: &["parquet"],
    is_binary: true,
    spreadsheet_safe: None,
    labelled: Labelled::With(&LABELLED),
    layouts: &[
        Layout::File(|out| Ok(Box::new(ParquetWriter::new(out, columns(), &[])?))),
        Layout::Partitions(|open, by| {
            Box::new(PartitionedParquet { open, by, columns, files: BTreeMap::new() })
        }),
    ],
    input: Input::Seekable(read::open),
};

/// The same with a column of labels. The reader passes over it.
const LABELLED: SegmentFormat = SegmentFormat {
    labelled: Labelled::Same,
    layouts: &[
        Layout::File(|out| Ok(Box::new(ParquetWriter::new(out, labelled_columns(), &[])?))),
        Layout::Partitions(|open, by| {
            Box::new(PartitionedParquet { open, by, columns: labelled_columns, files: BTreeMap::new() })
        }),
    ],
    name: "parquet",
    help: "Apache Parquet",
    extensions: &["parquet"],
    is_binary: true,
    spreadsheet_safe: None,
    input: Input::Seekable(read::open),
};

/// Writes a file for each combination of values: `set=docs/workflow=human/segments.parquet`.
struct PartitionedParquet<'a> {
    open: Opener<'a>,
    by: &'a [Partition],
    columns: fn() -> Vec<Column>,
    files: BTreeMap<String, ParquetWriter>,
}

impl SegmentWriter for PartitionedParquet<'_> {
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        let folders: String = self.by.iter().map(|partition| partition.folder(&placed) + "/").collect();
        let file = match self.files.entry(folders + "segments.parquet") {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(vacant) => {
                let out = (self.open)(vacant.key())?;
                vacant.insert(ParquetWriter::new(out, (self.columns)(), self.by)?)
            }
        };
        file.write(placed)
    }

    fn finish(self: Box<Self>) -> io::Result<u64> {
        self.files.into_values().try_fold(0, |dropped, file| Ok(dropped + Box::new(file).finish()?))
    }
}

/// The rows of a row group: a few dozen megabytes of texts, enough to compress well.
const GROUP: usize = 1 << 16;

/// The values of one column in the current row group.
enum Values {
    Text(Vec<ByteArray>),
    Number(Vec<i32>),
    Date(Vec<i32>),
    /// Milliseconds since 1970, UTC.
    Time(Vec<i64>),
    /// Any number of texts in a row.
    List(Vec<ByteArray>),
}

struct Column {
    name: &'static str,
    optional: bool,
    values: Values,
    /// Parquet's definition levels: how much of the path to a value is present.
    definitions: Vec<i16>,
    /// Parquet's repetition levels, for lists: 0 at the first value of a row.
    repetitions: Vec<i16>,
}

/// Writes a Parquet file.
struct ParquetWriter {
    file: SerializedFileWriter<Box<dyn OutputFile>>,
    columns: Vec<Column>,
    rows: usize,
}

impl ParquetWriter {
    /// Starts a file without the columns in `partitions`, whose values are in the names of the folders around it.
    fn new(out: Box<dyn OutputFile>, mut columns: Vec<Column>, partitions: &[Partition]) -> io::Result<Self> {
        columns.retain(|column| partitions.iter().all(|partition| partition.name() != column.name));
        let fields: String = columns.iter().map(Column::definition).collect();
        let schema = parse_message_type(&format!("message segment {{ {fields} }}")).map_err(failed)?;
        let compression = Compression::ZSTD(ZstdLevel::try_new(3).map_err(failed)?);
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_created_by(concat!("bitext ", env!("CARGO_PKG_VERSION")).to_string())
            .build();
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        Ok(ParquetWriter { file, columns, rows: 0 })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group().map_err(failed)?;
        for column in &mut self.columns {
            if let Some(writer) = group.next_column().map_err(failed)? {
                column.write(writer).map_err(failed)?;
            }
            column.clear();
        }
        group.close().map_err(failed)?;
        self.rows = 0;
        Ok(())
    }
}

impl SegmentWriter for ParquetWriter {
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        let line = SegmentLine::from(placed);
        let metadata = placed.metadata;
        for column in &mut self.columns {
            match column.name {
                "document" => column.text(Some(line.document)),
                "set" => column.text(Some(line.set)),
                "id" => column.text(Some(line.id)),
                "number" => column.number(line.number),
                "kind" => column.text(Some(line.kind)),
                "line" => column.number(line.line),
                "source_locale" => column.text(Some(line.source_locale)),
                "target_locale" => column.text(Some(line.target_locale)),
                "source" => column.text(Some(line.source)),
                "target" => column.text(Some(line.target)),
                "workflow" => column.text(line.workflow),
                "source_hash" => column.text(line.source_hash),
                "source_commit" => column.text(line.source_commit),
                "handoff" => column.date(metadata.handoff),
                "file_id" => column.text(line.file_id),
                "commit" => column.text(line.commit.as_deref()),
                "committed" => column.time(placed.version.commit.map(|commit| commit.time)),
                "superseded" => column.time(placed.version.superseded),
                "title" => column.text(metadata.title.as_deref()),
                "description" => column.text(metadata.description.as_deref()),
                "labels" => column.list(placed.labels.unwrap_or_default()),
                _ => column.list(&metadata.no_loc),
            }
        }
        self.rows += 1;
        if self.rows == GROUP {
            self.flush()?;
        }
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        self.flush()?;
        self.file.into_inner().map_err(failed)?.finish()?;
        Ok(0)
    }
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}

/// The fields of a JSON line in their order, then those that only the document's front matter has.
fn columns() -> Vec<Column> {
    let text = |name, optional| Column::new(name, optional, Values::Text(Vec::new()));
    let number = |name| Column::new(name, false, Values::Number(Vec::new()));
    vec![
        text("document", false),
        text("set", false),
        text("id", false),
        number("number"),
        text("kind", false),
        number("line"),
        text("source_locale", false),
        text("target_locale", false),
        text("source", false),
        text("target", false),
        text("workflow", true),
        text("source_hash", true),
        text("source_commit", true),
        Column::new("handoff", true, Values::Date(Vec::new())),
        text("file_id", true),
        text("commit", true),
        Column::new("committed", true, Values::Time(Vec::new())),
        Column::new("superseded", true, Values::Time(Vec::new())),
        text("title", true),
        text("description", true),
        Column::new("no_loc", true, Values::List(Vec::new())),
    ]
}

/// The same, and the ids of the quality checks that found something.
fn labelled_columns() -> Vec<Column> {
    let mut columns = columns();
    columns.push(Column::new("labels", true, Values::List(Vec::new())));
    columns
}

impl Column {
    fn new(name: &'static str, optional: bool, values: Values) -> Self {
        Column { name, optional, values, definitions: Vec::new(), repetitions: Vec::new() }
    }

    /// The column in Parquet's schema language.
    fn definition(&self) -> String {
        let Column { name, .. } = self;
        let repetition = if self.optional { "optional" } else { "required" };
        match self.values {
            Values::Text(_) => format!("{repetition} binary {name} (string);"),
            Values::Number(_) => format!("{repetition} int32 {name} (integer(32,false));"),
            Values::Date(_) => format!("{repetition} int32 {name} (date);"),
            Values::Time(_) => format!("{repetition} int64 {name} (timestamp(millis,true));"),
            Values::List(_) => {
                format!(
                    "{repetition} group {name} (list) {{ repeated group list {{ required binary element (string); }} }}"
                )
            }
        }
    }

    fn text(&mut self, text: Option<&str>) {
        if self.optional {
            self.definitions.push(text.is_some().into());
        }
        if let (Values::Text(values), Some(text)) = (&mut self.values, text) {
            values.push(text.into());
        }
    }

    fn number(&mut self, number: u32) {
        if let Values::Number(values) = &mut self.values {
            // Parquet stores the bits of an unsigned number in a signed one.
            values.push(number.cast_signed());
        }
    }

    fn time(&mut self, seconds: Option<i64>) {
        self.definitions.push(seconds.is_some().into());
        if let (Values::Time(values), Some(seconds)) = (&mut self.values, seconds) {
            values.push(seconds.saturating_mul(1000));
        }
    }

    fn date(&mut self, date: Option<Date>) {
        self.definitions.push(date.is_some().into());
        if let (Values::Date(values), Some(date)) = (&mut self.values, date) {
            let days = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
            values.push(i32::try_from(days).unwrap_or_default());
        }
    }

    fn list(&mut self, texts: &[impl AsRef<str>]) {
        if texts.is_empty() {
            self.definitions.push(0);
            self.repetitions.push(0);
        }
        if let Values::List(values) = &mut self.values {
            for (at, text) in texts.iter().enumerate() {
                values.push(text.as_ref().into());
                self.definitions.push(2);
                self.repetitions.push((at > 0).into());
            }
        }
    }

    fn write(&self, mut writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let definitions = self.optional.then_some(self.definitions.as_slice());
        match &self.values {
            Values::Text(values) => writer.typed::<ByteArrayType>().write_batch(values, definitions, None)?,
            Values::Number(values) | Values::Date(values) => {
                writer.typed::<Int32Type>().write_batch(values, definitions, None)?
            }
            Values::Time(values) => writer.typed::<Int64Type>().write_batch(values, definitions, None)?,
            Values::List(values) => {
                writer.typed::<ByteArrayType>().write_batch(values, definitions, Some(&self.repetitions))?
            }
        };
        writer.close()
    }

    fn clear(&mut self) {
        match &mut self.values {
            Values::Text(values) | Values::List(values) => values.clear(),
            Values::Number(values) | Values::Date(values) => values.clear(),
            Values::Time(values) => values.clear(),
        }
        self.definitions.clear();
        self.repetitions.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::{Arc, Mutex};

    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;
    use crate::model::{Commit, DocumentVersion, Locale, Metadata, ObjectId, Segment, SegmentId, Workflow};

    /// An output in memory that outlives its writer.
    #[derive(Clone, Default)]
    struct SharedOutput(Arc<Mutex<Vec<u8>>>);

    impl io::Write for SharedOutput {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl OutputFile for SharedOutput {
        fn finish(self: Box<Self>) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_row_comes_back_with_lists_dates_and_what_is_missing() {
        let locale = |name: &str| name.parse::<Locale>().unwrap();
        let (english, korean) = (locale("en-US"), locale("ko-KR"));
        let full = Metadata {
            workflow: Some(Workflow::Human),
            handoff: Some(Date::constant(2019, 4, 23)),
            no_loc: vec!["A".into(), "B".into()],
            ..Metadata::default()
        };
        let empty = Metadata::default();
        let output = SharedOutput::default();
        let mut writer = ParquetWriter::new(Box::new(output.clone()), columns(), &[Partition::Set]).unwrap();
        let commit = Commit { id: ObjectId::from_bytes(&[0xab; 20]).unwrap(), time: 86_400 };
        for (number, metadata) in [(1, &full), (2, &empty), (3, &full)] {
            let id = format!("41488-{number}");
            let id = SegmentId::parse(&id).unwrap();
            let segment = Segment {
                id,
                line: 4,
                source: "a".into(),
                target: "가".into(),
                written: None,
                confidence: None,
            };
            let placed = PlacedSegment {
                set: "s",
                document: "d",
                source_locale: &english,
                target_locale: &korean,
                metadata,
                version: DocumentVersion { commit: Some(commit), superseded: None },
                segment: &segment,
                labels: None,
            };
            writer.write(placed).unwrap();
            assert_eq!(Partition::Set.folder(&placed), "set=s");
        }
        Box::new(writer).finish().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&output.0.lock().unwrap()).unwrap();
        let file = SerializedFileReader::new(file).unwrap();
        let rows: Vec<String> =
            file.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(
            rows[0],
            "{document: \"d\", id: \"41488-1\", number: 1, kind: \"sentence\", line: 4, source_locale: \"en-US\", \
             target_locale: \"ko-KR\", source: \"a\", target: \"가\", workflow: \"human\", source_hash: null, \
             source_commit: null, handoff: 2019-04-23, file_id: null, \
             commit: \"abababababababababababababababababababab\", committed: 1970-01-02 00:00:00.000 +00:00, superseded: null, title: null, description: null, no_loc: [\"A\", \"B\"]}"
        );
        assert!(rows[1].contains("workflow: null") && rows[1].contains("no_loc: null"), "{}", rows[1]);
        assert_eq!(rows.len(), 3);
    }
}
