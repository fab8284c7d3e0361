//! Translation of clean documents from a memory: what is known is written in the place of the English text, and everything else stays byte
//! for byte. Or an XLIFF file of each document, with what is known filled in or proposed.

mod adapt;
mod document;
mod front_matter;
mod replacement;
mod side_by_side;
mod xliff;

use std::io;
use std::path::PathBuf;

use serde::Serialize;

use super::clean_documents::{self, Clean, LookedUp, Segmenters, failed, warn_of_set, with_memory};
use super::documents::{self, DocumentCounts, Files, Output, Read, ReadDocument, read_documents_with};
use super::export::unfinished::UnfinishedFiles;
use super::output_tree::{Existing, Tree, not_written, refuse_same_paths};
use super::pretranslate::{PretranslatedDocument, PretranslatedSegment, Pretranslator, Proposal};
use super::report::Problems;
use super::{OperationError, Report};
use crate::exchange::xliff::job::Version;
use crate::input::Entry;
use crate::memory::{BlockCache, LookupOptions, Memory, MemoryError};
use crate::model::{Locale, Score, Workflow, line_at};
use crate::segmentation::Rules;
use crate::side_by_side::{Syntax, no_loc};

use front_matter::found_values;

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
    /// XLIFF files for translators, `path/of/document.md.xlf`.
    Xliff(Version),
}

impl TranslateFormat {
    /// What a file has at its end besides the path of its document.
    fn suffix(self) -> &'static str {
        match self {
            TranslateFormat::Xliff(_) => ".xlf",
            TranslateFormat::Documents | TranslateFormat::SideBySide => "",
        }
    }
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
    /// Those with similar matches only: the best is marked in the document, or all are proposals in XLIFF.
    pub fuzzy: u64,
    /// Those without a match.
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

    /// Counts a segment with a context or an exact match.
    fn add_exact(&mut self, found: &Proposal) {
        match found.score {
            Score::CONTEXT => self.context += 1,
            _ => self.exact += 1,
        }
        match found.workflow {
            Some(Workflow::Human) => self.human += 1,
            Some(Workflow::Machine) => self.machine += 1,
            None => {}
        }
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
/// plan at its path below its set, in its encoding; one without text is written as it is. A process that dies leaves no half document. An XLIFF file has the document inside.
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
            tree.refuse_existing(set, plan.format.suffix())?;
        }
    }
    let unfinished = UnfinishedFiles::default();
    let work = Work {
        plan,
        segmenters: Segmenters::new(rules),
        blocks: BlockCache::default(),
        source_locale: source_locale(plan)?,
    };
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
            |run| work.start(&set.name, run),
            |path, translated: LookedUp<Translated>| {
                let translated = translated?;
                let Some(bytes) = translated.bytes else {
                    side_by_side += 1;
                    return Ok(Output::Nothing);
                };
                let path = format!("{path}{}", plan.format.suffix());
                match tree.write_whole(&path, &bytes, (plan.existing, &unfinished)) {
                    Ok(()) => {
                        all.add(&translated.counts);
                        Ok(Output::Written)
                    }
                    Err(error) => not_written(&tree, &path, error),
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

/// The locale of the documents: the one of the plan, else that of the memory's source texts.
fn source_locale(plan: &TranslatePlan) -> Result<Locale, OperationError> {
    let of_memory = || Memory::open(&plan.memory)?.source_locale(&plan.to);
    let locale = plan.options.from.clone().map_or_else(of_memory, |from| Ok(Some(from)))?;
    Ok(locale.unwrap_or_else(|| "en-US".parse().expect("a locale")))
}

/// A translated document.
#[derive(Debug, Default)]
struct Translated {
    /// `None` for a side-by-side document.
    bytes: Option<Vec<u8>>,
    counts: TranslateCounts,
}

/// A clean document with its segments.
struct Pretranslated<'d> {
    /// The name of its set, and its path below it.
    set: &'d str,
    path: &'d str,
    bytes: &'d [u8],
    text: &'d str,
    syntax: Syntax,
    /// The terms that stay untranslated.
    no_loc: &'d [String],
    segments: Vec<PretranslatedSegment>,
}

/// What the threads share.
struct Work<'p> {
    plan: &'p TranslatePlan,
    segmenters: Segmenters<'p>,
    blocks: BlockCache,
    /// The locale of the documents.
    source_locale: Locale,
}

/// Reads and translates documents on one thread.
type Reading<'r> = Read<'r, LookedUp<Translated>>;

impl Work<'_> {
    /// Sets up a thread.
    fn start(&self, set: &str, run: &mut dyn FnMut(&mut Reading<'_>)) {
        let plan = self.plan;
        with_memory(&plan.memory, run, |memory, run| {
            let options = plan.options.clone();
            let mut pretranslator = Pretranslator::new(memory, options, plan.without_document, &self.blocks)?;
            run(&mut |entry, bytes| {
                self.read(&mut pretranslator, set, (entry, bytes)).unwrap_or_else(failed)
            });
            Ok(())
        });
    }

    fn read(
        &self,
        pretranslator: &mut Pretranslator<'_>,
        set: &str,
        (entry, bytes): (&Entry, io::Result<&[u8]>),
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
        let no_loc = no_loc(&text, syntax);
        let pieces = self.segmenters.pieces_without(&text, syntax, &no_loc);
        let PretranslatedDocument { segments, too_long } =
            pretranslator.document(&entry.path, &text, &pieces)?;
        let values = match syntax {
            Syntax::Markdown => found_values(&text, &no_loc, |text| pretranslator.text(&entry.path, text))?,
            Syntax::Yaml | Syntax::Html => Vec::new(),
        };
        let path = &entry.path;
        let document = Pretranslated { set, path, bytes, text: &text, syntax, no_loc: &no_loc, segments };
        let (bytes, mut counts, mut problems) = match self.plan.format {
            TranslateFormat::Xliff(version) => self.xliff(&document, values, version),
            TranslateFormat::Documents | TranslateFormat::SideBySide => {
                document::translated(self.plan, &document, values)
            }
        };
        let left_out = too_long.len() as u64;
        counts.segments += left_out;
        counts.untranslated += left_out;
        for range in too_long {
            problems.push(clean_documents::too_long(line_at(&text, range.start), range.len()));
        }
        counts.documents_complete = u64::from(counts.segments > 0 && counts.translated() == counts.segments);
        let has_segments = counts.segments > 0;
        let output = Some(Ok(Translated { bytes: Some(bytes), counts }));
        Ok(ReadDocument { output, problems, has_segments })
    }
}
