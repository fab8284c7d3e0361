//! Translation of clean documents from a memory: what is known is written in the place of the English text, and everything else stays byte
//! for byte.

mod adapt;
mod replacement;
mod scalar;
mod side_by_side;

use std::io;
use std::path::PathBuf;

use serde::Serialize;

use super::clean_documents::{Clean, LookedUp, Segmenters, failed, warn_of_set, with_memory};
use super::documents::{self, DocumentCounts, Files, Output, Read, ReadDocument, read_documents_with};
use super::export::unfinished::UnfinishedFiles;
use super::output_tree::{Existing, Tree, not_written, refuse_same_paths};
use super::pretranslate::{PretranslatedSegment, Pretranslator, Proposal};
use super::report::Problems;
use super::{OperationError, Report};
use crate::input::Entry;
use crate::memory::{BlockCache, LookupOptions, MemoryError};
use crate::model::{Locale, Problem, Score, Workflow};
use crate::segmentation::{Block, Rules};
use crate::side_by_side::{Encoding, Quoting, Syntax, escape_yaml, read_metadata};

use adapt::adapted;
use replacement::{Replacement, core_of, replaced, replacement};
use side_by_side::{Ids, with_locale};

/// A plan of a translation.
#[derive(Clone, Debug)]
pub struct TranslatePlan {
    /// Folders, archives, Git repositories or single files of clean documents.
    pub paths: Vec<PathBuf>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// The memory's file.
    pub memory: PathBuf,
    /// The options of look-ups; the floor is the lowest score of a match that is written.
    pub options: LookupOptions,
    /// The locale of the translations.
    pub to: Locale,
    /// The folder for the documents; made if it is missing.
    pub output_dir: PathBuf,
    /// Whether existing files are overwritten.
    pub existing: Existing,
    /// What is written.
    pub format: TranslateFormat,
    /// What becomes of text without a match.
    pub untranslated: Untranslated,
    /// Whether what the memory has of a document is left out when it is translated. A document is known by its path below its set.
    pub without_document: bool,
    /// How many threads work; at least one does.
    pub threads: usize,
}

/// What a translation writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranslateFormat {
    /// The documents, with their translations.
    Documents,
    /// Side-by-side documents: each translation with its source beside it.
    SideBySide,
}

/// What becomes of text without a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untranslated {
    /// It stays as it is.
    Keep,
    /// It stays, with a comment behind it.
    Mark,
}

/// The counts of a translation; the fields of `translate --json`, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TranslateCounts {
    /// Documents that were written.
    pub documents: u64,
    /// Documents of which every segment was translated.
    pub documents_complete: u64,
    /// Segments of the documents, without titles and descriptions.
    pub segments: u64,
    /// Those with a context match.
    pub context: u64,
    /// Those with an exact match that is no context match.
    pub exact: u64,
    /// Those whose translation was adapted: a number or an address was exchanged.
    pub adapted: u64,
    /// Those with a similar match, which is marked.
    pub fuzzy: u64,
    /// Those without a translation.
    pub untranslated: u64,
    /// Of the context and exact matches, those that a person translated.
    pub human: u64,
    /// Those that a machine translated.
    pub machine: u64,
    /// Titles and descriptions in front matter.
    pub front_matter: u64,
    /// Those of them that were translated.
    pub front_matter_translated: u64,
    /// Documents that could not be written.
    pub not_written: u64,
    /// Problems and warnings that were reported.
    pub problems: u64,
}

impl TranslateCounts {
    /// The segments that were translated and not marked.
    pub fn translated(&self) -> u64 {
        self.context + self.exact + self.adapted
    }

    fn add(&mut self, other: &TranslateCounts) {
        self.documents_complete += other.documents_complete;
        self.segments += other.segments;
        self.context += other.context;
        self.exact += other.exact;
        self.adapted += other.adapted;
        self.fuzzy += other.fuzzy;
        self.untranslated += other.untranslated;
        self.human += other.human;
        self.machine += other.machine;
        self.front_matter += other.front_matter;
        self.front_matter_translated += other.front_matter_translated;
    }
}

/// Translates documents, in the order of the plan's paths and of the documents' paths below them. Each is written to the folder of the
/// plan at its path below its set, in its encoding; one without text is written as it is. A process that dies leaves no half document.
///
/// Side-by-side documents are left out, with one warning for each set: they are translated already.
///
/// # Errors
/// If a path of the plan cannot be listed, the memory cannot be read, a file would be overwritten, or two documents have the same path.
/// Documents that cannot be read or written for a reason of their own are problems.
pub fn translate(
    plan: &TranslatePlan,
    rules: &Rules,
    report: &mut dyn Report,
) -> Result<TranslateCounts, OperationError> {
    let mut problems = Problems::new(report);
    let tree = Tree::at(&plan.output_dir)?;
    // All is checked before the first file is written, as far as it can be known.
    let sets = plan.paths.iter().map(|path| plan.files.open(path, None)).collect::<Result<Vec<_>, _>>()?;
    refuse_same_paths(&sets)?;
    for set in &sets {
        tree.refuse_inside(set)?;
        if plan.existing == Existing::Refuse {
            tree.refuse_existing(set)?;
        }
    }
    let unfinished = UnfinishedFiles::default();
    let work = Work { plan, segmenters: Segmenters::new(rules), blocks: BlockCache::default() };
    let mut all = TranslateCounts::default();
    let mut counts = DocumentCounts::default();
    for set in &sets {
        problems.add_listing(set);
        problems.report.documents_found(set.entries.len() as u64);
        let mut side_by_side = 0;
        let found = read_documents_with(
            set,
            plan.threads,
            (&mut problems, &mut counts),
            |run| work.start(run),
            |path, translated: LookedUp<Translated>| {
                let translated = translated?;
                let Some(bytes) = translated.bytes else {
                    side_by_side += 1;
                    return Ok(Output::Nothing);
                };
                match tree.write_whole(path, &bytes, (plan.existing, &unfinished)) {
                    Ok(()) => {
                        all.add(&translated.counts);
                        Ok(Output::Written)
                    }
                    Err(error) => not_written(&tree, path, error),
                }
            },
        )?;
        warn_of_set(&mut problems, set, (found, side_by_side));
    }
    all.documents = counts.documents;
    all.not_written = counts.not_written;
    all.problems = problems.count;
    Ok(all)
}

/// A translated document.
#[derive(Debug, Default)]
struct Translated {
    /// `None` for a side-by-side document.
    bytes: Option<Vec<u8>>,
    counts: TranslateCounts,
}

/// What the threads share.
struct Work<'p> {
    plan: &'p TranslatePlan,
    segmenters: Segmenters<'p>,
    blocks: BlockCache,
}

/// Reads and translates documents on one thread.
type Reading<'r> = Read<'r, LookedUp<Translated>>;

impl Work<'_> {
    /// Sets up a thread.
    fn start(&self, run: &mut dyn FnMut(&mut Reading<'_>)) {
        let plan = self.plan;
        with_memory(&plan.memory, run, |memory, run| {
            let options = plan.options.clone();
            let mut pretranslator = Pretranslator::new(memory, options, plan.without_document, &self.blocks)?;
            run(&mut |entry, bytes| self.read(&mut pretranslator, entry, bytes).unwrap_or_else(failed));
            Ok(())
        });
    }

    fn read(
        &self,
        pretranslator: &mut Pretranslator<'_>,
        entry: &Entry,
        bytes: io::Result<&[u8]>,
    ) -> Result<ReadDocument<LookedUp<Translated>>, MemoryError> {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return Ok(ReadDocument::nothing(vec![documents::unreadable(error)])),
        };
        let text = match Clean::of(Ok(bytes)) {
            Clean::Text(text) => text,
            Clean::SideBySide => {
                let output = Some(Ok(Translated::default()));
                return Ok(ReadDocument { output, ..ReadDocument::nothing(Vec::new()) });
            }
            Clean::Unreadable(problem) => return Ok(ReadDocument::nothing(vec![problem])),
        };
        let syntax = documents::syntax(entry);
        let pieces = self.segmenters.pieces(&text, syntax);
        let segments = pretranslator.document(&entry.path, &text, &pieces)?;
        let mut document = DocumentWriter {
            plan: self.plan,
            text: &text,
            syntax,
            ids: Ids::of(&entry.path, &self.plan.to),
            replacements: Vec::with_capacity(segments.len() + 2),
            counts: TranslateCounts::default(),
            problems: Vec::new(),
        };
        if syntax == Syntax::Markdown {
            document.front_matter(|text| pretranslator.text(&entry.path, text))?;
        }
        document.segments(&segments);
        let DocumentWriter { replacements, counts, problems, .. } = document;
        let has_segments = counts.segments > 0;
        let encoding = Encoding::of(bytes);
        let mut translated = replaced(&text, &replacements);
        if self.plan.format == TranslateFormat::SideBySide
            && counts.translated() > 0
            && syntax == Syntax::Markdown
        {
            translated = with_locale(translated, &self.plan.to);
        }
        let bytes = Some(encoding.encode(translated));
        Ok(ReadDocument { output: Some(Ok(Translated { bytes, counts })), problems, has_segments })
    }
}

/// Collects the replacements of one document.
struct DocumentWriter<'d> {
    plan: &'d TranslatePlan,
    text: &'d str,
    syntax: Syntax,
    ids: Ids,
    replacements: Vec<Replacement>,
    counts: TranslateCounts,
    problems: Vec<Problem>,
}

impl DocumentWriter<'_> {
    /// Title and description: only where the memory has exactly this text, and the translation keeps the terms that stay untranslated.
    fn front_matter(
        &mut self,
        mut find: impl FnMut(&str) -> Result<Vec<Proposal>, MemoryError>,
    ) -> Result<(), MemoryError> {
        let values = scalar::front_matter_values(self.text);
        if values.is_empty() {
            return Ok(());
        }
        let no_loc = read_metadata(self.text, self.syntax).no_loc;
        for value in values {
            self.counts.front_matter += 1;
            let is_term = no_loc.iter().any(|term| term.trim() == value.text.trim());
            let found = if is_term { None } else { find(&value.text)?.into_iter().next() };
            let keeps_terms = |target: &str| {
                no_loc
                    .iter()
                    .all(|term| !value.text.contains(term.as_str()) || target.contains(term.as_str()))
            };
            let Some(found) = found.filter(|found| found.score >= Score::EXACT && keeps_terms(&found.target))
            else {
                continue;
            };
            self.counts.front_matter_translated += 1;
            let text = scalar::written(value.style, &found.target);
            self.replacements.push(Replacement { range: value.range, text });
        }
        Ok(())
    }

    fn segments(&mut self, segments: &[PretranslatedSegment]) {
        let mut after = self.replacements.last().map_or(0, |last| last.range.end);
        for (at, segment) in segments.iter().enumerate() {
            let before = segments.get(at + 1).map_or(self.text.len(), |next| next.range.start);
            // Hostile YAML could lead back: what was written stays.
            if segment.range.start < after {
                self.counts.segments += 1;
                self.counts.untranslated += 1;
                continue;
            }
            self.segment(segment, (after, before));
            after = self.replacements.last().map_or(after, |last| last.range.end.max(after));
        }
        let counts = &mut self.counts;
        counts.documents_complete = u64::from(counts.segments > 0 && counts.translated() == counts.segments);
    }

    fn segment(&mut self, segment: &PretranslatedSegment, around: (usize, usize)) {
        self.counts.segments += 1;
        let Some(found) = segment.proposals.first() else { return self.untranslated(segment) };
        if found.score >= Score::EXACT {
            let replacement = replacement(self.text, segment, found, around);
            if !self.write(segment, replacement) {
                return self.untranslated(segment);
            }
            match found.score {
                Score::CONTEXT => self.counts.context += 1,
                _ => self.counts.exact += 1,
            }
            match found.workflow {
                Some(Workflow::Human) => self.counts.human += 1,
                Some(Workflow::Machine) => self.counts.machine += 1,
                None => {}
            }
            return;
        }
        let core = core_of(self.text, &segment.range);
        let text = adapted(&segment.text, &found.source, &found.target, &self.plan.to);
        let text = text.map(|text| match segment.quoting {
            Quoting::Yaml => escape_yaml(&text).into_owned(),
            Quoting::Plain | Quoting::Entity => text,
        });
        if let Some(text) = text
            && self.write(segment, Replacement { range: core.clone(), text })
        {
            self.counts.adapted += 1;
            return;
        }
        if !self.can_be_marked() || self.plan.format == TranslateFormat::SideBySide {
            return self.untranslated(segment);
        }
        let text = format!("{}<!-- bitext: fuzzy {} % -->", found.target, found.score.percent());
        self.replacements.push(Replacement { range: core, text });
        self.counts.fuzzy += 1;
    }

    fn untranslated(&mut self, segment: &PretranslatedSegment) {
        self.counts.untranslated += 1;
        if self.plan.untranslated == Untranslated::Mark && self.can_be_marked() {
            let end = core_of(self.text, &segment.range).end;
            let text = "<!-- bitext: untranslated -->".to_owned();
            self.replacements.push(Replacement { range: end..end, text });
        }
    }

    /// Whether a comment can stand behind a text. In YAML, not every reader of a value knows comments.
    fn can_be_marked(&self) -> bool {
        self.syntax != Syntax::Yaml
    }

    /// Writes a translation; returns whether the document can hold it.
    fn write(&mut self, segment: &PretranslatedSegment, mut replacement: Replacement) -> bool {
        if matches!(segment.block, Block::Heading | Block::Cell)
            && replacement.text.contains('\n')
            && !self.text[replacement.range.clone()].contains('\n')
        {
            replacement.text = crate::model::fold_line_breaks(&replacement.text).into_owned();
        }
        if self.syntax == Syntax::Yaml && segment.quoting == Quoting::Plain {
            let (style, start) = scalar::style_at(self.text, replacement.range.start);
            let is_start = start == replacement.range.start;
            match scalar::written_inside(style, &replacement.text, is_start) {
                Some(text) => replacement.text = text,
                None => {
                    let line =
                        1 + memchr::memchr_iter(b'\n', &self.text.as_bytes()[..replacement.range.start])
                            .count();
                    let reason =
                        "the translation needs quotation marks, and the value has none; it stays English";
                    self.problems.push(Problem { line: Some(line as u32), reason: reason.to_owned() });
                    return false;
                }
            }
        }
        if self.plan.format == TranslateFormat::SideBySide {
            let source = &self.text[replacement.range.clone()];
            let Some(span) = self.ids.span(&replacement.text, source, segment.quoting) else { return false };
            replacement.text = span;
        }
        self.replacements.push(replacement);
        true
    }
}
