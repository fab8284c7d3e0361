//! Paragraph segments, cut into aligned sentences: a copy of a memory that has these too. An export reads the copy, so that all formats and
//! all rules hold for them as for the pairs of `align`. The memory itself stays as it is.

use std::collections::BTreeMap;
use std::path::Path;

use super::OperationError;
use super::align::measure::Measure;
use super::clean_documents::Segmenters;
use super::digest::digest_of;
use super::import::prepared::PreparedSegments;
use crate::alignment::{self, Model, Side, align};
use crate::memory::{DocumentName, Import, Memory, NewDocument, for_each_segment};
use crate::model::{Kind, Locale, Metadata, PlacedSegment, SegmentId, Versions, fold_line_breaks};
use crate::segmentation::Rules;
use crate::side_by_side::Syntax;

/// The name of the document set that has the sentences of the paragraphs of a set.
pub fn set_of_sentences(set: &str) -> String {
    format!("{set}.sentences")
}

/// The most bytes of paragraphs of each pair of locales that a model is learned from.
const SAMPLE: usize = 4 << 20;
/// The number of the first sentence of paragraph 103 is 103,001.
const PER_PARAGRAPH: u64 = 1_000;

/// Writes a copy of the memory to a new file, in which each paragraph segment of the current documents has its sentences, too. They are in
/// documents of the same path, in a set of the name [`set_of_sentences`], with kind and confidence as pairs that an alignment found. Returns
/// the copy, and the number of sentences.
///
/// # Errors
/// If the memory cannot be read, or the copy not be written.
pub fn copy_with_sentences(memory: &Memory, file: &Path) -> Result<(Memory, u64), OperationError> {
    memory.copy_to(file)?;
    let mut copy = Memory::open_or_create(file)?;
    let segmenters = Segmenters::new(Rules::english());
    let models = learn(memory, &segmenters)?;
    let mut import = Import::begin(&mut copy, false)?;
    let (mut document, mut count): (Option<Sentences>, u64) = (None, 0);
    for_each_paragraph(memory, |placed| {
        if let Some(other) = document.take_if(|document| !document.is_of(&placed)) {
            count += other.store(&mut import)?;
        }
        let document = document.get_or_insert_with(|| Sentences::of(&placed));
        let locales = (placed.source_locale.clone(), placed.target_locale.clone());
        if let Some(model) = models.get(&locales) {
            document.add(&placed, &segmenters, model);
        }
        Ok(())
    })?;
    if let Some(document) = document {
        count += document.store(&mut import)?;
    }
    import.finish()?;
    Ok((copy, count))
}

fn for_each_paragraph(
    memory: &Memory,
    mut visit: impl FnMut(PlacedSegment<'_>) -> Result<(), OperationError>,
) -> Result<(), OperationError> {
    let all = |_: &DocumentName| true;
    for_each_segment(memory, &all, Versions::Current, |placed| match placed.segment.id.kind() {
        Kind::Paragraph => visit(placed),
        Kind::Sentence | Kind::Aligned => Ok(()),
    })
}

/// Learns a model for each pair of locales from their paragraphs.
fn learn(
    memory: &Memory,
    segmenters: &Segmenters<'_>,
) -> Result<BTreeMap<(Locale, Locale), Model>, OperationError> {
    let mut samples: BTreeMap<(Locale, Locale), Sample> = BTreeMap::new();
    for_each_paragraph(memory, |placed| {
        let locales = (placed.source_locale.clone(), placed.target_locale.clone());
        let sample = samples.entry(locales).or_default();
        if sample.bytes < SAMPLE {
            let segment = placed.segment;
            sample.bytes += segment.source.len() + segment.target.len();
            sample.texts.push([segment.source.clone().into_owned(), segment.target.clone().into_owned()]);
        }
        Ok(())
    })?;
    let models = samples.into_iter().map(|(locales, sample)| {
        let measure = Measure::new(&locales.0, &locales.1);
        let sides = sample.texts.iter().map(|[source, target]| sides(measure, segmenters, source, target));
        let model = alignment::learn(&sides.collect::<Vec<_>>(), || {});
        (locales, model)
    });
    Ok(models.collect())
}

/// Paragraphs that a model is learned from: source and target.
#[derive(Default)]
struct Sample {
    texts: Vec<[String; 2]>,
    bytes: usize,
}

fn sides<'d>(
    measure: Measure,
    segmenters: &Segmenters<'_>,
    source: &'d str,
    target: &'d str,
) -> (Side<'d>, Side<'d>) {
    measure.sides(segmenters, (source, Syntax::Markdown), (target, Syntax::Markdown))
}

/// The sentences of a document.
struct Sentences {
    set: String,
    path: String,
    locales: (Locale, Locale),
    metadata: Metadata,
    segments: PreparedSegments,
}

impl Sentences {
    fn of(placed: &PlacedSegment<'_>) -> Sentences {
        Sentences {
            set: placed.set.to_owned(),
            path: placed.document.to_owned(),
            locales: (placed.source_locale.clone(), placed.target_locale.clone()),
            metadata: placed.metadata.clone(),
            segments: PreparedSegments::default(),
        }
    }

    fn is_of(&self, placed: &PlacedSegment<'_>) -> bool {
        self.path == placed.document
            && self.set == placed.set
            && self.locales.0 == *placed.source_locale
            && self.locales.1 == *placed.target_locale
    }

    /// Adds the sentences of a paragraph; none if it is one sentence.
    fn add(&mut self, placed: &PlacedSegment<'_>, segmenters: &Segmenters<'_>, model: &Model) {
        let segment = placed.segment;
        let measure = Measure::new(placed.source_locale, placed.target_locale);
        let (source, target) = sides(measure, segmenters, &segment.source, &segment.target);
        let found = align(&source, &target, model);
        if found.beads.len() < 2 {
            return;
        }
        for (number, bead) in (1_u64..PER_PARAGRAPH).zip(&found.beads) {
            let source = fold_line_breaks(&source.outline.text[bead.source_text.clone()]);
            let target = fold_line_breaks(&target.outline.text[bead.target_text.clone()]);
            let number = u64::from(segment.id.number()) * PER_PARAGRAPH + number;
            let id = format!("{}-a{number}", segment.id.prefix());
            // A paragraph with a number above four millions keeps its sentences to itself.
            let Some(id) = SegmentId::parse(&id).filter(|_| !source.is_empty() && !target.is_empty()) else {
                continue;
            };
            let confidence = alignment::percent(bead.confidence());
            self.segments.push(id, segment.line, (&source, &target), (None, Some(confidence)));
        }
    }

    fn store(self, import: &mut Import<'_>) -> Result<u64, OperationError> {
        if self.segments.len() == 0 {
            return Ok(0);
        }
        let texts = self.segments.iter().flat_map(|segment| [segment.pair.source, segment.pair.target]);
        let texts: Vec<&[u8]> = texts.map(str::as_bytes).collect();
        let new = NewDocument {
            set: &set_of_sentences(&self.set),
            path: &self.path,
            hash: &digest_of(texts),
            source_locale: &self.locales.0,
            target_locale: &self.locales.1,
            locale_stated: true,
            git: None,
            metadata: &self.metadata,
            problems: &[],
        };
        import.put(&new, self.segments.iter())?;
        Ok(self.segments.len() as u64)
    }
}
