//! Analysis: how much of clean documents a memory covers, by bands. The table that translators are paid by.
//!
//! Each different text is looked up once. Exact and context matches are read from [`Leverage`], which knows all texts of the memory; only
//! texts without an exact match are searched for similar ones.

mod bands;
mod earlier;
mod internal;
mod matches;
mod rates;
mod texts;

use std::io;
use std::path::{Path, PathBuf};

use super::clean_documents::{Clean, LookedUp, Segmenters, failed, warn_of_set, with_memory};
use super::documents::{self, DocumentCounts, Files, Output, ReadDocument, read_documents_with};
use super::report::Problems;
use super::{OperationError, Report};
use crate::input::Entry;
use crate::matching::Penalties;
use crate::memory::{self, Leverage, Lookup, LookupOptions, Memory, MemoryError, PathId, TextHash};
use crate::model::{Locale, Score, Workflow};
use crate::segmentation::{Content, Rules};

pub use bands::{Band, Counts, Origin, Shares, Similarity, Volume};
pub use rates::{Rates, RatesError};

use earlier::Earlier;
use internal::internal_matches;
use matches::{MatchPlan, TextFacts, matches};
use texts::{AllTexts, DocumentTexts, Segment, Texts};

/// A plan of an analysis.
#[derive(Clone, Debug)]
pub struct AnalyzePlan {
    /// Folders, archives, Git repositories or single files of clean documents.
    pub paths: Vec<PathBuf>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// The memory's file.
    pub memory: PathBuf,
    /// The locale of the documents; `None`: that of the memory's source texts.
    pub from: Option<Locale>,
    /// The locale of the translations.
    pub to: Locale,
    /// Whether similar texts are also searched in the documents themselves.
    pub internal: bool,
    /// Whether what the memory has of a document is left out when it is analysed. A document is known by its path below its set.
    pub without_document: bool,
    /// Only documents that differ from this earlier revision of their Git repository.
    pub changed_since: Option<String>,
    /// How many threads work; at least one does.
    pub threads: usize,
}

/// An analysis.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The locale of the documents, as far as it is known.
    pub source_locale: Option<Locale>,
    /// The locale of the translations.
    pub target_locale: Locale,
    /// The documents with a segment, in the order of the paths and of the documents' paths below them.
    pub documents: Vec<AnalyzedDocument>,
    /// All documents together.
    pub total: Counts,
    /// What was read.
    pub counts: DocumentCounts,
    /// Whether the memory has a text that can be a match.
    pub memory_has_texts: bool,
}

/// The counts of one document.
#[derive(Clone, Debug)]
pub struct AnalyzedDocument {
    /// The name of its set.
    pub set: String,
    /// Its path below the set, `/` separated.
    pub document: String,
    /// What it has.
    pub counts: Counts,
}

impl Analysis {
    /// Whether the volume is measured by characters: in locales whose words are not written apart.
    pub fn by_characters(&self) -> bool {
        self.source_locale.as_ref().is_some_and(|locale| matches!(locale.language(), "zh" | "ja"))
    }
}

/// Analyses documents.
///
/// # Errors
/// If a path of the plan cannot be listed, or has no earlier revision where one is needed, or the memory cannot be read. Unreadable
/// documents are reported as problems.
pub fn analyze(
    plan: &AnalyzePlan,
    rules: &Rules,
    report: &mut dyn Report,
) -> Result<Analysis, OperationError> {
    let memory = Memory::open(&plan.memory)?;
    let leverage = Leverage::read(&memory, plan.from.as_ref(), &plan.to)?;
    drop(memory);
    let mut read = ReadTexts::default();
    let segmenters = Segmenters::new(rules);
    let mut counts = DocumentCounts::default();
    let mut problems = Problems::new(report);
    for path in &plan.paths {
        read.add_path(plan, path, &segmenters, &leverage, (&mut problems, &mut counts))?;
    }
    counts.problems = problems.count;
    let match_plan = MatchPlan {
        memory: &plan.memory,
        from: plan.from.as_ref(),
        to: &plan.to,
        leverage: &leverage,
        without_document: plan.without_document,
        threads: plan.threads,
    };
    let facts = matches(&match_plan, &read.texts.all, report)?;
    let internal = match plan.internal {
        true => internal_matches(&read.texts.all, &facts, plan.threads),
        false => Vec::new(),
    };
    let mut classifier = Classifier {
        leverage: &leverage,
        texts: &read.texts,
        facts: &facts,
        internal: &internal,
        seen_in: vec![None; facts.len()],
    };
    let (mut documents, mut total) = (Vec::with_capacity(read.documents.len()), Counts::default());
    for (number, document) in read.documents.into_iter().enumerate() {
        let left_out = if plan.without_document { leverage.path(&document.path) } else { None };
        let counts = classifier.document(number, &document.segments, left_out);
        total += &counts;
        let set = read.sets[document.set].clone();
        documents.push(AnalyzedDocument { set, document: document.path, counts });
    }
    Ok(Analysis {
        source_locale: leverage.source_locale().cloned(),
        target_locale: plan.to.clone(),
        documents,
        total,
        counts,
        memory_has_texts: !leverage.is_empty(),
    })
}

/// The texts of the documents that were read.
#[derive(Default)]
struct ReadTexts {
    texts: Texts,
    sets: Vec<String>,
    documents: Vec<ReadSegments>,
}

/// A document that was read.
struct ReadSegments {
    /// The number of its set.
    set: usize,
    path: String,
    segments: Box<[Segment]>,
}

/// What a thread read of a document.
#[derive(Default)]
struct Read {
    texts: DocumentTexts,
    is_side_by_side: bool,
}

impl ReadTexts {
    fn add_path(
        &mut self,
        plan: &AnalyzePlan,
        path: &Path,
        segmenters: &Segmenters<'_>,
        leverage: &Leverage,
        (problems, counts): (&mut Problems<'_>, &mut DocumentCounts),
    ) -> Result<(), OperationError> {
        let set = plan.files.open(path, None)?;
        problems.add_listing(&set);
        let earlier = plan.changed_since.as_deref().map(|revision| Earlier::open(plan, path, revision, &set));
        let earlier = earlier.transpose()?;
        let number = self.sets.len();
        self.sets.push(set.name.clone());
        let mut side_by_side = 0;
        let unchanged =
            earlier.as_ref().is_some_and(|earlier| set.entries.iter().any(|entry| earlier.has(entry)));
        let found = read_documents_with(
            &set,
            plan.threads,
            (&mut *problems, counts),
            |run| {
                with_memory(&plan.memory, run, |memory, run| {
                    let own = OwnTexts::new(plan, memory, leverage)?;
                    run(&mut |entry, bytes| {
                        if earlier.as_ref().is_some_and(|earlier| earlier.has(entry)) {
                            return ReadDocument::nothing(Vec::new());
                        }
                        own.read(segmenters, (entry, bytes), earlier.as_ref()).unwrap_or_else(failed)
                    });
                    Ok(())
                });
            },
            |path, read: LookedUp<Read>| {
                let read = read?;
                side_by_side += u64::from(read.is_side_by_side);
                if read.texts.is_empty() {
                    return Ok(Output::Nothing);
                }
                let segments = read.texts.intern(&mut self.texts);
                self.documents.push(ReadSegments { set: number, path: path.to_owned(), segments });
                Ok(Output::Written)
            },
        )?;
        // Nothing has changed: that is a result.
        let has_text = found || unchanged;
        counts.sets_with_segments += u64::from(has_text);
        warn_of_set(problems, &set, (has_text, side_by_side));
        Ok(())
    }
}

/// Cuts documents on one thread.
struct OwnTexts<'a> {
    lookup: Lookup<'a>,
    leverage: &'a Leverage,
    without_document: bool,
}

impl<'a> OwnTexts<'a> {
    fn new(plan: &AnalyzePlan, memory: &'a Memory, leverage: &'a Leverage) -> Result<Self, MemoryError> {
        let options = LookupOptions {
            from: plan.from.clone(),
            to: Some(plan.to.clone()),
            floor: Score::EXACT,
            limit: 1,
            penalties: Penalties::default(),
            workflow: None,
            only_current: false,
        };
        let lookup = Lookup::new(memory, options)?;
        Ok(OwnTexts { lookup, leverage, without_document: plan.without_document })
    }

    fn read(
        &self,
        segmenters: &Segmenters<'_>,
        (entry, bytes): (&Entry, io::Result<&[u8]>),
        earlier: Option<&Earlier>,
    ) -> Result<ReadDocument<LookedUp<Read>>, MemoryError> {
        let text = match Clean::of(bytes) {
            Clean::Text(text) => text,
            Clean::SideBySide => {
                let output = Some(Ok(Read { is_side_by_side: true, ..Read::default() }));
                return Ok(ReadDocument { output, problems: Vec::new(), has_segments: false });
            }
            Clean::Unreadable(problem) => return Ok(ReadDocument::nothing(vec![problem])),
        };
        let own = match self.without_document {
            true => memory::DocumentTexts::default(),
            false => self.lookup.document_texts(&entry.path)?,
        };
        let left_out = if self.without_document { self.leverage.path(&entry.path) } else { None };
        let known = AllTexts { leverage: self.leverage, left_out };
        let mut problems = Vec::new();
        let pieces = segmenters.pieces(&text, documents::syntax(entry));
        let mut texts = DocumentTexts::read(&text, &pieces, (&own, known), &mut problems)?;
        if let Some(earlier) = earlier
            && let Some((text, syntax)) = earlier.text(entry, &text)
        {
            let pieces = segmenters.pieces(&text, syntax);
            let earlier = DocumentTexts::read(&text, &pieces, (&own, known), &mut Vec::new())?;
            texts.mark_unchanged(&earlier);
        }
        let has_segments = !texts.is_empty();
        let output = Some(Ok(Read { texts, is_side_by_side: false }));
        Ok(ReadDocument { output, problems, has_segments })
    }
}

/// Decides in which band each segment is.
struct Classifier<'a> {
    leverage: &'a Leverage,
    texts: &'a Texts,
    facts: &'a [TextFacts],
    /// Empty if they were not searched for.
    internal: &'a [Option<Score>],
    /// The document that had each text last.
    seen_in: Vec<Option<usize>>,
}

impl Classifier<'_> {
    fn document(&mut self, number: usize, segments: &[Segment], left_out: Option<PathId>) -> Counts {
        let mut counts = Counts::default();
        let hash = |segment: &Segment| self.texts.all[segment.text as usize].0;
        for (at, segment) in segments.iter().enumerate() {
            let beside = [at.checked_sub(1).map(|at| hash(&segments[at])), segments.get(at + 1).map(hash)];
            let (band, workflow) = self.band(segment, hash(segment), beside, (number, left_out));
            let volume = Volume::of_segment(self.facts[segment.text as usize].volume);
            counts.add(band, workflow, volume);
            self.seen_in[segment.text as usize] = Some(number);
        }
        counts
    }

    fn band(
        &self,
        segment: &Segment,
        hash: TextHash,
        beside: [Option<TextHash>; 2],
        (number, left_out): (usize, Option<PathId>),
    ) -> (Band, Option<Workflow>) {
        let text = segment.text as usize;
        let facts = &self.facts[text];
        match facts.content {
            Content::Numbers => return (Band::Numbers, None),
            Content::Code => return (Band::Code, None),
            Content::Text => {}
        }
        if segment.is_unchanged {
            return (Band::Unchanged, None);
        }
        if let Some(found) = self.leverage.in_context(beside, hash, left_out) {
            return (Band::Context, found.workflow);
        }
        if let Some(found) = self.leverage.exact(hash, left_out) {
            return (Band::Exact, found.workflow);
        }
        match self.seen_in[text] {
            Some(last) if last == number => return (Band::Repetition, None),
            Some(_) => return (Band::CrossRepetition, None),
            None => {}
        }
        let found = facts.fuzzy.iter().flatten().find_map(|found| match left_out {
            None => Some((found.score, found.workflow)),
            Some(_) => {
                let known = self.leverage.exact(found.source, left_out)?;
                Some((found.score, known.workflow))
            }
        });
        if let Some(internal) = self.internal.get(text).copied().flatten()
            && found.is_none_or(|(score, _)| internal > score)
            && let Some(similarity) = Similarity::of(internal.percent())
        {
            return (Band::Fuzzy(similarity, Origin::Internal), None);
        }
        match found.and_then(|(score, workflow)| Some((Similarity::of(score.percent())?, workflow))) {
            Some((similarity, workflow)) => (Band::Fuzzy(similarity, Origin::Memory), workflow),
            None => (Band::NoMatch, None),
        }
    }
}
