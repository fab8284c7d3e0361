//! Documents to translate as XLIFF files, and the documents that come back: one file a document.
//!
//! A piece that the memory has as a whole is one segment, else its sentences are. A segment with a match of 100 or more is filled in; the
//! others have their best matches as proposals. Merging writes the translations into the document that the file holds.

mod import;
mod merge;

use std::path::{Path, PathBuf};

use super::documents::{self, DocumentCounts, Files, Output, ReadDocument, read_documents};
use super::output_tree::{Existing, Tree, not_written};
use super::report::{Problems, Warning};
use super::segment::Segmenters;
use super::{OperationError, Report};
use crate::exchange::xliff::job::{Candidate, Job, JobSegment, Version, xliff_of_job};
use crate::input::Entry;
use crate::matching::{Match, Penalties};
use crate::memory::{BlockCache, Leverage, Lookup, LookupOptions, Memory, MemoryError, TextHash};
use crate::model::{Context, LONGEST_TEXT, Locale, Problem, Score};
use crate::parallel;
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
    /// What an XLIFF file holds already.
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
    let jobs = Jobs { plan, leverage: &leverage, source_locale: &source_locale };
    let segmenters = Segmenters::new(rules);
    let blocks = BlockCache::default();
    let mut problems = Problems::new(report);
    let mut counts = JobCounts::default();
    parallel::in_order(
        plan.threads,
        |worker| {
            let (memory, mut error) = match Memory::open(&plan.memory) {
                Ok(memory) => (Some(memory), None),
                Err(error) => (None, Some(error)),
            };
            let mut lookup = None;
            worker.run(|document: Prepared| {
                // The first error ends the look-ups, so the results of later documents are not used.
                let Some(memory) = &memory else { return error.take().map_or(Ok(Written::default()), Err) };
                let lookup = match &mut lookup {
                    Some(lookup) => lookup,
                    empty => empty.insert(Lookup::sharing(memory, jobs.options(), &blocks)?),
                };
                jobs.written(document, lookup)
            });
        },
        |pool| {
            for set in &sets {
                problems.add_listing(set);
                let mut side_by_side = 0;
                let mut refused = Vec::new();
                let mut write = |written: Result<Written, MemoryError>| {
                    let written = written?;
                    if let Err(error) = tree.write(&written.name, &written.xliff, plan.existing) {
                        refused.push(not_written(&tree, &written.name, error)?);
                        return Ok(());
                    }
                    counts.files += 1;
                    counts.segments += written.segments;
                    counts.filled_in += written.filled_in;
                    counts.proposed += written.proposed;
                    Ok::<_, OperationError>(())
                };
                let found = read_documents(
                    set,
                    plan.threads,
                    (&mut problems, &mut counts.documents),
                    |entry, bytes| match bytes {
                        Err(error) => ReadDocument::nothing(vec![documents::unreadable(error)]),
                        Ok(bytes) => jobs.read(&segmenters, &set.name, entry, bytes),
                    },
                    |_, read: Option<Prepared>| {
                        let Some(document) = read else {
                            side_by_side += 1;
                            return Ok(Output::Nothing);
                        };
                        pool.send(document).map(&mut write).transpose()?;
                        Ok(Output::Written)
                    },
                )?;
                while let Some(written) = pool.receive() {
                    write(written)?;
                }
                for output in refused {
                    if let Output::NotWritten { path, problem } = output {
                        counts.documents.not_written += 1;
                        problems.add(&path, &problem);
                    }
                }
                match found {
                    true => counts.documents.sets_with_segments += 1,
                    false if side_by_side == 0 => problems.warn(&Warning::NoText { path: set.path.clone() }),
                    false => {}
                }
                if side_by_side > 0 {
                    problems.warn(&Warning::SideBySide { path: set.path.clone(), documents: side_by_side });
                }
            }
            Ok::<_, OperationError>(())
        },
    )?;
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
}

/// A document that was read and cut.
struct Prepared {
    set: String,
    path: String,
    bytes: Vec<u8>,
    media_type: &'static str,
    no_loc: Vec<String>,
    segments: Vec<JobSegment>,
}

/// The file of one document.
#[derive(Default)]
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

    /// Reads and cuts a document; the output is `None` if it is a side-by-side document.
    fn read(
        &self,
        segmenters: &Segmenters<'_>,
        set: &str,
        entry: &Entry,
        bytes: &[u8],
    ) -> ReadDocument<Option<Prepared>> {
        if side_by_side::has_spans(bytes) {
            return ReadDocument { output: Some(None), problems: Vec::new(), has_segments: false };
        }
        let text = match side_by_side::decode(bytes) {
            Ok(text) => text,
            Err(problem) => return ReadDocument::nothing(vec![problem]),
        };
        let syntax = documents::syntax(entry);
        let mut segmenter = segmenters.get();
        let pieces = segmenter.pieces(&text, syntax);
        segmenters.put_back(segmenter);
        let mut problems = Vec::new();
        let segments = self.segments(&text, &pieces, &mut problems);
        let has_segments = !segments.is_empty();
        let document = Prepared {
            set: set.to_owned(),
            path: entry.path.clone(),
            bytes: bytes.to_vec(),
            media_type: media_type(syntax),
            no_loc: side_by_side::read_metadata(&text, syntax).no_loc,
            segments,
        };
        ReadDocument { output: Some(Some(document)), problems, has_segments }
    }

    fn written(&self, mut document: Prepared, lookup: &mut Lookup<'_>) -> Result<Written, MemoryError> {
        fill(&mut document.segments, lookup)?;
        let segments = &document.segments;
        let job = Job {
            set: &document.set,
            document: &document.path,
            source_locale: self.source_locale,
            target_locale: &self.plan.to,
            media_type: document.media_type,
            bytes: &document.bytes,
            no_loc: &document.no_loc,
            segments,
        };
        let filled_in = segments.iter().filter(|segment| segment.translation.is_some());
        let proposed =
            segments.iter().filter(|segment| segment.translation.is_none() && !segment.proposals.is_empty());
        Ok(Written {
            name: format!("{}.xlf", document.path),
            xliff: xliff_of_job(&job, self.plan.version),
            segments: segments.len() as u64,
            filled_in: filled_in.count() as u64,
            proposed: proposed.count() as u64,
        })
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
                    let reason =
                        format!("a segment of {} bytes; one with more than 1 MiB is left out", range.len());
                    problems.push(Problem { line: Some(line), reason });
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
