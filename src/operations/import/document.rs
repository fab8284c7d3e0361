//! Reads one document on a worker thread: decides whether it is unchanged, and prepares its segments for storage.

use std::io;

use super::prepared::PreparedSegments;
use crate::input::Entry;
use crate::memory::{KnownDocument, KnownDocuments};
use crate::model::{Locale, Metadata, Problem, Segment, zero_block};
use crate::operations::documents;
use crate::side_by_side;

/// Reads documents, and recognizes unchanged ones.
pub(super) struct Reader<'a> {
    pub known: &'a KnownDocuments,
    pub source_locale: &'a Locale,
    /// The locale of documents that state none.
    pub fallback: Option<&'a Locale>,
}

/// The result of reading a document.
pub(super) enum Reading {
    /// It has no spans.
    WithoutSpans,
    /// It could not be read.
    Unreadable(Problem),
    /// It is damaged, and the memory has an earlier version.
    Damaged { problems: Vec<Problem> },
    /// The memory has the same version, with these problems.
    Unchanged { problems: Vec<Problem> },
    /// It states no locale, and no fallback is known yet.
    WithoutLocale,
    /// It is read, and has to be stored.
    Read(Box<ReadDocument>),
}

impl Reading {
    /// The target locale that the document itself states, if this reading found one.
    pub fn stated_locale<'a>(&'a self, known: Option<&'a KnownDocument>) -> Option<&'a Locale> {
        match self {
            Reading::Read(document) => document.metadata.target_locale.as_ref(),
            Reading::Unchanged { .. } | Reading::Damaged { .. } => {
                known.filter(|known| known.locale_stated).map(|known| &known.target_locale)
            }
            _ => None,
        }
    }
}

/// A document to store.
pub(super) struct ReadDocument {
    pub hash: [u8; 32],
    pub target_locale: Locale,
    pub metadata: Metadata,
    pub problems: Vec<Problem>,
    pub segments: PreparedSegments,
}

impl Reader<'_> {
    /// Reads one document's bytes.
    pub fn read(&self, entry: &Entry, bytes: io::Result<&[u8]>) -> Reading {
        let reading = self.try_read(entry, bytes).unwrap_or_else(Reading::Unreadable);
        match reading {
            Reading::Unreadable(problem) if self.known.get(&entry.path).is_some() => {
                Reading::Damaged { problems: vec![problem] }
            }
            reading => reading,
        }
    }

    fn try_read(&self, entry: &Entry, bytes: io::Result<&[u8]>) -> Result<Reading, Problem> {
        let bytes = bytes.map_err(documents::unreadable)?;
        if !side_by_side::has_spans(bytes) {
            let damage = match zero_block(bytes) {
                _ if bytes.is_empty() => Some("the document is empty"),
                Some(_) => Some("a block of zero bytes, where a part of the document was overwritten"),
                None => None,
            };
            // A file that never had segments is no document of the set, whatever is in it.
            return match damage.filter(|_| self.known.get(&entry.path).is_some()) {
                Some(reason) => Err(Problem { line: None, reason: reason.to_owned() }),
                None => Ok(Reading::WithoutSpans),
            };
        }
        let hash = hash(bytes);
        if let Some(known) = self.known.get(&entry.path)
            && known.hash == hash
            && known.source_locale == *self.source_locale
        {
            match (known.locale_stated, self.fallback) {
                (false, None) => return Ok(Reading::WithoutLocale),
                (false, Some(locale)) if *locale != known.target_locale => {}
                _ => return Ok(Reading::Unchanged { problems: known.problems.clone() }),
            }
        }
        let text = side_by_side::decode(bytes)?;
        let document = side_by_side::read(&text, documents::syntax(entry));
        if document.is_damaged && self.known.get(&entry.path).is_some() {
            return Ok(Reading::Damaged { problems: document.problems });
        }
        let Some(target_locale) = document.metadata.target_locale.as_ref().or(self.fallback).cloned() else {
            // A document of which no segment can be read misses no locale: its problem is another one.
            return match document.problems.into_iter().next() {
                Some(problem) if document.segments.is_empty() => Err(problem),
                _ => Ok(Reading::WithoutLocale),
            };
        };
        let mut segments = PreparedSegments::with_capacity(document.segments.len(), bytes.len());
        for segment in &document.segments {
            let texts = (&*segment.source, &*segment.target);
            segments.push(segment.id, segment.line, texts, (segment.written.as_deref(), segment.confidence));
        }
        let (metadata, mut problems) = (document.metadata, document.problems);
        problems.extend(document.segments.iter().filter_map(empty_text));
        problems.sort_by_key(|problem| problem.line);
        Ok(Reading::Read(Box::new(ReadDocument { hash, target_locale, metadata, problems, segments })))
    }
}

/// Reports a segment without a text, as that of a TMX. It is stored, because it is a place of the document; exports omit it.
fn empty_text(segment: &Segment<'_>) -> Option<Problem> {
    let which = match (segment.source.trim().is_empty(), segment.target.trim().is_empty()) {
        (false, false) => return None,
        (true, false) => "an empty source",
        (false, true) => "an empty target",
        (true, true) => "an empty source and an empty target",
    };
    let reason = format!("segment {} has {which}; exports leave it out", segment.id.as_str());
    Some(Problem { line: Some(segment.line), reason })
}

/// The identity of a document's content: BLAKE3 of its bytes, keyed by the revision of the reader.
fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut key = [0; blake3::KEY_LEN];
    key[..4].copy_from_slice(&side_by_side::REVISION.to_le_bytes());
    // One call for all bytes: several calls would break up the groups of chunks that BLAKE3 hashes in parallel.
    *blake3::keyed_hash(&key, bytes).as_bytes()
}
