//! Column chunks of texts, made without an encoder that looks at each row: texts that many rows share are encoded once for all of them.
//!
//! The format of pages and encodings: <https://parquet.apache.org/docs/file-format/data-pages/>.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

use bytes::Bytes;
use foldhash::fast::RandomState;
use parquet::basic::{Compression, Encoding, EncodingMask, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::{OffsetIndexMetaData, PageLocation};
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use crate::exchange::arrow::Texts;

/// Zstandard's fastest level: others take longer than the reading of the documents.
pub(super) const ZSTD_LEVEL: i32 = 1;
/// The bytes of a page of texts before they are compressed, about.
const PAGE_BYTES: usize = 1 << 20;
/// A text that is longer is no bound in the statistics.
const BOUND_BYTES: usize = 256;

/// A column chunk, with its metadata.
pub(super) struct Chunk {
    pub bytes: Bytes,
    pub close: ColumnCloseResult,
}

/// Makes column chunks. Its buffers are large: it is worth keeping for the next row group.
pub(super) struct ChunkWriter {
    compressor: Compressor<'static>,
    /// A page before it is compressed, and after.
    body: Vec<u8>,
    compressed: Vec<u8>,
}

impl ChunkWriter {
    pub fn new() -> io::Result<Self> {
        Ok(ChunkWriter { compressor: Compressor::new(ZSTD_LEVEL)?, body: Vec::new(), compressed: Vec::new() })
    }

    /// A chunk of texts of so many rows each: a dictionary of the different ones, and run-length encoded indexes into it.
    pub fn runs(
        &mut self,
        column: &ColumnDescPtr,
        runs: &[(Option<Cow<'_, str>>, usize)],
    ) -> Result<Chunk, ParquetError> {
        let (mut dictionary, mut numbers) = (Vec::new(), HashMap::with_hasher(RandomState::default()));
        let mut bounds: Option<(&str, &str)> = None;
        // A run without a text has no index.
        let mut indexes: Vec<(Option<u32>, usize)> = Vec::with_capacity(runs.len());
        for (text, rows) in runs.iter().filter(|(_, rows)| *rows > 0) {
            let index = text.as_deref().map(|text| {
                let next = numbers.len() as u32;
                *numbers.entry(text).or_insert_with(|| {
                    push_plain(&mut dictionary, text);
                    bounds = Some(bounds.map_or((text, text), |(min, max)| (min.min(text), max.max(text))));
                    next
                })
            });
            match indexes.last_mut() {
                Some((last, count)) if *last == index => *count += rows,
                _ => indexes.push((index, *rows)),
            }
        }
        let rows: usize = indexes.iter().map(|(_, rows)| rows).sum();
        let known: usize = indexes.iter().filter(|(index, _)| index.is_some()).map(|(_, rows)| rows).sum();
        let mut pages = Pages::new(self);
        if !numbers.is_empty() {
            pages.write_dictionary(&dictionary, numbers.len())?;
        }
        let mut body = Vec::new();
        if column.max_def_level() > 0 {
            let mut levels = Vec::new();
            for same in indexes.chunk_by(|(index, _), (next, _)| index.is_some() == next.is_some()) {
                push_run(
                    &mut levels,
                    same.iter().map(|(_, rows)| rows).sum(),
                    u32::from(same[0].0.is_some()),
                    1,
                );
            }
            push_length(&mut body, levels.len());
            body.extend(levels);
        }
        let mut encoding = Encoding::PLAIN;
        if !numbers.is_empty() {
            encoding = Encoding::RLE_DICTIONARY;
            let width = u32::BITS - (numbers.len() as u32 - 1).leading_zeros();
            body.push(width as u8);
            for (index, rows) in indexes {
                index.into_iter().for_each(|index| push_run(&mut body, rows, index, width));
            }
        }
        pages.write_data(&body, (rows, encoding), 0)?;
        let bound = |text: Option<&str>| text.filter(|text| text.len() <= BOUND_BYTES).map(ByteArray::from);
        let (min, max) = (bound(bounds.map(|bounds| bounds.0)), bound(bounds.map(|bounds| bounds.1)));
        let nulls = (rows - known) as u64;
        let statistics = ValueStatistics::new(min, max, None, Some(nulls), false);
        pages.finish(column, rows, Some(statistics.into()))
    }

    /// A chunk of texts, one for each row, without statistics.
    pub fn texts(&mut self, column: &ColumnDescPtr, all: &Texts) -> Result<Chunk, ParquetError> {
        let mut pages = Pages::new(self);
        let mut body = std::mem::take(&mut pages.writer.body);
        body.clear();
        let (mut rows, mut first) = (0, 0);
        for text in all.iter() {
            push_plain(&mut body, text);
            rows += 1;
            if body.len() >= PAGE_BYTES {
                pages.write_data(&body, (rows - first, Encoding::PLAIN), first)?;
                first = rows;
                body.clear();
            }
        }
        if rows > first || rows == 0 {
            pages.write_data(&body, (rows - first, Encoding::PLAIN), first)?;
        }
        pages.writer.body = body;
        pages.finish(column, rows, None)
    }
}

/// The encoding PLAIN of a byte array: the length in four bytes, little endian, and the bytes.
fn push_plain(bytes: &mut Vec<u8>, text: &str) {
    push_length(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn push_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&(length as u32).to_le_bytes());
}

/// A run of the hybrid of run-length encoding and bit packing: twice the count as a LEB128 number, and the value of `width` bits in whole
/// bytes.
fn push_run(bytes: &mut Vec<u8>, count: usize, value: u32, width: u32) {
    let mut header = (count as u64) << 1;
    while header >= 0x80 {
        bytes.push(header as u8 | 0x80);
        header >>= 7;
    }
    bytes.push(header as u8);
    bytes.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8) as usize]);
}

/// The pages of a chunk.
struct Pages<'w> {
    writer: &'w mut ChunkWriter,
    out: TrackedWrite<Vec<u8>>,
    dictionary: u64,
    locations: Vec<PageLocation>,
    encodings: Vec<Encoding>,
    uncompressed: usize,
}

impl<'w> Pages<'w> {
    fn new(writer: &'w mut ChunkWriter) -> Self {
        Pages {
            writer,
            out: TrackedWrite::new(Vec::new()),
            dictionary: 0,
            locations: Vec::new(),
            encodings: vec![Encoding::PLAIN, Encoding::RLE],
            uncompressed: 0,
        }
    }

    fn write(&mut self, bytes: &[u8], page: impl FnOnce(Bytes) -> Page) -> Result<u64, ParquetError> {
        let ChunkWriter { compressor, compressed, .. } = &mut *self.writer;
        compressed.clear();
        compressed.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
        compressor.compress_to_buffer(bytes, compressed)?;
        let page = CompressedPage::new(page(Bytes::copy_from_slice(compressed)), bytes.len());
        let written = SerializedPageWriter::new(&mut self.out).write_page(page)?;
        self.uncompressed += written.uncompressed_size;
        Ok(written.bytes_written)
    }

    fn write_dictionary(&mut self, values: &[u8], count: usize) -> Result<(), ParquetError> {
        let (num_values, encoding) = (count as u32, Encoding::PLAIN);
        let page = |buf| Page::DictionaryPage { buf, num_values, encoding, is_sorted: false };
        self.dictionary = self.write(values, page)?;
        Ok(())
    }

    /// Writes a page of so many rows, the first of which is that of this number in the row group.
    fn write_data(
        &mut self,
        values: &[u8],
        (rows, encoding): (usize, Encoding),
        first: usize,
    ) -> Result<(), ParquetError> {
        let offset = self.out.bytes_written() as i64;
        let written = self.write(values, |buf| Page::DataPage {
            buf,
            num_values: rows as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        })?;
        self.encodings.push(encoding);
        self.locations.push(PageLocation {
            offset,
            compressed_page_size: written as i32,
            first_row_index: first as i64,
        });
        Ok(())
    }

    fn finish(
        self,
        column: &ColumnDescPtr,
        rows: usize,
        statistics: Option<Statistics>,
    ) -> Result<Chunk, ParquetError> {
        let bytes: Bytes = self.out.into_inner()?.into();
        let mut metadata = ColumnChunkMetaData::builder(ColumnDescPtr::clone(column))
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
            .set_encodings_mask(EncodingMask::new_from_encodings(self.encodings.iter()))
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(self.uncompressed as i64)
            .set_num_values(rows as i64)
            .set_data_page_offset(self.dictionary as i64)
            .set_dictionary_page_offset((self.dictionary > 0).then_some(0));
        if let Some(statistics) = statistics {
            metadata = metadata.set_statistics(statistics);
        }
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: Some(OffsetIndexMetaData {
                page_locations: self.locations,
                unencoded_byte_array_data_bytes: None,
            }),
        };
        Ok(Chunk { bytes, close })
    }
}
