//! The rows of some documents, in a form that is made fast on many threads and holds each text once.

use crate::model::{Date, DocumentVersion, Kind, Locale, Metadata, PlacedSegment, Segment, Workflow};

/// Texts, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    bytes: String,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    fn append(&mut self, other: &Texts) {
        let start = self.bytes.len();
        self.bytes.push_str(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| start + end));
    }

    /// The texts in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }

    /// The number of texts.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The length of all texts.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// What the rows of a document have in common.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub set: String,
    pub document: String,
    pub source_locale: Locale,
    pub target_locale: Locale,
    pub metadata: Metadata,
    pub version: DocumentVersion,
    /// The number of its rows here.
    pub rows: usize,
    /// The length of its texts.
    bytes: usize,
}

/// The most bytes and rows of one value.
const FULL_BYTES: usize = 8 << 20;
const FULL_ROWS: usize = 1 << 14;

/// The bytes of a row's numbers and of the ends of its texts.
const NUMBERS: usize = 128;

/// The rows of one or more documents.
#[derive(Clone, Debug, Default)]
pub struct SegmentRows {
    pub(super) shared: Vec<Shared>,
    pub(super) ids: Texts,
    pub(super) numbers: Vec<u32>,
    pub(super) kinds: Vec<Kind>,
    pub(super) lines: Vec<u32>,
    pub(super) positions: Vec<u32>,
    pub(super) sources: Texts,
    pub(super) targets: Texts,
    /// In percent.
    pub(super) confidences: Vec<Option<u8>>,
    /// The source and target texts as written, by the row. Few rows have some.
    pub(super) written: Vec<(usize, [Option<String>; 2])>,
    pub(super) labels: Vec<Vec<&'static str>>,
    bytes: usize,
}

impl SegmentRows {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The bytes of the rows as a record batch, about: there, each row has what it shares with others.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether further rows belong into another value: so the rows of a document of any size need bounded memory.
    pub fn is_full(&self) -> bool {
        self.bytes >= FULL_BYTES || self.len() >= FULL_ROWS
    }

    /// Whether a segment shares what the rows since [`begin`](Self::begin) have in common. Compares all metadata.
    pub fn continues(&self, placed: &PlacedSegment<'_>) -> bool {
        self.shared.last().is_some_and(|last| last.is_that_of(placed))
    }

    /// The locales of the first row.
    pub fn locales(&self) -> Option<(&Locale, &Locale)> {
        self.shared.first().map(|shared| (&shared.source_locale, &shared.target_locale))
    }

    /// Moves the rows of another value behind these. The other one keeps its room.
    pub fn append(&mut self, other: &mut SegmentRows) {
        let rows = self.len();
        self.written.extend(other.written.drain(..).map(|(row, texts)| (rows + row, texts)));
        if !other.labels.is_empty() {
            self.labels.resize(rows, Vec::new());
            self.labels.append(&mut other.labels);
        }
        self.shared.append(&mut other.shared);
        self.ids.append(&other.ids);
        self.sources.append(&other.sources);
        self.targets.append(&other.targets);
        self.numbers.append(&mut other.numbers);
        self.kinds.append(&mut other.kinds);
        self.lines.append(&mut other.lines);
        self.positions.append(&mut other.positions);
        self.confidences.append(&mut other.confidences);
        self.bytes += other.bytes;
        other.clear();
    }

    /// Removes the rows, and keeps the room for others.
    pub fn clear(&mut self) {
        let SegmentRows {
            shared,
            ids,
            numbers,
            kinds,
            lines,
            positions,
            sources,
            targets,
            confidences,
            written,
            labels,
            bytes,
        } = self;
        for texts in [ids, sources, targets] {
            texts.bytes.clear();
            texts.ends.clear();
        }
        [numbers, lines, positions].into_iter().for_each(Vec::clear);
        shared.clear();
        kinds.clear();
        confidences.clear();
        written.clear();
        labels.clear();
        *bytes = 0;
    }

    /// Makes room for the rows of a document, unless they belong into several values.
    pub fn reserve<'s>(&mut self, segments: impl Iterator<Item = &'s Segment<'s>>) {
        let (mut rows, mut bytes) = (0, [0; 3]);
        for segment in segments {
            rows += 1;
            let texts = [segment.id.as_str(), &segment.source, &segment.target];
            bytes.iter_mut().zip(texts).for_each(|(bytes, text)| *bytes += text.len());
        }
        if bytes.iter().sum::<usize>() > FULL_BYTES || rows > FULL_ROWS {
            return;
        }
        for (texts, bytes) in [&mut self.ids, &mut self.sources, &mut self.targets].into_iter().zip(bytes) {
            texts.bytes.reserve(bytes);
            texts.ends.reserve(rows);
        }
        for numbers in [&mut self.numbers, &mut self.lines, &mut self.positions] {
            numbers.reserve(rows);
        }
        self.kinds.reserve(rows);
        self.confidences.reserve(rows);
    }

    /// Begins the rows of a document: that of a segment.
    pub fn begin(&mut self, placed: &PlacedSegment<'_>) {
        self.shared.push(Shared::of(placed));
    }

    /// Adds a row of the document that was begun last. `position` is that among the rows of its document, from 0.
    ///
    /// # Panics
    /// If no document was begun.
    pub fn push(&mut self, segment: &Segment<'_>, labels: Option<&[&'static str]>, position: u32) {
        let shared = self.shared.last_mut().expect("the caller begins a document before its rows");
        shared.rows += 1;
        let texts = segment.id.as_str().len() + segment.source.len() + segment.target.len();
        self.bytes += NUMBERS + texts + shared.bytes;
        if let Some(written) = &segment.written {
            let owned = [&written.source, &written.target].map(|text| text.as_deref().map(str::to_owned));
            self.written.push((self.numbers.len(), owned));
        }
        self.ids.push(segment.id.as_str());
        self.numbers.push(segment.id.number());
        self.kinds.push(segment.id.kind());
        self.lines.push(segment.line);
        self.positions.push(position);
        self.sources.push(&segment.source);
        self.targets.push(&segment.target);
        self.confidences.push(segment.confidence);
        if let Some(labels) = labels {
            self.labels.resize(self.numbers.len() - 1, Vec::new());
            self.labels.push(labels.to_vec());
        }
    }
}

impl Shared {
    fn of(placed: &PlacedSegment<'_>) -> Shared {
        let metadata = placed.metadata.clone();
        let texts = [
            &metadata.source_hash,
            &metadata.source_commit,
            &metadata.file_id,
            &metadata.title,
            &metadata.description,
        ];
        let texts = texts.into_iter().flatten().chain(&metadata.no_loc).map(String::len);
        Shared {
            bytes: texts.sum::<usize>() + placed.set.len() + placed.document.len(),
            set: placed.set.to_owned(),
            document: placed.document.to_owned(),
            source_locale: placed.source_locale.clone(),
            target_locale: placed.target_locale.clone(),
            version: placed.version,
            rows: 0,
            metadata,
        }
    }

    fn is_that_of(&self, placed: &PlacedSegment<'_>) -> bool {
        self.document == placed.document
            && self.set == placed.set
            && self.version == placed.version
            && self.target_locale == *placed.target_locale
            && self.source_locale == *placed.source_locale
            && self.metadata == *placed.metadata
    }

    pub fn workflow(&self) -> Option<&'static str> {
        self.metadata.workflow.map(Workflow::name)
    }

    /// The hand-off in days since 1970.
    pub fn handoff(&self) -> Option<i32> {
        let days = |date: Date| date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
        self.metadata.handoff.and_then(|date| i32::try_from(days(date)).ok())
    }
}
