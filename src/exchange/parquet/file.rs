//! One Parquet file, written row group by row group. Row groups can be encoded on any thread.

use std::io;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, SchemaDescriptor};

use super::chunk::{Chunk, ChunkWriter, ZSTD_LEVEL};
use crate::exchange::arrow::{Labels, SCHEMA_VERSION, SegmentRows, VERSION_KEY, Values, schema, values};
use crate::exchange::partition::Partition;
use crate::exchange::segments::OutputFile;
use crate::parallel::Reused;

/// Columns whose values differ from row to row. No filter skips row groups by them, so they have no statistics.
const TEXTS: [&str; 2] = ["source_as_written", "target_as_written"];
/// Columns of numbers that go up.
const NUMBERS: [&str; 3] = ["number", "line", "position"];

/// Encodes row groups.
pub struct GroupEncoder {
    schema: SchemaRef,
    descriptor: SchemaDescriptor,
    properties: Arc<WriterProperties>,
    factory: ArrowRowGroupWriterFactory,
    /// Those that no thread uses at the moment.
    writers: Reused<ChunkWriter>,
}

/// A row group in Parquet's encoding, compressed.
pub struct EncodedGroup(Vec<EncodedChunk>);

enum EncodedChunk {
    Texts(Chunk),
    Others(ArrowColumnChunk),
}

impl GroupEncoder {
    /// For files without the columns in `partitions`, whose values are in the names of the folders around them.
    ///
    /// # Errors
    /// Never in practice.
    pub fn new(labels: Labels, partitions: &[Partition]) -> io::Result<Self> {
        let schema = schema(labels, partitions);
        let descriptor = descriptor(&schema)?;
        let properties = Arc::new(properties()?);
        let writer =
            SerializedFileWriter::new(io::sink(), descriptor.root_schema_ptr(), Arc::clone(&properties));
        let factory = ArrowRowGroupWriterFactory::new(&writer.map_err(failed)?, Arc::clone(&schema));
        Ok(GroupEncoder { schema, descriptor, properties, factory, writers: Reused::default() })
    }

    /// Encodes rows.
    ///
    /// # Errors
    /// If they are too large for a row group.
    pub fn encode(&self, rows: &SegmentRows) -> io::Result<EncodedGroup> {
        let encode = || -> Result<_, ParquetError> {
            // Each column is one leaf.
            let writers = self.factory.create_column_writers(0)?;
            let mut texts = self.writers.take().map_or_else(ChunkWriter::new, Ok)?;
            let columns = self.schema.fields().iter().zip(self.descriptor.columns()).zip(writers);
            let encoded = columns.map(|((field, column), mut writer)| {
                Ok(match values(field.name(), rows) {
                    Values::Runs(runs) => EncodedChunk::Texts(texts.runs(column, &runs)?),
                    Values::Texts(all) => EncodedChunk::Texts(texts.texts(column, all)?),
                    Values::Array(array) => {
                        compute_leaves(field, &array)?.iter().try_for_each(|leaf| writer.write(leaf))?;
                        EncodedChunk::Others(writer.close()?)
                    }
                })
            });
            let encoded = encoded.collect::<Result<_, ParquetError>>()?;
            self.writers.give(texts);
            Ok(EncodedGroup(encoded))
        };
        encode().map_err(failed)
    }

    /// Starts a file.
    ///
    /// # Errors
    /// Errors of the output.
    pub fn file(&self, out: Box<dyn OutputFile>) -> io::Result<ParquetFile> {
        let (root, properties) = (self.descriptor.root_schema_ptr(), Arc::clone(&self.properties));
        Ok(ParquetFile(SerializedFileWriter::new(out, root, properties).map_err(failed)?))
    }
}

/// A file that counts as written after [`finish`](ParquetFile::finish) only.
pub struct ParquetFile(SerializedFileWriter<Box<dyn OutputFile>>);

impl ParquetFile {
    /// Appends a row group.
    ///
    /// # Errors
    /// Errors of the output.
    pub fn append(&mut self, group: EncodedGroup) -> io::Result<()> {
        let append = || {
            let mut writer = self.0.next_row_group()?;
            group.0.into_iter().try_for_each(|chunk| match chunk {
                EncodedChunk::Texts(chunk) => writer.append_column(&chunk.bytes, chunk.close),
                EncodedChunk::Others(chunk) => chunk.append_to_row_group(&mut writer),
            })?;
            writer.close().map(|_| ())
        };
        append().map_err(failed)
    }

    /// Completes the file.
    ///
    /// # Errors
    /// Errors of the output.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.finish().map_err(failed)?;
        // `into_inner` would return an error of the output as a text.
        std::mem::replace(self.0.inner_mut(), Box::new(Taken)).finish()
    }
}

/// In the place of an output that is complete.
struct Taken;

impl io::Write for Taken {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl OutputFile for Taken {
    fn finish(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

fn descriptor(schema: &SchemaRef) -> io::Result<SchemaDescriptor> {
    ArrowSchemaConverter::new().schema_root("segment").convert(schema).map_err(failed)
}

/// The Arrow schema is not stored in the file: all types are those of Parquet.
fn properties() -> io::Result<WriterProperties> {
    let path = |name: &str| ColumnPath::from(name);
    let version = KeyValue::new(VERSION_KEY.to_owned(), SCHEMA_VERSION.to_owned());
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL).map_err(failed)?))
        .set_created_by(concat!("bitext ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(vec![version]));
    for name in TEXTS {
        properties = properties
            .set_column_statistics_enabled(path(name), EnabledStatistics::None)
            .set_column_dictionary_enabled(path(name), false);
    }
    for name in NUMBERS {
        properties = properties
            .set_column_dictionary_enabled(path(name), false)
            .set_column_encoding(path(name), Encoding::DELTA_BINARY_PACKED);
    }
    Ok(properties.build())
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

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray as _;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::statistics::Statistics;

    use super::*;
    use crate::exchange::arrow::record_batch;
    use crate::model::{
        DocumentVersion, Locale, Metadata, PlacedSegment, Segment, SegmentId, Workflow, WrittenTexts,
    };

    struct Output(std::fs::File);

    impl io::Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    impl OutputFile for Output {
        fn finish(self: Box<Self>) -> io::Result<()> {
            Ok(())
        }
    }

    /// Documents of 0 to 4 segments, with titles that some share and some do not have, and one of 40 long texts.
    fn rows() -> SegmentRows {
        let locale = |name: &str| name.parse::<Locale>().unwrap();
        let (english, korean) = (locale("en-US"), locale("ko-KR"));
        let mut all = SegmentRows::default();
        let mut rows = SegmentRows::default();
        for number in 0..700 {
            let metadata = Metadata {
                title: (number % 3 > 0).then(|| format!("title {}", number % 300)),
                workflow: (number > 350).then_some(Workflow::Machine),
                file_id: Some("x".repeat(if number == 9 { 400 } else { 3 })),
                ..Metadata::default()
            };
            let (count, length) = if number == 400 { (40, 50_000) } else { (number % 5, number) };
            if number % 100 == 0 {
                all.append(&mut rows);
            }
            let document = format!("d{number}.md");
            for at in 0..count {
                let id = format!("41488-{}{at}", ["", "p"][at % 2]);
                let source = "가".repeat(length);
                let segment = Segment {
                    id: SegmentId::parse(&id).unwrap(),
                    line: 4,
                    source: source.into(),
                    target: String::new().into(),
                    written: (number % 7 == at).then(|| {
                        Box::new(WrittenTexts { source: Some(format!(" {number}").into()), target: None })
                    }),
                    confidence: None,
                };
                let placed = PlacedSegment {
                    set: "s",
                    document: &document,
                    source_locale: &english,
                    target_locale: &korean,
                    metadata: &metadata,
                    version: DocumentVersion::default(),
                    segment: &segment,
                    labels: None,
                };
                if at == 0 {
                    rows.begin(&placed);
                }
                rows.push(&segment, None, at as u32);
            }
        }
        all.append(&mut rows);
        all
    }

    #[test]
    fn a_file_holds_what_a_record_batch_holds() {
        let rows = rows();
        let encoder = GroupEncoder::new(Labels::Left, &[]).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut parquet = encoder.file(Box::new(Output(file.reopen().unwrap()))).unwrap();
        parquet.append(encoder.encode(&rows).unwrap()).unwrap();
        parquet.finish().unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file.reopen().unwrap()).unwrap();
        let metadata = Arc::clone(reader.metadata());
        let expected = record_batch(&rows, &encoder.schema).unwrap();
        let mut batches = reader.with_batch_size(1 << 20).build().unwrap();
        let found = batches.next().unwrap().unwrap();
        assert_eq!(found.num_rows(), 1440);
        assert_eq!(found.columns(), expected.columns());
        assert!(batches.next().is_none());
        // Rows that were moved behind others keep what belongs to them.
        let column = |name: &str| found.column_by_name(name).unwrap().as_string::<i32>();
        let written = column("source_as_written")
            .iter()
            .zip(column("document"))
            .filter_map(|row| Some((row.0?, row.1?)));
        let written: Vec<(&str, &str)> = written.collect();
        assert!(
            written.len() > 20
                && written.iter().all(|(text, document)| *document == format!("d{}.md", text.trim()))
        );

        let group = metadata.row_group(0);
        let statistics = |name: &str| {
            let at = encoder.schema.index_of(name).unwrap();
            let Some(Statistics::ByteArray(values)) = group.column(at).statistics() else { panic!("{name}") };
            let text = |value: &parquet::data_type::ByteArray| value.as_utf8().unwrap().to_owned();
            (values.min_opt().map(text), values.max_opt().map(text), values.null_count_opt().unwrap())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(statistics("workflow"), (some("machine"), some("machine"), 700));
        assert_eq!(statistics("document"), (some("d1.md"), some("d99.md"), 0));
        assert_eq!(statistics("description"), (None, None, 1440));
        // A bound that is too long is left out.
        assert_eq!(statistics("file_id"), (some("xxx"), None, 0));
    }
}
