//! Splits side-by-side documents into two trees of clean documents: targets and sources.

use std::io;
use std::path::PathBuf;

use super::documents::Output;
use super::documents::{self, DocumentCounts, Files, ReadDocument, read_set};
use super::output_tree::{Existing, Tree, not_written, refuse_same_paths};
use super::report::Problems;
use super::{OperationError, Report};
use crate::model::Problem;
use crate::side_by_side::{self, Encoding};

/// A plan of a split.
#[derive(Clone, Debug)]
pub struct SplitPlan {
    /// Folders, archives, Git repositories or single files of side-by-side documents.
    pub paths: Vec<PathBuf>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// The folder for the documents with their targets; made if it is missing.
    pub target_dir: PathBuf,
    /// The folder for the documents with their sources; made if it is missing.
    pub source_dir: PathBuf,
    /// Whether existing files are overwritten.
    pub existing: Existing,
    /// How many threads read; at least one does.
    pub threads: usize,
}

/// Writes each document twice: its segments replaced by their targets, and by their sources. Everything else stays byte for
/// byte, in the encoding of the document; a segment that cannot be read stays as it is, and is reported as a problem.
///
/// # Errors
/// If a path of the plan cannot be listed, a file would be overwritten, or two documents have the same path: then nothing is
/// written. If the disk is full: then the files before are written. A file that cannot be written for another reason, such as
/// its name, is a problem and counted, and the others are written.
pub fn split(plan: &SplitPlan, report: &mut dyn Report) -> Result<DocumentCounts, OperationError> {
    let mut problems = Problems::new(report);
    let mut counts = DocumentCounts::default();
    let (targets, sources) = (Tree::at(&plan.target_dir)?, Tree::at(&plan.source_dir)?);
    if targets.root == sources.root {
        return Err(OperationError::SameFolder);
    }
    // All is checked before the first file is written, as far as it can be known.
    let sets = plan.paths.iter().map(|path| plan.files.open(path, None)).collect::<Result<Vec<_>, _>>()?;
    refuse_same_paths(&sets)?;
    for set in &sets {
        for tree in [&targets, &sources] {
            tree.refuse_inside(set)?;
            if plan.existing == Existing::Refuse {
                tree.refuse_existing(set, "")?;
            }
        }
    }
    for (set, path) in sets.iter().zip(&plan.paths) {
        problems.add_listing(set);
        read_set(
            set,
            (&plan.files, path, plan.threads),
            ("split", &mut problems, &mut counts),
            |_, bytes| split_document(bytes).unwrap_or_else(|problem| ReadDocument::nothing(vec![problem])),
            |path, (target, source)| {
                for (tree, bytes) in [(&targets, target), (&sources, source)] {
                    if let Err(error) = tree.write(path, &bytes, plan.existing) {
                        return not_written(tree, path, error);
                    }
                }
                Ok(Output::Written)
            },
        )?;
    }
    counts.problems = problems.count;
    Ok(counts)
}

/// The bytes of the two documents, target first.
type Halves = (Vec<u8>, Vec<u8>);

fn split_document(bytes: io::Result<&[u8]>) -> Result<ReadDocument<Halves>, Problem> {
    let bytes = bytes.map_err(documents::unreadable)?;
    if !side_by_side::has_spans(bytes) {
        let output = Some((bytes.to_vec(), bytes.to_vec()));
        return Ok(ReadDocument { output, ..ReadDocument::nothing(Vec::new()) });
    }
    let halves = side_by_side::halves(&side_by_side::decode(bytes)?);
    let encoding = Encoding::of(bytes);
    let problem_of =
        |error: &side_by_side::SpanError| Problem { line: Some(error.line), reason: error.to_string() };
    Ok(ReadDocument {
        problems: halves.errors.iter().map(problem_of).collect(),
        has_segments: halves.segments > 0,
        output: Some((encoding.encode(halves.target), encoding.encode(halves.source))),
    })
}
