//! Merging: from translated XLIFF files to documents.

mod import;

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::exchange::xliff::job::{Coded, ReadJob, ReadUnit, read_jobs};
use crate::input::shown;
use crate::model::{Locale, Problem, fold_line_breaks, line_at, shortened};
use crate::operations::documents::{DocumentCounts, Output};
use crate::operations::export::unfinished::UnfinishedFiles;
use crate::operations::output_tree::{Existing, Tree, not_written};
use crate::operations::placing::{Bars, Replacement, fitted, in_scalars, replaced};
use crate::operations::report::Problems;
use crate::operations::{OperationError, Report};
use crate::segmentation::{Block, Rules, Segmenter};
use crate::side_by_side::{self, Encoding, Quoting, Syntax};

pub use import::import_merged;

/// A plan of a merge.
#[derive(Clone, Debug)]
pub struct MergePlan {
    /// XLIFF files that were written for documents, or folders of them.
    pub paths: Vec<PathBuf>,
    /// The folder for the documents; made if it is missing.
    pub folder: PathBuf,
    /// Whether existing files are overwritten.
    pub existing: Existing,
}

/// The result of a merge.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// Documents that were written, those that were not, and problems.
    pub counts: DocumentCounts,
    /// Segments with a translation, and titles and descriptions.
    pub translated: u64,
    /// Segments without one, which stay as they are.
    pub untranslated: u64,
    /// The translated segments of the documents that were written.
    pub segments: Vec<MergedSegment>,
}

/// A translated segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedSegment {
    /// The name of the set of its document.
    pub set: String,
    /// The path of its document.
    pub document: String,
    /// The line where it begins in the document, from 1.
    pub line: u32,
    /// Its place among the segments of the document, from 0.
    pub position: u32,
    /// The locale of the source text.
    pub source_locale: Locale,
    /// The locale of the translation.
    pub target_locale: Locale,
    /// The source text, as a memory has it.
    pub source: String,
    /// The translation, likewise.
    pub target: String,
}

/// Writes the documents of XLIFF files with the translations in them. A document with a damaged code is not written, which is a problem,
/// and the others are.
///
/// # Errors
/// If a path cannot be read, a file would be overwritten, or the disk is full.
pub fn merge(plan: &MergePlan, report: &mut dyn Report) -> Result<Merged, OperationError> {
    let tree = Tree::at(&plan.folder)?;
    let unfinished = UnfinishedFiles::default();
    let mut segmenter = Segmenter::new(Rules::english());
    let mut problems = Problems::new(report);
    let mut merged = Merged::default();
    for path in files(&plan.paths)? {
        let name = shown(&path);
        let file = File::open(&path).map_err(OperationError::file("read", &name))?;
        let jobs = match read_jobs(file) {
            Ok(jobs) => jobs,
            Err((line, reason)) => {
                problems.add(&name, &Problem { line: u32::try_from(line).ok(), reason });
                merged.counts.not_written += 1;
                continue;
            }
        };
        for job in jobs {
            merged.counts.sets_with_segments += 1;
            match document(&job, &mut segmenter) {
                Ok(document) => {
                    let how = (plan.existing, &unfinished);
                    let written = tree.write_whole(&job.document, &document.bytes, how);
                    let output = match written {
                        Ok(()) => Output::Written,
                        Err(error @ OperationError::LeadsOut { .. }) => Output::NotWritten {
                            path: name.clone(),
                            problem: Problem {
                                line: u32::try_from(job.line).ok(),
                                reason: error.to_string(),
                            },
                        },
                        Err(error) => not_written(&tree, &job.document, error)?,
                    };
                    match output {
                        Output::NotWritten { path, problem } => {
                            problems.add(&path, &problem);
                            merged.counts.not_written += 1;
                        }
                        Output::Written | Output::Nothing => {
                            merged.counts.documents += 1;
                            merged.translated += document.segments.len() as u64 + document.values;
                            merged.untranslated += document.untranslated;
                            merged.segments.extend(document.segments);
                        }
                    }
                }
                Err(found) => {
                    found.iter().for_each(|problem| problems.add(&name, problem));
                    merged.counts.not_written += 1;
                }
            }
        }
    }
    merged.counts.problems = problems.count;
    Ok(merged)
}

/// The XLIFF files of the paths, in order: files as they are named, those of a folder in the order of their paths.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, OperationError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut waiting = vec![path.clone()];
        let mut found = Vec::new();
        while let Some(folder) = waiting.pop() {
            let failed = || OperationError::file("read the folder", shown(&folder));
            for entry in std::fs::read_dir(&folder).map_err(failed())? {
                let entry = entry.map_err(failed())?;
                let kind = entry.file_type().map_err(failed())?;
                // A link could lead round in a circle.
                if kind.is_dir() {
                    waiting.push(entry.path());
                } else if kind.is_file() && is_xliff(&entry.path()) {
                    found.push(entry.path());
                }
            }
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

/// A document with its translations.
struct Document {
    bytes: Vec<u8>,
    segments: Vec<MergedSegment>,
    /// Titles and descriptions with a translation.
    values: u64,
    untranslated: u64,
}

/// A translation at its place.
struct Placed {
    range: Range<usize>,
    quoting: Quoting,
    source: String,
    target: Option<String>,
}

fn document(job: &ReadJob, segmenter: &mut Segmenter<'_>) -> Result<Document, Vec<Problem>> {
    let in_file = |reason: String| vec![Problem { line: u32::try_from(job.line).ok(), reason }];
    let bytes = job.bytes.as_ref().map_err(|reason| in_file(format!("{}: {reason}", job.document)))?;
    let text = side_by_side::decode(bytes)
        .map_err(|problem| in_file(format!("{}: {}", job.document, problem.reason)))?;
    let locale = |stated: &Option<String>, name: &str| {
        stated
            .as_deref()
            .and_then(|locale| locale.parse::<Locale>().ok())
            .ok_or_else(|| in_file(format!("{}: the {name} language is missing, or is none", job.document)))
    };
    let source_locale = locale(&job.source_locale, "source")?;
    let target_locale = locale(&job.target_locale, "target")?;
    let (mut placed, mut problems) = (Vec::with_capacity(job.units.len()), Vec::new());
    for unit in &job.units {
        match placed_unit(&text, unit) {
            Ok(found) => placed.push(found),
            Err(reason) => {
                let line = unit.place.as_ref().map(|(range, _)| line_at(&text, range.start));
                let place = line.map_or_else(String::new, |line| format!(", line {line}"));
                problems.push(Problem {
                    line: u32::try_from(unit.line).ok(),
                    reason: format!("{}{place}: {reason}", job.document),
                });
            }
        }
    }
    placed.sort_by_key(|segment| segment.range.start);
    if placed.windows(2).any(|two| two[0].range.end > two[1].range.start) {
        problems.extend(in_file(format!("{}: two units are at the same place", job.document)));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let syntax = Syntax::of_path(&job.document).unwrap_or(Syntax::Markdown);
    let front_matter = match syntax {
        Syntax::Markdown => text.len() - side_by_side::body(&text).len(),
        Syntax::Yaml | Syntax::Html => 0,
    };
    let blocks = Blocks::of(&text, syntax, segmenter);
    let (mut at, mut line, mut untranslated) = (0, 1, 0);
    let (mut segments, mut replacements) = (Vec::new(), Vec::new());
    let (mut position, mut values) = (0, 0);
    for segment in placed {
        let Placed { range, quoting, source, target } = segment;
        line += line_at(&text[at..range.start], usize::MAX) - 1;
        at = range.start;
        // Titles and descriptions are values of YAML, and no segments.
        let is_value = range.end <= front_matter;
        let this = position;
        position += u32::from(!is_value);
        let Some(target) = target else {
            untranslated += 1;
            continue;
        };
        // A copy of the source keeps the line breaks of the document.
        if target != source {
            let place = match is_value {
                true => (Syntax::Yaml, None, quoting),
                false => (syntax, blocks.at(&range), quoting),
            };
            let text = fitted(&target, &text[range.clone()], place, Bars::Escaped).into_owned();
            replacements.push(Replacement { range, text });
        }
        if is_value {
            values += 1;
            continue;
        }
        segments.push(MergedSegment {
            set: job.set.clone().unwrap_or_else(|| "merged".to_owned()),
            document: job.document.clone(),
            line,
            position: this,
            source_locale: source_locale.clone(),
            target_locale: target_locale.clone(),
            source,
            target,
        });
    }
    let yaml_end = if syntax == Syntax::Yaml { text.len() } else { front_matter };
    let others = replacements.split_off(replacements.partition_point(|one| one.range.end <= yaml_end));
    replacements = in_scalars(&text, replacements);
    replacements.extend(others);
    let bytes = Encoding::of(bytes).encode(replaced(&text, &replacements));
    Ok(Document { bytes, segments, values, untranslated })
}

/// The blocks of a document, by where their pieces begin.
struct Blocks(Vec<(usize, Block)>);

impl Blocks {
    fn of(text: &str, syntax: Syntax, segmenter: &mut Segmenter<'_>) -> Blocks {
        let pieces = segmenter.pieces(text, syntax);
        Blocks(pieces.into_iter().map(|piece| (piece.start(), piece.block)).collect())
    }

    /// The block of a segment.
    fn at(&self, segment: &Range<usize>) -> Option<Block> {
        let after = self.0.partition_point(|&(start, _)| start < segment.end);
        after.checked_sub(1).map(|at| self.0[at].1)
    }
}

fn placed_unit(text: &str, unit: &ReadUnit) -> Result<Placed, String> {
    let (range, quoting) = unit
        .place
        .clone()
        .ok_or_else(|| format!("the id {:?} names no place in the document; ids must stay", unit.id))?;
    let written =
        text.get(range.clone()).ok_or("the id of a unit names a place that is not in the document")?;
    let source = quoting.text(written).into_owned();
    let coded = Coded::source(&source);
    let is_same = |read: &str| fold_line_breaks(read) == source;
    if !unit.source_text(&coded).is_ok_and(|read| is_same(&read)) {
        let shown = shortened(&source, 60);
        return Err(format!("the source was changed, which is {shown:?} in the document"));
    }
    let target = match unit.target_text(&coded) {
        None => None,
        Some(Ok(target)) => Some(fold_line_breaks(&target).into_owned()).filter(|target| !target.is_empty()),
        Some(Err(fault)) => {
            return Err(format!("{fault} in the translation of {:?}", shortened(&source, 60)));
        }
    };
    Ok(Placed { range, quoting, source, target })
}

/// Whether a path is that of an XLIFF file.
fn is_xliff(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("xlf") || ending.eq_ignore_ascii_case("xliff"))
}
