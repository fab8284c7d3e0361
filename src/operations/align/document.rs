//! Aligns one pair of documents on a worker thread, and prepares its segments for storage.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::ops::Range;

use super::choice::{AlignedVersion, Candidates};
use super::clean::clean;
use super::measure::Measure;
use super::mixture::{self, Part};
use super::pairing::Pair;
use super::versions::{Version, Versions};
use super::{AlignPlan, BothBytes, ReadVersion, Tree};
use crate::alignment::{self, Alignment, BlockCounts, Features, Model, Row, Side};
use crate::input::Entry;
use crate::memory::{KnownDocuments, id_prefix};
use crate::model::{LONGEST_TEXT, LineCounter, Metadata, Problem, SegmentId, fold_line_breaks};
use crate::operations::clean_documents::Segmenters;
use crate::operations::digest::digest_of;
use crate::operations::documents;
use crate::operations::import::prepared::PreparedSegments;
use crate::side_by_side::{self, FrontText};

/// The revision of the alignment. It changes whenever the same bytes are aligned differently, so that unchanged documents are aligned
/// again.
const REVISION: u32 = 5;

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
    measure: Measure,
}

/// An aligned document to store.
pub(super) struct AlignedDocument {
    pub hash: [u8; 32],
    pub metadata: Metadata,
    pub segments: PreparedSegments,
    pub blocks: BlockCounts,
    pub sentences: (u64, u64),
    /// Pairs of titles, descriptions and alternative texts.
    pub labels: u64,
    /// The index of the version of the source among the candidates.
    pub version: usize,
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
    /// Of a pair that is no part of the text: the key of its front matter, or `image`.
    pub key: Option<&'static str>,
}

/// The [`AlignedRow::key`] of the alternative text of an image.
const IMAGE: &str = "image";

/// Two texts that belong together and are no part of the text of a document.
struct Label {
    key: &'static str,
    source: String,
    target: String,
    line: u32,
    features: Features,
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
        Aligner {
            plan,
            segmenters,
            known,
            model: Model::default(),
            wants_rows: false,
            measure: Measure::new(&plan.source_locale, &plan.target_locale),
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
        let source = (source, documents::syntax(source_entry));
        self.measure.sides(self.segmenters, source, (target, documents::syntax(target_entry)))
    }

    /// Measures and aligns both documents, with the sections of the target in the order of the source.
    pub fn aligned<'d>(
        &self,
        source: (&'d str, &Entry),
        target: (&'d str, &Entry),
    ) -> ((Side<'d>, Side<'d>), Alignment) {
        let (one, other) = self.sides(source, target);
        let (other, found) = alignment::align_in_order(&one, other, &self.model);
        ((one, other), found)
    }

    /// Aligns a pair of documents.
    pub fn align(
        &self,
        pair: &Pair,
        (source_entry, target_entry): (&Entry, &Entry),
        (source_bytes, target_bytes): &BothBytes<'_>,
        (versions, read): (&Versions, &mut ReadVersion<'_>),
    ) -> Read {
        let mut problems = Vec::new();
        let mut text = |bytes: &'_ io::Result<&'_ [u8]>, is_target: bool| match clean(bytes) {
            Ok(text) => Some(text.into_owned()),
            Err(problem) => {
                problems.push((is_target, problem));
                None
            }
        };
        let (newest, target) = (text(source_bytes, false), text(target_bytes, true));
        let (Some(newest), Some(target)) = (newest, target) else { return Read { document: None, problems } };
        let candidates = candidates(newest, &target, versions, read);
        let aligned = |source| self.aligned((source, source_entry), (&target, target_entry));
        let Some((versions, chosen)) = candidates.choose(aligned) else {
            return Read { document: None, problems };
        };
        let AlignedVersion { index: version, source, sides: (one, other), found, .. } = &versions[chosen];
        if *source == target {
            // It is not translated.
            return Read { document: None, problems };
        }
        let hash = self.hash(
            source_bytes.as_ref().map_or(&[][..], |bytes| bytes),
            target_bytes.as_ref().map_or(&[][..], |bytes| bytes),
        );
        let mut metadata = side_by_side::read_metadata(&target, documents::syntax(target_entry));
        metadata.workflow = metadata.workflow.or(self.plan.workflow);
        let mut document = AlignedDocument {
            hash,
            metadata,
            segments: PreparedSegments::with_capacity(found.beads.len(), source.len() + target.len()),
            blocks: found.blocks,
            sentences: found.sentences,
            labels: 0,
            version: *version,
            confident: [0; 3],
            rows: Vec::new(),
        };
        let parts = mixture::parts(&versions, chosen);
        if self.wants_rows {
            document.rows = rows(&parts, &versions[chosen]);
        }
        let prefix = id_prefix(&format!("{}/{}", self.plan.target_locale, pair.path));
        let mut lines = LineCounter::default();
        let texts = parts.iter().flatten().map(|part| {
            let (source, target) = part.texts();
            let line = other.outline.line(part.bead.target_text.start, &mut lines);
            (source.into(), target.into(), line, part.bead.confidence())
        });
        texts.for_each(|text| document.push(&prefix, text, &mut problems));
        // After the sentences, so that these keep their neighbours.
        for label in self.labels((source, one), (&target, other), found) {
            let before = document.segments.len();
            let confidence = label.features.confidence();
            let text = (label.source.as_str().into(), label.target.as_str().into(), label.line, confidence);
            document.push(&prefix, text, &mut problems);
            document.labels += (document.segments.len() - before) as u64;
            if self.wants_rows {
                let (source, target) = (Some(label.source), Some(label.target));
                let (features, key) = (Some(label.features), Some(label.key));
                document.rows.push(AlignedRow { source, target, features, key });
            }
        }
        let document = (document.segments.len() > 0).then_some(document);
        Read { document, problems }
    }

    /// Titles and descriptions by their keys, and alternative texts of images by their addresses.
    fn labels(
        &self,
        (source, one): (&str, &Side<'_>),
        (target, other): (&str, &Side<'_>),
        found: &Alignment,
    ) -> Vec<Label> {
        let features = |source: &str, target: &str| {
            alignment::features_of_texts((source, target), self.measure.is_latin, &self.model, found)
        };
        let ours = side_by_side::front_matter_texts(source);
        let mut labels = Vec::new();
        for FrontText { key, text: target, line } in side_by_side::front_matter_texts(target) {
            // One that is equal on both sides is not translated.
            let partner = ours.iter().find(|text| text.key == key && text.text != target);
            if let Some(source) = partner.map(|text| text.text.clone()) {
                let features = features(&source, &target);
                labels.push(Label { key, source, target, line, features });
            }
        }
        let mut lines = LineCounter::default();
        for (source, target) in alignment::pairs_of_images(one, other) {
            let line = other.outline.line(target.start, &mut lines);
            let (source, target) =
                (one.outline.text[source].to_owned(), other.outline.text[target].to_owned());
            if source == target {
                continue;
            }
            let features = features(&source, &target);
            labels.push(Label { key: IMAGE, source, target, line, features });
        }
        labels
    }
}

/// The texts of the versions of the source, of which the newest is read already, and of the target.
fn candidates<'v>(
    newest: String,
    target: &str,
    versions: &'v Versions,
    read: &mut ReadVersion<'_>,
) -> Candidates<'v> {
    let mut text = |tree, version: &Version| {
        let bytes = read(tree, &version.entry)?;
        clean(&Ok(&bytes)).map(Cow::into_owned).ok()
    };
    let mut texts = vec![Some(newest)];
    texts.extend(versions.of_source.iter().skip(1).map(|version| text(Tree::Source, version)));
    let mut targets = Vec::new();
    if texts.len() > 1 {
        let time = |version: &Version| version.commit.time;
        targets.extend(versions.of_target.first().map(|newest| (time(newest), target.to_owned())));
        let earlier = versions.of_target.iter().skip(1);
        targets.extend(earlier.map_while(|version| Some((time(version), text(Tree::Target, version)?))));
    }
    Candidates { versions: &versions.of_source, texts, targets }
}

/// The rows of a document: those of the chosen version, with the pairs of other versions that replace some of them.
fn rows(parts: &[Vec<Part<'_>>], chosen: &AlignedVersion<'_>) -> Vec<AlignedRow> {
    let row = |part: &Part<'_>| {
        let (source, target) = part.texts();
        let features = Some(part.bead.features);
        AlignedRow { source: Some(source), target: Some(target), features, key: None }
    };
    let paired: HashSet<usize> = parts.iter().flatten().map(|part| part.bead.target_text.start).collect();
    let (one, other) = &chosen.sides;
    let (mut rows, mut parts) = (Vec::new(), parts.iter());
    for Row { source, target, features } in alignment::rows(one, other, &chosen.found) {
        if features.is_some() {
            rows.extend(parts.next().into_iter().flatten().map(row));
        } else if target.as_ref().is_none_or(|target| !paired.contains(&target.start)) {
            let source = source.map(|range| text_of(one, &range));
            let target = target.map(|range| text_of(other, &range));
            rows.push(AlignedRow { source, target, features: None, key: None });
        }
    }
    rows.extend(parts.flatten().map(row));
    rows
}

impl Part<'_> {
    /// Its source and its target text.
    fn texts(&self) -> (String, String) {
        let (one, other) = &self.version.sides;
        (text_of(one, &self.bead.source_text), text_of(other, &self.bead.target_text))
    }
}

/// The text of a range, on one line.
fn text_of(side: &Side<'_>, range: &Range<usize>) -> String {
    fold_line_breaks(&side.text(range)).into_owned()
}

impl AlignedDocument {
    /// Adds a pair of texts with its line and its probability.
    fn push(
        &mut self,
        prefix: &str,
        (source, target, line, probability): (Cow<'_, str>, Cow<'_, str>, u32, f32),
        problems: &mut Vec<(bool, Problem)>,
    ) {
        if source.is_empty() || target.is_empty() {
            return;
        }
        if source.len().max(target.len()) > LONGEST_TEXT {
            let reason = "a segment with more than 1 MiB is left out".to_owned();
            problems.push((true, Problem { line: Some(line), reason }));
            return;
        }
        let confidence = alignment::percent(probability);
        for (count, least) in self.confident.iter_mut().zip([50, 80, 95]) {
            *count += u64::from(confidence >= least);
        }
        let id = format!("{prefix}-a{}", FIRST_NUMBER + self.segments.len());
        let id = SegmentId::parse(&id).expect("it is made of hexadecimal digits and a number");
        self.segments.push(id, line, (&source, &target), (None, Some(confidence)));
    }
}
