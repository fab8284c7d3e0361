//! Aligns one pair of documents on a worker thread, and prepares its segments for storage.

use std::borrow::Cow;
use std::io;

use super::pairing::Pair;
use super::{AlignPlan, BothBytes};
use crate::alignment::{self, BlockCounts, Features, Model, Row, Side};
use crate::input::Entry;
use crate::matching::script_of;
use crate::memory::{KnownDocuments, id_prefix};
use crate::model::{LONGEST_TEXT, LineCounter, Locale, Metadata, Problem, SegmentId, fold_line_breaks};
use crate::operations::clean_documents::{Clean, Segmenters};
use crate::operations::digest::digest_of;
use crate::operations::documents;
use crate::operations::import::prepared::PreparedSegments;
use crate::segmentation::{Cuts, Language};
use crate::side_by_side;

/// The revision of the alignment. It changes whenever the same bytes are aligned differently, so that unchanged documents are aligned
/// again.
const REVISION: u32 = 1;

/// The number of the first segment of a document, as in side-by-side documents.
const FIRST_NUMBER: usize = 101;

/// Aligns documents.
pub(super) struct Aligner<'a> {
    pub plan: &'a AlignPlan,
    pub segmenters: &'a Segmenters<'static>,
    pub known: &'a KnownDocuments,
    pub model: Model,
    /// Whether the rows of the documents are wanted.
    pub wants_rows: bool,
    language: Language,
    /// Whether source and target are written in Latin letters.
    is_latin: bool,
}

/// An aligned document to store.
pub(super) struct AlignedDocument {
    pub hash: [u8; 32],
    pub metadata: Metadata,
    pub segments: PreparedSegments,
    pub blocks: BlockCounts,
    pub sentences: (u64, u64),
    /// Pairs with a confidence of at least 50, 80 and 95 percent.
    pub confident: [u64; 3],
    /// The rows of the document, if they are wanted.
    pub rows: Vec<AlignedRow>,
}

/// A row of an aligned document: a pair, or a sentence that is in none.
#[derive(Clone, Debug)]
pub struct AlignedRow {
    /// The source text; `None` if there is none.
    pub source: Option<String>,
    /// The target text, likewise.
    pub target: Option<String>,
    /// Of a pair, what its confidence depends on.
    pub features: Option<Features>,
}

/// What a pair of documents gave.
pub(super) struct Read {
    pub document: Option<AlignedDocument>,
    /// Problems, and whether they are of the target.
    pub problems: Vec<(bool, Problem)>,
}

impl<'a> Aligner<'a> {
    pub fn new(
        plan: &'a AlignPlan,
        segmenters: &'a Segmenters<'static>,
        known: &'a KnownDocuments,
    ) -> Aligner<'a> {
        let is_latin = |locale: &Locale| script_of(locale).is_none_or(|script| script == "Latn");
        Aligner {
            plan,
            segmenters,
            known,
            model: Model::default(),
            wants_rows: false,
            language: Language::of_locale(plan.target_locale.as_str()),
            is_latin: is_latin(&plan.source_locale) && is_latin(&plan.target_locale),
        }
    }

    /// Whether the memory has a pair of documents as it is.
    pub fn is_unchanged(&self, path: &str, (source, target): &BothBytes<'_>) -> bool {
        let (Ok(source), Ok(target)) = (source, target) else { return false };
        self.known.get(path).is_some_and(|known| {
            known.hash == self.hash(source, target)
                && known.source_locale == self.plan.source_locale
                && known.target_locale == self.plan.target_locale
        })
    }

    /// The identity of what a pair of documents becomes.
    fn hash(&self, source: &[u8], target: &[u8]) -> [u8; 32] {
        let workflow = self.plan.workflow.map_or("", |workflow| workflow.name());
        digest_of([&REVISION.to_le_bytes()[..], source, target, workflow.as_bytes()])
    }

    /// Measures both documents.
    pub fn sides<'d>(
        &self,
        (source, source_entry): (&'d str, &Entry),
        (target, target_entry): (&'d str, &Entry),
    ) -> (Side<'d>, Side<'d>) {
        let syntaxes = (documents::syntax(source_entry), documents::syntax(target_entry));
        let source = self.segmenters.outline(source, syntaxes.0, Cuts::Sentences);
        let target = self.segmenters.outline(target, syntaxes.1, Cuts::Candidates(self.language));
        (Side::new(source, self.is_latin), Side::new(target, self.is_latin))
    }

    /// Aligns a pair of documents.
    pub fn align(
        &self,
        pair: &Pair,
        (source_entry, target_entry): (&Entry, &Entry),
        (source_bytes, target_bytes): &BothBytes<'_>,
    ) -> Read {
        let mut problems = Vec::new();
        let mut text = |bytes: &'_ io::Result<&'_ [u8]>, is_target: bool| match clean(bytes) {
            Ok(text) => Some(text.into_owned()),
            Err(problem) => {
                problems.push((is_target, problem));
                None
            }
        };
        let (source, target) = (text(source_bytes, false), text(target_bytes, true));
        let (Some(source), Some(target)) = (source, target) else { return Read { document: None, problems } };
        if source == target {
            // It is not translated.
            return Read { document: None, problems };
        }
        let hash = self.hash(
            source_bytes.as_ref().map_or(&[][..], |bytes| bytes),
            target_bytes.as_ref().map_or(&[][..], |bytes| bytes),
        );
        let (one, other) = self.sides((&source, source_entry), (&target, target_entry));
        let found = alignment::align(&one, &other, &self.model);
        let mut metadata = side_by_side::read_metadata(&target, documents::syntax(target_entry));
        metadata.workflow = metadata.workflow.or(self.plan.workflow);
        let mut document = AlignedDocument {
            hash,
            metadata,
            segments: PreparedSegments::with_capacity(found.beads.len(), source.len() + target.len()),
            blocks: found.blocks,
            sentences: found.sentences,
            confident: [0; 3],
            rows: Vec::new(),
        };
        if self.wants_rows {
            let row = |row: Row| AlignedRow {
                source: row.source.map(|range| fold_line_breaks(&one.outline.text[range]).into_owned()),
                target: row.target.map(|range| fold_line_breaks(&other.outline.text[range]).into_owned()),
                features: row.features,
            };
            document.rows = alignment::rows(&one, &other, &found).into_iter().map(row).collect();
        }
        let prefix = id_prefix(&format!("{}/{}", self.plan.target_locale, pair.path));
        let mut lines = LineCounter::default();
        for bead in &found.beads {
            let source_text = fold_line_breaks(&one.outline.text[bead.source_text.clone()]);
            let target_text = fold_line_breaks(&other.outline.text[bead.target_text.clone()]);
            if source_text.is_empty() || target_text.is_empty() {
                continue;
            }
            let line = other.outline.line(bead.target_text.start, &mut lines);
            if source_text.len().max(target_text.len()) > LONGEST_TEXT {
                let reason = "a segment with more than 1 MiB is left out".to_owned();
                problems.push((true, Problem { line: Some(line), reason }));
                continue;
            }
            let confidence = percent(bead.confidence());
            for (count, least) in document.confident.iter_mut().zip([50, 80, 95]) {
                *count += u64::from(confidence >= least);
            }
            let id = format!("{prefix}-a{}", FIRST_NUMBER + document.segments.len());
            let id = SegmentId::parse(&id).expect("it is made of hexadecimal digits and a number");
            document.segments.push(id, line, (&source_text, &target_text), (None, Some(confidence)));
        }
        let document = (document.segments.len() > 0).then_some(document);
        Read { document, problems }
    }
}

/// A probability in whole percent, rounded down, so that no pair counts as surer than it is.
fn percent(probability: f32) -> u8 {
    (probability.clamp(0.0, 1.0) * 100.0) as u8
}

/// The text of a document.
pub(super) fn clean<'b>(bytes: &io::Result<&'b [u8]>) -> Result<Cow<'b, str>, Problem> {
    let bytes = match bytes {
        Ok(bytes) => Ok(*bytes),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    };
    match Clean::of(bytes) {
        Clean::Text(text) if text.contains('\0') => Err(Problem {
            line: None,
            reason: "it has zero bytes, so it is no text; the document was left out".to_owned(),
        }),
        Clean::Text(text) => Ok(text),
        Clean::SideBySide => Err(Problem {
            line: None,
            reason: "it is a side-by-side document; `bitext import` reads it; the document was left out"
                .to_owned(),
        }),
        Clean::Unreadable(problem) => Err(problem),
    }
}
