//! Reads a sample of the documents: learns from it, and refuses trees that do not fit.

use super::clean::clean;
use super::document::Aligner;
use super::script::Letters;
use super::{AlignError, AlignSources, LEAST_SHARE, read_whole};
use crate::alignment::{self, BlockCounts, Model, align};
use crate::input::shown;
use crate::operations::OperationError;

/// The most bytes of both texts of the sample, and the most documents.
const BYTES: usize = 8 << 20;
const DOCUMENTS: usize = 1_000;
/// Above this share of equal documents, the target is not translated.
const MOST_EQUAL: f32 = 0.9;

impl AlignSources {
    /// Learns a model from a sample of the documents, spread over the set.
    pub(super) fn learn(&self, aligner: &Aligner<'_>) -> Result<Model, OperationError> {
        let texts = self.sample();
        let names = || (shown(&self.plan.source), self.target().path.clone());
        let equal = texts.iter().filter(|text| text.source == text.target).count();
        if equal > 0 && equal as f32 >= MOST_EQUAL * texts.len() as f32 {
            let (source_tree, target) = names();
            return Err(AlignError::SameText { source_tree, target }.into());
        }
        let mut letters = Letters::default();
        let mut documents = Vec::with_capacity(texts.len());
        for text in &texts {
            let pair = &self.pairing.pairs[text.pair];
            let entries = (self.entry_of(pair), self.target_entry_of(pair));
            let sides = aligner.sides((&text.source, entries.0), (&text.target, entries.1));
            letters.add(crate::side_by_side::body(&text.target));
            documents.push(sides);
        }
        if let Some(script) = letters.other_than(&self.plan.target_locale) {
            let reason = format!("they are written in {script}");
            let locale = self.plan.target_locale.clone();
            return Err(AlignError::OtherLocale { target: names().1, locale, reason }.into());
        }
        let model = alignment::learn(&documents, || {});
        let mut blocks = BlockCounts::default();
        for (source, target) in &documents {
            blocks += align(source, target, &model).blocks;
        }
        if !self.plan.force && blocks.source > 0 && blocks.share() < LEAST_SHARE {
            let (source_tree, target) = names();
            let percent = (blocks.share() * 100.0) as u32;
            return Err(AlignError::DoNotFit { source_tree, target, percent }.into());
        }
        Ok(model)
    }

    /// The texts of pairs that are spread evenly over the set. What cannot be read is reported when it is aligned.
    fn sample(&self) -> Vec<Texts> {
        let pairs = &self.pairing.pairs;
        let (mut source, mut target) = (self.source.reader(), self.target().reader());
        let most = self.plan.files.limits.document.0.min(BYTES as u64);
        let count = pairs.len().min(DOCUMENTS);
        let (mut texts, mut bytes) = (Vec::new(), 0);
        // By the golden ratio, so that any beginning of the sequence is spread over the whole set.
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..count {
            let at = ((number as f64 * 0.618_033_988_749_895).fract() * pairs.len() as f64) as usize;
            let at = at.min(pairs.len() - 1);
            if !seen.insert(at) {
                continue;
            }
            let pair = &pairs[at];
            let source = read_whole(&mut source, self.entry_of(pair), most);
            let Ok(source) = clean(&source).map(|text| text.into_owned()) else { continue };
            let target = read_whole(&mut target, self.target_entry_of(pair), most);
            let Ok(target) = clean(&target).map(|text| text.into_owned()) else { continue };
            bytes += source.len() + target.len();
            texts.push(Texts { pair: at, source, target });
            if bytes >= BYTES {
                break;
            }
        }
        texts
    }
}

struct Texts {
    pair: usize,
    source: String,
    target: String,
}
