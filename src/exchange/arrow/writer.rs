//! Writes segments one by one into record batches.

use std::io;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::rows::SegmentRows;
use super::{Labels, record_batch, schema};
use crate::exchange::segments::SegmentWriter;
use crate::model::{DocumentVersion, Locale, PlacedSegment};

/// Counts the rows of each document. The segments of a document follow one another.
#[derive(Debug, Default)]
pub struct Positions(Option<(DocumentKey, u32)>);

/// What tells one document from another.
#[derive(Debug)]
struct DocumentKey {
    set: String,
    document: String,
    target_locale: Locale,
    version: DocumentVersion,
}

impl Positions {
    /// The number of segments of its document that came before this one.
    pub fn of(&mut self, placed: &PlacedSegment<'_>) -> u32 {
        match &mut self.0 {
            Some((document, position)) if document.is_of(placed) => {
                *position += 1;
                *position
            }
            last => last.insert((DocumentKey::of(placed), 0)).1,
        }
    }
}

impl DocumentKey {
    fn of(placed: &PlacedSegment<'_>) -> DocumentKey {
        DocumentKey {
            set: placed.set.to_owned(),
            document: placed.document.to_owned(),
            target_locale: placed.target_locale.clone(),
            version: placed.version,
        }
    }

    fn is_of(&self, placed: &PlacedSegment<'_>) -> bool {
        self.document == placed.document
            && self.set == placed.set
            && self.target_locale == *placed.target_locale
            && self.version == placed.version
    }
}

/// Passes record batches to `sink`.
pub struct BatchWriter<F> {
    schema: SchemaRef,
    rows: SegmentRows,
    positions: Positions,
    sink: F,
}

impl<F: FnMut(RecordBatch) -> io::Result<()>> BatchWriter<F> {
    /// A writer of batches without labels.
    pub fn new(sink: F) -> Self {
        let (rows, positions) = (SegmentRows::default(), Positions::default());
        BatchWriter { schema: schema(Labels::Left, &[]), rows, positions, sink }
    }

    fn flush(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        (self.sink)(record_batch(&rows, &self.schema).map_err(io::Error::other)?)
    }
}

impl<F: FnMut(RecordBatch) -> io::Result<()>> SegmentWriter for BatchWriter<F> {
    fn write(&mut self, placed: PlacedSegment<'_>) -> io::Result<bool> {
        let position = self.positions.of(&placed);
        if !self.rows.continues(&placed) {
            self.rows.begin(&placed);
        }
        self.rows.push(placed.segment, placed.labels, position);
        if self.rows.is_full() {
            self.flush()?;
        }
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> io::Result<u64> {
        self.flush()?;
        Ok(0)
    }
}
