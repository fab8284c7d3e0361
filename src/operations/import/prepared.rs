//! Segments of a document, prepared on a worker thread for storage.

use crate::memory::{NewSegment, Pair, digest_of_pair};
use crate::model::{SegmentId, TextArena, TextRange, WrittenTexts};

/// Segments with the digests of their texts, in document order.
#[derive(Default)]
pub(in crate::operations) struct PreparedSegments {
    texts: TextArena,
    rows: Vec<Row>,
}

struct Row {
    id: TextRange,
    source: TextRange,
    target: TextRange,
    line: u32,
    digest: [u8; 16],
    written: Option<Box<[Option<TextRange>; 2]>>,
    confidence: Option<u8>,
}

impl PreparedSegments {
    /// None yet, with room for so many segments, with texts of so many bytes.
    pub fn with_capacity(segments: usize, bytes: usize) -> Self {
        PreparedSegments { texts: TextArena::with_capacity(bytes), rows: Vec::with_capacity(segments) }
    }

    /// Adds a segment. `written` are its texts as the document has them, where they differ; `confidence` is that of an aligned pair.
    pub fn push(
        &mut self,
        id: SegmentId<'_>,
        line: u32,
        (source, target): (&str, &str),
        (written, confidence): (Option<&WrittenTexts<'_>>, Option<u8>),
    ) {
        let written = written.map(|texts| {
            Box::new(
                [&texts.source, &texts.target].map(|text| text.as_deref().map(|text| self.texts.push(text))),
            )
        });
        self.rows.push(Row {
            written,
            confidence,
            id: self.texts.push(id.as_str()),
            source: self.texts.push(source),
            target: self.texts.push(target),
            line,
            digest: digest_of_pair(source, target),
        });
    }

    /// The number of segments.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The segments, in the order in which they were added.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = NewSegment<'_>> + Clone {
        self.rows.iter().map(|row| {
            let text = |range: &TextRange| self.texts.get(range);
            let pair = Pair {
                source: text(&row.source),
                target: text(&row.target),
                digest: row.digest,
                source_digest: None,
            };
            let id = SegmentId::parse(text(&row.id)).expect("the range is that of an id that was parsed");
            let written = match &row.written {
                Some(written) => written.each_ref().map(|range| range.as_ref().map(text)),
                None => [None; 2],
            };
            NewSegment { id, line: row.line, pair, written, confidence: row.confidence }
        })
    }
}
