//! Documents to translate as XLIFF files, and the documents that come back: one file a document.
//!
//! A piece that the memory has as a whole is one segment, else its sentences are. A segment with a match of 100 or more is filled in; the
//! others have their best matches as proposals. Merging writes the translations into the document that the file holds.

mod import;
mod merge;

use std::io;
use std::path::{Path, PathBuf};

use super::clean_documents::{Clean, LookedUp, Segmenters, failed, too_long, warn_of_set, with_memory};
use super::documents::{self, DocumentCounts, Files, Output, Read, ReadDocument, read_documents_with};
use super::output_tree::{Existing, Tree, not_written};
use super::report::Problems;
use super::{OperationError, Report};
use crate::exchange::xliff::job::{Candidate, Job, JobSegment, Version, xliff_of_job};
use crate::input::Entry;
use crate::matching::{Match, Penalties};
use crate::memory::{BlockCache, Leverage, Lookup, LookupOptions, Memory, MemoryError, TextHash};
use crate::model::{Context, LONGEST_TEXT, Locale, Problem, Score};
use crate::segmentation::{Piece, Rules};
use crate::side_by_side::{self, Syntax};

pub use import::import_merged;
pub use merge::{MergePlan, Merged, MergedSegment, merge};

/// A plan of jobs.
#[derive(Clone, Debug)]
pub struct JobsPlan {
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
    /// The lowest score of a proposal.
    pub floor: Score,
    /// The most proposals of a segment.
    pub proposals: usize,
    /// The version of the format.
    pub version: Version,
    /// The folder for the files; made if it is missing.
    pub folder: PathBuf,
    /// Whether existing files are overwritten.
    pub existing: Existing,
    /// How many threads work; at least one does.
    pub threads: usize,
}

/// The counts of jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Documents that were read, and problems.
    pub documents: DocumentCounts,
    /// Files that were written.
    pub files: u64,
    /// Segments.
    pub segments: u64,
    /// Those that are filled in.
    pub filled_in: u64,
    /// Those that have proposals only.
    pub proposed: u64,
}

/// Writes an XLIFF file for each document with a segment: `path/of/document.md.xlf`.
///
/// # Errors
/// If a path of the plan cannot be listed, the memory cannot be read, or a file would be overwritten. A file that cannot be written for a
/// reason of its own is a problem and counted, and the others are written.
pub fn write_jobs(
    plan: &JobsPlan,
    rules: &Rules,
    report: &mut dyn Report,
) -> Result<JobCounts, OperationError> {
    let memory = Memory::open(&plan.memory)?;
    let leverage = Leverage::read(&memory, plan.from.as_ref(), &plan.to)?;
    drop(memory);
    let tree = Tree::at(&plan.folder)?;
    let sets = plan.paths.iter().map(|path| plan.files.open(path, None)).collect::<Result<Vec<_>, _>>()?;
    for set in &sets {
        tree.refuse_inside(set)?;
    }
    let source_locale = match leverage.source_locale() {
        Some(locale) => locale.clone(),
        None => plan.from.clone().unwrap_or_else(default_locale),
    };
    let jobs = Jobs {
        plan,
        leverage: &leverage,
        source_locale: &source_locale,
        segmenters: Segmenters::new(rules),
        blocks: BlockCache::default(),
    };
    let mut problems = Problems::new(report);
    let mut counts = JobCounts::default();
    for set in &sets {
        problems.add_listing(set);
        let mut side_by_side = 0;
        let found = read_documents_with(
            set,
            plan.threads,
            (&mut problems, &mut counts.documents),
            |run| jobs.start(&set.name, run),
            |_, written: LookedUp<Option<Written>>| {
                let Some(written) = written? else {
                    side_by_side += 1;
                    return Ok(Output::Nothing);
                };
                if let Err(error) = tree.write(&written.name, &written.xliff, plan.existing) {
                    return not_written(&tree, &written.name, error);
                }
                counts.files += 1;
                counts.segments += written.segments;
                counts.filled_in += written.filled_in;
                counts.proposed += written.proposed;
                Ok(Output::Written)
            },
        )?;
        counts.documents.sets_with_segments += u64::from(found);
        warn_of_set(&mut problems, set, (found, side_by_side));
    }
    counts.documents.problems = problems.count;
    Ok(counts)
}

fn default_locale() -> Locale {
    "en-US".parse().expect("a locale")
}

/// What all documents have in common.
struct Jobs<'a> {
    plan: &'a JobsPlan,
    leverage: &'a Leverage,
    source_locale: &'a Locale,
    segmenters: Segmenters<'a>,
    blocks: BlockCache,
}

/// Reads documents on one thread, and makes their files; `None` for a side-by-side document.
type Reading<'r> = Read<'r, LookedUp<Option<Written>>>;

/// The file of one document.
struct Written {
    name: String,
    xliff: Vec<u8>,
    segments: u64,
    filled_in: u64,
    proposed: u64,
}

impl Jobs<'_> {
    fn options(&self) -> LookupOptions {
        LookupOptions {
            from: self.plan.from.clone(),
            to: Some(self.plan.to.clone()),
            floor: self.plan.floor,
            limit: self.plan.proposals.max(1),
            penalties: Penalties::default(),
            workflow: None,
            only_current: false,
        }
    }

    /// Sets up a thread.
    fn start(&self, set: &str, run: &mut dyn FnMut(&mut Reading<'_>)) {
        with_memory(&self.plan.memory, run, |memory, run| {
            let mut lookup = Lookup::sharing(memory, self.options(), &self.blocks)?;
            run(&mut |entry, bytes| self.read(&mut lookup, set, entry, bytes).unwrap_or_else(failed));
            Ok(())
        });
    }

    /// Reads a document, cuts it, and looks its segments up; the output is `None` if it is a side-by-side document.
    fn read(
        &self,
        lookup: &mut Lookup<'_>,
        set: &str,
        entry: &Entry,
        bytes: io::Result<&[u8]>,
    ) -> Result<ReadDocument<LookedUp<Option<Written>>>, MemoryError> {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return Ok(ReadDocument::nothing(vec![documents::unreadable(error)])),
        };
        let text = match Clean::of(Ok(bytes)) {
            Clean::Text(text) => text,
            Clean::SideBySide => {
                return Ok(ReadDocument { output: Some(Ok(None)), ..ReadDocument::nothing(Vec::new()) });
            }
            Clean::Unreadable(problem) => return Ok(ReadDocument::nothing(vec![problem])),
        };
        let syntax = documents::syntax(entry);
        let pieces = self.segmenters.pieces(&text, syntax);
        let mut problems = Vec::new();
        let mut segments = self.segments(&text, &pieces, &mut problems);
        let has_segments = !segments.is_empty();
        fill(&mut segments, lookup)?;
        let job = Job {
            set,
            document: &entry.path,
            source_locale: self.source_locale,
            target_locale: &self.plan.to,
            media_type: media_type(syntax),
            bytes,
            no_loc: &side_by_side::read_metadata(&text, syntax).no_loc,
            segments: &segments,
        };
        let filled_in = segments.iter().filter(|segment| segment.translation.is_some());
        let proposed =
            segments.iter().filter(|segment| segment.translation.is_none() && !segment.proposals.is_empty());
        let written = Written {
            name: format!("{}.xlf", entry.path),
            xliff: xliff_of_job(&job, self.plan.version),
            segments: segments.len() as u64,
            filled_in: filled_in.count() as u64,
            proposed: proposed.count() as u64,
        };
        Ok(ReadDocument { output: Some(Ok(Some(written))), problems, has_segments })
    }

    /// The segments of a document without their matches.
    fn segments(&self, text: &str, pieces: &[Piece], problems: &mut Vec<Problem>) -> Vec<JobSegment> {
        let (mut segments, mut line, mut at) = (Vec::new(), 1, 0);
        for piece in pieces {
            let is_known = |range: &std::ops::Range<usize>| {
                let text = piece.quoting.text(&text[range.clone()]);
                self.leverage.exact(TextHash::of(&text), None).is_some()
            };
            for range in piece.chosen(is_known) {
                line += memchr::memchr_iter(b'\n', &text.as_bytes()[at..range.start]).count() as u32;
                at = range.start;
                if range.len() > LONGEST_TEXT {
                    problems.push(too_long(line, range.len()));
                    continue;
                }
                segments.push(JobSegment {
                    line,
                    quoting: piece.quoting,
                    source: piece.quoting.text(&text[range.clone()]).into_owned(),
                    range,
                    translation: None,
                    proposals: Vec::new(),
                });
            }
        }
        segments
    }
}

/// Looks the segments of a document up.
fn fill(segments: &mut [JobSegment], lookup: &mut Lookup<'_>) -> Result<(), MemoryError> {
    for at in 0..segments.len() {
        let beside = |at: Option<usize>| {
            at.and_then(|at| segments.get(at)).map(|segment| segment.source.as_str().into())
        };
        let context = Context { previous: beside(at.checked_sub(1)), next: beside(at.checked_add(1)) };
        let mut candidates: Vec<Candidate> =
            lookup.find(&segments[at].source, &context)?.into_iter().map(candidate).collect();
        if candidates.first().is_some_and(|best| best.score >= Score::EXACT) {
            segments[at].translation = Some(candidates.remove(0));
        }
        segments[at].proposals = candidates;
    }
    Ok(())
}

fn candidate(found: Match) -> Candidate {
    let origin = found.place.map_or_else(String::new, |place| format!("{}/{}", place.set, place.document));
    Candidate {
        score: found.score,
        source: found.source,
        target: found.target,
        workflow: found.workflow,
        origin,
    }
}

fn media_type(syntax: Syntax) -> &'static str {
    match syntax {
        Syntax::Markdown => "text/markdown",
        Syntax::Yaml => "application/yaml",
        Syntax::Html => "text/html",
    }
}

/// Whether a path is that of an XLIFF file.
pub fn is_xliff(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("xlf") || ending.eq_ignore_ascii_case("xliff"))
}
