//! Reading of the segments of side-by-side documents, without a memory.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use super::documents::{self, DocumentCounts, Files, Output, ReadDocument, read_documents, read_set};
use super::fallback_locale::FallbackLocale;
use super::report::Problems;
use super::{OperationError, Report};
use crate::input::{DocumentSet, Entry};
use crate::model::{Document, DocumentVersion, Locale, PlacedSegment, Problem};
use crate::side_by_side::{self, NO_LOCALE};

/// Which documents are read, and what is assumed of them.
#[derive(Clone, Debug)]
pub struct SegmentSources {
    /// Folders, archives, Git repositories or single files of side-by-side documents.
    pub paths: Vec<PathBuf>,
    /// Which files of them are read, and how much of them.
    pub files: Files,
    /// The name of the document set; `None`: that of the folder or archive.
    pub set: Option<String>,
    /// The locale of the source texts.
    pub source_locale: Locale,
    /// The target locale of documents that state none; `None`: that of most documents of the set.
    pub target_locale: Option<Locale>,
    /// How many threads read; at least one does.
    pub threads: usize,
    /// Which of the documents are read.
    pub part: Part,
}

/// One of several parts of the documents of each path, so that several machines share the work. Together, the parts have the segments and
/// the problems of the whole; but only the whole warns that a set has no segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number, from 0.
    pub index: usize,
    /// The number of parts.
    pub of: usize,
}

/// The whole.
impl Default for Part {
    fn default() -> Self {
        Part { index: 0, of: 1 }
    }
}

impl Part {
    /// The part of so many documents.
    fn range(self, documents: usize) -> Range<usize> {
        let bound = |index: usize| {
            let bound = documents as u128 * index as u128 / self.of.max(1) as u128;
            usize::try_from(bound).map_or(documents, |bound| bound.min(documents))
        };
        bound(self.index)..bound(self.index.saturating_add(1))
    }
}

/// A document set, by its listing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ListedSet {
    /// The path, as the caller named it.
    pub path: PathBuf,
    /// The set's name.
    pub set: String,
    /// The number of files that are read.
    pub documents: usize,
}

/// A document that has segments, with the locale of their translations.
pub(super) struct LocatedDocument<'a> {
    pub set: &'a str,
    pub path: &'a str,
    pub source_locale: &'a Locale,
    pub target_locale: &'a Locale,
    /// The commit that was read, if it is from a Git repository.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only the columns of Parquet have it"))]
    pub version: DocumentVersion,
    document: &'a Document<'a>,
}

impl<'a> LocatedDocument<'a> {
    /// A document with the names of its set and its path, its source and its target locale.
    pub fn new(
        (set, path): (&'a str, &'a str),
        (source_locale, target_locale): (&'a Locale, &'a Locale),
        version: DocumentVersion,
        document: &'a Document<'a>,
    ) -> Self {
        LocatedDocument { set, path, source_locale, target_locale, version, document }
    }

    /// Its segments, in order.
    pub fn segments(&self) -> impl Iterator<Item = PlacedSegment<'_>> + Clone {
        self.document.segments.iter().map(|segment| PlacedSegment {
            set: self.set,
            document: self.path,
            source_locale: self.source_locale,
            target_locale: self.target_locale,
            metadata: &self.document.metadata,
            // What the document holds is the same for a checked-out file.
            version: DocumentVersion::default(),
            segment,
            labels: None,
        })
    }
}

impl SegmentSources {
    /// Lists the paths, and reads no document.
    ///
    /// # Errors
    /// If a path cannot be listed.
    pub fn list(&self) -> Result<Vec<ListedSet>, OperationError> {
        let list = |path: &PathBuf| {
            let set = self.files.open(path, self.set.as_deref())?;
            Ok(ListedSet { path: path.clone(), set: set.name, documents: set.entries.len() })
        };
        self.paths.iter().map(list).collect()
    }

    /// Calls `read` with each document on several threads, and `write` with what it returned, in the order of the paths and of the
    /// documents' paths below them. `operation` is a verb for the warning that a set has no segments.
    ///
    /// # Errors
    /// If a path cannot be listed, and those of `write`. Unreadable parts below a path are reported as problems.
    pub(super) fn read<T: Send>(
        &self,
        operation: &'static str,
        report: &mut dyn Report,
        read: impl Fn(&LocatedDocument<'_>) -> Option<T> + Sync,
        mut write: impl FnMut(T) -> Result<(), OperationError>,
    ) -> Result<DocumentCounts, OperationError> {
        let mut problems = Problems::new(report);
        let mut counts = DocumentCounts::default();
        for path in &self.paths {
            let mut set = self.files.open(path, self.set.as_deref())?;
            if self.part.index == 0 {
                problems.add_listing(&set);
            }
            let all = set.entries.clone();
            let range = self.part.range(all.len());
            set.entries.truncate(range.end);
            set.entries.drain(..range.start);
            let fallback = FallbackLocale::new(self.target_locale.as_ref());
            let locale_of = |stated: Option<&Locale>| match stated {
                Some(stated) => {
                    fallback.count(stated);
                    Some(stated.clone())
                }
                None => fallback.at_once(&set, &all, self.threads).cloned(),
            };
            let read = |entry: &Entry, bytes: io::Result<&[u8]>| {
                self.read_document((&set, entry), bytes, locale_of, &read)
                    .unwrap_or_else(|problem| ReadDocument::nothing(vec![problem]))
            };
            let write = |_: &str, output| write(output).map(|()| Output::Written);
            if self.part == Part::default() {
                let context = (&self.files, path.as_path(), self.threads);
                read_set(&set, context, (operation, &mut problems, &mut counts), read, write)?;
            } else {
                read_documents(&set, self.threads, (&mut problems, &mut counts), read, write)?;
            }
        }
        counts.problems = problems.count;
        Ok(counts)
    }

    fn read_document<T>(
        &self,
        (set, entry): (&DocumentSet, &Entry),
        bytes: io::Result<&[u8]>,
        locale_of: impl Fn(Option<&Locale>) -> Option<Locale>,
        read: impl Fn(&LocatedDocument<'_>) -> Option<T>,
    ) -> Result<ReadDocument<T>, Problem> {
        let Some(bytes) = documents::with_spans(bytes)? else { return Ok(ReadDocument::nothing(Vec::new())) };
        let text = side_by_side::decode(bytes)?;
        let mut document = side_by_side::read(&text, documents::syntax(entry));
        let mut problems = std::mem::take(&mut document.problems);
        if document.segments.is_empty() {
            return Ok(ReadDocument::nothing(problems));
        }
        let Some(target_locale) = locale_of(document.metadata.target_locale.as_ref()) else {
            problems.push(Problem { line: None, reason: NO_LOCALE.to_owned() });
            return Ok(ReadDocument::nothing(problems));
        };
        let version = DocumentVersion { commit: set.commit, superseded: None };
        let locales = (&self.source_locale, &target_locale);
        let output = read(&LocatedDocument::new((&set.name, &entry.path), locales, version, &document));
        Ok(ReadDocument { output, problems, has_segments: true })
    }
}
