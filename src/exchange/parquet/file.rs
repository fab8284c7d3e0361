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
use parquet::schema::types::{ColumnPath, SchemaDescriptor, TypePtr};

use crate::exchange::arrow::{Labels, SCHEMA_VERSION, SegmentRows, VERSION_KEY, record_batch, schema};
use crate::exchange::partition::Partition;
use crate::exchange::segments::OutputFile;

/// Columns whose values differ from row to row. No filter skips row groups by them, so they have no statistics.
const TEXTS: [&str; 5] = ["id", "source", "target", "source_as_written", "target_as_written"];
/// Columns of numbers that go up.
const NUMBERS: [&str; 3] = ["number", "line", "position"];

/// Zstandard's fastest level: others take longer than the reading of the documents.
const ZSTD_LEVEL: i32 = 1;

/// Encodes row groups.
pub struct GroupEncoder {
    schema: SchemaRef,
    root: TypePtr,
    properties: Arc<WriterProperties>,
    factory: ArrowRowGroupWriterFactory,
}

/// A row group in Parquet's encoding, compressed.
pub struct EncodedGroup(Vec<ArrowColumnChunk>);

impl GroupEncoder {
    /// For files without the columns in `partitions`, whose values are in the names of the folders around them.
    ///
    /// # Errors
    /// Never in practice.
    pub fn new(labels: Labels, partitions: &[Partition]) -> io::Result<Self> {
        let schema = schema(labels, partitions);
        let descriptor = descriptor(&schema)?;
        let (root, properties) = (descriptor.root_schema_ptr(), Arc::new(properties()?));
        let writer = SerializedFileWriter::new(io::sink(), Arc::clone(&root), Arc::clone(&properties));
        let factory = ArrowRowGroupWriterFactory::new(&writer.map_err(failed)?, Arc::clone(&schema));
        Ok(GroupEncoder { schema, root, properties, factory })
    }

    /// Encodes rows.
    ///
    /// # Errors
    /// If they are too large for a row group.
    pub fn encode(&self, rows: &[SegmentRows]) -> io::Result<EncodedGroup> {
        let encode = || -> Result<_, ParquetError> {
            let batch = record_batch(rows, &self.schema)?;
            let mut writers = self.factory.create_column_writers(0)?.into_iter();
            let mut chunks = Vec::with_capacity(self.schema.fields().len());
            for (field, column) in self.schema.fields().iter().zip(batch.columns()) {
                for leaf in compute_leaves(field, column)? {
                    let Some(mut writer) = writers.next() else { continue };
                    writer.write(&leaf)?;
                    chunks.push(writer.close()?);
                }
            }
            Ok(EncodedGroup(chunks))
        };
        encode().map_err(failed)
    }

    /// Starts a file.
    ///
    /// # Errors
    /// Errors of the output.
    pub fn file(&self, out: Box<dyn OutputFile>) -> io::Result<ParquetFile> {
        let (root, properties) = (Arc::clone(&self.root), Arc::clone(&self.properties));
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
            group.0.into_iter().try_for_each(|chunk| chunk.append_to_row_group(&mut writer))?;
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
